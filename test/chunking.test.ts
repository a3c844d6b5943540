/** The same events, however the bytes arrive. */
import { describe, expect, it } from 'vitest';
import type { Limits } from '../src/bytes/limits.js';
import { RdbDecoder } from '../src/rdb/decoder.js';
import { EventLog } from './support/events.js';
import { listFixtures, readFixture } from './support/fixtures.js';
import { randomSizes } from './support/random.js';

const SEED = 20261125;

/** The files that are slow byte by byte are cut into whole chunks only: their types are in smaller ones as well. */
const MAX_BYTEWISE = 64 * 1024;

function eventsOf(file: Uint8Array, size: () => number, limits: Partial<Limits> = {}): string[] {
  const log = new EventLog();
  const decoder = new RdbDecoder(log, { limits });
  for (let pos = 0; pos < file.length; ) {
    const end = Math.min(file.length, pos + size());
    // A chunk of its own memory, overwritten after the call: nothing may point into it.
    const chunk = file.slice(pos, end);
    decoder.write(chunk);
    chunk.fill(0xee);
    pos = end;
  }
  decoder.end();
  return log.events;
}

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);
  const whole = eventsOf(file, () => file.length);

  it.each([1, 2, 3, 7])('gives the same events in chunks of %i', (size) => {
    const part = file.length > MAX_BYTEWISE ? size * 61 : size;
    expect(eventsOf(file, () => part)).toEqual(whole);
  });

  it.each([64, 4096])('gives the same events in chunks of %i', (size) => {
    expect(eventsOf(file, () => size)).toEqual(whole);
  });

  it(`gives the same events in chunks of random size (seed ${SEED})`, () => {
    expect(eventsOf(file, randomSizes(SEED, 5000))).toEqual(whole);
  });

  it('gives the same events when every value is large', () => {
    const streamed = eventsOf(file, randomSizes(SEED, 300), { largeValueBytes: 1 });
    const withoutSizes = (events: readonly string[]): string[] =>
      events.map((event) => event.replace(/"valueBytes":\d+,?/, ''));
    expect(withoutSizes(streamed)).toEqual(withoutSizes(whole));
  });
});
