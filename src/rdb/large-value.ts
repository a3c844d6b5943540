/**
 * A value too large to wait for: it is decoded as it arrives, one step at a time, or passed over without being held.
 *
 * The cursor sees the window in steps. A unit that does not fit in a step is "short" like any other, so the reader yields
 * between two units; there the handler may flush what it has, and the driver may refill.
 */
import { TruncatedError } from '../bytes/errors.js';
import { Slice } from '../bytes/slice.js';
import type { Window } from '../bytes/window.js';
import { skipString, skipStringHead } from '../codecs/string.js';
import type { ValueCursor } from './cursor.js';
import { locate } from './locate.js';
import type { TypeCodec, ValueReading, ValueSink } from './types/type-codec.js';
import type { Level } from './visitor.js';

/** Where to send a large value, and at which level. */
export interface LargeRequest {
  readonly level: Level;
  readonly sink: ValueSink & { raw(chunk: Slice): void };
}

/** Bytes that are decoded between two pauses. */
const STEP_BYTES = 256 * 1024;

export class LargeValue {
  /** File offset of the value. */
  readonly offset: number;
  /** Bytes that must be in the window, from its position on, before {@link step} can go on. */
  wanted = 1;
  /** Undefined where the value is one string, wanted at level `skip` or `raw`: it is passed over unseen. */
  private readonly reading: ValueReading | undefined;
  /** Bytes still to be passed over; −1 until the head of the string has said how many. */
  private left = -1;
  private readonly chunk = new Slice();

  /** The window stands at the value. `consume` moves it on. */
  constructor(
    codec: TypeCodec,
    private readonly window: Window,
    private readonly cursor: ValueCursor,
    private readonly request: LargeRequest,
    private readonly consume: (to: number) => void,
    private readonly db: number,
    private readonly key: Uint8Array,
  ) {
    this.offset = window.offset;
    cursor.start(window.bytes, window.pos, window.pos, request.level);
    const passedOver = codec.oneString && (request.level === 'skip' || request.level === 'raw');
    if (!passedOver) this.reading = codec.read(cursor, request.sink);
  }

  /** Decodes some more; true at the end of the value. The window must hold `wanted` bytes. */
  step(): boolean {
    const { window } = this;
    try {
      if (window.ended && window.available < this.wanted)
        throw new TruncatedError('the input ends inside a value', window.pos);
      return this.reading === undefined ? this.passOver() : this.decode(this.reading);
    } catch (error) {
      throw locate(error, window.base, this.db, this.key);
    }
  }

  /** True where the bytes that are wanted are there, or can never come. */
  get ready(): boolean {
    const { window, wanted } = this;
    return window.available >= wanted || window.ended;
  }

  /** Gives back scratch memory that only this value needed. */
  release(): void {
    this.cursor.a.release(STEP_BYTES);
    this.cursor.b.release(STEP_BYTES);
    this.cursor.packed.release(STEP_BYTES);
  }

  private passOver(): boolean {
    const { window } = this;
    if (this.left < 0) {
      const head = skipStringHead(window.bytes, window.pos, window.end);
      this.wanted = head - window.pos;
      if (head > window.end) return false;
      this.left = skipString(window.bytes, window.pos, window.end) - window.pos;
      this.wanted = 1;
    }
    const to = Math.min(window.end, window.pos + this.left);
    this.left -= to - window.pos;
    this.sendRaw(to);
    this.consume(to);
    return this.left === 0;
  }

  private decode(reading: ValueReading): boolean {
    const { window, cursor } = this;
    cursor.bytes = window.bytes;
    cursor.pos = window.pos;
    cursor.end = Math.min(window.end, window.pos + Math.max(STEP_BYTES, this.wanted));
    const done = reading.next().done === true;
    this.wanted = done ? 1 : cursor.wanted - cursor.pos;
    this.sendRaw(cursor.pos);
    this.consume(cursor.pos);
    return done;
  }

  private sendRaw(to: number): void {
    if (this.request.level !== 'raw') return;
    this.chunk.set(this.window.bytes, this.window.pos, to);
    this.request.sink.raw(this.chunk);
  }
}
