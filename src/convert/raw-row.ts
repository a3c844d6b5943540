/** Copies records of keys from one file to another of the same dialect, as they stand. */
import { skipLength } from '../codecs/length.js';
import { OPCODE } from '../rdb/constants.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { RdbEncoder } from '../rdb/encoder.js';
import type { KeyAttributes } from '../rdb/key-attributes.js';
import { RowKeyInfo } from '../rdb/key-info.js';
import { decodeKeyMeta } from '../rdb/records.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from '../rdb/rows.js';

const info = new RowKeyInfo();

/** Copies a whole record into database `db`. */
export function copyRow(encoder: RdbEncoder, driver: RdbDriver, row: number, db: number): void {
  const { rows, window } = driver;
  const { bytes } = window;
  if (hasOwnAttributes(rows, row, bytes)) {
    encoder.rawRecords(db, bytes, rows.start[row]!, rows.end[row]!, 1);
    return;
  }
  info.read(driver, row, false);
  const attributes = attributesOf(driver, row, db);
  encoder.rawKey(attributes, info.key, info.rdbType, bytes, rows.valuePos[row]!, rows.end[row]!);
}

/** Begins the copy of a record whose value comes in pieces: `rawChunk` as often as need be, then `endRawKey`. */
export function beginLargeRow(encoder: RdbEncoder, driver: RdbDriver, row: number, db: number): void {
  info.read(driver, row, true);
  encoder.beginRawKey(attributesOf(driver, row, db), info.key, info.rdbType);
}

/** What stands before the type byte, of the row that `info` holds. */
function attributesOf(driver: RdbDriver, row: number, db: number): KeyAttributes {
  const { expireAt, idleSeconds, freq } = info;
  const { rows, cursor, window } = driver;
  const metaPos = rows.metaPos[row]!;
  if (metaPos < 0) return { db, expireAt, idleSeconds, freq };
  cursor.bytes = window.bytes;
  return { db, expireAt, idleSeconds, freq, meta: decodeKeyMeta(cursor, metaPos, rows.keyPos[row]! - 1) };
}

/** Whether all attributes stand in the record itself: some may come before another record, and belong to this key still. */
function hasOwnAttributes(rows: RowTable, row: number, bytes: Uint8Array): boolean {
  const typePos = rows.keyPos[row]! - 1;
  const metaPos = rows.metaPos[row]!;
  const end = metaPos < 0 ? typePos : metaPos - 1;
  let flags = 0;
  for (let pos = rows.start[row]!; pos < end; ) {
    switch (bytes[pos]) {
      case OPCODE.EXPIRETIME_MS:
        flags |= ROW_EXPIRY;
        pos += 9;
        break;
      case OPCODE.EXPIRETIME:
        flags |= ROW_EXPIRY;
        pos += 5;
        break;
      case OPCODE.FREQ:
        flags |= ROW_FREQ;
        pos += 2;
        break;
      case OPCODE.IDLE:
        flags |= ROW_IDLE;
        pos = skipLength(bytes, pos + 1, end);
        break;
      default:
        // Metadata that stands twice, or before another attribute: rather written anew.
        return false;
    }
  }
  return flags === rows.flags[row];
}
