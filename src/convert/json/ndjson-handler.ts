/**
 * Rows to JSON (ndjson.md): one object per key, in file order, as lines or as one array.
 *
 *     {"db":0,"key":"user:1","type":"hash","encoding":"listpack","rdbType":16,"expireAt":4102444800000,"value":{"name":"Ada"}}
 *
 * An array has the same objects: `[{…}`, `,{…}` and so on, one per line, and `]` when everything has been read; `[]` without
 * any. Output is handed over in whole lines. So when the reading fails, what has been handed over plus what
 * {@link NdjsonHandler.flush} hands over are whole lines. The exception is the line of a large value, which is handed over
 * as it is decoded: a failure in the middle of that leaves the beginning of a line.
 */
import { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import { readString } from '../../codecs/string.js';
import { JSON_KIND_COUNT } from '../../kernels/memory-map.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord, RdbWarning, ValueType } from '../../rdb/model.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from '../../rdb/rows.js';
import { CronWriter, PathHashWriter } from './fork-values.js';
import { HashWriter } from './hash-value.js';
import { type JsonEncoding, JsonWriter, type WriteBytes } from './json-writer.js';
import { factsOf, LineKernel, stringKind } from './line-kernel.js';
import { type Literal, literal } from './literal.js';
import { ModuleWriter } from './module-value.js';
import { ArrayWriter, SequenceWriter, StringWriter } from './plain-values.js';
import { writeRecord } from './record-lines.js';
import { StreamWriter } from './stream-value.js';
import type { ValueWriter } from './value-writer.js';
import { ZsetWriter } from './zset-value.js';

export type JsonFormat = 'ndjson' | 'json';

export interface NdjsonOptions {
  /** `ndjson`: one object per line; `json`: one array of the same objects. Default: `ndjson`. */
  readonly format?: JsonFormat;
  /** The form of byte strings. Default: `auto`. */
  readonly encoding?: JsonEncoding;
  /** With the records that are no keys, each marked by a member `record`. Default: false. */
  readonly all?: boolean;
  /** Keys that it leaves out are not written. */
  readonly filter?: RowFilter;
  /** An array of which other objects have been written already: a comma goes in front of every object. Default: false. */
  readonly continues?: boolean;
  /** Takes the output, about 128 KiB at a time; the bytes are valid during the call only. */
  readonly write: WriteBytes;
  readonly onWarning?: (warning: RdbWarning) => void;
}

/** Output after which {@link NdjsonHandler.full} asks for a pause. */
const PAUSE_BYTES = 1024 * 1024;
/** A line is held until it is whole: at the least this much of it, or `maxBlobBytes` where that is more. */
const MIN_LINE_LIMIT = 64 * 1024 * 1024;
/** A string that has been read whole can no longer fail: from this size on its line is not held. */
const HELD_STRING_BYTES = 1024 * 1024;
/** Bytes of a value per element, for a first guess at the number of elements. */
const ELEMENT_BYTES = 32;

const OBJECT_END = 0x7d;
const ARRAY_START = 0x5b;
const COMMA = 0x2c;
const EXPIRE_AT = literal(',"expireAt":');
const IDLE = literal(',"idle":');
const FREQ = literal(',"freq":');
const LARGE = literal(',"large":true');
const VALUE = literal(',"value":');
const ARRAY_END = literal(']');

/** What is the same for all keys of a type byte. */
interface Kind {
  /** `,"type":"…","encoding":"…","rdbType":n` */
  readonly facts: Literal;
  /** The same and `,"value":`, for keys that have nothing in between. */
  readonly factsAndValue: Literal;
  readonly writer: ValueWriter;
}

/**
 * Writes what a driver reads: give it to an {@link RdbDriver}, set {@link NdjsonHandler.driver}, drive to the end, then
 * call {@link NdjsonHandler.finish}; after an error call {@link NdjsonHandler.flush} instead.
 *
 * `write` is called whenever enough has come together, at any time. Where that cannot wait for a slow taker, pass the
 * bytes on in the pauses that the driver makes about once per MiB.
 */
export class NdjsonHandler implements RowHandler {
  private readonly out: JsonWriter;
  private readonly all: boolean;
  private readonly array: boolean;
  private readonly filter: RowFilter | undefined;
  private readonly onWarning: (warning: RdbWarning) => void;
  /** Hashes cannot be objects under this encoding. */
  private readonly pairsOnly: boolean;

  private core!: RdbDriver;
  private objects = 0;
  /** Writes the lines that it can; `auto` alone has one. */
  private kernel: LineKernel | undefined;
  private wantsKernel = false;
  /** `written` at the last pause. */
  private pausedAt = 0;
  /** A database whose line waits for its sizes; −1: none. */
  protected selectedDb = -1;
  /** The large value that is being streamed; undefined where it is not wanted. */
  private large: ValueWriter | undefined;

  private db = -1;
  private dbPrefix = literal('');
  /** By type byte; behind them those of strings that are not plain. */
  private readonly kinds: (Kind | undefined)[] = new Array(JSON_KIND_COUNT).fill(undefined);
  private readonly writers: Readonly<Record<ValueType, ValueWriter>>;
  private readonly slice = new Slice();
  private readonly expiry = new Int64();

  constructor(options: NdjsonOptions) {
    const encoding = options.encoding ?? 'auto';
    const out = new JsonWriter(encoding, options.write);
    const sequence = new SequenceWriter(out);
    this.out = out;
    this.array = options.format === 'json';
    this.objects = options.continues ? 1 : 0;
    this.all = options.all ?? false;
    this.filter = options.filter;
    this.onWarning = options.onWarning ?? (() => undefined);
    this.pairsOnly = encoding === 'base64' || encoding === 'hex';
    this.writers = {
      string: new StringWriter(out),
      list: sequence,
      set: sequence,
      zset: new ZsetWriter(out),
      hash: new HashWriter(out),
      stream: new StreamWriter(out),
      array: new ArrayWriter(out),
      module: new ModuleWriter(out),
      pathhash: new PathHashWriter(out),
      cron: new CronWriter(out),
    };
  }

  get driver(): RdbDriver {
    return this.core;
  }

  set driver(driver: RdbDriver) {
    this.core = driver;
    this.out.maxLineBytes = Math.max(MIN_LINE_LIMIT, driver.limits.maxBlobBytes);
    const { workspace } = driver.window;
    this.kernel = undefined;
    this.wantsKernel = this.out.encoding === 'auto' && workspace !== undefined;
    if (this.wantsKernel) this.out.useHome(workspace!.out);
  }

  /** Everything has been read: ends the array, and hands over what is left. */
  finish(): void {
    if (this.array) {
      if (this.objects === 0) this.out.byte(ARRAY_START);
      this.out.literal(ARRAY_END);
      this.out.endLine();
    }
    this.flush();
  }

  /** Hands over the whole lines that wait; also after an error. */
  flush(): void {
    this.out.flush();
  }

  record(record: RdbRecord): void {
    if (!this.all) return;
    if (record.kind === 'select-db') {
      this.writeSelectedDb();
      this.selectedDb = record.db;
      return;
    }
    if (record.kind === 'resize-db' && record.db === this.selectedDb) this.selectedDb = -1;
    this.writeSelectedDb();
    this.recordLine(record);
  }

  bulk(_rows: RowTable, from: number, to: number): number {
    if (!this.wantsKernel || this.filter !== undefined || this.selectedDb >= 0) return from;
    return this.writeLines(from, to);
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    if (this.all) this.writeSelectedDb();
    const { filter, out } = this;
    if (filter !== undefined) {
      if (!filter.accepts(this.core, row)) return;
      // Without a filter it has been tried before.
      if (this.wantsKernel && this.writeLines(row, row + 1) > row) return;
    }
    const type = rows.kind[row]!;
    const valuePos = rows.valuePos[row]!;
    const end = rows.end[row]!;
    const lead = bytes[valuePos]!;
    this.startKey(rows, row, bytes);
    if (type === TYPE.STRING && lead >= 0x80) {
      this.writeString(rows, row, bytes);
    } else {
      const kind = this.kinds[type] ?? this.addKind(type, rows, row);
      this.writeFacts(rows, row, kind, false);
      if (type === TYPE.STRING) out.string(bytes, valuePos + (lead < 0x40 ? 1 : 2), end);
      else this.writeValue(kind.writer, row, end - valuePos);
    }
    out.byte(OBJECT_END);
    out.endLine();
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    if (this.all) this.writeSelectedDb();
    if (this.filter !== undefined && !this.filter.acceptsLarge(this.core, row)) {
      return { level: 'skip', sink: this.writers.string };
    }
    const type = rows.kind[row]!;
    const index = type === TYPE.STRING ? stringKind(bytes[rows.valuePos[row]!]!) : type;
    const kind = this.kinds[index] ?? this.addKind(index, rows, row);
    // How much of the line a failure inside the value leaves must not depend on what stands before it.
    this.out.flush();
    this.startKey(rows, row, bytes);
    this.writeFacts(rows, row, kind, true);
    this.large = kind.writer;
    this.out.streaming = true;
    this.large.begin('large', 0);
    return { level: 'element', sink: this.large };
  }

  largeEnd(): void {
    const { out, large } = this;
    if (large === undefined) return;
    large.end();
    out.byte(OBJECT_END);
    out.streaming = false;
    out.endLine();
    this.large = undefined;
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  full(): boolean {
    if (!this.wantsPause) return false;
    this.pausedAt = this.out.written;
    return true;
  }

  private get wantsPause(): boolean {
    return this.out.written - this.pausedAt >= PAUSE_BYTES;
  }

  /** As many lines as the kernel writes; returns the row that it did not. */
  private writeLines(from: number, to: number): number {
    const { out, core } = this;
    this.kernel ??= LineKernel.open(core);
    const { kernel } = this;
    if (kernel === undefined) {
      this.wantsKernel = false;
      return from;
    }
    let row = from;
    while (row < to && !this.wantsPause) {
      const wasEmpty = out.isEmpty;
      const next = kernel.write(row, to, out, this.array ? this.separator : 0);
      this.objects += next - row;
      // A row that found no room behind other lines may fit an empty output.
      if (next === row && (wasEmpty || !kernel.isFull)) break;
      if (kernel.isFull) out.flush();
      row = next;
    }
    return row;
  }

  /** The bracket or comma of an array. */
  private startObject(): void {
    if (this.array) this.out.byte(this.separator);
    this.objects++;
  }

  private get separator(): number {
    return this.objects === 0 ? ARRAY_START : COMMA;
  }

  /** `{"db":n,"key":…` */
  private startKey(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { out } = this;
    const db = rows.db[row]!;
    const keyPos = rows.keyPos[row]!;
    const lead = bytes[keyPos]!;
    out.origin = rows.start[row]!;
    this.startObject();
    if (db !== this.db) {
      this.db = db;
      this.dbPrefix = literal(`{"db":${db},"key":`);
    }
    out.literal(this.dbPrefix);
    if (lead < 0x40) {
      out.string(bytes, keyPos + 1, keyPos + 1 + lead);
    } else {
      this.core.readKey(row, this.slice);
      out.slice(this.slice);
    }
  }

  /** Everything between the key and its value. */
  private writeFacts(rows: RowTable, row: number, kind: Kind, large: boolean): void {
    const { out, expiry } = this;
    const flags = rows.flags[row]!;
    if (flags === 0 && !large) {
      out.literal(kind.factsAndValue);
      return;
    }
    out.literal(kind.facts);
    if (flags & ROW_EXPIRY) {
      expiry.set(rows.expireHi[row]!, rows.expireLo[row]!);
      out.literal(EXPIRE_AT);
      out.time(expiry);
    }
    if (flags & ROW_IDLE) {
      out.literal(IDLE);
      out.count(rows.idleSeconds[row]!);
    }
    if (flags & ROW_FREQ) {
      out.literal(FREQ);
      out.count(rows.freq[row]!);
    }
    if (large) out.literal(LARGE);
    out.literal(VALUE);
  }

  /** A string that is not plain and short. */
  private writeString(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { out, slice } = this;
    const valuePos = rows.valuePos[row]!;
    const index = stringKind(bytes[valuePos]!);
    this.writeFacts(rows, row, this.kinds[index] ?? this.addKind(index, rows, row), false);
    readString(bytes, valuePos, rows.end[row]!, slice, this.core.limits.maxBlobBytes);
    out.streaming = slice.length >= HELD_STRING_BYTES;
    out.slice(slice);
    out.streaming = false;
    slice.release(HELD_STRING_BYTES);
  }

  /** Any other value: as an object first, in pairs where that does not do. */
  private writeValue(writer: ValueWriter, row: number, valueBytes: number): void {
    const { out, core } = this;
    const mark = out.pos;
    if (!this.pairsOnly) {
      writer.begin('object', (valueBytes / ELEMENT_BYTES) | 0);
      core.readValue(row, 'element', writer);
      if (writer.end()) return;
      out.rewind(mark);
    }
    writer.begin('pairs', 0);
    core.readValue(row, 'element', writer);
    writer.end();
  }

  /** The entry of the table for the kind of this row. */
  private addKind(index: number, rows: RowTable, row: number): Kind {
    const codec = rows.codecOf(row);
    const facts = factsOf(index, rows.kind[row]!, codec);
    const kind = {
      facts: literal(facts),
      factsAndValue: literal(`${facts},"value":`),
      writer: this.writers[codec.type],
    };
    this.kinds[index] = kind;
    return kind;
  }

  /** The line of a database that came without sizes: in front of its keys. */
  protected writeSelectedDb(): void {
    if (this.selectedDb < 0) return;
    const db = this.selectedDb;
    this.selectedDb = -1;
    this.recordLine({ kind: 'select-db', db });
  }

  private recordLine(record: RdbRecord): void {
    this.startObject();
    writeRecord(this.out, record);
    this.out.endLine();
  }
}
