/**
 * Where an import is, written ahead: before a batch is sent, the units in it are on disk as in flight. What was in flight
 * when an import ended belongs to it: the next one takes it away and sends it again, whatever else is asked of keys that
 * exist, except those that the target had before.
 */
import { fromByteString, toByteString } from '../../bytes/byte-string.js';
import type { CheckpointPlace, ImportCounts } from '../model.js';
import { IntervalSet } from './interval-set.js';
import { type ImportState, readState, writeState } from './state-file.js';

export interface CheckpointFacts {
  readonly fingerprint: string;
  readonly settings: string;
  readonly nowMs: number;
  readonly skipExpiredBeforeMs: number | undefined;
}

export class Checkpoint {
  private readonly done: IntervalSet;
  private readonly inFlight: IntervalSet;
  /** `db:key`, with the number of the unit. */
  private readonly existing: Map<string, number>;
  private counts: ImportCounts | undefined;

  private constructor(
    private readonly place: CheckpointPlace,
    readonly state: ImportState,
    /** An import has been here before. */
    readonly isResumed: boolean,
  ) {
    this.done = new IntervalSet(state.done);
    this.inFlight = new IntervalSet(state.inFlight);
    this.existing = new Map(state.existing.map(({ db, key, unit }) => [keyOf(db, Buffer.from(key, 'base64')), unit]));
    this.counts = state.counts;
  }

  /** Reads what is there, or begins. Throws CheckpointError where it is the state of something else. */
  static open(place: CheckpointPlace, facts: CheckpointFacts, id: string): Checkpoint {
    const known = readState(place, facts);
    const fresh: ImportState = {
      id,
      ...facts,
      done: [],
      inFlight: [],
      existing: [],
      counts: undefined,
      isFinished: false,
    };
    return new Checkpoint(place, known ?? fresh, known !== undefined);
  }

  /** What has been done with a unit. */
  progressOf(unit: number): 'none' | 'done' | 'inFlight' {
    if (this.done.has(unit)) return 'done';
    return this.inFlight.has(unit) ? 'inFlight' : 'none';
  }

  /** The target had this key before it was sent. */
  hadBefore(db: number, key: Uint8Array): boolean {
    return this.existing.has(keyOf(db, key));
  }

  /** Before units are sent. `existing`: those whose keys are there. */
  claim(
    from: number,
    to: number,
    db: number,
    existing: readonly { readonly unit: number; readonly key: Uint8Array }[],
  ): void {
    this.inFlight.add(from, to);
    for (const { unit, key } of existing) this.existing.set(keyOf(db, key), unit);
    this.write(false);
  }

  /** Units have arrived, or never will; `counts` is what has become of all that have. */
  finish(from: number, to: number, counts: ImportCounts): void {
    this.inFlight.remove(from, to);
    this.done.add(from, to);
    this.counts = counts;
    for (const [key, unit] of this.existing) if (unit >= from && unit < to) this.existing.delete(key);
  }

  write(isFinished: boolean): void {
    const existing = [...this.existing].map(([text, unit]) => {
      const colon = text.indexOf(':');
      const key = Buffer.from(fromByteString(text.slice(colon + 1))).toString('base64');
      return { db: Number(text.slice(0, colon)), key, unit };
    });
    const { state, counts } = this;
    const { all: done } = this.done;
    writeState(this.place, { ...state, done, inFlight: this.inFlight.all, existing, counts, isFinished });
  }
}

function keyOf(db: number, key: Uint8Array): string {
  return `${db}:${toByteString(key)}`;
}
