/**
 * What two values must have in common to be the same, gathered from their elements as they come: nothing of a value is held
 * but the state of a stream and the fields of a hash that have an expiry.
 *
 * Elements go into the digest of digest-value.ts under rules of our own, which know no encodings: −0 is 0, scores have one
 * text, and of fields only those without expiry go in. What that digest cannot know goes into a hash as it comes.
 */
import { createHash, type Hash } from 'node:crypto';
import { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { SHA1_WORDS } from '../../codecs/sha1.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { DigestRules } from '../../engine/digest-rules.js';
import { ValueDigest } from '../../engine/digest-value.js';
import { KeyedHash, randomHashKey } from '../../rdb/keyed-hash.js';
import type { StreamId, StreamState, ValueEncoding, ValueType } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';

const PLAIN_RULES: DigestRules = {
  hasOldScores: false,
  marksFieldExpiry: false,
  fieldsAtMs: undefined,
  packsZsets: undefined,
};
/** Fields with an expiry that are compared one by one; beyond, a hash is unknown. */
const MAX_TIMED_FIELDS = 1_000_000;
/** The same for both sides of a comparison. */
const ITEMS_KEY = randomHashKey();

/** A field that has an expiry. */
export interface TimedField {
  /** Unix ms. */
  readonly expireAtMs: number;
  /** 64 bits of the digest of field and value: what they add to that of the hash. */
  readonly high: number;
  readonly low: number;
}

export class ValueFacts implements ValueSink {
  type: ValueType = 'string';
  /** Bytes of a string, else elements; those of a hash without the {@link timed} ones. */
  elements = 0;
  /** Of a module's value. */
  module = '';
  moduleVersion = 0;
  state: StreamState | undefined;
  /** Whether {@link state} would say what idempotent producers have sent. */
  hasIdempotency = true;
  /** The first entry of a stream. */
  firstEntry: StreamId | undefined;
  /** Of an array: unsigned. */
  insertIndex: bigint | undefined;
  /** Fields with an expiry by their names, one character per byte. */
  readonly timed = new Map<string, TimedField>();
  /** There were more than are compared. */
  hasTooManyTimed = false;
  private readonly digest = new ValueDigest(PLAIN_RULES);
  private readonly items = new KeyedHash(ITEMS_KEY);
  private readonly number = new DataView(new ArrayBuffer(8));
  private text: Hash | undefined;
  private field: FieldMark | undefined;

  begin(type: ValueType, encoding: ValueEncoding): void {
    this.type = type;
    this.elements = 0;
    this.module = '';
    this.state = undefined;
    this.hasIdempotency = true;
    this.firstEntry = undefined;
    this.insertIndex = undefined;
    this.timed.clear();
    this.hasTooManyTimed = false;
    this.digest.begin(type, encoding);
    this.items.reset();
    this.text = type === 'string' ? createHash('sha1') : undefined;
  }

  /** After the last element. */
  end(): void {
    this.digest.end(false);
    this.items.finish();
    const { text, words } = this;
    if (text !== undefined) setWords(words, text.digest());
  }

  /** The digest, in the first five, once {@link end} has been called. */
  get words(): Int32Array {
    return this.digest.words;
  }

  /** Whether the digest says nothing of it; {@link hasSameItems} may. */
  get isOpaque(): boolean {
    return this.digest.unknown !== undefined;
  }

  hasSameWords(other: ValueFacts): boolean {
    const { words } = this;
    for (let word = 0; word < SHA1_WORDS; word++) if (words[word] !== other.words[word]) return false;
    return true;
  }

  /** The same items in the same order. */
  hasSameItems({ items: other }: ValueFacts): boolean {
    const { items } = this;
    return items.v0 === other.v0 && items.v1 === other.v1 && items.v2 === other.v2 && items.v3 === other.v3;
  }

  /** A string, or the next piece of one. */
  string({ bytes, start, end }: Slice): void {
    this.elements += end - start;
    this.text!.update(bytes.subarray(start, end));
  }

  listItem(item: Slice): void {
    this.elements++;
    if (this.type === 'cron') this.addItem(item);
    this.digest.listItem(item);
  }

  setMember(member: Slice): void {
    this.elements++;
    this.digest.setMember(member);
  }

  zsetMember(member: Slice, score: number): void {
    this.elements++;
    // Makes 0 of −0.
    this.digest.zsetMember(member, score + 0);
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    if (this.type === 'pathhash') {
      this.elements++;
      this.addItem(field);
      this.addItem(value);
      this.addInteger(expireAt ?? NO_EXPIRY);
    } else if (expireAt === undefined) {
      this.elements++;
      this.digest.hashField(field, value, undefined);
    } else if (this.timed.size < MAX_TIMED_FIELDS) {
      this.field ??= new FieldMark();
      this.timed.set(byteText.decode(viewOf(field)), this.field.of(field, value, expireAt.toNumber()));
    } else this.hasTooManyTimed = true;
  }

  streamEntry(id: StreamIdSlot): void {
    if (this.elements++ === 0) this.firstEntry = { ms: id.ms.unsigned(), seq: id.seq.unsigned() };
    this.digest.streamEntry(id);
  }

  streamField(field: Slice, value: Slice): void {
    this.digest.streamField(field, value);
  }

  streamState(state: StreamState): void {
    this.state = state;
  }

  moduleStart(module: string, version: number): void {
    this.module = module;
    this.moduleVersion = version;
    this.digest.moduleStart(module);
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.digest.moduleInteger(kind, value);
    this.addInteger(value);
  }

  moduleNumber(_kind: 'float' | 'double', value: number): void {
    this.digest.moduleNumber();
    this.number.setFloat64(0, value);
    this.items.word(this.number.getInt32(0));
    this.items.word(this.number.getInt32(4));
  }

  moduleString(value: Slice): void {
    this.digest.moduleString(value);
    this.addItem(value);
  }

  arrayStart(insertIndex: Int64 | undefined): void {
    this.insertIndex = insertIndex?.unsigned();
  }

  arrayElement(index: Int64, value: Slice): void {
    this.elements++;
    this.digest.arrayElement(index, value);
  }

  pathStart(path: Slice): void {
    this.addItem(path);
  }

  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    this.addItem(script);
    this.addInteger(start);
    this.addInteger(interval);
    this.items.word(keys);
  }

  streamEntryEnd(): void {}
  blob(): void {}
  raw(): void {}

  private addItem({ bytes, start, end }: Slice): void {
    this.items.bytes(bytes, start, end);
  }

  private addInteger({ hi, lo }: Int64): void {
    this.items.word(hi);
    this.items.word(lo);
  }
}

/** What one field adds to the digest of its hash. */
class FieldMark {
  private readonly digest = new ValueDigest(PLAIN_RULES);

  of(field: Slice, value: Slice, expireAtMs: number): TimedField {
    const { digest } = this;
    digest.begin('hash', 'hashtable');
    const { 0: high = 0, 1: low = 0 } = digest.words;
    digest.hashField(field, value, undefined);
    return { expireAtMs, high: digest.words[0]! ^ high, low: digest.words[1]! ^ low };
  }
}

/** One character per byte: a faithful key of a map. */
const byteText = new TextDecoder('latin1');
const NO_EXPIRY = new Int64();
NO_EXPIRY.set(-1, -1);

function viewOf({ bytes, start, end }: Slice): Uint8Array {
  return bytes.subarray(start, end);
}

function setWords(words: Int32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let word = 0; word < SHA1_WORDS; word++) words[word] = view.getInt32(word * 4);
}
