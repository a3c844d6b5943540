/** Reading a log as a sequence of entries: file after file, command after command, in bounded memory. */
import { FormatError, TruncatedError } from '../bytes/errors.js';
import { LARGE_VALUE_BYTES, type Limits } from '../bytes/limits.js';
import { copyBytes } from '../bytes/slice.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import { EntryHandler } from '../rdb/entries.js';
import type { RdbEntry, RdbValue, RdbWarning } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import { CONTROL, type CommandView } from './command-view.js';
import { AofDriver, type AofHandler } from './driver.js';
import type { Holding } from './large-command.js';
import { openTransaction } from './log-state.js';
import type { AofCommand, AofEntry, AofFileEnd, AofLog, LogFile } from './model.js';

export interface AofReadOptions {
  /**
   * `error`: a last file that ends inside a command or a transaction throws TRUNCATED or OPEN_TRANSACTION. `stop`: it
   * ends there, and its `file-end` says why, as a server with `aof-load-truncated yes` goes on. Default: `error`.
   * Earlier files may never end so.
   */
  readonly onTruncated?: 'error' | 'stop';
  /**
   * `logged`: commands come as they stand. `committed`: those of a transaction come when its EXEC has been read, and not
   * at all where it is missing; they are held until then. Default: `logged`.
   */
  readonly transactions?: 'logged' | 'committed';
  /** Read the history files first, oldest first, which no server loads: what they hold stands in the base as well. Default: false. */
  readonly history?: boolean;
  /** Values of a dump at the head that take more than this in the file arrive in `parts`. Default: 64 MiB. */
  readonly maxEntryBytes?: number;
  /** `maxBlobBytes` bounds one command, too. */
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  /** Compare the CRC-64 of a dump at the head. Default: true. */
  readonly checksum?: boolean;
  readonly onWarning?: (warning: RdbWarning, file: number) => void;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Every item of a log, in the order in which a server replays it.
 *
 * ```ts
 * for await (const entry of readAof('appendonly.aof')) {
 *   if (entry.kind === 'command') replay(entry.db, entry.args);
 * }
 * ```
 *
 * A string, URL, bytes or stream is one file, which may begin with a dump; `openAofLog` makes a log of a directory.
 * Throws FormatError and its kin (see ERROR_CODES), and what opening a file throws.
 */
export async function* readAof(
  input: RdbInput | AofLog,
  options: AofReadOptions = {},
): AsyncGenerator<AofEntry, void, void> {
  const log = isLog(input) ? input : singleFileLog(input, options.signal);
  const files = options.history ? [...log.history, ...log.files] : log.files;
  for (const [index, file] of files.entries()) {
    yield { kind: 'file', file, index };
    const source = await file.open();
    try {
      yield* readFile(source, index, index === files.length - 1, options);
    } finally {
      await source.close();
    }
  }
}

/** One input as a log of one file. */
export function singleFileLog(input: RdbInput, signal?: AbortSignal): AofLog {
  const path = typeof input === 'string' ? input : undefined;
  const file: LogFile = {
    role: 'single',
    name: path ?? 'input',
    path,
    seq: undefined,
    sizeBytes: input instanceof Uint8Array ? input.length : undefined,
    open: () => openRdbSource(input, signal === undefined ? {} : { signal }),
  };
  return { name: file.name, files: [file], history: [], manifest: undefined };
}

function isLog(input: RdbInput | AofLog): input is AofLog {
  return typeof input === 'object' && 'files' in input && 'history' in input;
}

async function* readFile(
  source: ByteSource,
  index: number,
  isLast: boolean,
  options: AofReadOptions,
): AsyncGenerator<AofEntry, void, void> {
  async function* parts(): AsyncGenerator<RdbValue, void, void> {
    while (handler.rows?.largeOpen) {
      await drive(source, driver);
      yield handler.rows.takePiece();
    }
  }
  const { maxBlobBytes } = options.limits ?? {};
  const handler = new EntryCollector(index, options, parts);
  const window = Window.for(source.sizeBytes);
  const driver: AofDriver = new AofDriver(window, handler, {
    holding: { ...HOLD_ALL, ...(maxBlobBytes !== undefined && { maxArgumentBytes: maxBlobBytes }) },
    limits: { ...options.limits, largeValueBytes: options.maxEntryBytes ?? LARGE_VALUE_BYTES },
    checksum: options.checksum ?? true,
  });
  handler.driver = driver;
  let cut: FormatError | undefined;
  for (let isOpen = true; isOpen; ) {
    options.signal?.throwIfAborted();
    let failure: { readonly error: unknown } | undefined;
    const progress = await drive(source, driver).catch((error: unknown) => {
      failure = { error };
      return 'done' as const;
    });
    yield* handler.take();
    if (failure !== undefined) cut = excuse(failure.error, isLast, options);
    while (handler.rows?.largeOpen) {
      await drive(source, driver);
      handler.rows.takePiece();
    }
    isOpen = progress !== 'done';
  }
  if (cut === undefined && driver.state.inTransaction) cut = excuse(openTransaction(driver.state), isLast, options);
  yield endOf(driver, index, cut);
}

/** Whole commands, however large: up to the limits. */
const HOLD_ALL: Holding = { maxArgumentBytes: Infinity, maxBytes: Infinity, isStrict: true };

/** The error that the file may end with; throws the others. */
function excuse(error: unknown, isLast: boolean, { onTruncated = 'error' }: AofReadOptions): FormatError {
  const isCut = error instanceof TruncatedError || (error instanceof FormatError && error.code === 'OPEN_TRANSACTION');
  if (isCut && isLast && onTruncated === 'stop') return error;
  throw error;
}

function endOf(driver: AofDriver, index: number, cut: FormatError | undefined): AofFileEnd {
  const { okUpTo, commands } = driver.state;
  return { kind: 'file-end', index, okUpTo, rdbBytes: driver.rdbBytes, commands, cut };
}

const MAX_BATCH = 1024;
const MAX_BATCH_BYTES = 256 * 1024;

/** Makes entries of items, in batches. */
class EntryCollector implements AofHandler {
  driver!: AofDriver;
  rows: EntryHandler | undefined;
  private batch: AofEntry[] = [];
  private batchBytes = 0;
  /** Those of the open transaction, where only whole ones are wanted. */
  private held: AofEntry[] | undefined;

  constructor(
    private readonly file: number,
    private readonly options: AofReadOptions,
    private readonly openParts: () => AsyncIterable<RdbValue>,
  ) {}

  rdbHead(): RowHandler {
    const { onWarning } = this.options;
    const rows = new EntryHandler(undefined, (warning) => onWarning?.(warning, this.file), this.openParts);
    this.rows = rows;
    return rows;
  }

  rdbOpened(driver: RdbDriver): void {
    this.rows!.driver = driver;
  }

  command(view: CommandView): void {
    const { driver, file } = this;
    const { state } = driver;
    const isInside = state.inTransaction && view.control !== CONTROL.EXEC;
    if (this.options.transactions === 'committed') {
      if (view.control === CONTROL.MULTI) this.held ??= [];
      else if (view.control === CONTROL.EXEC) this.release(view);
    }
    const args: Uint8Array[] = [];
    for (let arg = 0; arg < view.argc; arg++) args.push(copyBytes(view.bytes, view.start(arg), view.end(arg)));
    const command: AofCommand = {
      kind: 'command',
      place: { file, offset: view.offset },
      sizeBytes: view.sizeBytes,
      args,
      db: state.db,
      timeSeconds: state.timeSeconds,
      multiOffset: isInside ? state.multiOffset : undefined,
    };
    this.add(command, view.sizeBytes);
  }

  annotation(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { file } = this;
    this.add({ kind: 'annotation', place: { file, offset }, text: copyBytes(bytes, start, end) }, end - start);
  }

  full(): boolean {
    return this.batch.length >= MAX_BATCH || this.batchBytes >= MAX_BATCH_BYTES;
  }

  take(): AofEntry[] {
    if (this.rows !== undefined) this.takeRows(this.rows);
    const { batch } = this;
    this.batch = [];
    this.batchBytes = 0;
    return batch;
  }

  /** A dump stands before every command. */
  private takeRows(rows: EntryHandler): void {
    const entries = rows.takeBatch();
    if (entries.length === 0) return;
    this.batch.unshift(...entries.map((entry) => this.rdbEntry(entry)));
  }

  private rdbEntry(entry: RdbEntry): AofEntry {
    const offset = entry.kind === 'key' ? entry.offset : 0;
    return { kind: 'rdb', place: { file: this.file, offset }, entry };
  }

  private add(entry: AofEntry, sizeBytes: number): void {
    if (this.held !== undefined) {
      this.held.push(entry);
      return;
    }
    this.batch.push(entry);
    this.batchBytes += sizeBytes;
  }

  private release(exec: CommandView): void {
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    this.batch.push(...held);
    this.batchBytes += exec.sizeBytes;
  }
}
