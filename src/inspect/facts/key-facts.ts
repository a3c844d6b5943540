/** What reports know of a key: reused from key to key, valid during the call. */
import type { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import type { RdbDriver } from '../../rdb/driver.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import type { ValueEncoding, ValueType } from '../../rdb/model.js';

export interface KeyFacts {
  readonly db: number;
  readonly key: Slice;
  readonly rdbType: number;
  readonly type: ValueType;
  /** How the value stands in the file. */
  readonly encoding: ValueEncoding;
  /** Unix ms, saturating beyond ±2^53; undefined without expiry. */
  readonly expireAtMs: number | undefined;
  /** All 64 bits of it. */
  readonly expireAt: Int64 | undefined;
  readonly idleSeconds: number | undefined;
  readonly freq: number | undefined;
  /** Offset of the record in the file. */
  readonly offset: number;
  /** Bytes of the value in the file. */
  readonly valueBytes: number;
  /** As LLEN, SCARD, … count, 1 for strings; 0 where elements were not asked for. */
  readonly elements: number;
  /** Bytes of the largest element (of a string: the string; of a hash: a field or a value); 0 where not asked for. */
  readonly largestElementBytes: number;
  /** As MEMORY USAGE with SAMPLES 0 on the server that is modelled; 0 where memory was not asked for. */
  readonly memoryBytes: number;
  /** What `used_memory` counts for this key beyond {@link memoryBytes}, the tables of its database aside. May be negative. */
  readonly memoryExtraBytes: number;
  /** As OBJECT ENCODING on the server that is modelled; '' where memory was not asked for. */
  readonly memoryEncoding: string;
  /** {@link memoryBytes} on the second server or with the second settings of a what-if; 0 without one. */
  readonly whatIfBytes: number;
  /** {@link memoryExtraBytes} there. */
  readonly whatIfExtraBytes: number;
}

/** The same, to be filled in by whoever measures. */
export class MutableKeyFacts implements KeyFacts {
  readonly key = new Slice();
  valueBytes = 0;
  elements = 0;
  largestElementBytes = 0;
  memoryBytes = 0;
  memoryExtraBytes = 0;
  memoryEncoding = '';
  whatIfBytes = 0;
  whatIfExtraBytes = 0;
  private readonly info = new RowKeyInfo();

  get db(): number {
    return this.info.db;
  }

  get rdbType(): number {
    return this.info.rdbType;
  }

  get type(): ValueType {
    return this.info.type;
  }

  get encoding(): ValueEncoding {
    return this.info.encoding;
  }

  get expireAt(): Int64 | undefined {
    return this.info.expireAt;
  }

  get expireAtMs(): number | undefined {
    return this.info.expireAt?.toNumber();
  }

  get idleSeconds(): number | undefined {
    return this.info.idleSeconds;
  }

  get freq(): number | undefined {
    return this.info.freq;
  }

  get offset(): number {
    return this.info.offset;
  }

  /** Reads what a row says; the rest is as for a key that nobody has measured. `large`: the value's end is not known yet. */
  readRow(driver: RdbDriver, row: number, large: boolean): void {
    const { info, key } = this;
    info.read(driver, row, large);
    if (large) {
      // The window moves on before the key is reported.
      const copy = info.key.copy();
      key.set(copy, 0, copy.length);
    } else key.set(info.key.bytes, info.key.start, info.key.end);
    this.valueBytes = info.valueBytes ?? 0;
    this.elements = 0;
    this.largestElementBytes = 0;
    this.memoryBytes = 0;
    this.memoryExtraBytes = 0;
    this.memoryEncoding = '';
    this.whatIfBytes = 0;
    this.whatIfExtraBytes = 0;
  }
}
