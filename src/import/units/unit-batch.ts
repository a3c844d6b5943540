/**
 * Commands for many keys, as bytes with a table: a *unit* is what belongs to one key or function library, a number of
 * requests that follow one another. There is no object per key; the columns are arrays of plain numbers.
 */
import { ARGUMENT_OVERHEAD, formatArgument } from '../../codecs/resp.js';

/** What a unit is. */
export const UNIT = {
  KEY: 0,
  FUNCTION: 1,
  /** It turned out that the target cannot have the key: what the requests leave behind is nothing. */
  LOST: 2,
  /** The target refuses arguments of this size, and ends the connection: it is not sent. */
  TOO_LARGE: 3,
} as const;

export type UnitKind = (typeof UNIT)[keyof typeof UNIT];

/** Columns, by number of the unit. */
export class UnitBatch {
  bytes: Uint8Array;
  /** Of {@link bytes}, that are commands. */
  size = 0;
  count = 0;
  /** The database of all of them. */
  db = 0;
  /** Units of the import that are behind it once this batch is, `[from, to)`: its own, and those that were left out. */
  from = 0;
  to = 0;
  /** Of those that were left out: keys that had expired, and keys and function libraries that the target cannot have. */
  expired = 0;
  unsupported = 0;
  unsupportedFunctions = 0;
  readonly kinds: UnitKind[] = [];
  /** Its number in the import. */
  readonly ordinals: number[] = [];
  /** Where its commands begin; they end where the next one's do. */
  readonly starts: number[] = [];
  readonly requests: number[] = [];
  readonly slots: number[] = [];
  /** 1: it was sent before, perhaps, so that what there is of it is ours. */
  readonly owned: number[] = [];
  /** 1: its key is built under its temporary name, and has to be moved. */
  readonly moved: number[] = [];
  /** Keys as arguments of a command, one behind the other. */
  keys: Uint8Array;
  /** Where the argument of a unit's key ends. */
  readonly keyEnds: number[] = [];
  /** The first unit was begun in the batch before, the last one goes on in the next. */
  continues = false;
  isOpen = false;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.keys = new Uint8Array(sizeBytes >> 2);
  }

  clear(): void {
    this.size = this.count = this.expired = this.unsupported = this.unsupportedFunctions = 0;
    this.continues = this.isOpen = false;
    for (const column of [
      this.kinds,
      this.ordinals,
      this.starts,
      this.requests,
      this.slots,
      this.owned,
      this.moved,
      this.keyEnds,
    ])
      column.length = 0;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.size + end - start;
    if (needed > this.bytes.length) this.bytes = grown(this.bytes, this.size, needed);
    this.bytes.set(bytes.subarray(start, end), this.size);
    this.size = needed;
  }

  /** Begins a unit; its commands begin at `start`. */
  add(kind: UnitKind, ordinal: number, slot: number, start: number, key: Uint8Array, from: number, to: number): void {
    const { count, keys } = this;
    const keyPos = count === 0 ? 0 : this.keyEnds[count - 1]!;
    const needed = keyPos + to - from + ARGUMENT_OVERHEAD;
    if (needed > keys.length) this.keys = grown(keys, keyPos, needed);
    this.keyEnds[count] = formatArgument(key, from, to, this.keys, keyPos);
    this.kinds[count] = kind;
    this.ordinals[count] = ordinal;
    this.starts[count] = start;
    this.requests[count] = 0;
    this.slots[count] = slot;
    this.owned[count] = 0;
    this.moved[count] = 0;
    this.count = count + 1;
  }

  /** Takes the last unit back, of which there are no commands. */
  dropLast(): void {
    this.count--;
  }

  /** Goes on with the last unit of `before`, whose bytes from `from` on are the first ones here. */
  continueUnit(before: UnitBatch, from: number): void {
    const unit = before.count - 1;
    const key = before.keyOf(unit);
    this.db = before.db;
    this.add(before.kinds[unit]!, before.ordinals[unit]!, before.slots[unit]!, 0, key, 0, key.length);
    this.owned[0] = before.owned[unit]!;
    this.continues = true;
    this.append(before.bytes, from, before.size);
  }

  /** Where the commands of a unit end. */
  endOf(unit: number): number {
    return unit + 1 < this.count ? this.starts[unit + 1]! : this.size;
  }

  /** The key of a unit as an argument of a command. */
  keyArgument(unit: number): Uint8Array {
    return this.keys.subarray(unit === 0 ? 0 : this.keyEnds[unit - 1]!, this.keyEnds[unit]);
  }

  /** A copy of the key of a unit. */
  keyOf(unit: number): Uint8Array {
    const argument = this.keyArgument(unit);
    return argument.slice(argument.indexOf(LF) + 1, argument.length - LINE_END_SIZE);
  }
}

const LF = 0x0a;
const LINE_END_SIZE = 2;

function grown(bytes: Uint8Array, used: number, needed: number): Uint8Array {
  const larger = new Uint8Array(Math.max(needed, Math.min(bytes.length * 2, needed + 16 * 1024 * 1024)));
  larger.set(bytes.subarray(0, used));
  return larger;
}
