/**
 * A set of 64-bit fingerprints in bounded memory: for asking whether the same bytes came before, of inputs of any length.
 *
 * Open addressing over two lanes of 32 bits. When the largest table is full, the set *narrows*: it keeps one half of all
 * fingerprints, told by one more bit, and from then on ignores the other half.
 *
 *     hi   its low `bits` bits are zero
 *     lo   where the search for its slot begins
 *     0,0  an empty slot
 */

/** Slots of the largest table by default: 32 MB, for 2.6 million fingerprints. */
export const DEFAULT_MAX_SLOTS = 1 << 22;
const MIN_SLOTS = 1 << 12;
const NO_INTS = new Int32Array(0);

export class FingerprintSet {
  /** Only one in 2^bits fingerprints is remembered. */
  bits = 0;
  private count = 0;
  /** The fingerprint of the last bytes. */
  private lo = 0;
  private hi = 0;
  private los = NO_INTS;
  private his = NO_INTS;
  private mask = -1;

  /** `maxSlots` is a power of two. The key decides only which bytes collide; tests pass one. */
  constructor(
    private readonly maxSlots = DEFAULT_MAX_SLOTS,
    private readonly key0 = (Math.random() * 0x100000000) | 0,
    private readonly key1 = (Math.random() * 0x100000000) | 0,
  ) {}

  /** Forgets everything, and what it narrowed to. */
  clear(): void {
    this.bits = 0;
    this.count = 0;
    this.los = NO_INTS;
    this.his = NO_INTS;
    this.mask = -1;
  }

  /**
   * Adds the bytes `[start, end)` under the number `scope`, such as a database.
   * False when they were added before; bytes of an ignored partition always answer true.
   */
  add(scope: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.hash(scope, bytes, start, end);
    const { lo, hi } = this;
    if ((hi & ((1 << this.bits) - 1)) !== 0) return true;
    if (this.count * 8 >= (this.mask + 1) * 5 && !this.grow(hi)) return true;
    const { los, his, mask } = this;
    let index = lo & mask;
    for (;;) {
      const other = los[index]!;
      if (other === lo && his[index] === hi) return false;
      if (other === 0 && his[index] === 0) break;
      index = (index + 1) & mask;
    }
    los[index] = lo;
    his[index] = hi;
    this.count++;
    return true;
  }

  private hash(scope: number, bytes: Uint8Array, start: number, end: number): void {
    // HalfSipHash-1-3 with its second output word: without the key nobody can construct collisions.
    const { key1 } = this;
    const key0 = this.key0 ^ Math.imul(scope, 0x9e3779b1);
    let v0 = key0;
    let v1 = key1 ^ 0xee;
    let v2 = 0x6c796765 ^ key0;
    let v3 = 0x74656462 ^ key1;
    const blocks = (end - start) >>> 2;
    let lo = 0;
    // One round per block and one for the tail, three to finish the first word, three for the second.
    for (let round = 0; round < blocks + 7; round++) {
      let word = 0;
      if (round < blocks) {
        const pos = start + 4 * round;
        word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
      } else if (round === blocks) {
        word = tailWord(bytes, start, end);
      } else if (round === blocks + 1) {
        v2 ^= 0xee;
      } else if (round === blocks + 4) {
        lo = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.lo = lo;
    // Both zero would look like an empty slot.
    this.hi = (v1 ^ v3) | (lo === 0 ? 1 << 31 : 0);
  }

  /** Makes room for one more. False when that narrowed the set so that `hi` does not belong to it any longer. */
  private grow(hi: number): boolean {
    const slots = this.mask + 1;
    if (slots < this.maxSlots) {
      this.enlarge(slots === 0 ? Math.min(MIN_SLOTS, this.maxSlots) : slots * 2);
      return true;
    }
    this.bits++;
    this.narrow();
    return (hi & ((1 << this.bits) - 1)) === 0;
  }

  private enlarge(slots: number): void {
    const { los, his } = this;
    this.los = new Int32Array(slots);
    this.his = new Int32Array(slots);
    this.mask = slots - 1;
    for (let at = 0; at < los.length; at++) {
      if (los[at] !== 0 || his[at] !== 0) this.place(los[at]!, his[at]!);
    }
  }

  /** Keeps what belongs to the partition. What is kept is set aside first: a second table would cost more. */
  private narrow(): void {
    const { los, his } = this;
    const select = (1 << this.bits) - 1;
    let kept = 0;
    for (let at = 0; at < los.length; at++) {
      if ((los[at] !== 0 || his[at] !== 0) && (his[at]! & select) === 0) kept++;
    }
    const keptLos = new Int32Array(kept);
    const keptHis = new Int32Array(kept);
    for (let at = 0; at < los.length; at++) {
      if ((los[at] === 0 && his[at] === 0) || (his[at]! & select) !== 0) continue;
      keptLos[--kept] = los[at]!;
      keptHis[kept] = his[at]!;
    }
    los.fill(0);
    his.fill(0);
    this.count = keptLos.length;
    for (let at = 0; at < keptLos.length; at++) this.place(keptLos[at]!, keptHis[at]!);
  }

  private place(lo: number, hi: number): void {
    const { los, his, mask } = this;
    let index = lo & mask;
    while (los[index] !== 0 || his[index] !== 0) index = (index + 1) & mask;
    los[index] = lo;
    his[index] = hi;
  }
}

/** The last zero to three bytes, with the size on top. */
function tailWord(bytes: Uint8Array, start: number, end: number): number {
  let word = (end - start) << 24;
  for (let pos = end - ((end - start) & 3), shift = 0; pos < end; pos++, shift += 8) word |= bytes[pos]! << shift;
  return word;
}

/** A share below 1, for people: `12%`, `0.8%`. */
export function formatShare(share: number): string {
  return `${share >= 0.01 ? Math.floor(share * 100) : (share * 100).toPrecision(1)}%`;
}
