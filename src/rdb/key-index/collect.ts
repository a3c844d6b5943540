/** One pass over a dump for the places of its keys. */
import { Slice } from '../../bytes/slice.js';
import { TYPE } from '../constants.js';
import type { RdbDriver } from '../driver.js';
import type { LargeRequest } from '../large-value.js';
import type { EndEntry, RdbRecord } from '../model.js';
import { NO_SINK } from '../no-sink.js';
import type { RowHandler } from '../row-handler.js';
import { ROW_EXPIRY, type RowTable } from '../rows.js';
import { FLAG_DEPENDENT, FLAG_EXPIRY, KeyHash } from './layout.js';

const PAUSE_KEYS = 1 << 16;
/** Smallest opcode; a record that begins with its attributes begins with one. */
const FIRST_OPCODE = 0xf2;
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
    // Attributes may stand in front of another record: then they are not in this one.
    const standsApart = flags !== 0 && driver.window.bytes[start]! < FIRST_OPCODE;
    place.flags = (hasExpiry ? FLAG_EXPIRY : 0) | (standsApart || REFERRING.has(place.type) ? FLAG_DEPENDENT : 0);
  }
}

const NO_PLACE = { offset: 0, size: 0, expireHi: 0, expireLo: 0, db: 0, type: 0, flags: 0 };
