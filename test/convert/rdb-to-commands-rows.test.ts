/** What surrounds the values: databases, expiries, libraries, targets, filters, and what happens to the rest. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { commandForms } from '../../src/convert/rdb-to-commands/forms.js';
import { compileFilter } from '../../src/rdb/filter.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { TARGETS } from '../../src/rdb/versions.js';
import { commandLines, commandRun, type RunOptions } from '../support/command-run.js';
import { dumpOf, listOf, zsetOf } from '../support/command-values.js';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { readFixture } from '../support/fixtures.js';
import { ascii } from '../support/packed.js';
import { targetNamed } from '../support/written-values.js';

const aux = (name: string, value: string): { kind: 'aux'; name: Uint8Array; value: Uint8Array } => ({
  kind: 'aux',
  name: ascii(name),
  value: ascii(value),
});
const MODULE: RdbValue = {
  type: 'module',
  encoding: 'module',
  module: 'example01',
  version: 1,
  items: [{ kind: 'uint', value: 1n }],
};
const lines = (file: Uint8Array, options: RunOptions = {}): string[] => commandLines(commandRun(file, options).bytes);

describe('databases and expiries', () => {
  it('selects where the database changes, and expires behind the value', () => {
    const file = dumpOf(
      'redis:7.0',
      { value: listOf('a'), expireAtMs: 1_900_000_000_123 },
      { value: listOf('b'), key: ascii('k2') },
      { kind: 'select-db', db: 7 },
      { value: listOf('c'), db: 9, expireAtMs: 5 },
    );
    expect(lines(file)).toEqual([
      'SELECT 0',
      'RPUSH k a',
      'PEXPIREAT k 1900000000123',
      'RPUSH k2 b',
      'SELECT 9',
      'RPUSH k c',
      'PEXPIREAT k 5',
    ]);
  });

  it('keeps every time that a file can hold', () => {
    for (const at of [2n ** 63n - 1n, 2n ** 53n + 1n, -5n]) {
      const file = rdbFile('REDIS0009', keyRecord(0, 'k', str('v'), [0xfc, int64Le(at)]));
      expect(lines(file).at(-1)).toBe(`PEXPIREAT k ${at}`);
    }
    // Servers take a stored −1 for none.
    expect(lines(rdbFile('REDIS0009', keyRecord(0, 'k', str('v'), [0xfc, int64Le(-1n)])))).toHaveLength(2);
  });

  it('has full seconds for 2.4, rounded up with a word', () => {
    const file = dumpOf('redis:2.6', { value: listOf('a'), expireAtMs: 1_900_000_000_001 });
    const run = commandRun(file, { target: targetNamed('redis:2.4'), onUnsupported: 'convert' });
    expect(commandLines(run.bytes).at(-1)).toBe('EXPIREAT k 1900000001');
    expect(run.losses).toMatchObject([{ what: 'expiry-fraction', policy: 'convert' }]);
    const exact = dumpOf('redis:2.6', { value: listOf('a'), expireAtMs: 1_900_000_000_000 });
    expect(lines(exact, { target: targetNamed('redis:2.4') }).at(-1)).toBe('EXPIREAT k 1900000000');
  });

  it('writes an array in pairs of 32, and moves its cursor', () => {
    const elements = Array.from({ length: 33 }, (_, index) => ({ index: BigInt(index), value: ascii('v') }));
    const file = dumpOf('redis:8.8', { value: { type: 'array', encoding: 'array', insertIndex: 32n, elements } });
    const [, first, second, third] = lines(file);
    expect(first!.split(' ')).toHaveLength(2 + 64);
    expect([second, third]).toEqual(['ARMSET k 32 v', 'ARSEEK k 33']);
  });
});

describe('the target', () => {
  it('is the server that wrote the dump', () => {
    const stream = readFixture('redis-6.2/streams');
    expect(lines(stream).some((line) => line.startsWith('XGROUP CREATECONSUMER'))).toBe(true);
    expect(lines(readFixture('redis-5.0/streams')).some((line) => line.includes('CREATECONSUMER'))).toBe(false);
  });

  it('is told by the header where the aux fields name nothing known, or something else', () => {
    for (const version of ['6.9.240', '255.255.255', '7.4.1', 'x']) {
      const file = dumpOf('redis:6.2', aux('redis-ver', version), { value: zsetOf(0.1) });
      expect(lines(file)[1]).toBe('ZADD k 0.10000000000000001 m0');
    }
  });

  it('may be any other, and all of them are known', () => {
    const file = dumpOf('redis:6.2', { value: zsetOf(0.1) });
    expect(lines(file, { target: targetNamed('redis:7.2') })[1]).toBe('ZADD k 0.1 m0');
    for (const target of TARGETS) expect(lines(file, { target })[0]).toBe('SELECT 0');
  });

  it.each([
    ['redis:2.4', '1 HSET EXPIREAT %.17g'],
    ['redis:2.6', '64 HMSET PEXPIREAT %.17g'],
    ['redis:7.0', '64 HMSET PEXPIREAT %.17g'],
    ['redis:7.4', '64 HMSET PEXPIREAT fpconv HPEXPIREAT'],
    ['redis:8.10', '64 HMSET PEXPIREAT fpconv HPEXPIREAT'],
    ['valkey:8.1', '64 HMSET PEXPIREAT fpconv'],
    ['valkey:9.2', '64 HMSET PEXPIREAT fpconv HSETEX'],
    ['keydb:6', '64 HMSET PEXPIREAT %.17g'],
  ])('%s has forms of its own', (name, expected) => {
    const { batchItems, hash, expiry, score, fieldExpiry = '' } = commandForms(targetNamed(name));
    expect(`${batchItems} ${hash} ${expiry} ${score} ${fieldExpiry}`.trim()).toBe(expected);
  });
});

describe('libraries and other records', () => {
  const library = { kind: 'function', code: ascii('#!lua name=l\n1'), name: 'l', engine: 'lua' } as const;

  it('loads libraries first', () => {
    const file = dumpOf('redis:7.0', library, { value: listOf('a') });
    expect(lines(file)).toEqual(['FUNCTION LOAD #!lua name=l\n1', 'SELECT 0', 'RPUSH k a']);
    expect(lines(file, { replace: true })).toEqual([
      'FUNCTION LOAD REPLACE #!lua name=l\n1',
      'SELECT 0',
      'DEL k',
      'RPUSH k a',
    ]);
  });

  it('gives those of release candidates their first line', () => {
    const file = rdbFile('REDIS0010', 0xf6, str('lib'), str('LUA'), len(1), str('what it is'), str('return 1'));
    expect(lines(file)).toEqual(['FUNCTION LOAD #!lua name=lib\nreturn 1']);
  });

  it('leaves them out where keys are chosen', () => {
    const file = dumpOf('redis:7.0', library, { value: listOf('a') }, { value: listOf('b'), key: ascii('other') });
    const filter = compileFilter({ match: [ascii('o*')] }, 0);
    expect(lines(file, { filter })).toEqual(['SELECT 0', 'RPUSH other b']);
    expect(lines(file, { filter, limits: { largeValueBytes: 1 } })).toEqual(['SELECT 0', 'RPUSH other b']);
  });

  it('passes on the commands that a dump of Valkey 9.2 may hold', () => {
    const inner = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n';
    const file = rdbFile('VALKEY081', 0xfe, 3, 0xf2, inner);
    expect(lines(file)).toEqual(['SELECT 3', 'SET a b']);
  });

  it.each([
    ['a library for 6.2', dumpOf('redis:7.0', library), 'redis:6.2', 'function'],
    [
      'module data',
      dumpOf('redis:7.0', { kind: 'module-aux', module: 'example01', version: 1, when: 1, items: [] }),
      'redis:7.0',
      'module-aux',
    ],
    ['an AOF tail', bytesOf(dumpOf('redis:7.0'), '*1\r\n$4\r\nPING\r\n'), 'redis:7.0', 'aof-tail'],
    ['members of KeyDB', dumpOf('keydb:6', aux('keydb-subexpire-key', 'm')), 'keydb:6', 'member-expiry'],
  ])('%s is a loss of its own', (_, file, name, what) => {
    const target = targetNamed(name);
    expect(() => commandRun(file, { target })).toThrow(EncodeError);
    for (const onUnsupported of ['drop', 'convert'] as const) {
      const run = commandRun(file, { target, onUnsupported });
      expect(run.losses.map((loss) => `${loss.what} ${loss.policy}`)).toEqual([`${what} drop`]);
    }
  });
});

describe('what cannot be said', () => {
  const file = dumpOf('redis:7.0', { value: listOf('a') }, { value: MODULE, key: ascii('m') });

  it('is an error that names the key, after whole commands', () => {
    let before: string[] = [];
    const run = (): unknown => commandRun(file, {}, (bytes) => (before = commandLines(bytes)));
    expect(run).toThrow('a value of the module example01 (db 0, key "m")');
    expect(before).toEqual(['SELECT 0', 'RPUSH k a']);
  });

  it.each(['drop', 'convert'] as const)('is left out and told under %s', (onUnsupported) => {
    for (const limits of [{}, { largeValueBytes: 1 }]) {
      const run = commandRun(file, { onUnsupported, limits });
      expect(commandLines(run.bytes)).toEqual(['SELECT 0', 'RPUSH k a']);
      expect(run.losses).toMatchObject([{ what: 'module', db: 0, key: ascii('m'), policy: 'drop' }]);
    }
  });

  it('has a word for vector sets and for key metadata', () => {
    const kinds = (name: string): unknown =>
      [...new Set(commandRun(readFixture(name), { onUnsupported: 'convert' }).losses.map(({ what }) => what))].sort();
    expect(kinds('redis-8.6/vset')).toEqual(['vector-set']);
    expect(kinds('redis-8.6/module')).toEqual(['key-meta', 'module', 'module-aux']);
  });
});
