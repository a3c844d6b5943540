/** Payloads as nobody writes them, and commands that work on what was made of them. */
import type { Reply } from '../../src/engine/reply.js';
import type { TestEngine } from './engine-run.js';

/** What randomness gives, seeded. */
export interface Dice {
  integer(below: number): number;
  pick<T>(items: readonly T[]): T;
}

export function diceOf(next: () => number): Dice {
  const integer = (below: number): number => Math.floor(next() * below);
  return { integer, pick: (items) => items[integer(items.length)]! };
}

type Words = readonly (string | number)[];

/** Payloads of every type and encoding that the engine's server has, by the key that they are of. */
export function soundPayloads({ run }: TestEngine): Map<string, string> {
  for (const size of [3, 10]) fillCollections(run, size);
  run('XGROUP', 'CREATE', 'stream3', 'g', 0);
  run('XREADGROUP', 'GROUP', 'g', 'Alice', 'COUNT', 2, 'STREAMS', 'stream3', '>');
  run('XDEL', 'stream3', '1001-1');
  run('XGROUP', 'CREATE', 'stream10', 'g', 0);
  for (const name of ['Alice', 'Bob']) run('XREADGROUP', 'GROUP', 'g', name, 'COUNT', 3, 'STREAMS', 'stream10', '>');
  run('XACK', 'stream10', 'g', '1000-0');
  run('SET', 'text', 'abc'.repeat(30));
  run('INCR', 'number');
  run('PFADD', 'estimate', 'a', 'b', 'c');
  run('RPUSH', 'long', 'x'.repeat(9000), 'y');
  const keys = run('KEYS', '*') as string[];
  return new Map(keys.map((key) => [key, run('DUMP', key) as string]));
}

function fillCollections(run: TestEngine['run'], size: number): void {
  for (let at = 0; at < size; at++) {
    const value = at % 2 === 0 ? String(at) : `_${at}`;
    run('HSET', `hash${size}`, at, value);
    run('RPUSH', `list${size}`, value);
    run('ZADD', `zset${size}`, at * 1.5, value);
    run('SADD', `set${size}`, value);
    run('SADD', `integers${size}`, at * 1000);
    run('XADD', `stream${size}`, `${1000 + at}-${at % 3}`, 'item', 1, at % 4 === 3 ? 'other' : 'value', value);
  }
}

/** Bytes that mean something to one structure or other. */
const SPECIAL = [0, 1, 2, 0x7f, 0x80, 0x81, 0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xf0, 0xf1, 0xf4, 0xfe, 0xff];
const FOOTER = 10;

/** One to four changes, most of them of a single byte. */
export function damaged(payload: string, { integer, pick }: Dice): string {
  const bytes = [...Buffer.from(payload, 'latin1')];
  for (let left = integer(4) === 0 ? 1 + integer(4) : 1; left > 0; left--) {
    const at = integer(Math.max(1, bytes.length - FOOTER));
    const kind = integer(12);
    if (kind === 0) bytes.splice(at, 1);
    else if (kind === 1) bytes.splice(at, 0, integer(256));
    else if (kind === 2) bytes.fill(0xff, at, Math.min(at + pick([8, 16]), bytes.length - FOOTER));
    else if (kind === 3) bytes[at] = pick(SPECIAL);
    else if (kind === 4) bytes[at] = (bytes[at]! + pick([1, -1])) & 0xff;
    else if (kind === 5) bytes[at] = bytes[integer(bytes.length)]!;
    else bytes[at] = integer(256);
  }
  return Buffer.from(bytes).toString('latin1');
}

/** What is not as it must be of a value, whatever it holds; undefined where all is well. */
export function contradiction(run: TestEngine['run'], key: string): string | undefined {
  const type = run('TYPE', key);
  if (type === '+stream') return ofStream(run, key);
  if (type === '+zset') {
    const members = run('ZRANGE', key, 0, -1) as string[];
    return members.every((member, at) => run('ZRANK', key, member) === at) ? undefined : 'ranks';
  }
  if (type === '+hash') {
    const names = run('HKEYS', key) as string[];
    return new Set(names).size === run('HLEN', key) ? undefined : 'fields';
  }
  if (type === '+list')
    return (run('LRANGE', key, 0, -1) as string[]).length === run('LLEN', key) ? undefined : 'items';
  return undefined;
}

function ofStream(run: TestEngine['run'], key: string): string | undefined {
  const idsOf = (reply: Reply): string[] => (reply as [string, unknown][]).map(([id]) => id);
  const ids = idsOf(run('XRANGE', key, '-', '+'));
  const down = idsOf(run('XREVRANGE', key, '+', '-'));
  if (ids.join() !== down.reverse().join()) return 'directions';
  return ids.every((id) => idsOf(run('XRANGE', key, id, id)).length === 1) ? undefined : 'an entry that is not found';
}

const NUMBERS = ['0', '1', '-1', '2', '100', '9223372036854775807', '-9223372036854775808', '1.5', 'inf', '-inf', 'x'];
const IDS = ['-', '+', '0', '$', '>', '1000-0', '1002-2', '5000', '9007199254740992', '18446744073709551615'];
const TEXTS = ['_1', '_3', '0', '2', 'item', 'new', 'x'.repeat(70)];
const LEX = ['-', '+', '[_1', '(_3', '[0'];

/** By what TYPE answers; `#` stands for a number, `@` for an id, `%` for a text, `~` for a lexical limit. */
const TRAFFIC: Readonly<Record<string, string>> = {
  string:
    'APPEND k %|BITCOUNT k # #|BITPOS k 1|GETRANGE k # #|INCRBY k #|INCRBYFLOAT k #|SETRANGE k 30 %|SETBIT k 300 1|PFCOUNT k|PFADD k %|PFMERGE out k|BITOP NOT out k|LCS k text IDX',
  list: 'LINDEX k #|LINSERT k BEFORE % %|LPOP k|LPOS k %|LPUSH k %|LRANGE k # #|LREM k # %|LSET k # %|LTRIM k # #|RPOPLPUSH k k|SORT k ALPHA',
  set: 'SADD k %|SDIFF k set10|SINTERSTORE out k integers3|SMOVE k out2 %|SPOP k|SRANDMEMBER k -5|SRANDMEMBER k 3|SREM k %|SSCAN k 0|SUNION k integers10',
  hash: 'HDEL k %|HGET k %|HGETALL k|HINCRBY k % #|HINCRBYFLOAT k % #|HSET k % %|HSCAN k 0|HRANDFIELD k -5 WITHVALUES|HRANDFIELD k 3|HSTRLEN k %',
  zset: 'ZADD k # %|ZCOUNT k # #|ZINCRBY k # %|ZLEXCOUNT k ~ ~|ZPOPMAX k|ZPOPMIN k|ZRANGEBYLEX k ~ ~|ZRANGEBYSCORE k # #|ZREM k %|ZREMRANGEBYRANK k # #|ZREMRANGEBYSCORE k # #|ZREMRANGEBYLEX k ~ ~|ZUNIONSTORE out 2 k k WEIGHTS # #|ZRANDMEMBER k -5 WITHSCORES|GEOPOS k %|ZSCAN k 0',
  stream:
    'XACK k g @|XADD k * item %|XADD k @ item % value %|XADD k MAXLEN ~ 3 * a b|XCLAIM k g Bob 0 @ @|XAUTOCLAIM k g Carl 0 @|XDEL k @|XGROUP CREATE k n @|XGROUP SETID k g @|XGROUP DELCONSUMER k g Alice|XINFO STREAM k FULL|XINFO GROUPS k|XPENDING k g|XPENDING k g - + 10|XRANGE k @ @|XREVRANGE k @ @|XREAD STREAMS k @|XREADGROUP GROUP g New STREAMS k >|XREADGROUP GROUP g Alice STREAMS k @|XTRIM k MAXLEN #|XTRIM k MINID ~ @|XSETID k @',
};
const ANY_TYPE = [
  'DUMP k',
  'OBJECT ENCODING k',
  'DEBUG DIGEST-VALUE k',
  'DEBUG OBJECT k',
  'MEMORY USAGE k',
  'COPY k out',
];
const FILLERS: Readonly<Record<string, readonly string[]>> = { '#': NUMBERS, '@': IDS, '%': TEXTS, '~': LEX };

/** A command on `k`, which has a value of this type. */
export function commandOn(type: string, { integer, pick }: Dice): Words {
  const commands = TRAFFIC[type]?.split('|');
  const command = commands === undefined || integer(6) === 0 ? pick(ANY_TYPE) : pick(commands);
  return command.split(' ').map((word) => (FILLERS[word] === undefined ? word : pick(FILLERS[word])));
}
