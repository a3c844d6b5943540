/**
 * LZF, both directions, over addresses of the memory; the twin and the layout of the items are in codecs/lzf.ts.
 *
 * Copies are 16 bytes wide and write beyond the item's end, at most 15 bytes beyond the output's; they read at most 31 bytes
 * beyond the input's.
 */
import { LZF_TABLE, LZF_TABLE_SIZE } from '../memory-map';

const MAX_LITERALS: i32 = 32;
const LONG_MATCH: i32 = 7;
/** Bytes of a wide copy. */
const WIDE: i32 = 16;

/**
 * Returns `toSize`, or −1 where the items are not sound or not exactly that many bytes.
 *
 * Which kind of item comes next cannot be predicted, so no branch asks: `literal` and `long` are all ones where the item is one,
 * and choose by masking.
 */
export function lzfDecompress(from: i32, fromEnd: i32, to: i32, toSize: i32): i32 {
  const toEnd = to + toSize;
  let pos = from;
  let at = to;
  while (pos < fromEnd) {
    const control: i32 = load<u8>(pos);
    const literal = (control - MAX_LITERALS) >> 31;
    const long = (0xdf - control) >> 31;
    const next = pos + 2 + (control & literal) - long;
    const referred = (control >>> 5) + 2 + (<i32>load<u8>(pos + 1) & long);
    const size = referred ^ ((referred ^ (control + 1)) & literal);
    const distance = ((((control & 0x1f) << 8) | <i32>load<u8>(next - 1)) + 1) & ~literal;
    if (next > fromEnd || size > toEnd - at || distance > at - to) return -1;
    // Of a literal the distance is 0 here.
    if (<u32>(distance - 1) < <u32>(WIDE - 1)) copyNear(at - distance, at, size);
    else copyFar((at - distance) ^ ((at ^ (pos + 1)) & literal), at, size);
    at += size;
    pos = next;
  }
  return at === toEnd ? toSize : -1;
}

/** The source is at least as far away as a copy is wide. */
function copyFar(source: i32, at: i32, size: i32): void {
  v128.store(at, v128.load(source));
  for (let done = WIDE; done < size; done += WIDE) v128.store(at + done, v128.load(source + done));
}

/** The bytes repeat with the distance, hence with twice of it: what has been written makes the next copy wider. */
function copyNear(source: i32, to: i32, size: i32): void {
  const end = to + size;
  let at = to;
  while (at < end) {
    const distance = at - source;
    v128.store(at, v128.load(source));
    if (distance >= WIDE) {
      copyFar(source, at, end - at);
      return;
    }
    at += distance;
  }
}

const MAX_MATCH: i32 = 264;
const MAX_DISTANCE: i32 = 8192;
/** As in the twin: what servers want to have left before a reference, and before the end. */
const REFERENCE_ROOM: i32 = 5;
const TAIL_ROOM: i32 = 4;
const COMPARED_BYTES: i32 = 16;

/** Entries at or below it are left from earlier calls. */
let tableBase: i32 = 0;

/**
 * Compresses to at most `limit` bytes, making the twin's choices, and returns how many; 0: they do not fit. May write 31 bytes
 * more than `limit`.
 */
export function lzfCompress(from: i32, fromEnd: i32, to: i32, limit: i32): i32 {
  const base = startTable(fromEnd - from) - from;
  const toEnd = to + limit;
  const last = fromEnd - 2;
  let at = to;
  let literals = from;
  let pos = from;
  while (pos < last) {
    const slot = slotOf(pos);
    const source = load<i32>(slot) - base;
    store<i32>(slot, base + pos);
    // The first byte is never referred to, as in the twin.
    if (source <= from || pos - source > MAX_DISTANCE || !hasSameThree(source, pos)) {
      pos++;
      continue;
    }
    const size = matchSize(source, pos, fromEnd);
    at = writeLiterals(literals, pos, at, toEnd);
    if (at === 0 || at + REFERENCE_ROOM > toEnd) return 0;
    at = writeReference(pos - source - 1, size - 2, at);
    pos += size;
    literals = pos;
    if (pos >= last) break;
    store<i32>(slotOf(pos - 2), base + pos - 2);
    store<i32>(slotOf(pos - 1), base + pos - 1);
  }
  const pending = pos - literals;
  if (at + pending + pending / MAX_LITERALS + TAIL_ROOM > toEnd) return 0;
  at = writeLiterals(literals, fromEnd, at, toEnd);
  return at === 0 ? 0 : at - to;
}

/** What entries of this call lie above. */
function startTable(size: i32): i32 {
  if (size > i32.MAX_VALUE - tableBase) {
    memory.fill(LZF_TABLE, 0, LZF_TABLE_SIZE);
    tableBase = 0;
  }
  const base = tableBase;
  tableBase += size;
  return base;
}

function slotOf(pos: i32): i32 {
  const three = bswap<i32>(load<i32>(pos)) >>> 8;
  return LZF_TABLE + ((((three >> 8) - three * 5) & 0xffff) << 2);
}

function hasSameThree(left: i32, right: i32): bool {
  return (load<i32>(left) ^ load<i32>(right)) << 8 === 0;
}

function matchSize(source: i32, pos: i32, end: i32): i32 {
  let most = min(MAX_MATCH, end - pos - 2);
  if (most > COMPARED_BYTES && most < COMPARED_BYTES + 3) most = COMPARED_BYTES + 3;
  let size = 3;
  while (size < most) {
    const difference = load<u64>(source + size) ^ load<u64>(pos + size);
    if (difference !== 0) return max(3, min(most, size + (<i32>ctz(difference) >>> 3)));
    size += 8;
  }
  return max(3, min(most, size));
}

/** Runs of literals; 0 where they do not fit. */
function writeLiterals(from: i32, fromEnd: i32, to: i32, toEnd: i32): i32 {
  const size = fromEnd - from;
  if (to + size + (size + MAX_LITERALS - 1) / MAX_LITERALS > toEnd) return 0;
  let at = to;
  for (let pos = from; pos < fromEnd; pos += MAX_LITERALS) {
    const run = min(MAX_LITERALS, fromEnd - pos);
    store<u8>(at, <u8>(run - 1));
    v128.store(at + 1, v128.load(pos));
    if (run > WIDE) v128.store(at + 1 + WIDE, v128.load(pos + WIDE));
    at += 1 + run;
  }
  return at;
}

/** `distance` and `size` as the items have them: less one, and less two. */
function writeReference(distance: i32, size: i32, to: i32): i32 {
  let at = to;
  if (size < LONG_MATCH) store<u8>(at++, <u8>((size << 5) | (distance >> 8)));
  else {
    store<u8>(at, <u8>((LONG_MATCH << 5) | (distance >> 8)));
    store<u8>(at + 1, <u8>(size - LONG_MATCH));
    at += 2;
  }
  store<u8>(at, <u8>distance);
  return at + 1;
}
