/** The glossary of imports: what is asked for, and what became of it, as data. */
import type { Files } from '../bytes/files.js';
import type { LossCount, LossEntry } from '../convert/loss.js';
import type { KeyOptions } from './source/key-options.js';
import type { TargetErrorCode } from './target/target-error.js';

/**
 * How keys are written: `restore` as RESTORE with a payload for the target's version; `commands` as the commands of a
 * rewritten log; `auto` as RESTORE, and as commands where the target does not take that.
 */
export type ImportMode = 'auto' | 'restore' | 'commands';

/** What becomes of a key that the target has already: it fails, it is left as it is, or it is replaced. */
export type ExistingPolicy = 'error' | 'skip' | 'replace';

/** Limits of the flow; undefined: none. */
export interface ImportRate {
  readonly keysPerSecond?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
}

/** Where the state of an import is kept, so that another one goes on where it ended. */
export interface CheckpointPlace {
  readonly path: string;
  readonly files: Files;
}

/** How to reach the target, and for how long to try. */
export interface ConnectionOptions {
  /** Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Without a byte in either direction; default 60 s. */
  readonly replyTimeoutMs?: number | undefined;
}

export interface ImportOptions extends KeyOptions, ConnectionOptions {
  /** Default: `auto`. */
  readonly mode?: ImportMode | undefined;
  /** Default: `error`. */
  readonly onExists?: ExistingPolicy | undefined;
  /**
   * A key of which the target cannot hold everything: `drop` lets it fail as UNSUPPORTED, `convert` writes what can be
   * held, and says what was lost. Default: `convert`.
   */
  readonly onUnsupported?: 'drop' | 'convert' | undefined;
  readonly rate?: ImportRate | undefined;
  readonly checkpoint?: CheckpointPlace | undefined;
  /** For how long a target that fails is tried again while nothing succeeds; default 60 s. 0: not at all. */
  readonly retryMs?: number | undefined;
  /** Requests without a reply, per server; default 8 MiB of them. */
  readonly maxPendingBytes?: number | undefined;
  /** Requests without a reply, per server, in number; default 50,000. */
  readonly maxPendingRequests?: number | undefined;
  /** How many replicas must have what counts as sent; default: 1 where a primary has replicas, else 0. */
  readonly waitReplicas?: number | undefined;
  /** Nothing is written: the result is the plan. */
  readonly dryRun?: boolean | undefined;
  /** About four times a second. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Each key that was not written although it was to be. */
  readonly onFailure?: ((failure: KeyFailure) => void) | undefined;
  /** Each part of a key that was not written under `convert`, and each record. */
  readonly onLoss?: ((loss: LossEntry) => void) | undefined;
  /** The target failed, and is tried again after `waitMs`. */
  readonly onRetry?: ((error: Error, waitMs: number) => void) | undefined;
}

/** Where an import is. */
export interface ImportProgress {
  /** Of the source as it is stored. */
  readonly readBytes: number;
  readonly totalBytes: number | undefined;
  readonly counts: ImportCounts;
  readonly sentBytes: number;
  readonly elapsedMs: number;
}

/** Keys of the source that passed the filter, by what became of them. */
export interface ImportCounts {
  /** All of them so far; those of an earlier import that this one resumes are in it. */
  readonly keys: number;
  /** Written; those that were replaced are in it. */
  readonly sent: number;
  /** Left alone, since the target has them. */
  readonly skipped: number;
  /** Written in the place of one that the target had. */
  readonly replaced: number;
  /** Not written although they were to be. */
  readonly failed: number;
  /** Not written, since they had expired. */
  readonly expired: number;
  /** Function libraries that were written; those that were not are in {@link failed} or {@link skipped}. */
  readonly functions: number;
}

/** Why a key was not written: a code of the target, or that it cannot be said to it. */
export type FailureCode = TargetErrorCode | 'UNSUPPORTED';

export interface KeyFailure {
  readonly kind: 'key' | 'function';
  /** On the target. */
  readonly db: number;
  /** As the target would have had it; of a function, the library's name. */
  readonly key: Uint8Array;
  readonly code: FailureCode;
  /** One sentence. */
  readonly message: string;
}

/** What became of an import. */
export interface ImportResult {
  /** The target's version, such as `redis 7.0.15`. */
  readonly server: string;
  readonly kind: 'standalone' | 'cluster';
  /** What was found to work: `auto` is `commands` where the target takes no RESTORE at all. */
  readonly mode: ImportMode;
  readonly counts: ImportCounts;
  /** The first 100. */
  readonly failures: readonly KeyFailure[];
  readonly lost: readonly LossCount[];
  /** Keys that were written as commands under `auto`. */
  readonly asCommands: number;
  readonly sentBytes: number;
  readonly requests: number;
  /** Requests that were sent again. */
  readonly retries: number;
  readonly elapsedMs: number;
  /** It goes on where an earlier one ended. */
  readonly isResumed: boolean;
  /** Of a dry run: nothing was sent, and `counts` says what would be. */
  readonly plan: ImportPlan | undefined;
}

/** What an import would do. */
export interface ImportPlan {
  /** Keys per database of the target. */
  readonly databases: readonly { readonly db: number; readonly keys: number }[];
  /** Keys and bytes of requests per server, in the order of their slots. */
  readonly nodes: readonly { readonly address: string; readonly keys: number; readonly bytes: number }[];
  readonly requests: number;
  readonly bytes: number;
  /** By the rate that was asked for, else by what the connection was measured to carry. */
  readonly estimatedMs: number;
}
