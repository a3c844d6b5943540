/** Turns a value's callbacks into elements with a name, so that two values can be compared one by one. */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import { bucketOf } from '../../rdb/keyed-hash.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { StreamState, ValueType } from '../../rdb/model.js';
import type { PartDifference, PartKind, PartState } from './difference.js';
import { streamFacts } from './stream-facts.js';
import type { DigestOptions } from './value-digest.js';

export interface Element extends Fact {
  /** The same for what is to be compared with each other; in a sequence, the same for what is equal. */
  readonly name: string;
  readonly bucket: number;
  /** What it takes in memory, roughly. */
  readonly size: number;
}

/** Something that is not an element: counters, groups. */
export interface Fact {
  readonly what: PartKind;
  readonly path: PartDifference['path'];
  readonly state: PartState;
}

export interface ElementTaker {
  /** Whether elements of this bucket are wanted: the others are not copied. */
  wants(bucket: number): boolean;
  take(element: Element): void;
  /** Facts come once per value. */
  facts(facts: readonly Fact[]): void;
}

/** What an element costs beside its bytes, roughly. */
const ELEMENT_BYTES = 240;
/** Characters per call: more arguments than this might not fit the stack. */
const CHUNK = 4096;

export class ElementSink implements Readonly<LargeRequest['sink']> {
  private readonly isCron: boolean;
  private path: Uint8Array | undefined;
  private pathName = '';
  private entry: { id: string; bucket: number; fields: Uint8Array[]; size: number } | undefined;
  private keysLeft = 0;

  constructor(
    type: ValueType,
    private readonly options: DigestOptions,
    private readonly taker: ElementTaker,
  ) {
    this.isCron = type === 'cron';
  }

  string(value: Slice): void {
    this.whole('string', value, 0);
  }

  listItem(item: Slice): void {
    // The key names of a cron job are no arguments.
    this.whole('item', item, this.isCron && this.keysLeft-- > 0 ? 1 : 0);
  }

  setMember(member: Slice): void {
    this.named('member', member, member, {});
  }

  zsetMember(member: Slice, score: number): void {
    this.named('member', member, member, { score });
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const bucket = bucketOf(0, field.bytes, field.start, field.end);
    if (!this.taker.wants(bucket)) return;
    const copy = field.copy();
    const expiry = expireAt === undefined || this.options.ignoreTtl ? undefined : { expireAt: expireAt.signed() };
    this.taker.take({
      what: 'field',
      name: this.pathName + byteText(copy),
      path: this.path === undefined ? [copy] : [this.path, copy],
      state: { value: value.copy(), ...expiry },
      bucket,
      size: field.length * 2 + value.length + ELEMENT_BYTES,
    });
  }

  streamEntry(id: StreamIdSlot): void {
    const text = `${id.ms.unsigned()}-${id.seq.unsigned()}`;
    const bucket = bucketOf(id.ms.lo ^ Math.imul(id.seq.lo, 0x9e3779b1), NO_BYTES, 0, 0);
    this.entry = this.taker.wants(bucket) ? { id: text, bucket, fields: [], size: ELEMENT_BYTES } : undefined;
  }

  streamField(field: Slice, value: Slice): void {
    const { entry } = this;
    if (entry === undefined) return;
    entry.fields.push(field.copy(), value.copy());
    entry.size += field.length + value.length + ELEMENT_BYTES;
  }

  streamEntryEnd(): void {
    const { entry } = this;
    if (entry === undefined) return;
    const { id, bucket, fields, size } = entry;
    this.taker.take({ what: 'entry', name: id, path: [id], state: { fields }, bucket, size });
  }

  streamState(state: StreamState): void {
    this.taker.facts(streamFacts(state, this.options.streamVersion));
  }

  moduleStart(module: string, version: number): void {
    this.taker.facts([fact('module', module), fact('version', version)]);
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.text(`${kind} ${kind === 'sint' ? value.signed() : value.unsigned()}`);
  }

  moduleNumber(kind: 'float' | 'double', value: number): void {
    this.text(`${kind} ${Object.is(value, -0) ? '-0' : value}`);
  }

  moduleString(value: Slice): void {
    this.whole('item', value, 0);
  }

  arrayStart(insertIndex: Int64 | undefined): void {
    this.taker.facts(insertIndex === undefined ? [] : [fact('insert-index', insertIndex.unsigned())]);
  }

  arrayElement(index: Int64, value: Slice): void {
    const bucket = bucketOf(index.lo ^ index.hi, NO_BYTES, 0, 0);
    if (!this.taker.wants(bucket)) return;
    const name = String(index.unsigned());
    const size = value.length + ELEMENT_BYTES;
    this.taker.take({ what: 'element', name, path: [name], state: { value: value.copy() }, bucket, size });
  }

  pathStart(path: Slice): void {
    this.path = path.copy();
    // No byte looks like this, so no field of one path is taken for one of another.
    this.pathName = `${byteText(this.path)}\u0100`;
  }

  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    this.keysLeft = keys;
    this.taker.facts([
      { what: 'fact', path: ['script'], state: { value: script.copy() } },
      fact('start', start.signed()),
      fact('interval', interval.signed()),
      fact('keys', keys),
    ]);
  }

  blob(): void {}

  raw(): void {}

  private whole(what: 'string' | 'item', value: Slice, bucket: number): void {
    const copy = value.copy();
    const size = copy.length * 2 + ELEMENT_BYTES;
    const name = what === 'string' ? '' : `\u0100${bucket}${byteText(copy)}`;
    this.taker.take({ what, name, path: [], state: { value: copy }, bucket: 0, size });
  }

  private text(text: string): void {
    this.taker.take({ what: 'item', name: text, path: [], state: { text }, bucket: 0, size: ELEMENT_BYTES });
  }

  private named(what: 'member', name: Slice, bytes: Slice, state: PartState): void {
    const bucket = bucketOf(0, bytes.bytes, bytes.start, bytes.end);
    if (!this.taker.wants(bucket)) return;
    const copy = name.copy();
    this.taker.take({ what, name: byteText(copy), path: [copy], state, bucket, size: copy.length * 2 + ELEMENT_BYTES });
  }
}

/** Equal states, as far as they are compared at all. */
export function isSameState(left: PartState, right: PartState): boolean {
  return (
    Object.is(left.score, right.score) &&
    left.text === right.text &&
    left.expireAt === right.expireAt &&
    isSameBytes(left.value, right.value) &&
    isSameFields(left.fields ?? [], right.fields ?? [])
  );
}

const NO_BYTES = new Uint8Array(0);

function fact(name: string, value: string | number | bigint): Fact {
  return { what: 'fact', path: [name], state: { text: String(value) } };
}

function isSameFields(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.length === right.length && left.every((field, at) => isSameBytes(field, right[at]));
}

function isSameBytes(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** One character U+0000–U+00FF per byte: a faithful key of a map. */
function byteText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}
