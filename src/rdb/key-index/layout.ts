/**
 * `<dump>.rdbx`: where each key of a dump lies, for finding one without reading the rest.
 *
 *     header, 64 bytes       magic `RDBX`, u32 version 1
 *                            f64 size of the dump, i64 its modification time in ns, u64 its last eight bytes
 *                            f64 number of entries, u32 bits, u32 zero, 8 bytes zero, u64 CRC-64 of the 56 bytes before
 *     entries, 40 bytes each u64 hash, f64 offset of the record, f64 its size, i64 expiry in Unix ms (0 without),
 *                            u32 database, u8 type, u8 flags, u16 zero
 *     buckets, 16 bytes each u32 number of the first entry, u32 entries, u64 CRC-64 of these entries and of bucket, first
 *                            and number as u32
 *
 * An entry is in the bucket that the upper `bits` bits of its hash name; those of one hash come in the order of the file.
 * Everything is little endian.
 */
import { Crc64 } from '../../bytes/crc64.js';
import { KeyedHash } from '../keyed-hash.js';

export const HEADER_BYTES = 64;
export const ENTRY_BYTES = 40;
export const BUCKET_BYTES = 16;
/** Numbers of 32 bits in an entry. */
export const ENTRY_WORDS = ENTRY_BYTES / 4;

export const FLAG_EXPIRY = 1;
/** What the record means depends on records before it. */
export const FLAG_DEPENDENT = 2;

const MAGIC = 0x58424452;
const VERSION = 1;
/** Most keys of a bucket, on the average. */
const BUCKET_ENTRIES = 256;
const MAX_BITS = 28;
/** A bucket is read as a whole. More than this have one hash only where somebody meant it, or where a key comes again and again. */
export const MAX_BUCKET_ENTRIES = 1 << 16;
/** Buckets count them in 32 bits. */
export const MAX_ENTRIES = 0xffffffff;

/** Which state of which dump an index is for. */
export interface Fingerprint {
  readonly sizeBytes: number;
  /** Unix ns. */
  readonly modifiedNs: bigint;
  /** The last eight bytes: the checksum, where the dump has one. */
  readonly footer: bigint;
}

export interface IndexHeader {
  readonly fingerprint: Fingerprint;
  readonly entries: number;
  readonly bits: number;
}

export function encodeIndexHeader({ fingerprint, entries, bits }: IndexHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setFloat64(8, fingerprint.sizeBytes, true);
  view.setBigInt64(16, fingerprint.modifiedNs, true);
  view.setBigUint64(24, fingerprint.footer, true);
  view.setFloat64(32, entries, true);
  view.setUint32(40, bits, true);
  view.setBigUint64(HEADER_BYTES - 8, headerChecksum(bytes), true);
  return bytes;
}

/** Undefined where these are not the bytes of an index, or not those that were written. */
export function decodeIndexHeader(bytes: Uint8Array): IndexHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) return undefined;
  if (view.getBigUint64(HEADER_BYTES - 8, true) !== headerChecksum(bytes)) return undefined;
  const entries = view.getFloat64(32, true);
  const bits = view.getUint32(40, true);
  if (!Number.isSafeInteger(entries) || entries < 0 || entries > MAX_ENTRIES || bits > MAX_BITS) return undefined;
  const fingerprint = {
    sizeBytes: view.getFloat64(8, true),
    modifiedNs: view.getBigInt64(16, true),
    footer: view.getBigUint64(24, true),
  };
  return { fingerprint, entries, bits };
}

export function indexBytes({ entries, bits }: Pick<IndexHeader, 'entries' | 'bits'>): number {
  return HEADER_BYTES + entries * ENTRY_BYTES + 2 ** bits * BUCKET_BYTES;
}

export function bitsFor(entries: number): number {
  return Math.min(MAX_BITS, Math.ceil(Math.log2(Math.max(1, entries / BUCKET_ENTRIES))));
}

/** The bucket of a hash, by its upper half. */
export function bucketOfHash(hi: number, bits: number): number {
  return bits === 0 ? 0 : hi >>> (32 - bits);
}

export function bucketChecksum(bucket: number, first: number, entries: Uint8Array): bigint {
  const place = new Uint8Array(12);
  const view = new DataView(place.buffer);
  view.setUint32(0, bucket, true);
  view.setUint32(4, first, true);
  view.setUint32(8, entries.length / ENTRY_BYTES, true);
  const crc = new Crc64();
  crc.update(entries, 0, entries.length);
  crc.update(place, 0, place.length);
  return crc.value();
}

/** Hashes keys. The key of the hash is in the open: whoever makes many names collide gets no index. */
export class KeyHash {
  lo = 0;
  hi = 0;
  private readonly hash = new KeyedHash([0x52444258, 0x6b657973, 0x68617368, 0x00000001]);

  set(bytes: Uint8Array, start: number, end: number): void {
    const { hash } = this;
    hash.reset();
    hash.bytes(bytes, start, end);
    hash.finish();
    this.lo = hash.v0;
    this.hi = hash.v1;
  }
}

function headerChecksum(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes, 0, HEADER_BYTES - 8);
  return crc.value();
}
