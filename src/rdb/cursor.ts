/**
 * The cursor that value readers move: one position in the window, and the slots that a unit of reading fills.
 *
 * A *unit* is one indivisible thing: a length, a string, a field with its value. A unit either reads all of its bytes and
 * reports it, or leaves the position where it was and answers "short"; the reader then yields, the driver refills the
 * window and the unit is tried again. So one generator per value keeps its state in its locals, and nothing is thrown,
 * allocated or awaited per element.
 */
import { FormatError, LimitError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import type { Limits } from '../bytes/limits.js';
import { Slice } from '../bytes/slice.js';
import { decodeDoubleLe, decodeTextDouble, skipTextDouble } from '../codecs/double.js';
import { decodeLength, decodeLength64, skipLength } from '../codecs/length.js';
import type { StreamIdSlot } from '../codecs/stream-id.js';
import { readString, skipString } from '../codecs/string.js';
import type { Dialect } from './constants.js';
import type { WarningCode } from './model.js';
import type { Level } from './visitor.js';

/** What a reader must know beside the bytes. */
export interface DecodeContext {
  dialect: Dialect;
  version: number;
  readonly limits: Limits;
  /** Hold packed structures and streams against every rule of the format, not only against their bounds. */
  readonly deep: boolean;
  /** Field names of the template hashes met so far, by id. */
  readonly templates: Map<number, readonly Uint8Array[]>;
  /** `pos` is a position in the window. */
  warn(code: WarningCode, message: string, pos: number): void;
}

export class ValueCursor {
  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  end = 0;
  /** After "short": the least position that must be there before the unit is tried again. */
  wanted = 0;
  /** What the visitor asked for; `skip` and `raw` read bounds only and leave the slices alone. */
  level: Level = 'element';
  /** Result of {@link double} and {@link scoreText}. */
  number = 0;
  /** Bytes that the value in hand makes us keep, against `maxBlobBytes`. */
  private held = 0;

  readonly a = new Slice();
  readonly b = new Slice();
  /** The packed structure whose elements are walked. */
  readonly packed = new Slice();
  readonly x = new Int64();
  readonly y = new Int64();

  constructor(readonly context: DecodeContext) {}

  /** Points the cursor at a value. */
  start(bytes: Uint8Array, pos: number, end: number, level: Level): void {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
    this.level = level;
    this.held = 0;
  }

  /** True where elements are to be decoded, false where only bounds matter. */
  get decoding(): boolean {
    return this.level === 'element' || this.level === 'blob';
  }

  /** A count or size; −1 when short. */
  length(): number {
    const next = skipLength(this.bytes, this.pos, this.end);
    if (next > this.end) {
      this.wanted = next;
      return -1;
    }
    const value = decodeLength(this.bytes, this.pos);
    this.pos = next;
    return value;
  }

  /** A length whose 64 bits are data: an id or a counter. */
  length64(out: Int64): boolean {
    const next = skipLength(this.bytes, this.pos, this.end);
    if (next > this.end) return this.short(next);
    decodeLength64(this.bytes, this.pos, out);
    this.pos = next;
    return true;
  }

  string(slice: Slice): boolean {
    const next =
      this.level === 'skip' || this.level === 'raw'
        ? skipString(this.bytes, this.pos, this.end)
        : readString(this.bytes, this.pos, this.end, slice, this.context.limits.maxBlobBytes);
    if (next > this.end) return this.short(next);
    this.pos = next;
    return true;
  }

  /** Two strings as one unit. */
  pair(first: Slice, second: Slice): boolean {
    const mark = this.pos;
    if (this.string(first) && this.string(second)) return true;
    this.pos = mark;
    return false;
  }

  /** Eight bytes, little endian. */
  int64(out: Int64): boolean {
    if (this.pos + 8 > this.end) return this.short(this.pos + 8);
    out.setLe(this.bytes, this.pos);
    this.pos += 8;
    return true;
  }

  /** A binary double into `number`. */
  double(): boolean {
    if (this.pos + 8 > this.end) return this.short(this.pos + 8);
    this.number = decodeDoubleLe(this.bytes, this.pos);
    this.pos += 8;
    return true;
  }

  /** A text double (type 3) into `number`. */
  textDouble(): boolean {
    const next = skipTextDouble(this.bytes, this.pos, this.end);
    if (next > this.end) return this.short(next);
    this.number = decodeTextDouble(this.bytes, this.pos);
    this.pos = next;
    return true;
  }

  /** A raw stream id: 16 bytes. */
  rawStreamId(out: StreamIdSlot): boolean {
    if (this.pos + 16 > this.end) return this.short(this.pos + 16);
    out.setRaw(this.bytes, this.pos);
    this.pos += 16;
    return true;
  }

  /** `size` bytes of any meaning. */
  skip(size: number): boolean {
    if (this.pos + size > this.end) return this.short(this.pos + size);
    this.pos += size;
    return true;
  }

  /** Several reads as one unit: all of them, or the position as it was. */
  attempt(read: () => boolean): boolean {
    const mark = this.pos;
    if (read()) return true;
    this.pos = mark;
    return false;
  }

  /** Counts `bytes` that the value in hand keeps in memory. */
  hold(bytes: number): void {
    this.held += bytes;
    const limit = this.context.limits.maxBlobBytes;
    if (this.held > limit) {
      throw new LimitError(
        'LIMIT_MEMORY',
        `this value would hold more than maxBlobBytes, ${limit}, in memory`,
        this.pos,
      );
    }
  }

  /** Places an error that was thrown with a position inside `slice`. */
  locate(error: unknown, slice: Slice): unknown {
    if (error instanceof FormatError && slice.bytes !== this.bytes) error.inside(slice.origin);
    return error;
  }

  fail(code: ConstructorParameters<typeof FormatError>[0], message: string, pos = this.pos): never {
    throw new FormatError(code, message, pos);
  }

  private short(wanted: number): false {
    this.wanted = wanted;
    return false;
  }
}
