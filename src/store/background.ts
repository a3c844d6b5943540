/**
 * What a store writes in the background: a dump or a rewrite of the log, one at a time, as with the server's child; and the
 * rules by which either begins by itself.
 */
import type { BackgroundStart, Patience } from '../engine/persistence.js';
import { CommandError } from '../engine/reply.js';
import type { AppendLog } from './append-log.js';
import type { DumpSaver } from './dump-saver.js';
import type { SnapshotJob } from './snapshot-job.js';
import type { BackgroundWatch, StoreNotice } from './store-options.js';
import type { Seconds } from './store-status.js';

export type BackgroundKind = 'save' | 'rewrite';

const WHAT: Readonly<Record<BackgroundKind, string>> = { save: 'background save', rewrite: 'rewrite of the log' };

/** `release`: to be called at its end. */
interface Current {
  readonly kind: BackgroundKind;
  readonly job: SnapshotJob;
  readonly begunMs: number;
  readonly release: () => void;
}

/** What it would be at the server, whose log is searched for this. */
const CHILD: Readonly<Record<BackgroundKind, string>> = { save: 'RDB', rewrite: 'AOF' };

export class Background {
  private current: Current | undefined;
  /** How many have begun. */
  begun = 0;
  private readonly lastSeconds = new Map<BackgroundKind, number>();

  constructor(
    private readonly saver: DumpSaver,
    private readonly log: AppendLog,
    /** Unix ms. */
    private readonly clock: () => number,
    private readonly tell: (notice: StoreNotice) => void,
    private readonly watch: BackgroundWatch = () => () => undefined,
  ) {}

  /** What goes on right now. */
  get kind(): BackgroundKind | undefined {
    return this.current?.kind;
  }

  /** How far it has come; undefined where nothing goes on. */
  get progress(): { readonly keys: number; readonly totalKeys: number } | undefined {
    return this.current?.job.progress;
  }

  /** How long the last one took, and how long one has taken that goes on. */
  secondsOf(kind: BackgroundKind): Seconds {
    const begunMs = this.kind === kind ? this.current?.begunMs : undefined;
    const current = begunMs === undefined ? undefined : this.secondsSince(begunMs);
    return { last: this.lastSeconds.get(kind), current };
  }

  private secondsSince(begunMs: number): number {
    return Math.max(0, Math.floor((this.clock() - begunMs) / 1000));
  }

  /** A slice of it. False where there is nothing to do right now. */
  step(): boolean {
    return this.current?.job.step() ?? false;
  }

  /** Gives up what goes on. */
  cancel(): void {
    if (this.current === undefined) return;
    this.tell({
      level: 'notice',
      text: `Killing ${CHILD[this.current.kind]} child: the ${WHAT[this.current.kind]} is given up`,
    });
    this.current.job.cancel();
    this.letGo();
  }

  /** Leaves what goes on as it is, half-way, as a crash would. */
  abandon(): void {
    this.current?.job.abandon();
    this.letGo();
  }

  /** What was called off; undefined where there was nothing. */
  cancelSave(): 'running' | 'scheduled' | undefined {
    if (this.kind === 'save') {
      this.cancel();
      return 'running';
    }
    const { isScheduled } = this.saver;
    this.saver.isScheduled = false;
    return isScheduled ? 'scheduled' : undefined;
  }

  /** SAVE. Throws what went wrong. */
  saveNow(): void {
    if (this.kind === 'save') throw new CommandError('ERR Background save already in progress');
    this.saver.saveNow();
    this.tell({ level: 'notice', text: `${this.saver.path} was saved` });
  }

  /** BGSAVE */
  save(waiting: Patience): BackgroundStart {
    const { kind } = this;
    if (kind === 'save') throw new CommandError('ERR Background save already in progress');
    if (kind === undefined && waiting !== 'must') {
      this.beginSave();
      return 'started';
    }
    if (waiting === 'none')
      throw new CommandError(
        "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
      );
    this.saver.isScheduled = true;
    return 'scheduled';
  }

  /** BGREWRITEAOF */
  rewrite(waiting: Exclude<Patience, 'none'>): BackgroundStart {
    const { kind } = this;
    if (kind === 'rewrite') throw new CommandError('ERR Background append only file rewriting already in progress');
    if (kind !== undefined || waiting === 'must') {
      this.log.isScheduled = true;
      this.log.pauses.succeeded();
      return 'scheduled';
    }
    if (!this.beginRewrite())
      throw new CommandError(
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
      );
    return 'started';
  }

  /** Begins what it is time for, by schedule, save points or growth. */
  beginWhatIsDue(): void {
    const { saver, log } = this;
    if (this.kind !== undefined) return;
    const nowSeconds = Math.floor(this.clock() / 1000);
    if (log.isScheduled && this.mayRewrite(nowSeconds)) this.beginRewrite();
    const point = this.kind === undefined ? saver.due() : undefined;
    if (point !== undefined) {
      this.tell({ level: 'notice', text: `${point.changes} changes in ${point.seconds} seconds: a save is due` });
      this.beginSave();
    }
    if (this.kind === undefined && log.isDue && this.mayRewrite(nowSeconds)) this.beginRewrite();
    if (this.kind === undefined && saver.isScheduled && saver.mayRetry) this.beginSave();
  }

  /** Not for a while after failures, which is told when it begins. */
  private mayRewrite(nowSeconds: number): boolean {
    const { pauses } = this.log;
    const before = pauses.pauseSeconds;
    if (!pauses.isPausing(nowSeconds)) return true;
    if (before === undefined)
      this.tell({
        level: 'warning',
        text: `the ${WHAT.rewrite} has failed again and again and triggered the limit: it is tried again in ${pauses.pauseSeconds} seconds`,
      });
    return false;
  }

  private beginSave(): void {
    this.begin('save', (onEnd) => this.saver.begin(onEnd));
  }

  /** False where it could not begin. */
  private beginRewrite(): boolean {
    try {
      this.begin('rewrite', (onEnd) => this.log.begin(onEnd));
      return true;
    } catch (cause) {
      this.log.rewriteFailed(cause);
      this.tell({ level: 'warning', text: `the ${WHAT.rewrite} could not begin`, cause });
      return false;
    }
  }

  private begin(kind: BackgroundKind, start: (onEnd: (failure?: unknown) => void) => SnapshotJob): void {
    const begunMs = this.clock();
    this.begun++;
    const job = start((cause) => {
      this.letGo();
      this.lastSeconds.set(kind, this.secondsSince(begunMs));
      if (cause === undefined) this.tell({ level: 'notice', text: `the ${WHAT[kind]} has ended` });
      else this.tell({ level: 'warning', text: `the ${WHAT[kind]} has failed`, cause });
    });
    this.current = { kind, job, begunMs, release: this.watch(kind, (why) => job.giveUp(why)) };
    this.tell({ level: 'notice', text: `a ${WHAT[kind]} has begun` });
  }

  private letGo(): void {
    this.current?.release();
    this.current = undefined;
  }
}
