/** What INFO persistence tells of a store, as data. */
import type { AppendLog } from './append-log.js';
import type { Background } from './background.js';
import type { DumpSaver } from './dump-saver.js';
import type { LoadedCounts } from './load-files.js';

/** How long something in the background takes, whole seconds; undefined where there is or was none. */
export interface Seconds {
  readonly last: number | undefined;
  readonly current: number | undefined;
}

interface StatusParts {
  readonly saver: DumpSaver;
  readonly log: AppendLog;
  readonly background: Background;
  readonly counts: LoadedCounts;
}

export interface StoreStatus {
  readonly changesSinceLastSave: number;
  readonly isSaveInProgress: boolean;
  readonly isSaveScheduled: boolean;
  /** Unix seconds. */
  readonly lastSave: number;
  /** Of the last save in the background; undefined: it went well. */
  readonly saveFailure: unknown;
  readonly saves: number;
  readonly saveSeconds: Seconds;
  /** How many saves and rewrites have begun in the background. */
  readonly begun: number;
  /** Of a save or a rewrite that goes on. */
  readonly progress: { readonly keys: number; readonly totalKeys: number } | undefined;
  /** By the last start. */
  readonly loaded: LoadedCounts;
  readonly log: LogStatus;
}

export interface LogStatus {
  /** `waiting`: it was switched on, and its first rewrite goes on. */
  readonly state: 'off' | 'waiting' | 'on';
  readonly isRewriteInProgress: boolean;
  readonly isRewriteScheduled: boolean;
  /** Of the last rewrite; undefined: it went well. */
  readonly rewriteFailure: unknown;
  readonly rewrites: number;
  readonly rewriteSeconds: Seconds;
  readonly consecutiveFailures: number;
  /** Why it cannot be written right now. */
  readonly writeError: unknown;
  /** Bytes of all its files, of the state that its growth is measured from, and of what waits to be written. */
  readonly sizeBytes: number;
  readonly baseBytes: number;
  readonly pendingBytes: number;
  readonly isSyncing: boolean;
}

export function statusOf({ saver, log, background, counts }: StatusParts): StoreStatus {
  return {
    loaded: counts,
    begun: background.begun,
    progress: background.progress,
    saveSeconds: background.secondsOf('save'),
    changesSinceLastSave: saver.changes,
    isSaveInProgress: background.kind === 'save',
    isSaveScheduled: saver.isScheduled,
    lastSave: saver.lastSave,
    saveFailure: saver.failure,
    saves: saver.saves,
    log: {
      state: log.state,
      isRewriteInProgress: background.kind === 'rewrite',
      // The first one of a log that was switched on waits for a save to end.
      isRewriteScheduled: log.isScheduled || (log.state === 'waiting' && background.kind === 'save'),
      rewriteFailure: log.failure,
      rewrites: log.rewrites,
      rewriteSeconds: background.secondsOf('rewrite'),
      consecutiveFailures: log.pauses.failures,
      writeError: log.error,
      sizeBytes: log.sizeBytes,
      baseBytes: log.baseBytes,
      pendingBytes: log.pendingBytes,
      isSyncing: log.isSyncing,
    },
  };
}
