/**
 * What a value consists of: strings of the format, entries of listpacks and of ziplists. Each reader fills the same slots
 * and returns the address behind what it read, or 0 where that is not plainly in order.
 * The twins are codecs/string.ts, listpack.ts and ziplist.ts.
 */
import { SCRATCH } from '../memory-map';
import { hasRoom, writeBytes, writeQuoted, writeQuotedInteger } from './json-text.as';
import { lzfDecompress } from './lzf.as';
import { checkPacked } from './packed.as';

/** A compressed string that is longer is left alone: as much room it has in the scratch memory. */
export const MAX_EXPANDED: i32 = 0x10_0000;

/** The slots: a number, or else bytes. */
export let isInteger = false;
export let number: i64 = 0;
export let text: i32 = 0;
export let size: i32 = 0;

/** Values are held against every rule instead of being written: what is in the output then means nothing. */
export let isCheck = false;

export function setCheck(check: bool): void {
  isCheck = check;
}

/** For who has written the number down as text. */
export function setSize(bytes: i32): void {
  size = bytes;
}

/** Longest string that may be read. */
export let maxBlob: i32 = 0;

export function setMaxBlob(bytes: i32): void {
  maxBlob = bytes;
}

/** The slots as a JSON string. */
export function writeEntry(at: i32): i32 {
  if (isCheck) return hasRoom(at, 0) ? at : 0;
  return isInteger ? writeQuotedInteger(number, at) : writeBytes(text, size, at);
}

/** The same as a name, which must be valid UTF-8. */
export function writeName(at: i32): i32 {
  return isInteger ? writeQuotedInteger(number, at) : writeQuoted(text, size, at);
}

/** A length of 6, 14 or 32 bits below 2^30, in {@link size}. */
export function readLength(pos: i32, end: i32): i32 {
  if (pos >= end) return 0;
  const lead: i32 = load<u8>(pos);
  let next = pos + 1;
  if (lead < 0x40) size = lead;
  else if (lead < 0x80) {
    next = pos + 2;
    size = ((lead & 0x3f) << 8) | load<u8>(pos + 1);
  } else {
    next = pos + 5;
    size = bswap<i32>(load<i32>(pos + 1));
    if (lead !== 0x80 || size >>> 30 !== 0) return 0;
  }
  return next <= end ? next : 0;
}

/** A string; a compressed one is expanded in the scratch memory, where it stays until the next. */
export function readString(pos: i32, end: i32): i32 {
  if (pos >= end) return 0;
  const lead: i32 = load<u8>(pos);
  if (lead >= 0xc0) return lead < 0xc3 ? readInteger(pos, lead, end) : readCompressed(pos, lead, end);
  const start = readLength(pos, end);
  if (start === 0 || size > end - start || size > maxBlob) return 0;
  isInteger = false;
  text = start;
  return start + size;
}

function readInteger(pos: i32, lead: i32, end: i32): i32 {
  const next = pos + 1 + (1 << (lead - 0xc0));
  if (next > end) return 0;
  isInteger = true;
  if (lead === 0xc0) number = load<i8>(pos + 1);
  else if (lead === 0xc1) number = load<i16>(pos + 1);
  else number = load<i32>(pos + 1);
  return next;
}

function readCompressed(pos: i32, lead: i32, end: i32): i32 {
  if (lead !== 0xc3) return 0;
  let start = readLength(pos + 1, end);
  if (start === 0) return 0;
  const compressed = size;
  start = readLength(start, end);
  if (start === 0 || compressed > end - start || size > MAX_EXPANDED || size > maxBlob) return 0;
  if (start + compressed - pos > maxBlob) return 0;
  if (lzfDecompress(start, start + compressed, SCRATCH, size) !== size) return 0;
  isInteger = false;
  text = SCRATCH;
  return start + compressed;
}

/** Entry of a listpack (first) or of a ziplist, which must end at `last`, the terminator's place, or before. */
export function readEntry(isListpack: bool, pos: i32, last: i32): i32 {
  return isListpack ? listpackEntry(pos, last) : ziplistEntry(pos, last);
}

/** First entry of the packed structure in the slots, whose terminator is at `text + size - 1`; 0 where its header is odd. */
export function openPacked(isListpack: bool): i32 {
  const head = isListpack ? 6 : 10;
  if (isInteger || size < head + 1) return 0;
  const last = text + size - 1;
  if (load<i32>(text) !== size || load<u8>(last) !== 0xff) return 0;
  const start = text;
  const bytes = size;
  if (isCheck && !checkPacked(isListpack, start, last)) return 0;
  text = start;
  size = bytes;
  isInteger = false;
  return start + head;
}

function listpackEntry(pos: i32, last: i32): i32 {
  const lead: i32 = load<u8>(pos);
  if (lead >= 0xc0) return wideEntry(pos, lead, last);
  isInteger = lead < 0x80;
  number = lead;
  text = pos + 1;
  size = lead & 0x3f;
  const next = isInteger ? pos + 2 : text + size + 1;
  return next <= last ? next : 0;
}

function wideEntry(pos: i32, lead: i32, last: i32): i32 {
  isInteger = true;
  if (lead < 0xe0) {
    number = (((lead & 0x1f) << 27) >> 19) | load<u8>(pos + 1);
    return afterBacklen(pos, 2, last);
  }
  switch (lead) {
    case 0xf1:
      number = load<i16>(pos + 1);
      return afterBacklen(pos, 3, last);
    case 0xf2:
      number = int24(pos + 1);
      return afterBacklen(pos, 4, last);
    case 0xf3:
      number = load<i32>(pos + 1);
      return afterBacklen(pos, 5, last);
    case 0xf4:
      number = load<i64>(pos + 1);
      return afterBacklen(pos, 9, last);
  }
  if (lead > 0xf0) return 0;
  isInteger = false;
  const head = lead === 0xf0 ? 5 : 2;
  size = lead === 0xf0 ? load<i32>(pos + 1) : ((lead & 0x0f) << 8) | load<u8>(pos + 1);
  text = pos + head;
  return size >= 0 && size < last - text ? afterBacklen(pos, head + size, last) : 0;
}

/** A leading zero group tells the padded form, which only the boundary sizes have (see codecs/listpack.ts). */
function afterBacklen(pos: i32, bytes: i32, last: i32): i32 {
  const at = pos + bytes;
  if (at >= last) return 0;
  let next = at + 1;
  if (bytes >= 128) {
    const atLeast = load<u8>(at) === 0 ? bytes : bytes - 1;
    next = at + (atLeast < 0x3fff ? 2 : atLeast < 0x1fffff ? 3 : 4);
  }
  return next <= last ? next : 0;
}

function ziplistEntry(pos: i32, last: i32): i32 {
  const prevlen: i32 = load<u8>(pos);
  if (prevlen === 0xff) return 0;
  const at = prevlen < 0xfe ? pos + 1 : pos + 5;
  if (at >= last) return 0;
  const lead: i32 = load<u8>(at);
  if (lead >= 0xc0) return ziplistInteger(at, lead, last);
  isInteger = false;
  if (lead < 0x40) {
    text = at + 1;
    size = lead;
  } else if (lead < 0x80) {
    text = at + 2;
    size = ((lead & 0x3f) << 8) | load<u8>(at + 1);
  } else {
    text = at + 5;
    size = bswap<i32>(load<i32>(at + 1));
  }
  return size >= 0 && size <= last - text ? text + size : 0;
}

function ziplistInteger(at: i32, lead: i32, last: i32): i32 {
  isInteger = true;
  let next: i32;
  if (lead >= 0xf1 && lead <= 0xfd) {
    number = lead - 0xf1;
    next = at + 1;
  } else if (lead === 0xfe) {
    number = load<i8>(at + 1);
    next = at + 2;
  } else if (lead === 0xc0) {
    number = load<i16>(at + 1);
    next = at + 3;
  } else if (lead === 0xf0) {
    number = int24(at + 1);
    next = at + 4;
  } else if (lead === 0xd0) {
    number = load<i32>(at + 1);
    next = at + 5;
  } else if (lead === 0xe0) {
    number = load<i64>(at + 1);
    next = at + 9;
  } else return 0;
  return next <= last ? next : 0;
}

function int24(pos: i32): i32 {
  const word = load<i32>(pos);
  return (word << 8) >> 8;
}

/** One byte, where there is room for it and what follows without asking. */
export function writeByte(byte: u8, at: i32): i32 {
  if (!hasRoom(at, 0)) return 0;
  store<u8>(at, byte);
  return at + 1;
}
