/** Indexes that say what is not so, with the checksums of those that do. */
import {
  BUCKET_BYTES,
  bucketChecksum,
  bucketOfHash,
  decodeIndexHeader,
  ENTRY_BYTES,
  HEADER_BYTES,
  KeyHash,
} from '../../src/rdb/key-index/layout.js';
import { bytesOf } from './file-builder.js';

function hashOf(key: string): KeyHash {
  const hash = new KeyHash();
  hash.set(bytesOf(key), 0, key.length);
  return hash;
}

export interface Bucket {
  /** Position of its row in the table. */
  readonly row: number;
  /** Positions of its entries. */
  readonly start: number;
  readonly end: number;
}

/** Of the bucket that a key is in. */
export function bucketOf(index: Uint8Array, key: string): Bucket {
  const { entries, bits } = decodeIndexHeader(index)!;
  const row = HEADER_BYTES + entries * ENTRY_BYTES + bucketOfHash(hashOf(key).hi, bits) * BUCKET_BYTES;
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  const start = HEADER_BYTES + view.getUint32(row, true) * ENTRY_BYTES;
  return { row, start, end: start + view.getUint32(row + 4, true) * ENTRY_BYTES };
}

/** The index with the entry of a key changed, and the checksum made again. */
export function forgedEntry(whole: Uint8Array, key: string, change: (view: DataView, at: number) => void): Uint8Array {
  const index = Uint8Array.from(whole);
  const view = new DataView(index.buffer);
  const { row, start, end } = bucketOf(index, key);
  const { lo, hi } = hashOf(key);
  let at = start;
  while (view.getInt32(at, true) !== lo || view.getInt32(at + 4, true) !== hi) at += ENTRY_BYTES;
  change(view, at);
  const { entries } = decodeIndexHeader(index)!;
  const bucket = (row - HEADER_BYTES - entries * ENTRY_BYTES) / BUCKET_BYTES;
  const checksum = bucketChecksum(bucket, view.getUint32(row, true), index.subarray(start, end));
  view.setBigUint64(row + 8, checksum, true);
  return index;
}

/** The index with the hash of `other` in the entry of `key`: both must be in one bucket. */
export function withHashOf(whole: Uint8Array, key: string, other: string): Uint8Array {
  const { lo, hi } = hashOf(other);
  return forgedEntry(whole, key, (view, at) => {
    view.setInt32(at, lo, true);
    view.setInt32(at + 4, hi, true);
  });
}
