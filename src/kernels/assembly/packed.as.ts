/** Every rule of listpacks and ziplists beyond their headers; the twins are checkListpack and checkZiplist. */
import { isInteger, readEntry, size, text } from './json-entries.as';

const COUNT_UNKNOWN: i32 = 0xffff;

/** How many entries the last structure has that passed. */
export let found: i32 = 0;

/** `last`: where its terminator is. */
export function checkPacked(isListpack: bool, start: i32, last: i32): bool {
  return isListpack ? checkListpack(start, last) : checkZiplist(start, last);
}

function checkListpack(start: i32, last: i32): bool {
  let pos = start + 6;
  for (found = 0; pos !== last; found++) {
    const lead: i32 = load<u8>(pos);
    if (lead < 0xc0) {
      const bytes = lead < 0x80 ? 1 : 1 + (lead & 0x3f);
      if (pos + bytes >= last || load<u8>(pos + bytes) !== bytes) return false;
      pos += bytes + 1;
      continue;
    }
    const next = readEntry(true, pos, last);
    if (next === 0 || !checkBacklen(pos, next)) return false;
    pos = next;
  }
  const count: i32 = load<u16>(start + 4);
  return count === COUNT_UNKNOWN || count === found;
}

/** Seven bits per byte, the most significant first; all but the first have their top bit set. */
function checkBacklen(pos: i32, next: i32): bool {
  // Integers are so short that theirs is one byte.
  const start = isInteger ? next - 1 : text + size;
  let rest = start - pos;
  for (let at = next - 1; at >= start; at--) {
    if (load<u8>(at) !== ((rest & 0x7f) | (at > start ? 0x80 : 0))) return false;
    rest >>>= 7;
  }
  return true;
}

function checkZiplist(start: i32, last: i32): bool {
  let pos = start + 10;
  let tail = pos;
  let previous = 0;
  for (found = 0; pos !== last; found++) {
    const next = readEntry(false, pos, last);
    if (next === 0) return false;
    const lead: i32 = load<u8>(pos);
    if ((lead === 0xfe ? load<i32>(pos + 1) : lead) !== previous) return false;
    previous = next - pos;
    tail = pos;
    pos = next;
  }
  const count: i32 = load<u16>(start + 8);
  return (count === COUNT_UNKNOWN || count === found) && load<i32>(start + 4) === tail - start;
}
