/** The two values of a key that changed, to be read as often as it takes. */
import type { LargeRequest } from '../../rdb/large-value.js';
import type { ValueType } from '../../rdb/model.js';
import type { DiffSide } from './difference.js';
import type { ValuePlace, ValueReader } from './value-at.js';
import type { DigestOptions } from './value-digest.js';

export interface PairOptions extends DigestOptions {
  /** Bytes of parts that are held at once. */
  readonly maxPartBytes: number;
}

export class ValuePair {
  constructor(
    readonly type: ValueType,
    private readonly key: Uint8Array,
    private readonly places: Readonly<Record<DiffSide, ValuePlace>>,
    private readonly readers: Readonly<Record<DiffSide, ValueReader>>,
    readonly options: PairOptions,
    /** Hears whose turn it is. */
    private readonly onSide: (side: DiffSide) => void,
  ) {}

  *read(side: DiffSide, sink: LargeRequest['sink']): Generator<undefined, void, void> {
    const reading = this.readers[side].read(this.places[side], this.key, sink);
    for (;;) {
      this.onSide(side);
      if (reading.next().done) return;
      yield;
    }
  }
}
