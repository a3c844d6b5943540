/** What is in a dump, counted without decoding a value: one pass at skim speed. */
import type { Limits } from '../bytes/limits.js';
import type { ByteSource, Compression, RdbInput, SourceOptions } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver } from '../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../rdb/filter.js';
import type { EndEntry, RdbWarning, ValueEncoding, ValueType } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import { SummaryHandler } from './summary-handler.js';

export interface SummaryOptions extends Pick<SourceOptions, 'signal'> {
  /** Keys to be counted. */
  readonly filter?: KeyFilter;
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
  /** Compare the CRC-64. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
}

/** The outcome of {@link summarizeRdb}. */
export interface RdbSummary {
  readonly magic: 'REDIS' | 'VALKEY';
  readonly version: number;
  /** The wrapping that was taken off. */
  readonly compression: Compression | undefined;
  /** Bytes of the dump, its footer included. */
  readonly bytes: number;
  readonly keys: number;
  /** Keys with an expiry. */
  readonly expires: number;
  /** One per name, in order of appearance, with the last value. Scripts (`lua`) and `slot-info` are counted instead. */
  readonly aux: readonly AuxFact[];
  /** Ascending; only those that are selected in the file. */
  readonly dbs: readonly DbCount[];
  /** By type byte and encoding, in order of the type bytes. */
  readonly types: readonly TypeCount[];
  readonly functions: readonly FunctionFact[];
  readonly modules: readonly ModuleCount[];
  /** Cached scripts: aux records `lua` of Redis 4.0 to 6.2. */
  readonly scripts: number;
  /** Slots announced by cluster nodes. */
  readonly slots: number;
  /** Keys with metadata (Redis 8.6+). */
  readonly keysWithMeta: number;
  /** The filter's limit ended the reading before the end of the dump. */
  readonly stopped: boolean;
  /** Undefined where the reading was ended by the filter's limit. */
  readonly end: EndEntry | undefined;
  readonly warnings: readonly RdbWarning[];
}

export interface AuxFact {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

export interface DbCount {
  readonly db: number;
  readonly keys: number;
  readonly expires: number;
}

export interface TypeCount {
  readonly type: ValueType;
  readonly encoding: ValueEncoding;
  readonly rdbType: number;
  readonly keys: number;
  /** Bytes of the values as serialized. */
  readonly bytes: number;
}

export interface FunctionFact {
  readonly name: string | undefined;
  readonly engine: string | undefined;
  /** Bytes of its source. */
  readonly bytes: number;
}

export interface ModuleCount {
  readonly name: string;
  /** Encoding version of the values, or of the aux data where there are none. */
  readonly version: number;
  readonly keys: number;
  /** Records of data beside the keys. */
  readonly auxRecords: number;
}

/**
 * Reads a dump to its end and counts. Throws FormatError and its kin, errors of the system, and the signal's reason.
 */
export async function summarizeRdb(input: RdbInput | ByteSource, options: SummaryOptions = {}): Promise<RdbSummary> {
  const { filter, nowMs, checksum = true, limits, signal } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    const window = Window.for(source.sizeBytes);
    const handler = new SummaryHandler(filter && compileFilter(filter, nowMs ?? Date.now(), source));
    const driver = new RdbDriver(window, handler, { checksum, ...(limits && { limits }) });
    handler.driver = driver;
    const stopped = (await drive(source, driver)) === 'pause';
    return handler.summary(source.compression, stopped);
  } finally {
    await source.close();
  }
}
