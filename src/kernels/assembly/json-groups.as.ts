/**
 * The consumer groups of a stream as JSON. Owners come behind the entries that they own, so these are passed over first:
 * their owners stand in a table when they are written. The twin is rdb/types/stream-groups.ts.
 */
import {
  CONSUMER_ACTIVE_AT,
  CONSUMER_SEEN_AT,
  GROUP_CONSUMERS,
  GROUP_ENTRIES_READ,
  GROUP_NAME,
  GROUP_PENDING,
  NULL,
  PENDING_CONSUMER,
  PENDING_DELIVERED_AT,
  PENDING_DELIVERIES,
  STREAM_ID,
  STREAM_LAST_ID,
} from '../literal-slots';
import { SCRATCH } from '../memory-map';
import { isCheck, isInteger, maxBlob, readLength, readString, size, writeByte, writeEntry } from './json-entries.as';
import { addName, resetNames } from './json-names.as';
import { length64, readLength64, writeId } from './json-stream.as';
import { hasRoom, writeInteger, writeLiteral, writeUnsigned } from './json-text.as';

const COMMA: u8 = 0x2c;
const CLOSE_ARRAY: u8 = 0x5d;
const CLOSE_OBJECT: u8 = 0x7d;

const LARGEST_EXACT: u64 = 0x20_0000_0000_0000;

/** For each pending entry where it lies, and where the name of its owner does, 0 without one. */
const PENDING: i32 = SCRATCH + 0x19_0000;
const MAX_PENDING: i32 = 0x5000;
/** Every consumer looks through all of them. */
const MAX_CONSUMERS: i32 = 256;
/** Where the names of the groups so far begin and end in the output. */
const NAMES: i32 = SCRATCH + 0x1b_e000;
const MAX_GROUPS: i32 = 64;

/** What the twin keeps in memory for an entry or a name, which `maxBlobBytes` limits. */
const HELD_BYTES: i32 = 120;
let held: i32 = 0;

/** All groups, with the bracket behind them, up to `end`. */
export function writeGroups(version: i32, from: i32, end: i32, to: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0 || size > MAX_GROUPS) return 0;
  const groups = size;
  held = 0;
  let at = to;
  for (let group = 0; group < groups; group++) {
    if (!hasRoom(at, 0)) return 0;
    if (group > 0) store<u8>(at++, COMMA);
    at = writeLiteral(GROUP_NAME, at);
    const name = at;
    pos = readString(pos, end);
    if (pos === 0 || !holdName()) return 0;
    at = writeEntry(at);
    if (at === 0 || !isNewName(group, name, at)) return 0;
    at = writeGroupState(version, pos, end, at);
    if (at === 0) return 0;
    pos = reached;
  }
  return pos === end ? writeByte(CLOSE_ARRAY, at) : 0;
}

/** Where the part of the input ended that was written last. */
let reached: i32 = 0;

/** Whether there may be so many bytes more. Each addition is far from the limit of 32 bits, and the first too many ends it. */
function hold(bytes: i32): bool {
  held += bytes;
  return held <= maxBlob;
}

/** The text of a number has at most 11 bytes. */
function holdName(): bool {
  return hold(HELD_BYTES + (isInteger ? 11 : size));
}

function isNewName(group: i32, from: i32, end: i32): bool {
  for (let other = 0; other < group; other++) {
    const start = load<i32>(NAMES + (other << 3));
    const bytes = load<i32>(NAMES + (other << 3) + 4) - start;
    if (bytes === end - from && memory.compare(start, from, bytes) === 0) return false;
  }
  store<i32>(NAMES + (group << 3), from);
  store<i32>(NAMES + (group << 3) + 4, end);
  return true;
}

/** Everything behind the name of a group. */
function writeGroupState(version: i32, from: i32, end: i32, to: i32): i32 {
  let pos = readLength64(from, end);
  const ms = length64;
  if (pos !== 0) pos = readLength64(pos, end);
  if (pos === 0 || !hasRoom(to, 0)) return 0;
  let at = writeId(ms, length64, writeLiteral(STREAM_LAST_ID, to));
  if (version >= 2) {
    pos = readLength64(pos, end);
    if (pos === 0) return 0;
    at = writeLiteral(GROUP_ENTRIES_READ, at);
    if (length64 === u64.MAX_VALUE) at = writeLiteral(NULL, at);
    else if (length64 > LARGEST_EXACT) return 0;
    else at = writeUnsigned(length64, at);
  }
  pos = readLength(pos, end);
  if (pos === 0 || size > MAX_PENDING || !hold(size * HELD_BYTES)) return 0;
  const pending = size;
  const consumers = findPending(pending, pos, end);
  if (consumers === 0 || !findOwners(version, pending, consumers, end)) return 0;
  at = writePending(pending, end, writeLiteral(GROUP_PENDING, at));
  return at === 0 ? 0 : writeConsumers(version, consumers, end, at);
}

/** Position behind the entries; ids must ascend, so that none is there twice. */
function findPending(count: i32, from: i32, end: i32): i32 {
  let pos = from;
  for (let index = 0; index < count; index++) {
    if (end - pos < 25) return 0;
    if (index > 0 && memory.compare(load<i32>(PENDING + ((index - 1) << 3)), pos, 16) >= 0) return 0;
    store<i32>(PENDING + (index << 3), pos);
    store<i32>(PENDING + (index << 3) + 4, 0);
    pos = readLength64(pos + 24, end);
    if (pos === 0) return 0;
  }
  return pos;
}

function findOwners(version: i32, pending: i32, from: i32, end: i32): bool {
  let pos = readLength(from, end);
  if (pos === 0 || size > MAX_CONSUMERS) return false;
  for (let left = size; left > 0; left--) {
    const name = pos;
    pos = readConsumer(version, pos, end);
    if (pos === 0 || !holdName()) return false;
    pos = readLength(pos, end);
    if (pos === 0 || size > (end - pos) >> 4) return false;
    let index = 0;
    for (let ids = size; ids > 0; ids--, pos += 16) {
      while (index < pending && memory.compare(load<i32>(PENDING + (index << 3)), pos, 16) < 0) index++;
      if (index === pending || memory.compare(load<i32>(PENDING + (index << 3)), pos, 16) !== 0) return false;
      if (load<i32>(PENDING + (index << 3) + 4) !== 0) return false;
      store<i32>(PENDING + (index << 3) + 4, name);
    }
  }
  return true;
}

/** The name of a consumer in the slots, and the position behind its times. */
function readConsumer(version: i32, from: i32, end: i32): i32 {
  const pos = readString(from, end);
  const times = version >= 3 ? 16 : 8;
  return pos === 0 || end - pos < times ? 0 : pos + times;
}

function writePending(count: i32, end: i32, to: i32): i32 {
  let at = to;
  for (let index = 0; index < count; index++) {
    if (!hasRoom(at, 0)) return 0;
    if (index > 0) store<u8>(at++, COMMA);
    const pos = load<i32>(PENDING + (index << 3));
    const owner = load<i32>(PENDING + (index << 3) + 4);
    at = writeId(bswap(load<u64>(pos)), bswap(load<u64>(pos + 8)), writeLiteral(STREAM_ID, at));
    at = writeLiteral(PENDING_CONSUMER, at);
    if (owner === 0) {
      if (isCheck) return 0;
      at = writeLiteral(NULL, at);
    } else {
      readString(owner, end);
      at = writeEntry(at);
      if (at === 0 || !hasRoom(at, 0)) return 0;
    }
    at = writeTime(load<i64>(pos + 16), writeLiteral(PENDING_DELIVERED_AT, at));
    if (at === 0 || readLength64(pos + 24, end) === 0 || length64 > LARGEST_EXACT) return 0;
    at = writeUnsigned(length64, writeLiteral(PENDING_DELIVERIES, at));
    store<u8>(at++, CLOSE_OBJECT);
  }
  return at;
}

function writeConsumers(version: i32, from: i32, end: i32, to: i32): i32 {
  let pos = readLength(from, end);
  if (!hasRoom(to, 0) || !resetNames(size)) return 0;
  const count = size;
  let at = writeLiteral(GROUP_CONSUMERS, to);
  for (let index = 0; index < count; index++) {
    if (!hasRoom(at, 0)) return 0;
    if (index > 0) store<u8>(at++, COMMA);
    at = writeLiteral(GROUP_NAME, at);
    const name = at;
    pos = readConsumer(version, pos, end);
    const times = pos - (version >= 3 ? 16 : 8);
    at = writeEntry(at);
    if (at === 0 || !hasRoom(at, 0) || !addName(name, at)) return 0;
    at = writeTime(load<i64>(times), writeLiteral(CONSUMER_SEEN_AT, at));
    if (at !== 0 && version >= 3) {
      at = writeLiteral(CONSUMER_ACTIVE_AT, at);
      at = load<i64>(times + 8) === -1 ? writeLiteral(NULL, at) : writeTime(load<i64>(times + 8), at);
    }
    if (at === 0) return 0;
    store<u8>(at++, CLOSE_OBJECT);
    pos = readLength(pos, end);
    pos += size << 4;
  }
  reached = pos;
  store<u16>(at, 0x7d5d);
  return at + 2;
}

/** A time in ms; 0 for one that is none. There is room. */
function writeTime(ms: i64, at: i32): i32 {
  return ms < 0 || <u64>ms > LARGEST_EXACT ? 0 : writeInteger(ms, at);
}
