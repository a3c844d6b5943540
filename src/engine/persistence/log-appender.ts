/**
 * The file that a log goes to, as the server writes it (aof-format.md §4.6): what commands log is gathered, written together
 * before any of their replies goes out, and synced as `appendfsync` says.
 */
import type { WritableFile } from '../../bytes/files.js';
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

/** The log cannot be gone on with: what was acknowledged may be missing from it. A server ends itself then. */
export class LogLostError extends Error {
  override readonly name = 'LogLostError';
}

export class LogAppender {
  readonly buffer = new LogBuffer();
  appendfsync: AppendFsync;
  /** Why the last write failed; while it is there, nothing more is to be acknowledged. It is tried again at each flush. */
  error: unknown;
  private syncedBytes: number;
  private lastSyncMs: number;
  private isSyncing = false;
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

  /** Whether all that was written is durable. */
  get isSynced(): boolean {
    return this.syncedBytes === this.sizeBytes;
  }

  /**
   * Before replies go out, and from time to time. Throws LogLostError where what was written cannot be made whole again, and
   * under `always` where anything fails: the commands have been run.
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
    if (this.error !== undefined) throw this.error;
    this.syncNow();
  }

  close(): void {
    this.file.close();
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
    this.error = undefined;
    this.sizeBytes += buffer.size;
    buffer.clear();
  }

  /** A part of it may have been written. */
  private takeBack(error: unknown): void {
    this.error = error;
    try {
      this.file.truncate(this.sizeBytes);
    } catch (cause) {
      throw new LogLostError('a part of a command was written to the log, and could not be taken back', { cause });
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
    this.syncedBytes = this.sizeBytes;
    this.lastSyncMs = this.options.clock();
  }

  /** What fails here shows at the next write. */
  private syncAside(now: number): void {
    if (this.isSynced || this.isSyncing || this.options.isSyncLeftOut?.()) return;
    const size = this.sizeBytes;
    this.isSyncing = true;
    this.lastSyncMs = now;
    this.file.syncDataAside((error) => {
      this.isSyncing = false;
      if (error === undefined) this.syncedBytes = Math.max(this.syncedBytes, size);
      else this.error = error;
    });
  }
}
