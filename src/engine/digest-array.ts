/** Digest of a sparse array (Redis 8.8): every slot from 0 to the last that is used goes in, the empty ones as `(null)`. */
import type { Int64 } from '../bytes/int64.js';
import { hashOf, mixHash, mixIn } from './digest-words.js';

const EMPTY_SLOT = hashOf('(null)');

/** Of one run, all arrays together: some ten seconds. A few bytes of a dump may stand for 2^63 empty slots. */
const MAX_EMPTY_SLOTS = 2 ** 26;

export class ArraySlots {
  /** Set where an array has more empty slots than anybody would go through. */
  unknown: string | undefined;
  private next = 0;
  private emptySlotsLeft = MAX_EMPTY_SLOTS;

  /** What goes in goes into the state at the beginning of `words`. */
  constructor(private readonly words: Int32Array) {}

  begin(): void {
    this.unknown = undefined;
    this.next = 0;
  }

  /** Indexes ascend. */
  element(index: Int64, bytes: Uint8Array, start: number, end: number): void {
    const { words } = this;
    if (this.unknown !== undefined) return;
    const gap = index.hi >= 0 && index.isSafe() ? index.toNumber() - this.next : Infinity;
    if (gap < 0 || gap > this.emptySlotsLeft) {
      this.unknown = gap < 0 ? 'arrays that are out of order' : 'arrays that are mostly empty';
      return;
    }
    this.emptySlotsLeft -= gap;
    for (let left = gap; left > 0; left--) mixHash(words, 0, EMPTY_SLOT, 0);
    mixIn(words, 0, bytes, start, end);
    this.next += gap + 1;
  }
}
