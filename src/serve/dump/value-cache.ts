/** Values that were decoded lately, by where they lie: so much of them as fits in memory that was set aside. */
import type { StoredValue } from '../../engine/values/stored-value.js';

interface Kept {
  readonly value: StoredValue;
  readonly bytes: number;
}

/**
 * Two generations: what is used goes into the young one; when that has half of the memory it becomes the old one, and what was left
 * in the old one goes. So a hit moves nothing: taking a key out of a Map and putting it back leaves a gap each time, which the
 * next look at that key has to pass.
 */
export class ValueCache {
  private young = new Map<number, Kept>();
  private old = new Map<number, Kept>();
  private youngBytes = 0;
  private oldBytes = 0;

  /** What both generations may take. */
  constructor(private readonly maxBytes: number) {}

  get count(): number {
    return this.young.size + this.old.size;
  }

  /** What the values that are kept take, as it was estimated. */
  get bytes(): number {
    return this.youngBytes + this.oldBytes;
  }

  /** By the offset of the record. */
  get(offset: number): StoredValue | undefined {
    const found = this.young.get(offset);
    if (found !== undefined) return found.value;
    const older = this.old.get(offset);
    if (older === undefined) return undefined;
    this.old.delete(offset);
    this.oldBytes -= older.bytes;
    this.keep(offset, older);
    return older.value;
  }

  /** Keeps a value that is not there; one that takes more than half of the memory, until the next one comes. */
  add(offset: number, value: StoredValue, bytes: number): void {
    this.keep(offset, { value, bytes });
  }

  private keep(offset: number, kept: Kept): void {
    const half = this.maxBytes / 2;
    if (this.youngBytes + kept.bytes > half) {
      const isLeft = this.youngBytes <= half && kept.bytes <= half;
      this.old = isLeft ? this.young : new Map();
      this.oldBytes = isLeft ? this.youngBytes : 0;
      this.young = new Map();
      this.youngBytes = 0;
    }
    this.young.set(offset, kept);
    this.youngBytes += kept.bytes;
  }
}

/** Of an object, an array or a string of bytes, beside what it holds. */
const OBJECT_BYTES = 64;
const NUMBER_BYTES = 8;

/** Roughly what a value of a dump takes in memory, bytes: its strings, and something for each thing in it. */
export function estimateBytes(value: unknown): number {
  if (value instanceof Uint8Array) return OBJECT_BYTES + value.length;
  if (typeof value === 'string') return OBJECT_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  let bytes = OBJECT_BYTES;
  if (Array.isArray(value)) for (const one of value) bytes += estimateBytes(one);
  else for (const one of Object.values(value)) bytes += estimateBytes(one);
  return bytes;
}
