/**
 * HyperLogLogs as strings: 16 bytes of header and 16384 registers of 6 bits.
 *
 *     "HYLL"  encoding  0 0 0  cardinality (u64 LE; the top bit set: it must be computed anew)
 *     encoding 0, dense     12288 bytes of registers, the least significant bits first
 *     encoding 1, sparse    runs of registers, see hyperloglog-sparse.ts
 *
 * Worked example, PFADD k without an element: `48594C4C 01 000000 0000000000000080 7FFF`, 16384 registers of zero.
 *
 * Every change gives the very bytes that a server's would (hyperloglog.c): which runs are joined and when the sparse form is
 * given up depends on the order in which elements came. The estimate is Ertl's (arXiv:1702.01284).
 */
import type { ByteString } from '../bytes/byte-string.js';
import { SPARSE_MAX_VALUE, setSparse, visitRuns, xzeroRun } from './hyperloglog-sparse.js';
import { murmurHash64 } from './murmur64.js';

export const HLL_REGISTERS = 16384;
const REGISTER_BITS = 6;
const REGISTER_MASK = 0x3f;
const HEADER = 16;
const DENSE_SIZE = HEADER + (HLL_REGISTERS * REGISTER_BITS) / 8;
/** Bits of the hash that choose a register, and those that are left. */
const INDEX_BITS = 14;
const LEFT_BITS = 64 - INDEX_BITS;
const ALPHA = 0.7213475204444817;
/** `hll-sparse-max-bytes`: a sparse form that would become larger becomes dense. */
const MAX_SPARSE_BYTES = 3000;

const MAGIC = [0x48, 0x59, 0x4c, 0x4c];
const ENCODING_AT = 4;
const CARDINALITY_AT = 8;
const DENSE = 0;
const SPARSE = 1;
const STALE = 0x80;

/** `undefined` from its methods: the sparse form is corrupt, and nothing has changed. */
export class HyperLogLog {
  private constructor(
    /** The whole string, changed in place where its size stays; ask for it again after a change. */
    public bytes: Uint8Array,
  ) {}

  static create(): HyperLogLog {
    const bytes = new Uint8Array(HEADER + 2);
    bytes.set(MAGIC);
    bytes[ENCODING_AT] = SPARSE;
    bytes.set(xzeroRun(HLL_REGISTERS), HEADER);
    return new HyperLogLog(bytes);
  }

  /** Works on `bytes` themselves. Undefined where they are no HyperLogLog, as far as the server looks. */
  static of(bytes: Uint8Array): HyperLogLog | undefined {
    const isMagic = MAGIC.every((byte, at) => bytes[at] === byte);
    if (bytes.length < HEADER || !isMagic || bytes[ENCODING_AT]! > SPARSE) return undefined;
    if (bytes[ENCODING_AT] === DENSE && bytes.length !== DENSE_SIZE) return undefined;
    return new HyperLogLog(bytes);
  }

  get isSparse(): boolean {
    return this.bytes[ENCODING_AT] === SPARSE;
  }

  /** Whether a register has changed. */
  add(element: ByteString): boolean | undefined {
    murmurHash64(element, hash);
    const { hi, lo } = hash;
    // One bit beyond the last, so that the run of zeros ends.
    const low = (lo >>> INDEX_BITS) | (hi << (32 - INDEX_BITS));
    const high = (hi >>> INDEX_BITS) | (1 << (LEFT_BITS - 32));
    const zeros = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    return this.set(lo & (HLL_REGISTERS - 1), zeros + 1);
  }

  /** Raises a register to `value`; whether it was lower. */
  set(index: number, value: number): boolean | undefined {
    if (!this.isSparse) return this.setDense(index, value);
    if (value <= SPARSE_MAX_VALUE) {
      const changed = setSparse(this.bytes, HEADER, index, value, MAX_SPARSE_BYTES);
      if (changed !== 'full') {
        if (changed === undefined || changed === false) return changed;
        this.bytes = changed;
        this.markStale();
        return true;
      }
    }
    return this.toDense() === undefined ? undefined : this.setDense(index, value);
  }

  /** Whether it was sparse. */
  toDense(): boolean | undefined {
    if (!this.isSparse) return false;
    const dense = new Uint8Array(DENSE_SIZE);
    dense.set(this.bytes.subarray(0, HEADER));
    dense[ENCODING_AT] = DENSE;
    const isWhole = visitRuns(this.bytes, HEADER, (from, to, value) => {
      for (let index = from; index < to; index++) writeRegister(dense, index, value);
    });
    if (!isWhole) return undefined;
    this.bytes = dense;
    return true;
  }

  /** Raises `registers`, a byte each, to what is higher here. */
  mergeInto(registers: Uint8Array): true | undefined {
    const { bytes } = this;
    if (this.isSparse) {
      const isWhole = visitRuns(bytes, HEADER, (from, to, value) => {
        for (let index = from; index < to; index++) if (value > registers[index]!) registers[index] = value;
      });
      return isWhole || undefined;
    }
    for (let index = 0; index < HLL_REGISTERS; index++) {
      const value = readRegister(bytes, index);
      if (value > registers[index]!) registers[index] = value;
    }
    return true;
  }

  register(index: number): number {
    return readRegister(this.bytes, index);
  }

  /** The cardinality in the header; undefined where it is not up to date. */
  cached(): number | bigint | undefined {
    if ((this.bytes[CARDINALITY_AT + 7]! & STALE) !== 0) return undefined;
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
    const value = view.getBigUint64(CARDINALITY_AT, true);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  cache(cardinality: number): void {
    new DataView(this.bytes.buffer, this.bytes.byteOffset).setBigUint64(CARDINALITY_AT, BigInt(cardinality), true);
  }

  markStale(): void {
    this.bytes[CARDINALITY_AT + 7]! |= STALE;
  }

  /** How many different elements there probably are. */
  count(): number | undefined {
    const histogram = new Int32Array(REGISTER_MASK + 1);
    if (this.isSparse) {
      let values = 0;
      const isWhole = visitRuns(this.bytes, HEADER, (from, to, value) => {
        histogram[value]! += to - from;
        values += to - from;
      });
      histogram[0]! += HLL_REGISTERS - values;
      return isWhole ? estimate(histogram) : undefined;
    }
    for (let index = 0; index < HLL_REGISTERS; index++) histogram[readRegister(this.bytes, index)]!++;
    return estimate(histogram);
  }

  private setDense(index: number, value: number): boolean {
    if (value <= readRegister(this.bytes, index)) return false;
    writeRegister(this.bytes, index, value);
    return true;
  }
}

/** The cardinality of registers that have a byte each. */
export function countRegisters(registers: Uint8Array): number {
  const histogram = new Int32Array(REGISTER_MASK + 1);
  for (const value of registers) histogram[value]!++;
  return estimate(histogram);
}

const hash = { hi: 0, lo: 0 };

/** The header's bits of zero before the first one, from the least significant on. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function readRegister(bytes: Uint8Array, index: number): number {
  const bit = index * REGISTER_BITS;
  const pos = HEADER + (bit >> 3);
  const shift = bit & 7;
  return ((bytes[pos]! >> shift) | ((bytes[pos + 1] ?? 0) << (8 - shift))) & REGISTER_MASK;
}

function writeRegister(bytes: Uint8Array, index: number, value: number): void {
  const bit = index * REGISTER_BITS;
  const pos = HEADER + (bit >> 3);
  const shift = bit & 7;
  bytes[pos] = (bytes[pos]! & ~(REGISTER_MASK << shift)) | (value << shift);
  if (shift <= 2) return;
  bytes[pos + 1] = (bytes[pos + 1]! & ~(REGISTER_MASK >> (8 - shift))) | (value >> (8 - shift));
}

function estimate(histogram: Int32Array): number {
  let z = HLL_REGISTERS * tau((HLL_REGISTERS - histogram[LEFT_BITS + 1]!) / HLL_REGISTERS);
  for (let value = LEFT_BITS; value >= 1; value--) z = (z + histogram[value]!) * 0.5;
  z += HLL_REGISTERS * sigma(histogram[0]! / HLL_REGISTERS);
  return Math.round((ALPHA * HLL_REGISTERS * HLL_REGISTERS) / z);
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = share;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before !== z);
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (before !== z);
  return z / 3;
}
