/** What becomes of a batch: how much of it is still under way, and what the rest came to. */
import { Counts } from '../tally.js';

export class BatchEnd extends Counts {
  /** Parts and units without an end. */
  left = 0;

  constructor(
    /** Units of the import that are done when it is, `[from, to)`. */
    readonly from: number,
    readonly to: number,
  ) {
    super();
  }
}
