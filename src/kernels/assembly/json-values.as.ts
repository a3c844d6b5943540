/**
 * Collections as JSON: `[item, …]`, `{"field":value, …}`, `[[member,score], …]` ascending. The twins are the writers of
 * convert/json. What they treat as a special case is given up here: names that repeat or are no UTF-8, a lone name with a
 * `$`, members in no order.
 */
import { SCRATCH } from '../memory-map';
import {
  isCheck,
  isInteger,
  number,
  openPacked,
  readEntry,
  readLength,
  readString,
  setSize,
  size,
  text,
  writeByte,
  writeEntry,
  writeName,
} from './json-entries.as';
import { addName, resetNames } from './json-names.as';
import { parseScore, writeScore } from './json-number.as';
import { hasRoom, writeInteger, writeQuotedInteger } from './json-text.as';
import { found } from './packed.as';

const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;
const OPEN_ARRAY: u8 = 0x5b;
const CLOSE_ARRAY: u8 = 0x5d;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const DOLLAR: u8 = 0x24;

/** Container of a quicklist node: one item, or a listpack. */
const PLAIN: i32 = 1;
const PACKED: i32 = 2;

const LARGEST_EXACT: i64 = 0x20_0000_0000_0000;

/** Positions of the members of a sorted set, and the most of them. */
const POSITIONS: i32 = SCRATCH + 0x19_0000;
const MAX_MEMBERS: i32 = 0xb000;
/** Texts of two members that are stored as integers. */
const DIGITS: i32 = SCRATCH + 0x1b_f000;

/** Elements of the value in hand that have been written. */
let written = 0;

/** `count` strings: a list or a set. */
export function writeStrings(isSet: bool, from: i32, end: i32, at: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0 || !startItems(isSet, size)) return 0;
  store<u8>(at++, OPEN_ARRAY);
  for (let left = size; left > 0; left--) {
    pos = readString(pos, end);
    if (pos === 0) return 0;
    at = writeItem(at);
    if (at === 0) return 0;
  }
  return pos === end ? closeItems(at) : 0;
}

/** A check asks for more: members that differ, and one at the least. */
let isDistinct = false;

function startItems(isSet: bool, count: i32): bool {
  written = 0;
  isDistinct = isSet && isCheck;
  return !isDistinct || resetNames(count);
}

function closeItems(at: i32): i32 {
  return isCheck && written === 0 ? 0 : writeByte(CLOSE_ARRAY, at);
}

/** One packed structure: a list or a set. */
export function writePackedItems(isListpack: bool, isSet: bool, from: i32, end: i32, at: i32): i32 {
  if (readString(from, end) !== end || !startItems(isSet, size >> 1)) return 0;
  store<u8>(at, OPEN_ARRAY);
  const next = writePacked(isListpack, at + 1);
  return next === 0 ? 0 : closeItems(next);
}

/** Nodes that are packed structures, or with a container in front of each that says whether they are. */
export function writeQuicklist(hasContainers: bool, from: i32, end: i32, at: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0) return 0;
  store<u8>(at++, OPEN_ARRAY);
  startItems(false, 0);
  for (let left = size; left > 0; left--) {
    let container = PACKED;
    if (hasContainers) {
      pos = readLength(pos, end);
      if (pos === 0) return 0;
      container = size;
    }
    pos = readString(pos, end);
    if (pos === 0) return 0;
    if (container === PACKED) at = writePacked(hasContainers, at);
    else at = container === PLAIN && (isInteger || size > 0) ? writeItem(at) : 0;
    if (at === 0) return 0;
  }
  return pos === end ? closeItems(at) : 0;
}

export function writeIntset(from: i32, end: i32, to: i32): i32 {
  if (readString(from, end) !== end || isInteger || size < 8) return 0;
  const width = load<i32>(text);
  const count = load<i32>(text + 4);
  if ((width !== 2 && width !== 4 && width !== 8) || count <= 0 || count > size / width) return 0;
  if (8 + count * width !== size) return 0;
  if (isCheck) return ascends(text + 8, text + size, width) ? to : 0;
  let at = to;
  let next = OPEN_ARRAY;
  for (let pos = text + 8, last = text + size; pos < last; pos += width) {
    at = writeByte(next, at);
    if (at === 0) return 0;
    next = COMMA;
    at = writeQuotedInteger(intsetMember(pos, width), at);
    if (at === 0) return 0;
  }
  return writeByte(CLOSE_ARRAY, at);
}

function intsetMember(pos: i32, width: i32): i64 {
  return width === 2 ? load<i16>(pos) : width === 4 ? load<i32>(pos) : load<i64>(pos);
}

function ascends(from: i32, end: i32, width: i32): bool {
  for (let pos = from + width; pos < end; pos += width) {
    if (intsetMember(pos - width, width) >= intsetMember(pos, width)) return false;
  }
  return true;
}

/** The entries of the packed structure in the slots. */
function writePacked(isListpack: bool, to: i32): i32 {
  let pos = openPacked(isListpack);
  if (pos === 0) return 0;
  if (isCheck && !isDistinct) {
    written += found;
    return to;
  }
  const last = text + size - 1;
  let at = to;
  while (pos !== last) {
    pos = readEntry(isListpack, pos, last);
    if (pos === 0) return 0;
    at = writeItem(at);
    if (at === 0) return 0;
  }
  return at;
}

/** The slots, as one more element. */
function writeItem(at: i32): i32 {
  if (isDistinct && !addEntry()) return 0;
  if (written++ > 0) store<u8>(at++, COMMA);
  return writeEntry(at);
}

/** The slots, as a member or field that must not have come before. */
function addEntry(): bool {
  const start = entryText(0);
  return addName(start, start + size);
}

/** Field and value strings. */
export function writeHash(from: i32, end: i32, at: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0 || !resetNames(size)) return 0;
  const first = at;
  store<u8>(at++, OPEN_OBJECT);
  written = 0;
  for (let left = size; left > 0; left--) {
    pos = readString(pos, end);
    if (pos === 0) return 0;
    at = writeField(at);
    if (at === 0) return 0;
    pos = readString(pos, end);
    if (pos === 0) return 0;
    at = writeEntry(at);
    if (at === 0) return 0;
  }
  return pos === end ? closeObject(first, at) : 0;
}

export function writePackedHash(isListpack: bool, from: i32, end: i32, to: i32): i32 {
  if (readString(from, end) !== end) return 0;
  let pos = openPacked(isListpack);
  // What the header says of the number of entries is not trusted: none is shorter than two bytes.
  if (pos === 0 || !resetNames(size >> 2)) return 0;
  const last = text + size - 1;
  store<u8>(to, OPEN_OBJECT);
  written = 0;
  let at = to + 1;
  while (pos !== last) {
    pos = readEntry(isListpack, pos, last);
    if (pos === 0 || pos === last) return 0;
    at = writeField(at);
    if (at === 0) return 0;
    pos = readEntry(isListpack, pos, last);
    if (pos === 0) return 0;
    at = writeEntry(at);
    if (at === 0) return 0;
  }
  return closeObject(to, at);
}

/** The slots as a name, and the colon. */
function writeField(at: i32): i32 {
  if (isCheck) {
    written++;
    return hasRoom(at, 0) && addEntry() ? at : 0;
  }
  if (written++ > 0) store<u8>(at++, COMMA);
  const next = writeName(at);
  if (next === 0 || !addName(at + 1, next - 1)) return 0;
  store<u8>(next, COLON);
  return next + 1;
}

/** The end of the object that was begun at `first`. */
function closeObject(first: i32, at: i32): i32 {
  if (isCheck) return written > 0 ? at : 0;
  if (written === 1 && load<u8>(first + 2) === DOLLAR) return 0;
  return writeByte(CLOSE_OBJECT, at);
}

/** Members and scores in one packed structure, which ascends as a rule. */
export function writePackedZset(isListpack: bool, from: i32, end: i32, to: i32): i32 {
  if (readString(from, end) !== end) return 0;
  let pos = openPacked(isListpack);
  if (pos === 0) return 0;
  if (isCheck && !resetNames(size >> 2)) return 0;
  const last = text + size - 1;
  store<u8>(to, OPEN_ARRAY);
  let at = to + 1;
  let previous = -Infinity;
  let before = 0;
  while (pos !== last) {
    const member = pos;
    pos = readEntry(isListpack, pos, last);
    if (pos === 0 || pos === last) return 0;
    if (before !== 0) store<u8>(at++, COMMA);
    at = writeMember(at);
    if (at === 0) return 0;
    pos = readEntry(isListpack, pos, last);
    if (pos === 0) return 0;
    const score = entryScore();
    // Nor is NaN in one.
    if (!(previous <= score)) return 0;
    if (previous === score && before !== 0 && compareEntries(isListpack, before, member, last) > 0) return 0;
    at = closeMember(score, at);
    if (at === 0) return 0;
    previous = score;
    before = member;
  }
  return isCheck && before === 0 ? 0 : writeByte(CLOSE_ARRAY, at);
}

/** The slots as a member of a sorted set. */
function writeMember(at: i32): i32 {
  if (isCheck && !addEntry()) return 0;
  store<u8>(at, OPEN_ARRAY);
  return writeEntry(at + 1);
}

/** `,score]` */
function closeMember(score: f64, at: i32): i32 {
  if (isCheck) return at;
  store<u8>(at, COMMA);
  const next = writeScore(score, at + 1);
  return next === 0 ? 0 : writeByte(CLOSE_ARRAY, next);
}

/** The slots as a score; NaN where it is not plainly one. */
function entryScore(): f64 {
  if (!isInteger) return parseScore(text, size);
  return number > LARGEST_EXACT || number < -LARGEST_EXACT ? NaN : <f64>number;
}

/** Members with a double behind each, descending as servers write them, or ascending. */
export function writeZset(from: i32, end: i32, at: i32): i32 {
  let pos = readLength(from, end);
  if (pos === 0 || size > MAX_MEMBERS) return 0;
  const count = size;
  if (isCheck && (count === 0 || !resetNames(count))) return 0;
  let direction = 0;
  for (let index = 0; index < count; index++) {
    store<i32>(POSITIONS + (index << 2), pos);
    const isCompressed = pos < end && load<u8>(pos) >= 0xc3;
    pos = readString(pos, end);
    if (isCompressed || pos === 0 || end - pos < 8) return 0;
    const score = load<f64>(pos);
    // NaN is in no order.
    if (!(score <= Infinity)) return 0;
    pos += 8;
    if (index === 0) continue;
    const order = compareMembers(index - 1, index, end);
    if (direction === 0) direction = order <= 0 ? 1 : -1;
    else if (order * direction > 0) return 0;
  }
  if (pos !== end) return 0;
  return writeMembers(direction < 0, count, end, at);
}

function writeMembers(isReversed: bool, count: i32, end: i32, to: i32): i32 {
  let at = writeByte(OPEN_ARRAY, to);
  if (at === 0) return 0;
  for (let index = 0; index < count; index++) {
    if (index > 0) store<u8>(at++, COMMA);
    const pos = readString(load<i32>(POSITIONS + ((isReversed ? count - 1 - index : index) << 2)), end);
    at = writeMember(at);
    if (at === 0) return 0;
    at = closeMember(load<f64>(pos), at);
    if (at === 0) return 0;
  }
  return writeByte(CLOSE_ARRAY, at);
}

/** By score, then by the member's bytes. The second has been read last. */
function compareMembers(first: i32, second: i32, end: i32): i32 {
  const left = load<i32>(POSITIONS + (first << 2));
  const right = load<i32>(POSITIONS + (second << 2));
  const score = load<f64>(readString(right, end));
  const before = load<f64>(readString(left, end));
  if (before !== score) return before < score ? -1 : 1;
  const start = entryText(0);
  const bytes = size;
  readString(right, end);
  return compareBytes(start, bytes, entryText(1), size);
}

function compareEntries(isListpack: bool, left: i32, right: i32, last: i32): i32 {
  readEntry(isListpack, left, last);
  const start = entryText(0);
  const bytes = size;
  readEntry(isListpack, right, last);
  return compareBytes(start, bytes, entryText(1), size);
}

/** Where the bytes of the slots are; a number is written down first, in one of two places, and {@link size} set. */
export function entryText(place: i32): i32 {
  return isInteger ? keepDigits(DIGITS + (place << 5)) : text;
}

function keepDigits(at: i32): i32 {
  setSize(writeInteger(number, at) - at);
  return at;
}

function compareBytes(left: i32, leftSize: i32, right: i32, rightSize: i32): i32 {
  const order = memory.compare(left, right, min(leftSize, rightSize));
  return order !== 0 ? order : leftSize - rightSize;
}
