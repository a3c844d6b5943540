/** Checking a dump: is every record whole, is the checksum right, and, deep, does every value keep every rule. */
import { FormatError, LimitError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import { RewoundSource } from '../bytes/rewound-source.js';
import type { ByteSource, Compression, RdbInput, SourceOptions } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { type DriverOptions, RdbDriver } from '../rdb/driver.js';
import { describeTrailing } from '../rdb/ending.js';
import type { ChecksumState, EndEntry, RdbWarning } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import { CheckHandler } from './check-handler.js';
import { type DuplicateKeys, findDuplicateKeys } from './duplicate-keys.js';

export interface CheckOptions extends Pick<SourceOptions, 'signal'> {
  /** Hold every packed structure, stream and key against every rule of the format. Default: false. */
  readonly deep?: boolean;
  /** Compare the CRC-64. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  /**
   * The same bytes from their start, for the further passes that a deep check makes over dumps with very many keys.
   * Default: by random access, where the input has it.
   */
  readonly rewind?: () => ByteSource;
  /** Worker threads for a deep check. Default: 1, which is none. */
  readonly jobs?: number;
  /** Keys that a deep check remembers at a time, in about eight bytes each. Default: some millions. */
  readonly maxKeys?: number;
}

/** The outcome of {@link checkRdb}. */
export interface CheckReport {
  /** Nothing was found that a server would stumble over. */
  readonly ok: boolean;
  readonly deep: boolean;
  /** Undefined where not even the header could be read. */
  readonly magic: 'REDIS' | 'VALKEY' | undefined;
  readonly version: number | undefined;
  readonly compression: Compression | undefined;
  /** Text of the aux record `redis-ver` or `valkey-ver`. */
  readonly producer: string | undefined;
  /** Keys whose records are whole. */
  readonly keys: number;
  /** `mismatch`: it differs; undefined: the end was not reached. */
  readonly checksum: ChecksumState | 'mismatch' | undefined;
  /** Bytes of the dump, footer included, or bytes before the error that ended the reading. */
  readonly bytes: number;
  /** Bytes of an AOF tail behind the dump. */
  readonly aofTailBytes: number;
  readonly warnings: readonly RdbWarning[];
  /** In the order in which they were found; the first 100. */
  readonly errors: readonly FormatError[];
  readonly errorCount: number;
  /** The reading went to the end of the dump: errors were inside values only. */
  readonly complete: boolean;
}

/**
 * Reads a dump to its end, or to the first error that hides where the next record begins. What the bytes do wrong is in
 * the report. What kept the input from being opened, errors of the system and the signal's reason are thrown.
 */
export async function checkRdb(input: RdbInput | ByteSource, options: CheckOptions = {}): Promise<CheckReport> {
  const { signal } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    return await check(source, options);
  } finally {
    await source.close();
  }
}

async function check(source: ByteSource, options: CheckOptions): Promise<CheckReport> {
  const { deep = false } = options;
  const rewind = options.rewind ?? RewoundSource.rewinder(source);
  const duplicates = deep ? findDuplicateKeys(rewind, options.maxKeys) : undefined;
  const handler = new CheckHandler(duplicates);
  const { driver, run } = await openReading(source, handler, duplicates, options);
  let complete = false;
  let ended: FormatError | undefined;
  try {
    await run();
    complete = true;
    checkTrailing(handler, driver);
    if (duplicates !== undefined) {
      const found = await duplicates.finish(driverOptionsOf(options));
      for (const error of found.errors) handler.found(error);
      if (found.share < 1) handler.warnPartial(found.share);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    ended = error;
    handler.found(error);
  }
  return report(handler, driver, source, deep, complete, ended);
}

function driverOptionsOf({ checksum = true, deep = false, limits }: CheckOptions): DriverOptions {
  return { checksum, deep, ...(limits && { limits }) };
}

/** By one thread or by several: what is found comes to the handler in the order of the file. */
async function openReading(
  source: ByteSource,
  handler: CheckHandler,
  duplicates: DuplicateKeys | undefined,
  options: CheckOptions,
): Promise<{ driver: RdbDriver; run: () => Promise<void> }> {
  const { jobs = 1, signal } = options;
  const driverOptions = driverOptionsOf(options);
  // A shallow check has next to nothing to give away, and keys that are looked up as they come cannot be.
  if (jobs > 1 && duplicates?.ledger !== undefined) {
    const { openParallelCheck } = await import('./check-parallel.js');
    const reader = openParallelCheck(source, handler, duplicates.ledger, { jobs, signal, driver: driverOptions });
    return { driver: reader.driver, run: () => reader.run() };
  }
  const window = Window.for(source.sizeBytes);
  const driver = new RdbDriver(window, handler, driverOptions);
  handler.driver = driver;
  return { driver, run: async () => void (await drive(source, driver)) };
}

/** Bytes behind the footer that are no AOF tail: a server ignores them, but they do not belong there. */
function checkTrailing(handler: CheckHandler, driver: RdbDriver): void {
  const end = handler.ending;
  if (end?.trailing !== 'unknown') return;
  handler.found(new FormatError('TRAILING_BYTES', describeTrailing(end.trailingBytes), bytesOf(driver, end)));
}

function report(
  handler: CheckHandler,
  driver: RdbDriver,
  source: ByteSource,
  deep: boolean,
  complete: boolean,
  ended: FormatError | undefined,
): CheckReport {
  const { errors } = handler;
  // Several threads may have come to the end while one of them refused what stands before.
  const ending = complete ? handler.ending : undefined;
  return {
    ok: handler.errorCount === 0,
    deep,
    magic: driver.header?.magic,
    version: driver.header?.version,
    compression: source.compression,
    producer: handler.producer,
    keys: handler.keys,
    checksum: checksumOf(ending, errors),
    // What is too large for us may lie in the middle of what has been taken in.
    bytes: ended instanceof LimitError ? ended.offset : bytesOf(driver, ending),
    aofTailBytes: ending?.trailing === 'aof' ? ending.trailingBytes : 0,
    // What the report counts as an error need not be said twice.
    warnings: handler.warnings.filter((warning) => warning.code !== 'TRAILING_BYTES'),
    errors,
    errorCount: handler.errorCount,
    complete,
  };
}

function checksumOf(ending: EndEntry | undefined, errors: readonly FormatError[]): CheckReport['checksum'] {
  if (errors.some((error) => error.code === 'CHECKSUM_MISMATCH')) return 'mismatch';
  return ending?.checksum;
}

function bytesOf(driver: RdbDriver, ending: EndEntry | undefined): number {
  const { window } = driver;
  // Where the size was not known, what follows the dump has been counted off the window.
  const drained = ending !== undefined && window.totalBytes === undefined ? ending.trailingBytes : 0;
  return window.offset - drained;
}
