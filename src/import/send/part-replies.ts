/** Replies to the units of a batch, one after the other, and what each unit came to. */
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import type { UnitBatch } from '../units/unit-batch.js';

/** What a unit came to. */
export const OUTCOME = {
  /** Not all of its replies are there. */
  OPEN: 0,
  DONE: 1,
  /** The target has such a key. */
  EXISTS: 2,
  /** A reply was an error. */
  ERROR: 3,
} as const;

export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

export class PartReplies {
  /** By place in the part. */
  readonly outcomes: Outcome[] = [];
  /** Texts of the first error of each unit that has one, by place in the part. */
  readonly errors = new Map<number, string>();
  /** The reply to WAIT, if one was sent and answered. */
  waited: number | undefined;
  private place = -1;
  private left = 0;

  constructor(
    private readonly batch: UnitBatch,
    /** Units of the batch that were sent; undefined: all. */
    private readonly units: readonly number[] | undefined,
  ) {}

  readonly take = (reply: Reply): void => {
    const { batch, units } = this;
    if (this.left === 0) {
      const place = ++this.place;
      if (place === (units?.length ?? batch.count)) {
        this.waited = typeof reply === 'number' ? reply : 0;
        return;
      }
      this.left = batch.requests[units === undefined ? place : units[place]!]!;
    }
    if (reply instanceof ErrorReply && !this.errors.has(this.place)) this.errors.set(this.place, reply.text);
    if (--this.left > 0) return;
    const isRefused = (reply === 0 || reply === null) && !batch.isOpen;
    this.outcomes[this.place] = this.errors.has(this.place) ? OUTCOME.ERROR : isRefused ? OUTCOME.EXISTS : OUTCOME.DONE;
  };
}
