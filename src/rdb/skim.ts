/**
 * Skim: the synchronous pass that finds where each record begins and ends, and nothing else.
 *
 * It fills the row table, allocates nothing per record, and stops at the first record that is not whole in the window.
 * State moves only when a record is whole, so the same bytes may be skimmed again after a refill.
 */
import { FormatError, UnsupportedError } from '../bytes/errors.js';
import { readInt32Le } from '../bytes/int64.js';
import { decodeLength, skipLength } from '../codecs/length.js';
import { skipString } from '../codecs/string.js';
import { SKIM_COUNT, SKIM_SHAPES, WINDOW } from '../kernels/memory-map.js';
import type { Workspace } from '../kernels/workspace.js';
import { type Dialect, NEWEST_VERSION, OPCODE, TYPE } from './constants.js';
import { skipKeyMeta, skipPayload } from './opcodes.js';
import { ROW_CAPACITY, ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from './rows.js';
import type { TypeTable } from './types/index.js';

/** Smallest byte that is an opcode; value types lie below. */
const FIRST_OPCODE = 0xf2;

/** Types by the shape of their values; the numbers are those of kernels/assembly/skim.as.ts. */
const SHAPES: readonly (readonly [shape: number, types: readonly number[]])[] = [
  [
    1,
    [
      TYPE.STRING,
      TYPE.HASH_ZIPMAP,
      TYPE.LIST_ZIPLIST,
      TYPE.SET_INTSET,
      TYPE.ZSET_ZIPLIST,
      TYPE.HASH_ZIPLIST,
      TYPE.HASH_LISTPACK,
      TYPE.ZSET_LISTPACK,
      TYPE.SET_LISTPACK,
    ],
  ],
  [2, [TYPE.LIST, TYPE.SET, TYPE.LIST_QUICKLIST]],
  [3, [TYPE.HASH]],
  [4, [TYPE.ZSET_2]],
  [5, [TYPE.LIST_QUICKLIST_2]],
];

function shapeOf(type: number): number {
  return SHAPES.find(([, types]) => types.includes(type))?.[0] ?? 0;
}

export class Skimmer {
  /** Database of the records that follow. */
  db = 0;
  /** Where the record that is not whole begins, its key and its value: −1 where not even that much is there. */
  partStart = 0;
  partKeyPos = -1;
  partValuePos = -1;
  /** The least position that must be there before that record can be whole. */
  wanted = 0;
  /** Error met at `partStart`, after the rows of whole records. */
  error: unknown = undefined;

  /** Key attributes that have been read and belong to the next key: other records may stand between. */
  private pending = 0;
  private pendingHi = 0;
  private pendingLo = 0;
  private pendingIdle = 0;
  private pendingFreq = 0;
  /** The same, while a record is being read that may turn out not to be whole. */
  private flags = 0;
  private hi = 0;
  private lo = 0;
  private idle = 0;
  private freq = 0;
  private metaPos = -1;
  /** SKIM_COUNT of the workspace. */
  private readonly kernelCount: Int32Array | undefined;

  /** The rows lie in the workspace, if there is one. */
  constructor(
    private readonly dialect: Dialect,
    private readonly version: number,
    private readonly types: TypeTable,
    private readonly rows: RowTable,
    private readonly largeValueBytes: number,
    private readonly workspace?: Workspace,
  ) {
    rows.types = types;
    this.kernelCount = workspace?.int32(SKIM_COUNT, 1);
    workspace?.uint8(SKIM_SHAPES, 256).set(types.map((codec, type) => (codec === undefined ? 0 : shapeOf(type))));
  }

  /**
   * Fills the table from `bytes[pos, end)` and returns the position after its last row.
   * Stops after EOF or a large value, at a full table, at a record that is not whole (`wanted`), or at an error (`error`).
   */
  skim(bytes: Uint8Array, pos: number, end: number): number {
    const { rows } = this;
    rows.count = 0;
    this.error = undefined;
    let next = pos;
    try {
      while (rows.count < ROW_CAPACITY) {
        next = this.skimPlain(bytes, next, end);
        if (rows.count === ROW_CAPACITY) break;
        this.partStart = next;
        this.partKeyPos = -1;
        this.partValuePos = -1;
        const after = this.skimRecord(bytes, next, end);
        if (after > end) {
          this.wanted = after;
          return next;
        }
        next = after;
        const row = rows.count - 1;
        if (rows.kind[row] === OPCODE.EOF || next - rows.valuePos[row]! > this.largeValueBytes) return next;
      }
      this.wanted = 0;
    } catch (error) {
      this.error = error;
    }
    return next;
  }

  /** Takes the part that is not whole as the one row of the table: a large value, to be streamed from `valuePos` on. */
  takePart(bytes: Uint8Array, end: number): void {
    const { rows } = this;
    rows.count = 0;
    const kindPos = this.partKeyPos - 1;
    this.addKey(this.partStart, bytes[kindPos]!, this.partKeyPos, this.partValuePos, end);
  }

  /** What compiled code can do of it; the position it came to, which is where the other part goes on. */
  private skimPlain(bytes: Uint8Array, pos: number, end: number): number {
    const { rows, workspace, kernelCount } = this;
    if (workspace === undefined || bytes !== workspace.window || this.pending !== 0) return pos;
    kernelCount![0] = rows.count;
    const next = workspace.kernels.skim(WINDOW, pos, end, this.db, Math.min(this.largeValueBytes, 0x7fffffff));
    rows.count = kernelCount![0]!;
    return next;
  }

  private skimRecord(bytes: Uint8Array, start: number, end: number): number {
    let pos = start;
    this.flags = this.pending;
    this.hi = this.pendingHi;
    this.lo = this.pendingLo;
    this.idle = this.pendingIdle;
    this.freq = this.pendingFreq;
    this.metaPos = -1;
    for (;;) {
      if (pos >= end) return pos + 1;
      const kind = bytes[pos]!;
      if (kind < FIRST_OPCODE) return this.skimKey(bytes, start, pos, kind, end);
      const next = this.skimAttribute(bytes, pos, kind, end);
      if (next === 0) return this.skimOpcode(bytes, pos, kind, end);
      if (next > end) return next;
      pos = next;
    }
  }

  private skimKey(bytes: Uint8Array, start: number, pos: number, kind: number, end: number): number {
    const codec = this.types[kind];
    if (codec === undefined) throw this.unknown(kind, pos);
    const valuePos = skipString(bytes, pos + 1, end);
    if (valuePos > end) return valuePos;
    this.partKeyPos = pos + 1;
    this.partValuePos = valuePos;
    const next = kind === TYPE.STRING ? skipString(bytes, valuePos, end) : codec.skip(bytes, valuePos, end);
    if (next > end) return next;
    this.addKey(start, kind, pos + 1, valuePos, next);
    return next;
  }

  private addKey(start: number, kind: number, keyPos: number, valuePos: number, end: number): void {
    const { rows } = this;
    const row = rows.count++;
    rows.start[row] = start;
    rows.kind[row] = kind;
    rows.isKey[row] = 1;
    rows.keyPos[row] = keyPos;
    rows.valuePos[row] = valuePos;
    rows.end[row] = end;
    rows.metaPos[row] = this.metaPos;
    rows.flags[row] = this.flags;
    rows.db[row] = this.db;
    if (this.flags !== 0) {
      rows.expireHi[row] = this.hi;
      rows.expireLo[row] = this.lo;
      rows.idleSeconds[row] = this.idle;
      rows.freq[row] = this.freq;
      this.pending = 0;
    }
  }

  /** Position after a key attribute; 0 for another opcode. */
  private skimAttribute(bytes: Uint8Array, pos: number, kind: number, end: number): number {
    switch (kind) {
      case OPCODE.EXPIRETIME_MS:
        if (pos + 9 > end) return pos + 9;
        this.lo = readInt32Le(bytes, pos + 1);
        this.hi = readInt32Le(bytes, pos + 5);
        this.flags |= ROW_EXPIRY;
        return pos + 9;
      case OPCODE.EXPIRETIME: {
        if (pos + 5 > end) return pos + 5;
        const ms = readInt32Le(bytes, pos + 1) * 1000;
        this.lo = ms | 0;
        this.hi = Math.floor(ms / 0x100000000);
        this.flags |= ROW_EXPIRY;
        return pos + 5;
      }
      case OPCODE.FREQ:
        if (pos + 2 > end) return pos + 2;
        this.freq = bytes[pos + 1]!;
        this.flags |= ROW_FREQ;
        return pos + 2;
      case OPCODE.IDLE: {
        const next = skipLength(bytes, pos + 1, end);
        if (next > end) return next;
        this.idle = decodeLength(bytes, pos + 1);
        this.flags |= ROW_IDLE;
        return next;
      }
      case OPCODE.REDIS_KEY_META:
        return this.dialect === 'redis' ? this.skimMeta(bytes, pos, end) : 0;
      default:
        return 0;
    }
  }

  /** Metadata must stand directly before the type byte (rdb-format.md §6.1). */
  private skimMeta(bytes: Uint8Array, pos: number, end: number): number {
    const next = skipKeyMeta(bytes, pos + 1, end);
    if (next >= end) return next + (next === end ? 1 : 0);
    if (bytes[next]! >= FIRST_OPCODE)
      throw new FormatError('BAD_OPCODE', 'key metadata without a value type behind it', next);
    this.metaPos = pos + 1;
    return next;
  }

  private skimOpcode(bytes: Uint8Array, pos: number, kind: number, end: number): number {
    const next = kind === OPCODE.EOF ? pos + 1 : skipPayload(kind, this.dialect, bytes, pos + 1, end);
    if (next < 0) throw this.unknown(kind, pos);
    if (next > end) return next;
    if (kind === OPCODE.SELECTDB) this.selectDb(bytes, pos + 1);
    const { rows } = this;
    const row = rows.count++;
    rows.start[row] = pos;
    rows.kind[row] = kind;
    rows.isKey[row] = 0;
    rows.valuePos[row] = pos + 1;
    rows.end[row] = next;
    rows.db[row] = this.db;
    this.pending = this.flags;
    this.pendingHi = this.hi;
    this.pendingLo = this.lo;
    this.pendingIdle = this.idle;
    this.pendingFreq = this.freq;
    return next;
  }

  private selectDb(bytes: Uint8Array, pos: number): void {
    const db = decodeLength(bytes, pos);
    if (db > 0x7fffffff) throw new FormatError('BAD_OPCODE', `database ${db} cannot be`, pos);
    this.db = db;
  }

  private unknown(kind: number, pos: number): FormatError {
    const byte = `0x${kind.toString(16).padStart(2, '0')}`;
    if (kind === TYPE.MODULE_PRE_GA) {
      return new UnsupportedError(
        'UNSUPPORTED_TYPE',
        'a module value of the 4.0 release candidates, which only its module can read',
        pos,
      );
    }
    if (this.version > NEWEST_VERSION[this.dialect]) {
      return new UnsupportedError(
        'UNSUPPORTED_VERSION',
        `${byte} is a record of version ${this.version}, which is newer than this library`,
        pos,
      );
    }
    return new FormatError('UNKNOWN_TYPE', `${byte} is neither an opcode nor a value type here`, pos);
  }
}
