/**
 * One command as a RESP array of bulk strings, as logs hold them and as Valkey's opcode F2 embeds them:
 *
 *     *2\r\n$4\r\nPING\r\n$2\r\nhi\r\n
 *
 * Writing goes straight into an output: no array of arguments, and no JavaScript string per element.
 */

import { type ByteString, writeByteString } from '../bytes/byte-string.js';
import { FormatError } from '../bytes/errors.js';
import { formatInt64, formatUint53, formatUint64, type Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import { copyBytes } from '../bytes/slice.js';
import type { ByteWriter } from '../bytes/writer.js';
import { formatStreamId, MAX_STREAM_ID_TEXT, type StreamIdSlot } from './stream-id.js';

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
/** `-` or a digit more than any count or size that fits 2^53 has. */
const MAX_NUMBER_TEXT = 16;

/** Position after the command at `pos`; beyond `end` when the bytes are short. Throws BAD_OPCODE. */
export function skipCommand(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipNumberLine(bytes, pos, end, STAR);
  if (next > end) return next;
  for (let left = parseNumberLine(bytes, pos); left > 0; left--) {
    const start = skipNumberLine(bytes, next, end, DOLLAR);
    if (start > end) return start;
    const stop = start + parseNumberLine(bytes, next);
    next = stop + 2;
    if (next > end) return next;
    if (bytes[stop] !== CR || bytes[stop + 1] !== LF)
      throw new FormatError('BAD_OPCODE', 'an argument without its line end', stop);
  }
  return next;
}

/** The arguments of the whole command at `pos`. */
export function decodeCommand(bytes: Uint8Array, pos: number, end: number): Uint8Array[] {
  const args: Uint8Array[] = [];
  let next = skipNumberLine(bytes, pos, end, STAR);
  for (let left = parseNumberLine(bytes, pos); left > 0; left--) {
    const start = skipNumberLine(bytes, next, end, DOLLAR);
    const stop = start + parseNumberLine(bytes, next);
    args.push(copyBytes(bytes, start, stop));
    next = stop + 2;
  }
  return args;
}

/** The most bytes of `*<count>\r\n` or `$<size>\r\n`. */
const MAX_RESP_LINE = MAX_NUMBER_TEXT + 3;
const LINE_END_SIZE = 2;

/** What {@link CommandWriter.command} takes: bytes as they are, text as UTF-8, numbers as decimal text. */
export type CommandArgument = Uint8Array | string | number | bigint;

/** What an argument has beside its bytes, at the most. */
export const ARGUMENT_OVERHEAD = MAX_RESP_LINE + LINE_END_SIZE;

/** `bytes` as one argument, `$<size>\r\n<bytes>\r\n`: for names that stand in command after command. */
export function encodeArgument(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + ARGUMENT_OVERHEAD);
  return out.slice(0, formatArgument(bytes, 0, bytes.length, out, 0));
}

/** Writes `bytes[start, end)` as an argument at `pos`, {@link ARGUMENT_OVERHEAD} bytes more at the most; the position after. */
export function formatArgument(bytes: Uint8Array, start: number, end: number, out: Uint8Array, pos: number): number {
  const at = formatLine(DOLLAR, end - start, out, pos);
  out.set(bytes.subarray(start, end), at);
  return writeLineEnd(out, at + end - start);
}

/** One whole command; the other side of {@link decodeCommand}. */
export function encodeCommand(args: readonly CommandArgument[]): Uint8Array {
  const parts = args.map((arg) => encodeArgument(argumentBytes(arg)));
  const out = new Uint8Array(MAX_RESP_LINE + parts.reduce((size, part) => size + part.length, 0));
  let pos = formatLine(STAR, args.length, out, 0);
  for (const part of parts) {
    out.set(part, pos);
    pos += part.length;
  }
  return out.slice(0, pos);
}

/** Room that is enough for {@link formatWords}. */
export function maxWordsBytes(words: readonly ByteString[]): number {
  let size = MAX_RESP_LINE;
  for (const word of words) size += word.length + ARGUMENT_OVERHEAD;
  return size;
}

/** Writes a command whose arguments are byte strings at `pos`, where there is room; the position after. */
export function formatWords(words: readonly ByteString[], out: Uint8Array, pos: number): number {
  let at = formatLine(STAR, words.length, out, pos);
  for (const word of words) {
    at = formatLine(DOLLAR, word.length, out, at);
    at = writeLineEnd(out, writeByteString(word, out, at));
  }
  return at;
}

/** Writes commands piece by piece: {@link start} with the number of arguments, then as many arguments. */
export class CommandWriter {
  private readonly scratch = new Uint8Array(MAX_STREAM_ID_TEXT);
  private isHolding = false;
  /** Heads that were written so far. */
  commands = 0;
  /** Bytes of the largest argument since somebody set it to 0. */
  largestArgument = 0;

  constructor(readonly out: ByteWriter) {}

  /** The head of a command of `count` arguments, its name included. */
  start(count: number): void {
    const { out } = this;
    this.commands++;
    out.reserve(MAX_RESP_LINE);
    out.pos = formatLine(STAR, count, out.bytes, out.pos);
  }

  /** The head of a command and its first arguments, encoded before. */
  startEncoded(bytes: Uint8Array): void {
    this.commands++;
    this.out.copy(bytes, 0, bytes.length);
  }

  /** One argument: `bytes[start, end)`. */
  argument(bytes: Uint8Array, start: number, end: number): void {
    const { out } = this;
    this.argumentStart(end - start);
    out.copy(bytes, start, end);
    this.argumentEnd();
  }

  slice(slice: Slice): void {
    this.argument(slice.bytes, slice.start, slice.end);
  }

  /** An argument that {@link encodeArgument} has made: the first `size` bytes of `bytes`. */
  encoded(bytes: Uint8Array, size = bytes.length): void {
    this.out.copy(bytes, 0, size);
  }

  /** The head of an argument whose `size` bytes the caller writes to {@link out}, followed by {@link argumentEnd}. */
  argumentStart(size: number): void {
    const { out } = this;
    if (size > this.largestArgument) this.largestArgument = size;
    out.reserve(MAX_RESP_LINE);
    out.pos = formatLine(DOLLAR, size, out.bytes, out.pos);
  }

  argumentEnd(): void {
    const { out } = this;
    out.reserve(LINE_END_SIZE);
    out.pos = writeLineEnd(out.bytes, out.pos);
  }

  /** A whole number from 0 to 2^53. */
  count(value: number): void {
    this.argument(this.scratch, 0, formatUint53(value, this.scratch, 0));
  }

  /** A signed 64-bit number. */
  int64(value: Int64): void {
    this.argument(this.scratch, 0, formatInt64(value.hi, value.lo, this.scratch, 0));
  }

  uint64(value: Int64): void {
    this.argument(this.scratch, 0, formatUint64(value.hi, value.lo, this.scratch, 0));
  }

  streamId(id: StreamIdSlot): void {
    this.argument(this.scratch, 0, formatStreamId(id, this.scratch, 0));
  }

  /** From here on nothing leaves the output, until {@link release}: a command that may still change or fail. */
  hold(): void {
    this.isHolding = true;
    this.out.mark();
  }

  release(): void {
    this.isHolding = false;
    this.out.release();
  }

  /** After a failure: takes back the command that is being held. */
  takeBack(): void {
    if (this.isHolding) this.out.rewind();
    this.isHolding = false;
  }

  /** A whole command, for those that are few. */
  command(...args: readonly CommandArgument[]): void {
    this.start(args.length);
    this.arguments(...args);
  }

  /** Some of a command's arguments. */
  arguments(...args: readonly CommandArgument[]): void {
    for (const arg of args) {
      const bytes = argumentBytes(arg);
      this.argument(bytes, 0, bytes.length);
    }
  }
}

/** Writes `<lead><value>\r\n` at `pos` and returns the position after it. */
function formatLine(lead: number, value: number, out: Uint8Array, pos: number): number {
  out[pos] = lead;
  return writeLineEnd(out, formatUint53(value, out, pos + 1));
}

const utf8 = new TextEncoder();

function argumentBytes(arg: CommandArgument): Uint8Array {
  return arg instanceof Uint8Array ? arg : utf8.encode(String(arg));
}

function writeLineEnd(out: Uint8Array, pos: number): number {
  out[pos] = CR;
  out[pos + 1] = LF;
  return pos + LINE_END_SIZE;
}

/** Past `<lead><digits>\r\n`. */
function skipNumberLine(bytes: Uint8Array, pos: number, end: number, lead: number): number {
  if (pos >= end) return pos + 1;
  if (bytes[pos] !== lead)
    throw new FormatError(
      'BAD_OPCODE',
      `0x${bytes[pos]!.toString(16)} where RESP has '${String.fromCharCode(lead)}'`,
      pos,
    );
  for (let at = pos + 1; at <= pos + MAX_NUMBER_TEXT + 1; at++) {
    if (at >= end) return at + 1;
    const byte = bytes[at]!;
    if (byte === CR && at > pos + 1) {
      if (at + 1 >= end) return at + 2;
      if (bytes[at + 1] === LF) return at + 2;
    }
    if (byte < 0x30 || byte > 0x39) break;
  }
  throw new FormatError('BAD_OPCODE', 'a RESP number that is none', pos);
}

function parseNumberLine(bytes: Uint8Array, pos: number): number {
  let value = 0;
  for (let at = pos + 1; bytes[at] !== CR; at++) value = value * 10 + (bytes[at]! - 0x30);
  return value;
}
