/**
 * The LZ4 block: sequences of literals and a match, without a header; the frame around it knows both sizes.
 *
 *     token llllmmmm                literal length (15 = more), match length − 4 (15 = more)
 *     [FF…FF ext]                   added to a literal length of 15, up to and with the first byte that is not FF
 *     literals
 *     offset u16 LE                 1–65535 bytes behind the output's end; may overlap what it writes
 *     [FF…FF ext]                   added to a match length of 15
 *
 * The last sequence ends after its literals.
 *
 * Worked example: `1B 61 01 00 50 62 62 62 62 62` is the literal `a`, a match of 11 + 4 bytes from offset 1, and the
 * literals `bbbbb`: 16 times `a`, 5 times `b`.
 */
import { FormatError } from '../bytes/errors.js';
import { readInt32Le } from '../bytes/int64.js';

const MORE = 15;
const MIN_MATCH = 4;
const MAX_OFFSET = 65535;
/** Encoder's duty: the last five bytes are literals, and no match begins in the last twelve. */
const LAST_LITERALS = 5;
const LAST_MATCH = 12;
const HASH_BITS = 14;

/**
 * Decompresses the whole block `bytes[start, end)` to `out[outStart, …)` and returns the position after it.
 * Matches may reach back to `out[historyStart]`; nothing is written at or beyond `outEnd`. Throws BAD_LZ4.
 */
export function decodeLz4Block(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  historyStart: number,
  outStart: number,
  outEnd: number,
): number {
  let pos = start;
  let at = outStart;
  while (pos < end) {
    const token = bytes[pos++]!;
    let literals = token >> 4;
    if (literals === MORE) {
      let more: number;
      do {
        if (pos >= end) throw bad('ends inside a length', pos);
        more = bytes[pos++]!;
        literals += more;
      } while (more === 0xff);
    }
    if (literals > end - pos || literals > outEnd - at) throw bad('has literals beyond its end', pos);
    copyLiterals(bytes, pos, literals, out, at);
    pos += literals;
    at += literals;
    if (pos === end) return at;
    if (end - pos < 2) throw bad('ends inside an offset', pos);
    const offset = bytes[pos]! | (bytes[pos + 1]! << 8);
    if (offset === 0 || offset > at - historyStart) throw bad(`refers to ${offset} bytes back`, pos);
    pos += 2;
    let size = token & 15;
    if (size === MORE) {
      let more: number;
      do {
        if (pos >= end) throw bad('ends inside a length', pos);
        more = bytes[pos++]!;
        size += more;
      } while (more === 0xff);
    }
    size += MIN_MATCH;
    if (size > outEnd - at) throw bad('is longer than its frame allows', pos);
    copyMatch(out, at - offset, at, size);
    at += size;
  }
  throw bad('does not end with literals', end);
}

/**
 * Compresses `bytes[start, end)`, at most 64 KiB, to `out[outStart, outEnd)` and returns the position after it;
 * 0 = does not fit. Greedy, good enough for a writer that is not in a hurry.
 */
export function encodeLz4Block(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outStart: number,
  outEnd: number,
): number {
  const latest = new Int32Array(1 << HASH_BITS).fill(-1);
  let at = outStart;
  let literals = start;
  let pos = start;
  while (pos <= end - LAST_MATCH) {
    const word = readInt32Le(bytes, pos);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const from = latest[slot]!;
    latest[slot] = pos;
    if (from < 0 || pos - from > MAX_OFFSET || readInt32Le(bytes, from) !== word) {
      pos++;
      continue;
    }
    let size = MIN_MATCH;
    while (pos + size < end - LAST_LITERALS && bytes[from + size] === bytes[pos + size]) size++;
    at = encodeSequence(bytes, literals, pos, out, at, outEnd, size - MIN_MATCH);
    // Two bytes of offset, and the extension of a long match.
    if (at < 0 || at + 3 + (size - MIN_MATCH - MORE) / 0xff > outEnd) return 0;
    out[at++] = (pos - from) & 0xff;
    out[at++] = (pos - from) >> 8;
    at = encodeMore(size - MIN_MATCH, out, at);
    pos += size;
    literals = pos;
  }
  return Math.max(0, encodeSequence(bytes, literals, end, out, at, outEnd, 0));
}

/** Token and literals `bytes[from, to)`; −1 when they do not fit. */
function encodeSequence(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
  outEnd: number,
  match: number,
): number {
  const count = to - from;
  if (at + 2 + count + Math.max(0, count - MORE) / 0xff > outEnd) return -1;
  out[at] = (Math.min(count, MORE) << 4) | Math.min(match, MORE);
  const next = encodeMore(count, out, at + 1);
  copyLiterals(bytes, from, count, out, next);
  return next + count;
}

function encodeMore(length: number, out: Uint8Array, at: number): number {
  if (length < MORE) return at;
  let next = at;
  let more = length - MORE;
  for (; more >= 0xff; more -= 0xff) out[next++] = 0xff;
  out[next++] = more;
  return next;
}

/** From here on the call of a built-in copy beats a loop. */
const LONG_COPY = 64;

function copyLiterals(bytes: Uint8Array, pos: number, size: number, out: Uint8Array, at: number): void {
  if (size > LONG_COPY) out.set(bytes.subarray(pos, pos + size), at);
  else for (let index = 0; index < size; index++) out[at + index] = bytes[pos + index]!;
}

function copyMatch(out: Uint8Array, from: number, at: number, size: number): void {
  if (size > LONG_COPY && at - from >= size) out.copyWithin(at, from, from + size);
  else if (size > LONG_COPY && at - from === 1) out.fill(out[from]!, at, at + size);
  else for (let index = 0; index < size; index++) out[at + index] = out[from + index]!;
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_LZ4', `an LZ4 block ${what}`, pos);
}
