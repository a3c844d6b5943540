/** One value after another, for one target after another: the forms, their batches, and what they cannot say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RdbValue } from '../../src/rdb/model.js';
import { commandLines, commandRun, commandsOf } from '../support/command-run.js';
import { dumpOf, hashOf, linesOf, listOf, zsetOf } from '../support/command-values.js';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { ascii, hostileValue, latin1 } from '../support/packed.js';
import { targetNamed } from '../support/written-values.js';

describe('batches', () => {
  const sizes = (count: number, name: string): number[] => {
    const items = Array.from({ length: count }, (_, index) => `i${index}`);
    return commandsOf(commandRun(dumpOf(name, { value: listOf(...items) })).bytes)
      .slice(1)
      .map((args) => args.length - 2);
  };

  it.each([
    [1, [1]],
    [63, [63]],
    [64, [64]],
    [65, [64, 1]],
    [129, [64, 64, 1]],
  ])('%i items', (count, expected) => {
    expect(sizes(count, 'redis:7.0')).toEqual(expected);
  });

  it('came with Redis 2.6', () => {
    expect(sizes(3, 'redis:2.6')).toEqual([3]);
    expect(sizes(3, 'redis:2.4')).toEqual([1, 1, 1]);
  });

  it('end early rather than hold much, and are written through where one item is too much', () => {
    const large = (size: number): Uint8Array => new Uint8Array(size).fill(0x61);
    const value: RdbValue = {
      type: 'list',
      encoding: 'quicklist',
      items: [large(9e6), ascii('x'), large(9e6), large(20e6), ascii('y')],
    };
    const file = dumpOf('redis:7.0', { value });
    const run = commandRun(file);
    const commands = commandsOf(run.bytes).slice(1);
    expect(commands.map((args) => args.slice(2).map((arg) => arg.length))).toEqual([[9e6, 1], [9e6], [20e6], [1]]);
  });

  it('keep every element, whatever it is', () => {
    const names = ['redis:2.4', 'redis:3.2', 'redis:6.2', 'redis:7.0', 'redis:7.4', 'valkey:9.1'];
    fc.assert(
      fc.property(
        fc.uniqueArray(hostileValue(), { minLength: 1, maxLength: 200, selector: latin1 }),
        fc.constantFrom(...names),
        fc.constantFrom('list', 'set', 'hash', 'zset'),
        (items, name, type) => {
          const value = collectionOf(type, items);
          const commands = commandsOf(commandRun(dumpOf(name, { value })).bytes).slice(1);
          const elements = commands.flatMap((args) => args.slice(2));
          const texts = type === 'zset' ? elements.filter((_, index) => index % 2 === 1) : elements;
          const expected = type === 'hash' ? items.flatMap((item) => [item, item]) : items;
          expect(texts.sort()).toEqual(expected.map(latin1).sort());
        },
      ),
    );
  });
});

function collectionOf(type: string, items: readonly Uint8Array[]): RdbValue {
  if (type === 'list') return { type, encoding: 'quicklist', items: [...items] };
  if (type === 'set') return { type, encoding: 'hashtable', members: [...items] };
  if (type === 'hash')
    return { type, encoding: 'hashtable', fields: items.map((item) => ({ field: item, value: item })) };
  return { type: 'zset', encoding: 'skiplist', members: items.map((member, score) => ({ member, score })) };
}

describe('scores', () => {
  const texts = (name: string, ...scores: readonly number[]): string[] =>
    linesOf(zsetOf(...scores), 'redis:7.0', { target: targetNamed(name) })[0]!
      .split(' ')
      .slice(2)
      .filter((_, index) => index % 2 === 0);
  const scores = [0.1, -3, 1e8, 123456789, 1e17, 2.5e15, 2 ** 53, 1e300, Infinity, -Infinity];

  it('are %.17g up to 7.0', () => {
    expect(new Set(texts('redis:7.0', ...scores))).toEqual(
      new Set([
        ...['0.10000000000000001', '-3', '100000000', '123456789', '1e+17', '2500000000000000', '9007199254740992'],
        ...['1.0000000000000001e+300', 'inf', '-inf'],
      ]),
    );
  });

  it.each(['redis:7.2', 'valkey:8.0'])('are the shortest for %s', (name) => {
    expect(new Set(texts(name, ...scores))).toEqual(
      new Set([...['0.1', '-3', '1e+8', '123456789', '1e+17', '2.5e+15', '9007199254740992', '1e+300', 'inf', '-inf']]),
    );
  });

  it('keep the sign of zero', () => {
    const file = rdbFile('REDIS0009', keyRecord(5, 'k', bytesOf(len(1), str('m'), int64Le(-(2n ** 63n)))));
    expect(commandLines(commandRun(file).bytes)[1]).toBe('ZADD k -0 m');
  });
});

describe('hashes with field expiry', () => {
  const value = hashOf(undefined, 1_800_000_000_000, 1_600_000_000_000);

  it('come field by field for Redis', () => {
    expect(linesOf(value, 'redis:7.4')).toEqual([
      'HMSET k f2 v',
      'HPEXPIREAT k 1600000000000 FIELDS 1 f2',
      'HMSET k f1 v',
      'HPEXPIREAT k 1800000000000 FIELDS 1 f1',
      'HMSET k f0 v',
    ]);
  });

  it('come with the fields that expire first for Valkey', () => {
    const lines = linesOf(value, 'valkey:9.0');
    expect(lines.slice(0, -1).sort()).toEqual([
      'HSETEX k PXAT 1600000000000 FIELDS 1 f2 v',
      'HSETEX k PXAT 1800000000000 FIELDS 1 f1 v',
    ]);
    expect(lines.at(-1)).toBe('HMSET k f0 v');
  });

  it('lose it elsewhere, and with it what has expired', () => {
    const run = commandRun(dumpOf('redis:7.4', { value }), {
      target: targetNamed('redis:7.0'),
      onUnsupported: 'convert',
    });
    expect(commandLines(run.bytes)).toHaveLength(2);
    expect(
      commandLines(run.bytes)[1]!
        .split(' ')
        .filter((word) => word.startsWith('f'))
        .sort(),
    ).toEqual(['f0', 'f1']);
    expect(run.losses).toMatchObject([{ what: 'field-expiry', policy: 'convert', db: 0 }]);
  });

  it('lose it where Redis takes no such time', () => {
    const file = dumpOf('valkey:9.0', { value: hashOf(2 ** 50) });
    const run = commandRun(file, { target: targetNamed('redis:7.4'), onUnsupported: 'drop' });
    expect([run.bytes.length, run.losses.map(({ what, policy }) => `${what} ${policy}`)]).toEqual([
      0,
      ['field-expiry drop'],
    ]);
  });
});
