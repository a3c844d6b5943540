/**
 * The driver: window in, rows out. It owns everything that has a life while a dump is read: the window, the checksum, the
 * skim, the phases of the file, and a large value in the middle of its streaming. Nothing in it waits: whoever feeds it
 * calls {@link RdbDriver.advance} until it says `need`, refills the window, and calls again.
 */
import { Crc64 } from '../bytes/crc64.js';
import { FormatError, LimitError, TruncatedError } from '../bytes/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../bytes/limits.js';
import { Slice } from '../bytes/slice.js';
import type { Window } from '../bytes/window.js';
import { readString } from '../codecs/string.js';
import { OPCODE } from './constants.js';
import { type DecodeContext, ValueCursor } from './cursor.js';
import { describeTrailing, Ending } from './ending.js';
import { decodeHeader, HEADER_SIZE, type ResumePoint, versionWarning } from './header.js';
import { type LargeRequest, LargeValue } from './large-value.js';
import { locate } from './locate.js';
import type { HeaderEntry, RdbRecord, WarningCode } from './model.js';
import { decodeRecord } from './records.js';
import type { RowHandler } from './row-handler.js';
import { RowTable } from './rows.js';
import { Skimmer } from './skim.js';
import { typeTable, UNCONFIRMED_TYPES } from './types/index.js';
import { STRING } from './types/string.js';
import type { TypeCodec, ValueSink } from './types/type-codec.js';
import type { Level } from './visitor.js';

export type { RowHandler } from './row-handler.js';

export interface DriverOptions {
  /** Compute and compare the CRC-64. Default: true. */
  readonly checksum?: boolean;
  /** Hold values against every rule of the format, not only against their bounds. Default: false. */
  readonly deep?: boolean;
  readonly limits?: Partial<Limits>;
  /** Stop behind the dump, the window standing there: its tail is read by somebody else. Default: false. */
  readonly leavesTail?: boolean;
  /** Begin between two records: the window stands there, and its base says where that is in the file. */
  readonly resume?: ResumePoint;
}

/** `need`: refill the window with `wanted` bytes from its position on; `pause`: the handler asked; `done`: all was read. */
export type Progress = 'need' | 'pause' | 'done';

const MAX_WARNINGS = 100;
/** A record of which this much is there may wait for more than its next element. */
const PATIENT_BYTES = 64 * 1024;

export class RdbDriver {
  readonly rows: RowTable;
  readonly cursor: ValueCursor;
  readonly limits: Limits;
  /** Bytes that must be in the window, from its position on, before {@link advance} can go on. */
  wanted = HEADER_SIZE;
  /** The header, once it has been read. */
  header: HeaderEntry | undefined;

  private readonly context: DecodeContext;
  private readonly crc: Crc64 | undefined;
  private readonly keySlice = new Slice();
  private readonly warnedTypes = new Set<TypeCodec>();
  private skimmer!: Skimmer;
  private phase: 'header' | 'records' | 'large' | 'ending' | 'done' = 'header';
  /** The next row to hand over. */
  private row = 0;
  /** Position after the rows of the table. */
  private reached = 0;
  private large!: LargeValue;
  private ending!: Ending;
  private warnings = 0;
  /** File offset up to which bytes are in the checksum. */
  private summed: number;

  constructor(
    readonly window: Window,
    private readonly handler: RowHandler,
    private readonly options: DriverOptions = {},
  ) {
    this.rows = new RowTable(window.workspace);
    this.summed = window.offset;
    this.crc = options.checksum === false ? undefined : new Crc64();
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.context = {
      dialect: 'redis',
      version: 0,
      limits: this.limits,
      deep: options.deep ?? false,
      templates: new Map(),
      warn: (code, message, pos) => this.warn(code, message, pos),
    };
    this.cursor = new ValueCursor(this.context);
    if (options.resume !== undefined) this.begin(options.resume.header, options.resume.db);
  }

  /** Works on what the window holds. Throws FormatError and its kin, with file offsets. */
  advance(): Progress {
    for (;;) {
      const progress = this.advancePhase();
      if (progress === undefined) continue;
      this.sum();
      return progress;
    }
  }

  /** Sends the value of a whole row to `sink`; a handler calls it from {@link RowHandler.key}. */
  readValue(row: number, level: Level, sink: ValueSink): void {
    const { cursor, rows, window } = this;
    const codec = rows.codecOf(row);
    const end = rows.end[row]!;
    cursor.start(window.bytes, rows.valuePos[row]!, end, level);
    if (codec === STRING) {
      cursor.string(cursor.a);
      sink.string(cursor.a);
    } else {
      if (UNCONFIRMED_TYPES.has(codec)) this.warnUnconfirmed(codec, rows.start[row]!);
      const finished = codec.read(cursor, sink).next().done;
      if (!finished) throw new TruncatedError('the value ends inside an element', cursor.pos);
    }
    if (cursor.pos !== end) throw new FormatError('BAD_LENGTH', 'the value is shorter than its bounds', cursor.pos);
  }

  /** Reads the key of a row. */
  readKey(row: number, slice: Slice): void {
    const { window, rows } = this;
    readString(window.bytes, rows.keyPos[row]!, rows.valuePos[row]!, slice, this.limits.maxBlobBytes);
  }

  /** File offset of a position in the window. */
  offsetOf(pos: number): number {
    return this.window.base + pos;
  }

  warn(code: WarningCode, message: string, pos: number): void {
    if (this.warnings++ < MAX_WARNINGS) this.handler.warning({ code, message, offset: this.offsetOf(pos) });
  }

  /** Undefined when there is more to do with what the window holds. */
  private advancePhase(): Progress | undefined {
    switch (this.phase) {
      case 'header':
        return this.readHeader();
      case 'records':
        return this.row < this.rows.count ? this.handOverRows() : this.skimMore();
      case 'large':
        return this.readLarge();
      case 'ending':
        return this.readEnding();
      case 'done':
        return 'done';
    }
  }

  private readHeader(): Progress | undefined {
    const { window } = this;
    if (window.available < HEADER_SIZE && !window.ended) return this.need(HEADER_SIZE);
    if (window.available === 0) throw new FormatError('EMPTY_INPUT', 'there is nothing to read: 0 bytes', 0);
    const header = decodeHeader(window.bytes, window.pos, window.end);
    this.begin(header, 0);
    const odd = versionWarning(header);
    if (odd !== undefined) this.warn(odd.code, odd.message, window.pos);
    this.consume(window.pos + HEADER_SIZE);
    this.handler.record(header);
    return undefined;
  }

  /** Records of such a file come now. */
  private begin(header: HeaderEntry, db: number): void {
    const { context, rows, window, limits } = this;
    const { magic, version } = header;
    const dialect = magic === 'VALKEY' ? 'valkey' : 'redis';
    this.header = header;
    context.dialect = dialect;
    context.version = version;
    this.skimmer = new Skimmer(dialect, version, typeTable(context), rows, limits.largeValueBytes, window.workspace);
    this.skimmer.db = db;
    this.phase = 'records';
  }

  /** Fills the row table. */
  private skimMore(): Progress | undefined {
    const { rows, window, skimmer } = this;
    this.row = 0;
    this.reached = skimmer.skim(window.bytes, window.pos, window.end);
    if (rows.count > 0) return undefined;
    if (skimmer.error !== undefined) throw this.locatePart(skimmer.error);
    const { partValuePos, wanted } = skimmer;
    if (partValuePos < 0 || wanted - partValuePos <= this.limits.largeValueBytes)
      return this.needRecord(wanted - window.pos);
    skimmer.takePart(window.bytes, window.end);
    return this.startLarge(0);
  }

  private handOverRows(): Progress | undefined {
    const { rows, handler } = this;
    while (this.row < rows.count) {
      if (this.handOverBulk()) {
        if (handler.full()) return 'pause';
        continue;
      }
      const row = this.row++;
      if (rows.isKey[row] === 0) {
        this.handOverRecord(row);
      } else if (rows.end[row]! - rows.valuePos[row]! > this.limits.largeValueBytes) {
        return this.startLarge(row);
      } else {
        this.handOverKey(row);
      }
      if (this.row === rows.count) this.finishRows();
      if (handler.full()) return 'pause';
    }
    return undefined;
  }

  /** Whether the handler took some of them at once. */
  private handOverBulk(): boolean {
    const { rows, handler, row } = this;
    if (handler.bulk === undefined) return false;
    const last = rows.count - 1;
    // Only the last row of a table can be a large value.
    const isLarge = rows.isKey[last] === 1 && rows.end[last]! - rows.valuePos[last]! > this.limits.largeValueBytes;
    const next = handler.bulk(rows, row, isLarge ? last : rows.count);
    this.row = next;
    if (next === rows.count) this.finishRows();
    return next !== row;
  }

  /** What stands behind the last row, be it an error, is looked at by the next skim. */
  private finishRows(): void {
    this.consume(this.reached);
    this.rows.count = 0;
    this.row = 0;
  }

  private handOverKey(row: number): void {
    const { rows, window } = this;
    try {
      this.handler.key(rows, row, window.bytes);
    } catch (error) {
      throw locate(error, window.base, rows.db[row], this.keyNameAt(rows.keyPos[row]!));
    }
  }

  private handOverRecord(row: number): void {
    const { rows, window, cursor } = this;
    const kind = rows.kind[row]!;
    if (kind === OPCODE.EOF) {
      this.phase = 'ending';
      return;
    }
    cursor.start(window.bytes, rows.valuePos[row]!, rows.end[row]!, 'element');
    let record: RdbRecord;
    try {
      record = decodeRecord(kind, cursor, rows.valuePos[row]!, rows.end[row]!, rows.db[row]!);
    } catch (error) {
      throw locate(error, window.base);
    }
    this.handler.record(record);
  }

  /**
   * A collection's least end says little about where it really ends, and each try skims it from its start: beyond a size
   * where that matters, ask for half as much again.
   */
  private needRecord(wanted: number): Progress {
    const { window, skimmer, limits } = this;
    this.expect(wanted, skimmer.partKeyPos < 0 ? 'a record, before the EOF opcode' : 'a value');
    // Before the value nothing is streamed: a key or a record that is longer than the limit cannot be held.
    if (skimmer.partValuePos < 0 && wanted > limits.maxBlobBytes + PATIENT_BYTES) {
      throw new LimitError(
        'LIMIT_BLOB',
        `a record of ${wanted} bytes is longer than maxBlobBytes, ${limits.maxBlobBytes}`,
        window.offset,
      );
    }
    if (window.available < PATIENT_BYTES) return this.need(wanted);
    const head = skimmer.partValuePos < 0 ? 0 : skimmer.partValuePos - window.pos;
    const large = head + limits.largeValueBytes + 1;
    const left = window.totalBytes === undefined ? Infinity : window.totalBytes - window.offset;
    return this.need(Math.max(wanted, Math.min(Math.ceil(window.available * 1.5), large, left)));
  }

  private startLarge(row: number): Progress | undefined {
    const { rows, window, cursor } = this;
    const codec = rows.codecOf(row);
    const db = rows.db[row]!;
    const key = this.copyKey(row);
    if (UNCONFIRMED_TYPES.has(codec)) this.warnUnconfirmed(codec, rows.start[row]!);
    const request = this.openLarge(row, db, key);
    this.consume(rows.valuePos[row]!);
    rows.count = 0;
    this.row = 0;
    this.large = new LargeValue(codec, window, cursor, request, (to) => this.consume(to), db, key);
    this.phase = 'large';
    return this.handler.full() ? 'pause' : undefined;
  }

  private openLarge(row: number, db: number, key: Uint8Array): LargeRequest {
    const { rows, window, handler } = this;
    try {
      return handler.largeStart(rows, row, window.bytes);
    } catch (error) {
      // A handler that reads the value somewhere else has placed its errors itself.
      throw error instanceof FormatError && error.trail.length > 0 ? error : locate(error, window.base, db, key);
    }
  }

  private copyKey(row: number): Uint8Array {
    try {
      this.readKey(row, this.keySlice);
      return this.keySlice.copy();
    } catch (error) {
      throw locate(error, this.window.base, this.rows.db[row]);
    }
  }

  private readLarge(): Progress | undefined {
    const { large, window } = this;
    if (!large.ready) {
      window.expect(large.wanted, 'a value');
      return this.need(large.wanted);
    }
    if (large.step()) {
      this.phase = 'records';
      large.release();
      this.handler.largeEnd(window.offset - large.offset);
      this.sum();
      window.shrink();
    }
    return this.handler.full() ? 'pause' : undefined;
  }

  private readEnding(): Progress | undefined {
    const { window } = this;
    if (this.ending === undefined) this.sum();
    this.ending ??= new Ending(window, this.header!.version, this.crc, this.options.leavesTail);
    const end = this.ending.read();
    if (typeof end === 'number') {
      this.wanted = end;
      return 'need';
    }
    if (end.trailing === 'unknown')
      this.warn('TRAILING_BYTES', describeTrailing(end.trailingBytes), this.ending.offset - window.base);
    this.handler.record(end);
    this.phase = 'done';
    return undefined;
  }

  private need(wanted: number): Progress {
    this.wanted = wanted;
    return 'need';
  }

  /** Moves the window's position; the checksum follows later, in larger pieces. */
  private consume(to: number): void {
    this.window.pos = to;
  }

  /** Adds what has been consumed to the checksum: before the window may be refilled or moved, and before the end. */
  private sum(): void {
    const { window, crc } = this;
    const { kernels } = window;
    const start = this.summed - window.base;
    if (kernels === undefined) crc?.update(window.bytes, start, window.pos);
    else crc?.updateWindow(kernels, start, window.pos);
    this.summed = window.offset;
  }

  private warnUnconfirmed(codec: TypeCodec, pos: number): void {
    if (this.warnedTypes.has(codec)) return;
    this.warnedTypes.add(codec);
    this.warn('UNCONFIRMED_LAYOUT', `the layout of ${codec.encoding} values has not been confirmed by a server`, pos);
  }

  private expect(wanted: number, what: string): void {
    const { window, skimmer } = this;
    try {
      window.expect(wanted, what);
    } catch (error) {
      throw locate(error, 0, skimmer.db, this.keyNameAt(skimmer.partKeyPos)); // Its offset counts in the file already.
    }
  }

  private locatePart(error: unknown): unknown {
    return locate(error, this.window.base, this.skimmer.db, this.keyNameAt(this.skimmer.partKeyPos));
  }

  private keyNameAt(pos: number): Uint8Array | undefined {
    if (pos < 0) return undefined;
    try {
      const next = readString(this.window.bytes, pos, this.window.end, this.keySlice, this.limits.maxBlobBytes);
      return next > this.window.end ? undefined : this.keySlice.copy();
    } catch {
      return undefined; // The key itself may be what is broken: the error that is being described says so.
    }
  }
}
