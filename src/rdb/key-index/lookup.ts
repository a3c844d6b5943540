/** Finds keys by an index. What it says is never trusted: checksums decide, and the dump has the last word. */
import type { Files } from '../../bytes/files.js';
import type { SyncByteSource } from '../../bytes/source.js';
import { HEADER_SIZE } from '../header.js';
import { INDEX_SUFFIX } from './build.js';
import { fingerprintOf, isSameDump } from './fingerprint.js';
import {
  BUCKET_BYTES,
  bucketChecksum,
  bucketOfHash,
  decodeIndexHeader,
  ENTRY_BYTES,
  FLAG_DEPENDENT,
  FLAG_EXPIRY,
  HEADER_BYTES,
  type IndexHeader,
  indexBytes,
  KeyHash,
  MAX_BUCKET_ENTRIES,
} from './layout.js';

/** A record that may be that of the key: its hash is the same. */
export interface IndexEntry {
  readonly db: number;
  readonly rdbType: number;
  /** Offset of the record in the dump, and its bytes, attributes included. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Unix ms. */
  readonly expireAtMs: bigint | undefined;
  /** The record means something only behind others: the dump must be read from its start. */
  readonly isDependent: boolean;
}

export interface OpenIndexOptions {
  /** Default: the dump's path and `.rdbx`. */
  readonly indexPath?: string | undefined;
  /** Default: those of the machine. */
  readonly files?: Files | undefined;
}

/** Undefined where there is no index, or none of this state of the dump. Close it. */
export async function openKeyIndex(dumpPath: string, options: OpenIndexOptions = {}): Promise<KeyIndex | undefined> {
  const files = options.files ?? (await import('../../bytes/files-node.js')).nodeFiles;
  const indexPath = options.indexPath ?? dumpPath + INDEX_SUFFIX;
  if (files.stat(indexPath)?.isFile !== true) return undefined;
  const dump = files.open(dumpPath);
  let index: SyncByteSource | undefined;
  try {
    index = files.open(indexPath);
    const header = readHeader(index);
    if (header !== undefined && isSameDump(header.fingerprint, fingerprintOf(files, dumpPath, dump))) {
      return new KeyIndex(dump, index, header);
    }
  } catch (error) {
    index?.close();
    dump.close();
    throw error;
  }
  index.close();
  dump.close();
  return undefined;
}

export class KeyIndex {
  private readonly hash = new KeyHash();

  constructor(
    /** The dump that it is of. */
    readonly dump: SyncByteSource,
    private readonly index: SyncByteSource,
    private readonly header: IndexHeader,
  ) {}

  /** Keys of the dump. */
  get size(): number {
    return this.header.entries;
  }

  /**
   * The records whose keys have this hash, in the order of the file: another key may have it too. Undefined where the bytes
   * of the index are not those that were written.
   */
  find(key: Uint8Array): IndexEntry[] | undefined {
    const { hash, header } = this;
    hash.set(key, 0, key.length);
    const bucket = bucketOfHash(hash.hi, header.bits);
    const row = this.read(HEADER_BYTES + header.entries * ENTRY_BYTES + bucket * BUCKET_BYTES, BUCKET_BYTES);
    if (row === undefined) return undefined;
    const first = row.getUint32(0, true);
    const count = row.getUint32(4, true);
    if (count > MAX_BUCKET_ENTRIES || first + count > header.entries) return undefined;
    const entries = this.read(HEADER_BYTES + first * ENTRY_BYTES, count * ENTRY_BYTES);
    if (entries === undefined) return undefined;
    const bytes = new Uint8Array(entries.buffer);
    if (bucketChecksum(bucket, first, bytes) !== row.getBigUint64(8, true)) return undefined;
    const found: IndexEntry[] = [];
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      if (entries.getInt32(at, true) !== hash.lo || entries.getInt32(at + 4, true) !== hash.hi) continue;
      const entry = decodeEntry(entries, at);
      if (!isWithin(entry, header.fingerprint.sizeBytes)) return undefined;
      found.push(entry);
    }
    return found;
  }

  close(): void {
    this.index.close();
    this.dump.close();
  }

  private read(offset: number, size: number): DataView | undefined {
    return readExactly(this.index, offset, size);
  }
}

function readHeader(index: SyncByteSource): IndexHeader | undefined {
  const bytes = readExactly(index, 0, HEADER_BYTES);
  const header = bytes && decodeIndexHeader(new Uint8Array(bytes.buffer));
  return header !== undefined && indexBytes(header) === index.sizeBytes ? header : undefined;
}

function decodeEntry(view: DataView, at: number): IndexEntry {
  const word = view.getUint32(at + 36, true);
  const flags = (word >>> 8) & 0xff;
  return {
    offset: view.getFloat64(at + 8, true),
    sizeBytes: view.getFloat64(at + 16, true),
    expireAtMs: flags & FLAG_EXPIRY ? view.getBigInt64(at + 24, true) : undefined,
    db: view.getUint32(at + 32, true),
    rdbType: word & 0xff,
    isDependent: (flags & FLAG_DEPENDENT) !== 0,
  };
}

/** Whether it can be a record of a dump of that size; a sum of damaged numbers need not be one. */
function isWithin({ offset, sizeBytes }: IndexEntry, dumpBytes: number): boolean {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(sizeBytes)) return false;
  return offset >= HEADER_SIZE && sizeBytes > 0 && offset + sizeBytes <= dumpBytes;
}

/** Undefined where the file is shorter. */
function readExactly(source: SyncByteSource, offset: number, size: number): DataView | undefined {
  if (offset + size > source.sizeBytes!) return undefined;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const count = source.readAt!(offset + at, bytes, at, size - at);
    if (count === 0) return undefined;
    at += count;
  }
  return new DataView(bytes.buffer);
}
