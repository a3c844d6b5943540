/**
 * What a dump holds, as data: the glossary of the library.
 *
 * `RdbEntry` is a union over `kind`, `RdbValue` one over `type`. Keys, members and values are bytes, never strings.
 * Collections are arrays, not maps: order and duplicates are facts of the file. Counts and sizes are numbers, times are
 * numbers in Unix milliseconds, identities and stored counters are bigints.
 */

import type { Int64 } from '../bytes/int64.js';
import type { StreamEntry, StreamState } from './stream-model.js';

export type * from './stream-model.js';

/** One record of a dump, in file order. */
export type RdbEntry =
  | HeaderEntry
  | AuxEntry
  | SelectDbEntry
  | ResizeDbEntry
  | SlotInfoEntry
  | SlotImportEntry
  | FunctionEntry
  | ModuleAuxEntry
  | HashTemplateEntry
  | CommandEntry
  | KeyEntry
  | EndEntry;

/** Every record that is not a key. */
export type RdbRecord = Exclude<RdbEntry, KeyEntry>;

/** The first nine bytes. `version` is 1–15 for `REDIS`, 80 or 81 for `VALKEY`, or newer. */
export interface HeaderEntry {
  readonly kind: 'header';
  readonly magic: 'REDIS' | 'VALKEY';
  readonly version: number;
}

/** FA: a named fact about the file, such as `redis-ver`. */
export interface AuxEntry {
  readonly kind: 'aux';
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** FE: the keys that follow belong to this database. */
export interface SelectDbEntry {
  readonly kind: 'select-db';
  readonly db: number;
}

/** FB: how many keys the database had, and how many of them with an expiry. A hint only. */
export interface ResizeDbEntry {
  readonly kind: 'resize-db';
  readonly db: number;
  readonly keys: number;
  readonly expires: number;
}

/** F4 (Redis 7.4+, cluster mode): the keys that follow belong to this slot. */
export interface SlotInfoEntry {
  readonly kind: 'slot-info';
  readonly slot: number;
  readonly keys: number;
  readonly expires: number;
}

/** F3 (Valkey 9.0+, cluster mode): an unfinished slot import. Ranges are inclusive. */
export interface SlotImportEntry {
  readonly kind: 'slot-import';
  readonly job: Uint8Array;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** F5, or F6 of the 7.0 release candidates: a function library. `name` and `engine` are read from its first line. */
export interface FunctionEntry {
  readonly kind: 'function';
  readonly code: Uint8Array;
  readonly name: string | undefined;
  readonly engine: string | undefined;
  /** Only F6 records have one. */
  readonly description?: Uint8Array;
}

/** F7: what a module stores beside the keys. `when` is 1 before them, 2 after them. */
export interface ModuleAuxEntry {
  readonly kind: 'module-aux';
  readonly module: string;
  readonly version: number;
  readonly when: number;
  readonly items: readonly ModuleItem[];
}

/** F2 (Redis 8.10): the field names that template hashes refer to by `id`. */
export interface HashTemplateEntry {
  readonly kind: 'hash-template';
  readonly id: number;
  readonly fields: readonly Uint8Array[];
}

/** F2 (Valkey 9.2): a command to be applied at this point, in the last selected database. */
export interface CommandEntry {
  readonly kind: 'command';
  readonly db: number;
  readonly args: readonly Uint8Array[];
}

/** FF and what follows it. `disabled`: the writer stored zeros; `unchecked`: the reader was told not to look. */
export interface EndEntry {
  readonly kind: 'end';
  readonly checksum: ChecksumState;
  /** CRC-64 of all bytes up to and with FF, where it was computed. */
  readonly crc64: bigint | undefined;
  /** Bytes that follow the RDB. */
  readonly trailingBytes: number;
  /** What they are by their first byte: the tail of a mixed AOF file, or something that does not belong there. */
  readonly trailing: 'aof' | 'unknown' | undefined;
}

/** Outcome of the checksum: see {@link EndEntry}. */
export type ChecksumState = 'ok' | 'absent' | 'disabled' | 'unchecked';

/** A key with its value. */
export interface KeyEntry {
  readonly kind: 'key';
  readonly db: number;
  readonly key: Uint8Array;
  /** Unix ms; absent without expiry. A stored time beyond ±2^53 saturates, with a warning. */
  readonly expireAtMs?: number;
  /** The exact time, beside one that saturates: writers take it first. */
  readonly expireAt?: Int64;
  /** LRU idle time, where the server recorded it. */
  readonly idleSeconds?: number;
  /** LFU counter 0–255, where the server recorded it. */
  readonly freq?: number;
  /** Key metadata classes (Redis 8.6+). */
  readonly meta?: readonly KeyMeta[];
  /** The type byte in the file. */
  readonly rdbType: number;
  /** Offset of the record, its expiry opcodes included. */
  readonly offset: number;
  /** Bytes of the value as serialized in the file; absent where `parts` is present. */
  readonly valueBytes?: number;
  /** The value; where `parts` is present its arrays are empty. */
  readonly value: RdbValue;
  /**
   * A value larger than `maxEntryBytes`, in pieces of the same type: drained or skipped before the next entry.
   * A stream's `state` stands in the last piece.
   */
  readonly parts?: AsyncIterable<RdbValue>;
  /** Beside `parts`: how many elements will come, where the head of the value says it. */
  readonly elementCount?: number;
}

/** One class of F3 (Redis 8.6+). */
export interface KeyMeta {
  /** `META-` and four characters. */
  readonly name: string;
  readonly version: number;
  /** Bit 0: a loader without the class may skip it. */
  readonly flags: number;
  readonly items: readonly ModuleItem[];
}

/** A value, by data type; `encoding` is how it stood in the file. */
export type RdbValue =
  | StringValue
  | ListValue
  | SetValue
  | ZsetValue
  | HashValue
  | StreamValue
  | ArrayValue
  | ModuleValue
  | PathHashValue
  | CronValue;

/** The data types, as the server's TYPE command names them where it can. */
export type ValueType = RdbValue['type'];

/** How a value stood in the file (ndjson.md). */
export type ValueEncoding =
  | 'raw'
  | 'int'
  | 'lzf'
  | 'linkedlist'
  | 'hashtable'
  | 'skiplist'
  | 'zipmap'
  | 'ziplist'
  | 'intset'
  | 'quicklist'
  | 'stream'
  | 'listpack'
  | 'listpackex'
  | 'array'
  | 'module'
  | 'pathhash'
  | 'cron';

/** A string; integers are their decimal text. */
export interface StringValue {
  readonly type: 'string';
  readonly encoding: ValueEncoding;
  readonly value: Uint8Array;
}

/** A list, head to tail. */
export interface ListValue {
  readonly type: 'list';
  readonly encoding: ValueEncoding;
  readonly items: Uint8Array[];
}

/** A set, in file order. */
export interface SetValue {
  readonly type: 'set';
  readonly encoding: ValueEncoding;
  readonly members: Uint8Array[];
}

/** A sorted set, in file order: packed forms ascend, type 5 descends. */
export interface ZsetValue {
  readonly type: 'zset';
  readonly encoding: ValueEncoding;
  readonly members: ZsetMember[];
}

export interface ZsetMember {
  readonly member: Uint8Array;
  readonly score: number;
}

/** A hash, in file order. */
export interface HashValue {
  readonly type: 'hash';
  readonly encoding: ValueEncoding;
  readonly fields: HashField[];
}

export interface HashField {
  readonly field: Uint8Array;
  readonly value: Uint8Array;
  /** Unix ms; only fields that have an expiry. */
  readonly expireAtMs?: number;
  /** As of a key: the exact time beyond 2^53, which only Valkey has. */
  readonly expireAt?: Int64;
}

/** A stream; `state` is everything but the entries. */
export interface StreamValue {
  readonly type: 'stream';
  readonly encoding: ValueEncoding;
  readonly entries: StreamEntry[];
  readonly state: StreamState | undefined;
}

/** A sparse array (Redis 8.8+), ascending indexes. */
export interface ArrayValue {
  readonly type: 'array';
  readonly encoding: ValueEncoding;
  /** Index of the last sequential insert, where there was one. */
  readonly insertIndex?: bigint;
  readonly elements: ArrayElement[];
}

export interface ArrayElement {
  readonly index: bigint;
  readonly value: Uint8Array;
}

/** A module's value as the typed items that it saved. */
export interface ModuleValue {
  readonly type: 'module';
  readonly encoding: ValueEncoding;
  readonly module: string;
  readonly version: number;
  readonly items: ModuleItem[];
  /** Where the layout is known: the value behind the items. */
  readonly decoded?: VectorSet;
}

export type ModuleItem =
  | { readonly kind: 'sint'; readonly value: bigint }
  | { readonly kind: 'uint'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: Uint8Array };

/** A vector set (module `vectorset`, Redis 8.0+). */
export interface VectorSet {
  readonly dim: number;
  readonly quantization: 'f32' | 'int8' | 'bin';
  /** HNSW M. */
  readonly m: number;
  readonly projectionInputDim?: number;
  readonly elements: readonly VectorSetElement[];
}

export interface VectorSetElement {
  readonly element: Uint8Array;
  readonly attribute?: Uint8Array;
  /** Components as VEMB gives them. */
  readonly vector: readonly number[];
  readonly level: number;
}

/** A path hash (Valkey 9.2; layout not confirmed). */
export interface PathHashValue {
  readonly type: 'pathhash';
  readonly encoding: ValueEncoding;
  readonly paths: PathFields[];
}

export interface PathFields {
  readonly path: Uint8Array;
  readonly fields: HashField[];
}

/** A KeyDB cron job (layout not confirmed). Times in ms. */
export interface CronValue {
  readonly type: 'cron';
  readonly encoding: ValueEncoding;
  readonly script: Uint8Array;
  readonly startMs: number;
  readonly intervalMs: number;
  readonly keys: Uint8Array[];
  readonly args: Uint8Array[];
}

/** Something odd that did not stop the reading. */
export interface RdbWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly offset: number;
}

export type WarningCode =
  | 'NEWER_VERSION'
  | 'ODD_VERSION'
  | 'TRAILING_BYTES'
  | 'TIME_SATURATED'
  | 'UNCONFIRMED_LAYOUT'
  | 'PARTIAL_CHECK'
  | 'EMPTY_KEY';
