/** Reads single values by their offset, from an input with random access. */
import type { ByteSource } from '../../bytes/source.js';
import { WINDOW_BYTES, Window } from '../../bytes/window.js';
import { type DecodeContext, ValueCursor } from '../../rdb/cursor.js';
import { type LargeRequest, LargeValue } from '../../rdb/large-value.js';
import { type TypeTable, typeTable } from '../../rdb/types/index.js';

/** The first read of a value: most are smaller. */
const FIRST_READ_BYTES = 4096;

/** A value in a file. */
export interface ValuePlace {
  readonly db: number;
  readonly rdbType: number;
  /** File offset of the value. */
  readonly valueOffset: number;
}

export class ValueReader {
  private readonly window = new Window();
  private readonly cursor: ValueCursor;
  private readonly types: TypeTable;

  /** `context` is that of the driver that found the values. */
  constructor(
    private readonly source: ByteSource,
    context: DecodeContext,
  ) {
    // Whoever scanned the file has heard the warnings.
    this.cursor = new ValueCursor({ ...context, warn: () => undefined });
    this.types = typeTable(this.cursor.context);
    this.window.totalBytes = source.sizeBytes;
  }

  /** Sends the elements of a value to `sink`, and yields now and then. Throws what reading a value throws. */
  *read(place: ValuePlace, key: Uint8Array, sink: LargeRequest['sink']): Generator<undefined, void, void> {
    const { window, cursor } = this;
    window.base = place.valueOffset;
    window.pos = 0;
    window.end = 0;
    window.ended = false;
    const codec = this.types[place.rdbType]!;
    const consume = (to: number): void => {
      window.pos = to;
    };
    const value = new LargeValue(codec, window, cursor, { level: 'element', sink }, consume, place.db, key);
    for (let size = FIRST_READ_BYTES; ; size = Math.min(size * 4, WINDOW_BYTES)) {
      if (!value.ready) window.expect(value.wanted, 'a value');
      while (!value.ready) this.fill(value.wanted, size);
      if (value.step()) break;
      yield;
    }
    value.release();
    window.shrink();
  }

  private fill(wanted: number, size: number): void {
    const { window } = this;
    const room = window.room(wanted);
    const count = this.source.readAt!(
      window.base + window.end,
      window.bytes,
      window.end,
      Math.min(room, Math.max(size, wanted - window.available)),
    );
    if (count === 0) window.ended = true;
    else window.filled(count);
  }
}
