/**
 * The digest of a value as clients see it: equal for values that no command can tell apart, however they are packed.
 *
 * Lists, streams, arrays and modules are taken in order. Sets, sorted sets and hashes have no order of their own: the
 * digests of their elements are added up, each element hashed for itself. Nothing of the value is held.
 */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import { type HashKey, KeyedHash } from '../../rdb/keyed-hash.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { StreamGroup, StreamId, StreamIdmp, StreamState, ValueType } from '../../rdb/model.js';

/** What takes part in a comparison. */
export interface DigestOptions {
  /** Leave out when fields expire. */
  readonly ignoreTtl: boolean;
  /** Stream facts that both files can hold: those of this layout generation (1–5) and the earlier ones. */
  readonly streamVersion: number;
}

const UNKNOWN = 0x756e6b6e;
const doubleWords = new DataView(new ArrayBuffer(8));

export class ValueDigest implements Readonly<LargeRequest['sink']> {
  /** The digest, once {@link end} has been called. */
  readonly result: KeyedHash;
  private readonly element: KeyedHash;
  private isPathHash = false;
  /** Digests of unordered elements, added up word by word. */
  private sum0 = 0;
  private sum1 = 0;
  private sum2 = 0;
  private sum3 = 0;
  private count = 0;
  private path0 = 0;
  private path1 = 0;

  constructor(
    key: HashKey,
    private readonly options: DigestOptions,
  ) {
    this.result = new KeyedHash(key);
    this.element = new KeyedHash(key);
  }

  /** A value begins. Different types have different digests. */
  begin(type: ValueType): void {
    this.isPathHash = type === 'pathhash';
    this.sum0 = 0;
    this.sum1 = 0;
    this.sum2 = 0;
    this.sum3 = 0;
    this.count = 0;
    this.result.reset();
    for (let at = 0; at < type.length; at++) this.result.word(type.charCodeAt(at));
  }

  /** The value is complete. */
  end(): void {
    const { result } = this;
    result.word(this.count);
    result.word(this.sum0);
    result.word(this.sum1);
    result.word(this.sum2);
    result.word(this.sum3);
    result.finish();
  }

  string(value: Slice): void {
    this.result.bytes(value.bytes, value.start, value.end);
  }

  listItem(item: Slice): void {
    this.result.bytes(item.bytes, item.start, item.end);
  }

  setMember(member: Slice): void {
    const { element } = this;
    element.reset();
    element.bytes(member.bytes, member.start, member.end);
    this.add();
  }

  zsetMember(member: Slice, score: number): void {
    const { element } = this;
    element.reset();
    element.bytes(member.bytes, member.start, member.end);
    addDouble(element, score);
    this.add();
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { element } = this;
    element.reset();
    if (this.isPathHash) {
      element.word(this.path0);
      element.word(this.path1);
    }
    element.bytes(field.bytes, field.start, field.end);
    element.bytes(value.bytes, value.start, value.end);
    if (expireAt !== undefined && !this.options.ignoreTtl) {
      element.word(expireAt.hi);
      element.word(expireAt.lo);
    }
    this.add();
  }

  streamEntry(id: StreamIdSlot, fieldCount: number): void {
    const { result } = this;
    result.word(id.ms.hi);
    result.word(id.ms.lo);
    result.word(id.seq.hi);
    result.word(id.seq.lo);
    result.word(fieldCount);
  }

  streamField(field: Slice, value: Slice): void {
    this.result.bytes(field.bytes, field.start, field.end);
    this.result.bytes(value.bytes, value.start, value.end);
  }

  streamEntryEnd(): void {}

  streamState(state: StreamState): void {
    const { result, element, options } = this;
    addId(result, state.lastId);
    if (options.streamVersion >= 2) {
      addId(result, state.firstId);
      addId(result, state.maxDeletedId);
      addBigint(result, state.entriesAdded);
    }
    for (const group of state.groups) {
      element.reset();
      addGroup(element, group, options.streamVersion);
      this.add();
    }
    if (options.streamVersion >= 4 && state.idmp !== undefined) addIdmp(result, state.idmp);
  }

  moduleStart(module: string, version: number): void {
    for (let at = 0; at < module.length; at++) this.result.word(module.charCodeAt(at));
    this.result.word(version);
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.result.word(kind === 'sint' ? 1 : 2);
    this.result.word(value.hi);
    this.result.word(value.lo);
  }

  moduleNumber(kind: 'float' | 'double', value: number): void {
    this.result.word(kind === 'float' ? 3 : 4);
    addDouble(this.result, value);
  }

  moduleString(value: Slice): void {
    this.result.word(5);
    this.result.bytes(value.bytes, value.start, value.end);
  }

  arrayStart(insertIndex: Int64 | undefined): void {
    this.result.word(insertIndex === undefined ? 0 : 1);
    if (insertIndex !== undefined) this.addInt64(insertIndex);
  }

  arrayElement(index: Int64, value: Slice): void {
    this.addInt64(index);
    this.result.bytes(value.bytes, value.start, value.end);
  }

  pathStart(path: Slice): void {
    const { element } = this;
    element.reset();
    element.bytes(path.bytes, path.start, path.end);
    element.finish();
    this.path0 = element.v0;
    this.path1 = element.v1;
  }

  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    this.result.bytes(script.bytes, script.start, script.end);
    this.addInt64(start);
    this.addInt64(interval);
    this.result.word(keys);
  }

  blob(): void {}

  raw(): void {}

  /** Adds the digest of the element in hand. */
  private add(): void {
    const { element } = this;
    element.finish();
    this.sum0 = (this.sum0 + element.v0) | 0;
    this.sum1 = (this.sum1 + element.v1) | 0;
    this.sum2 = (this.sum2 + element.v2) | 0;
    this.sum3 = (this.sum3 + element.v3) | 0;
    this.count++;
  }

  private addInt64(value: Int64): void {
    this.result.word(value.hi);
    this.result.word(value.lo);
  }
}

function addDouble(hash: KeyedHash, value: number): void {
  // All NaNs are one.
  doubleWords.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
  hash.word(doubleWords.getInt32(0));
  hash.word(doubleWords.getInt32(4));
}

function addGroup(hash: KeyedHash, group: StreamGroup, version: number): void {
  hash.bytes(group.name, 0, group.name.length);
  addId(hash, group.lastId);
  if (version >= 2) addBigint(hash, group.entriesRead);
  hash.word(group.pending.length);
  for (const { id, deliveredAtMs, deliveries, consumer } of group.pending) {
    addId(hash, id);
    addDouble(hash, deliveredAtMs);
    addBigint(hash, deliveries);
    if (consumer === undefined) hash.word(UNKNOWN);
    else hash.bytes(consumer, 0, consumer.length);
  }
  hash.word(group.consumers.length);
  for (const { name, seenAtMs, activeAtMs } of [...group.consumers].sort(byName)) {
    hash.bytes(name, 0, name.length);
    addDouble(hash, seenAtMs);
    if (version >= 3) addDouble(hash, activeAtMs ?? -1);
  }
  if (version < 5) return;
  for (const id of group.nacked ?? []) addId(hash, id);
}

function addIdmp(hash: KeyedHash, idmp: StreamIdmp): void {
  hash.word(idmp.durationSeconds);
  hash.word(idmp.maxEntries);
  addBigint(hash, idmp.iidsAdded);
  addBigint(hash, idmp.iidsDuplicates);
  for (const { id, entries } of idmp.producers) {
    hash.bytes(id, 0, id.length);
    hash.word(entries.length);
    for (const entry of entries) {
      hash.bytes(entry.iid, 0, entry.iid.length);
      addId(hash, entry.id);
    }
  }
}

function addId(hash: KeyedHash, id: StreamId | undefined): void {
  addBigint(hash, id?.ms);
  addBigint(hash, id?.seq);
}

function addBigint(hash: KeyedHash, value: bigint | undefined): void {
  if (value === undefined) {
    hash.word(UNKNOWN);
    return;
  }
  hash.word(Number(BigInt.asIntN(32, value >> 32n)));
  hash.word(Number(BigInt.asIntN(32, value)));
}

function byName(left: { readonly name: Uint8Array }, right: { readonly name: Uint8Array }): number {
  const length = Math.min(left.name.length, right.name.length);
  for (let at = 0; at < length; at++) {
    if (left.name[at] !== right.name[at]) return left.name[at]! - right.name[at]!;
  }
  return left.name.length - right.name.length;
}
