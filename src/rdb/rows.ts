/**
 * The table that *skim* fills: one row per record that is whole in the window, as columns of plain numbers.
 *
 * Positions count in the window and are void after a refill. Filters, counts, key lists and the shallow check are answered
 * from rows; decoding starts from one.
 */
import type { TypeCodec } from './types/type-codec.js';

/** Column `flags`: the key has an expiry; its idle time is recorded; its LFU counter is recorded. */
export const ROW_EXPIRY = 1;
export const ROW_IDLE = 2;
export const ROW_FREQ = 4;

/** Rows of one skim at the most: enough to spread its cost, few enough to stay in the processor's cache. */
export const ROW_CAPACITY = 1024;

export class RowTable {
  count = 0;
  /** Where the record begins, key attributes included. */
  readonly start = new Int32Array(ROW_CAPACITY);
  /** The type byte, or the opcode where `isKey` is 0. */
  readonly kind = new Uint8Array(ROW_CAPACITY);
  readonly isKey = new Uint8Array(ROW_CAPACITY);
  /** The key's string. */
  readonly keyPos = new Int32Array(ROW_CAPACITY);
  /** The value; for opcodes, the payload. */
  readonly valuePos = new Int32Array(ROW_CAPACITY);
  /** Where the record ends. Position of a large value's window end where `large` is set. */
  readonly end = new Int32Array(ROW_CAPACITY);
  /** F3 payload of a key with metadata, or −1. */
  readonly metaPos = new Int32Array(ROW_CAPACITY);
  /** Expiry in Unix ms as a signed 64-bit number. */
  readonly expireHi = new Int32Array(ROW_CAPACITY);
  readonly expireLo = new Int32Array(ROW_CAPACITY);
  readonly idleSeconds = new Float64Array(ROW_CAPACITY);
  readonly freq = new Uint8Array(ROW_CAPACITY);
  readonly flags = new Uint8Array(ROW_CAPACITY);
  readonly db = new Int32Array(ROW_CAPACITY);
  /** Codec of a key's type. */
  readonly codec: (TypeCodec | undefined)[] = new Array(ROW_CAPACITY).fill(undefined);
}
