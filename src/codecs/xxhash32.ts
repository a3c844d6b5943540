/**
 * xxHash32, the checksum inside LZ4 frames: of their header, and optionally of each block and of the content.
 *
 *     four lanes eat 16 bytes a round, each lane: rotl(lane + word · P2, 13) · P1
 *     end: the lanes are merged, the length added, the last 0–15 bytes mixed in, and the bits spread
 *
 * Worked example: no bytes at all, seed 0, give 02CC5D05; the three bytes `abc` give 32D153FF.
 */
import { readInt32Le } from '../bytes/int64.js';

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const ROUND = 16;

/** A running xxHash32 with seed 0. */
export class XxHash32 {
  private readonly lanes = new Int32Array(4);
  private readonly rest = new Uint8Array(ROUND);
  private restSize = 0;
  private total = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.lanes.set([(PRIME_1 + PRIME_2) | 0, PRIME_2 | 0, 0, -PRIME_1 | 0]);
    this.restSize = 0;
    this.total = 0;
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.total += end - start;
    let pos = start;
    if (this.restSize > 0) {
      while (this.restSize < ROUND && pos < end) this.rest[this.restSize++] = bytes[pos++]!;
      if (this.restSize < ROUND) return;
      addRounds(this.lanes, this.rest, 0, ROUND);
      this.restSize = 0;
    }
    const stop = pos + (end - pos - ((end - pos) % ROUND));
    addRounds(this.lanes, bytes, pos, stop);
    for (pos = stop; pos < end; pos++) this.rest[this.restSize++] = bytes[pos]!;
  }

  /** The hash of all bytes so far, unsigned; more may follow. */
  digest(): number {
    const [a, b, c, d] = this.lanes as unknown as [number, number, number, number];
    const lanes = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
    let hash = ((this.total >= ROUND ? lanes : PRIME_5) + this.total) | 0;
    let pos = 0;
    for (; pos + 4 <= this.restSize; pos += 4) {
      hash = Math.imul(rotate((hash + Math.imul(readInt32Le(this.rest, pos), PRIME_3)) | 0, 17), PRIME_4);
    }
    for (; pos < this.restSize; pos++) {
      hash = Math.imul(rotate((hash + Math.imul(this.rest[pos]!, PRIME_5)) | 0, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

/** The hash of `bytes[start, end)` with seed 0, unsigned. */
export function xxHash32(bytes: Uint8Array, start: number, end: number): number {
  const hash = new XxHash32();
  hash.update(bytes, start, end);
  return hash.digest();
}

/** Whole rounds of 16 bytes. */
function addRounds(lanes: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  let a = lanes[0]!;
  let b = lanes[1]!;
  let c = lanes[2]!;
  let d = lanes[3]!;
  for (let pos = start; pos < end; pos += ROUND) {
    a = Math.imul(rotate((a + Math.imul(readInt32Le(bytes, pos), PRIME_2)) | 0, 13), PRIME_1);
    b = Math.imul(rotate((b + Math.imul(readInt32Le(bytes, pos + 4), PRIME_2)) | 0, 13), PRIME_1);
    c = Math.imul(rotate((c + Math.imul(readInt32Le(bytes, pos + 8), PRIME_2)) | 0, 13), PRIME_1);
    d = Math.imul(rotate((d + Math.imul(readInt32Le(bytes, pos + 12), PRIME_2)) | 0, 13), PRIME_1);
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
