/**
 * Byte strings and whole numbers as JSON, and the room that is left for them: the twins are convert/json/escape.ts, utf8.ts
 * and bytes/int64.ts.
 *
 * A writer takes the address where its output goes and returns the one behind it, or 0 where it does not write: then the
 * row is given up, and what has been written of it means nothing.
 */
import { LITERAL_SLOT } from '../literal-slots';
import { JSON_LITERALS, OUT, OUT_SIZE } from '../memory-map';

/** The most bytes that one byte becomes: `\u001f`. */
const MAX_ESCAPE: i32 = 6;
/** Room that every writer may use without asking: a number, some punctuation, one wide store too many. */
const SLACK: i32 = 64;
/** No piece of output starts behind this. */
const LIMIT: i32 = OUT + OUT_SIZE - 4 * SLACK;

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;

/** A row was given up because the output is full, not because of what is in it. */
export let isFull = false;

export function resetFull(): void {
  isFull = false;
}

/** Whether `size` bytes and some punctuation may be written at `at`. */
// @inline
export function hasRoom(at: i32, size: i32): bool {
  if (size <= LIMIT - at) return true;
  isFull = true;
  return false;
}

/** A fixed piece. There is room. */
export function writeLiteral(slot: i32, at: i32): i32 {
  const from = JSON_LITERALS + slot * LITERAL_SLOT;
  v128.store(at, v128.load(from));
  v128.store(at + 16, v128.load(from + 16));
  return at + <i32>load<u8>(from + LITERAL_SLOT - 1);
}

/** A string in quotes where it is valid UTF-8, else as `{"$b64":"…"}`. */
export function writeBytes(from: i32, size: i32, at: i32): i32 {
  const end = writeQuoted(from, size, at);
  return end !== 0 || isFull ? end : writeBase64(from, size, at);
}

/** A string in quotes; 0 where it is not valid UTF-8. */
export function writeQuoted(from: i32, size: i32, at: i32): i32 {
  if (!hasRoom(at, size * MAX_ESCAPE)) return 0;
  store<u8>(at, QUOTE);
  const end = writeEscaped(from, from + size, at + 1);
  if (end === 0) return 0;
  store<u8>(end, QUOTE);
  return end + 1;
}

/** A whole number in quotes, as strings that are stored as integers are written. */
export function writeQuotedInteger(value: i64, at: i32): i32 {
  if (!hasRoom(at, 0)) return 0;
  store<u8>(at, QUOTE);
  const end = writeInteger(value, at + 1);
  store<u8>(end, QUOTE);
  return end + 1;
}

/** Sixteen bytes per step: a piece is stored before it is judged, and the mask says which of its bytes cannot stay. */
function writeEscaped(from: i32, end: i32, to: i32): i32 {
  let pos = from;
  let at = to;
  while (true) {
    const piece = v128.load(pos);
    v128.store(at, piece);
    const odd = v128.or(
      v128.or(piece, i8x16.lt_u(piece, i8x16.splat(0x20))),
      v128.or(i8x16.eq(piece, i8x16.splat(0x22)), i8x16.eq(piece, i8x16.splat(0x5c))),
    );
    const mask = i8x16.bitmask(odd);
    const left = end - pos;
    const clean = mask === 0 ? 16 : ctz(mask);
    if (clean >= left) return at + left;
    pos += clean;
    at += clean;
    if (mask === 0) continue;
    const byte = load<u8>(pos);
    if (byte < 0x80) {
      at = writeEscape(byte, at);
      if (++pos === end) return at;
      continue;
    }
    do {
      const size = utf8Size(pos, end);
      if (size === 0) return 0;
      store<u32>(at, load<u32>(pos));
      pos += size;
      at += size;
      if (pos === end) return at;
    } while (load<u8>(pos) >= 0x80);
  }
}

/** The letter behind the backslash for 08 to 0D; 0 where there is none. */
const SHORT_ESCAPES = memory.data<u8>([0x62, 0x74, 0x6e, 0, 0x66, 0x72]);
const HEX_DIGITS = memory.data<u8>([
  0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
]);

function writeEscape(byte: u8, at: i32): i32 {
  store<u8>(at, BACKSLASH);
  const letter = byte >= 0x20 ? byte : byte >= 0x08 && byte <= 0x0d ? load<u8>(SHORT_ESCAPES + byte - 0x08) : 0;
  if (letter !== 0) {
    store<u8>(at + 1, letter);
    return at + 2;
  }
  // `u00`
  store<u32>(at + 1, 0x303075);
  store<u8>(at + 4, load<u8>(HEX_DIGITS + (byte >> 4)));
  store<u8>(at + 5, load<u8>(HEX_DIGITS + (byte & 0xf)));
  return at + MAX_ESCAPE;
}

/** Bytes of the character that starts at `pos` with a byte of 80 or above; 0 where it is not valid. */
function utf8Size(pos: i32, end: i32): i32 {
  const lead = load<u8>(pos);
  const second = load<u8>(pos + 1);
  if (lead < 0xe0) return lead >= 0xc2 && pos + 2 <= end && (second & 0xc0) === 0x80 ? 2 : 0;
  if (pos + 3 > end || (second & 0xc0) !== 0x80 || (load<u8>(pos + 2) & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0) return second >= 0xa0 ? 3 : 0;
    return lead !== 0xed || second < 0xa0 ? 3 : 0;
  }
  if (pos + 4 > end || lead > 0xf4 || (load<u8>(pos + 3) & 0xc0) !== 0x80) return 0;
  if (lead === 0xf0) return second >= 0x90 ? 4 : 0;
  return lead !== 0xf4 || second < 0x90 ? 4 : 0;
}

/** `{"$b64":` */
const BASE64_OPEN = memory.data<u8>([0x7b, 0x22, 0x24, 0x62, 0x36, 0x34, 0x22, 0x3a]);
/** A–Z a–z 0–9 + / */
const BASE64_DIGITS = memory.data<u8>([
  0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53,
  0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c,
  0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x30, 0x31, 0x32, 0x33, 0x34,
  0x35, 0x36, 0x37, 0x38, 0x39, 0x2b, 0x2f,
]);
const PAD: u8 = 0x3d;

function writeBase64(from: i32, size: i32, to: i32): i32 {
  store<u64>(to, load<u64>(BASE64_OPEN));
  store<u8>(to + 8, QUOTE);
  let at = to + 9;
  const end = from + size;
  let pos = from;
  for (; end - pos >= 3; pos += 3, at += 4) writeDigits(bswap(load<u32>(pos)) >>> 8, at);
  if (pos < end) {
    const second: u32 = end - pos === 2 ? load<u8>(pos + 1) : 0;
    writeDigits(((<u32>load<u8>(pos)) << 16) | (second << 8), at);
    store<u8>(at + 3, PAD);
    if (end - pos === 1) store<u8>(at + 2, PAD);
    at += 4;
  }
  // `"}`
  store<u16>(at, 0x7d22);
  return at + 2;
}

/** The four digits of 24 bits. */
function writeDigits(bits: u32, at: i32): void {
  store<u8>(at, load<u8>(BASE64_DIGITS + (bits >> 18)));
  store<u8>(at + 1, load<u8>(BASE64_DIGITS + ((bits >> 12) & 0x3f)));
  store<u8>(at + 2, load<u8>(BASE64_DIGITS + ((bits >> 6) & 0x3f)));
  store<u8>(at + 3, load<u8>(BASE64_DIGITS + (bits & 0x3f)));
}

/** A whole number in decimal. There is room. */
export function writeInteger(value: i64, at: i32): i32 {
  if (value >= 0) return writeUnsigned(<u64>value, at);
  store<u8>(at, MINUS);
  return writeUnsigned(0 - <u64>value, at + 1);
}

export function writeUnsigned(value: u64, at: i32): i32 {
  if (value <= <u64>u32.MAX_VALUE) return writeShort(<u32>value, at);
  const upper = value / 100_000_000;
  return writePadded(<u32>(value - upper * 100_000_000), 8, writeUnsigned(upper, at));
}

function writeShort(value: u32, at: i32): i32 {
  if (value < 10) {
    store<u8>(at, ZERO + <u8>value);
    return at + 1;
  }
  let digits = 2;
  for (let bound: u32 = 100; digits < 10 && value >= bound; bound *= 10) digits++;
  return writePadded(value, digits, at);
}

/** Exactly so many digits. */
export function writePadded(value: u32, digits: i32, to: i32): i32 {
  let rest = value;
  let at = to + digits;
  for (; at - to >= 2; at -= 2) {
    const next = rest / 100;
    const pair = rest - next * 100;
    const tens = pair / 10;
    store<u16>(at - 2, <u16>(0x3030 + tens + ((pair - tens * 10) << 8)));
    rest = next;
  }
  if (at > to) store<u8>(to, ZERO + <u8>rest);
  return to + digits;
}
