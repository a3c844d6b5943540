/**
 * A log as it was at a moment, at an offset, or before a command (point-in-time recovery): a plan of what is kept, which
 * repair-write.ts carries out into a new place.
 */
import { FormatError, TruncatedError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import type { Limits } from '../../bytes/limits.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { AofDriver } from '../driver.js';
import { HOLD_KEYS } from '../large-command.js';
import type { AofLog, LogFile } from '../model.js';
import { hashFile, keptRanges, type PlannedFile } from './repair.js';
import type { Cut } from './salvage-ledger.js';
import { CutFinder } from './truncate-finder.js';
import { NoSuchPointError, type TruncatePoint } from './truncate-point.js';

export interface TruncateOptions {
  readonly point: TruncatePoint;
  /** Begin with history files, where they are still there: of a time, with the last base that is not later. */
  readonly history?: boolean;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly checksum?: boolean;
  readonly files: Pick<Files, 'stat'>;
  readonly onFile?: (file: LogFile) => void;
}

export interface TruncatePlan {
  readonly point: TruncatePoint;
  /** In the order in which a server loads them; those behind the point are not among them. */
  readonly files: readonly PlannedFile[];
  /** Files of the log that are left out: what they hold is later, or, with history, older bases stand for them. */
  readonly omitted: readonly LogFile[];
  /** Where the log ends now. */
  readonly end: { readonly file: LogFile; readonly offset: number };
  /** Of the last annotation that is kept, Unix seconds. */
  readonly lastSeconds: number | undefined;
  /** Nothing is later than the point: the log is as it was. */
  readonly isWhole: boolean;
  readonly commandsLost: number;
}

/** Reads the log to its end. Throws {@link NoSuchPointError}, and FormatError for damage before the point. */
export async function planTruncate(log: AofLog, options: TruncateOptions): Promise<TruncatePlan> {
  return await new TruncatePlanner(log, options).plan();
}

/** What was found in one file. */
interface Scan {
  readonly file: LogFile;
  readonly finder: CutFinder;
  readonly sizeBytes: number;
  readonly okUpTo: number;
  readonly rdbBytes: number;
  readonly commands: number;
  readonly error: FormatError | undefined;
}

class TruncatePlanner {
  private readonly omitted: LogFile[] = [];
  private found = 0;

  constructor(
    private readonly log: AofLog,
    private readonly options: TruncateOptions,
  ) {}

  async plan(): Promise<TruncatePlan> {
    const files = await this.chooseFiles();
    const planned: PlannedFile[] = [];
    let end: TruncatePlan['end'] | undefined;
    let lastSeconds: number | undefined;
    let hasTimes = false;
    let commandsLost = 0;
    for (const [index, file] of files.entries()) {
      const scan = await this.scan(file, index === files.length - 1);
      hasTimes ||= scan.finder.hasTimes;
      if (end !== undefined) {
        commandsLost += scan.commands;
        this.omitted.push(file);
        continue;
      }
      const cut = this.cutOf(scan, index === files.length - 1);
      planned.push(await this.planFile(scan, cut));
      commandsLost += cut?.commands ?? 0;
      lastSeconds = scan.finder.lastSeconds ?? lastSeconds;
      if (scan.finder.cutAt >= 0) end = { file, offset: scan.finder.cutAt };
    }
    this.checkFound(end !== undefined, hasTimes);
    const last = planned.at(-1)!;
    const whole = { file: last.file, offset: last.kept.at(-1)?.end ?? 0 };
    return {
      point: this.options.point,
      files: planned,
      omitted: this.omitted,
      end: end ?? whole,
      lastSeconds,
      isWhole: end === undefined,
      commandsLost,
    };
  }

  /** With history, an older base and everything that was written after it. */
  private async chooseFiles(): Promise<readonly LogFile[]> {
    const { log, options } = this;
    const { point } = options;
    const all = options.history ? [...log.history, ...log.files] : log.files;
    const bases = all.filter((file) => isBase(file));
    if (bases.length === 0) return log.files;
    let chosen = bases[0]!;
    if (point.kind === 'time') {
      const times = await Promise.all(bases.map((base) => this.baseSeconds(base)));
      const fitting = bases.findLast((_, index) => (times[index] ?? -Infinity) <= point.seconds);
      if (fitting === undefined) throw this.baseTooNew(times[0]!);
      chosen = fitting;
    }
    const start = all.indexOf(chosen);
    // Newer bases hold what the increments before them hold.
    const files = all.slice(start).filter((file) => file === chosen || !isBase(file));
    this.omitted.push(...all.filter((file) => !files.includes(file)));
    return files;
  }

  private baseTooNew(seconds: number): NoSuchPointError {
    const { options, log } = this;
    const when = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
    const hint =
      !options.history && log.history.length > 0
        ? '--history also looks at the files that were rewritten'
        : 'what was before is in no file of this log: take an older backup';
    return new NoSuchPointError(`the base was written at ${when}, which is later`, hint, 'base');
  }

  /** When a base was written: of a dump its ctime, of commands the first annotation; undefined where it does not say. */
  private async baseSeconds(file: LogFile): Promise<number | undefined> {
    const { finder, rdbBytes } = await this.scan(file, true);
    return rdbBytes > 0 ? finder.createdSeconds : finder.headSeconds;
  }

  private async scan(file: LogFile, isLast: boolean): Promise<Scan> {
    const { point, limits, checksum = true, onFile } = this.options;
    onFile?.(file);
    const source = await file.open();
    try {
      const window = Window.for(source.sizeBytes);
      const finder: CutFinder = new CutFinder(point, this.isPointIn(file, isLast), this.found, () => driver);
      const driver: AofDriver = new AofDriver(window, finder, {
        holding: HOLD_KEYS,
        checksum,
        ...(limits && { limits }),
      });
      let error: FormatError | undefined;
      try {
        await drive(source, driver);
      } catch (thrown) {
        if (!(thrown instanceof FormatError)) throw thrown;
        error = thrown;
      }
      finder.finish();
      const { state, rdbBytes } = driver;
      // What is damaged behind the point does not matter.
      const isTail = error instanceof TruncatedError && isLast;
      if (error !== undefined && finder.cutAt < 0 && !isTail) throw error;
      const sizeBytes = source.sizeBytes ?? window.base + window.end;
      return { file, finder, sizeBytes, okUpTo: state.okUpTo, rdbBytes, commands: state.commands, error };
    } finally {
      await source.close();
    }
  }

  /** Whether an offset counts in this file: the one that was named, or the last. */
  private isPointIn(file: LogFile, isLast: boolean): boolean {
    const { point } = this.options;
    if (point.kind !== 'offset') return true;
    return point.file === undefined ? isLast : file.name === point.file || file.name.endsWith(`/${point.file}`);
  }

  private cutOf({ finder, sizeBytes, okUpTo, commands }: Scan, isLast: boolean): Cut | undefined {
    this.found = finder.found;
    const about = { confidence: undefined, mayHideSelect: false };
    if (finder.cutAt >= 0) {
      if (finder.cutAt >= sizeBytes) return undefined;
      return {
        start: finder.cutAt,
        end: sizeBytes,
        reason: 'later',
        commands: commands - finder.commandsBefore,
        ...about,
      };
    }
    // A tail that is not whole never happened.
    if (!isLast || okUpTo === sizeBytes) return undefined;
    return { start: okUpTo, end: sizeBytes, reason: 'tail', commands: commands - finder.commandsOutside, ...about };
  }

  private async planFile({ file, sizeBytes }: Scan, cut: Cut | undefined): Promise<PlannedFile> {
    const cuts = cut === undefined ? [] : [cut];
    return {
      file,
      sizeBytes,
      kept: keptRanges(sizeBytes, cuts),
      cuts,
      commandsLost: cut?.commands ?? 0,
      mayLoseMore: false,
      sha256: cut === undefined ? undefined : await hashFile(file),
      stat: file.path === undefined ? undefined : this.options.files.stat(file.path),
    };
  }

  private checkFound(isFound: boolean, hasTimes: boolean): void {
    const { point } = this.options;
    if (point.kind === 'time' && !hasTimes) {
      const hint = 'servers write them with aof-timestamp-enabled yes; cut at an offset or before a command instead';
      throw new NoSuchPointError('the log says no times', hint, 'times');
    }
    if (isFound || point.kind === 'time') return;
    if (point.kind === 'command') {
      const seen = this.found === 0 ? 'no such command stands' : `only ${this.found} of them stand`;
      throw new NoSuchPointError(
        `${seen} in the log`,
        'rdb-inspect aof find lists commands with their offsets',
        'command',
      );
    }
    if (point.file !== undefined) throw new NoSuchPointError(`the log has no file ${point.file}`, undefined, 'offset');
  }
}

function isBase({ role, name }: LogFile): boolean {
  return role === 'base' || role === 'single' || (role === 'history' && /\.\d+\.base\.(rdb|aof)$/.test(name));
}
