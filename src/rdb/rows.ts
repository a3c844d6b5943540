/**
 * The table that *skim* fills: one row per record that is whole in the window, as columns of plain numbers.
 *
 * Positions count in the window and are void after a refill. Filters, counts, key lists and the shallow check are answered
 * from rows; decoding starts from one.
 */
import {
  COLUMN_DB,
  COLUMN_END,
  COLUMN_EXPIRE_HI,
  COLUMN_EXPIRE_LO,
  COLUMN_FLAGS,
  COLUMN_FREQ,
  COLUMN_IDLE_SECONDS,
  COLUMN_IS_KEY,
  COLUMN_KEY_POS,
  COLUMN_KIND,
  COLUMN_META_POS,
  COLUMN_START,
  COLUMN_VALUE_POS,
  ROW_COUNT,
} from '../kernels/memory-map.js';
import type { Workspace } from '../kernels/workspace.js';
import type { TypeTable } from './types/index.js';
import type { TypeCodec } from './types/type-codec.js';

/** Column `flags`: the key has an expiry; its idle time is recorded; its LFU counter is recorded. */
export const ROW_EXPIRY = 1;
export const ROW_IDLE = 2;
export const ROW_FREQ = 4;

/** Rows of one skim at the most: enough to spread its cost, few enough to stay in the processor's cache. */
export const ROW_CAPACITY = ROW_COUNT;

export class RowTable {
  count = 0;
  /** Where the record begins, key attributes included. */
  readonly start: Int32Array;
  /** The type byte, or the opcode where `isKey` is 0. */
  readonly kind: Uint8Array;
  readonly isKey: Uint8Array;
  /** The key's string. */
  readonly keyPos: Int32Array;
  /** The value; for opcodes, the payload. */
  readonly valuePos: Int32Array;
  /** Where the record ends. Position of a large value's window end where `large` is set. */
  readonly end: Int32Array;
  /** F3 payload of a key with metadata, or −1. */
  readonly metaPos: Int32Array;
  /** Expiry in Unix ms as a signed 64-bit number. */
  readonly expireHi: Int32Array;
  readonly expireLo: Int32Array;
  readonly idleSeconds: Float64Array;
  readonly freq: Uint8Array;
  readonly flags: Uint8Array;
  readonly db: Int32Array;
  /** Of the file that is being read. */
  types: TypeTable = [];

  /** The columns lie in the memory of the workspace, if there is one: kernels fill and read them there. */
  constructor(workspace?: Workspace) {
    const int32 = (address: number): Int32Array =>
      workspace?.int32(address, ROW_CAPACITY) ?? new Int32Array(ROW_CAPACITY);
    const uint8 = (address: number): Uint8Array =>
      workspace?.uint8(address, ROW_CAPACITY) ?? new Uint8Array(ROW_CAPACITY);
    this.start = int32(COLUMN_START);
    this.kind = uint8(COLUMN_KIND);
    this.isKey = uint8(COLUMN_IS_KEY);
    this.keyPos = int32(COLUMN_KEY_POS);
    this.valuePos = int32(COLUMN_VALUE_POS);
    this.end = int32(COLUMN_END);
    this.metaPos = int32(COLUMN_META_POS);
    this.expireHi = int32(COLUMN_EXPIRE_HI);
    this.expireLo = int32(COLUMN_EXPIRE_LO);
    this.idleSeconds = workspace?.float64(COLUMN_IDLE_SECONDS, ROW_CAPACITY) ?? new Float64Array(ROW_CAPACITY);
    this.freq = uint8(COLUMN_FREQ);
    this.flags = uint8(COLUMN_FLAGS);
    this.db = int32(COLUMN_DB);
  }

  /** Codec of a key's type. */
  codecOf(row: number): TypeCodec {
    return this.types[this.kind[row]!]!;
  }
}
