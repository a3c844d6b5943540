/** One pass over a dump for the places of its keys. */
import { Slice } from '../../bytes/slice.js';
import { skipLength } from '../../codecs/length.js';
import { OPCODE, TYPE } from '../constants.js';
import type { RdbDriver } from '../driver.js';
import type { LargeRequest } from '../large-value.js';
import type { EndEntry, RdbRecord } from '../model.js';
import { NO_SINK } from '../no-sink.js';
import type { RowHandler } from '../row-handler.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from '../rows.js';
import { FLAG_DEPENDENT, FLAG_EXPIRY, KeyHash } from './layout.js';

const PAUSE_KEYS = 1 << 16;
const REFERRING: ReadonlySet<number> = new Set([TYPE.HASH_TMPL_LP_REF, TYPE.HASH_TMPL_ARRAY_REF]);

/** One key, to be kept by whoever takes it during the call. */
export interface KeyPlace {
  readonly hash: KeyHash;
  readonly offset: number;
  readonly size: number;
  readonly expireHi: number;
  readonly expireLo: number;
  readonly db: number;
  readonly type: number;
  readonly flags: number;
}

export class PlaceHandler implements RowHandler {
  driver!: RdbDriver;
  /** Once it has been read. */
  ending: EndEntry | undefined;
  private keys = 0;
  private readonly name = new Slice();
  private readonly place = { ...NO_PLACE, hash: new KeyHash() };

  constructor(private readonly take: (place: KeyPlace) => void) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
  }

  key(rows: RowTable, row: number): void {
    this.read(rows, row);
    this.place.size = rows.end[row]! - rows.start[row]!;
    this.take(this.place);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    this.read(rows, row);
    // The rest is known when the value has passed.
    this.place.size = rows.valuePos[row]! - rows.start[row]!;
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(valueBytes: number): void {
    this.place.size += valueBytes;
    this.take(this.place);
  }

  warning(): void {}

  /** Now and then, so that a signal is heard. */
  full(): boolean {
    return ++this.keys % PAUSE_KEYS === 0;
  }

  private read(rows: RowTable, row: number): void {
    const { driver, name, place } = this;
    const start = rows.start[row]!;
    driver.readKey(row, name);
    place.hash.set(name.bytes, name.start, name.end);
    place.offset = driver.offsetOf(start);
    place.db = rows.db[row]!;
    place.type = rows.kind[row]!;
    const flags = rows.flags[row]!;
    const hasExpiry = (flags & ROW_EXPIRY) !== 0;
    place.expireHi = hasExpiry ? rows.expireHi[row]! : 0;
    place.expireLo = hasExpiry ? rows.expireLo[row]! : 0;
    place.flags = (hasExpiry ? FLAG_EXPIRY : 0) | (isDependent(rows, row, driver.window.bytes) ? FLAG_DEPENDENT : 0);
  }
}

/** Whether what the record of a key means depends on records before it: its attributes stand apart from it, or it refers to one. */
export function isDependent(rows: RowTable, row: number, bytes: Uint8Array): boolean {
  const flags = rows.flags[row]!;
  if (flags !== 0 && flagsWithin(bytes, rows.start[row]!, rows.keyPos[row]! - 1) !== flags) return true;
  return REFERRING.has(rows.kind[row]!);
}

/**
 * The flags of the attributes in `bytes[start, kindPos)`: the row has more where some stand in front of another record, of
 * which they are no part.
 */
function flagsWithin(bytes: Uint8Array, start: number, kindPos: number): number {
  let flags = 0;
  for (let pos = start; pos < kindPos; ) {
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
        pos = skipLength(bytes, pos + 1, kindPos);
        break;
      default:
        return flags; // Metadata stands last.
    }
  }
  return flags;
}

const NO_PLACE = { offset: 0, size: 0, expireHi: 0, expireLo: 0, db: 0, type: 0, flags: 0 };
