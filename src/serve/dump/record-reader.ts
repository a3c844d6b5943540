/**
 * Reads single records of a dump, wherever they lie: a name, or a key with its value. What decodes a record is the driver
 * that decodes whole dumps, over a window that holds no more than the record.
 */
import { TruncatedError } from '../../bytes/errors.js';
import { DEFAULT_LIMITS } from '../../bytes/limits.js';
import { Slice } from '../../bytes/slice.js';
import type { Window } from '../../bytes/window.js';
import { readString } from '../../codecs/string.js';
import { RdbDriver } from '../../rdb/driver.js';
import { EntryHandler } from '../../rdb/entries.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { HeaderEntry, KeyEntry, RdbValue, ValueType } from '../../rdb/model.js';
import type { RowHandler } from '../../rdb/row-handler.js';
import type { RowTable } from '../../rdb/rows.js';
import { type TypeTable, typeTable } from '../../rdb/types/index.js';
import type { BlockCache } from './block-cache.js';

export class RecordReader {
  private readonly types: TypeTable;
  private readonly handler = new OneKeyHandler();
  /** Stands between two records of {@link db}; undefined where it is in the middle of something. */
  private driver: RdbDriver | undefined;
  private db = -1;
  private readonly name = new Slice();
  private readonly otherName = new Slice();
  private scratch = new Uint8Array(64);

  constructor(
    private readonly blocks: BlockCache,
    private readonly header: HeaderEntry,
    /** Is used by nobody else any more. */
    private readonly window: Window,
  ) {
    this.types = typeTable({ dialect: header.magic === 'VALKEY' ? 'valkey' : 'redis', templates: new Map() });
  }

  /** The name whose string begins at `keyOffset`; valid until the next call. */
  nameAt(keyOffset: number): Slice {
    return this.readName(keyOffset, this.name);
  }

  isSameName(keyOffset: number, otherKeyOffset: number): boolean {
    const one = this.readName(keyOffset, this.name).copy();
    const other = this.readName(otherKeyOffset, this.otherName);
    if (one.length !== other.length) return false;
    for (let at = 0; at < one.length; at++) if (one[at] !== other.bytes[other.start + at]) return false;
    return true;
  }

  /** What the type byte in front of the name says. */
  typeAt(keyOffset: number): ValueType | undefined {
    const { blocks } = this;
    blocks.seek(keyOffset - 1);
    return this.types[blocks.bytes[blocks.pos]!]?.type;
  }

  /** The record that lies in `[offset, end)`, where others may follow it. Throws FormatError and its kin, with file offsets. */
  entryAt(offset: number, end: number, db: number): KeyEntry {
    const { window, handler } = this;
    window.restart(offset);
    const size = end - offset;
    window.room(size);
    this.blocks.read(offset, window.bytes, window.end, size);
    window.filled(size);
    const driver = this.driverFor(db);
    // Whatever goes wrong leaves it where nobody can go on.
    this.driver = undefined;
    handler.entry = undefined;
    const progress = driver.advance();
    const { entry } = handler;
    if (entry === undefined) throw new TruncatedError(`a record of a key is not whole: ${progress}`, offset);
    handler.entry = undefined;
    if (driver.rows.count === 0) this.driver = driver;
    return entry;
  }

  private driverFor(db: number): RdbDriver {
    if (this.driver !== undefined && this.db === db) return this.driver;
    const { window, handler, header } = this;
    const driver = new RdbDriver(window, handler, {
      checksum: false,
      limits: { largeValueBytes: Infinity },
      resume: { header, db },
    });
    handler.start(driver);
    this.db = db;
    return driver;
  }

  private readName(keyOffset: number, slice: Slice): Slice {
    const { blocks } = this;
    blocks.seek(keyOffset);
    let next = readString(blocks.bytes, blocks.pos, blocks.end, slice, DEFAULT_LIMITS.maxBlobBytes);
    if (next <= blocks.end) return slice;
    let size = next - blocks.pos;
    for (;;) {
      if (this.scratch.length < size) this.scratch = new Uint8Array(size * 2);
      blocks.read(keyOffset, this.scratch, 0, size);
      next = readString(this.scratch, 0, size, slice, DEFAULT_LIMITS.maxBlobBytes);
      if (next <= size) return slice;
      size = next;
    }
  }
}

/** Takes one key, and no more. */
class OneKeyHandler implements RowHandler {
  entry: KeyEntry | undefined;
  private entries = newEntries();

  start(driver: RdbDriver): void {
    this.entries.driver = driver;
  }

  record(): void {
    // What stands between two keys has been read already.
  }

  key(rows: RowTable, row: number): void {
    this.entries.key(rows, row);
    const [entry] = this.entries.takeBatch();
    if (entry?.kind === 'key') this.entry = entry;
  }

  largeStart(): LargeRequest {
    throw new TypeError('a value of any size is read as a whole');
  }

  largeEnd(): void {}

  warning(): void {}

  full(): boolean {
    return this.entry !== undefined;
  }
}

function newEntries(): EntryHandler {
  return new EntryHandler(undefined, () => undefined, neverInParts, true);
}

function neverInParts(): AsyncIterable<RdbValue> {
  throw new TypeError('a value of any size is read as a whole');
}
