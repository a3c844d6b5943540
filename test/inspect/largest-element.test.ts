/** The largest element beside the memory of a key, against all elements; whole values and streamed ones. */
import { describe, expect, it } from 'vitest';
import { Window } from '../../src/bytes/window.js';
import { FactHandler } from '../../src/inspect/facts/fact-handler.js';
import type { KeyFacts } from '../../src/inspect/facts/key-facts.js';
import { LargestElementMeasure } from '../../src/inspect/facts/largest-element-measure.js';
import type { ValueMeasure } from '../../src/inspect/facts/value-measure.js';
import { WithLargestElement } from '../../src/inspect/facts/with-largest-element.js';
import { MemoryModel } from '../../src/inspect/memory/memory-model.js';
import { drive } from '../../src/rdb/drive.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const memoryWithLargest = (): ValueMeasure => new WithLargestElement(new MemoryModel({ largestElement: true }));

/** What `fact` says of every key; with a small `largeValueBytes` all values are streamed. */
async function factsOf<T>(
  file: Uint8Array,
  measure: ValueMeasure,
  fact: (facts: KeyFacts) => T,
  largeValueBytes?: number,
): Promise<T[]> {
  const found: T[] = [];
  const collector = { record: () => undefined, key: (facts: KeyFacts) => void found.push(fact(facts)) };
  const handler = new FactHandler(undefined, measure, collector, () => undefined);
  const limits = largeValueBytes === undefined ? {} : { limits: { largeValueBytes } };
  handler.driver = new RdbDriver(new Window(), handler, limits);
  await drive(await openRdbSource(file), handler.driver);
  return found;
}

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);

  it('is the same beside memory, whole and streamed', async () => {
    const largest = ({ elements, largestElementBytes }: KeyFacts): number[] => [elements, largestElementBytes];
    const wanted = await factsOf(file, new LargestElementMeasure(), largest);
    expect(await factsOf(file, memoryWithLargest(), largest)).toEqual(wanted);
    expect(await factsOf(file, memoryWithLargest(), largest, 1)).toEqual(wanted);
  });

  it('leaves memory as it is', async () => {
    const memory = ({ memoryBytes, memoryEncoding }: KeyFacts): unknown[] => [memoryBytes, memoryEncoding];
    expect(await factsOf(file, memoryWithLargest(), memory)).toEqual(await factsOf(file, new MemoryModel(), memory));
  });
});
