/** What a driver hands rows to. */
import type { LargeRequest } from './large-value.js';
import type { RdbRecord, RdbWarning } from './model.js';
import type { RowTable } from './rows.js';

/** Who receives rows. Positions in rows count in `bytes` and are void after the call. */
export interface RowHandler {
  /** A record that is no key; header first, end last. */
  record(record: RdbRecord): void;
  /** A key whose record is whole. */
  key(rows: RowTable, row: number, bytes: Uint8Array): void;
  /**
   * Many at once: takes the keys from row `from` on for which there is a faster way than {@link RowHandler.key}, and returns
   * the row that it stopped at, `from` where it took none. Rows that are no keys (`isKey` 0) are not its business, nor are
   * values in which something is wrong: it stops in front of them, and `key` says what.
   */
  bulk?(rows: RowTable, from: number, to: number): number;
  /** A key whose value is larger than `largeValueBytes`: its end is not known, the row's `end` means nothing. */
  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest;
  /** A large value has been handed over; `valueBytes` is what it took in the file. */
  largeEnd(valueBytes: number): void;
  warning(warning: RdbWarning): void;
  /** True asks {@link RdbDriver.advance} to return `pause`: after a record, and now and then inside a large value. */
  full(): boolean;
}
