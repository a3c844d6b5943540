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
  /** The key is built, under its temporary name. */
  BUILT: 4,
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

  /** How many units the part has. */
  get count(): number {
    return this.units?.length ?? this.batch.count;
  }

  /** The unit at a place. */
  unitAt(place: number): number {
    return this.units === undefined ? place : this.units[place]!;
  }

  /** The reply to the command that gives a key its name. */
  takeName(place: number, reply: Reply): void {
    if (reply instanceof ErrorReply) this.errors.set(place, reply.text);
    this.outcomes[place] = reply instanceof ErrorReply ? OUTCOME.ERROR : reply === 0 ? OUTCOME.EXISTS : OUTCOME.DONE;
  }

  readonly take = (reply: Reply): void => {
    const { batch } = this;
    if (this.left === 0) {
      const place = ++this.place;
      if (place === this.count) {
        this.waited = typeof reply === 'number' ? reply : 0;
        return;
      }
      this.left = batch.requests[this.unitAt(place)]!;
    }
    if (reply instanceof ErrorReply && !this.errors.has(this.place)) this.errors.set(this.place, reply.text);
    if (--this.left > 0) return;
    this.outcomes[this.place] = this.outcomeOf(reply);
  };

  /** Of the unit whose last reply this is. */
  private outcomeOf(reply: Reply): Outcome {
    const { batch, place } = this;
    if (this.errors.has(place)) return OUTCOME.ERROR;
    if (batch.moved[this.unitAt(place)] === 1) return OUTCOME.BUILT;
    return (reply === 0 || reply === null) && !batch.isOpen ? OUTCOME.EXISTS : OUTCOME.DONE;
  }
}
