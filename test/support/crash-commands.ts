/**
 * Commands of two clients on a small data set in two databases: every type, expiries far away, ids of stream entries as they
 * are given, transactions that another client's commands come between. Nothing in them is left to chance once they stand.
 */
import type { ByteString } from '../../src/bytes/byte-string.js';
import { random } from './random.js';

export const CLIENTS = 2;

/** A command of one of the clients. */
export interface ClientCommand {
  readonly client: number;
  readonly args: readonly ByteString[];
  /** Its effect is one of its own: not the part of a transaction. */
  readonly isWhole: boolean;
}

const FAR_MS = 4_102_444_800_000; // 2100-01-01
const KEYS = 3;
const MOST_IN_TRANSACTION = 5;
/** A value that goes over the border of a page. */
const LARGE_BYTES = 3000;

type Make = (source: CommandSource) => readonly (string | number)[];

/** Each makes another state of any. */
const GROWING: readonly Make[] = [
  (from) => ['SET', from.key('s'), from.text()],
  (from) => ['SET', from.key('s'), from.text(), 'PXAT', from.far()],
  (from) => ['SETEX', from.key('s'), 1_000_000 + from.integer(1_000_000), from.text()],
  (from) => ['APPEND', from.key('s'), from.text()],
  (from) => ['MSET', from.key('s'), from.text(), from.key('s'), from.text()],
  (from) => ['INCRBY', from.key('n'), 1 + from.integer(1000)],
  (from) => ['RPUSH', from.key('l'), from.text(), from.text()],
  (from) => ['LPUSH', from.key('l'), from.text()],
  (from) => ['SADD', from.key('m'), from.integer(20), from.text()],
  (from) => ['HSET', from.key('h'), `f${from.integer(6)}`, from.text(), 'last', from.text()],
  (from) => ['HINCRBY', from.key('h'), 'count', 1 + from.integer(9)],
  (from) => ['ZADD', from.key('z'), from.integer(100), `m${from.integer(8)}`, `${from.integer(100)}.5`, 'last'],
  (from) => ['XADD', from.key('x'), `${from.next()}-1`, 'field', from.text()],
  (from) => ['PFADD', from.key('p'), from.text()],
];
const OTHERS: readonly Make[] = [
  (from) => ['INCRBYFLOAT', from.key('n'), '0.5'],
  (from) => ['SETBIT', from.key('b'), from.integer(200), from.integer(2)],
  (from) => ['LPOP', from.key('l')],
  (from) => ['LTRIM', from.key('l'), 0, 5],
  (from) => ['LMOVE', from.key('l'), from.key('l'), 'LEFT', 'RIGHT'],
  (from) => ['SREM', from.key('m'), from.integer(20), from.integer(20)],
  (from) => ['SUNIONSTORE', from.key('m'), from.key('m'), from.key('m')],
  (from) => ['HDEL', from.key('h'), `f${from.integer(6)}`],
  (from) => ['ZINCRBY', from.key('z'), 3, `m${from.integer(8)}`],
  (from) => ['ZREMRANGEBYRANK', from.key('z'), 5, -1],
  (from) => ['XTRIM', from.key('x'), 'MAXLEN', 3],
  (from) => ['PEXPIREAT', from.key(from.pick(['s', 'l', 'h', 'z'])), from.far()],
  (from) => ['EXPIRE', from.key('m'), 2_000_000 + from.integer(1000)],
  (from) => ['PERSIST', from.key('s')],
  (from) => ['DEL', from.key('s'), from.key('h')],
  (from) => ['RENAME', from.key('s'), from.key('s')],
  (from) => ['COPY', from.key('l'), from.key('l'), 'DB', from.integer(2), 'REPLACE'],
  (from) => ['MOVE', from.key('z'), from.integer(2)],
  (from) => ['SELECT', from.integer(2)],
  (from) => ['GET', from.key('s')],
];
const RARE: readonly Make[] = [
  (from) => ['SET', from.key('s'), from.large()],
  () => ['SWAPDB', 0, 1],
  () => ['FLUSHDB'],
];
const GROWS = 0.55;
/** Of the others. */
const RARELY = 0.06;
const EMPTIED = 0.01;
const TRANSACTIONS = 0.25;
const DISCARDED = 0.1;
const BETWEEN = 0.3;

export class CommandSource {
  private readonly random: () => number;
  private count = 0;

  constructor(seed: number) {
    this.random = random(seed);
  }

  /** The next command by itself, or the next transaction with what comes between it: its last command is whole. */
  draw(): ClientCommand[] {
    const client = this.integer(CLIENTS);
    // Not in transactions: with save points a dump of the middle of it is saved.
    if (this.odds(EMPTIED)) return [{ client, args: ['FLUSHALL'], isWhole: true }];
    if (!this.odds(TRANSACTIONS)) return [this.single(client)];
    const commands: ClientCommand[] = [{ client, args: ['MULTI'], isWhole: false }];
    for (let left = 1 + this.integer(MOST_IN_TRANSACTION); left > 0; left--) {
      commands.push({ ...this.single(client), isWhole: false });
      if (this.odds(BETWEEN)) commands.push(this.single((client + 1) % CLIENTS));
    }
    return [...commands, { client, args: [this.odds(DISCARDED) ? 'DISCARD' : 'EXEC'], isWhole: true }];
  }

  integer(below: number): number {
    return Math.floor(this.random() * below);
  }

  odds(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** Rises. */
  next(): number {
    return ++this.count;
  }

  key(type: string): string {
    return `${type}:${this.integer(KEYS)}`;
  }

  /** Never the same twice; bytes of all kinds. */
  text(): ByteString {
    return `v${this.next()}\r\n\x00\xff${'.'.repeat(this.integer(30))}`;
  }

  large(): ByteString {
    return `v${this.next()}`.padEnd(LARGE_BYTES + this.integer(LARGE_BYTES), 'large ');
  }

  far(): number {
    return FAR_MS + this.next() * 1000;
  }

  private single(client: number): ClientCommand {
    const make = this.pick(this.odds(GROWS) ? GROWING : this.odds(RARELY) ? RARE : OTHERS);
    return { client, args: make(this).map(String), isWhole: true };
  }
}
