/**
 * LZF, the compression of strings longer than 20 bytes in a dump: items until the input is used up, no terminator.
 *
 *     000nnnnn                      literal run: the next n + 1 bytes (1–32) as they are
 *     LLLddddd dddddddd             back reference, L = 1–6: L + 2 bytes from (d + 1) bytes behind the output's end
 *     111ddddd eeeeeeee dddddddd    the same with L = 7 + e: 9–264 bytes; note that e stands before the low distance
 *
 * Distances are 1–8192; a reference may overlap what it writes, byte by byte, which makes runs.
 *
 * Worked example: `01 61 61 E0 57 00 01 61 61` is `aa`, then 96 bytes (2 + 7 + 0x57) from distance 1, then `aa`:
 * 100 times `a` (rdb-format.md §4.1).
 *
 * {@link compress} and {@link decompress} are the two functions of the npm package `lzf`.
 */
import { FormatError } from '../bytes/errors.js';
import { compressCompiled, decompressCompiled, LZF_KERNEL_BYTES } from './lzf-kernel.js';

/** The most output bytes for one input byte: a reference of three bytes gives 264. */
export const MAX_LZF_RATIO = 88;

const MAX_LITERALS = 32;
const MAX_MATCH = 264;
const MAX_DISTANCE = 8192;
const LONG_MATCH = 7;
/** Below this many output bytes, two views cost more than they save (100 ns; measured). */
const WIDE_LENGTH = 512;
/** What an item may be long, and what wide copies may overshoot: as long as this much is left, nothing needs a check. */
const INPUT_MARGIN = 1 + MAX_LITERALS + 8;
const OUTPUT_MARGIN = MAX_MATCH + 16;
const HASH_BITS = 16;
/** What a server wants to have left before a reference: three bytes, the head of the run behind it, and one more. */
const REFERENCE_ROOM = 5;
/** … and before the last two bytes: they, the head of their run, and one more. */
const TAIL_ROOM = 4;
/** A server compares this many bytes at a time; only where fewer are left does it keep an eye on the end. */
const COMPARED_BYTES = 16;

/**
 * Decompresses `bytes[start, end)` to `out[0, length)`; `out` may be longer, and its rest stays as it is.
 * Throws BAD_LZF at the control byte of the item that overruns the input or the output, or refers to before the
 * output's start; at `end` where the items are fewer bytes than `length`.
 */
export function decompressLzf(bytes: Uint8Array, start: number, end: number, out: Uint8Array, length: number): void {
  if (length >= LZF_KERNEL_BYTES && decompressCompiled(bytes, start, end, out, length)) return;
  decompressTwin(bytes, start, end, out, length);
}

/** {@link decompressLzf} without compiled code. */
export function decompressTwin(bytes: Uint8Array, start: number, end: number, out: Uint8Array, length: number): void {
  if (length < WIDE_LENGTH) decompressRest(bytes, start, end, out, 0, length);
  else decompressWide(bytes, start, end, out, length);
}

/**
 * Throws what {@link decompressLzf} would throw, without writing a byte: whether a stream is sound depends on its control
 * bytes alone.
 */
export function checkLzf(bytes: Uint8Array, start: number, end: number, length: number): void {
  let at = 0;
  let pos = start;
  while (pos < end) {
    const item = pos;
    const control = bytes[pos]!;
    if (control < MAX_LITERALS) {
      pos += control + 2;
      at += control + 1;
    } else {
      const isLong = control >= LONG_MATCH << 5;
      pos += isLong ? 3 : 2;
      if (pos > end) throw overrun(item, true);
      const from = at - (((control & 0x1f) << 8) | bytes[pos - 1]!) - 1;
      if (from < 0) throw beforeStart(from, item);
      at += (isLong ? bytes[item + 1]! + LONG_MATCH : control >> 5) + 2;
    }
    if (pos > end || at > length) throw overrun(item, pos > end);
  }
  if (at !== length) throw wrongSize(at, length, end);
}

/**
 * The first `size` bytes of what `bytes[start, end)` decompresses to, to `out[0, size)`; what follows is not looked at.
 * Throws BAD_LZF for a reference to before the start, an item beyond the input, and for fewer bytes than that.
 */
export function decompressLzfPrefix(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  size: number,
): void {
  let at = 0;
  let pos = start;
  while (at < size && pos < end) {
    const item = pos;
    const control = bytes[pos]!;
    if (control < MAX_LITERALS) {
      const stop = Math.min(size, at + control + 1);
      pos += control + 2;
      if (pos > end) throw overrun(item, true);
      for (let from = item + 1; at < stop; at++) out[at] = bytes[from++]!;
      continue;
    }
    const isLong = control >= LONG_MATCH << 5;
    pos += isLong ? 3 : 2;
    if (pos > end) throw overrun(item, true);
    let from = at - (((control & 0x1f) << 8) | bytes[pos - 1]!) - 1;
    if (from < 0) throw beforeStart(from, item);
    const stop = Math.min(size, at + (isLong ? bytes[item + 1]! + LONG_MATCH : control >> 5) + 2);
    for (; at < stop; at++) out[at] = out[from++]!;
  }
  if (at < size) throw wrongSize(at, size, end);
}

/**
 * The bytes that `input` decompresses to. Without `length` they are counted first; with it they must be exactly that
 * many. Throws BAD_LZF. An empty input gives an empty output.
 */
export function decompress(input: Uint8Array, length = decompressedSize(input)): Uint8Array {
  if (length > input.length * MAX_LZF_RATIO) {
    throw new FormatError('BAD_LZF', `${input.length} bytes cannot decompress to ${length}`, 0);
  }
  const out = new Uint8Array(length);
  decompressLzf(input, 0, input.length, out, length);
  return out;
}

/**
 * Compresses `bytes[start, end)` to `out[0, …)`, no more than `outLimit` bytes, and returns how many; 0 = does not fit.
 * Servers use a limit of the length minus four, and give up where an item of the greatest size would not have fitted:
 * up to four bytes early. Greedy, with a table of the latest position of each hash of three bytes: the parameters of the
 * server's own compressor and its choices, hence its sizes (measured against Redis 7.0, test/live/lzf-sizes.test.ts).
 */
export function compressLzf(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outLimit: number): number {
  const limit = Math.min(outLimit, out.length);
  if (end - start >= LZF_KERNEL_BYTES) {
    const size = compressCompiled(bytes, start, end, out, limit);
    if (size >= 0) return size;
  }
  return compressTwin(bytes, start, end, out, limit);
}

/** {@link compressLzf} without compiled code. */
export function compressTwin(bytes: Uint8Array, start: number, end: number, out: Uint8Array, limit: number): number {
  const table = hashTable(end - start);
  const base = tableBase;
  tableBase += end - start;
  let at = 0;
  let literals = start;
  let pos = start;
  while (pos < end - 2) {
    const slot = hash(bytes, pos);
    const found = table[slot]! - base;
    table[slot] = base + pos - start;
    const from = start + found;
    // The very first byte is never referred to: found 0 also means "nothing here", as in the server.
    if (found <= 0 || pos - from > MAX_DISTANCE || !sameThree(bytes, from, pos)) {
      pos++;
      continue;
    }
    const size = matchSize(bytes, from, pos, end);
    at = encodeLiterals(bytes, literals, pos, out, at, limit);
    if (at < 0 || at + REFERENCE_ROOM > limit) return 0;
    at = encodeReference(pos - from, size, out, at);
    pos += size;
    literals = pos;
    if (pos >= end - 2) break;
    table[hash(bytes, pos - 2)] = base + pos - 2 - start;
    table[hash(bytes, pos - 1)] = base + pos - 1 - start;
  }
  const pending = pos - literals;
  if (at + pending + Math.floor(pending / MAX_LITERALS) + TAIL_ROOM > limit) return 0;
  return Math.max(0, encodeLiterals(bytes, literals, end, out, at, limit));
}

/** The compressed form of `input`; null when that would not be shorter, as for most inputs below 10 bytes. */
export function compress(input: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(input.length + REFERENCE_ROOM);
  const size = compressLzf(input, 0, input.length, out, out.length);
  return size === 0 || size >= input.length ? null : out.slice(0, size);
}

/**
 * Copies eight bytes at a time and overshoots: most items are shorter, so most copies are one step without a loop, and
 * the branches a byte loop would mispredict are gone (twice its speed). Leaves the last bytes to the careful loop.
 */
function decompressWide(bytes: Uint8Array, start: number, end: number, out: Uint8Array, length: number): void {
  const input = new DataView(bytes.buffer, bytes.byteOffset, end);
  const output = new DataView(out.buffer, out.byteOffset, length);
  const lastPos = end - INPUT_MARGIN;
  const lastAt = length - OUTPUT_MARGIN;
  let pos = start;
  let at = 0;
  while (pos <= lastPos && at <= lastAt) {
    const control = bytes[pos]!;
    if (control >= LONG_MATCH << 5) {
      const from = (at - (((control & 0x1f) << 8) | bytes[pos + 2]!) - 1) | 0;
      if (from < 0) throw beforeStart(from, pos);
      const size = bytes[pos + 1]! + LONG_MATCH + 2;
      copyLong(out, output, from, at, size);
      at = (at + size) | 0;
      pos = (pos + 3) | 0;
    } else if (control >= MAX_LITERALS) {
      const from = (at - (((control & 0x1f) << 8) | bytes[pos + 1]!) - 1) | 0;
      if (from < 0) throw beforeStart(from, pos);
      if (at - from < 4) copyOverlap(out, from, at, 8);
      else {
        output.setInt32(at, output.getInt32(from, true), true);
        output.setInt32(at + 4, output.getInt32(from + 4, true), true);
      }
      at = (at + (control >> 5) + 2) | 0;
      pos = (pos + 2) | 0;
    } else {
      pos = (pos + 1) | 0;
      output.setInt32(at, input.getInt32(pos, true), true);
      output.setInt32(at + 4, input.getInt32(pos + 4, true), true);
      for (let done = 8; done <= control; done += 8) {
        output.setInt32(at + done, input.getInt32(pos + done, true), true);
        output.setInt32(at + done + 4, input.getInt32(pos + done + 4, true), true);
      }
      at = (at + control + 1) | 0;
      pos = (pos + control + 1) | 0;
    }
  }
  decompressRest(bytes, pos, end, out, at, length);
}

/** Up to 264 bytes of a back reference, in steps of 16 where the ranges allow it; overshoots by up to 15 bytes. */
function copyLong(out: Uint8Array, output: DataView, from: number, at: number, size: number): void {
  if (at - from < 4) {
    copyOverlap(out, from, at, size);
    return;
  }
  for (let done = 0; done < size; done += 16) {
    output.setInt32(at + done, output.getInt32(from + done, true), true);
    output.setInt32(at + done + 4, output.getInt32(from + done + 4, true), true);
    output.setInt32(at + done + 8, output.getInt32(from + done + 8, true), true);
    output.setInt32(at + done + 12, output.getInt32(from + done + 12, true), true);
  }
}

/** Closer than four bytes, each byte must be written before it is read again. */
function copyOverlap(out: Uint8Array, from: number, at: number, size: number): void {
  if (at - from === 1 && size > 32) out.fill(out[from]!, at, at + size);
  else for (let done = 0; done < size; done++) out[at + done] = out[from + done]!;
}

/** Byte by byte and with every check: the end of a long stream, and the whole of a short one. */
function decompressRest(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outStart: number,
  length: number,
): void {
  let pos = start;
  let at = outStart;
  while (pos < end) {
    const item = pos;
    const control = bytes[pos]!;
    pos = (pos + 1) | 0;
    if (control < MAX_LITERALS) {
      const next = (pos + control + 1) | 0;
      if (next > end || at + control >= length) throw overrun(item, next > end);
      do {
        out[at] = bytes[pos]!;
        at = (at + 1) | 0;
        pos = (pos + 1) | 0;
      } while (pos < next);
      continue;
    }
    const long = control >= LONG_MATCH << 5;
    const next = (pos + (long ? 2 : 1)) | 0;
    if (next > end) throw overrun(item, true);
    const stop = (at + (control >> 5) + 2 + (long ? bytes[pos]! : 0)) | 0;
    let from = (at - (((control & 0x1f) << 8) | bytes[next - 1]!) - 1) | 0;
    if (from < 0) throw beforeStart(from, item);
    if (stop > length) throw overrun(item, false);
    pos = next;
    do {
      out[at] = out[from]!;
      at = (at + 1) | 0;
      from = (from + 1) | 0;
    } while (at < stop);
  }
  if (at !== length) throw wrongSize(at, length, end);
}

/** What the items of a whole LZF stream add up to; an overrun is left to {@link decompressLzf}. */
function decompressedSize(input: Uint8Array): number {
  let size = 0;
  let pos = 0;
  while (pos < input.length) {
    const control = input[pos]!;
    const code = control >> 5;
    if (code === 0) {
      size += control + 1;
      pos += control + 2;
    } else {
      size += code + 2 + (code === LONG_MATCH ? (input[pos + 1] ?? 0) : 0);
      pos += code === LONG_MATCH ? 3 : 2;
    }
  }
  return size;
}

function beforeStart(from: number, item: number): FormatError {
  return new FormatError('BAD_LZF', `a reference to ${-from} bytes before the start`, item);
}

function overrun(item: number, input: boolean): FormatError {
  return new FormatError('BAD_LZF', `an item that goes beyond the end of the ${input ? 'input' : 'output'}`, item);
}

function wrongSize(found: number, length: number, end: number): FormatError {
  return new FormatError('BAD_LZF', `${found} bytes decompressed where ${length} were announced`, end);
}

let table: Int32Array | undefined;
/** Entries at or below it are left from earlier calls: so the table needs no clearing between short strings. */
let tableBase = 0;

function hashTable(size: number): Int32Array {
  table ??= new Int32Array(1 << HASH_BITS);
  if (tableBase + size > 0x7fffffff) {
    table.fill(0);
    tableBase = 0;
  }
  return table;
}

function hash(bytes: Uint8Array, pos: number): number {
  const three = (bytes[pos]! << 16) | (bytes[pos + 1]! << 8) | bytes[pos + 2]!;
  return ((three >> (24 - HASH_BITS)) - three * 5) & ((1 << HASH_BITS) - 1);
}

function sameThree(bytes: Uint8Array, a: number, b: number): boolean {
  return bytes[a] === bytes[b] && bytes[a + 1] === bytes[b + 1] && bytes[a + 2] === bytes[b + 2];
}

/**
 * At least three. The last two bytes of the input stay literals, as in the server, unless it runs over them: with 17 or
 * 18 bytes to go before those two it compares 16 at once, behind the three that are known, and takes one more.
 */
function matchSize(bytes: Uint8Array, from: number, pos: number, end: number): number {
  let most = Math.min(MAX_MATCH, end - pos - 2);
  if (most > COMPARED_BYTES && most < COMPARED_BYTES + 3) most = COMPARED_BYTES + 3;
  let size = 3;
  while (size < most && bytes[from + size] === bytes[pos + size]) size++;
  return size;
}

/** Writes `bytes[from, to)` as literal runs; −1 when they do not fit. */
function encodeLiterals(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  if (at + to - from + Math.ceil((to - from) / MAX_LITERALS) > limit) return -1;
  let next = at;
  for (let pos = from; pos < to; ) {
    const stop = Math.min(to, pos + MAX_LITERALS);
    out[next++] = stop - pos - 1;
    while (pos < stop) out[next++] = bytes[pos++]!;
  }
  return next;
}

function encodeReference(distance: number, size: number, out: Uint8Array, at: number): number {
  const high = (distance - 1) >> 8;
  let next = at;
  if (size - 2 < LONG_MATCH) out[next++] = ((size - 2) << 5) | high;
  else {
    out[next++] = (LONG_MATCH << 5) | high;
    out[next++] = size - 2 - LONG_MATCH;
  }
  out[next++] = (distance - 1) & 0xff;
  return next;
}
