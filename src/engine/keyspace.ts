/**
 * A map from keys that grows beyond what one Map of V8 holds (2^24 entries): many maps, chosen by a hash of the key, once
 * there are that many keys.
 */
import type { ByteString } from '../bytes/byte-string.js';

/** Keys in one Map before they are spread: well below what it holds. */
const SPREAD_AT = 1 << 22;
const PARTS = 64;

export class Keyspace<T> {
  private parts: Map<ByteString, T>[] = [new Map()];
  private count = 0;
  private isSpread = false;

  get size(): number {
    return this.isSpread ? this.count : this.parts[0]!.size;
  }

  get(key: ByteString): T | undefined {
    return this.partOf(key).get(key);
  }

  has(key: ByteString): boolean {
    return this.partOf(key).has(key);
  }

  set(key: ByteString, value: T): void {
    const part = this.partOf(key);
    if (!this.isSpread) {
      part.set(key, value);
      if (part.size > SPREAD_AT) this.spread();
      return;
    }
    const before = part.size;
    part.set(key, value);
    this.count += part.size - before;
  }

  delete(key: ByteString): boolean {
    const isGone = this.partOf(key).delete(key);
    if (isGone) this.count--;
    return isGone;
  }

  clear(): void {
    this.parts = [new Map()];
    this.isSpread = false;
    this.count = 0;
  }

  /** In the order of insertion while keys are few; in no order that means anything later. */
  *entries(): Generator<[ByteString, T], void, void> {
    for (const part of this.parts) yield* part;
  }

  *keys(): Generator<ByteString, void, void> {
    for (const part of this.parts) yield* part.keys();
  }

  private partOf(key: ByteString): Map<ByteString, T> {
    return this.isSpread ? this.parts[hashOf(key) & (PARTS - 1)]! : this.parts[0]!;
  }

  private spread(): void {
    const [whole] = this.parts;
    this.parts = Array.from({ length: PARTS }, () => new Map<ByteString, T>());
    this.isSpread = true;
    this.count = whole!.size;
    for (const [key, value] of whole!) this.partOf(key).set(key, value);
  }
}

/** FNV-1a over the last bytes, which differ most. */
function hashOf(key: ByteString): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - 16); at < key.length; at++)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
