/**
 * The output: a growing array of bytes into which JSON is written as bytes, never by way of JavaScript strings.
 *
 * Room is reserved once per piece with the worst case of its size, so that the loops below have nothing to check. Whole
 * lines are handed over when enough of them are there ({@link JsonWriter.endLine}); while a large value is streamed,
 * {@link JsonWriter.reserve} hands over what there is instead of growing.
 */
import { LimitError } from '../../bytes/errors.js';
import { formatInt64, formatUint53, formatUint64, type Int64, MAX_INT64_TEXT } from '../../bytes/int64.js';
import { SLICE_INT, type Slice } from '../../bytes/slice.js';
import { MAX_NUMBER_TEXT } from '../../codecs/double.js';
import { formatStreamId, MAX_STREAM_ID_TEXT, type StreamIdSlot } from '../../codecs/stream-id.js';
import { base64Size, encodeBase64, encodeHex } from './binary-text.js';
import { formatDecimal } from './decimal.js';
import { ESCAPE_SLACK, escapeLatin1, escapeUtf8, MAX_ESCAPE } from './escape.js';
import { type Literal, literal } from './literal.js';
import { isUtf8, utf8Boundary } from './utf8.js';

/**
 * The form of byte strings: keys, elements, fields, and whatever else is bytes in the model.
 *
 * - `auto`: strictly valid UTF-8 as a JSON string, anything else as `{"$b64":"…"}` (base64, padded)
 * - `base64`: always `{"$b64":"…"}`; `hex`: always `{"$hex":"…"}` (lower case). Hashes are then always `{"$pairs":…}`
 * - `latin1`: always a JSON string in which every byte is the character of that number, U+0000 to U+00FF
 */
export type JsonEncoding = 'auto' | 'base64' | 'hex' | 'latin1';

/** Takes `bytes[start, end)`; the bytes are valid during the call only. */
export type WriteBytes = (bytes: Uint8Array, start: number, end: number) => void;

/** Output is handed over in about this much: it still is in the processor's cache then. */
const FLUSH_BYTES = 128 * 1024;
const FIRST_BYTES = 2 * FLUSH_BYTES;
/** Longer byte strings are written in pieces of this size, so that no six times their size is reserved. */
const PIECE_BYTES = 16 * 1024;
/** More than this is given back as soon as it is not needed. */
const KEEP_BYTES = 4 * 1024 * 1024;

const utf8 = new TextEncoder();

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

const BASE64_OPEN = literal('{"$b64":"');
const HEX_OPEN = literal('{"$hex":"');
const WRAPPED_CLOSE = literal('"}');
const NEGATIVE_ZERO = literal('-0');
const INFINITE = literal('"inf"');
const NEGATIVE_INFINITE = literal('"-inf"');
const NOT_A_NUMBER = literal('"nan"');

export class JsonWriter {
  /** Where the next byte goes: a mark for {@link rewind} while nothing is handed over in between. */
  pos = 0;
  /** Inside a large value: its line is handed over in pieces. */
  streaming = false;
  /** Bytes handed over so far. */
  written = 0;
  /** The most bytes of one line that are held. */
  maxLineBytes = Number.MAX_SAFE_INTEGER;
  /** Where the record of this line lies, for the error about that. */
  origin = 0;
  /** Where the output is as a rule; undefined: in an array of its own. */
  private home: Uint8Array | undefined;
  private bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  private view: DataView = new DataView(this.bytes.buffer);
  /** Position after the last whole line. */
  private lineEnd = 0;
  private readonly auto: boolean;
  // The two arrays that strings came from last, the window and some scratch memory as a rule, with their views.
  private source: Uint8Array = this.bytes;
  private sourceView = this.view;
  private otherSource: Uint8Array = this.bytes;
  private otherView = this.view;

  /** Without `write` everything is kept, for {@link append}. */
  constructor(
    readonly encoding: JsonEncoding,
    private readonly write: WriteBytes | undefined,
  ) {
    this.auto = encoding === 'auto';
  }

  /** From now on the output is in `home`, for as long as it fits there. Whole lines that wait are handed over. */
  useHome(home: Uint8Array): void {
    this.flush();
    this.home = home;
    this.setBytes(home);
  }

  isAt(bytes: Uint8Array): boolean {
    return this.bytes === bytes;
  }

  get isEmpty(): boolean {
    return this.pos === 0;
  }

  /** Somebody else has written whole lines up to `pos`. */
  wrote(pos: number): void {
    this.pos = pos;
    this.endPiece();
  }

  /** Makes room for `size` bytes behind `pos`. */
  reserve(size: number): void {
    if (this.pos + size + ESCAPE_SLACK > this.bytes.length) this.makeRoom(size + ESCAPE_SLACK);
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.pos++] = byte;
  }

  /** A comma in front of all but the first of a sequence. */
  comma(index: number): void {
    if (index > 0) this.byte(COMMA);
  }

  literal({ words, size }: Literal): void {
    this.reserve(size);
    const { view, pos } = this;
    for (let index = 0; index < words.length; index++) view.setInt32(pos + 4 * index, words[index]!, true);
    this.pos = pos + size;
  }

  /** ASCII that needs no escape. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let index = 0; index < text.length; index++) this.bytes[this.pos++] = text.charCodeAt(index);
  }

  /** A JavaScript string, as JSON.stringify writes it. */
  text(text: string): void {
    const bytes = utf8.encode(JSON.stringify(text));
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** A byte string in the form that {@link JsonEncoding} says. */
  string(bytes: Uint8Array, start: number, end: number): void {
    if (this.auto) {
      if (!this.plain(bytes, start, end)) this.base64(bytes, start, end);
    } else if (this.encoding === 'base64') this.base64(bytes, start, end);
    else if (this.encoding === 'hex') this.hex(bytes, start, end);
    else this.latin1(bytes, start, end);
  }

  /** As {@link string}. */
  slice(slice: Slice): void {
    if (slice.form === SLICE_INT && this.auto) this.digits(slice.bytes, slice.start, slice.end);
    else this.string(slice.bytes, slice.start, slice.end);
  }

  /** A byte string as the name of an object's member; false, with nothing written, where it cannot be one. */
  name(slice: Slice): boolean {
    const { bytes, start, end } = slice;
    if (this.auto) {
      if (slice.form !== SLICE_INT) return this.plain(bytes, start, end);
      this.digits(bytes, start, end);
      return true;
    }
    if (this.encoding !== 'latin1') return false;
    this.latin1(bytes, start, end);
    return true;
  }

  /** A whole number from 0 to 2^53. */
  count(value: number): void {
    this.reserve(MAX_INT64_TEXT);
    this.pos = formatUint53(value, this.bytes, this.pos);
  }

  /** As Number::toString writes it; "inf", "-inf" and "nan" where that is no JSON. */
  number(value: number): void {
    if (!Number.isFinite(value)) {
      this.literal(Number.isNaN(value) ? NOT_A_NUMBER : value > 0 ? INFINITE : NEGATIVE_INFINITE);
      return;
    }
    this.reserve(MAX_NUMBER_TEXT);
    this.pos = formatDecimal(value, this.bytes, this.pos);
  }

  /** As {@link number}, but −0 is `-0`. */
  score(value: number): void {
    if (Object.is(value, -0)) this.literal(NEGATIVE_ZERO);
    else this.number(value);
  }

  /** A time in Unix ms, digit by digit: exact even where a reader of JSON would round it, and a number everywhere. */
  time({ hi, lo }: Int64): void {
    this.reserve(MAX_INT64_TEXT);
    this.pos = formatInt64(hi, lo, this.bytes, this.pos);
  }

  /** An unsigned number, quoted beyond 2^53. */
  uint64({ hi, lo }: Int64): void {
    const exact = hi >>> 0 < 0x200000 || (hi === 0x200000 && lo === 0);
    this.reserve(MAX_INT64_TEXT + 2);
    const { bytes, pos } = this;
    if (exact) {
      this.pos = formatUint64(hi, lo, bytes, pos);
      return;
    }
    bytes[pos] = QUOTE;
    const next = formatUint64(hi, lo, bytes, pos + 1);
    bytes[next] = QUOTE;
    this.pos = next + 1;
  }

  /** As {@link uint64}, for the few numbers that the model holds as bigints. */
  bigint(value: bigint): void {
    const exact = value >= -(2n ** 53n) && value <= 2n ** 53n;
    this.ascii(exact ? `${value}` : `"${value}"`);
  }

  streamId(id: StreamIdSlot): void {
    this.reserve(MAX_STREAM_ID_TEXT + 2);
    const { bytes, pos } = this;
    bytes[pos] = QUOTE;
    const next = formatStreamId(id, bytes, pos + 1);
    bytes[next] = QUOTE;
    this.pos = next + 1;
  }

  /** Puts `byte` in the place of the one at `pos`, which still is here. */
  replace(pos: number, byte: number): void {
    this.bytes[pos] = byte;
  }

  /** Everything that `other` holds. */
  append(other: JsonWriter): void {
    this.reserve(other.pos);
    this.bytes.set(other.bytes.subarray(0, other.pos), this.pos);
    this.pos += other.pos;
  }

  /** Takes back what was written since `pos` was `mark`. */
  rewind(mark: number): void {
    this.pos = mark;
  }

  /** Ends a line, and hands over the lines that have come together where they are enough. */
  endLine(): void {
    this.byte(NEWLINE);
    this.endPiece();
  }

  /** As {@link endLine} without a line end: what is there need not be taken back any more. */
  endPiece(): void {
    this.lineEnd = this.pos;
    if (this.pos >= FLUSH_BYTES) this.flush();
  }

  /** Hands over the whole lines; what has been begun behind them is dropped. */
  flush(): void {
    this.pos = this.lineEnd;
    this.handOver();
    if (this.bytes.length > KEEP_BYTES) this.setBytes(this.home ?? new Uint8Array(FIRST_BYTES));
    // Views of a window that only a giant needed would keep it alive.
    if (this.source.length > KEEP_BYTES || this.otherSource.length > KEEP_BYTES) {
      this.source = this.otherSource = this.bytes;
      this.sourceView = this.otherView = this.view;
    }
  }

  /** False, with nothing written, where the bytes are not valid UTF-8. */
  private plain(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (size > PIECE_BYTES) return this.plainLong(bytes, start, end);
    this.reserve(size * MAX_ESCAPE + 2);
    const { bytes: out, pos } = this;
    out[pos] = QUOTE;
    const next = escapeUtf8(bytes, this.viewOf(bytes), start, end, out, this.view, pos + 1);
    if (next < 0) return false;
    out[next] = QUOTE;
    this.pos = next + 1;
    return true;
  }

  private plainLong(bytes: Uint8Array, start: number, end: number): boolean {
    if (!isUtf8(bytes, start, end)) return false;
    const view = this.viewOf(bytes);
    this.byte(QUOTE);
    for (let from = start; from < end; ) {
      const to = end - from > PIECE_BYTES ? utf8Boundary(bytes, from + PIECE_BYTES) : end;
      this.reserve((to - from) * MAX_ESCAPE);
      this.pos = escapeUtf8(bytes, view, from, to, this.bytes, this.view, this.pos);
      from = to;
    }
    this.byte(QUOTE);
    return true;
  }

  /** A string of decimal digits and a sign, at most {@link MAX_INT64_TEXT} of them. */
  digits(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(MAX_INT64_TEXT + 2);
    const { bytes: out } = this;
    let at = this.pos;
    out[at++] = QUOTE;
    for (let pos = start; pos < end; pos++) out[at++] = bytes[pos]!;
    out[at++] = QUOTE;
    this.pos = at;
  }

  private base64(bytes: Uint8Array, start: number, end: number): void {
    const piece = PIECE_BYTES - (PIECE_BYTES % 3);
    this.literal(BASE64_OPEN);
    for (let from = start; from < end; from += piece) {
      const to = Math.min(end, from + piece);
      this.reserve(base64Size(to - from));
      this.pos = encodeBase64(bytes, from, to, this.bytes, this.pos);
    }
    this.literal(WRAPPED_CLOSE);
  }

  private hex(bytes: Uint8Array, start: number, end: number): void {
    this.literal(HEX_OPEN);
    for (let from = start; from < end; from += PIECE_BYTES) {
      const to = Math.min(end, from + PIECE_BYTES);
      this.reserve((to - from) * 2);
      this.pos = encodeHex(bytes, from, to, this.bytes, this.pos);
    }
    this.literal(WRAPPED_CLOSE);
  }

  private latin1(bytes: Uint8Array, start: number, end: number): void {
    this.byte(QUOTE);
    for (let from = start; from < end; from += PIECE_BYTES) {
      const to = Math.min(end, from + PIECE_BYTES);
      this.reserve((to - from) * MAX_ESCAPE);
      this.pos = escapeLatin1(bytes, from, to, this.bytes, this.pos);
    }
    this.byte(QUOTE);
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (bytes === this.source) return this.sourceView;
    const { otherSource, otherView } = this;
    this.otherSource = this.source;
    this.otherView = this.sourceView;
    this.source = bytes;
    this.sourceView = bytes === otherSource ? otherView : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.sourceView;
  }

  private makeRoom(size: number): void {
    if (this.streaming) {
      this.lineEnd = this.pos;
      this.handOver();
    }
    const wanted = this.pos + size;
    if (wanted <= this.bytes.length) return;
    if (wanted > this.maxLineBytes) {
      throw new LimitError(
        'LIMIT_MEMORY',
        `a value of which more than ${this.maxLineBytes} bytes of JSON would have to be held`,
        this.origin,
      );
    }
    const grown = new Uint8Array(Math.max(wanted, Math.min(this.bytes.length * 2, this.maxLineBytes)));
    grown.set(this.bytes.subarray(0, this.pos));
    this.setBytes(grown);
  }

  private handOver(): void {
    if (this.pos === 0 || this.write === undefined) return;
    this.write(this.bytes, 0, this.pos);
    this.written += this.pos;
    this.pos = 0;
    this.lineEnd = 0;
  }

  private setBytes(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
