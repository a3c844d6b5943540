/** Inclusive ranges of whole numbers, as filters use them for sizes, counts and times. */

/** Inclusive on both sides; a side that is left out is open. */
export interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** A checked {@link Range}. */
export class Bounds {
  static readonly ANY = new Bounds({}, '');
  readonly min: number;
  readonly max: number;

  /** `what` names the range in errors. Throws RangeError where a side is NaN or the range is empty. */
  constructor(range: Range, what: string) {
    this.min = range.min ?? -Infinity;
    this.max = range.max ?? Infinity;
    if (!(this.min <= this.max)) throw new RangeError(`${what}: no value lies from ${this.min} to ${this.max}`);
  }

  includes(value: number): boolean {
    return value >= this.min && value <= this.max;
  }

  /** As {@link includes} for a value of which only a part may be known; undefined: what is missing decides. */
  judge(atLeast: number, final: boolean): boolean | undefined {
    if (atLeast > this.max) return false;
    if (final) return atLeast >= this.min;
    return atLeast >= this.min && this.max === Infinity ? true : undefined;
  }
}
