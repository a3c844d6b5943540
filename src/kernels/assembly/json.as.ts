/**
 * Rows to lines of JSON, byte for byte what convert/json/ndjson-handler.ts writes for them.
 *
 * A row that is not written stops the run in front of itself: what is in it is the twin's business, or the output is full.
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
  COLUMN_VALUE_POS,
  JSON_AT,
  JSON_FACTS,
  JSON_FLUSH_BYTES,
  JSON_IS_FULL,
  JSON_KIND_INT,
  JSON_KIND_LZF,
  JSON_KINDS,
  JSON_MAX_BLOB,
  JSON_SEPARATOR,
  OUT,
} from '../memory-map';
import { readString, setCheck, setMaxBlob, writeEntry } from './json-entries.as';
import { writeStream } from './json-stream.as';
import { hasRoom, isFull, resetFull, writeBytes, writeInteger, writeUnsigned } from './json-text.as';
import {
  writeHash,
  writeIntset,
  writePackedHash,
  writePackedItems,
  writePackedZset,
  writeQuicklist,
  writeStrings,
  writeZset,
} from './json-values.as';

const EXPIRY: i32 = 1;
const IDLE: i32 = 2;
const FREQ: i32 = 4;

/** More than all that stands around key and value, attributes included. */
const FRAME: i32 = 512;

/** `{"db":` */
const DB = memory.data<u8>([0x7b, 0x22, 0x64, 0x62, 0x22, 0x3a, 0, 0]);
/** `,"key":` */
const KEY = memory.data<u8>([0x2c, 0x22, 0x6b, 0x65, 0x79, 0x22, 0x3a, 0]);
/** `,"value":` */
const VALUE = memory.data<u8>([0x2c, 0x22, 0x76, 0x61, 0x6c, 0x75, 0x65, 0x22, 0x3a, 0, 0, 0, 0, 0, 0, 0]);
/** `,"expireAt":` */
const EXPIRE_AT = memory.data<u8>([0x2c, 0x22, 0x65, 0x78, 0x70, 0x69, 0x72, 0x65, 0x41, 0x74, 0x22, 0x3a, 0, 0, 0, 0]);
/** `,"idle":` */
const IDLE_TIME = memory.data<u8>([0x2c, 0x22, 0x69, 0x64, 0x6c, 0x65, 0x22, 0x3a]);
/** `,"freq":` */
const FREQUENCY = memory.data<u8>([0x2c, 0x22, 0x66, 0x72, 0x65, 0x71, 0x22, 0x3a]);

/** Writes rows from `row` on at JSON_AT, and returns the one that it stopped at. `base`: what their positions count from. */
export function json(base: i32, row: i32, to: i32): i32 {
  resetFull();
  setCheck(false);
  setMaxBlob(load<i32>(JSON_MAX_BLOB));
  let at = load<i32>(JSON_AT);
  for (; row < to && at < OUT + JSON_FLUSH_BYTES; row++) {
    const next = writeRow(base, row, at);
    if (next === 0) break;
    at = next;
  }
  store<i32>(JSON_AT, at);
  store<i32>(JSON_IS_FULL, isFull);
  return row;
}

function writeRow(base: i32, row: i32, to: i32): i32 {
  if (!load<u8>(COLUMN_IS_KEY + row) || !hasRoom(to, FRAME)) return 0;
  const column = row << 2;
  const kind: i32 = load<u8>(COLUMN_KIND + row);
  const valuePos = base + load<i32>(COLUMN_VALUE_POS + column);
  const facts = load<u32>(JSON_KINDS + (factsOf(kind, load<u8>(valuePos)) << 2));
  if (facts === 0) return 0;
  let at = writePrefix(load<i32>(COLUMN_DB + column), to);
  at = writeKey(base + load<i32>(COLUMN_KEY_POS + column), valuePos, at);
  if (at === 0) return 0;
  memory.copy(at, JSON_FACTS + (facts & 0xffff), 64);
  at += facts >>> 16;
  const flags: i32 = load<u8>(COLUMN_FLAGS + row);
  if (flags !== 0) at = writeAttributes(row, flags, at);
  v128.store(at, v128.load(VALUE));
  at = writeValue(kind, valuePos, base + load<i32>(COLUMN_END + column), at + 9);
  if (at === 0 || !hasRoom(at, 0)) return 0;
  // `}` and the line end
  store<u16>(at, 0x0a7d);
  // Only what has been written moves the separator on.
  if (load<u8>(JSON_SEPARATOR) !== 0) store<u8>(JSON_SEPARATOR, 0x2c);
  return at + 2;
}

/** Index in the table of kinds. */
function factsOf(kind: i32, lead: i32): i32 {
  if (kind !== 0 || lead < 0xc0) return kind;
  return lead === 0xc3 ? JSON_KIND_LZF : JSON_KIND_INT;
}

function writePrefix(db: i32, to: i32): i32 {
  let at = to;
  const separator = load<u8>(JSON_SEPARATOR);
  if (separator !== 0) store<u8>(at++, separator);
  store<u64>(at, load<u64>(DB));
  at = writeInteger(db, at + 6);
  store<u64>(at, load<u64>(KEY));
  return at + 7;
}

function writeKey(pos: i32, end: i32, at: i32): i32 {
  const lead: i32 = load<u8>(pos);
  if (lead < 0x40) return writeBytes(pos + 1, lead, at);
  return readString(pos, end) === end ? writeEntry(at) : 0;
}

function writeAttributes(row: i32, flags: i32, to: i32): i32 {
  let at = to;
  if (flags & EXPIRY) {
    v128.store(at, v128.load(EXPIRE_AT));
    const high = <i64>load<i32>(COLUMN_EXPIRE_HI + (row << 2));
    at = writeInteger((high << 32) | <i64>load<u32>(COLUMN_EXPIRE_LO + (row << 2)), at + 12);
  }
  if (flags & IDLE) {
    store<u64>(at, load<u64>(IDLE_TIME));
    at = writeUnsigned(<u64>load<f64>(COLUMN_IDLE_SECONDS + (row << 3)), at + 8);
  }
  if (flags & FREQ) {
    store<u64>(at, load<u64>(FREQUENCY));
    at = writeUnsigned(load<u8>(COLUMN_FREQ + row), at + 8);
  }
  return at;
}

/** By type byte (rdb/constants.ts). */
export function writeValue(kind: i32, pos: i32, end: i32, at: i32): i32 {
  switch (kind) {
    case 0:
      return readString(pos, end) === end ? writeEntry(at) : 0;
    case 1:
    case 2:
      return writeStrings(kind === 2, pos, end, at);
    case 4:
      return writeHash(pos, end, at);
    case 5:
      return writeZset(pos, end, at);
    case 10:
      return writePackedItems(false, false, pos, end, at);
    case 11:
      return writeIntset(pos, end, at);
    case 12:
      return writePackedZset(false, pos, end, at);
    case 13:
      return writePackedHash(false, pos, end, at);
    case 14:
      return writeQuicklist(false, pos, end, at);
    case 15:
      return writeStream(1, pos, end, at);
    case 16:
      return writePackedHash(true, pos, end, at);
    case 17:
      return writePackedZset(true, pos, end, at);
    case 18:
      return writeQuicklist(true, pos, end, at);
    case 19:
      return writeStream(2, pos, end, at);
    case 20:
      return writePackedItems(true, true, pos, end, at);
    case 21:
      return writeStream(3, pos, end, at);
    default:
      return 0;
  }
}
