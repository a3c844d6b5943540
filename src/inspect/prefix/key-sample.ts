/** The first keys of a data set, held until it is known where to cut them. */
import type { KeyFacts } from '../facts/key-facts.js';
import { addFacts, COUNTS } from './prefix-counts.js';

const MAX_KEYS = 1 << 12;
const MAX_BYTES = 1 << 20;

export class KeySample {
  count = 0;
  /** The keys, one after the other. */
  readonly bytes = new Uint8Array(MAX_BYTES);
  /** What there is to count of each key, {@link COUNTS} numbers. */
  readonly counts = new Float64Array(MAX_KEYS * COUNTS);
  private readonly ends = new Int32Array(MAX_KEYS);

  /** False where there is no more room. */
  add(facts: KeyFacts): boolean {
    const { bytes, start, end } = facts.key;
    const at = this.endOf(this.count - 1);
    if (this.count === MAX_KEYS || end - start > MAX_BYTES - at) return false;
    this.bytes.set(bytes.subarray(start, end), at);
    addFacts(this.counts, this.count * COUNTS, facts);
    this.ends[this.count++] = at + end - start;
    return true;
  }

  startOf(index: number): number {
    return this.endOf(index - 1);
  }

  endOf(index: number): number {
    return index < 0 ? 0 : this.ends[index]!;
  }
}
