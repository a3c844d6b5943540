/** The glossary of comparisons with a live server: what is asked for, and what was found, as data. */
import type { ConnectionOptions } from '../model.js';
import type { KeyOptions } from '../source/key-options.js';

export interface VerifyOptions extends KeyOptions, ConnectionOptions {
  /** How far apart two times may lie that are taken for the same; default 1000. */
  readonly ttlToleranceMs?: number | undefined;
  /** Look for keys that only the target has; not with `filter`. Default: true. */
  readonly extra?: boolean | undefined;
  /** Values of the source that are waiting for those of the target, in bytes; default 8 MiB. */
  readonly maxPendingBytes?: number | undefined;
  /** Requests without a reply, in number; default 50,000. */
  readonly maxPendingRequests?: number | undefined;
  /** For how long a target that fails is tried again while nothing succeeds; default 60 s. 0: not at all. */
  readonly retryMs?: number | undefined;
  /** Each difference. */
  readonly onDifference?: ((difference: VerifyDifference) => void) | undefined;
  /** About four times a second. */
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
  /** The target failed, and is tried again after `waitMs`. */
  readonly onRetry?: ((error: Error, waitMs: number) => void) | undefined;
}

/** Where a comparison is. */
export interface VerifyProgress {
  /** Of the source as it is stored. */
  readonly readBytes: number;
  readonly totalBytes: number | undefined;
  readonly counts: VerifyCounts;
  readonly elapsedMs: number;
}

/** Keys of the source that passed the filter, by what was found. Those that are in none of the others are unknown. */
export interface VerifyCounts {
  readonly keys: number;
  readonly same: number;
  /** Not on the target. */
  readonly missing: number;
  /** On the target, and otherwise there; once, however much of a key differs. */
  readonly different: number;
  /** Not on the target, since they have expired, or would within the tolerance. */
  readonly expired: number;
}

/** What of a key differs. */
export type DifferenceSubject =
  | 'existence'
  | 'type'
  /** The expiry of the key. */
  | 'ttl'
  | 'value'
  /** All of a stream but its entries, and the insert position of an array. */
  | 'state'
  /** Expiries of a hash's fields. */
  | 'field ttl'
  | 'function';

export interface VerifyDifference {
  /** `missing`: only the source has it; `extra`: only the target. */
  readonly kind: 'missing' | 'extra' | 'different';
  /** On the target. */
  readonly db: number;
  /** As the target would have it; of a function, the library's name. */
  readonly key: Uint8Array;
  readonly what: DifferenceSubject;
  /** What the target has, and what it should have, such as `3 fields, not 4`. */
  readonly detail: string;
}

/**
 * How values were compared: `digest`: the server's DEBUG DIGEST-VALUE with our own, and what that does not see by DUMP;
 * `dump`: all by DUMP; `elements`: read piece by piece, since the target allows neither.
 */
export type VerifyMethod = 'digest' | 'dump' | 'elements';

export interface VerifyResult {
  /** The target's version, such as `redis 7.0.15`. */
  readonly server: string;
  readonly kind: 'standalone' | 'cluster';
  readonly method: VerifyMethod;
  readonly counts: VerifyCounts;
  /** Keys that are there with the same type and expiry, and whose values nobody but their module can compare. */
  readonly unknown: number;
  /** Keys that only the target has; undefined where they were not looked for. */
  readonly extra: number | undefined;
  /** Function libraries of the source; undefined where they were not compared. */
  readonly functions: FunctionCounts | undefined;
  /** The first 100 of each kind. */
  readonly differences: readonly VerifyDifference[];
  /** Nothing differs, nothing is missing, and nothing is there in excess, as far as it could be compared. */
  readonly isSame: boolean;
  readonly elapsedMs: number;
}

export interface FunctionCounts {
  readonly libraries: number;
  /** Missing or with other code, on one server at least. */
  readonly differing: number;
}
