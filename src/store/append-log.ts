/**
 * The log of a store: switched off, being switched on, or on; and its rewrites (aof-format.md §4.5).
 *
 * While it is being switched on, commands go to an increment that no manifest lists; the base that is made meanwhile and that
 * increment become the log together.
 */
import { CommandLog } from '../engine/command-log.js';
import { LogAppender } from './log-appender.js';
import type { Increment, LogDirectory } from './log-directory.js';
import { hasGrown, RewritePauses } from './rewrite-rule.js';
import { SnapshotJob } from './snapshot-job.js';
import { basePlan, type StoreContent } from './snapshot-plan.js';

export class AppendLog {
  state: 'off' | 'waiting' | 'on' = 'off';
  /** A rewrite is to begin as soon as it may. */
  isScheduled = false;
  readonly pauses = new RewritePauses();
  /** Bytes of the log after its last rewrite, or of the base that was loaded. */
  baseBytes = 0;
  /** Whether the last rewrite failed, and why. */
  failure: unknown;
  rewrites = 0;
  private appender: LogAppender | undefined;
  private increment: Increment | undefined;
  private commands: CommandLog | undefined;
  /** Of the files before the current increment, bytes. */
  private settledBytes = 0;

  constructor(
    private readonly content: StoreContent,
    readonly directory: LogDirectory,
    private readonly clock: () => number,
    /** Whether anything is being written in the background. */
    private readonly isBusy: () => boolean,
  ) {}

  /** Why the log cannot be written right now; nothing is wrong where it is undefined. */
  get error(): unknown {
    return this.state === 'off' ? undefined : this.appender?.error;
  }

  /** Of all its files, what waits to be written not included. */
  get sizeBytes(): number {
    return this.settledBytes + (this.appender?.sizeBytes ?? 0);
  }

  /** What waits to be written. */
  get pendingBytes(): number {
    return this.appender?.buffer.size ?? 0;
  }

  get isSyncing(): boolean {
    return this.appender?.isSyncingAside ?? false;
  }

  /** At the start, with everything loaded. A log without files gets a base of what there is, so that it is never without one. */
  open(): void {
    if (this.directory.isEmpty) this.makeBase();
    this.append(this.directory.open());
    this.state = 'on';
  }

  /** `appendonly yes` at run time: the log is on when a rewrite has ended, which is to begin. */
  switchOn(): void {
    this.state = 'waiting';
    this.isScheduled = true;
  }

  /** `appendonly no` at run time. The log stays as it is; a rewrite has been given up before. */
  switchOff(): void {
    const wasWaiting = this.state === 'waiting';
    if (!wasWaiting) this.appender?.settle();
    this.leave();
    if (wasWaiting) this.directory.dropUnlisted();
  }

  /** Before replies go out, and from time to time. Throws LogLostError. */
  flush(): void {
    if (this.state !== 'off') this.follow()?.flush();
  }

  /** Everything is written and durable. Throws what prevents it. */
  settle(): void {
    if (this.state !== 'off') this.follow()?.settle();
  }

  /** Begins a rewrite. Throws where what was logged so far cannot be made durable: nothing has begun then. */
  begin(onEnd: (failure?: unknown) => void): SnapshotJob {
    this.isScheduled = false;
    this.turn();
    const path = this.directory.basePath;
    const form = this.content.settings.aofUseRdbPreamble ? 'rdb' : 'aof';
    const job = new SnapshotJob(basePlan(this.content, path));
    job.onEnd = (error) => {
      let failure = error;
      try {
        if (failure === undefined) this.place({ path, form });
      } catch (cause) {
        failure = cause ?? new Error('failed');
      }
      if (failure === undefined) this.rewritten();
      else this.rewriteFailed(failure);
      onEnd(failure);
    };
    return job;
  }

  /** Whoever waits for the log to be on has to wait for the next one. */
  rewriteFailed(failure: unknown): void {
    this.failure = failure;
    this.pauses.failed();
    if (this.state === 'waiting') this.isScheduled = true;
  }

  /** Whether the log has grown so much that it is time for a rewrite. */
  get isDue(): boolean {
    return this.state === 'on' && hasGrown(this.content.settings, this.sizeBytes, this.baseBytes);
  }

  /** Lets go of the file, whatever waits for it. */
  leave(): void {
    this.appender?.close();
    this.appender = undefined;
    this.increment = undefined;
    this.commands = undefined;
    this.content.engine.log = undefined;
    this.state = 'off';
  }

  /** What is logged from now on goes to an increment of its own. Where there is a log, all before it is durable. */
  private turn(): void {
    if (this.state === 'off') return;
    if (this.state === 'on') this.settle();
    this.append(this.state === 'on' ? this.directory.next() : this.directory.unlisted());
  }

  private append(increment: Increment): void {
    const { engine, settings } = this.content;
    const { clock } = this;
    this.appender?.close();
    const appender = new LogAppender(increment.file, increment.sizeBytes, settings.appendfsync, {
      clock,
      isSyncLeftOut: () => settings.noAppendfsyncOnRewrite && this.isBusy(),
    });
    this.settledBytes = increment.name === undefined ? 0 : this.directory.sizeBytes - increment.sizeBytes;
    this.appender = appender;
    this.increment = increment;
    this.commands = new CommandLog((args) => {
      if (settings.aofTimestampEnabled) appender.buffer.annotate(Math.floor(engine.nowMs / 1000));
      appender.buffer.command(args);
    }, engine.settings.target);
    engine.log = this.commands;
  }

  /** The appender, with the policy that is in force. */
  private follow(): LogAppender | undefined {
    if (this.appender !== undefined) this.appender.appendfsync = this.content.settings.appendfsync;
    return this.appender;
  }

  private makeBase(): void {
    let failure: unknown;
    const job = this.begin((error) => {
      failure = error;
    });
    job.finish();
    if (failure !== undefined) throw failure;
    this.rewrites = 0;
  }

  private place(base: { readonly path: string; readonly form: 'rdb' | 'aof' }): void {
    if (this.state === 'waiting') this.settle();
    const name = this.directory.replace(base, this.increment);
    if (this.increment !== undefined) this.increment = { ...this.increment, name };
    if (this.state === 'waiting') this.state = 'on';
    this.settledBytes = this.directory.sizeBytes - (this.appender?.sizeBytes ?? 0);
    this.baseBytes = this.sizeBytes;
  }

  private rewritten(): void {
    this.failure = undefined;
    this.rewrites++;
    this.pauses.succeeded();
  }
}
