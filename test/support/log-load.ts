/** A seeded load of writing commands of every kind on a few keys, in transactions and databases, for a server that logs. */
import { random } from './random.js';
import type { Argument } from './resp-client.js';
import type { Send } from './workload-pipeline.js';

const COMMANDS = 6000;
const FAR_MS = 4_102_444_800_000;

/** How often each command was accepted, by its name in upper case. Those that the server does not have are left out. */
export async function logLoad(send: Send, seed: number): Promise<Map<string, number>> {
  const draw = new Draw(random(seed));
  const table: Row[] = [];
  for (const row of rows(draw)) if (await isKnown(send, row[0])) table.push(row);
  const accepted = new Map<string, number>();
  let queued: string[] | undefined;
  const one = async (): Promise<void> => {
    const [name, args] = draw.pick(table);
    try {
      await send(...name.split(' '), ...args());
      if (queued === undefined) accepted.set(name, (accepted.get(name) ?? 0) + 1);
      else queued.push(name);
    } catch {
      // Wrong types and the like: not logged.
    }
  };
  for (let count = 0; count < COMMANDS; count++) {
    if (draw.below(200) === 0) await send('SELECT', draw.below(3));
    if (draw.below(20) > 0) await one();
    else {
      queued = [];
      await send('MULTI');
      for (let left = 1 + draw.below(4); left > 0; left--) await one();
      await send('EXEC').catch(() => undefined);
      for (const name of queued) accepted.set(name, (accepted.get(name) ?? 0) + 1);
      queued = undefined;
    }
  }
  return accepted;
}

type Row = readonly [name: string, args: () => Argument[]];

class Draw {
  constructor(private readonly next: () => number) {}

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }

  /** A key, mostly of this kind. */
  key(kind: string): string {
    const shown = this.below(40) === 0 ? this.pick(['str', 'list', 'set', 'zset', 'hash', 'stream']) : kind;
    return `${shown}:${this.below(6)}`;
  }

  value(): string {
    const size = this.pick([0, 3, 12, 70, 300]);
    return this.pick([() => `${this.below(2000) - 1000}`, () => 'v'.repeat(this.below(size + 1)) + this.below(50)])();
  }

  member(): string {
    return this.pick([
      () => `${this.below(60)}`,
      () => `m${this.below(200)}`,
      () => `long ${'x'.repeat(70)}${this.below(9)}`,
    ])();
  }

  score(): string {
    return this.pick(['-inf', 'inf', '0', '1.5', '3.0e2', `${this.below(100)}`, `${this.next() * 1e6}`]);
  }

  far(): number {
    return FAR_MS + this.below(2 ** 40);
  }
}

function rows(d: Draw): Row[] {
  return [
    ...stringRows(d),
    ...listRows(d),
    ...setRows(d),
    ...zsetRows(d),
    ...hashRows(d),
    ...streamRows(d),
    ...keyRows(d),
  ];
}

function stringRows(d: Draw): Row[] {
  const key = (): string => d.key('str');
  return [
    [
      'SET',
      () => [
        key(),
        d.value(),
        ...d.pick([[], ['KEEPTTL'], ['PXAT', d.far()], ['EX', 9_000_000], ['NX'], ['XX', 'GET']]),
      ],
    ],
    ['SETEX', () => [key(), 9_000_000, d.value()]],
    ['PSETEX', () => [key(), 9_000_000_000, d.value()]],
    ['SETNX', () => [key(), d.value()]],
    ['MSET', () => d.list(3, () => [key(), d.value()]).flat()],
    ['MSETNX', () => [`new:${d.below(50)}`, d.value()]],
    ['MSETEX', () => [1, key(), d.value(), 'PXAT', d.far()]],
    ['GETSET', () => [key(), d.value()]],
    ['GETDEL', () => [key()]],
    ['GETEX', () => [key(), ...d.pick([['PERSIST'], ['PXAT', d.far()]])]],
    ['APPEND', () => [key(), d.value()]],
    ['SETRANGE', () => [key(), d.below(100), d.value()]],
    ['INCR', () => [`n:${d.below(3)}`]],
    ['DECR', () => [`n:${d.below(3)}`]],
    ['INCRBY', () => [`n:${d.below(3)}`, d.below(1000) - 500]],
    ['DECRBY', () => [`n:${d.below(3)}`, d.below(1000)]],
    ['INCRBYFLOAT', () => [`n:${d.below(3)}`, d.pick(['0.1', '-3.25', '1e3'])]],
    ['SETBIT', () => [key(), d.below(2000), d.below(2)]],
    ['BITFIELD', () => [key(), 'SET', 'u8', d.below(100), d.below(256), 'INCRBY', 'i5', d.below(100), 3]],
    ['BITOP', () => [d.pick(['AND', 'OR', 'XOR']), key(), key(), key()]],
    ['PFADD', () => [`hll:${d.below(2)}`, ...d.list(20, () => d.member())]],
    ['PFMERGE', () => [`hll:${d.below(3)}`, `hll:${d.below(3)}`]],
    ['DELIFEQ', () => [key(), d.value()]],
    ['DELEX', () => [key(), 'IFEQ', d.value()]],
  ];
}

function listRows(d: Draw): Row[] {
  const key = (): string => d.key('list');
  const end = (): string => d.pick(['LEFT', 'RIGHT']);
  return [
    ['LPUSH', () => [key(), ...d.list(30, () => d.value())]],
    ['RPUSH', () => [key(), ...d.list(30, () => d.value())]],
    ['LPUSHX', () => [key(), d.value()]],
    ['RPUSHX', () => [key(), d.value()]],
    ['LPOP', () => [key(), ...d.pick([[], [d.below(5)]])]],
    ['RPOP', () => [key(), ...d.pick([[], [d.below(5)]])]],
    ['LMPOP', () => [2, key(), key(), end(), 'COUNT', 1 + d.below(4)]],
    ['LINSERT', () => [key(), d.pick(['BEFORE', 'AFTER']), d.value(), d.value()]],
    ['LSET', () => [key(), d.below(20) - 10, d.value()]],
    ['LREM', () => [key(), d.below(5) - 2, d.value()]],
    ['LTRIM', () => [key(), d.below(3), 200]],
    ['LMOVE', () => [key(), key(), end(), end()]],
    ['RPOPLPUSH', () => [key(), key()]],
    ['BLMOVE', () => [key(), key(), end(), end(), '0.001']],
    ['SORT', () => [key(), 'ALPHA', 'STORE', `sorted:${d.below(2)}`]],
  ];
}

function setRows(d: Draw): Row[] {
  const key = (): string => d.key('set');
  return [
    ['SADD', () => [key(), ...d.list(40, () => d.member())]],
    ['SREM', () => [key(), ...d.list(5, () => d.member())]],
    ['SPOP', () => [key(), ...d.pick([[], [d.below(10)]])]],
    ['SMOVE', () => [key(), key(), d.member()]],
    ['SINTERSTORE', () => [key(), key(), key()]],
    ['SUNIONSTORE', () => [key(), key(), key()]],
    ['SDIFFSTORE', () => [key(), key(), key()]],
  ];
}

function zsetRows(d: Draw): Row[] {
  const key = (): string => d.key('zset');
  const pairs = (): Argument[] => d.list(20, () => [d.score(), d.member()]).flat();
  return [
    ['ZADD', () => [key(), ...d.pick([[], ['NX'], ['XX', 'CH'], ['GT'], ['LT']]), ...pairs()]],
    ['ZINCRBY', () => [key(), d.pick(['1', '-2.5', '1e-3']), d.member()]],
    ['ZREM', () => [key(), ...d.list(4, () => d.member())]],
    ['ZPOPMIN', () => [key(), d.below(4)]],
    ['ZPOPMAX', () => [key(), d.below(4)]],
    ['ZMPOP', () => [1, key(), d.pick(['MIN', 'MAX'])]],
    ['ZREMRANGEBYRANK', () => [key(), d.below(10), d.below(12)]],
    ['ZREMRANGEBYSCORE', () => [key(), 1, `(${d.below(10)}`]],
    // By name only among equal scores: elsewhere it is chance what a skiplist finds.
    ['ZADD', () => [`lex:${d.below(2)}`, ...d.list(20, () => [0, d.member()]).flat()]],
    ['ZREMRANGEBYLEX', () => [`lex:${d.below(2)}`, '[m1', '[m2']],
    ['ZRANGESTORE', () => [key(), key(), 0, d.below(30)]],
    ['ZUNIONSTORE', () => [key(), 2, key(), key(), 'WEIGHTS', 1, '0.5', 'AGGREGATE', d.pick(['SUM', 'MIN', 'MAX'])]],
    ['ZINTERSTORE', () => [key(), 2, key(), key()]],
    ['ZDIFFSTORE', () => [key(), 2, key(), key()]],
    ['GEOADD', () => [`geo:${d.below(2)}`, d.below(360) - 180, d.below(160) - 80, d.member()]],
    ['GEOSEARCHSTORE', () => [`geo:${d.below(3)}`, 'geo:0', 'FROMLONLAT', 10, 10, 'BYRADIUS', 9000, 'km']],
  ];
}

function hashRows(d: Draw): Row[] {
  const key = (): string => d.key('hash');
  const pairs = (): Argument[] => d.list(12, () => [d.member(), d.value()]).flat();
  return [
    ['HSET', () => [key(), ...pairs()]],
    ['HMSET', () => [key(), ...pairs()]],
    ['HSETNX', () => [key(), d.member(), d.value()]],
    ['HDEL', () => [key(), ...d.list(4, () => d.member())]],
    ['HINCRBY', () => [key(), `n${d.below(3)}`, d.below(50)]],
    ['HINCRBYFLOAT', () => [key(), `n${d.below(3)}`, '0.5']],
    ['HPEXPIREAT', () => [key(), d.far(), 'FIELDS', 1, d.member()]],
    ['HPERSIST', () => [key(), 'FIELDS', 1, d.member()]],
    ['HSETEX', () => [key(), 'PXAT', d.far(), 'FIELDS', 1, d.member(), d.value()]],
    ['HGETEX', () => [key(), 'PXAT', d.far(), 'FIELDS', 1, d.member()]],
    ['HGETDEL', () => [key(), 'FIELDS', 1, d.member()]],
  ];
}

function streamRows(d: Draw): Row[] {
  const key = (): string => d.key('stream');
  const id = (): string => `${1 + d.below(5000)}-${d.below(3)}`;
  const group = (): string => `g${d.below(2)}`;
  return [
    ['XADD', () => [key(), ...d.pick([[], ['MAXLEN', 100], ['MAXLEN', '~', 50]]), '*', 'f', d.value()]],
    ['XDEL', () => [key(), id()]],
    ['XTRIM', () => [key(), 'MAXLEN', d.below(200)]],
    ['XGROUP CREATE', () => [key(), group(), '0', 'MKSTREAM']],
    ['XGROUP CREATECONSUMER', () => [key(), group(), `c${d.below(3)}`]],
    ['XGROUP DELCONSUMER', () => [key(), group(), `c${d.below(3)}`]],
    ['XGROUP SETID', () => [key(), group(), '$']],
    ['XGROUP DESTROY', () => [key(), `g${d.below(40)}`]],
    ['XREADGROUP', () => ['GROUP', group(), `c${d.below(3)}`, 'COUNT', 3, 'STREAMS', key(), '>']],
    ['XAUTOCLAIM', () => [key(), group(), `c${d.below(3)}`, 0, '0-0', 'COUNT', 2]],
    ['XACK', () => [key(), group(), id()]],
    ['XSETID', () => [key(), '9999999999999-0']],
  ];
}

function keyRows(d: Draw): Row[] {
  const key = (): string => d.key(d.pick(['str', 'list', 'set', 'zset', 'hash']));
  return [
    ['DEL', () => [key()]],
    ['UNLINK', () => [key()]],
    ['EXPIRE', () => [key(), d.pick([9_000_000, -1])]],
    ['PEXPIRE', () => [key(), 9_000_000_000]],
    ['EXPIREAT', () => [key(), Math.floor(d.far() / 1000)]],
    ['PEXPIREAT', () => [key(), d.far()]],
    ['PERSIST', () => [key()]],
    ['RENAME', () => [key(), key()]],
    ['RENAMENX', () => [key(), key()]],
    ['MOVE', () => [key(), d.below(3)]],
    ['COPY', () => [key(), key(), 'DB', d.below(3), 'REPLACE']],
    ['SWAPDB', () => [d.below(3), d.below(3)]],
    [
      'EVAL',
      () => ["redis.call('SET', KEYS[1], ARGV[1]); redis.call('APPEND', KEYS[1], 'x')", 1, d.key('str'), d.value()],
    ],
  ];
}

async function isKnown(send: Send, name: string): Promise<boolean> {
  const reply = await send('COMMAND', 'INFO', name.split(' ')[0]!);
  return Array.isArray(reply) && Array.isArray(reply[0]);
}
