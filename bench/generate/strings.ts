import type { RedisCommand } from './command.js';
import { Prng } from './prng.js';
import { cacheValue, FAR_AHEAD_MS } from './text.js';

const KEYS_AT_SCALE_1 = 2_000_000;
const PREFIXES = ['user', 'session', 'cache:page', 'cart', 'rate:ip', 'feature', 'token', 'obj:meta'];

/** Two million strings of about 100 bytes, one in eight with an expiry. */
export function* stringCommands(scale: number): Generator<RedisCommand> {
  const random = new Prng(1001);
  const keys = Math.trunc(KEYS_AT_SCALE_1 * scale);
  for (let i = 0; i < keys; i++) {
    const key = `${PREFIXES[i & 7]}:${i}`;
    const expires = random.bits(3) === 0;
    const value = cacheValue(random);
    if (expires) yield ['SET', key, value, 'PXAT', String(FAR_AHEAD_MS + random.bits(36))];
    else yield ['SET', key, value];
  }
}
