/** One key's facts, read from a row without allocating: the {@link KeyInfo} that visitors and writers see. */
import { Int64 } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import type { RdbDriver } from './driver.js';
import type { ValueEncoding, ValueType } from './model.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE } from './rows.js';
import { STRING, stringEncoding } from './types/string.js';
import type { KeyInfo } from './visitor.js';

export class RowKeyInfo implements KeyInfo {
  db = 0;
  readonly key = new Slice();
  rdbType = 0;
  type: ValueType = 'string';
  encoding: ValueEncoding = 'raw';
  expireAt: Int64 | undefined;
  idleSeconds: number | undefined;
  freq: number | undefined;
  offset = 0;
  valueBytes: number | undefined;
  private readonly expiry = new Int64();

  /** Reads row `row` of the driver's table; `large` where its value is streamed and its end not known. */
  read(driver: RdbDriver, row: number, large: boolean): void {
    const { rows, window } = driver;
    const codec = rows.codecOf(row);
    const flags = rows.flags[row]!;
    const valuePos = rows.valuePos[row]!;
    this.db = rows.db[row]!;
    this.rdbType = rows.kind[row]!;
    this.type = codec.type;
    this.encoding = codec === STRING ? stringEncoding(window.bytes[valuePos]!) : codec.encoding;
    this.offset = driver.offsetOf(rows.start[row]!);
    this.valueBytes = large ? undefined : rows.end[row]! - valuePos;
    this.expiry.set(rows.expireHi[row]!, rows.expireLo[row]!);
    this.expireAt = flags & ROW_EXPIRY ? this.expiry : undefined;
    this.idleSeconds = flags & ROW_IDLE ? rows.idleSeconds[row]! : undefined;
    this.freq = flags & ROW_FREQ ? rows.freq[row]! : undefined;
    driver.readKey(row, this.key);
  }
}
