/** The handler that stops a driver at the record that is wanted, and keeps that record's bytes. */

import { FormatError } from '../../bytes/errors.js';
import { copyBytes, Slice } from '../../bytes/slice.js';
import { skipLength } from '../../codecs/length.js';
import { readString } from '../../codecs/string.js';
import { OPCODE } from '../../rdb/constants.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import { HEADER_SIZE } from '../../rdb/header.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { EndEntry, RdbRecord } from '../../rdb/model.js';
import { skipKeyMeta } from '../../rdb/opcodes.js';
import type { RowTable } from '../../rdb/rows.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';

/** What to look for: the record that holds a file offset, or a key, in any database where none is given. */
export type Where = { readonly offset: number } | { readonly key: Uint8Array; readonly db?: number };

/** A record, or what frames the records of a file. */
export interface FoundRecord {
  /** `broken`: cannot be read to its end; `tail`: what follows the end of the RDB. */
  readonly kind: 'header' | 'record' | 'end' | 'tail' | 'broken';
  /** In the file; attributes of a key that stand before another record belong to that one. */
  readonly offset: number;
  /** Bytes that it takes; of a broken record, bytes up to where the file is known to end. */
  readonly size: number;
  /** From its start on: all of them, or the head of a large or broken one. */
  readonly bytes: Uint8Array;
  /** Type byte or opcode. */
  readonly code?: number | undefined;
  /** Of a key: where in `bytes` its type byte is. */
  readonly typePos?: number | undefined;
  readonly db?: number | undefined;
  readonly key?: Uint8Array | undefined;
  readonly error?: FormatError | undefined;
  /** Of `end`: what the checksum turned out to be. */
  readonly checksum?: string | undefined;
}

/** Bytes that are kept of a value too large to hold, and of a broken record. */
const HEAD_BYTES = 1024 * 1024;
const FIRST_OPCODE = 0xf2;

export class Finder implements RowHandler {
  driver!: RdbDriver;
  found: FoundRecord | undefined;
  end: EndEntry | undefined;
  /** File offset behind the last record that was handed over. */
  reached = HEADER_SIZE;
  private db = 0;
  /** Row of the next record: handlers are told it for keys only. */
  private row = 0;
  /** A record was handed over since the last {@link full}; where none was, it was EOF. */
  private moved = false;
  private inLarge = false;
  /** The large value that is being passed over, where it may be the one; its size is not known yet. */
  private large: FoundRecord | undefined;
  private valueOffset = 0;
  private readonly keySlice = new Slice();

  constructor(private readonly where: Where) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') {
      this.end = record;
      return;
    }
    if (record.kind === 'header') {
      const { window } = this.driver;
      if (!this.holds(0, HEADER_SIZE)) return;
      const bytes = copyBytes(window.bytes, window.pos - HEADER_SIZE, window.pos);
      this.found = { kind: 'header', offset: 0, size: HEADER_SIZE, bytes };
      return;
    }
    if (record.kind === 'select-db') this.db = record.db;
    this.pass(this.driver.rows, this.row, false);
  }

  key(rows: RowTable, row: number): void {
    this.pass(rows, row, this.isWanted(row));
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    const { driver, where, reached } = this;
    this.inLarge = true;
    this.valueOffset = driver.offsetOf(rows.valuePos[row]!);
    if ('offset' in where ? where.offset >= reached : this.isWanted(row)) {
      this.large = { kind: 'record', offset: reached, size: 0, bytes: this.head(), ...this.describe(rows, row) };
    }
    return { level: 'skip', sink: { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined } };
  }

  largeEnd(valueBytes: number): void {
    const { large, where } = this;
    const end = this.valueOffset + valueBytes;
    this.inLarge = false;
    this.large = undefined;
    this.row = 0;
    this.moved = true;
    this.reached = end;
    if (large === undefined || ('offset' in where && where.offset >= end)) return;
    const size = end - large.offset;
    // What was kept of a value that is not so large reaches into the next record.
    this.found = { ...large, size, bytes: large.bytes.subarray(0, size) };
  }

  warning(): void {}

  full(): boolean {
    if (this.found !== undefined) return true;
    if (this.inLarge) return false;
    const { moved } = this;
    this.moved = false;
    return !moved;
  }

  /** The record at which the driver failed, where it is the one that is wanted. `sizeBytes`: of the file, if known. */
  broken(error: FormatError, sizeBytes: number | undefined): FoundRecord | undefined {
    const { driver, reached, large, where } = this;
    const { window } = driver;
    if (this.found !== undefined || driver.header === undefined) return this.found;
    const fileEnd = sizeBytes ?? window.base + window.end;
    if (large !== undefined) return { ...large, kind: 'broken', size: fileEnd - large.offset, error };
    const bytes = this.head();
    if (this.inLarge || bytes.length === 0 || ('offset' in where && !this.holds(reached, fileEnd))) return undefined;
    const { code, key } = peekKey(bytes, driver);
    const found: FoundRecord = { kind: 'broken', offset: reached, size: fileEnd - reached, bytes, error, code };
    if (key === undefined) return 'offset' in where ? found : undefined;
    if ('key' in where && !(isSame(where.key, key) && (where.db ?? this.db) === this.db)) return undefined;
    return { ...found, db: this.db, key: key.copy() };
  }

  private pass(rows: RowTable, row: number, wanted: boolean): void {
    const { driver, reached, found } = this;
    const end = driver.offsetOf(rows.end[row]!);
    this.row = row + 1 < rows.count ? row + 1 : 0;
    this.moved = true;
    if (found === undefined && (wanted || this.holds(reached, end))) {
      const { window } = driver;
      const bytes = copyBytes(window.bytes, reached - window.base, rows.end[row]!);
      this.found = { kind: 'record', offset: reached, size: end - reached, bytes, ...this.describe(rows, row) };
    }
    this.reached = end;
  }

  private describe(rows: RowTable, row: number): Pick<FoundRecord, 'code' | 'typePos' | 'db' | 'key'> {
    const code = rows.kind[row]!;
    if (rows.isKey[row] === 0) return { code };
    const typePos = this.driver.offsetOf(rows.keyPos[row]! - 1) - this.reached;
    return { code, typePos, db: rows.db[row]!, key: this.readKey(row)?.copy() };
  }

  /** True where an offset is wanted that lies in this range of the file. */
  private holds(start: number, end: number): boolean {
    const { where } = this;
    return 'offset' in where && where.offset >= start && where.offset < end;
  }

  /** True for the key that is wanted. */
  private isWanted(row: number): boolean {
    const { where, driver } = this;
    if (!('key' in where) || (where.db !== undefined && driver.rows.db[row] !== where.db)) return false;
    const key = this.readKey(row);
    return key !== undefined && isSame(where.key, key);
  }

  /** Undefined for a key whose own compression is broken: that must not stop the search for another one. */
  private readKey(row: number): Slice | undefined {
    try {
      this.driver.readKey(row, this.keySlice);
      return this.keySlice;
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /** What the window holds from the last record's end on, up to a limit. */
  private head(): Uint8Array {
    const { window } = this.driver;
    const start = this.reached - window.base;
    return copyBytes(window.bytes, start, Math.min(window.end, start + HEAD_BYTES));
  }
}

/** The type and the key of a record that is not whole, as far as they are there. */
function peekKey(bytes: Uint8Array, driver: RdbDriver): { code: number | undefined; key: Slice | undefined } {
  const { dialect, limits } = driver.cursor.context;
  const { length: end } = bytes;
  let code: number | undefined;
  try {
    let pos = 0;
    for (let next = skipAttribute(bytes, pos, end, dialect === 'redis'); next > pos; ) {
      pos = next;
      next = skipAttribute(bytes, pos, end, dialect === 'redis');
    }
    code = bytes[pos];
    const key = new Slice();
    const isWhole =
      code !== undefined && code < FIRST_OPCODE && readString(bytes, pos + 1, end, key, limits.maxBlobBytes) <= end;
    return { code, key: isWhole ? key : undefined };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { code, key: undefined };
  }
}

/** Position after the key attribute at `pos`; `pos` where there is none. */
function skipAttribute(bytes: Uint8Array, pos: number, end: number, isRedis: boolean): number {
  switch (bytes[pos]) {
    case OPCODE.EXPIRETIME_MS:
      return pos + 9;
    case OPCODE.EXPIRETIME:
      return pos + 5;
    case OPCODE.FREQ:
      return pos + 2;
    case OPCODE.IDLE:
      return skipLength(bytes, pos + 1, end);
    case OPCODE.REDIS_KEY_META:
      return isRedis ? skipKeyMeta(bytes, pos + 1, end) : pos;
    default:
      return pos;
  }
}

function isSame(wanted: Uint8Array, { bytes, start, length }: Slice): boolean {
  if (length !== wanted.length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}
