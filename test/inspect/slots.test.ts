/** Keys by slot, node and hash tag, against slots computed one by one. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { skewOf } from '../../src/inspect/slots/skew.js';
import { SlotCollector, type SlotOptions, type SlotReport } from '../../src/inspect/slots/slot-collector.js';
import { keySlot } from '../../src/rdb/key-slot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, listFixtures } from '../support/fixtures.js';

async function slotsOf(files: readonly (Uint8Array | string)[], options: SlotOptions = {}): Promise<SlotReport> {
  const collector = new SlotCollector(options);
  for (const file of files) await collectFacts(file, collector);
  return collector.report();
}

function dumpOf(names: readonly string[]): Uint8Array {
  const records = names.map((name) => keyRecord(0, new TextEncoder().encode(name), str('value')));
  return rdbFile('REDIS0011', records);
}

const NODES = [
  { name: 'a', ranges: [{ start: 0, end: 8000 }] },
  {
    name: 'b',
    ranges: [
      { start: 8001, end: 12_000 },
      { start: 16_000, end: 16_383 },
    ],
  },
];

describe.each(listFixtures())('$name', ({ path }) => {
  it('has every key in its slot and on its node', async () => {
    const keys = [...readRdbSync(path)].filter((entry) => entry.kind === 'key');
    const bySlot = new Map<number, { keys: number; bytes: number }>();
    for (const { key, valueBytes = 0 } of keys) {
      const slot = keySlot(key, 0, key.length);
      const count = bySlot.get(slot) ?? { keys: 0, bytes: 0 };
      bySlot.set(slot, { keys: count.keys + 1, bytes: count.bytes + valueBytes });
    }
    const report = await slotsOf([path], { nodes: NODES });
    expect(report.slots.map(({ slot, keys: count, bytes }) => [slot, { keys: count, bytes }])).toEqual(
      [...bySlot].sort(([a], [b]) => a - b),
    );
    expect(report.keys).toBe(keys.length);
    const within = (start: number, end: number): number =>
      [...bySlot].reduce((sum, [slot, count]) => sum + (slot >= start && slot <= end ? count.keys : 0), 0);
    expect(report.nodes.map(({ name, slots, keys: count }) => [name, slots, count])).toEqual([
      ['a', 8001, within(0, 8000)],
      ['b', 4384, within(8001, 12_000) + within(16_000, 16_383)],
    ]);
    expect(report.unassigned?.keys ?? 0).toBe(within(12_001, 15_999));
    expect(report.keysBeyondDb0).toBe(keys.filter(({ db }) => db !== 0).length);
  });
});

it('agrees with the slots that a cluster wrote into its dump', async () => {
  const path = fixturePath('redis-8.6/cluster');
  const told = [...readRdbSync(path)].filter((entry) => entry.kind === 'slot-info');
  const { slots } = await slotsOf([path]);
  expect(slots.map(({ slot, keys }) => [slot, keys])).toEqual(
    told.map(({ slot, keys }) => [slot, keys]).sort(([a], [b]) => a! - b!),
  );
});

describe('hash tags', () => {
  it('are counted, the largest first; those of one key are left out', async () => {
    const names = ['{a}1', '{a}2', 'x{a}3{b}', '{b}1', '{b}2', '{c}', '{}x', 'no', '{open', '{{d}1', '{{d}2'];
    const report = await slotsOf([dumpOf(names)]);
    const slotOf = (text: string): number => keySlot(new TextEncoder().encode(text), 0, text.length);
    expect(report.tags.map(({ tag, keys, bytes, slot }) => [Buffer.from(tag).toString(), keys, bytes, slot])).toEqual([
      ['a', 3, 18, slotOf('{a}')],
      ['b', 2, 12, slotOf('{b}')],
      ['{d', 2, 12, slotOf('{{d}')],
    ]);
    expect(report.taggedKeys).toBe(8);
  });

  it('stay in bounds where there are many, and say what they miss', async () => {
    const names = Array.from({ length: 60_000 }, (_, index) => (index % 3 ? `{t${index}}` : '{hot}') + index);
    const { tags } = await slotsOf([dumpOf(names)], { maxTags: 1 });
    expect(Buffer.from(tags[0]!.tag).toString()).toBe('hot');
    expect(tags[0]!.keys).toBeLessThanOrEqual(20_000);
    expect(tags[0]!.keys + tags[0]!.missedKeys).toBeGreaterThanOrEqual(20_000);
    expect(tags[0]!.missedKeys).toBeGreaterThan(0);
  });
});

it.each<[string, number[], number, number]>([
  ['equal parts', [5, 5, 5, 5], 1, 0],
  ['one part with everything', [0, 0, 0, 8], 4, 0.75],
  ['something between', [1, 2, 3, 4], 1.6, 0.25],
  ['nothing', [0, 0], 0, 0],
])('skew of %s', (_, parts, maxOverMean, gini) => {
  const skew = skewOf(parts);
  expect(skew.maxOverMean).toBeCloseTo(maxOverMean, 12);
  expect(skew.gini).toBeCloseTo(gini, 12);
});

it('refuses two owners of one slot', () => {
  const nodes = [...NODES, { name: 'c', ranges: [{ start: 8000, end: 8000 }] }];
  expect(() => new SlotCollector({ nodes })).toThrow('slot 8000 belongs to a and to c');
});
