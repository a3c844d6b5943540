/** Which type byte a snapshot has for a value: for the engine's own server that of the encoding in which it is held. */
import { describe, expect, it } from 'vitest';
import { snapshot } from '../../src/engine/snapshot.js';
import { SnapshotSource } from '../../src/engine/snapshot-source.js';
import { TYPE } from '../../src/rdb/constants.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

const LONG = 'x'.repeat(65);
const MANY = Array.from({ length: 600 }, (_, at) => String(at));

/** Commands on `k`, and the type bytes of the own dump and of one for redis:6.2, valkey:8.1 and redis:8.6. */
const CASES: readonly [name: string, target: string, commands: (string | number)[][], own: number, other: number[]][] =
  [
    ['a packed zset', 'redis:7.0', [['ZADD', 'k', 1, 'm']], TYPE.ZSET_LISTPACK, [12, 17, 17]],
    [
      'a zset that was large',
      'redis:7.0',
      [
        ['ZADD', 'k', 1, LONG],
        ['ZADD', 'k', '-0', 'm'],
        ['ZREM', 'k', LONG],
      ],
      TYPE.ZSET_2,
      [12, 17, 17],
    ],
    ['a packed hash', 'redis:7.0', [['HSET', 'k', 'f', 'v']], TYPE.HASH_LISTPACK, [13, 16, 16]],
    [
      'a hash that was large',
      'redis:7.0',
      [
        ['HSET', 'k', 'f', LONG],
        ['HSET', 'k', 'f', 'v'],
      ],
      TYPE.HASH,
      [13, 16, 16],
    ],
    ['a set of integers', 'redis:7.2', [['SADD', 'k', 1, 2]], TYPE.SET_INTSET, [11, 11, 11]],
    [
      'a set that was mixed',
      'redis:7.2',
      [
        ['SADD', 'k', 1, 'x'],
        ['SREM', 'k', 'x'],
      ],
      TYPE.SET_LISTPACK,
      [11, 11, 11],
    ],
    [
      'a set that was large',
      'redis:7.2',
      [
        ['SADD', 'k', 1, LONG],
        ['SREM', 'k', LONG],
      ],
      TYPE.SET,
      [11, 11, 11],
    ],
    ['a short list of old', 'redis:3.0', [['RPUSH', 'k', 'x']], TYPE.LIST_ZIPLIST, [14, 18, 18]],
    [
      'a list of old that was long',
      'redis:3.0',
      [
        ['RPUSH', 'k', ...MANY],
        ['LTRIM', 'k', 0, 1],
      ],
      TYPE.LIST,
      [14, 18, 18],
    ],
    ['a list', 'redis:7.2', [['RPUSH', 'k', 'x']], TYPE.LIST_QUICKLIST_2, [14, 18, 18]],
    [
      'a packed hash with a time',
      'redis:8.0',
      [
        ['HSET', 'k', 'f', 'v'],
        ['HPEXPIREAT', 'k', 2_000_000_000, 'FIELDS', 1, 'f'],
      ],
      TYPE.HASH_LISTPACK_EX,
      [-1, -1, 25],
    ],
    [
      'a packed hash that had a time',
      'redis:8.0',
      [
        ['HSET', 'k', 'f', 'v'],
        ['HPEXPIREAT', 'k', 2_000_000_000, 'FIELDS', 1, 'f'],
        ['HPERSIST', 'k', 'FIELDS', 1, 'f'],
      ],
      TYPE.HASH_LISTPACK_EX,
      [13, 16, 16],
    ],
    [
      'a table that had a time',
      'valkey:9.1',
      [
        ['HSET', 'k', 'f', 'v'],
        ['HPEXPIREAT', 'k', 2_000_000_000, 'FIELDS', 1, 'f'],
        ['HPERSIST', 'k', 'FIELDS', 1, 'f'],
      ],
      TYPE.HASH,
      [13, 16, 16],
    ],
    ['a string', 'redis:7.0', [['SET', 'k', 1]], TYPE.STRING, [0, 0, 0]],
  ];

describe('the type byte', () => {
  it.each(CASES)('of %s on %s', (_name, target, commands, own, other) => {
    const test = testEngine({ target });
    for (const command of commands) expect(String(test.run(...command))).not.toMatch(/^-/);
    expect(typeIn(test)).toBe(own);
    expect(['redis:6.2', 'valkey:8.1', 'redis:8.6'].map((name) => typeIn(test, name))).toEqual(other);
    const [key] = keysOf(readRdbSync(written(new SnapshotSource(test.engine))));
    expect(key!.rdbType).toBe(own);
  });

  it('keeps the sign of a zero', () => {
    const test = testEngine({ target: 'redis:7.0' });
    for (const command of CASES[1]![2]) test.run(...command);
    const [key] = keysOf(readRdbSync(written(new SnapshotSource(test.engine))));
    expect(key!.value).toMatchObject({ members: [{ score: -0 }] });
  });

  it('of a field that expired at 0 is that of a table: packed, 0 is none', () => {
    const test = testEngine({ target: 'redis:8.0' });
    test.engine.isLoading = true;
    test.run('HSET', 'k', 'f', 'v');
    test.run('HPEXPIREAT', 'k', 0, 'FIELDS', 1, 'f');
    expect([test.run('OBJECT', 'ENCODING', 'k'), typeIn(test)]).toEqual(['listpackex', TYPE.HASH_METADATA]);
  });
});

/** −1 where the target has no such values. */
function typeIn({ engine }: TestEngine, target?: string): number {
  try {
    const [key] = keysOf([...snapshot(engine, { target: target === undefined ? undefined : findTarget(target)! })]);
    return key!.rdbType;
  } catch {
    return -1;
  }
}

function keysOf(entries: Iterable<{ readonly kind: string }>): KeyEntry[] {
  return [...entries].filter((entry): entry is KeyEntry => entry.kind === 'key');
}

function written(source: SnapshotSource): Uint8Array {
  const bytes = new Uint8Array(1 << 16);
  return bytes.slice(0, source.read(bytes, 0, bytes.length));
}
