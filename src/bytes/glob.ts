/**
 * Redis's globs on bytes, as KEYS and SCAN match them: case-sensitive, a byte at a time, over the whole string.
 *
 *     *        any bytes, also none           [abc]    one of these bytes
 *     ?        any one byte                   [^a-z]   one byte that is none of these
 *     \x       x itself                       [z-a]    the same as [a-z]
 *
 * Corners that the server decides (util.c, stringmatchlen): a class that is never closed ends with the pattern; `[]`
 * matches nothing and `[^]` any byte; in a class `\]` is a bracket, while `[a-]` is a range up to `]`; a backslash at the
 * end is itself; an empty string matches `*`, but no longer pattern of stars.
 * The ends of a range compare as signed bytes, so 0x80–0xFF come before 0x00: that is how servers for x86-64 have it,
 * while those for ARM compare unsigned ones. It shows only in a range with one end on either side.
 *
 * Every token but `*` takes exactly one byte, so nothing is ever tried again: what stands before the first star is held
 * against the start, what stands behind the last one against the end, and each part between two stars is taken where it
 * first fits. The worst case is size of the pattern × size of the string.
 */

/** Tokens: a byte itself, any byte, or from CLASS on the number of a class. */
const ANY_BYTE = 0x100;
const CLASS = 0x101;

const STAR = 0x2a;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;

/** A compiled pattern; {@link compileGlob} makes one. */
export class Glob {
  /** The tokens of all parts, one after the other. */
  private readonly tokens: Int16Array;
  /** Where each part ends in `tokens`; parts are what stands between stars, so one part means no star. */
  private readonly partEnds: Int32Array;
  /** 256 flags per class. */
  private readonly classes: Uint8Array;

  /** @internal */
  constructor(
    parts: readonly (readonly number[])[],
    classes: readonly Uint8Array[],
    private readonly matchesEmpty: boolean,
  ) {
    this.tokens = Int16Array.from(parts.flat());
    let end = 0;
    this.partEnds = Int32Array.from(parts, (part) => (end += part.length));
    this.classes = new Uint8Array(classes.length * 256);
    for (const [index, flags] of classes.entries()) this.classes.set(flags, index * 256);
  }

  /** Whether the pattern matches all of `[start, end)`. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    const { partEnds, tokens } = this;
    const size = end - start;
    if (size === 0) return this.matchesEmpty;
    const lastPart = partEnds.length - 1;
    if (lastPart === 0) return size === tokens.length && this.fits(0, size, bytes, start);
    if (size < tokens.length) return false;
    const headSize = partEnds[0]!;
    if (!this.fits(0, headSize, bytes, start)) return false;
    const tail = partEnds[lastPart - 1]!;
    const stop = end - (tokens.length - tail);
    if (!this.fits(tail, tokens.length, bytes, stop)) return false;
    let pos = start + headSize;
    for (let part = 1; part < lastPart; part++) {
      const from = partEnds[part - 1]!;
      const to = partEnds[part]!;
      const last = stop - (to - from);
      while (pos <= last && !this.fits(from, to, bytes, pos)) pos++;
      if (pos > last) return false;
      pos += to - from;
    }
    return true;
  }

  private fits(from: number, to: number, bytes: Uint8Array, start: number): boolean {
    const { tokens, classes } = this;
    for (let at = from, pos = start; at < to; at++, pos++) {
      const token = tokens[at]!;
      const byte = bytes[pos]!;
      if (token === byte || token === ANY_BYTE) continue;
      if (token < CLASS || classes[((token - CLASS) << 8) | byte] === 0) return false;
    }
    return true;
  }
}

/**
 * Compiles a pattern; a string stands for its UTF-8 bytes. Every pattern has a meaning; RangeError only for one with
 * more than 32,000 classes.
 */
export function compileGlob(pattern: string | Uint8Array): Glob {
  const bytes = typeof pattern === 'string' ? new TextEncoder().encode(pattern) : pattern;
  const classes: Uint8Array[] = [];
  let part: number[] = [];
  const parts = [part];
  for (let pos = 0; pos < bytes.length; pos++) {
    const byte = bytes[pos]!;
    if (byte === STAR) {
      // A run of stars is one star: no empty part arises between two of them.
      if (part.length === 0 && parts.length > 1) continue;
      part = [];
      parts.push(part);
    } else if (byte === QUESTION) {
      part.push(ANY_BYTE);
    } else if (byte === OPEN) {
      const flags = new Uint8Array(256);
      pos = parseClass(bytes, pos + 1, flags);
      part.push(CLASS + classes.length);
      classes.push(flags);
    } else {
      if (byte === BACKSLASH && pos + 1 < bytes.length) pos++;
      part.push(bytes[pos]!);
    }
  }
  if (classes.length > 32_000) throw new RangeError(`a pattern with ${classes.length} classes`);
  const matchesEmpty = bytes.length === 0 || (bytes.length === 1 && bytes[0] === STAR);
  return new Glob(parts, classes, matchesEmpty);
}

/** Reads the class whose first byte is at `start` into 256 flags; returns the position of its last byte. */
function parseClass(bytes: Uint8Array, start: number, flags: Uint8Array): number {
  const negated = bytes[start] === CARET;
  let pos = negated ? start + 1 : start;
  for (; pos < bytes.length && bytes[pos] !== CLOSE; pos++) {
    const left = bytes.length - pos;
    if (bytes[pos] === BACKSLASH && left >= 2) {
      flags[bytes[++pos]!] = 1;
    } else if (left >= 3 && bytes[pos + 1] === DASH) {
      const one = signed(bytes[pos]!);
      const other = signed(bytes[pos + 2]!);
      for (let byte = Math.min(one, other); byte <= Math.max(one, other); byte++) flags[byte & 0xff] = 1;
      pos += 2;
    } else {
      flags[bytes[pos]!] = 1;
    }
  }
  if (negated) for (let byte = 0; byte < 256; byte++) flags[byte]! ^= 1;
  return pos;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}
