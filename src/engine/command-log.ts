/**
 * What a server writes to its log for the commands that it runs (aof-format.md §7): each as it was sent, unless it says
 * otherwise while it runs; several for one as a transaction; the database where it changes.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Target } from '../rdb/versions.js';
import { isSince } from './settings.js';

/** Numbers stand for their decimal text. */
export type LogArgument = ByteString | number | bigint;

/** Takes one line of the log after the other: commands, SELECT, MULTI and EXEC. The array may be used again afterwards. */
export type LogSink = (args: readonly ByteString[]) => void;

interface Line {
  readonly db: number;
  readonly args: readonly ByteString[];
  /** Belongs to the one before. */
  readonly isMore?: boolean;
}

/** SCAN and RANDOMKEY, which come by keys that have expired. */
const TELLS_APART = { redis: '7.2', valkey: '7.2' } as const;
/** A transaction of a client is logged as one even where it comes down to one command. */
const BARE_SINCE = { redis: '7.0', valkey: '7.2' } as const;

export class CommandLog {
  private lines: Line[] = [];
  private selected = -1;
  private replacement: Line['args'][] | undefined;
  private isPrevented = false;
  private isForced = false;
  private isApart = false;

  constructor(
    private readonly sink: LogSink,
    private readonly target: Target,
  ) {}

  /**
   * This stands in the log in place of the command that is running, if that changes anything. `others` follow it, as one
   * with it: so do servers before 6.2 that have to say a value and its expiry.
   */
  replace(args: readonly LogArgument[], ...others: (readonly LogArgument[])[]): void {
    this.replacement = [args, ...others].map((line) => line.map(String));
  }

  /** This stands in the log before the command, whether or not that changes anything itself. */
  also(db: number, args: readonly LogArgument[]): void {
    this.lines.push({ db, args: args.map(String) });
  }

  /** The command that is running stays out of the log, {@link also} or not. */
  prevent(): void {
    this.isPrevented = true;
  }

  /** The command that is running is logged even if it changes nothing. */
  force(): void {
    this.isForced = true;
  }

  /** What the command that is running logs are lines each for itself: it may touch any key, and is no transaction. */
  separately(): void {
    this.isApart = isSince(this.target, TELLS_APART);
  }

  /** A command has ended; `changes` as it has counted them. */
  end(db: number, args: readonly ByteString[], changes: number): void {
    const { lines, replacement } = this;
    if ((changes > 0 || this.isForced) && !this.isPrevented) {
      lines.push({ db, args: replacement?.[0] ?? args });
      if (replacement !== undefined)
        for (let at = 1; at < replacement.length; at++) lines.push({ db, args: replacement[at]!, isMore: true });
    }
    this.replacement = undefined;
    this.isPrevented = false;
    this.isForced = false;
  }

  /** All that has come together since the last time, as one transaction where it is more than one line. */
  flush(isTransaction = false): void {
    const { lines, isApart } = this;
    this.isApart = false;
    if (lines.length === 0) return;
    if (lines.length === 1 && !isTransaction) {
      // Nearly always: nothing is made anew.
      const { db, args } = lines.pop()!;
      this.write(db, args);
      return;
    }
    this.lines = [];
    const isMany = !isApart && lines.filter(({ isMore }) => !isMore).length > 1;
    const isWrapped = isMany || (isTransaction && !isSince(this.target, BARE_SINCE));
    if (isWrapped) this.sink(['MULTI']);
    for (const { db, args } of lines) this.write(db, args);
    if (isWrapped) this.sink(['EXEC']);
  }

  /** The next line goes to a file of its own: it begins with a SELECT. */
  restart(): void {
    this.selected = -1;
  }

  private write(db: number, args: readonly ByteString[]): void {
    if (db !== this.selected) this.sink(['SELECT', String(db)]);
    this.selected = db;
    this.sink(args);
  }
}
