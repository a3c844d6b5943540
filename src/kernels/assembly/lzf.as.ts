/**
 * LZF, both directions, over addresses of the memory; the twin and the layout of the items are in codecs/lzf.ts.
 *
 * Copies are 16 bytes wide and write beyond the item's end, at most 15 bytes beyond the output's; they read at most 31 bytes
 * beyond the input's.
 */

const LONG_MATCH: i32 = 7;
/** Bytes of a wide copy. */
const WIDE: i32 = 16;

/** Returns `toSize`, or −1 where the items are not sound or not exactly that many bytes. */
export function lzfDecompress(from: i32, fromEnd: i32, to: i32, toSize: i32): i32 {
  const toEnd = to + toSize;
  let pos = from;
  let at = to;
  while (pos < fromEnd) {
    const control: i32 = load<u8>(pos);
    if (control < 32) {
      const size = control + 1;
      const next = pos + 1 + size;
      if (next > fromEnd || size > toEnd - at) return -1;
      v128.store(at, v128.load(pos + 1));
      if (size > WIDE) v128.store(at + WIDE, v128.load(pos + 1 + WIDE));
      at += size;
      pos = next;
      continue;
    }
    let size = (control >>> 5) + 2;
    if (size === LONG_MATCH + 2) size += load<u8>(++pos);
    const distance = (((control & 0x1f) << 8) | <i32>load<u8>(pos + 1)) + 1;
    pos += 2;
    if (pos > fromEnd || distance > at - to || size > toEnd - at) return -1;
    if (distance >= WIDE) copyFar(at - distance, at, size);
    else copyNear(at - distance, at, size);
    at += size;
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
