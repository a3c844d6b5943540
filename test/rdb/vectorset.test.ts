/** Vector sets of a real server against what VINFO, VEMB and VGETATTR said of them. */
import { describe, expect, it } from 'vitest';
import type { VectorSet } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { decodeVectorSet } from '../../src/rdb/vectorset.js';
import { listFixtures, readFixture, readTruth, toBase64 } from '../support/fixtures.js';
import { flatReply } from '../support/truth.js';

interface VectorTruth {
  readonly info: readonly unknown[];
  readonly members: readonly (readonly [string, readonly string[], string | null])[];
}

const fixture = listFixtures().find(({ name }) => name === 'redis-8.6/vset')!;
const sets = new Map<string, VectorSet | undefined>();
for (const entry of readRdbSync(readFixture(fixture.name))) {
  if (entry.kind === 'key' && entry.value.type === 'module') sets.set(toBase64(entry.key), entry.value.decoded);
}
const truths = readTruth(fixture).keys.filter(({ type }) => type === 'vectorset');

it('finds the vector sets', () => {
  expect(truths.length).toBeGreaterThan(3);
  expect([...sets.keys()].sort()).toEqual(truths.map(({ key }) => key).sort());
});

describe.each(
  truths.map(({ key, value }) => ({ name: Buffer.from(key, 'base64').toString(), key, value: value as VectorTruth })),
)('$name', ({ key, value }) => {
  const decoded = sets.get(key)!;
  const info = flatReply(value.info);

  it('has the parameters', () => {
    expect(decoded.dim).toBe(info['vector-dim']);
    expect(decoded.quantization).toBe(info['quant-type']);
    expect(decoded.m).toBe(info['hnsw-m']);
    expect(decoded.projectionInputDim ?? 0).toBe(info['projection-input-dim']);
  });

  it('has the elements, their vectors and attributes', () => {
    expect(decoded.elements.map(({ element }) => toBase64(element)).sort()).toEqual(
      value.members.map(([member]) => member).sort(),
    );
    for (const [member, vector, attribute] of value.members) {
      const found = decoded.elements.find(({ element }) => toBase64(element) === member)!;
      expect(found.attribute === undefined ? null : Buffer.from(found.attribute).toString()).toBe(attribute);
      vector.forEach((component, at) => {
        const expected = Number(component);
        expect(
          Math.abs(found.vector[at]! - expected),
          `${member} component ${at}: ${found.vector[at]} for ${component}`,
        ).toBeLessThanOrEqual(Math.abs(expected) * 1e-5 + 1e-6);
      });
    }
  });
});

it('leaves items of another layout alone', () => {
  expect(decodeVectorSet([])).toBeUndefined();
  expect(decodeVectorSet([{ kind: 'sint', value: 1n }])).toBeUndefined();
});
