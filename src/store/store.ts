/**
 * An engine with its files: what a server stands on. Commands are run by clients, and acknowledged when {@link Store.flush}
 * has come back; everything else is driven by {@link Store.cron} and {@link Store.work}, or by timers that call them.
 */
import type { Engine } from '../engine/engine.js';
import type { BackgroundStart, Patience, Persistence, ShutdownOptions } from '../engine/persistence.js';
import { CommandError } from '../engine/reply.js';
import type { SessionOptions } from '../engine/session.js';
import type { AppendLog } from './append-log.js';
import type { Background } from './background.js';
import type { DumpSaver } from './dump-saver.js';
import { ExpiryCycle } from './expiry-cycle.js';
import type { LoadedCounts } from './load-files.js';
import { LogLostError } from './log-appender.js';
import { dumpRefusal, logRefusal } from './misconf.js';
import { reload } from './reload.js';
import type { StoreContent } from './snapshot-plan.js';
import { StoreClient } from './store-client.js';
import { type StoreChanges, type StoreNotice, type StoreSettings, savePointsOf } from './store-options.js';
import { type StoreStatus, statusOf } from './store-status.js';
import { StoreTimers } from './store-timers.js';

/** What a store is put together from. */
export interface StoreParts {
  readonly content: StoreContent;
  readonly saver: DumpSaver;
  readonly log: AppendLog;
  readonly background: Background;
  readonly counts: LoadedCounts;
  readonly tell: (notice: StoreNotice) => void;
}

export interface ReloadOptions {
  /** Default: true. */
  readonly isSaved?: boolean;
  /** Default: true; else what is read is added to what there is, and takes the place of keys of the same name. */
  readonly isEmptied?: boolean;
}

export class Store implements Persistence {
  readonly engine: Engine;
  /** In force; {@link configure} changes them. */
  readonly settings: Readonly<StoreSettings>;
  /** Why it has come to its end by itself: what was to be acknowledged is not in the log. */
  failure: LogLostError | undefined;
  /** Nothing more can be run. */
  hasEnded = false;
  private readonly expiry: ExpiryCycle;
  private readonly timers = new StoreTimers(this);
  private group: Promise<void> | undefined;

  /** See openStore. */
  constructor(private readonly parts: StoreParts) {
    this.engine = parts.content.engine;
    this.settings = parts.content.settings;
    this.expiry = new ExpiryCycle(this.engine);
    this.engine.persistence = this;
  }

  /** One more client, in database 0; `options` for whoever serves it. */
  client(options?: SessionOptions): StoreClient {
    return new StoreClient(this, options);
  }

  /** Unix seconds: LASTSAVE. */
  get lastSave(): number {
    return this.parts.saver.lastSave;
  }

  /** What INFO persistence tells. */
  get status(): StoreStatus {
    return statusOf(this.parts);
  }

  /** Cron and background work by themselves, from now on to the end. */
  startTimers(): void {
    this.timers.start();
  }

  /** What a command has changed, as the server counts it. */
  count(changes: number): void {
    this.parts.saver.changes += changes;
  }

  /**
   * To be called before replies go out, once for all commands that have been run since the last time: what they log is written,
   * and synced as `appendfsync` says. Throws LogLostError where the store is at its end: no reply may go out then.
   */
  flush(): void {
    if (this.failure !== undefined) throw this.failure;
    try {
      this.parts.log.flush();
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** When what has been run in this turn of the event loop has been flushed, together. Rejects with LogLostError. */
  acknowledged(): Promise<void> {
    this.group ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.group = undefined;
        try {
          this.flush();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    return this.group;
  }

  /** Ten times a second: expiry, what is due in the background, a flush. Throws LogLostError as {@link flush} does. */
  cron(): void {
    if (this.hasEnded) return;
    if (this.settings.activeExpire) this.expiry.run();
    this.parts.background.beginWhatIsDue();
    this.timers.work();
    this.flush();
  }

  /** A slice of what goes on in the background, between two commands. False: there is nothing to do right now. */
  work(): boolean {
    return this.parts.background.step();
  }

  /** CONFIG SET. Throws RangeError for save points that the server refuses; nothing has changed then. */
  configure({ appendonly, save, ...others }: StoreChanges): void {
    const { settings } = this.parts.content;
    if (save !== undefined) settings.save = savePointsOf(save);
    Object.assign(settings, others);
    if (others.aofDisableAutoGc !== undefined) this.keepHistory(others.aofDisableAutoGc);
    if (appendonly === undefined || appendonly === settings.appendonly) return;
    settings.appendonly = appendonly;
    if (appendonly) this.switchLogOn();
    else this.switchLogOff();
  }

  save(): void {
    try {
      this.parts.background.saveNow();
    } catch (cause) {
      if (cause instanceof CommandError) throw cause;
      this.parts.tell({ level: 'warning', text: 'the dump could not be saved', cause });
      throw new CommandError('ERR');
    }
  }

  saveInBackground(waiting: Patience): BackgroundStart {
    const start = this.parts.background.save(waiting);
    this.timers.work();
    return start;
  }

  cancelSave(): 'running' | 'scheduled' | undefined {
    return this.parts.background.cancelSave();
  }

  rewriteLog(waiting: Exclude<Patience, 'none'>): BackgroundStart {
    const start = this.parts.background.rewrite(waiting);
    this.timers.work();
    return start;
  }

  emptied(): boolean {
    const { background, saver, tell } = this.parts;
    if (background.kind === 'save') background.cancel();
    if (this.settings.save.length === 0) return false;
    try {
      saver.saveNow();
      return true;
    } catch (cause) {
      tell({ level: 'warning', text: 'the dump of the emptied databases could not be saved', cause });
      return false;
    }
  }

  refusal(): CommandError | undefined {
    const { saver, log } = this.parts;
    const { stopWritesOnBgsaveError, save } = this.settings;
    if (saver.failure !== undefined && stopWritesOnBgsaveError && save.length > 0)
      return dumpRefusal(this.engine.settings.target);
    const { error } = log;
    return error === undefined ? undefined : logRefusal(error);
  }

  /**
   * DEBUG RELOAD: a dump is saved, unless there is one that is to be taken as it is, and read again. No command may be run until it
   * has ended. Throws what saving and reading throw.
   */
  async reload({ isSaved = true, isEmptied = true }: ReloadOptions = {}): Promise<void> {
    const { content, saver, background } = this.parts;
    if (background.kind === 'save') background.cancel();
    if (isSaved) saver.saveNow();
    await reload(content, 'dump', isEmptied);
  }

  /** DEBUG LOADAOF: as {@link reload}, from the log. */
  async reloadLog(): Promise<void> {
    const { content, saver, log } = this.parts;
    log.settle();
    await reload(content, 'log', true);
    saver.changes = 0;
  }

  /**
   * SHUTDOWN: gives up what goes on in the background, makes the log durable, saves a dump where that is asked for, and ends.
   * Throws CommandError where any of it fails and is not forced; the store goes on then.
   */
  shutdown({ save = 'default', isForced = false }: Partial<ShutdownOptions> = {}): void {
    if (this.hasEnded) return;
    const { background, log, saver } = this.parts;
    if (log.state === 'waiting' && background.kind === 'rewrite')
      this.orGoOn(isForced, 'the first log is being written', new Error('not before it is there'));
    background.cancel();
    try {
      log.settle();
    } catch (cause) {
      this.orGoOn(isForced, 'the log could not be made durable', cause);
    }
    const isSaved = save === 'save' || (save === 'default' && this.settings.save.length > 0);
    try {
      if (isSaved) {
        saver.saveNow();
        this.parts.tell({ level: 'notice', text: `${saver.path} was saved` });
      }
    } catch (cause) {
      this.orGoOn(isForced, 'the dump could not be saved', cause);
    }
    this.end();
  }

  /** Lets go of the files as they are: what waits to be written is lost, as in a crash. */
  abandon(): void {
    this.failure ??= new LogLostError('the store was let go');
    this.parts.background.abandon();
    this.end();
  }

  private keepHistory(isKept: boolean): void {
    const { directory } = this.parts.log;
    directory.keepsHistory = isKept;
    directory.tryToCollect();
  }

  private switchLogOn(): void {
    const { log, background } = this.parts;
    // A rewrite without the log would be of no use to it.
    if (background.kind === 'rewrite') background.cancel();
    log.switchOn();
    background.beginWhatIsDue();
    this.timers.work();
  }

  private switchLogOff(): void {
    const { log, background } = this.parts;
    if (background.kind === 'rewrite') background.cancel();
    log.switchOff();
  }

  /** Nothing happens that was not forced. */
  private orGoOn(isForced: boolean, text: string, cause: unknown): void {
    this.parts.tell({ level: 'warning', text, cause });
    if (!isForced) throw new CommandError('ERR Errors trying to SHUTDOWN. Check logs.');
  }

  private fail(error: unknown): unknown {
    if (!(error instanceof LogLostError)) return error;
    this.failure = error;
    this.parts.tell({ level: 'warning', text: error.message, cause: error.cause });
    this.abandon();
    return error;
  }

  private end(): void {
    this.hasEnded = true;
    this.timers.stop();
    this.parts.log.leave();
    this.engine.persistence = undefined;
  }
}
