/** Finds the record at an offset, or of a key, and keeps its bytes. */
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../bytes/errors.js';
import { Slice } from '../../bytes/slice.js';
import { Window } from '../../bytes/window.js';
import { FIRST_CHECKSUM_VERSION } from '../../rdb/constants.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver, type RowHandler } from '../../rdb/driver.js';
import { FOOTER_SIZE } from '../../rdb/ending.js';
import { HEADER_SIZE } from '../../rdb/header.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { EndEntry, RdbRecord } from '../../rdb/model.js';
import type { RowTable } from '../../rdb/rows.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { FileFacts } from './values.js';

/** What to look for. */
export type Where = { readonly offset: number } | { readonly key: Uint8Array; readonly db?: number };

/** A record, or what frames the records of a file. */
export interface FoundRecord {
  /** `broken`: a record that cannot be read to its end; `tail`: what follows the end of the RDB. */
  readonly kind: 'header' | 'record' | 'end' | 'tail' | 'broken';
  /** In the file. */
  readonly offset: number;
  /** Bytes that it takes; of a broken record, bytes up to where the file is known to end. */
  readonly size: number;
  /** From its start on: all of them, or the head of a large one. */
  readonly bytes: Uint8Array;
  readonly rdbType?: number;
  readonly opcode?: number;
  readonly db?: number;
  readonly key?: Uint8Array;
  readonly error?: FormatError;
  /** Of `end`. */
  readonly checksum?: string;
}

/** Bytes that are kept of a value too large to hold, of a broken record, and of what follows the end. */
export const HEAD_BYTES = 1024 * 1024;

export interface Finding {
  readonly found: FoundRecord | undefined;
  readonly file: FileFacts;
}

/**
 * Reads from the start to the record that is wanted. Undefined where there is none. Throws FormatError and its kin for
 * a file that cannot be read so far, unless it is the record itself that is broken.
 */
export async function findRecord(source: ByteSource, where: Where): Promise<Finding> {
  const window = new Window();
  window.totalBytes = source.sizeBytes;
  const finder = new Finder(where);
  // A checksum over all that was read only matters where the end is looked at.
  const driver = new RdbDriver(window, finder, { checksum: 'offset' in where });
  finder.driver = driver;
  let found: FoundRecord | undefined;
  try {
    await drive(source, driver);
    found = finder.found;
  } catch (error) {
    found = error instanceof FormatError ? finder.broken(error, source.sizeBytes) : undefined;
    if (found === undefined) throw error;
  }
  if (found === undefined && 'offset' in where) found = await findBehind(source, finder, where.offset);
  const { dialect, version, templates } = driver.cursor.context;
  return { found, file: { dialect, version, templates } };
}

/** EOF has been read; the window stands behind it. */
async function findBehind(source: ByteSource, finder: Finder, target: number): Promise<FoundRecord | undefined> {
  const { driver, reached: offset } = finder;
  const { window } = driver;
  const footerSize = driver.header!.version < FIRST_CHECKSUM_VERSION ? 0 : FOOTER_SIZE;
  const eof = window.bytes.slice(window.pos - (window.offset - offset), window.pos);
  await fillTo(source, window, footerSize + TAIL_BYTES);
  const footerEnd = Math.min(window.end, window.pos + footerSize);
  const bytes = joined(eof, window.bytes.subarray(window.pos, footerEnd));
  const tail = window.bytes.slice(footerEnd, Math.min(window.end, footerEnd + TAIL_BYTES));
  const error = await finish(source, driver);
  const { end } = finder;
  const tailOffset = offset + bytes.length;
  const problem = error === undefined ? {} : { error };
  if (target < tailOffset) {
    return { kind: 'end', offset, size: bytes.length, bytes, checksum: end?.checksum ?? error?.message ?? '', ...problem };
  }
  const size = end?.trailingBytes ?? (source.sizeBytes === undefined ? tail.length : source.sizeBytes - tailOffset);
  return target < tailOffset + size ? { kind: 'tail', offset: tailOffset, size, bytes: tail, ...problem } : undefined;
}

/** Reads to the end of the file; returns what it has against it. */
async function finish(source: ByteSource, driver: RdbDriver): Promise<FormatError | undefined> {
  try {
    await drive(source, driver);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** Stops the driver at the record that is wanted, or behind EOF. */
class Finder implements RowHandler {
  driver!: RdbDriver;
  found: FoundRecord | undefined;
  end: EndEntry | undefined;
  /** File offset behind the last record that was handed over. */
  reached = 0;
  /** Row of the next record; the driver does not say it for records that are no keys. */
  private row = 0;
  /** A record was handed over since the last {@link full}; if none was, it was EOF. */
  private moved = false;
  private inLarge = false;
  /** The head of the large value that is being passed over, which may turn out to be wanted. */
  private large: FoundRecord | undefined;
  private readonly key = new Slice();

  constructor(private readonly where: Where) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') {
      this.end = record;
    } else if (record.kind === 'header') {
      this.moved = true;
      const { window } = this.driver;
      if (this.holds(0, HEADER_SIZE)) {
        const bytes = window.bytes.slice(window.pos - HEADER_SIZE, window.pos);
        this.found = { kind: 'header', offset: 0, size: HEADER_SIZE, bytes };
      }
      this.reached = HEADER_SIZE;
    } else {
      const { row } = this;
      const { rows, window } = this.driver;
      this.pass(rows, row, window.bytes, { opcode: rows.kind[row]! });
    }
  }

  keyWanted(rows: RowTable, row: number): boolean {
    const { where, key } = this;
    if (!('key' in where) || (where.db !== undefined && rows.db[row] !== where.db)) return false;
    this.driver.readKey(row, key);
    return isSame(where.key, key);
  }

  // key, largeStart …
}
