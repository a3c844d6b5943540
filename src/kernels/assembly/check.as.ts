/**
 * Rows held against every rule, as inspect/check-handler.ts does in a deep check: values by way of the writers of JSON, which
 * check instead of writing. It stops in front of any row in which something may be wrong; what that is, the twin says.
 */
import {
  CHECK_HASHES,
  CHECK_SEED,
  COLUMN_DB,
  COLUMN_END,
  COLUMN_IS_KEY,
  COLUMN_KEY_POS,
  COLUMN_KIND,
  COLUMN_META_POS,
  COLUMN_VALUE_POS,
  JSON_MAX_BLOB,
  OUT,
} from '../memory-map';
import { writeValue } from './json.as';
import { readString, setCheck, setMaxBlob, size } from './json-entries.as';
import { resetFull } from './json-text.as';
import { entryText } from './json-values.as';

/** Looks at rows from `row` on, and returns the one that it stopped at. The hashes of their keys go to CHECK_HASHES. */
export function check(base: i32, row: i32, to: i32): i32 {
  resetFull();
  setCheck(true);
  const maxBlob = load<i32>(JSON_MAX_BLOB);
  setMaxBlob(maxBlob);
  const seed = load<u32>(CHECK_SEED);
  for (let at = CHECK_HASHES; row < to; row++, at += 8) {
    const column = row << 2;
    if (!load<u8>(COLUMN_IS_KEY + row) || load<i32>(COLUMN_META_POS + column) >= 0) break;
    const valuePos = base + load<i32>(COLUMN_VALUE_POS + column);
    const end = base + load<i32>(COLUMN_END + column);
    const keyPos = base + load<i32>(COLUMN_KEY_POS + column);
    const lead: i32 = load<u8>(keyPos);
    const db = load<i32>(COLUMN_DB + column);
    if (lead < 0x40 && lead <= maxBlob) hashKey(at, seed, db, keyPos + 1, lead);
    else {
      if (readString(keyPos, valuePos) !== valuePos) break;
      hashKey(at, seed, db, entryText(0), size);
    }
    const kind: i32 = load<u8>(COLUMN_KIND + row);
    if (kind !== 0 || load<u8>(valuePos) === 0xc3) {
      if (writeValue(kind, valuePos, end, OUT) === 0) break;
    } else if (end - valuePos > maxBlob) break;
    // A string that is not compressed is whole: that is all there is to it.
  }
  return row;
}

/** The two halves that FingerprintLedger (inspect/fingerprint-ledger.ts) computes for a key. */
function hashKey(at: i32, seed: u32, db: u32, from: i32, bytes: i32): void {
  let lo: u32 = seed ^ (db * 0x9e37_79b1);
  let hi: u32 = <u32>bytes ^ (db * 0x85eb_ca6b);
  let pos = from;
  const end = from + bytes;
  for (; pos + 4 <= end; pos += 4) {
    const word = load<u32>(pos);
    lo = (lo ^ word) * 0x9e37_79b1;
    hi = ((hi ^ (lo >>> 15)) + word) * 0x85eb_ca6b;
    lo ^= hi >>> 13;
  }
  let tail: u32 = 1;
  for (; pos < end; pos++) tail = (tail << 8) | load<u8>(pos);
  lo = (lo ^ tail) * 0xc2b2_ae35;
  hi = (hi ^ (lo >>> 15) ^ tail) * 0x27d4_eb2f;
  lo = (lo ^ (hi >>> 16)) * 0x85eb_ca6b;
  store<u32>(at, lo ^ (lo >>> 13));
  store<u32>(at + 4, (hi ^ (lo >>> 16)) * 0x9e37_79b1);
}
