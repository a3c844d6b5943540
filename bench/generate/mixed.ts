import type { RedisCommand } from './command.js';
import { Prng } from './prng.js';
import { amount, anyInteger, cacheValue, FAR_AHEAD_MS, hexText, productArray, prose, WORDS } from './text.js';

const KEYS_AT_SCALE_1 = 300_000;

/** Adds to `out` the commands that make one key numbered `i`; returns the key. */
type KeyMaker = (random: Prng, i: number, out: RedisCommand[]) => string;

/** Kinds of keys, each up to its cumulative share of all keys. */
const KINDS: readonly { upTo: number; make: KeyMaker }[] = [
  { upTo: 0.25, make: smallHash },
  { upTo: 0.278, make: bigHash },
  { upTo: 0.45, make: list },
  { upTo: 0.52, make: integerSet },
  { upTo: 0.6, make: stringSet },
  { upTo: 0.7, make: smallZset },
  { upTo: 0.73, make: bigZset },
  { upTo: 0.78, make: stream },
  { upTo: 0.9, make: cacheString },
  { upTo: 0.95, make: jsonString },
  { upTo: 0.98, make: counter },
  { upTo: 1, make: hyperLogLog },
];

/** Keys of every type and size class of 7.0 (packed and unpacked), one in eight with an expiry. */
export function* mixedCommands(scale: number): Generator<RedisCommand> {
  const random = new Prng(1002);
  const keys = Math.trunc(KEYS_AT_SCALE_1 * scale);
  const commands: RedisCommand[] = [];
  for (let i = 0; i < keys; i++) {
    const share = random.real();
    const make = KINDS.find((kind) => share < kind.upTo)?.make ?? counter;
    commands.length = 0;
    const key = make(random, i, commands);
    yield* commands;
    if (random.bits(3) === 0) yield ['PEXPIREAT', key, String(FAR_AHEAD_MS + random.bits(36))];
  }
}

function smallHash(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `hash:profile:${i}`;
  const command = ['HSET', key];
  const fields = 8 + random.bits(4);
  for (let f = 0; f < fields; f++) {
    const value = random.bits(1) ? prose(random, 10 + random.bits(5)) : anyInteger(random);
    command.push(`${WORDS[(f * 7) % WORDS.length]}_${f}`, value);
  }
  out.push(command);
  return key;
}

function bigHash(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `hash:big:${i}`;
  const fields = 140 + random.bits(7);
  for (let from = 0; from < fields; from += 50) {
    const command = ['HSET', key];
    for (let f = from; f < Math.min(fields, from + 50); f++) {
      const value = random.bits(1) ? prose(random, 20 + random.bits(5)) : hexText(random, 24);
      command.push(`field:${String(f).padStart(5, '0')}`, value);
    }
    out.push(command);
  }
  return key;
}

function list(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `list:queue:${i}`;
  const command = ['RPUSH', key];
  const items = random.bits(2) ? 5 + random.bits(5) : 100 + random.bits(8);
  for (let n = 0; n < items; n++) {
    command.push(random.bits(2) ? prose(random, 15 + random.bits(5)) : String(random.bits(20)));
  }
  out.push(command);
  return key;
}

function integerSet(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `set:ids:${i}`;
  const command = ['SADD', key];
  const width = random.pick([15, 31, 50]);
  const members = 20 + random.bits(7);
  for (let n = 0; n < members; n++) command.push(String(random.bits(width)));
  out.push(command);
  return key;
}

function stringSet(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `set:tags:${i}`;
  const command = ['SADD', key];
  const members = random.bits(2) ? 10 + random.bits(5) : 150 + random.bits(7);
  for (let n = 0; n < members; n++) command.push(`member:${hexText(random, 12)}`);
  out.push(command);
  return key;
}

function smallZset(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `zset:recent:${i}`;
  const command = ['ZADD', key];
  const members = 10 + random.bits(6);
  for (let n = 0; n < members; n++) {
    const score = random.bits(1) ? Math.round(random.real() * 1e7) / 1e3 : random.bits(20);
    command.push(String(score), `item:${random.bits(24)}`);
  }
  out.push(command);
  return key;
}

function bigZset(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `zset:lead:${i}`;
  const members = 150 + random.bits(9);
  for (let from = 0; from < members; from += 100) {
    const command = ['ZADD', key];
    for (let n = from; n < Math.min(members, from + 100); n++) {
      const score = random.bits(1) ? random.real() * 1e6 : random.bits(24);
      command.push(String(score), `player:${String(random.bits(26)).padStart(8, '0')}:${hexText(random, 6)}`);
    }
    out.push(command);
  }
  return key;
}

function stream(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `stream:events:${i}`;
  const firstMs = 1_700_000_000_000 + i * 1000;
  const entries = 20 + random.bits(7);
  for (let e = 0; e < entries; e++) {
    const fields = ['user', String(random.bits(24)), 'action', random.pick(WORDS), 'amount', amount(random, 10)];
    out.push(['XADD', key, `${firstMs + e * 37}-${e & 3}`, ...fields, 'note', prose(random, 12 + random.bits(4))]);
  }
  if (random.bits(1)) {
    const count = String(4 + random.bits(3));
    out.push(['XGROUP', 'CREATE', key, 'workers', '0']);
    out.push(['XREADGROUP', 'GROUP', 'workers', `c${random.bits(2)}`, 'COUNT', count, 'STREAMS', key, '>']);
  }
  if (random.bits(1)) out.push(['XDEL', key, `${firstMs + 37}-1`]);
  return key;
}

function cacheString(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `str:${i}`;
  out.push(['SET', key, cacheValue(random)]);
  return key;
}

function jsonString(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `json:${i}`;
  out.push(['SET', key, productArray(random, i, 1 + random.bits(4))]);
  return key;
}

function counter(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `counter:${i}`;
  out.push(['SET', key, anyInteger(random)]);
  return key;
}

function hyperLogLog(random: Prng, i: number, out: RedisCommand[]): string {
  const key = `hll:${i}`;
  const command = ['PFADD', key];
  const elements = 20 + random.bits(6);
  for (let n = 0; n < elements; n++) command.push(hexText(random, 8));
  out.push(command);
  return key;
}
