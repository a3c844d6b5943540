/**
 * Writes the elements of a collection that is too large to be held: after the count, one by one, in an expanded form.
 *
 * It takes what a reader reports at level `element`, so that one value can flow into the other.
 */
import { EncodeError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import { encodeTextDouble } from '../codecs/double.js';
import { MAX_FIELD_EXPIRE_MS, TYPE } from './constants.js';
import { writeArrayElement, writeArrayHead } from './types/array.js';
import { CONTAINER_PACKED, CONTAINER_PLAIN } from './types/list.js';
import type { ValueSink } from './types/type-codec.js';
import type { ValueOutput } from './value-output.js';

export interface CollectionOptions {
  /** Type 24 begins with it: the earliest field expiry, or a time before that. Default: 1. */
  readonly minExpireMs?: number;
  /** Of arrays. */
  readonly insertIndex?: bigint | undefined;
}

/** Bytes of a string: a Slice is one. */
export type ByteRange = Pick<Slice, 'bytes' | 'start' | 'end'>;

/** Throws EncodeError for a type that is not written element by element, and for a count that it cannot have. */
export function checkCollection(rdbType: number, count: number): void {
  if (!STREAMED_TYPES.includes(rdbType)) throw new EncodeError(`type ${rdbType} is not written element by element`);
  const least = rdbType === TYPE.ARRAY ? 1 : 0;
  if (!Number.isSafeInteger(count) || count < least)
    throw new EncodeError(`a value of type ${rdbType} has no ${count} elements`);
}

/** What stands before the elements. {@link checkCollection} comes first. */
export function writeCollectionHead(
  to: ValueOutput,
  rdbType: number,
  count: number,
  { minExpireMs, insertIndex }: CollectionOptions = {},
): void {
  if (rdbType === TYPE.ARRAY) {
    writeArrayHead(to, count, insertIndex);
    return;
  }
  if (rdbType === TYPE.HASH_METADATA) to.out.bigInt64Le(BigInt(minExpireMs ?? DEFAULT_MIN_EXPIRE_MS));
  to.length(count);
}

export class CollectionWriter implements ValueSink {
  /** Elements so far; nodes in types 14 and 18. */
  count = 0;
  private readonly baseMs: number;
  private readonly score = new Uint8Array(32);

  /** For the elements of type 1, 2, 3, 4, 5, 14, 18, 22, 24 or 28. Without `promised` as many as come. */
  constructor(
    private readonly to: ValueOutput,
    readonly rdbType: number,
    private readonly promised: number = Infinity,
    options: CollectionOptions = {},
  ) {
    this.baseMs = options.minExpireMs ?? DEFAULT_MIN_EXPIRE_MS;
  }

  listItem(item: ByteRange): void {
    this.expect(TYPE.LIST);
    this.string(item);
  }

  setMember(member: ByteRange): void {
    this.expect(TYPE.SET);
    this.string(member);
  }

  zsetMember(member: ByteRange, score: number): void {
    if (Number.isNaN(score)) throw new EncodeError('a score is not a number');
    const { to } = this;
    const binary = this.rdbType === TYPE.ZSET_2;
    this.expect(binary ? TYPE.ZSET_2 : TYPE.ZSET);
    this.string(member);
    if (binary) to.out.doubleLe(score);
    else to.out.copy(this.score, 0, encodeTextDouble(score, this.score, 0));
  }

  /** `expireAt` in Unix ms, undefined without. */
  hashField(field: ByteRange, value: ByteRange, expireAt: Int64 | undefined): void {
    const { to, rdbType } = this;
    this.expect(HASH_TYPES.includes(rdbType) ? rdbType : TYPE.HASH);
    if (rdbType === TYPE.HASH) {
      if (expireAt !== undefined) throw new EncodeError(`type ${rdbType} has no field expiry`);
    } else if (rdbType === TYPE.HASH_METADATA) {
      to.length(expireAt === undefined ? 0 : this.checkedExpiry(expireAt) - this.baseMs + 1);
    } else if (to.target.dialect === 'redis') {
      to.length(expireAt === undefined ? 0 : this.checkedExpiry(expireAt));
    }
    this.string(field);
    this.string(value);
    if (rdbType === TYPE.V_HASH_2 && to.target.dialect === 'valkey') to.out.int64Le(expireAt ?? NO_EXPIRY);
  }

  /** A node of type 14 (a ziplist), or of type 18 (a listpack), as level `blob` gives it. */
  blob(node: ByteRange): void {
    const quicklist2 = this.rdbType === TYPE.LIST_QUICKLIST_2;
    this.expect(quicklist2 ? TYPE.LIST_QUICKLIST_2 : TYPE.LIST_QUICKLIST);
    if (quicklist2) this.to.length(CONTAINER_PACKED);
    this.string(node);
  }

  /** A node of type 18 that is one item. */
  plainNode(item: ByteRange): void {
    this.expect(TYPE.LIST_QUICKLIST_2);
    this.to.length(CONTAINER_PLAIN);
    this.string(item);
  }

  arrayStart(): void {
    // The insert index has been written with the count.
  }

  arrayElement(index: Int64, value: ByteRange): void {
    this.expect(TYPE.ARRAY);
    writeArrayElement(this.to, { index: index.unsigned(), value: value.bytes.subarray(value.start, value.end) });
  }

  /** Throws EncodeError where fewer elements came than the count said. */
  end(): void {
    const { promised, count } = this;
    if (promised !== Infinity && promised !== count)
      throw new EncodeError(`${promised} elements were promised, and ${count} came`);
  }

  string(text: ByteRange): void {
    this.to.string(text.bytes, text.start, text.end);
  }

  streamEntry(): void {
    this.refuse();
  }

  streamField(): void {
    this.refuse();
  }

  streamEntryEnd(): void {
    this.refuse();
  }

  streamState(): void {
    this.refuse();
  }

  moduleStart(): void {
    this.refuse();
  }

  moduleInteger(): void {
    this.refuse();
  }

  moduleNumber(): void {
    this.refuse();
  }

  moduleString(): void {
    this.refuse();
  }

  pathStart(): void {
    this.refuse();
  }

  cronStart(): void {
    this.refuse();
  }

  private expect(rdbType: number): void {
    if (rdbType !== this.rdbType) this.refuse();
    if (this.count++ === this.promised) throw new EncodeError('more elements came than were promised');
  }

  private checkedExpiry(expireAt: Int64): number {
    const ms = expireAt.toNumber();
    const least = this.rdbType === TYPE.HASH_METADATA ? this.baseMs : 1;
    if (ms < least || ms > MAX_FIELD_EXPIRE_MS) throw new EncodeError(`a field cannot expire at ${ms} in this form`);
    return ms;
  }

  private refuse(): never {
    throw new EncodeError(`type ${this.rdbType} holds no such elements`);
  }
}

/** 22 is Valkey's, or that of the 7.4 release candidates. */
const STREAMED_TYPES: readonly number[] = [
  TYPE.LIST,
  TYPE.SET,
  TYPE.ZSET,
  TYPE.HASH,
  TYPE.ZSET_2,
  TYPE.LIST_QUICKLIST,
  TYPE.LIST_QUICKLIST_2,
  TYPE.V_HASH_2,
  TYPE.HASH_METADATA,
  TYPE.ARRAY,
];

/** Below every expiry, so that type 24 stores expiries as they are. */
const DEFAULT_MIN_EXPIRE_MS = 1;

const HASH_TYPES: readonly number[] = [TYPE.HASH, TYPE.V_HASH_2, TYPE.HASH_METADATA];

const NO_EXPIRY = new Int64();
NO_EXPIRY.set(-1, -1);
