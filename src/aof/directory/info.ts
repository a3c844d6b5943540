/** What is in a log: its files, one after the other, and what each of them holds. */
import { FormatError, TruncatedError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import type { Limits } from '../../bytes/limits.js';
import type { ByteSource, Compression } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import type { RowHandler } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { WRITING_MS } from '../check/check.js';
import { CONTROL, type CommandView } from '../command-view.js';
import { AofDriver, type AofHandler } from '../driver.js';
import { HOLD_NAMES } from '../large-command.js';
import { decodeTimestamp, openTransaction } from '../log-state.js';
import type { AofLog, LogFile, LogRole } from '../model.js';

export interface AofInfoOptions {
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  /** Compare the CRC-64 of a dump at the head. Default: true. */
  readonly checksum?: boolean;
  /** To see whether the last file is still being written; without it no file counts as such. */
  readonly files?: Pick<Files, 'stat'>;
  /** Unix ms. */
  readonly now?: () => number;
  /** Opens a file and closes it behind `run`. Default: as it is. */
  readonly read?: (file: LogFile, run: (source: ByteSource) => Promise<AofFileInfo>) => Promise<AofFileInfo>;
}

export interface AofDbInfo {
  readonly db: number;
  /** In the dump at the head. */
  readonly keys: number;
  /** Commands that run in it, SELECT, MULTI and EXEC left out. */
  readonly commands: number;
}

/** `rdb+resp`: commands behind a dump. */
export type AofForm = 'empty' | 'resp' | 'rdb' | 'rdb+resp' | 'missing';

export interface AofFileInfo {
  readonly name: string;
  readonly role: LogRole;
  readonly seq: bigint | undefined;
  readonly form: AofForm;
  /** Bytes that were read, with compression taken off. */
  readonly sizeBytes: number;
  readonly compression: Compression | undefined;
  readonly head: { readonly magic: 'REDIS' | 'VALKEY'; readonly version: number } | undefined;
  /** Size in bytes of the dump at its head; 0 without. */
  readonly rdbBytes: number;
  readonly rdbKeys: number;
  /** Whole commands, SELECT, MULTI and EXEC included. */
  readonly commands: number;
  readonly transactions: number;
  readonly annotations: number;
  /** Of the first and the last `#TS`, Unix seconds. */
  readonly firstSeconds: number | undefined;
  readonly lastSeconds: number | undefined;
  /** By number. */
  readonly dbs: readonly AofDbInfo[];
  /** Where the reading ended early; everything else is about what stands before. */
  readonly error: FormatError | undefined;
  /** The error is that it ends early, and somebody is writing to it: the rest is on its way. */
  readonly isGrowing: boolean;
}

/**
 * Reads every file of a log that a server would load. Damage is data here: it ends the reading of its file only. Throws
 * what opening and reading throw otherwise.
 */
export async function describeLog(log: AofLog, options: AofInfoOptions = {}): Promise<AofFileInfo[]> {
  const { read = readOnce } = options;
  const infos: AofFileInfo[] = [];
  for (const file of log.files) {
    try {
      const info = await read(file, (source) => describeFile(file, source, options));
      const isLast = file === log.files.at(-1);
      infos.push({ ...info, isGrowing: isLast && isCut(info) && isBeingWritten(file, info, options) });
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== 'MISSING_FILE') throw error;
      infos.push(missing(file, error));
    }
  }
  return infos;
}

async function readOnce(file: LogFile, run: (source: ByteSource) => Promise<AofFileInfo>): Promise<AofFileInfo> {
  const source = await file.open();
  try {
    return await run(source);
  } finally {
    await source.close();
  }
}

async function describeFile(file: LogFile, source: ByteSource, options: AofInfoOptions): Promise<AofFileInfo> {
  const { limits, checksum = true } = options;
  const window = Window.for(source.sizeBytes);
  const handler = new InfoHandler(() => driver);
  const driver: AofDriver = new AofDriver(window, handler, {
    holding: HOLD_NAMES,
    checksum,
    ...(limits && { limits }),
  });
  let error: FormatError | undefined;
  try {
    await drive(source, driver);
    if (driver.state.inTransaction) error = openTransaction(driver.state);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    error = thrown;
  }
  const header = driver.rdb?.header;
  const { name, role, seq } = file;
  const { commands, timeSeconds } = driver.state;
  const sizeBytes = source.sizeBytes ?? window.base + window.end;
  return {
    name,
    role,
    seq,
    form: formOf(driver, sizeBytes),
    sizeBytes,
    compression: source.compression,
    head: header && { magic: header.magic, version: header.version },
    rdbBytes: driver.rdbBytes,
    rdbKeys: handler.rows.keys,
    commands,
    transactions: handler.transactions,
    annotations: handler.annotations,
    firstSeconds: handler.firstSeconds,
    lastSeconds: timeSeconds,
    dbs: handler.databases(),
    error,
    isGrowing: false,
  };
}

function formOf({ rdb, rdbBytes }: AofDriver, sizeBytes: number): AofForm {
  if (sizeBytes === 0) return 'empty';
  if (rdb === undefined) return 'resp';
  return rdbBytes === 0 || rdbBytes === sizeBytes ? 'rdb' : 'rdb+resp';
}

function isCut({ error, head, rdbBytes }: AofFileInfo): boolean {
  if (error === undefined || (head !== undefined && rdbBytes === 0)) return false;
  return error instanceof TruncatedError || error.code === 'OPEN_TRANSACTION';
}

function isBeingWritten({ path }: LogFile, { sizeBytes }: AofFileInfo, { files, now }: AofInfoOptions): boolean {
  const stat = path === undefined ? undefined : files?.stat(path);
  if (!stat?.isFile) return false;
  return stat.sizeBytes !== sizeBytes || (now !== undefined && now() - stat.modifiedMs < WRITING_MS);
}

function missing({ name, role, seq }: LogFile, error: FormatError): AofFileInfo {
  return {
    name,
    role,
    seq,
    form: 'missing',
    sizeBytes: 0,
    compression: undefined,
    head: undefined,
    rdbBytes: 0,
    rdbKeys: 0,
    commands: 0,
    transactions: 0,
    annotations: 0,
    firstSeconds: undefined,
    lastSeconds: undefined,
    dbs: [],
    error,
    isGrowing: false,
  };
}

class InfoHandler implements AofHandler {
  readonly rows = new KeyCounter();
  transactions = 0;
  annotations = 0;
  firstSeconds: number | undefined;
  private readonly commands = new Map<number, number>();
  private db = 0;
  /** Of the database in hand, not yet in the map. */
  private count = 0;

  constructor(private readonly driver: () => AofDriver) {}

  rdbHead(): RowHandler {
    return this.rows;
  }

  command(view: CommandView): void {
    const { state } = this.driver();
    if (view.control !== CONTROL.NONE) {
      if (view.control === CONTROL.EXEC && state.inTransaction) this.transactions++;
      return;
    }
    if (state.db !== this.db) this.turnTo(state.db);
    this.count++;
  }

  annotation(bytes: Uint8Array, start: number, end: number): void {
    this.annotations++;
    this.firstSeconds ??= decodeTimestamp(bytes, start, end);
  }

  full(): boolean {
    return false;
  }

  databases(): AofDbInfo[] {
    this.turnTo(this.db);
    const dbs = new Set([...this.rows.byDb.keys(), ...this.commands.keys()]);
    return [...dbs]
      .sort((a, b) => a - b)
      .map((db) => ({ db, keys: this.rows.byDb.get(db) ?? 0, commands: this.commands.get(db) ?? 0 }));
  }

  private turnTo(db: number): void {
    if (this.count > 0) this.commands.set(this.db, (this.commands.get(this.db) ?? 0) + this.count);
    this.db = db;
    this.count = 0;
  }
}

/** Counts the keys of the dump at the head. */
class KeyCounter implements RowHandler {
  readonly byDb = new Map<number, number>();
  keys = 0;

  record(): void {}

  key(rows: RowTable, row: number): void {
    const db = rows.db[row]!;
    this.keys++;
    this.byDb.set(db, (this.byDb.get(db) ?? 0) + 1);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    this.key(rows, row);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(): void {}

  full(): boolean {
    return false;
  }
}
