/**
 * Streams as JSON: {@link writeStream} has the entries of the nodes and the counters, json-groups.as.ts the rest. The twins
 * are codecs/stream-node.ts, rdb/types/stream.ts and convert/json/stream-value.ts, for the versions 1 to 3.
 */
import {
  STREAM_ENTRIES,
  STREAM_ENTRIES_ADDED,
  STREAM_FIELDS,
  STREAM_GROUPS,
  STREAM_ID,
  STREAM_LAST_ID,
  STREAM_LENGTH,
  STREAM_MAX_DELETED_ID,
} from '../literal-slots';
import {
  isCheck,
  isInteger,
  number,
  openPacked,
  readEntry,
  readLength,
  readString,
  size,
  text,
  writeByte,
  writeEntry,
} from './json-entries.as';
import { writeGroups } from './json-groups.as';
import { hasRoom, writeLiteral, writeUnsigned } from './json-text.as';

const DELETED: i32 = 1;
const SAME_FIELDS: i32 = 2;

const COMMA: u8 = 0x2c;
const DASH: u8 = 0x2d;
const QUOTE: u8 = 0x22;
const CLOSE_OBJECT: u8 = 0x7d;
/** `]}` */
const ENTRY_END: u16 = 0x7d5d;

const LARGEST_EXACT: u64 = 0x20_0000_0000_0000;
/** More fields than any entry here has. */
const MAX_FIELDS: i64 = 0x1000_0000;

/** What {@link readLength64} found. */
export let length64: u64 = 0;

/** Entries that have been met of the stream in hand. */
let written: i64 = 0;
let masterMs: u64 = 0;
let masterSeq: u64 = 0;
let masterFields: i32 = 0;
let masterCount: i32 = 0;
let masterLive: i64 = 0;
let masterDeleted: i64 = 0;

export function writeStream(version: i32, from: i32, end: i32, to: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0) return 0;
  const nodes = size;
  let at = writeLiteral(STREAM_ENTRIES, to);
  written = 0;
  for (let node = 0; node < nodes; node++) {
    const previousMs = masterMs;
    const previousSeq = masterSeq;
    pos = readString(pos, end);
    if (pos === 0 || isInteger || size !== 16) return 0;
    masterMs = bswap(load<u64>(text));
    masterSeq = bswap(load<u64>(text + 8));
    if (node > 0 && masterMs === previousMs && masterSeq === previousSeq) return 0;
    pos = readString(pos, end);
    if (pos === 0) return 0;
    at = writeNode(at);
    if (at === 0) return 0;
  }
  pos = readLength64(pos, end);
  if (pos === 0 || length64 > LARGEST_EXACT || (length64 > 0 && nodes === 0) || !hasRoom(at, 0)) return 0;
  if (isCheck && length64 !== written) return 0;
  at = writeUnsigned(length64, writeLiteral(STREAM_LENGTH, at));
  return writeState(version, pos, end, at);
}

function writeState(version: i32, from: i32, end: i32, to: i32): i32 {
  let pos = from;
  let at = to;
  for (let id = STREAM_LAST_ID; id <= (version >= 2 ? STREAM_MAX_DELETED_ID : STREAM_LAST_ID); id++) {
    pos = readLength64(pos, end);
    const ms = length64;
    if (pos !== 0) pos = readLength64(pos, end);
    if (pos === 0 || !hasRoom(at, 0)) return 0;
    at = writeId(ms, length64, writeLiteral(id, at));
  }
  if (version >= 2) {
    pos = readLength64(pos, end);
    if (pos === 0 || length64 > LARGEST_EXACT) return 0;
    at = writeUnsigned(length64, writeLiteral(STREAM_ENTRIES_ADDED, at));
  }
  at = writeGroups(version, pos, end, writeLiteral(STREAM_GROUPS, at));
  return at === 0 ? 0 : writeByte(CLOSE_OBJECT, at);
}

/** The live entries of the node in the slots. */
function writeNode(to: i32): i32 {
  let pos = openPacked(true);
  if (pos === 0 || size <= 7) return 0;
  const last = text + size - 1;
  pos = readMaster(pos, last);
  if (pos === 0) return 0;
  const expected = written + masterLive;
  let deleted: i64 = 0;
  let at = to;
  while (pos !== last) {
    pos = readNumber(pos, last);
    if (pos === 0) return 0;
    const flags = <i32>number;
    pos = readNumber(pos, last);
    const ms = masterMs + <u64>number;
    if (pos !== 0) pos = readNumber(pos, last);
    const seq = masterSeq + <u64>number;
    let count = masterCount;
    if (pos !== 0 && !(flags & SAME_FIELDS)) {
      pos = readNumber(pos, last);
      if (number < 0 || number > MAX_FIELDS) return 0;
      count = <i32>number;
    }
    if (pos === 0) return 0;
    const parts = flags & SAME_FIELDS ? count : count * 2;
    if (flags & DELETED) {
      deleted++;
      pos = skipEntries(parts, pos, last);
    } else if (isCheck) {
      written++;
      pos = skipEntries(parts, pos, last);
    } else {
      at = writeFields(startEntry(ms, seq, at), flags, count, pos, last);
      if (at === 0) return 0;
      pos = fieldsEnd;
    }
    if (pos === 0 || pos === last) return 0;
    pos = readEntry(true, pos, last);
    if (pos === 0) return 0;
    if (isCheck && (!isInteger || number !== parts + (flags & SAME_FIELDS ? 3 : 4))) return 0;
  }
  return isCheck && (written !== expected || deleted !== masterDeleted) ? 0 : at;
}

/** Returns the position of the first entry. */
function readMaster(from: i32, last: i32): i32 {
  let pos = from;
  for (let count = 0; count < 3; count++) {
    pos = readNumber(pos, last);
    if (pos === 0 || number < 0 || number > MAX_FIELDS) return 0;
    if (count === 0) masterLive = number;
    else if (count === 1) masterDeleted = number;
  }
  masterCount = <i32>number;
  masterFields = pos;
  pos = skipEntries(masterCount, pos, last);
  if (pos !== 0) pos = readNumber(pos, last);
  return pos !== 0 && number === 0 ? pos : 0;
}

function startEntry(ms: u64, seq: u64, to: i32): i32 {
  if (!hasRoom(to, 0)) return 0;
  let at = to;
  if (written++ > 0) store<u8>(at++, COMMA);
  return writeLiteral(STREAM_FIELDS, writeId(ms, seq, writeLiteral(STREAM_ID, at)));
}

/** Where the fields ended that {@link writeFields} wrote. */
let fieldsEnd: i32 = 0;

function writeFields(to: i32, flags: i32, count: i32, from: i32, last: i32): i32 {
  if (to === 0) return 0;
  let at = to;
  let pos = from;
  let name = masterFields;
  for (let index = 0; index < count; index++) {
    if (index > 0) store<u8>(at++, COMMA);
    if (flags & SAME_FIELDS) name = readEntry(true, name, last);
    else {
      if (pos === last) return 0;
      pos = readEntry(true, pos, last);
      name = pos;
    }
    if (name === 0 || pos === last) return 0;
    at = writeEntry(at);
    if (at === 0) return 0;
    pos = readEntry(true, pos, last);
    if (pos === 0) return 0;
    store<u8>(at, COMMA);
    at = writeEntry(at + 1);
    if (at === 0) return 0;
  }
  fieldsEnd = pos;
  if (!hasRoom(at, 0)) return 0;
  store<u16>(at, ENTRY_END);
  return at + 2;
}

function readNumber(pos: i32, last: i32): i32 {
  if (pos === last) return 0;
  const next = readEntry(true, pos, last);
  return isInteger ? next : 0;
}

function skipEntries(count: i32, from: i32, last: i32): i32 {
  let pos = from;
  for (let left = count; left > 0; left--) {
    if (pos === last) return 0;
    pos = readEntry(true, pos, last);
    if (pos === 0) return 0;
  }
  return pos;
}

/** `"ms-seq"`. There is room. */
export function writeId(ms: u64, seq: u64, to: i32): i32 {
  store<u8>(to, QUOTE);
  let at = writeUnsigned(ms, to + 1);
  store<u8>(at, DASH);
  at = writeUnsigned(seq, at + 1);
  store<u8>(at, QUOTE);
  return at + 1;
}

/** A length of any form, all of its 64 bits data. */
export function readLength64(pos: i32, end: i32): i32 {
  if (pos < end && load<u8>(pos) === 0x81) {
    if (end - pos < 9) return 0;
    length64 = bswap(load<u64>(pos + 1));
    return pos + 9;
  }
  if (pos < end && load<u8>(pos) === 0x80) {
    if (end - pos < 5) return 0;
    length64 = bswap(load<u32>(pos + 1));
    return pos + 5;
  }
  const next = readLength(pos, end);
  length64 = size;
  return next;
}
