/** Vector sets in the layout of Redis 8.0: the same vectors and links, without what 8.6 adds. */
import { describe, expect, it } from 'vitest';
import { withPlainNodes } from '../../src/convert/adapt-vector-set.js';
import type { ModuleItem, ModuleValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { decodeVectorSet } from '../../src/rdb/vectorset.js';
import { convert, keysOf } from '../support/converting.js';
import { readFixture } from '../support/fixtures.js';

const file = readFixture('redis-8.6/vset');
const sets = keysOf([...readRdbSync(file)]).flatMap(({ value }) => (value.type === 'module' ? [value] : []));

function uints(...values: (number | bigint)[]): ModuleItem[] {
  return values.map((value) => ({ kind: 'uint', value: BigInt(value) }));
}

function text(size: number): ModuleItem {
  return { kind: 'string', value: new Uint8Array(size) };
}

function vectorSet(...items: ModuleItem[]): ModuleValue {
  return { type: 'module', encoding: 'module', module: 'vectorset', version: 0, items };
}

const VERSION_1 = 1 << 24;
/** dim 1, one node, config, no flags, element, vector */
const HEAD = [...uints(1, 1, 0, 0), text(1), text(4)];

it('keeps elements and vectors of every set of a server', () => {
  expect(sets.length).toBeGreaterThan(3);
  for (const value of sets) {
    const plain = withPlainNodes(value)!;
    expect(plain).not.toBe(value);
    expect(decodeVectorSet(plain.items)).toEqual(decodeVectorSet(value.items));
    expect(withPlainNodes(plain)).toBe(plain);
  }
});

it('takes the version and the worst links away', () => {
  const layers = { before: [2, 32, 8, 9, 77, 0, 16, 78], after: [2, 32, 8, 9, 0, 16] };
  const before = vectorSet(...HEAD, ...uints(11, 5, VERSION_1 + 1, ...layers.before, 99));
  const after = vectorSet(...HEAD, ...uints(9, 5, 1, ...layers.after, 99));
  expect(withPlainNodes(before)).toEqual(after);
});

describe('gives up on', () => {
  it.each<[string, ModuleItem[]]>([
    ['nothing', []],
    ['a node that is missing', uints(1, 1, 0, 0)],
    ['more parameters than there are', [...HEAD, ...uints(9, 5, 0, 1)]],
    ['parameters that are texts', [...HEAD, ...uints(3, 5, 0), text(1)]],
    ['too few parameters', [...HEAD, ...uints(2, 5, 0)]],
    ['a version of the future', [...HEAD, ...uints(3, 5, 2 * VERSION_1, 1)]],
    ['layers that do not add up', [...HEAD, ...uints(5, 5, VERSION_1, 0, 16, 1)]],
    ['more links than parameters', [...HEAD, ...uints(6, 5, VERSION_1, 7n << 40n, 16, 1, 1)]],
    ['items behind the last node', [...HEAD, ...uints(3, 5, 0, 1), ...uints(1)]],
  ])('%s', (_, items) => expect(withPlainNodes(vectorSet(...items))).toBeUndefined());
});

it('is done for servers before 8.6 alone', async () => {
  for (const [target, isChanged] of [
    ['redis:8.0', true],
    ['redis:8.4', true],
    ['redis:8.6', false],
    [undefined, false],
  ] as const) {
    const { keys, losses } = await convert(file, { onUnsupported: 'error', ...(target && { target }) });
    const values = keys.flatMap(({ value }) => (value.type === 'module' ? [value] : []));
    expect(losses).toEqual([]);
    expect(values.map(({ decoded }) => decoded)).toEqual(sets.map(({ decoded }) => decoded));
    const isSame = values.every(({ items }, index) => items.length === sets[index]!.items.length);
    expect(isSame).toBe(!isChanged);
  }
});
