/** One run of a command: what is shared by everything it does. */

import { isatty } from 'node:tty';
import type { LogFile } from '../aof/model.js';
import { FormatError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import type { ByteSource } from '../bytes/source.js';
import type { EndEntry } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';
import { writeDiagnostic } from './diagnostics.js';
import { errorToExitCode } from './exit-codes.js';
import { inSource, OutputError, withHint } from './failures.js';
import { type LogOpener, logOpener } from './log-source.js';
import { type Output, openOutput } from './output.js';
import { Progress, type ProgressChoice } from './progress.js';
import { isAof, looksLike } from './recognize.js';
import { formatCount } from './render/quantity.js';
import { type ColorChoice, createStyle, type Style } from './render/style.js';
import { describeError, formatError, formatWarning, type Warning } from './report-error.js';
import {
  type OpenedSource,
  openAny,
  pathsOf,
  type ReplayedLog,
  resolveOne,
  resolveSources,
  type SourceSpec,
} from './source.js';
import type { SourceKind } from './source-directory.js';
import { tailedLog } from './tailed-log.js';
import { WatchedSource } from './watched-source.js';

/** Options that every command has. */
export interface SharedOptions {
  readonly output?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: ColorChoice;
  readonly progress: ProgressChoice;
  readonly checksum: boolean;
  readonly maxMemory?: number;
  readonly source?: SourceKind;
  readonly skipScripts?: boolean;
  readonly loadTruncated?: boolean;
  /** The server that replays logs. Default: the one that wrote them. */
  readonly replayTarget?: Target | undefined;
}

export class Session {
  readonly json: boolean;
  readonly quiet: boolean;
  /** For standard output. */
  readonly style: Style;
  readonly limits: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly checksum: boolean;
  /** How many commands replays of logs have left out so far. */
  leftOut = 0;
  private readonly progress: Progress;

  constructor(
    private readonly options: SharedOptions,
    readonly signal: AbortSignal,
    readonly nowMs: number,
    /** Data is written to a terminal while reading goes on. */
    streamsData = false,
  ) {
    const { json = false, quiet = false, color, output, maxMemory, checksum } = options;
    const onTerminal = output === undefined && isatty(1);
    this.json = json;
    this.quiet = quiet;
    this.checksum = checksum;
    this.style = createStyle(color, onTerminal, process.env);
    this.limits = maxMemory === undefined ? {} : { maxBlobBytes: maxMemory };
    this.progress = Progress.create(options.progress, streamsData && onTerminal);
  }

  async resolve(args: readonly string[]): Promise<SourceSpec[]> {
    return await resolveSources(args, this.options.source, (text) => this.note(text));
  }

  async resolveOne(arg: string): Promise<SourceSpec> {
    return await resolveOne(arg, this.options.source, (text) => this.note(text));
  }

  /** Where the data goes; it is committed where `write` succeeds and taken back where it does not. */
  async toOutput<T>(specs: readonly SourceSpec[], write: (output: Output) => Promise<T>): Promise<T> {
    return await this.toOutputBeside(specs.flatMap(pathsOf), write);
  }

  /** As {@link toOutput}, for inputs at these paths. */
  async toOutputBeside<T>(inputs: readonly string[], write: (output: Output) => Promise<T>): Promise<T> {
    const output = await openOutput(this.options.output, inputs);
    try {
      const result = await write(output);
      await output.commit();
      return result;
    } catch (error) {
      output.discard();
      throw error;
    }
  }

  /** Opens a source, watches over its reading, and closes it. Errors are about this source then. A log is replayed. */
  async read<T>(
    spec: SourceSpec,
    run: (source: ByteSource, head: Uint8Array, replayed: ReplayedLog | undefined) => Promise<T>,
  ): Promise<T> {
    const opened = await this.openKeys(spec);
    return await this.readOpened(spec, opened, (source, head) => run(source, head, opened.replayed));
  }

  /** Opens a source of keys: a dump, or what a log holds once it has been replayed. */
  async openKeys(spec: SourceSpec): Promise<OpenedSource> {
    return await this.openEither(
      spec,
      async (opened) => opened,
      async (open) => {
        // The engine is loaded where there is a log.
        const { openReplayed } = await import('./replayed-source.js');
        return await openReplayed(open(), spec.log, this.options, this);
      },
    );
  }

  /** As {@link read} for a dump; `runLog` for an append-only file or directory. */
  async readEither<T>(
    spec: SourceSpec,
    run: (source: ByteSource, head: Uint8Array) => Promise<T>,
    runLog: (open: LogOpener) => Promise<T>,
  ): Promise<T> {
    return await this.openEither(spec, (opened) => this.readOpened(spec, opened, run), runLog);
  }

  /** `run` is given what it has to close. */
  private async openEither<T>(
    spec: SourceSpec,
    run: (opened: OpenedSource) => Promise<T>,
    runLog: (open: LogOpener) => Promise<T>,
  ): Promise<T> {
    if (spec.log?.note !== undefined) this.note(spec.log.note);
    const known = logOpener(spec, this.signal);
    if (known !== undefined) return await runLog(known);
    const opened = await openAny(spec, this.signal);
    const open = isAof(opened.head) ? logOpener(spec, this.signal, opened) : await tailedLog(spec, opened, this.signal);
    if (open === undefined) return await run(opened);
    try {
      return await runLog(open);
    } finally {
      await opened.source.close();
    }
  }

  private async readOpened<T>(
    spec: SourceSpec,
    { source, head }: OpenedSource,
    run: (source: ByteSource, head: Uint8Array) => Promise<T>,
  ): Promise<T> {
    this.progress.start(spec.name, source.totalBytes);
    try {
      return await run(this.watch(source), head);
    } catch (error) {
      throw error instanceof OutputError ? error : about(error, spec.name, head);
    } finally {
      this.progress.stop();
      await source.close();
    }
  }

  /** As {@link read}, for one file of a log. */
  async readLog<T>(file: LogFile, run: (source: ByteSource) => Promise<T>): Promise<T> {
    let source: ByteSource | undefined;
    try {
      source = await file.open();
      this.progress.start(file.name, source.totalBytes);
      return await run(this.watch(source));
    } catch (error) {
      throw error instanceof OutputError ? error : inSource(error, file.name);
    } finally {
      this.progress.stop();
      await source?.close();
    }
  }

  /** The same file of a log: its reading is open to signals, and progress is shown until it is closed. */
  watchedFile(file: LogFile): LogFile {
    return { ...file, open: async () => this.watchedUntilClosed(await file.open(), file.name) };
  }

  /** As {@link watch}, for a source of keys of which progress is shown until it is closed. */
  watchedUntilClosed(source: ByteSource, name: string): ByteSource {
    this.progress.start(name, source.totalBytes);
    const update = (bytes: number): void => this.progress.update(bytes);
    return new WatchedSource(source, this.signal, update, () => this.progress.stop());
  }

  /** What progress says beside bytes, such as a rate of keys. */
  showProgress(detail: string): void {
    this.progress.describe(detail);
  }

  /** Lets signals in, and shows progress. */
  watch(source: ByteSource): ByteSource {
    return new WatchedSource(source, this.signal, (bytes) => this.progress.update(bytes));
  }

  /** Runs every source, whatever becomes of the others. Returns the worst exit code. */
  async each<T>(specs: readonly T[], run: (spec: T) => Promise<number>): Promise<number> {
    let worst = 0;
    for (const spec of specs) {
      let code: number;
      try {
        code = await run(spec);
      } catch (error) {
        if (specs.length === 1 || error instanceof OutputError || this.signal.aborted) throw error;
        code = errorToExitCode(error);
        this.report(error);
      }
      worst = Math.max(worst, code);
    }
    return worst;
  }

  /** An error that the data on standard output names already: where both are on one terminal the hint is enough. */
  reportBeside(error: Error): void {
    const isSeenTwice = !this.json && this.options.output === undefined && isatty(1) && isatty(2);
    const { hint } = describeError(error);
    if (!isSeenTwice) this.report(error);
    else if (hint !== null && !this.quiet) writeDiagnostic(`hint: ${hint}\n`);
  }

  report(error: unknown): void {
    this.progress.stop();
    writeDiagnostic(formatError(error, this.json, this.options.verbose ?? false));
  }

  warn(warning: Warning, { name }: Pick<SourceSpec, 'name'>): void {
    this.progress.clear();
    if (!this.quiet) writeDiagnostic(formatWarning(warning, name, this.json));
  }

  /** Says what follows the dump, if there is something. */
  warnTail(end: EndEntry, spec: SourceSpec): void {
    if (end.trailing !== 'aof') return;
    this.note(
      `${spec.name}: the dump is followed by an AOF tail of ${formatCount(end.trailingBytes)} bytes, which is replayed where this is a file`,
    );
  }

  /** One line for programs: what happened, where `--json` asks for it. */
  tell(fact: object): void {
    if (!this.json) return;
    this.progress.clear();
    writeDiagnostic(`${JSON.stringify(fact)}\n`);
  }

  /** One line for people. */
  note(text: string): void {
    this.progress.clear();
    if (!this.quiet && !this.json) writeDiagnostic(`rdb-inspect: ${text}\n`);
  }
}

/** The same error, with the source that it is about and a guess at what that is, where it is no dump. */
export function about(error: unknown, name: string, head: Uint8Array): unknown {
  if (error instanceof FormatError && error.code === 'NOT_RDB') {
    const look = looksLike(head);
    withHint(error, look && `it looks like ${look}`);
  }
  return inSource(error, name);
}
