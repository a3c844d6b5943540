/** What stands before a key's type byte, for the target: expiry, idle time or frequency, metadata (rdb-format.md §6.1). */
import { Int64 } from '../bytes/int64.js';
import { skipLength } from '../codecs/length.js';
import { OPCODE } from '../rdb/constants.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { KeyAttributes } from '../rdb/key-attributes.js';
import type { KeyMeta } from '../rdb/model.js';
import { decodeKeyMeta } from '../rdb/records.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from '../rdb/rows.js';
import type { Target } from '../rdb/versions.js';
import type { PartLoss } from './adapt-hash.js';
import type { ExpiryMover } from './expiry-action.js';
import type { LossLedger } from './loss.js';

/** The last moment of which the seconds fit 31 bits. */
const LAST_SECOND_MS = 0x7fffffff * 1000;

/** Whether the key of this row expires: a stored −1 is no expiry. */
export function rowExpires(rows: RowTable, row: number): boolean {
  return (rows.flags[row]! & ROW_EXPIRY) !== 0 && !(rows.expireHi[row] === -1 && rows.expireLo[row] === -1);
}

/** Expiry of a row that has one, Unix ms; beyond 2^53 to the nearest double. */
export function rowExpireAtMs(rows: RowTable, row: number): number {
  return rows.expireHi[row]! * 0x100000000 + (rows.expireLo[row]! >>> 0);
}

/** Whether the key of this row had expired before `timeMs`. */
export function isExpiredBefore(rows: RowTable, row: number, timeMs: number): boolean {
  return timeMs !== -Infinity && rowExpires(rows, row) && rowExpireAtMs(rows, row) < timeMs;
}

/** The attributes of one key, as the target gets them. Reused from key to key. */
export class RowAttributes implements KeyAttributes {
  db = 0;
  expireAt: Int64 | undefined;
  idleSeconds: number | undefined;
  freq: number | undefined;
  meta: readonly KeyMeta[] | undefined;
  private readonly expiry = new Int64();

  constructor(
    private readonly target: Target,
    private readonly mover: ExpiryMover,
    private readonly dropModules: boolean,
    private readonly ledger: LossLedger,
  ) {}

  /**
   * True where the bytes before the type byte may stay as they are: every attribute once, in the servers' order, and of a
   * kind that the target takes.
   */
  mayStay(rows: RowTable, row: number, bytes: Uint8Array): boolean {
    const typePos = rows.keyPos[row]! - 1;
    const flags = rows.flags[row]!;
    const metaPos = rows.metaPos[row]!;
    let pos = rows.start[row]!;
    if (flags === 0 && metaPos < 0) return pos === typePos;
    const { records } = this.target;
    if (flags & ROW_EXPIRY) {
      if (this.mover.isActive || !rowExpires(rows, row) || !records.expireMs) return false;
      if (bytes[pos] !== OPCODE.EXPIRETIME_MS) return false;
      pos += 9;
    }
    if (flags & ROW_IDLE) {
      if (!records.idleAndFreq || bytes[pos] !== OPCODE.IDLE) return false;
      pos = skipLength(bytes, pos + 1, typePos);
    }
    if (flags & ROW_FREQ) {
      if (!records.idleAndFreq || bytes[pos] !== OPCODE.FREQ) return false;
      pos += 2;
    }
    if (metaPos < 0) return pos === typePos;
    return records.keyMeta && !this.dropModules && metaPos - 1 === pos;
  }

  /** Reads the attributes of a row; adds what the target cannot hold to `losses`. */
  read(driver: RdbDriver, row: number, db: number, losses: PartLoss[]): void {
    const { rows } = driver;
    const flags = rows.flags[row]!;
    const { idleAndFreq } = this.target.records;
    this.db = db;
    this.expireAt = rowExpires(rows, row) ? this.readExpiry(rows, row, losses) : undefined;
    this.idleSeconds = flags & ROW_IDLE ? rows.idleSeconds[row]! : undefined;
    this.freq = flags & ROW_FREQ ? rows.freq[row]! : undefined;
    if (!idleAndFreq) this.omitUsage();
    this.meta = rows.metaPos[row]! < 0 ? undefined : this.readMeta(driver, row, losses);
  }

  private omitUsage(): void {
    const { ledger } = this;
    if (this.idleSeconds !== undefined) {
      ledger.omit('idle times');
      ledger.change('opcode', OPCODE.IDLE);
    }
    if (this.freq !== undefined) {
      ledger.omit('frequencies');
      ledger.change('opcode', OPCODE.FREQ);
    }
  }

  private readExpiry(rows: RowTable, row: number, losses: PartLoss[]): Int64 | undefined {
    const { expiry } = this;
    expiry.set(rows.expireHi[row]!, rows.expireLo[row]!);
    if (!this.mover.move(expiry)) return undefined;
    return this.target.records.expireMs ? expiry : this.toSeconds(expiry, losses);
  }

  /** Seconds of 31 bits. What expired before 1970 may as well have expired at its first second. */
  private toSeconds(expiry: Int64, losses: PartLoss[]): Int64 | undefined {
    const ms = expiry.toNumber();
    this.ledger.change('opcode', OPCODE.EXPIRETIME_MS);
    if (ms > LAST_SECOND_MS) {
      losses.push({ what: 'expiry-range', detail: `expires at ${ms} ms: the key no longer expires` });
      return undefined;
    }
    if (ms % 1000 !== 0) losses.push({ what: 'expiry-fraction', detail: `expires at ${ms} ms` });
    const rounded = Math.max(1000, Math.ceil(ms / 1000) * 1000);
    expiry.set(Math.floor(rounded / 0x100000000), rounded | 0);
    return expiry;
  }

  private readMeta(driver: RdbDriver, row: number, losses: PartLoss[]): readonly KeyMeta[] | undefined {
    const { rows, cursor, window } = driver;
    cursor.bytes = window.bytes;
    const meta = decodeKeyMeta(cursor, rows.metaPos[row]!, rows.keyPos[row]! - 1);
    if (this.target.records.keyMeta && !this.dropModules) return meta;
    losses.push({ what: 'key-meta', detail: `classes ${meta.map(({ name }) => name).join(', ')}` });
    return undefined;
  }
}
