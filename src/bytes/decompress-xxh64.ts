/**
 * XXH64 with seed 0, of which a zstd frame carries the low 32 bits (RFC 8878, 3.1.1; the algorithm is published as the
 * xxHash specification).
 *
 * Worked example, the first test: no bytes at all give `EF46DB3751D8E999`.
 *
 * The long run is done in 32-bit halves, because BigInt would take longer than the decompression that it checks: one
 * lane at a time over all stripes of 32 bytes, so that the halves stay in registers. The end is done in BigInt.
 */

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const MASK = (1n << 64n) - 1n;

const P1_HIGH = 0x9e3779b1 | 0;
const P1_LOW = 0x85ebca87 | 0;
const P2_HIGH = 0xc2b2ae3d | 0;
const P2_LOW = 0x27d4eb4f | 0;

const STRIPE_BYTES = 32;

/** Hashes what is pushed in pieces of any size. */
export class Xxh64 {
  /** Four lanes, each as its low and its high half. */
  private readonly lanes = new Int32Array(8);
  private readonly rest = new Uint8Array(STRIPE_BYTES);
  private readonly restView = new DataView(this.rest.buffer);
  private restSize = 0;
  private total = 0;

  constructor() {
    this.setLane(0, PRIME_1 + PRIME_2);
    this.setLane(1, PRIME_2);
    this.setLane(2, 0n);
    this.setLane(3, -PRIME_1);
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    this.total += end - start;
    let pos = start;
    if (this.restSize > 0) {
      const count = Math.min(STRIPE_BYTES - this.restSize, end - pos);
      this.rest.set(bytes.subarray(pos, pos + count), this.restSize);
      this.restSize += count;
      pos += count;
      if (this.restSize < STRIPE_BYTES) return;
      this.stripes(this.restView, 0, STRIPE_BYTES);
      this.restSize = 0;
    }
    const whole = pos + (end - pos - ((end - pos) % STRIPE_BYTES));
    if (whole > pos) this.stripes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), pos, whole);
    this.rest.set(bytes.subarray(whole, end));
    this.restSize = end - whole;
  }

  /** The hash of everything pushed so far, unsigned. */
  digest(): bigint {
    let hash = this.total < STRIPE_BYTES ? PRIME_5 : this.mergedLanes();
    hash = (hash + BigInt(this.total)) & MASK;
    const { restView: view, restSize } = this;
    let pos = 0;
    for (; pos + 8 <= restSize; pos += 8) {
      hash ^= round(0n, view.getBigUint64(pos, true));
      hash = (rotate(hash, 27n) * PRIME_1 + PRIME_4) & MASK;
    }
    if (pos + 4 <= restSize) {
      hash ^= (BigInt(view.getUint32(pos, true)) * PRIME_1) & MASK;
      hash = (rotate(hash, 23n) * PRIME_2 + PRIME_3) & MASK;
      pos += 4;
    }
    for (; pos < restSize; pos++) {
      hash ^= (BigInt(view.getUint8(pos)) * PRIME_5) & MASK;
      hash = (rotate(hash, 11n) * PRIME_1) & MASK;
    }
    return avalanche(hash);
  }

  private stripes(view: DataView, start: number, end: number): void {
    for (let lane = 0; lane < 4; lane++) hashLane(this.lanes, lane, view, start + lane * 8, end);
  }

  private setLane(lane: number, value: bigint): void {
    this.lanes[lane * 2] = Number(BigInt.asIntN(32, value));
    this.lanes[lane * 2 + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }

  private lane(lane: number): bigint {
    const high = BigInt(this.lanes[lane * 2 + 1]! >>> 0);
    return (high << 32n) | BigInt(this.lanes[lane * 2]! >>> 0);
  }

  private mergedLanes(): bigint {
    const lanes = [this.lane(0), this.lane(1), this.lane(2), this.lane(3)];
    let hash = 0n;
    for (const [index, lane] of lanes.entries()) hash += rotate(lane, ROTATIONS[index]!);
    hash &= MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK;
    return hash;
  }
}

const ROTATIONS = [1n, 7n, 12n, 18n] as const;

/**
 * lane = rotateLeft(lane + input * PRIME_2, 31) * PRIME_1 for the eight bytes at every 32nd position. The products are
 * put together from 16-bit parts, and the carry of the addition is found by comparing unsigned.
 */
function hashLane(lanes: Int32Array, lane: number, view: DataView, start: number, end: number): void {
  let low = lanes[lane * 2]!;
  let high = lanes[lane * 2 + 1]!;
  for (let pos = start; pos < end; pos += STRIPE_BYTES) {
    const inLow = view.getInt32(pos, true);
    const inHigh = view.getInt32(pos + 4, true);
    const addLow = Math.imul(inLow, P2_LOW);
    const addHigh = (highProduct(inLow, P2_LOW) + Math.imul(inHigh, P2_LOW) + Math.imul(inLow, P2_HIGH)) | 0;
    const sumLow = (low + addLow) | 0;
    const sumHigh = (high + addHigh + (sumLow >>> 0 < addLow >>> 0 ? 1 : 0)) | 0;
    const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
    const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
    low = Math.imul(turnedLow, P1_LOW);
    high = (highProduct(turnedLow, P1_LOW) + Math.imul(turnedHigh, P1_LOW) + Math.imul(turnedLow, P1_HIGH)) | 0;
  }
  lanes[lane * 2] = low;
  lanes[lane * 2 + 1] = high;
}

/** The upper 32 bits of the unsigned product of two 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const second = (Math.imul(aLow, bHigh) + (first & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function avalanche(value: bigint): bigint {
  let hash = value ^ (value >> 33n);
  hash = (hash * PRIME_2) & MASK;
  hash ^= hash >> 29n;
  hash = (hash * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}
