import { describe, expect, it } from 'vitest';
import { RawString } from '../../src/engine/values/raw-string.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

/** `value` is what GET answers afterwards, `expiry` what PEXPIRETIME does. */
type Case = [command: string, reply: unknown, value: unknown, changes: number, expiry?: number];

const NOW = 1_000_000;
const SYNTAX = '-ERR syntax error';
const NO_INTEGER = '-ERR value is not an integer or out of range';
const NO_FLOAT = '-ERR value is not a valid float';
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';

/** The key `k` is 10 and expires at 9000000. */
const CASES: readonly Case[] = [
  ['SET k v', '+OK', 'v', 1, -1],
  ['SET k v KEEPTTL', '+OK', 'v', 1, 9_000_000],
  ['SET k v NX', null, '10', 0, 9_000_000],
  ['SET k v XX GET', '10', 'v', 1, -1],
  ['SET k v EX 10', '+OK', 'v', 1, NOW + 10_000],
  ['SET k v PX 10', '+OK', 'v', 1, NOW + 10],
  ['SET k v EXAT 2000', '+OK', 'v', 1, 2_000_000],
  ['SET k v pxat 3000000 xx', '+OK', 'v', 1, 3_000_000],
  ['SET k v EX 0', "-ERR invalid expire time in 'set' command", '10', 0],
  ['SET k v EX 9223372036854775807', "-ERR invalid expire time in 'set' command", '10', 0],
  ['SET k v PX 9223372036854775807', "-ERR invalid expire time in 'set' command", '10', 0],
  ['SET k v EX x', NO_INTEGER, '10', 0],
  ['SET k v EX', SYNTAX, '10', 0],
  ['SET k v NX XX', SYNTAX, '10', 0],
  ['SET k v EX 1 PX 1', SYNTAX, '10', 0],
  ['SET k v EX 1 KEEPTTL', SYNTAX, '10', 0],
  ['SET k v PERSIST', SYNTAX, '10', 0],
  ['SET k v IFEQ 10', '+OK', 'v', 1, -1],
  ['SET k v IFEQ 11 GET', '10', '10', 0],
  ['SET k v IFNE 11 KEEPTTL', '+OK', 'v', 1, 9_000_000],
  ['SET none v IFEQ 1', null, '10', 0],
  ['SET none v IFNE 1', '+OK', '10', 1],
  ['SET list v GET', WRONG_TYPE, '10', 0],
  ['SET list v IFEQ 1', WRONG_TYPE, '10', 0],
  ['SETNX k v', 0, '10', 0],
  ['SETEX k 10 v', '+OK', 'v', 1, NOW + 10_000],
  ['PSETEX k 10 v', '+OK', 'v', 1, NOW + 10],
  ['SETEX k -1 v', "-ERR invalid expire time in 'setex' command", '10', 0],
  ['GETSET k v', '10', 'v', 1, -1],
  ['GETDEL k', '10', null, 1, -2],
  ['GETEX k', '10', '10', 0, 9_000_000],
  ['GETEX k PERSIST', '10', '10', 1, -1],
  ['GETEX k EX 5', '10', '10', 1, NOW + 5000],
  ['GETEX k PXAT 1', '10', null, 1, -2],
  ['GETEX k EX 5 PERSIST', SYNTAX, '10', 0],
  ['GETEX none EX 0', null, '10', 0],
  ['APPEND k v', 3, '10v', 1, 9_000_000],
  ['APPEND list v', WRONG_TYPE, '10', 0],
  ['SETRANGE k 4 v', 5, '10\0\0v', 1, 9_000_000],
  ['SETRANGE k 1 v', 2, '1v', 1, 9_000_000],
  ['SETRANGE k -1 v', '-ERR offset is out of range', '10', 0],
  ['SETRANGE k 536870912 v', '-ERR string exceeds maximum allowed size (proto-max-bulk-len)', '10', 0],
  ['INCR k', 11, '11', 1, 9_000_000],
  ['DECR k', 9, '9', 1, 9_000_000],
  ['INCRBY k 9223372036854775797', 9223372036854775807n, '9223372036854775807', 1],
  ['INCRBY k 9223372036854775798', '-ERR increment or decrement would overflow', '10', 0],
  ['DECRBY k -9223372036854775808', '-ERR decrement would overflow', '10', 0],
  ['INCRBY k 1.5', NO_INTEGER, '10', 0],
  ['INCRBYFLOAT k 0.1', '10.1', '10.1', 1, 9_000_000],
  ['INCRBYFLOAT k -1e-20', '10', '10', 1],
  ['INCRBYFLOAT k 3.0e3', '3010', '3010', 1],
  ['INCRBYFLOAT k x', NO_FLOAT, '10', 0],
  ['INCRBYFLOAT k inf', '-ERR increment would produce NaN or Infinity', '10', 0],
  ['MSET k v j w', '+OK', 'v', 2, -1],
  ['MSET k v j', "-ERR wrong number of arguments for 'mset' command", '10', 0],
  ['MSETNX j v k w', 0, '10', 0],
  ['MSETEX 2 k v j w EX 5', 1, 'v', 2, NOW + 5000],
  ['MSETEX 1 k v KEEPTTL', 1, 'v', 1, 9_000_000],
  ['MSETEX 2 k v j w XX', 0, '10', 0],
  ['MSETEX 2 k v', '-ERR wrong number of key-value pairs', '10', 0],
  ['MSETEX 0 k v', '-ERR invalid numkeys value', '10', 0],
  ['DELEX k', 1, null, 1],
  ['DELEX k IFEQ 11', 0, '10', 0],
  ['DELEX k IFNE 11', 1, null, 1],
  ['DELEX k IFDEQ x', '-ERR must be exactly 16 hexadecimal characters', '10', 0],
  ['DELEX k IFXX 1', '-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE', '10', 0],
  ['DELEX list IFEQ 1', '-ERR Key should be of string type if conditions are specified', '10', 0],
  ['DELIFEQ k 11', 0, '10', 0],
  ['DELIFEQ k 10', 1, null, 1],
];

function prepared(target = 'redis:7.0'): TestEngine {
  const test = testEngine({ target });
  test.run('SET', 'k', 10, 'PXAT', 9_000_000);
  test.run('RPUSH', 'list', 'x');
  test.runner.dirty = 0;
  return test;
}

describe('string commands', () => {
  it.each(CASES)('%s', (command, reply, value, changes, expiry) => {
    const { run, runner } = prepared();
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    expect(run('GET', 'k')).toEqual(value);
    if (expiry !== undefined) expect(run('PEXPIRETIME', 'k')).toBe(expiry);
  });

  it.each([
    ['SET k 1 PXAT 5', 'redis:7.0', 1],
    ['SET k 1 PXAT 5', 'valkey:8.0', 1],
    ['SET j 1 PXAT 5', 'redis:7.0', 1],
    ['SET j 1 PXAT 5', 'valkey:8.0', 0],
  ])('%s, which is past, on %s', (command, target, changes) => {
    const { run, runner } = prepared(target);
    expect(run(...command.split(' '))).toBe('+OK');
    expect(runner.dirty).toBe(changes);
    expect(run('EXISTS', command.split(' ')[1]!)).toBe(0);
  });

  it('keeps a past time while a log is loaded', () => {
    const { engine, run } = prepared('valkey:8.0');
    engine.isLoading = true;
    run('SET', 'k', 1, 'PXAT', 5);
    expect([run('GET', 'k'), run('PEXPIRETIME', 'k')]).toEqual(['1', 5]);
  });

  it('compares digests with XXH3', () => {
    const { run } = prepared('redis:8.6');
    run('SET', 'k', 'hello');
    expect(run('DIGEST', 'k')).toBe('9555e8555c62dcfd');
    expect(run('SET', 'k', 'x', 'IFDNE', '9555E8555C62DCFD')).toBe(null);
    expect(run('SET', 'k', 'x', 'IFDEQ', '9555E8555C62DCFD')).toBe('+OK');
  });

  it.each([
    ['IFEQ 10 NX', null, SYNTAX],
    ['IFEQ 10 XX', '+OK', SYNTAX],
    ['XX IFEQ 10', SYNTAX, SYNTAX],
    ['IFEQ 9 IFEQ 10', '+OK', SYNTAX],
    ['IFEQ 10 IFNE 9', SYNTAX, SYNTAX],
  ])('SET k v %s is %s in Redis, %s in Valkey', (options, redis, valkey) => {
    const replies = ['redis:8.6', 'valkey:9.1'].map((target) =>
      prepared(target).run('SET', 'k', 'v', ...options.split(' ')),
    );
    expect(replies).toEqual([redis, valkey]);
  });
});

describe('OBJECT ENCODING of strings', () => {
  it.each<[commands: string[], encoding: string]>([
    [['SET s 123'], 'int'],
    [['SET s 0123'], 'embstr'],
    [['SET s -9223372036854775808'], 'int'],
    [['SET s 9223372036854775808'], 'embstr'],
    [[`SET s ${'x'.repeat(44)}`], 'embstr'],
    [[`SET s ${'x'.repeat(45)}`], 'raw'],
    [['APPEND s 1'], 'int'],
    [['APPEND s 1', 'APPEND s 2'], 'raw'],
    [['APPEND s 1', 'APPEND s 2', 'INCR s'], 'int'],
    [['SETRANGE s 0 1'], 'raw'],
    [['SET s 1', 'SETRANGE s 0 2'], 'raw'],
    [['SET s 1', 'SETBIT s 1 0'], 'raw'],
    [['INCRBYFLOAT s 1'], 'embstr'],
    [['INCRBYFLOAT s 1', 'APPEND s 1'], 'raw'],
    [['INCRBYFLOAT s 1', 'COPY s t', 'RENAME t s'], 'embstr'],
    [['SET s 1', 'APPEND s 1', 'COPY s t', 'RENAME t s'], 'raw'],
  ])('%j: %s', (commands, encoding) => {
    const { run } = testEngine();
    for (const command of commands) run(...command.split(' '));
    expect(run('OBJECT', 'ENCODING', 's')).toBe(encoding);
  });

  /** Sizes at which it becomes raw, for a key of 8 bytes. */
  it.each([
    ['redis:2.8', 1, 1],
    ['redis:3.0', 40, 40],
    ['redis:7.0', 45, 45],
    ['redis:8.0', 45, 45],
    ['redis:8.6', 34, 34],
    ['valkey:8.0', 45, 45],
    ['valkey:8.1', 34, 26],
    ['valkey:9.1', 106, 98],
  ])('on %s', (target, size, withExpiry) => {
    const { run } = testEngine({ target });
    const firstRaw = (...options: string[]): number => {
      for (let at = 1; ; at++) {
        run('SET', 'kkkkkkkk', 'x'.repeat(at), ...options);
        if (run('OBJECT', 'ENCODING', 'kkkkkkkk') === 'raw') return at;
      }
    };
    expect([firstRaw(), firstRaw('PXAT', '99999999999999')]).toEqual([size, withExpiry]);
  });
});

describe('INCREX', () => {
  it.each<[start: string, options: string, reply: unknown, value: unknown]>([
    ['10', '', [11, 1], '11'],
    ['10', 'BYINT -5', [5, -5], '5'],
    ['', 'BYINT 7', [7, 7], '7'],
    ['50', 'BYINT 100 UBOUND 80 SATURATE', [80, 30], '80'],
    ['10', 'BYINT -100 LBOUND 0 SATURATE', [0, -10], '0'],
    ['10', 'BYINT 10 UBOUND 15', [10, 0], '10'],
    ['', 'BYINT 15 UBOUND 10', [0, 0], null],
    ['50', 'BYINT 5 UBOUND 30 SATURATE', [30, -20], '30'],
    ['50', 'BYINT -25 UBOUND 30', [25, -25], '25'],
    ['9223372036854775800', 'BYINT 9223372036854775800 SATURATE', [9223372036854775807n, 7], '9223372036854775807'],
    ['1.5', 'BYFLOAT 0.25', ['1.75', '0.25'], '1.75'],
    ['10', 'BYFLOAT 100 UBOUND 42.5 SATURATE', ['42.5', '32.5'], '42.5'],
    ['50.5', 'BYFLOAT 5.5 UBOUND 30', ['50.5', '0'], '50.5'],
    ['0', 'BYFLOAT +inf', '-ERR BYFLOAT increment cannot be Infinity', '0'],
    ['inf', 'BYFLOAT 1', '-ERR value cannot be Infinity', 'inf'],
    ['1', 'BYINT x', '-ERR Increment is not an integer or out of range', '1'],
    ['1', 'BYFLOAT x', '-ERR Increment is not a valid float', '1'],
    ['1', 'LBOUND 10 UBOUND 5', "-ERR LBOUND can't be greater than UBOUND", '1'],
    ['1', 'ENX', '-ERR ENX flag requires an expiration (EX, PX, EXAT, or PXAT)', '1'],
    ['1', 'PERSIST EX 1', SYNTAX, '1'],
    ['1', 'EX 10 EX 20', SYNTAX, '1'],
    ['1', 'BYINT 1 BYFLOAT 1', SYNTAX, '1'],
    ['1', 'XX', SYNTAX, '1'],
    ['1', 'EX 0', "-ERR invalid expire time in 'increx' command", '1'],
    ['10', 'EXAT 1', [11, 1], null],
  ])('%s %s', (start, options, reply, value) => {
    const { run } = testEngine({ target: 'redis:8.6' });
    if (start !== '') run('SET', 'k', start);
    expect(run('INCREX', 'k', ...options.split(' ').filter((word) => word !== ''))).toEqual(reply);
    expect(run('GET', 'k')).toEqual(value);
  });

  it.each([
    ['', 9_000_000],
    ['PERSIST', -1],
    ['EX 5', NOW + 5000],
    ['EX 5 ENX', 9_000_000],
  ])('with %s', (options, expiry) => {
    const { run } = prepared();
    run('INCREX', 'k', ...options.split(' ').filter((word) => word !== ''));
    expect(run('PEXPIRETIME', 'k')).toBe(expiry);
  });
});

describe('a raw string', () => {
  it('is text and array in turn', () => {
    const value = new RawString('abc');
    value.edit(5)[4] = 0x78;
    expect([value.length, value.byteAt(4), value.byteAt(9)]).toEqual([5, 0x78, 0]);
    expect(value.bytes).toBe('abc\0x');
    value.bytes += 'y';
    value.edit()[0] = 0xff;
    expect(value.bytes).toBe('\xffbc\0xy');
    const copy = value.copy();
    copy.edit(1000)[999] = 1;
    value.edit(7);
    expect([value.length, copy.length, value.toBytes().length]).toEqual([7, 1000, 7]);
  });
});
