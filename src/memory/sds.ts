/** Redis's strings in memory: a header by length, the bytes, a zero (memory-model.md §2). */

/** Bytes of the header of a string of `length`. */
export function sdsHeader(length: number): number {
  if (length === 0) return 3;
  if (length < 32) return 1;
  if (length < 256) return 3;
  if (length < 65_536) return 5;
  return length < 0x100000000 ? 9 : 17;
}

/** Bytes that a string asks for: Z(len). */
export function sdsBytes(length: number): number {
  return sdsHeader(length) + length + 1;
}

/** The same with room for flags in the header, which type 5 has not. */
export function wideSdsBytes(length: number): number {
  return Math.max(sdsHeader(length), 3) + length + 1;
}

/** One that is written into memory already there (sdsnewplacement), where an empty one has the least header too. */
export function placedSdsBytes(length: number): number {
  return length === 0 ? 2 : sdsBytes(length);
}
