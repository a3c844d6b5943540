/**
 * DEBUG DIGEST-VALUE of one value, whose elements come one by one: as the sink of a value's reader, or as `RdbValue`s, whole
 * or in parts (digest.md §3). Nothing is held, so that giants stream.
 */
import { assertNever } from '../bytes/errors.js';
import { formatUint53, formatUint64, Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import { formatScore17 } from '../codecs/double.js';
import { formatFpconv } from '../codecs/fpconv.js';
import { encodeSha1, formatSha1, SHA1_WORDS } from '../codecs/sha1.js';
import { MAX_STREAM_ID_TEXT, StreamIdSlot } from '../codecs/stream-id.js';
import type { ModuleItem, RdbValue, StreamId, ValueEncoding, ValueType } from '../rdb/model.js';
import type { ValueSink } from '../rdb/types/type-codec.js';
import { VECTORSET_MODULE } from '../rdb/vectorset.js';
import { ArraySlots } from './digest-array.js';
import type { DigestRules } from './digest-rules.js';
import { VectorSetDigest } from './digest-vector-set.js';
import { addHash, addIn, addState, clearState, hashOf, hashOfUint32, mixHash, mixIn } from './digest-words.js';

/** What goes in first. Path hashes and cron jobs: not known. */
const TYPE_HASHES: Readonly<Record<ValueType, Int32Array>> = {
  string: hashOfUint32(0),
  list: hashOfUint32(1),
  set: hashOfUint32(2),
  zset: hashOfUint32(3),
  hash: hashOfUint32(4),
  module: hashOfUint32(5),
  stream: hashOfUint32(6),
  array: hashOfUint32(7),
  pathhash: hashOfUint32(4),
  cron: hashOfUint32(0),
};
const KEY_EXPIRY = hashOf('!!expire!!');
const FIELD_EXPIRY = hashOf('!!hexpire!!');
const ZERO_TEXT = hashOf('0');
const NEGATIVE_ZERO_TEXT = hashOf('-0');

const POINT = 0x2e;
const MINUS = 0x2d;

/**
 * States in {@link ValueDigest.words}: the value's, that of the element in hand, the same element with another score, and
 * what turns every −0 of a sorted set into 0.
 */
const VALUE = 0;
const ELEMENT = SHA1_WORDS;
const OTHER = 2 * SHA1_WORDS;
const ZEROS = 3 * SHA1_WORDS;

export class ValueDigest implements ValueSink {
  /** The digest, once {@link end} has been called, is the first five. */
  readonly words = new Int32Array(4 * SHA1_WORDS);
  /** Why the digest cannot be known, such as `values of the module test__rdb`; it is then that of what is known. */
  unknown: string | undefined;
  private type: ValueType = 'string';
  private readonly text = new Uint8Array(MAX_STREAM_ID_TEXT);
  private readonly vectorSet = new VectorSetDigest();
  private readonly array = new ArraySlots(this.words);
  /** Elements that went in, and fields that did not. */
  private elements = 0;
  private hiddenFields = 0;
  /** Of a sorted set that may be packed when it is loaded. */
  private hasZeros = false;
  private largestMember = 0;
  private mayPack = false;
  private module: string | undefined;

  constructor(readonly rules: DigestRules) {}

  /** A value of which DEBUG DIGEST-VALUE is wanted. */
  begin(type: ValueType, encoding: ValueEncoding): void {
    clearState(this.words, VALUE);
    this.start(type, encoding);
  }

  /** A value of which the part in the dataset's digest is wanted, that of the key `bytes[start, end)`. */
  beginKey(bytes: Uint8Array, start: number, end: number, type: ValueType, encoding: ValueEncoding): void {
    clearState(this.words, VALUE);
    mixIn(this.words, VALUE, bytes, start, end);
    this.start(type, encoding);
  }

  /** A value, or a part of one, of the type that was begun. A string comes whole. */
  add(part: RdbValue): void {
    switch (part.type) {
      case 'string':
        this.item(part.value, 0, part.value.length);
        return;
      case 'list':
        for (const item of part.items) this.item(item, 0, item.length);
        return;
      case 'set':
        for (const member of part.members) this.member(member, 0, member.length);
        return;
      case 'zset':
        for (const { member, score } of part.members) this.scored(member, 0, member.length, score);
        return;
      case 'hash':
        for (const { field, value, expireAtMs } of part.fields)
          this.pair(field, 0, field.length, value, 0, value.length, expireAtMs);
        return;
      case 'stream':
        for (const { id, fields } of part.entries) {
          this.streamEntry(slotOf(id));
          for (const text of fields) this.item(text, 0, text.length);
        }
        return;
      case 'array':
        for (const { index, value } of part.elements) this.array.element(int64Of(index), value, 0, value.length);
        return;
      case 'module':
        // A part may have been taken before the value said whose it is.
        if (part.module !== '' && this.module === undefined) this.moduleStart(part.module);
        for (const item of part.items) this.moduleItem(item);
        return;
      case 'pathhash':
      case 'cron':
        return;
      default:
        assertNever(part);
    }
  }

  /** After the last element. False where every field had expired: the key is not there. */
  end(hasExpiry: boolean): boolean {
    const { words, type, rules } = this;
    if (type === 'zset' && this.hasZeros && this.packs()) addHash(words, VALUE, words, ZEROS);
    else if (type === 'module') this.endModule();
    else if (type === 'array') this.unknown = this.array.unknown;
    if (hasExpiry) addHash(words, VALUE, KEY_EXPIRY, 0);
    return rules.fieldsAtMs === undefined || this.hiddenFields === 0 || this.elements > 0;
  }

  /** The 20 bytes. */
  bytes(): Uint8Array {
    return encodeSha1(this.words, VALUE);
  }

  /** As the server prints it. */
  hex(): string {
    return formatSha1(this.words, VALUE);
  }

  string({ bytes, start, end }: Slice): void {
    this.item(bytes, start, end);
  }

  listItem({ bytes, start, end }: Slice): void {
    if (this.type === 'list') this.item(bytes, start, end);
  }

  setMember({ bytes, start, end }: Slice): void {
    this.member(bytes, start, end);
  }

  zsetMember({ bytes, start, end }: Slice, score: number): void {
    this.scored(bytes, start, end, score);
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    if (this.type !== 'hash') return;
    const { bytes, start, end } = value;
    this.pair(field.bytes, field.start, field.end, bytes, start, end, expireAt?.toNumber());
  }

  streamEntry({ ms, seq }: StreamIdSlot): void {
    const { text } = this;
    const point = formatUint64(ms.hi, ms.lo, text, 0);
    text[point] = POINT;
    this.item(text, 0, formatUint64(seq.hi, seq.lo, text, point + 1));
  }

  streamField(field: Slice, value: Slice): void {
    this.item(field.bytes, field.start, field.end);
    this.item(value.bytes, value.start, value.end);
  }

  moduleStart(module: string): void {
    this.module = module;
    this.vectorSet.begin();
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    if (kind === 'uint') this.vectorSet.integer(value);
    else this.vectorSet.other();
  }

  moduleNumber(): void {
    this.vectorSet.other();
  }

  moduleString({ bytes, start, end }: Slice): void {
    this.vectorSet.string(bytes, start, end);
  }

  arrayElement(index: Int64, { bytes, start, end }: Slice): void {
    this.array.element(index, bytes, start, end);
  }

  streamEntryEnd(): void {}
  streamState(): void {}
  arrayStart(): void {}
  pathStart(): void {}
  cronStart(): void {}
  blob(): void {}
  raw(): void {}

  /** A string, the item of a list, a part of a stream: in order. */
  private item(bytes: Uint8Array, start: number, end: number): void {
    this.elements++;
    mixIn(this.words, VALUE, bytes, start, end);
  }

  private member(bytes: Uint8Array, start: number, end: number): void {
    this.elements++;
    addIn(this.words, VALUE, bytes, start, end);
  }

  private scored(bytes: Uint8Array, start: number, end: number, score: number): void {
    const { words, text } = this;
    this.elements++;
    this.largestMember = Math.max(this.largestMember, end - start);
    clearState(words, ELEMENT);
    mixIn(words, ELEMENT, bytes, start, end);
    if (score === 0) {
      this.scoredZero(score);
      return;
    }
    mixIn(words, ELEMENT, text, 0, this.formatScore(score));
    addState(words, VALUE, words, ELEMENT);
  }

  private pair(
    field: Uint8Array,
    fieldStart: number,
    fieldEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number | undefined,
  ): void {
    const { words, rules } = this;
    if (expireAtMs !== undefined && rules.fieldsAtMs !== undefined && expireAtMs < rules.fieldsAtMs) {
      this.hiddenFields++;
      return;
    }
    this.elements++;
    clearState(words, ELEMENT);
    mixIn(words, ELEMENT, field, fieldStart, fieldEnd);
    mixIn(words, ELEMENT, value, valueStart, valueEnd);
    if (expireAtMs !== undefined && rules.marksFieldExpiry) addHash(words, ELEMENT, FIELD_EXPIRY, 0);
    addState(words, VALUE, words, ELEMENT);
  }

  private start(type: ValueType, encoding: ValueEncoding): void {
    const { words, rules } = this;
    this.type = type;
    this.unknown = type === 'pathhash' ? 'path hashes' : type === 'cron' ? 'cron jobs' : undefined;
    this.elements = 0;
    this.hiddenFields = 0;
    this.hasZeros = false;
    this.largestMember = 0;
    this.module = undefined;
    // What stands packed in the file is packed when it is loaded, as it is.
    this.mayPack = rules.packsZsets !== undefined && encoding === 'skiplist';
    this.array.begin();
    clearState(words, ZEROS);
    mixHash(words, VALUE, TYPE_HASHES[type], 0);
  }

  private formatScore(score: number): number {
    const { text } = this;
    if (!this.rules.hasOldScores) return formatFpconv(score, text, 0);
    if (!Number.isInteger(score) || Math.abs(score) >= 1e15) return writeAscii(formatScore17(score), text);
    if (score > 0) return formatUint53(score, text, 0);
    text[0] = MINUS;
    return formatUint53(-score, text, 1);
  }

  /** 0 or −0, which may become 0 by the time that the set is whole. */
  private scoredZero(score: number): void {
    const { words } = this;
    const isNegative = Object.is(score, -0);
    for (let word = 0; word < SHA1_WORDS; word++) words[OTHER + word] = words[ELEMENT + word]!;
    mixHash(words, ELEMENT, isNegative ? NEGATIVE_ZERO_TEXT : ZERO_TEXT, 0);
    addState(words, VALUE, words, ELEMENT);
    if (!isNegative || !this.mayPack) return;
    mixHash(words, OTHER, ZERO_TEXT, 0);
    addState(words, ZEROS, words, ELEMENT);
    addState(words, ZEROS, words, OTHER);
    this.hasZeros = true;
  }

  private packs(): boolean {
    const { zsetMaxPackedEntries, zsetMaxPackedValue } = this.rules.packsZsets!;
    return this.elements <= zsetMaxPackedEntries && this.largestMember <= zsetMaxPackedValue;
  }

  private moduleItem(item: ModuleItem): void {
    if (item.kind === 'string') this.vectorSet.string(item.value, 0, item.value.length);
    else if (item.kind === 'uint') this.vectorSet.integer(int64Of(item.value));
    else this.vectorSet.other();
  }

  private endModule(): void {
    const { module } = this;
    if (module === VECTORSET_MODULE && this.vectorSet.end(this.words, VALUE)) return;
    this.unknown = `values of the module ${module}`;
  }
}

const slot = new StreamIdSlot();
const integer = new Int64();

function slotOf({ ms, seq }: StreamId): StreamIdSlot {
  setInt64(slot.ms, ms);
  setInt64(slot.seq, seq);
  return slot;
}

function int64Of(value: bigint): Int64 {
  setInt64(integer, value);
  return integer;
}

function setInt64(to: Int64, value: bigint): void {
  to.set(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
}

function writeAscii(text: string, out: Uint8Array): number {
  for (let at = 0; at < text.length; at++) out[at] = text.charCodeAt(at);
  return text.length;
}
