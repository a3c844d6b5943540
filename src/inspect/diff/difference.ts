/** What a comparison of two dumps reports. */
import type { ValueType } from '../../rdb/model.js';

/** The first or the second of the two files. */
export type DiffSide = 'before' | 'after';

export type Change = 'added' | 'removed' | 'changed';

/** One thing that differs. A key that changed may be followed by its parts. */
export type Difference = KeyDifference | PartDifference | FunctionDifference;

export interface KeyDifference {
  readonly kind: 'key';
  readonly change: Change;
  readonly db: number;
  readonly key: Uint8Array;
  /** Undefined where it was added. */
  readonly before: KeyState | undefined;
  /** Undefined where it was removed. */
  readonly after: KeyState | undefined;
  /** What differs of a key that changed; with `type` the values are not compared. */
  readonly differs: readonly KeyAspect[];
}

export interface KeyState {
  readonly type: ValueType;
  /** Unix ms; absent without expiry. */
  readonly expireAt?: bigint;
}

export type KeyAspect = 'type' | 'value' | 'expiry' | 'metadata';

/** A part of the value of the last key. */
export interface PartDifference {
  readonly kind: 'part';
  readonly change: Change;
  readonly what: PartKind;
  /**
   * Where in the value: a field, a member; the index of an item (of the old list where it was removed, else of the new
   * one) or of an array element; the id of an entry; group, consumer and pending id; the name of a counter. Empty for a string.
   */
  readonly path: readonly (Uint8Array | string)[];
  readonly before: PartState | undefined;
  readonly after: PartState | undefined;
}

export type PartKind =
  | 'string'
  | 'item'
  | 'member'
  | 'field'
  | 'entry'
  | 'element'
  /** a fact about a stream, an array, a module or a cron job */
  | 'fact'
  | 'group'
  | 'consumer'
  | 'pending'
  | 'producer';

/** Only what such a part has. */
export interface PartState {
  readonly value?: Uint8Array;
  readonly score?: number;
  /** Of a field, Unix ms. */
  readonly expireAt?: bigint;
  /** Of a stream entry: field, value, field, value … */
  readonly fields?: readonly Uint8Array[];
  /** Ids, counters, times. */
  readonly text?: string;
}

/** A function library. */
export interface FunctionDifference {
  readonly kind: 'function';
  readonly change: Change;
  /** `?` where its first line names none. */
  readonly name: string;
}

/** Counts of one comparison. */
export interface DiffSummary {
  readonly same: boolean;
  /** Keys that were compared: those that pass the filter. */
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Of those that changed: how many differ in what. */
  readonly aspects: Readonly<Record<KeyAspect, number>>;
  /** Ascending by database, then in the order of the types. */
  readonly types: readonly TypeDiff[];
  readonly functions: { readonly added: number; readonly removed: number; readonly changed: number };
  /** The comparison was ended by its limit. */
  readonly stopped: boolean;
}

/** Of the keys of one type in one database. A key that changed its type counts under the new one, and as changed. */
export interface TypeDiff {
  readonly db: number;
  readonly type: ValueType;
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}
