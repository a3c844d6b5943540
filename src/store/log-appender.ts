/**
 * The file that a log goes to, as the server writes it (aof-format.md §4.6): what commands log is gathered, written together
 * before any of their replies goes out, and synced as `appendfsync` says.
 */
import type { WritableFile } from '../bytes/files.js';
import { LogBuffer } from './log-buffer.js';

/** When what was written is made durable: before the replies, about once a second, or when the system likes. */
export type AppendFsync = 'always' | 'everysec' | 'no';

export interface AppenderOptions {
  /** Unix ms. */
  readonly clock: () => number;
  /** `no-appendfsync-on-rewrite`: asked before each sync that is not for `always`. Default: never. */
  readonly isSyncLeftOut?: () => boolean;
}

/** Between two syncs of `everysec`. */
const SYNC_MS = 1000;
/** So long writing waits for a sync that has not ended. */
const MOST_POSTPONED_MS = 2000;

/** The log cannot be gone on with: what is to be acknowledged may be missing from it. A server ends itself then. */
export class LogLostError extends Error {
  override readonly name = 'LogLostError';
}

export class LogAppender {
  readonly buffer = new LogBuffer();
  appendfsync: AppendFsync;
  private writeError: unknown;
  private syncError: unknown;
  private syncedBytes: number;
  private lastSyncMs: number;
  private isSyncing = false;
  private isClosed = false;
  private postponedMs: number | undefined;

  /** `sizeBytes`: of the file as it is, which ends with a whole command. */
  constructor(
    private readonly file: WritableFile,
    public sizeBytes: number,
    appendfsync: AppendFsync,
    private readonly options: AppenderOptions,
  ) {
    this.appendfsync = appendfsync;
    this.syncedBytes = sizeBytes;
    this.lastSyncMs = options.clock();
  }

  /**
   * Why the last write or the last sync failed. While it is there, nothing that changes data is to be run; both are tried
   * again at each flush.
   */
  get error(): unknown {
    return this.writeError ?? this.syncError;
  }

  /** Whether all that was written is durable. */
  get isSynced(): boolean {
    return this.syncedBytes === this.sizeBytes;
  }

  /** Whether a sync is going on. */
  get isSyncingAside(): boolean {
    return this.isSyncing;
  }

  /**
   * Before replies go out, and from time to time. Throws LogLostError under `always` where anything fails: the commands have
   * been run, and their replies must not go out.
   */
  flush(): void {
    const now = this.options.clock();
    if (this.buffer.size > 0 && !this.isPostponed(now)) this.write();
    if (this.appendfsync === 'always') this.syncNow();
    else if (this.appendfsync === 'everysec' && now - this.lastSyncMs >= SYNC_MS) this.syncAside(now);
  }

  /** Writes and syncs everything, whatever the policy: before the file is left, or the server ends. */
  settle(): void {
    if (this.buffer.size > 0) this.write();
    if (this.writeError !== undefined) throw this.writeError;
    this.syncNow();
  }

  /** What waits is not written. */
  close(): void {
    this.isClosed = true;
    if (!this.isSyncing) this.file.close();
  }

  /** A write would wait for a sync that is going on. */
  private isPostponed(now: number): boolean {
    if (this.appendfsync !== 'everysec' || !this.isSyncing) {
      this.postponedMs = undefined;
      return false;
    }
    this.postponedMs ??= now;
    return now - this.postponedMs < MOST_POSTPONED_MS;
  }

  private write(): void {
    const { buffer, file } = this;
    this.postponedMs = undefined;
    try {
      file.write(buffer.bytes, 0, buffer.size);
    } catch (error) {
      this.takeBack(error);
      return;
    }
    this.writeError = undefined;
    this.sizeBytes += buffer.size;
    buffer.clear();
  }

  /** A part of it may have been written: it is cut off, or, where that fails too, the rest is to follow it. */
  private takeBack(error: unknown): void {
    this.writeError = error;
    const { file, buffer } = this;
    const written = file.position - this.sizeBytes;
    try {
      if (written > 0) file.truncate(this.sizeBytes);
    } catch {
      buffer.drop(written);
      this.sizeBytes += written;
    }
    if (this.appendfsync === 'always')
      throw new LogLostError('the log could not be written, and every command is to be in it', { cause: error });
  }

  private syncNow(): void {
    if (this.isSynced) return;
    try {
      this.file.syncData();
    } catch (cause) {
      throw new LogLostError('the log could not be synced', { cause });
    }
    this.synced(this.sizeBytes);
    this.lastSyncMs = this.options.clock();
  }

  private syncAside(now: number): void {
    if (this.isSynced || this.isSyncing || this.options.isSyncLeftOut?.()) return;
    const size = this.sizeBytes;
    this.isSyncing = true;
    this.lastSyncMs = now;
    this.file.syncDataAside((error) => {
      this.isSyncing = false;
      if (this.isClosed) this.file.close();
      if (error === undefined) this.synced(size);
      else this.syncError = error;
    });
  }

  private synced(size: number): void {
    this.syncedBytes = Math.max(this.syncedBytes, size);
    this.syncError = undefined;
  }
}
