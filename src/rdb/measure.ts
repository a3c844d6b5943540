/**
 * How large a value is: its elements, and for values too large for the window also its bytes, which the skim leaves open.
 *
 * Elements are what the server's LLEN, SCARD, ZCARD, HLEN and XLEN count, the elements of an array, the fields in all
 * paths of a path hash, the key names and arguments of a cron job; a string and a module value count as one.
 */
import { UnsupportedError } from '../bytes/errors.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { WINDOW_BYTES, Window } from '../bytes/window.js';
import { decodeLength, skipLength } from '../codecs/length.js';
import { skipString } from '../codecs/string.js';
import { TYPE } from './constants.js';
import { ValueCursor } from './cursor.js';
import type { RdbDriver } from './driver.js';
import { LargeValue } from './large-value.js';
import { locate } from './locate.js';
import type { StreamState } from './model.js';
import { countPacked, countPackedFromHead, NO_COUNT, PACKED_NONE, packedStructure } from './packed-count.js';
import type { Bounds } from './range.js';
import type { TypeCodec, ValueSink } from './types/type-codec.js';
import type { Level } from './visitor.js';

export { NO_COUNT };

/** Where the count of elements stands in the values that begin with one, by type byte. */
const COUNT_POS = new Int8Array(256).fill(NO_COUNT);
for (const type of [TYPE.LIST, TYPE.SET, TYPE.ZSET, TYPE.HASH, TYPE.ZSET_2, TYPE.ARRAY]) COUNT_POS[type] = 0;
// Redis and Valkey disagree about type 22 only behind the count.
COUNT_POS[TYPE.R_HASH_METADATA_PRE_GA] = 0;
COUNT_POS[TYPE.HASH_METADATA] = 8;

/** Counts elements and drops them. */
export class ElementCounter implements ValueSink {
  count = 0;
  private kind = 0;
  private structure = PACKED_NONE;

  /** Begins with the next value, of this type; returns the level at which it is counted. */
  start(codec: TypeCodec, kind: number): Level {
    this.count = 0;
    this.kind = kind;
    this.structure = packedStructure(codec, kind);
    // A stream keeps its length behind its nodes, which need not be opened for it.
    return this.structure !== PACKED_NONE || codec.type === 'stream' ? 'blob' : 'element';
  }

  string(): void {
    this.count++;
  }

  listItem(): void {
    this.count++;
  }

  setMember(): void {
    this.count++;
  }

  zsetMember(): void {
    this.count++;
  }

  hashField(): void {
    this.count++;
  }

  arrayElement(): void {
    this.count++;
  }

  streamState(state: StreamState): void {
    this.count = state.length;
  }

  streamEntry(): void {}
  streamField(): void {}
  streamEntryEnd(): void {}
  moduleStart(): void {}
  moduleInteger(): void {}
  moduleNumber(): void {}
  moduleString(): void {}
  arrayStart(): void {}
  pathStart(): void {}
  cronStart(): void {}

  blob({ bytes, start, end }: Slice): void {
    if (this.structure !== PACKED_NONE) this.count += countPacked(this.kind, this.structure, bytes, start, end);
  }

  raw(_chunk: Slice): void {}
}

/** The elements of a whole row: from the value's heads where they say so, otherwise by decoding. Throws FormatError. */
export function countElements(driver: RdbDriver, row: number, counter: ElementCounter): number {
  const { rows, window } = driver;
  const codec = rows.codecOf(row);
  const kind = rows.kind[row]!;
  const known = countFromHead(codec, kind, window.bytes, rows.valuePos[row]!, rows.end[row]!);
  if (known !== NO_COUNT) return known;
  driver.readValue(row, counter.start(codec, kind), counter);
  return counter.count;
}

/**
 * Whether a value larger than `largeValueBytes` lies within both bounds. Where its head does not tell, the value is read
 * ahead through {@link ByteSource.readAt}, as far as it takes to decide; the driver and its window stay as they are.
 *
 * Throws UnsupportedError (UNSUPPORTED_INPUT) where it would have to be read ahead and the source cannot, FormatError for
 * a broken value; both with their file offset and trail.
 */
export function isLargeWithin(
  driver: RdbDriver,
  row: number,
  source: ByteSource | undefined,
  size: Bounds,
  elements: Bounds,
): boolean {
  const { rows, window, limits } = driver;
  const codec = rows.codecOf(row);
  const pos = rows.valuePos[row]!;
  // A value that is known to be large shows at least the head of its string.
  const sizeBytes = codec.oneString ? skipString(window.bytes, pos, window.end) - pos : limits.largeValueBytes + 1;
  const sizeFits = size.judge(sizeBytes, codec.oneString);
  if (sizeFits === false) return false;
  const count = countFromHead(codec, rows.kind[row]!, window.bytes, pos, window.end);
  const countFits = elements.judge(Math.max(count, 0), count !== NO_COUNT);
  if (countFits !== undefined && sizeFits !== undefined) return countFits;
  if (countFits === false) return false;
  if (source?.readAt === undefined) throw needsPlainFile(driver, row);
  return new Measurement(driver, row, source as SeekableSource).isWithin(size, sizeFits, elements, countFits);
}

type SeekableSource = ByteSource & Required<Pick<ByteSource, 'readAt'>>;

/** One large value, read ahead through a window and a cursor of its own. */
class Measurement {
  private readonly window = new Window();
  private readonly counter = new ElementCounter();
  private readonly cursor: ValueCursor;
  private readonly key: Uint8Array;
  private readonly db: number;
  private readonly codec: TypeCodec;
  private readonly kind: number;
  /** What the driver has found out already. */
  private readonly leastBytes: number;

  constructor(
    driver: RdbDriver,
    row: number,
    private readonly source: SeekableSource,
  ) {
    const { rows } = driver;
    this.codec = rows.codecOf(row);
    this.kind = rows.kind[row]!;
    this.db = rows.db[row]!;
    this.key = copyKey(driver, row);
    this.leastBytes = driver.limits.largeValueBytes + 1;
    this.window.base = driver.offsetOf(rows.valuePos[row]!);
    this.window.totalBytes = source.sizeBytes;
    // Warnings and the rules of `deep` are for whoever reads the value, which may be nobody.
    this.cursor = new ValueCursor({ ...driver.cursor.context, deep: false, warn: () => undefined });
  }

  /** An answer that is given already is not asked for again. */
  isWithin(size: Bounds, sizeFits: true | undefined, elements: Bounds, countFits: true | undefined): boolean {
    const { window, counter } = this;
    const counting = countFits === undefined;
    const large = this.start(counting ? counter.start(this.codec, this.kind) : 'skip');
    for (;;) {
      while (!large.ready) this.fill(large.wanted);
      const done = large.step();
      const fitsSize = sizeFits ?? size.judge(Math.max(window.offset - large.offset, this.leastBytes), done);
      const fitsCount = countFits ?? elements.judge(counter.count, done);
      if (fitsSize === false || fitsCount === false) return false;
      if (fitsSize === true && fitsCount === true) return true;
    }
  }

  private start(level: Level): LargeValue {
    const { codec, window, cursor, counter, db, key } = this;
    this.fill(1);
    const consume = (to: number): void => {
      window.pos = to;
    };
    return new LargeValue(codec, window, cursor, { level, sink: counter }, consume, db, key);
  }

  private fill(wanted: number): void {
    const { window } = this;
    try {
      window.expect(wanted, 'a value');
    } catch (error) {
      throw locate(error, 0, this.db, this.key);
    }
    const room = window.room(wanted);
    const max = Math.min(room, Math.max(wanted - window.available, WINDOW_BYTES));
    const count = this.source.readAt(window.base + window.end, window.bytes, window.end, max);
    if (count === 0) window.ended = true;
    else window.filled(count);
  }
}

/**
 * The number of elements where what is there of a value before `end` says it without being decoded: a count at its head,
 * the headers of its packed structures, the length behind the nodes of a stream. Otherwise {@link NO_COUNT}.
 */
export function countFromHead(
  codec: TypeCodec,
  kind: number,
  bytes: Uint8Array,
  valuePos: number,
  end: number,
): number {
  const { type } = codec;
  if (type === 'string' || type === 'module') return 1;
  const offset = COUNT_POS[kind]!;
  if (offset !== NO_COUNT) {
    const pos = valuePos + offset;
    return skipLength(bytes, pos, end) > end ? NO_COUNT : decodeLength(bytes, pos);
  }
  if (type === 'stream') return streamLength(bytes, valuePos, end);
  const structure = packedStructure(codec, kind);
  return structure === PACKED_NONE ? NO_COUNT : countPackedFromHead(kind, structure, bytes, valuePos, end);
}

function streamLength(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return NO_COUNT;
  for (let left = decodeLength(bytes, pos) * 2; left > 0; left--) {
    next = skipString(bytes, next, end);
    if (next > end) return NO_COUNT;
  }
  return skipLength(bytes, next, end) > end ? NO_COUNT : decodeLength(bytes, next);
}

function needsPlainFile(driver: RdbDriver, row: number): unknown {
  const { rows, limits } = driver;
  const { largeValueBytes } = limits;
  const limit = largeValueBytes < 2 ** 20 ? `${largeValueBytes} bytes` : `${Math.round(largeValueBytes / 2 ** 20)} MiB`;
  const message = `a size or element filter on a value larger than ${limit} needs a plain file: this input cannot be read ahead`;
  const error = new UnsupportedError('UNSUPPORTED_INPUT', message, driver.offsetOf(rows.valuePos[row]!));
  return locate(error, 0, rows.db[row], copyKey(driver, row));
}

function copyKey(driver: RdbDriver, row: number): Uint8Array {
  const slice = new Slice();
  driver.readKey(row, slice);
  return slice.copy();
}
