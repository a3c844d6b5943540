/**
 * The dump of a store: SAVE, BGSAVE, and save points. It appears whole: written under a temporary name, synced, renamed, its
 * directory synced.
 */
import { joinPath } from '../bytes/path.js';
import { dueSavePoint, type SavePoint } from './save-points.js';
import { SnapshotJob } from './snapshot-job.js';
import { dumpPlan, type StoreContent } from './snapshot-plan.js';

/** After a failure a scheduled save waits as long as one by save points (CONFIG_BGSAVE_RETRY_DELAY). */
const RETRY_SECONDS = 5;
/** One store writes to a directory at a time, so one name is enough. */
const TEMP_DUMP = 'temp-1.rdb';

export class DumpSaver {
  /** Since the last dump that succeeded. */
  changes = 0;
  /** Unix seconds of the last dump that succeeded, or of the start. */
  lastSave: number;
  /** Whether the last one in the background failed, and why. */
  failure: unknown;
  /** BGSAVE SCHEDULE, to begin when a rewrite has ended. */
  isScheduled = false;
  /** Dumps that were made. */
  saves = 0;
  private lastTry = 0;

  constructor(
    private readonly content: StoreContent,
    private readonly nowSeconds: () => number,
  ) {
    this.lastSave = nowSeconds();
  }

  get path(): string {
    const { dir, dbfilename } = this.content.settings;
    return joinPath(dir, dbfilename);
  }

  /** Throws what went wrong; the dump of before is there then. */
  saveNow(): void {
    const job = this.job();
    let failure: unknown;
    job.onEnd = (error) => {
      failure = error;
    };
    job.finish();
    if (failure !== undefined) throw failure;
    this.place();
    this.succeeded(this.changes);
  }

  /** Begins; `onEnd` is told when the dump is in its place, or what went wrong. */
  begin(onEnd: (failure?: unknown) => void): SnapshotJob {
    const { changes } = this;
    this.isScheduled = false;
    this.lastTry = this.nowSeconds();
    const job = this.job();
    job.onEnd = (error) => {
      let failure = error;
      try {
        if (failure === undefined) this.place();
      } catch (cause) {
        failure = cause ?? new Error('failed');
      }
      if (failure === undefined) this.succeeded(changes);
      else this.failure = failure;
      onEnd(failure);
    };
    return job;
  }

  /** The save point at which it is time; undefined while there is none. */
  due(): SavePoint | undefined {
    const { changes, lastSave, lastTry, failure } = this;
    const state = { changes, lastSave, lastTry, hasFailed: failure !== undefined };
    return dueSavePoint(this.content.settings.save, state, this.nowSeconds());
  }

  /** Whether what was scheduled may begin. */
  get mayRetry(): boolean {
    return this.failure === undefined || this.nowSeconds() - this.lastTry > RETRY_SECONDS;
  }

  private job(): SnapshotJob {
    return new SnapshotJob(dumpPlan(this.content, joinPath(this.content.settings.dir, TEMP_DUMP), false));
  }

  private place(): void {
    const { files, settings } = this.content;
    const made = joinPath(settings.dir, TEMP_DUMP);
    if (files.stat(this.path) !== undefined) files.copyOwnership(this.path, made);
    files.rename(made, this.path);
    files.syncDirectory(settings.dir);
  }

  /** `changes`: those that are in it. */
  private succeeded(changes: number): void {
    this.changes -= changes;
    this.lastSave = this.nowSeconds();
    this.failure = undefined;
    this.saves++;
  }
}
