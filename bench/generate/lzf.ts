import type { RedisCommand } from './command.js';
import { Prng } from './prng.js';
import { CITIES, hexText, productArray } from './text.js';

const DOCUMENTS_AT_SCALE_1 = 69_000;

/** JSON documents of 2–20 KB, which the server stores LZF-compressed. */
export function* lzfCommands(scale: number): Generator<RedisCommand> {
  const random = new Prng(1003);
  const documents = Math.trunc(DOCUMENTS_AT_SCALE_1 * scale);
  for (let i = 0; i < documents; i++) {
    const items = 6 + (random.bits(16) % 48);
    const order = `{"order":${i},"customer":"${hexText(random, 24)}","items":${productArray(random, i * 64, items)}}`;
    const city = random.pick(CITIES).replace(' ', '_').toLowerCase();
    yield ['SET', `doc:${city}:${i}`, order];
  }
}
