/** The files of a log as one, for servers before 7.0, or as the base of another log. */
import { UnsupportedError } from '../../bytes/errors.js';
import type { Limits } from '../../bytes/limits.js';
import type { ByteSource, Compression } from '../../bytes/source.js';
import { peekSource } from '../../bytes/source-plain.js';
import { Window } from '../../bytes/window.js';
import type { WriteBytes } from '../../bytes/writer.js';
import { drive } from '../../rdb/drive.js';
import type { CommandView } from '../command-view.js';
import { AofDriver, type AofHandler, isRdbMagic } from '../driver.js';
import { HOLD_NAMES } from '../large-command.js';
import { openTransaction } from '../log-state.js';
import type { AofLog, LogFile } from '../model.js';
import { runFile } from '../run.js';

export interface JoinOptions {
  readonly write: WriteBytes;
  /** Awaited before more is read: whoever writes may be behind. */
  readonly drain?: () => Promise<void> | undefined;
  /** Told once, before the first byte: whether the whole begins with a dump. */
  readonly onForm?: (form: 'rdb' | 'aof') => void;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  /** Opens a file and closes it behind `run`. Default: as it is. */
  readonly read?: <T>(file: LogFile, run: (source: ByteSource) => Promise<T>) => Promise<T>;
}

export interface JoinSummary {
  readonly bytesWritten: number;
  readonly commands: number;
}

/**
 * Copies the files of a log behind one another, as they stand. Where a file leaves another database than 0 selected, in
 * which the next one begins, `SELECT 0` stands between them. Compression is taken off.
 *
 * Throws what reading a log throws: nothing damaged is copied to its end, neither is an open transaction
 * (OPEN_TRANSACTION). Throws UnsupportedError (UNSUPPORTED_INPUT) for a dump at the head of a later file.
 */
export async function joinLog(log: AofLog, options: JoinOptions): Promise<JoinSummary> {
  const { read = readOnce } = options;
  const joint = new Joint(options);
  for (const file of log.files) await read(file, (source) => joint.append(source));
  if (joint.bytesWritten === 0) options.onForm?.('aof');
  return joint;
}

/** Whether anything follows the dump at the head of a file, which is read as far as that. Without a dump: whether there is an item at all. */
export async function hasItems(source: ByteSource): Promise<boolean> {
  const window = Window.for(source.sizeBytes);
  const driver = new AofDriver(window, { ...NOTHING, full: () => true }, { holding: HOLD_NAMES, checksum: false });
  return (await drive(source, driver)) === 'pause';
}

async function readOnce<T>(file: LogFile, run: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await file.open();
  try {
    return await run(source);
  } finally {
    await source.close();
  }
}

const MAGIC_BYTES = 6;
const LF = 0x0a;
const utf8 = new TextEncoder();
const SELECT_0 = utf8.encode('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n');
const LINE_END = utf8.encode('\r\n');

class Joint implements JoinSummary {
  bytesWritten = 0;
  commands = 0;
  private db = 0;
  private lastByte = LF;
  private isUnended = false;

  constructor(private readonly options: JoinOptions) {}

  async append(opened: ByteSource): Promise<void> {
    const head = new Uint8Array(MAGIC_BYTES);
    const { source, size } = await peekSource(opened, head);
    if (size === 0) return;
    const isDump = isRdbMagic(head, 0, size);
    if (this.bytesWritten === 0) this.options.onForm?.(isDump ? 'rdb' : 'aof');
    else this.part(isDump);
    const { limits } = this.options;
    const copied = new CopiedSource(source, (bytes, start, end) => this.write(bytes, start, end), this.options.drain);
    const start = this.bytesWritten;
    const driver = await runFile(copied, () => NOTHING, { holding: HOLD_NAMES, ...(limits && { limits }) });
    const { state } = driver;
    if (state.inTransaction) throw openTransaction(state);
    // An annotation may end with its file; a dump ends as it does.
    this.isUnended = this.lastByte !== LF && this.bytesWritten - start > driver.rdbBytes;
    this.db = state.db;
    this.commands += state.commands;
  }

  /** What must stand between two files. */
  private part(isDump: boolean): void {
    if (isDump)
      throw new UnsupportedError('UNSUPPORTED_INPUT', 'a dump behind commands, which one file cannot hold', 0);
    if (this.isUnended) this.write(LINE_END, 0, LINE_END.length);
    if (this.db !== 0) this.write(SELECT_0, 0, SELECT_0.length);
  }

  private write(bytes: Uint8Array, start: number, end: number): void {
    this.options.write(bytes, start, end);
    this.bytesWritten += end - start;
    this.lastByte = bytes[end - 1]!;
  }
}

/** Hands on a copy of everything that is read from it. */
class CopiedSource implements ByteSource {
  constructor(
    private readonly inner: ByteSource,
    private readonly write: WriteBytes,
    private readonly drain: JoinOptions['drain'],
  ) {}

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get compression(): Compression | undefined {
    return this.inner.compression;
  }

  get consumedBytes(): number {
    return this.inner.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    const drained = this.drain?.();
    return drained === undefined ? this.copyNext(target, at, max) : drained.then(() => this.copyNext(target, at, max));
  }

  close(): void | Promise<void> {
    return this.inner.close();
  }

  private copyNext(target: Uint8Array, at: number, max: number): number | Promise<number> {
    const got = this.inner.read(target, at, max);
    return typeof got === 'number' ? this.copy(target, at, got) : got.then((count) => this.copy(target, at, count));
  }

  private copy(target: Uint8Array, at: number, count: number): number {
    if (count > 0) this.write(target, at, at + count);
    return count;
  }
}

const NOTHING: AofHandler = {
  command(_view: CommandView): void {},
  annotation(): void {},
  full: () => false,
};
