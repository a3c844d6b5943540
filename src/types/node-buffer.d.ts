/**
 * Node's own fast text functions, which `toString` and `write` end in after checking their arguments. They exist in
 * every Node this package supports, but its declarations leave them out. Positions are in bytes, ranges half-open.
 */
interface Buffer {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  /** Returns how many bytes were written. */
  latin1Write(text: string, offset?: number, lengthBytes?: number): number;
  /** Returns how many bytes were written: whole characters only. */
  utf8Write(text: string, offset?: number, lengthBytes?: number): number;
}
