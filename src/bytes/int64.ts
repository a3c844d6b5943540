/**
 * A 64-bit integer as two 32-bit halves, so that hot loops carry one without a BigInt.
 *
 * The same slot serves signed values (times) and unsigned ones (stream ids, counters); the reader of the field knows which.
 */
export class Int64 {
  /** The upper half, as a signed 32-bit number. */
  hi = 0;
  /** The lower half, as a signed 32-bit number: use `lo >>> 0` for its value. */
  lo = 0;

  static copyOf(other: Int64): Int64 {
    const copy = new Int64();
    copy.copyFrom(other);
    return copy;
  }

  set(hi: number, lo: number): void {
    this.hi = hi | 0;
    this.lo = lo | 0;
  }

  /** Little endian at `pos`; eight bytes must be there. */
  setLe(bytes: Uint8Array, pos: number): void {
    this.lo = readInt32Le(bytes, pos);
    this.hi = readInt32Le(bytes, pos + 4);
  }

  /** Big endian at `pos`; eight bytes must be there. */
  setBe(bytes: Uint8Array, pos: number): void {
    this.hi = readInt32Be(bytes, pos);
    this.lo = readInt32Be(bytes, pos + 4);
  }

  copyFrom(other: Int64): void {
    this.hi = other.hi;
    this.lo = other.lo;
  }

  /** True where the value, read as signed, is a safe integer: an exact JavaScript number, which −2^53 is not sure to be. */
  isSafe(): boolean {
    return this.hi >= -0x200000 && this.hi < 0x200000 && (this.hi !== -0x200000 || this.lo !== 0);
  }

  /** As a signed number; beyond ±2^53 it saturates to the nearest safe integer. */
  toNumber(): number {
    if (this.isSafe()) return this.hi * 0x100000000 + (this.lo >>> 0);
    return this.hi < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  }

  signed(): bigint {
    return (BigInt(this.hi) << 32n) | BigInt(this.lo >>> 0);
  }

  unsigned(): bigint {
    return (BigInt(this.hi >>> 0) << 32n) | BigInt(this.lo >>> 0);
  }

  /** All 64 bits set: −1, or the "unknown" of an unsigned counter. */
  isAllOnes(): boolean {
    return this.hi === -1 && this.lo === -1;
  }
}

export function readInt32Le(bytes: Uint8Array, pos: number): number {
  return bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
}

export function readInt32Be(bytes: Uint8Array, pos: number): number {
  return (bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!;
}

export function readUint32Le(bytes: Uint8Array, pos: number): number {
  return readInt32Le(bytes, pos) >>> 0;
}

/** The most bytes that {@link formatInt64} writes: `-9223372036854775808`. */
export const MAX_INT64_TEXT = 20;

/** Writes the signed decimal text at `pos` and returns the position after it. */
export function formatInt64(hi: number, lo: number, out: Uint8Array, pos: number): number {
  if (hi === 0 || hi === -1) {
    const small = hi * 0x100000000 + (lo >>> 0);
    if (small < 0) {
      out[pos] = 0x2d;
      return formatUint53(-small, out, pos + 1);
    }
    return formatUint53(small, out, pos);
  }
  if (hi >= 0) return formatUint64(hi, lo, out, pos);
  out[pos] = 0x2d;
  const low = (~lo + 1) | 0;
  return formatUint64(low === 0 ? (~hi + 1) | 0 : ~hi, low, out, pos + 1);
}

/** As {@link formatInt64}, for an unsigned value. */
export function formatUint64(hi: number, lo: number, out: Uint8Array, pos: number): number {
  const high = hi >>> 0;
  if (high < 0x200000) return formatUint53(high * 0x100000000 + (lo >>> 0), out, pos);
  // Long division by 10^9, sixteen bits at a time below the upper half: every intermediate stays below 2^53.
  const middle = (high % 1e9) * 0x10000 + (lo >>> 16);
  const low = (middle % 1e9) * 0x10000 + (lo & 0xffff);
  const quotient = Math.floor(high / 1e9) * 0x100000000 + Math.floor(middle / 1e9) * 0x10000 + Math.floor(low / 1e9);
  return formatPadded9(low % 1e9, out, formatUint53(quotient, out, pos));
}

/** Writes a whole number from 0 to 2^53 and returns the position after it. */
export function formatUint53(value: number, out: Uint8Array, pos: number): number {
  if (value < 10) {
    out[pos] = 0x30 + value;
    return pos + 1;
  }
  if (value > 0x7fffffff) {
    const upper = Math.floor(value / 1e9);
    return formatPadded9(value - upper * 1e9, out, formatUint53(upper, out, pos));
  }
  let rest = value | 0;
  const end = pos + digits31(rest);
  for (let at = end - 1; at >= pos; at--) {
    const next = (rest / 10) | 0;
    out[at] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return end;
}

function digits31(value: number): number {
  if (value < 100000) return value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
  return value < 1e6 ? 6 : value < 1e7 ? 7 : value < 1e8 ? 8 : value < 1e9 ? 9 : 10;
}

function formatPadded9(value: number, out: Uint8Array, pos: number): number {
  let rest = value | 0;
  for (let at = pos + 8; at >= pos; at--) {
    const next = (rest / 10) | 0;
    out[at] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return pos + 9;
}
