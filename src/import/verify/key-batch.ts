/** Some keys of the source, as columns, with their values as they stand in it: what the target is asked about at once. */
import type { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import { SHA1_WORDS } from '../../codecs/sha1.js';
import { keySlot } from '../../rdb/key-slot.js';
import type { ValueType } from '../../rdb/model.js';
import type { TypeCodec } from '../../rdb/types/type-codec.js';
import type { ValueFacts } from './value-facts.js';

/** Memory for values and names that a batch keeps for the next one. */
const KEPT_BYTES = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

/** One key, but for its name and its value; filled anew for each. */
export class BatchKey {
  db = 0;
  rdbType = 0;
  codec!: TypeCodec;
  /** As the target's TYPE names it; undefined where that is not known. */
  typeName: string | undefined;
  expireAt: Int64 | undefined;
  /** File offset of the value, for errors. */
  valueOffset = 0;
  /** The digest does not see all of the value. */
  isDeep = false;
  /** No earlier key of the source has this name. */
  isNew = true;
}

export class KeyBatch {
  count = 0;
  /** Values, in bytes. */
  valueBytes = 0;
  readonly db: Int32Array;
  readonly rdbType: Uint8Array;
  readonly codec: TypeCodec[] = [];
  readonly typeName: (string | undefined)[] = [];
  /** Unix ms; NaN without. */
  readonly expireAtMs: Float64Array;
  readonly valueOffset: Float64Array;
  readonly isDeep: Uint8Array;
  readonly isNew: Uint8Array;
  /** Five words per key: what the target's DEBUG DIGEST-VALUE should say, where it is asked for. */
  readonly digests: Int32Array;
  /** Of values that were too large to be kept. */
  readonly large = new Map<number, ValueFacts>();
  private readonly nameEnds: Int32Array;
  private readonly valueEnds: Int32Array;
  private readonly names = new ByteHeap();
  private readonly valueHeap = new ByteHeap();

  constructor(readonly capacity: number) {
    this.db = new Int32Array(capacity);
    this.rdbType = new Uint8Array(capacity);
    this.expireAtMs = new Float64Array(capacity);
    this.valueOffset = new Float64Array(capacity);
    this.isDeep = new Uint8Array(capacity);
    this.isNew = new Uint8Array(capacity);
    this.digests = new Int32Array(capacity * SHA1_WORDS);
    this.nameEnds = new Int32Array(capacity + 1);
    this.valueEnds = new Int32Array(capacity + 1);
  }

  clear(): void {
    this.count = 0;
    this.valueBytes = 0;
    this.large.clear();
    this.names.clear();
    this.valueHeap.clear();
  }

  /** The next key, named `name`, with the value `bytes[start, end)`; its digest, if any, is the first of `words`. */
  add(key: BatchKey, name: Slice, bytes: Uint8Array, start: number, end: number, words: Int32Array | undefined): void {
    const item = this.count++;
    this.db[item] = key.db;
    this.rdbType[item] = key.rdbType;
    this.codec[item] = key.codec;
    this.typeName[item] = key.typeName;
    this.expireAtMs[item] = key.expireAt?.toNumber() ?? Number.NaN;
    this.valueOffset[item] = key.valueOffset;
    this.isDeep[item] = key.isDeep ? 1 : 0;
    this.isNew[item] = key.isNew ? 1 : 0;
    for (let word = 0; words !== undefined && word < SHA1_WORDS; word++)
      this.digests[item * SHA1_WORDS + word] = words[word]!;
    this.nameEnds[item + 1] = this.names.add(name.bytes, name.start, name.end);
    this.valueEnds[item + 1] = this.valueHeap.add(bytes, start, end);
    this.valueBytes += end - start;
  }

  /** As {@link add}, for a value whose facts are known already. */
  addLarge(key: BatchKey, name: Slice, facts: ValueFacts, words: Int32Array | undefined): void {
    this.large.set(this.count, facts);
    this.add(key, name, NO_BYTES, 0, 0, words);
  }

  typeOf(item: number): ValueType {
    return this.codec[item]!.type;
  }

  /** Points `name` at the name of a key. */
  readName(item: number, name: Slice): void {
    name.set(this.names.bytes, this.nameEnds[item]!, this.nameEnds[item + 1]!);
  }

  /** Points `value` at a value as it stands in the file; nothing of a large one. */
  readValue(item: number, value: Slice): void {
    value.set(this.valueHeap.bytes, this.valueEnds[item]!, this.valueEnds[item + 1]!);
  }

  copyName(item: number): Uint8Array {
    const name = new Slice();
    this.readName(item, name);
    return name.copy();
  }

  slotOf(item: number): number {
    return keySlot(this.names.bytes, this.nameEnds[item]!, this.nameEnds[item + 1]!);
  }
}

const NO_BYTES = new Uint8Array(0);

/** Byte ranges one behind the other. */
class ByteHeap {
  bytes = new Uint8Array(FIRST_BYTES);
  private end = 0;

  /** Where the range ends that was added. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const next = this.end + end - start;
    if (next > this.bytes.length) {
      const larger = new Uint8Array(Math.max(next, Math.min(this.bytes.length * 2, next + KEPT_BYTES)));
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end = next;
    return next;
  }

  clear(): void {
    this.end = 0;
    if (this.bytes.length > 2 * KEPT_BYTES) this.bytes = new Uint8Array(FIRST_BYTES);
  }
}
