/** The columns of a row group in the making: plain numbers, and bytes side by side in one array. */
import { copyBytes } from '../../bytes/slice.js';

/** What the Parquet writer takes for a column. */
export type ColumnData =
  | Int32Array
  | BigInt64Array
  | Float64Array
  | string[]
  | Uint8Array[]
  | (number | null)[]
  | (bigint | null)[]
  | (Uint8Array | null)[];

export interface ColumnBuffer {
  /** Bytes that it holds. */
  readonly heldBytes: number;
  /** The values of the first `rows` rows; views are valid until {@link clear}. */
  data(rows: number): ColumnData;
  clear(): void;
}

const FIRST_ROWS = 1024;
const FIRST_BYTES = 16 * 1024;

/** Numbers; null is NaN where `nullable`. */
export class NumberColumn implements ColumnBuffer {
  private values = new Float64Array(FIRST_ROWS);
  private count = 0;
  private nulls = 0;

  constructor(
    private readonly width: 'int32' | 'int64' | 'double',
    private readonly nullable: boolean,
  ) {}

  get heldBytes(): number {
    return this.count * 8;
  }

  push(value: number): void {
    if (this.count === this.values.length) this.values = grown(this.values);
    this.values[this.count++] = value;
  }

  pushNull(): void {
    this.nulls++;
    this.push(Number.NaN);
  }

  data(rows: number): ColumnData {
    const values = this.values.subarray(0, rows);
    if (this.nullable) return this.nullableData(values);
    if (this.width === 'double') return values;
    if (this.width === 'int32') return Int32Array.from(values);
    const wide = new BigInt64Array(rows);
    for (let row = 0; row < rows; row++) wide[row] = BigInt(values[row]!);
    return wide;
  }

  clear(): void {
    this.count = 0;
    this.nulls = 0;
  }

  private nullableData(values: Float64Array): ColumnData {
    if (this.nulls === values.length) return new Array<null>(values.length).fill(null);
    if (this.width === 'int64') return Array.from(values, (value) => (Number.isNaN(value) ? null : BigInt(value)));
    return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  }
}

/** Few different words. */
export class WordColumn implements ColumnBuffer {
  private words: string[] = [];

  get heldBytes(): number {
    return this.words.length * 8;
  }

  push(word: string): void {
    this.words.push(word);
  }

  data(): ColumnData {
    return this.words;
  }

  clear(): void {
    this.words = [];
  }
}

/**
 * Byte strings. One longer than `maxBytes` is not copied: it is lent until the row group is written, which has to happen as
 * soon as its row is complete.
 */
export class BytesColumn implements ColumnBuffer {
  /** It holds a byte string that is lent. */
  isLent = false;
  private arena: Uint8Array = new Uint8Array(FIRST_BYTES);
  private used = 0;
  /** Where each ends in the arena; −1 − n for the nth that is lent, `NULL` for null. */
  private ends = new Float64Array(FIRST_ROWS);
  private count = 0;
  private nulls = 0;
  private lent: Uint8Array[] = [];

  constructor(private readonly maxBytes: number) {}

  get heldBytes(): number {
    return this.used + this.count * 8;
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size > this.maxBytes) {
      this.isLent = true;
      this.pushEnd(-1 - this.lent.length);
      this.lent.push(bytes.subarray(start, end));
      return;
    }
    const { used } = this;
    if (used + size > this.arena.length) this.grow(used + size);
    if (size < 64) for (let pos = start, to = used; pos < end; pos++) this.arena[to++] = bytes[pos]!;
    else this.arena.set(bytes.subarray(start, end), used);
    this.used = used + size;
    this.pushEnd(this.used);
  }

  pushNull(): void {
    this.nulls++;
    this.pushEnd(NULL);
  }

  data(rows: number): (Uint8Array | null)[] {
    const views = new Array<Uint8Array | null>(rows).fill(null);
    if (this.nulls === rows) return views;
    let start = 0;
    for (let row = 0; row < rows; row++) {
      const end = this.ends[row]!;
      if (end === NULL) continue;
      if (end < 0) {
        views[row] = this.lent[-1 - end]!;
      } else {
        views[row] = this.arena.subarray(start, end);
        start = end;
      }
    }
    return views;
  }

  clear(): void {
    this.used = 0;
    this.count = 0;
    this.nulls = 0;
    this.lent = [];
    this.isLent = false;
  }

  private pushEnd(end: number): void {
    if (this.count === this.ends.length) this.ends = grown(this.ends);
    this.ends[this.count++] = end;
  }

  private grow(size: number): void {
    const arena = new Uint8Array(2 ** Math.ceil(Math.log2(size)));
    arena.set(this.arena.subarray(0, this.used));
    this.arena = arena;
  }
}

/** Names of keys, each held once however many rows in turn it has. */
export class KeyColumn implements ColumnBuffer {
  private readonly names: BytesColumn;
  private nameCount = 0;
  private serial = -1;
  private readonly rows = new NumberColumn('int32', false);

  constructor(private readonly maxBytes: number) {
    this.names = new BytesColumn(maxBytes);
  }

  get heldBytes(): number {
    return this.names.heldBytes + this.rows.heldBytes;
  }

  /** The name of the key of a row; the same `serial` as in the row before says that it is the same. */
  push(bytes: Uint8Array, start: number, end: number, serial: number): void {
    if (serial !== this.serial) {
      // A name may outlive its row: what would be lent is copied.
      if (end - start > this.maxBytes) this.names.push(copyBytes(bytes, start, end), 0, end - start);
      else this.names.push(bytes, start, end);
      this.nameCount++;
      this.serial = serial;
    }
    this.rows.push(this.nameCount - 1);
  }

  data(rows: number): ColumnData {
    const names = this.names.data(this.nameCount);
    const indexes = this.rows.data(rows) as Int32Array;
    return Array.from(indexes, (index) => names[index]!);
  }

  clear(): void {
    this.names.clear();
    this.rows.clear();
    this.nameCount = 0;
    this.serial = -1;
  }
}

const NULL = -Infinity;

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(values.length * 2);
  wider.set(values);
  return wider;
}
