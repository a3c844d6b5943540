/**
 * Stream ids: a time in ms and a sequence number, both unsigned 64-bit.
 *
 *     ms u64 BE | seq u64 BE          the raw form, the key of a stream node and of a pending entry
 *
 * Worked example: `0000000000000005 0000000000000001` is 5-1 (rdb-format.md §8.5).
 */
import { formatUint64, Int64 } from '../bytes/int64.js';

export const RAW_STREAM_ID_SIZE = 16;
/** The most bytes that {@link formatStreamId} writes: twice 20 digits and the dash. */
export const MAX_STREAM_ID_TEXT = 41;

/** An id as a value; both halves unsigned. */
export interface StreamIdValue {
  readonly ms: bigint;
  readonly seq: bigint;
}

/** An id in a slot of its own, so that loops over entries carry one without BigInts. */
export class StreamIdSlot {
  readonly ms = new Int64();
  readonly seq = new Int64();

  /** The raw form at `pos`; 16 bytes must be there. */
  setRaw(bytes: Uint8Array, pos: number): void {
    this.ms.setBe(bytes, pos);
    this.seq.setBe(bytes, pos + 8);
  }

  /** Sets this id to `master` plus the deltas, each half for itself and modulo 2^64, as servers add them. */
  addDelta(master: StreamIdSlot, msDelta: Int64, seqDelta: Int64): void {
    setSum(this.ms, master.ms, msDelta);
    setSum(this.seq, master.seq, seqDelta);
  }

  copyFrom(other: StreamIdSlot): void {
    this.ms.copyFrom(other.ms);
    this.seq.copyFrom(other.seq);
  }

  /** Negative, zero or positive as this id lies before, at or after the other. */
  compare(other: StreamIdSlot): number {
    return compareUnsigned(this.ms, other.ms) || compareUnsigned(this.seq, other.seq);
  }
}

/** Writes `ms-seq`, unsigned decimals, at `pos` and returns the position after it. */
export function formatStreamId(id: StreamIdSlot, out: Uint8Array, pos: number): number {
  const dash = formatUint64(id.ms.hi, id.ms.lo, out, pos);
  out[dash] = 0x2d;
  return formatUint64(id.seq.hi, id.seq.lo, out, dash + 1);
}

/** The raw form, 16 bytes; values are taken modulo 2^64. */
export function encodeRawStreamId(id: StreamIdValue): Uint8Array {
  const out = new Uint8Array(RAW_STREAM_ID_SIZE);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, id.ms);
  view.setBigUint64(8, id.seq);
  return out;
}

function setSum(out: Int64, left: Int64, right: Int64): void {
  const low = (left.lo >>> 0) + (right.lo >>> 0);
  out.set(left.hi + right.hi + (low > 0xffffffff ? 1 : 0), low);
}

function compareUnsigned(left: Int64, right: Int64): number {
  return (left.hi >>> 0) - (right.hi >>> 0) || (left.lo >>> 0) - (right.lo >>> 0);
}
