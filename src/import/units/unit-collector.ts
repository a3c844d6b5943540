/** Gathers the commands that a {@link CommandRows} writes into batches of whole units. */
import type { Slice } from '../../bytes/slice.js';
import { type CommandWriter, encodeArgument, skipCommand } from '../../codecs/resp.js';
import type { UnitListener } from '../../convert/rdb-to-commands/command-rows.js';
import { rowExpireAtMs, rowExpires } from '../../convert/row-attributes.js';
import { keySlot } from '../../rdb/key-slot.js';
import type { RowTable } from '../../rdb/rows.js';
import { requireDatabases } from '../source/databases.js';
import type { KeyRenamer } from '../source/rename.js';
import { Counts } from '../tally.js';
import type { BatchPool } from './batch-pool.js';
import type { TemporaryNames } from './temporary-name.js';
import { UNIT, type UnitBatch } from './unit-batch.js';

export interface CollectorOptions {
  readonly pool: BatchPool;
  readonly names: TemporaryNames;
  readonly isCluster: boolean;
  /** Of the target. */
  readonly databases: number;
  readonly renamer: KeyRenamer | undefined;
  /** All keys go to this database; undefined: to that of the same number. */
  readonly db: number | undefined;
  readonly maxBytes: number;
  /** The largest argument that the target takes. */
  readonly maxBulkBytes: number;
  readonly maxUnits: number;
  /** Keys that have expired by now are left out. Unix ms. */
  readonly nowMs: () => number;
}

/** A function library belongs to all servers. */
export const EVERY_SLOT = -1;

const DEL = new TextEncoder().encode('*2\r\n$3\r\nDEL\r\n');

export class UnitCollector implements UnitListener {
  /** Whole batches, the oldest first. */
  readonly ready: UnitBatch[] = [];
  /** Of the key in hand: its number, … */
  ordinal = 0;
  /** … whether it may have been sent before, … */
  isOwned = false;
  /** … whether it is written as commands, … */
  isBuilt = false;
  /** … and whether it is streamed, in batches of its own. */
  isLarge = false;
  private batch: UnitBatch;
  /** Commands of its writer before the unit in hand. */
  private begun = 0;
  /** Of a streamed unit: whole commands reach up to here in the batch. */
  private scanned = 0;
  private isAbandoned = false;
  private writer: CommandWriter | undefined;
  /** Units in front of this one are in batches. */
  private behind = 0;
  /** Databases of the source so far, and the last one. */
  private readonly entered = new Set<number>();
  private lastDb = -1;
  private isLost = false;
  private readonly temporary: Slice;

  constructor(
    private readonly options: CollectorOptions,
    temporary: Slice,
  ) {
    this.batch = options.pool.take();
    this.temporary = temporary;
  }

  /** Takes the output of the handlers. */
  readonly write = (bytes: Uint8Array, start: number, end: number): void => {
    if (!this.isAbandoned) this.batch.append(bytes, start, end);
  };

  keyStart(rows: RowTable, row: number, key: Slice, writer: CommandWriter): boolean {
    const { options, batch } = this;
    options.renamer?.apply(key);
    if (rowExpires(rows, row) && rowExpireAtMs(rows, row) <= options.nowMs()) {
      batch.expired++;
      return false;
    }
    const sourceDb = rows.db[row]!;
    if (sourceDb !== this.lastDb) this.enter(sourceDb);
    const db = options.db ?? sourceDb;
    if (batch.count > 0 && (batch.db !== db || this.isLarge)) this.flush(writer);
    this.batch.db = db;
    const slot = options.isCluster ? keySlot(key.bytes, key.start, key.end) : 0;
    this.begin(UNIT.KEY, slot, key.bytes, key.start, key.end, writer);
    this.clearPlace(key, writer);
    return true;
  }

  functionStart(name: string, writer: CommandWriter): boolean {
    this.flush(writer);
    this.batch.db = this.options.db ?? 0;
    const key = new TextEncoder().encode(name);
    this.begin(UNIT.FUNCTION, EVERY_SLOT, key, 0, key.length, writer);
    return true;
  }

  unitEnd(writer: CommandWriter): void {
    const unit = this.batch.count - 1;
    if (this.isLarge) {
      this.endLarge(writer);
    } else {
      const { batch } = this;
      const requests = writer.commands - this.begun;
      if (this.options.names.takeBuilt()) batch.moved[unit] = 1;
      if (requests === 0) batch.dropLast();
      else batch.requests[unit] = requests;
      if (writer.largestArgument > this.options.maxBulkBytes) batch.kinds[unit] = UNIT.TOO_LARGE;
      if (batch.kinds[unit] === UNIT.FUNCTION) this.flush(writer);
    }
    this.isLost = false;
  }

  /** What has been said of the key in hand does not suffice: it is lost, as somebody else has been told. */
  lose(): void {
    this.isLost = true;
    const { batch } = this;
    batch.unsupported++;
    if (batch.count > 0 && !this.isAbandoned) batch.kinds[batch.count - 1] = UNIT.LOST;
  }

  /**
   * Nothing more of the streamed unit in hand is wanted, if it is this one. `isLost`: it is not done, and nothing that comes
   * behind it says so.
   */
  abandon(ordinal: number, isLost: boolean): void {
    if (isLost && this.behind === ordinal) this.behind = ordinal + 1;
    if (!this.isLarge || ordinal !== this.ordinal || this.isAbandoned) return;
    this.isAbandoned = true;
    this.batch.clear();
  }

  /** A unit that is not wanted. */
  pass(ordinal: number): void {
    if (this.batch.count === 0) this.behind = ordinal + 1;
  }

  /** A function library that the target cannot have. */
  loseFunction(): void {
    this.batch.unsupported++;
    this.batch.unsupportedFunctions++;
  }

  /** Of the batch in hand: units that were left out. */
  get rest(): Counts {
    const { expired, unsupported, unsupportedFunctions } = this.batch;
    const counts = new Counts();
    counts.expired = expired;
    counts.failed = unsupported;
    counts.otherFunctions = unsupportedFunctions;
    return counts;
  }

  /** Whether a batch waits, or is large enough with what has not been handed over yet. */
  isFull(pendingBytes: number): boolean {
    const { batch, options, ready } = this;
    return ready.length > 0 || batch.count >= options.maxUnits || batch.size + pendingBytes >= options.maxBytes;
  }

  /** Ends the batch in hand, after everything has been handed over; in a streamed unit, behind its last whole command. */
  cut(): void {
    const { batch } = this;
    if (batch.count === 0 || this.isAbandoned) return;
    if (!this.isLarge) {
      this.hand(batch);
      return;
    }
    if (this.isTooLarge()) {
      this.giveUp(batch);
      return;
    }
    const requests = this.scan();
    if (requests === 0) return;
    batch.requests[0] = requests;
    batch.isOpen = true;
    this.hand(batch);
    this.batch.continueUnit(batch, this.scanned);
    batch.size = this.scanned;
    this.scanned = 0;
  }

  /** Throws EncodeError where the target has no place for the database. */
  private enter(db: number): void {
    const { databases, db: only } = this.options;
    this.lastDb = db;
    this.entered.add(db);
    requireDatabases(this.entered, databases, only);
  }

  private hand(batch: UnitBatch): void {
    batch.from = this.behind;
    batch.to = batch.isOpen ? this.behind : batch.ordinals[batch.count - 1]! + 1;
    this.behind = batch.to;
    this.ready.push(batch);
    this.batch = this.options.pool.take();
  }

  private isTooLarge(): boolean {
    return (this.writer?.largestArgument ?? 0) > this.options.maxBulkBytes;
  }

  /** A streamed unit that cannot be sent: what has been sent of it is taken away. */
  private giveUp(batch: UnitBatch): void {
    this.isAbandoned = true;
    batch.kinds[0] = UNIT.TOO_LARGE;
    batch.size = 0;
    batch.requests[0] = 0;
    if (batch.continues) {
      const name = encodeArgument(this.temporary.copy());
      batch.append(DEL, 0, DEL.length);
      batch.append(name, 0, name.length);
      batch.requests[0] = 1;
    }
    this.hand(batch);
  }

  private flush(writer: CommandWriter): void {
    writer.out.flush();
    const { isLarge } = this;
    this.isLarge = false;
    this.cut();
    this.isLarge = isLarge;
  }

  private begin(
    kind: typeof UNIT.KEY | typeof UNIT.FUNCTION,
    slot: number,
    key: Uint8Array,
    from: number,
    to: number,
    writer: CommandWriter,
  ): void {
    const { batch } = this;
    this.writer = writer;
    writer.largestArgument = 0;
    this.begun = writer.commands;
    this.scanned = 0;
    batch.add(kind, this.ordinal, slot, batch.size + writer.out.pos, key, from, to);
    if (this.isOwned) batch.owned[batch.count - 1] = 1;
  }

  /** What an earlier attempt may have left is taken away. */
  private clearPlace(key: Slice, writer: CommandWriter): void {
    const { names } = this.options;
    names.ordinal = this.ordinal;
    if (this.isOwned && !names.replaces) {
      writer.startEncoded(DEL);
      writer.slice(key);
    }
    if (!this.isBuilt || !(this.isOwned || this.isLarge)) return;
    names.temporary(key, this.temporary);
    writer.startEncoded(DEL);
    writer.slice(this.temporary);
  }

  private endLarge(writer: CommandWriter): void {
    writer.out.flush();
    if (this.isTooLarge() && !this.isAbandoned) this.giveUp(this.batch);
    const { batch, isAbandoned } = this;
    this.isAbandoned = false;
    if (isAbandoned) {
      batch.clear();
    } else {
      batch.requests[0] = this.scan();
      if (batch.requests[0] === 0 && !batch.continues) batch.clear();
      if (this.options.names.takeBuilt()) batch.moved[0] = 1;
      if (this.isLost) batch.kinds[0] = UNIT.LOST;
    }
    this.isLarge = false;
    this.cut();
  }

  /** Commands that are whole by now, since the last cut. */
  private scan(): number {
    const { bytes, size } = this.batch;
    let count = 0;
    let pos = 0;
    for (let next = 0; pos < size; pos = next, count++) {
      next = skipCommand(bytes, pos, size);
      if (next > size) break;
    }
    this.scanned = pos;
    return count;
  }
}
