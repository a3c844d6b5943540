/**
 * Skim, the common part of it: keys whose values have one of a few shapes, with their expiry, idle time and LFU counter.
 *
 * It fills the rows of rdb/skim.ts exactly as that does, and stops in front of whatever is not plainly in order: another
 * opcode or type, a record that is not whole, an encoding that is none. There the TypeScript twin goes on, which knows what
 * to say about it.
 */
import {
  COLUMN_DB,
  COLUMN_END,
  COLUMN_EXPIRE_HI,
  COLUMN_EXPIRE_LO,
  COLUMN_FLAGS,
  COLUMN_FREQ,
  COLUMN_IDLE_SECONDS,
  COLUMN_IS_KEY,
  COLUMN_KEY_POS,
  COLUMN_KIND,
  COLUMN_META_POS,
  COLUMN_START,
  COLUMN_VALUE_POS,
  ROW_COUNT,
  SKIM_COUNT,
  SKIM_SHAPES,
} from '../memory-map';

/** Columns `flags` (see rdb/rows.ts). */
const EXPIRY: i32 = 1;
const IDLE: i32 = 2;
const FREQ: i32 = 4;

const OPCODE_IDLE: i32 = 0xf8;
const OPCODE_FREQ: i32 = 0xf9;
const OPCODE_EXPIRE_MS: i32 = 0xfc;

/** Shapes: a string; 2 is a length and so many strings; twice as many; 8 bytes behind each; a container in front of each. */
const ONE_STRING: i32 = 1;
const PAIRS: i32 = 3;
const SCORES: i32 = 4;
const NODES: i32 = 5;

/** No position: the record is somebody else's. */
const NOT_OURS: i32 = i32.MAX_VALUE;

/** Length that {@link readLength} found. */
let length: i32 = 0;

/**
 * Adds rows from `pos` on, positions counting from `base`. A value of more than `largest` bytes is left alone.
 * Returns the position after the last row; SKIM_COUNT says how many there are.
 */
export function skim(base: i32, from: i32, to: i32, db: i32, largest: i32): i32 {
  let row = load<i32>(SKIM_COUNT);
  let pos = base + from;
  const end = base + to;
  while (row < ROW_COUNT) {
    const next = skimKey(base, pos, end, row, db, largest);
    if (next === NOT_OURS) break;
    pos = next;
    row++;
  }
  store<i32>(SKIM_COUNT, row);
  return pos - base;
}

function skimKey(base: i32, start: i32, end: i32, row: i32, db: i32, largest: i32): i32 {
  let pos = start;
  let flags = 0;
  let kind: i32;
  const column = row << 2;
  for (;;) {
    // The longest attribute, a type byte and a key's first byte.
    if (end - pos < 12) return NOT_OURS;
    kind = load<u8>(pos);
    if (kind < OPCODE_IDLE) break;
    if (kind === OPCODE_EXPIRE_MS) {
      store<i32>(COLUMN_EXPIRE_LO + column, load<i32>(pos + 1));
      store<i32>(COLUMN_EXPIRE_HI + column, load<i32>(pos + 5));
      flags |= EXPIRY;
      pos += 9;
    } else if (kind === OPCODE_FREQ) {
      store<u8>(COLUMN_FREQ + row, load<u8>(pos + 1));
      flags |= FREQ;
      pos += 2;
    } else if (kind === OPCODE_IDLE) {
      pos = readLength(pos + 1, end);
      if (pos === NOT_OURS) return NOT_OURS;
      store<f64>(COLUMN_IDLE_SECONDS + (row << 3), length);
      flags |= IDLE;
    } else return NOT_OURS;
  }
  const shape: i32 = load<u8>(SKIM_SHAPES + kind);
  if (shape === 0) return NOT_OURS;
  const value = skipString(pos + 1, end);
  if (value === NOT_OURS) return NOT_OURS;
  const next = shape === ONE_STRING ? skipString(value, end) : skipElements(shape, value, end);
  if (next === NOT_OURS || next - value > largest) return NOT_OURS;
  store<i32>(COLUMN_START + column, start - base);
  store<i32>(COLUMN_KEY_POS + column, pos + 1 - base);
  store<i32>(COLUMN_VALUE_POS + column, value - base);
  store<i32>(COLUMN_END + column, next - base);
  store<i32>(COLUMN_META_POS + column, -1);
  store<i32>(COLUMN_DB + column, db);
  store<u8>(COLUMN_KIND + row, <u8>kind);
  store<u8>(COLUMN_IS_KEY + row, 1);
  store<u8>(COLUMN_FLAGS + row, <u8>flags);
  if (flags !== 0) fillAttributes(row, flags);
  return next;
}

/** As the twin leaves what a key with other attributes does not have. */
function fillAttributes(row: i32, flags: i32): void {
  if (!(flags & EXPIRY)) {
    store<i32>(COLUMN_EXPIRE_LO + (row << 2), 0);
    store<i32>(COLUMN_EXPIRE_HI + (row << 2), 0);
  }
  if (!(flags & IDLE)) store<f64>(COLUMN_IDLE_SECONDS + (row << 3), 0);
  if (!(flags & FREQ)) store<u8>(COLUMN_FREQ + row, 0);
}

function skipElements(shape: i32, from: i32, end: i32): i32 {
  let pos = readLength(from, end);
  if (pos === NOT_OURS) return NOT_OURS;
  for (let left = shape === PAIRS ? length * 2 : length; left > 0; left--) {
    if (shape === NODES) {
      pos = readLength(pos, end);
      if (pos === NOT_OURS) return NOT_OURS;
    }
    pos = skipString(pos, end);
    if (pos === NOT_OURS) return NOT_OURS;
    if (shape === SCORES) {
      if (end - pos < 8) return NOT_OURS;
      pos += 8;
    }
  }
  return pos;
}

/** Position after a string that is whole. */
// @inline
function skipString(pos: i32, end: i32): i32 {
  if (pos < end) {
    const lead: i32 = load<u8>(pos);
    if (lead < 0x40 && lead < end - pos) return pos + 1 + lead;
  }
  return skipLongString(pos, end);
}

function skipLongString(from: i32, end: i32): i32 {
  if (from >= end) return NOT_OURS;
  const lead: i32 = load<u8>(from);
  let pos: i32;
  if (lead < 0xc0) {
    pos = readLength(from, end);
    if (pos === NOT_OURS) return NOT_OURS;
  } else if (lead === 0xc3) {
    pos = readLength(from + 1, end);
    if (pos === NOT_OURS) return NOT_OURS;
    const size = length;
    pos = readLength(pos, end);
    if (pos === NOT_OURS) return NOT_OURS;
    length = size;
  } else if (lead < 0xc3) {
    pos = from + 1;
    length = 1 << (lead - 0xc0);
  } else return NOT_OURS;
  return length <= end - pos ? pos + length : NOT_OURS;
}

/** Position after a length of 6, 14 or 32 bits, below 2^30; {@link length} has it. */
function readLength(pos: i32, end: i32): i32 {
  if (pos >= end) return NOT_OURS;
  const lead: i32 = load<u8>(pos);
  if (lead < 0x40) {
    length = lead;
    return pos + 1;
  }
  if (lead < 0x80) {
    if (end - pos < 2) return NOT_OURS;
    length = ((lead & 0x3f) << 8) | load<u8>(pos + 1);
    return pos + 2;
  }
  if (lead !== 0x80 || end - pos < 5) return NOT_OURS;
  length = bswap<i32>(load<i32>(pos + 1));
  return length >>> 30 === 0 ? pos + 5 : NOT_OURS;
}
