/**
 * What a deep check asks of values beyond what their readers do: members and fields that occur once, sorted sets without
 * NaN, collections with something in them (rdb-format.md §13).
 */
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import { SLICE_PLAIN, type Slice } from '../bytes/slice.js';
import { DistinctSet } from '../codecs/distinct.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { ValueType } from '../rdb/model.js';
import type { TypeCodec } from '../rdb/types/type-codec.js';
import { type BlobCheck, blobCheckOf } from './blob-check.js';
import { FingerprintSet, formatShare } from './fingerprints.js';

const MAX_SHOWN_BYTES = 64;

/** A value of these without elements is a key that no server keeps. */
const NEVER_EMPTY: ReadonlySet<ValueType> = new Set(['list', 'set', 'zset', 'hash']);

/** Usage: {@link begin}, the value at the level that it returned, {@link end}. */
export class DeepCheck implements DeepSink {
  private readonly distinct = new DistinctSet();
  private fingerprints: FingerprintSet | undefined;
  private large = false;
  private count = 0;
  private checkBlob: BlobCheck | undefined;

  /** A value comes. Of a large one the elements do not stay in memory. */
  begin(kind: number, codec: TypeCodec, large: boolean): 'element' | 'blob' {
    this.count = 0;
    this.checkBlob = blobCheckOf(kind, codec);
    this.large = large && this.checkBlob === undefined;
    if (this.checkBlob !== undefined) return 'blob';
    if (large) this.startLarge();
    else this.distinct.reset(0);
    return 'element';
  }

  /** The value of a row was read: says what is odd about it. `pos` is its record's position in the window. */
  end(driver: RdbDriver, type: ValueType, pos: number): void {
    if (this.count === 0 && NEVER_EMPTY.has(type)) {
      driver.warn('EMPTY_KEY', `a ${type} without elements, which servers leave out when they load the file`, pos);
    }
    const share = this.large && this.fingerprints !== undefined ? 1 / 2 ** this.fingerprints.bits : 1;
    if (share < 1) {
      const part = formatShare(share);
      driver.warn('PARTIAL_CHECK', `the value is so large that duplicates were looked for in ${part} of it only`, pos);
    }
  }

  listItem(): void {
    this.count++;
  }

  setMember(member: Slice): void {
    this.count++;
    this.add(member, 'member');
  }

  zsetMember(member: Slice, score: number): void {
    this.count++;
    if (Number.isNaN(score)) throw new FormatError('BAD_SCORE', 'a score that is not a number', member.origin);
    this.add(member, 'member');
  }

  hashField(field: Slice): void {
    this.count++;
    this.add(field, 'field');
  }

  /** The fields of each path of a path hash are a hash of their own. */
  pathStart(): void {
    this.distinct.reset(0);
    if (this.large) this.startLarge();
  }

  string(): void {}
  streamEntry(): void {}
  streamField(): void {}
  streamEntryEnd(): void {}
  streamState(): void {}
  moduleStart(): void {}
  moduleInteger(): void {}
  moduleNumber(): void {}
  moduleString(): void {}
  arrayStart(): void {}
  arrayElement(): void {}
  cronStart(): void {}

  blob(packed: Slice): void {
    this.count += this.checkBlob!(packed);
  }

  raw(): void {}

  private startLarge(): void {
    this.fingerprints ??= new FingerprintSet();
    this.fingerprints.clear();
  }

  private add(element: Slice, what: string): void {
    const { bytes, start, end } = element;
    const isNew = this.large
      ? this.fingerprints!.add(0, bytes, start, end)
      : // What is not expanded lies in the window or in one packed structure, and both stay as they are during the value.
        this.distinct.add(bytes, start, end, element.form === SLICE_PLAIN);
    if (isNew) return;
    const shown = formatQuoted(bytes, start, end, MAX_SHOWN_BYTES);
    throw new FormatError('DUPLICATE_ELEMENT', `the ${what} ${shown} occurs twice`, element.origin);
  }
}

type DeepSink = LargeRequest['sink'];
