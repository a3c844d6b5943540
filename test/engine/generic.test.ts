import { describe, expect, it } from 'vitest';
import { fromByteString, toByteString } from '../../src/bytes/byte-string.js';
import { FormatError } from '../../src/bytes/errors.js';
import { encodeDump, encodeRawDump } from '../../src/rdb/dump.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

const NOW = 1_000_000;
const DATABASE = '-ERR DB index is out of range';
const NO_INTEGER = '-ERR value is not an integer or out of range';
const SAME = '-ERR source and destination objects are the same';

function prepared(target = 'redis:7.0'): TestEngine {
  const test = testEngine({ target });
  test.run('SET', 's', 'v', 'PXAT', 9_000_000);
  test.run('RPUSH', 'l', 'x');
  test.runner.dirty = 0;
  return test;
}

/** `s` is a string with an expiry, `l` a list without. What is left: `key@expiry` of database 0, and of 1 behind a bar. */
const CASES: readonly [command: string, reply: unknown, left: string, changes: number][] = [
  ['DEL s none l', 2, '', 2],
  ['UNLINK none', 0, 'l s@9000000', 0],
  ['EXISTS s s none l', 3, 'l s@9000000', 0],
  ['TOUCH s none', 1, 'l s@9000000', 0],
  ['TYPE l', '+list', 'l s@9000000', 0],
  ['TYPE none', '+none', 'l s@9000000', 0],
  ['DBSIZE', 2, 'l s@9000000', 0],
  ['KEYS [a-m]', ['l'], 'l s@9000000', 0],
  ['RENAME s t', '+OK', 'l t@9000000', 1],
  ['RENAME l s', '+OK', 's', 1],
  ['RENAME s s', '+OK', 'l s@9000000', 0],
  ['RENAME none t', '-ERR no such key', 'l s@9000000', 0],
  ['RENAMENX s l', 0, 'l s@9000000', 0],
  ['RENAMENX s s', 0, 'l s@9000000', 0],
  ['RENAMENX s t', 1, 'l t@9000000', 1],
  ['MOVE s 1', 1, 'l | s@9000000', 1],
  ['MOVE none 1', 0, 'l s@9000000', 0],
  ['MOVE s 0', SAME, 'l s@9000000', 0],
  ['MOVE s 16', DATABASE, 'l s@9000000', 0],
  ['MOVE s x', NO_INTEGER, 'l s@9000000', 0],
  ['COPY s t', 1, 'l s@9000000 t@9000000', 1],
  ['COPY s l', 0, 'l s@9000000', 0],
  ['COPY l s REPLACE', 1, 'l s', 1],
  ['COPY s s DB 1', 1, 'l s@9000000 | s@9000000', 1],
  ['COPY s s', SAME, 'l s@9000000', 0],
  ['COPY s t DB', '-ERR syntax error', 'l s@9000000', 0],
  ['EXPIRE l 10', 1, `l@${NOW + 10_000} s@9000000`, 1],
  ['PEXPIRE s 10 NX', 0, 'l s@9000000', 0],
  ['PEXPIRE s 10 XX', 1, `l s@${NOW + 10}`, 1],
  ['PEXPIREAT s 8000000 GT', 0, 'l s@9000000', 0],
  ['PEXPIREAT s 8000000 LT', 1, 'l s@8000000', 1],
  ['PEXPIREAT l 8000000 GT', 0, 'l s@9000000', 0],
  ['PEXPIREAT l 8000000 LT', 1, 'l@8000000 s@9000000', 1],
  ['EXPIREAT s 1', 1, 'l', 1],
  ['EXPIRE s -1', 1, 'l', 1],
  ['EXPIRE none 1', 0, 'l s@9000000', 0],
  ['EXPIRE s x', NO_INTEGER, 'l s@9000000', 0],
  ['EXPIRE s 9223372036854775807', "-ERR invalid expire time in 'expire' command", 'l s@9000000', 0],
  ['EXPIRE s 1 NX GT', '-ERR NX and XX, GT or LT options at the same time are not compatible', 'l s@9000000', 0],
  ['EXPIRE s 1 GT LT', '-ERR GT and LT options at the same time are not compatible', 'l s@9000000', 0],
  ['EXPIRE s 1 no', '-ERR Unsupported option no', 'l s@9000000', 0],
  ['PERSIST s', 1, 'l s', 1],
  ['PERSIST l', 0, 'l s@9000000', 0],
  ['TTL s', 8000, 'l s@9000000', 0],
  ['PTTL s', 8_000_000, 'l s@9000000', 0],
  ['EXPIRETIME s', 9000, 'l s@9000000', 0],
  ['PTTL l', -1, 'l s@9000000', 0],
  ['TTL none', -2, 'l s@9000000', 0],
];

describe('commands on keys of every type', () => {
  it.each(CASES)('%s', (command, reply, left, changes) => {
    const test = prepared();
    expect(test.run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(test.runner.dirty).toBe(changes);
    expect(keysIn(test)).toBe(left);
  });

  it('sees no key that has expired, and every key while a log is loaded', () => {
    let nowMs = NOW;
    const { engine, run } = testEngine({ clock: () => nowMs });
    run('SET', 'k', 'v', 'PX', 10);
    nowMs += 10;
    expect(run('EXISTS', 'k')).toBe(1);
    nowMs++;
    engine.isLoading = true;
    expect([run('EXISTS', 'k'), run('PTTL', 'k'), run('PEXPIREAT', 'k', 5), run('GET', 'k')]).toEqual([1, 0, 1, 'v']);
    engine.isLoading = false;
    expect([run('DEL', 'k'), run('DBSIZE')]).toEqual([0, 0]);
  });

  it('makes copies that are independent', () => {
    const { run } = prepared();
    run('SETBIT', 'b', 1, 1);
    run('COPY', 'l', 'm');
    run('COPY', 'b', 'c');
    run('RPUSH', 'm', 'y');
    run('SETBIT', 'c', 2, 1);
    expect([run('RPUSH', 'l', 'z'), run('GET', 'b'), run('GET', 'c')]).toEqual([2, '@', '`']);
  });

  it('finds a random key', () => {
    const { run } = testEngine({ random: () => 0.99 });
    expect(run('RANDOMKEY')).toBe(null);
    run('MSET', 'a', 1, 'b', 2);
    expect(run('RANDOMKEY')).toBe('b');
  });
});

const TARGET = findTarget('redis:7.0')!;
const PAYLOAD = encodeDump({ type: 'list', encoding: 'listpack', items: [Buffer.from('x')] }, { target: TARGET });

/** With a version or a checksum of its own. */
function altered(change: (payload: Uint8Array) => void): Uint8Array {
  const payload = PAYLOAD.slice();
  change(payload);
  return payload;
}

describe('RESTORE', () => {
  const BAD = '-ERR DUMP payload version or checksum are wrong';
  it.each<[name: string, payload: Uint8Array, args: string, reply: string, left: string]>([
    ['plain', PAYLOAD, 'k 0 P', '+OK', 'k l s@9000000'],
    ['relative', PAYLOAD, 'k 10 P', '+OK', `k@${NOW + 10} l s@9000000`],
    ['absolute', PAYLOAD, 'k 3000000 P ABSTTL', '+OK', 'k@3000000 l s@9000000'],
    ['past', PAYLOAD, 'k 10 P ABSTTL', '+OK', 'l s@9000000'],
    ['past, over a key', PAYLOAD, 's 10 P ABSTTL REPLACE', '+OK', 'l'],
    ['over a key', PAYLOAD, 's 0 P replace', '+OK', 'l s'],
    ['not over a key', PAYLOAD, 's 0 P', '-BUSYKEY Target key name already exists.', 'l s@9000000'],
    ['with its age', PAYLOAD, 'k 0 P IDLETIME 5', '+OK', 'k l s@9000000'],
    ['with two ages', PAYLOAD, 'k 0 P IDLETIME 5 FREQ 5', '-ERR syntax error', 'l s@9000000'],
    ['bad frequency', PAYLOAD, 'k 0 P FREQ 256', '-ERR Invalid FREQ value, must be >= 0 and <= 255', 'l s@9000000'],
    ['bad age', PAYLOAD, 'k 0 P IDLETIME -1', '-ERR Invalid IDLETIME value, must be >= 0', 'l s@9000000'],
    ['bad ttl', PAYLOAD, 'k -1 P', '-ERR Invalid TTL value, must be >= 0', 'l s@9000000'],
    ['short', PAYLOAD.subarray(0, 9), 'k 0 P', BAD, 'l s@9000000'],
    ['checksum', altered((bytes) => bytes.fill(1, bytes.length - 8)), 'k 0 P', BAD, 'l s@9000000'],
    ['no checksum', altered((bytes) => bytes.fill(0, bytes.length - 8)), 'k 0 P', BAD, 'l s@9000000'],
    ['newer', encodeRawDump(0, Buffer.from('\x01x'), 0, 2, 11), 'k 0 P', BAD, 'l s@9000000'],
    ['no such type', encodeRawDump(6, Buffer.from('\x01x'), 0, 2, 10), 'k 0 P', '-ERR Bad data format', 'l s@9000000'],
    ['empty list', encodeRawDump(1, Buffer.from('\x00'), 0, 1, 10), 'k 0 P', '-ERR Bad data format', 'l s@9000000'],
  ])('%s', (_name, payload, args, reply, left) => {
    const test = prepared();
    expect(test.run('RESTORE', ...args.split(' ').map((word) => (word === 'P' ? toByteString(payload) : word)))).toBe(
      reply,
    );
    expect(keysIn(test)).toBe(left);
  });

  it('takes from a log what its server had taken', () => {
    const { engine, run } = prepared();
    engine.isLoading = true;
    const withoutChecksum = toByteString(altered((bytes) => bytes.fill(0, bytes.length - 8)));
    expect(run('RESTORE', 'k', 0, withoutChecksum)).toBe('+OK');
    expect(run('RESTORE', 'n', 0, toByteString(encodeRawDump(0, Buffer.from('\x01x'), 0, 2, 11)))).toBe('+OK');
    const unknown = toByteString(encodeRawDump(6, Buffer.from('\x01x'), 0, 2, 10));
    expect(() => run('RESTORE', 'm', 0, unknown)).toThrow(FormatError);
  });

  it('takes no checksum from Redis 8.4 on, and of Redis 7.4 nothing in Valkey 9', () => {
    const withoutChecksum = toByteString(altered((bytes) => bytes.fill(0, bytes.length - 8)));
    const ofRedis = toByteString(encodeRawDump(0, Buffer.from('\x01x'), 0, 2, 12));
    expect(testEngine({ target: 'redis:8.6' }).run('RESTORE', 'k', 0, withoutChecksum)).toBe('+OK');
    expect(testEngine({ target: 'valkey:9.1' }).run('RESTORE', 'k', 0, ofRedis)).toBe(BAD);
  });

  it('takes what DUMP gives', () => {
    const { run } = prepared();
    const payload = run('DUMP', 'l') as string;
    expect(fromByteString(payload).length).toBeGreaterThan(10);
    expect([run('RESTORE', 'k', 0, payload), run('DUMP', 'k'), run('DUMP', 'none')]).toEqual(['+OK', payload, null]);
  });
});

function keysIn({ engine }: TestEngine): string {
  return [0, 1]
    .map((index) => engine.database(index))
    .filter((db) => db.size > 0 || db.index === 0)
    .map((db) =>
      [...db.keys.keys()]
        .sort()
        .map((key) => key + (db.expiryOf(key) === undefined ? '' : `@${db.expiryOf(key)}`))
        .join(' '),
    )
    .join(' | ');
}
