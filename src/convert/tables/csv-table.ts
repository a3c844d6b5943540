/**
 * A table as CSV (RFC 4180, lines ended by `\n`): a line of column names, then one line per row, in UTF-8.
 *
 * Null is nothing, an empty text is `""`: readers that can tell the two apart need no more. Texts are quoted where they hold
 * a quote, a comma or a line end. Bytes are lower-case hexadecimal digits, times ISO 8601 in UTC with ms, scores as in
 * NDJSON (`inf`, `-inf`, `-0`).
 */
import { formatUint53 } from '../../bytes/int64.js';
import { formatNumber, MAX_NUMBER_TEXT } from '../../codecs/double.js';
import type { WriteBytes } from '../json/json-writer.js';
import type { NameText } from './name-text.js';
import type { TableSchema } from './schema.js';
import type { TableSink } from './table-sink.js';

const BUFFER_BYTES = 128 * 1024;
/** What a piece of a text takes at the most: each byte doubled. */
const PIECE_BYTES = 16 * 1024;
/** Texts up to this size are copied byte by byte. */
const SHORT = 64;
const MAX_INTEGER_TEXT = 24;
const PLAIN_WORD = /^[\w.:/+-]{1,100}$/;
const utf8 = new TextEncoder();

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const MINUS = 0x2d;
const HEX = new TextEncoder().encode('0123456789abcdef');

export class CsvTable implements TableSink {
  rowCount = 0;
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private to = 0;
  private isFirst = true;

  constructor(
    schema: TableSchema,
    private readonly write: WriteBytes,
  ) {
    for (const { name } of schema.columns) this.word(name);
    this.endLine();
  }

  null(): void {
    this.begin(0);
  }

  int(value: number): void {
    this.begin(MAX_INTEGER_TEXT);
    if (value < 0) this.buffer[this.to++] = MINUS;
    this.to = formatUint53(Math.abs(value), this.buffer, this.to);
  }

  double(value: number): void {
    if (!Number.isFinite(value)) {
      this.word(Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
    } else if (Object.is(value, -0)) {
      this.word('-0');
    } else {
      this.begin(MAX_NUMBER_TEXT);
      this.to = formatNumber(value, this.buffer, this.to);
    }
  }

  time(ms: number): void {
    // Beyond 9999 a year is `+010000` here, and `10000` to databases.
    this.word(new Date(ms).toISOString().replace(/^\+0*/, ''));
  }

  word(text: string): void {
    if (!PLAIN_WORD.test(text)) {
      const bytes = utf8.encode(text);
      this.text(bytes, 0, bytes.length);
      return;
    }
    this.begin(text.length);
    for (let index = 0; index < text.length; index++) this.buffer[this.to++] = text.charCodeAt(index);
  }

  key({ bytes, start, end }: NameText): void {
    this.text(bytes, start, end);
  }

  /** Several columns that are ready: plain words with commas between them. */
  ready(cells: Uint8Array): void {
    this.begin(cells.length);
    const { buffer } = this;
    let { to } = this;
    for (let pos = 0; pos < cells.length; pos++) buffer[to++] = cells[pos]!;
    this.to = to;
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.begin(size <= SHORT ? SHORT : 2);
    if (size > 0 && (size <= SHORT ? this.copyShort(bytes, start, end) : this.copyPlain(bytes, start, end))) return;
    this.buffer[this.to++] = QUOTE;
    for (let pos = start; pos < end; pos += PIECE_BYTES) this.quotePiece(bytes, pos, Math.min(end, pos + PIECE_BYTES));
    this.reserve(1);
    this.buffer[this.to++] = QUOTE;
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.begin(0);
    for (let pos = start; pos < end; pos += PIECE_BYTES) this.hexPiece(bytes, pos, Math.min(end, pos + PIECE_BYTES));
  }

  endRow(): void {
    this.rowCount++;
    this.endLine();
  }

  finish(): void {
    if (this.to > 0) this.write(this.buffer, 0, this.to);
    this.to = 0;
  }

  private endLine(): void {
    this.reserve(1);
    this.buffer[this.to++] = NEWLINE;
    this.isFirst = true;
  }

  /** The comma before a column, and room for `size` bytes behind it. */
  private begin(size: number): void {
    this.reserve(size + 1);
    if (!this.isFirst) this.buffer[this.to++] = COMMA;
    this.isFirst = false;
  }

  private reserve(size: number): void {
    if (this.to + size > BUFFER_BYTES) this.finish();
  }

  /** Judges what it copies on the way; false, with nothing written, where the text must be quoted. There is room. */
  private copyShort(bytes: Uint8Array, start: number, end: number): boolean {
    const { buffer } = this;
    let { to } = this;
    for (let pos = start; pos < end; pos++) {
      const byte = bytes[pos]!;
      if (byte <= COMMA && isSpecial(byte)) return false;
      buffer[to++] = byte;
    }
    this.to = to;
    return true;
  }

  private copyPlain(bytes: Uint8Array, start: number, end: number): boolean {
    if (!isPlain(bytes, start, end)) return false;
    const size = end - start;
    this.reserve(size);
    if (size > BUFFER_BYTES) {
      this.write(bytes, start, end);
      return true;
    }
    this.buffer.set(bytes.subarray(start, end), this.to);
    this.to += size;
    return true;
  }

  private quotePiece(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(2 * (end - start));
    const { buffer } = this;
    let { to } = this;
    for (let pos = start; pos < end; pos++) {
      const byte = bytes[pos]!;
      if (byte === QUOTE) buffer[to++] = QUOTE;
      buffer[to++] = byte;
    }
    this.to = to;
  }

  private hexPiece(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(2 * (end - start));
    const { buffer } = this;
    let { to } = this;
    for (let pos = start; pos < end; pos++) {
      const byte = bytes[pos]!;
      buffer[to++] = HEX[byte >> 4]!;
      buffer[to++] = HEX[byte & 15]!;
    }
    this.to = to;
  }
}

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) if (isSpecial(bytes[pos]!)) return false;
  return true;
}

/** A text with one of these must be quoted; the comma is the largest of them. */
function isSpecial(byte: number): boolean {
  return byte === QUOTE || byte === COMMA || byte === NEWLINE || byte === RETURN;
}
