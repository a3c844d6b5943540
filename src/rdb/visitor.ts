/**
 * How decoded values leave the core: synchronous callbacks with borrowed ranges.
 *
 * Every {@link Slice} and {@link Int64} handed over is valid during the call only. A value arrives in file order; a
 * callback comes after the last byte that it needs has been read, never with half of its facts.
 */
import type { Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import type { StreamEntryVisitor } from '../codecs/stream-node.js';
import type { ModuleItem, RdbRecord, RdbWarning, StreamState, ValueEncoding, ValueType } from './model.js';

/** What the visitor wants of a key's value. */
export type Level =
  /** nothing */
  | 'skip'
  /** the value's bytes as they stand in the file, and as DUMP has them behind its type byte */
  | 'raw'
  /** packed structures as they are, after decompression; elements otherwise */
  | 'blob'
  /** every element */
  | 'element';

/** A key as the visitor sees it: reused from key to key, valid during the call. */
export interface KeyInfo {
  readonly db: number;
  readonly key: Slice;
  readonly rdbType: number;
  readonly type: ValueType;
  readonly encoding: ValueEncoding;
  /** Unix ms as stored; undefined without expiry. */
  readonly expireAt: Int64 | undefined;
  readonly idleSeconds: number | undefined;
  readonly freq: number | undefined;
  /** Offset of the record in the file, its expiry opcodes included. */
  readonly offset: number;
  /** Bytes of the value in the file; undefined for a large value, which is streamed. */
  readonly valueBytes: number | undefined;
}

/** The element level: one method per shape of element. `StreamEntryVisitor` adds the entries of a stream. */
export interface ValueVisitor extends StreamEntryVisitor {
  string(value: Slice): void;
  listItem(item: Slice): void;
  setMember(member: Slice): void;
  zsetMember(member: Slice, score: number): void;
  /** `expireAt` is the field's expiry in Unix ms, undefined without. */
  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void;
  /** After the last entry of a stream: groups, counters and the rest, as data of its own. */
  streamState(state: StreamState): void;
  /** Before the items of a module value. */
  moduleStart(module: string, version: number): void;
  moduleInteger(kind: 'sint' | 'uint', value: Int64): void;
  moduleNumber(kind: 'float' | 'double', value: number): void;
  moduleString(value: Slice): void;
  /** Before the elements of an array. */
  arrayStart(insertIndex: Int64 | undefined): void;
  arrayElement(index: Int64, value: Slice): void;
  /** Before the fields (as `hashField`) of one path of a path hash. */
  pathStart(path: Slice): void;
  /** A KeyDB cron job; the key names and arguments follow as `listItem`, key names first. */
  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void;
}

/** Everything in a dump, pushed. Records that are not keys come as model objects: they are few. */
export interface RdbVisitor extends ValueVisitor {
  record(record: RdbRecord): void;
  /** A key begins; the answer says what follows. */
  key(info: KeyInfo): Level;
  /** Level `raw`: the value's bytes, in one or more pieces. */
  raw(chunk: Slice): void;
  /** Level `blob`: a packed structure after decompression; the key's `rdbType` says which. */
  blob(packed: Slice): void;
  /** The value is complete; also after level `skip`. */
  keyEnd(): void;
  warning(warning: RdbWarning): void;
}

/** Key metadata travels beside the key, since few keys have metadata. */
export type { ModuleItem };

const nothing = (): void => undefined;

/** Does nothing with anything: spread it to implement only what matters. */
export const IGNORE_VALUE: ValueVisitor = {
  string: nothing,
  listItem: nothing,
  setMember: nothing,
  zsetMember: nothing,
  hashField: nothing,
  streamEntry: nothing,
  streamField: nothing,
  streamEntryEnd: nothing,
  streamState: nothing,
  moduleStart: nothing,
  moduleInteger: nothing,
  moduleNumber: nothing,
  moduleString: nothing,
  arrayStart: nothing,
  arrayElement: nothing,
  pathStart: nothing,
  cronStart: nothing,
};
