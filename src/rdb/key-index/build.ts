/** Makes the index of a dump. */
import { UnsupportedError } from '../../bytes/errors.js';
import type { Files, WritableFile } from '../../bytes/files.js';
import { parentPath } from '../../bytes/path.js';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../drive.js';
import { RdbDriver } from '../driver.js';
import { PlaceHandler } from './collect.js';
import { fingerprintOf } from './fingerprint.js';
import {
  BUCKET_BYTES,
  bitsFor,
  bucketChecksum,
  bucketOfHash,
  ENTRY_BYTES,
  encodeIndexHeader,
  type Fingerprint,
  MAX_BUCKET_ENTRIES,
  MAX_ENTRIES,
} from './layout.js';
import { EntryRuns, firstHash, PARTS, sortByHash, tooManyAlike } from './runs.js';

export interface BuildIndexOptions {
  /** Where the index goes. Default: the dump's path and `.rdbx`. */
  readonly indexPath?: string | undefined;
  /** Default: those of the machine. */
  readonly files?: Files | undefined;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** A layer around the dump while it is read, such as one that shows progress. */
  readonly watch?: ((dump: ByteSource) => ByteSource) | undefined;
  /** Entries that are held in memory, 40 bytes each. Default: 262,144. */
  readonly maxHeldEntries?: number | undefined;
}

export const INDEX_SUFFIX = '.rdbx';

/**
 * Reads a plain dump once and writes its index beside it: under a temporary name, synced, then renamed. Memory hardly
 * grows with the keys: 20 MB for entries, 16 bytes for every 256 keys, and at the most 15 MB and 20 bytes for every 64 keys while
 * they are sorted.
 *
 * Throws what reading the dump throws, UnsupportedError for what is no plain dump or has more than 65,536 keys of one hash,
 * and errors of the system.
 */
export async function buildKeyIndex(dumpPath: string, options: BuildIndexOptions = {}): Promise<void> {
  const files = options.files ?? (await import('../../bytes/files-node.js')).nodeFiles;
  const indexPath = options.indexPath ?? dumpPath + INDEX_SUFFIX;
  const unique = `${indexPath}.${Math.random().toString(36).slice(2, 10)}`;
  const source = files.open(dumpPath);
  const runs = new EntryRuns(files, `${unique}.runs`, options.maxHeldEntries);
  try {
    const fingerprint = fingerprintOf(files, dumpPath, source);
    const temporary = `${unique}.tmp`;
    // Before the dump is read: where nothing can be written there is nothing to wait for.
    const file = files.create(temporary);
    try {
      try {
        files.copyOwnership(dumpPath, temporary);
        await collect(options.watch?.(source) ?? source, runs, options.signal);
        writeIndex(file, runs, fingerprint);
      } finally {
        file.close();
      }
      files.rename(temporary, indexPath);
      files.syncDirectory(parentPath(indexPath));
    } catch (error) {
      if (files.stat(temporary) !== undefined) files.remove(temporary);
      throw error;
    }
  } finally {
    runs.close();
    source.close();
  }
}

async function collect(source: ByteSource, runs: EntryRuns, signal: AbortSignal | undefined): Promise<void> {
  const window = Window.for(source.sizeBytes);
  const handler = new PlaceHandler((place) => runs.add(place));
  const driver = new RdbDriver(window, handler);
  handler.driver = driver;
  while ((await drive(source, driver)) === 'pause') {
    // Reading a file waits for nothing, and a program that never waits hears no signal.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  if (runs.count > MAX_ENTRIES) throw new UnsupportedError('UNSUPPORTED_INPUT', 'more than 2^32 keys', 0);
  if (handler.ending?.trailing !== 'aof') return;
  throw new UnsupportedError('UNSUPPORTED_INPUT', 'commands follow the dump: only a replay says what its keys are', 0);
}

function writeIndex(file: WritableFile, runs: EntryRuns, fingerprint: Fingerprint): void {
  const bits = bitsFor(runs.count);
  const header = encodeIndexHeader({ fingerprint, entries: runs.count, bits });
  file.write(header, 0, header.length);
  const buckets = new BucketTable(bits);
  for (const part of runs.parts()) {
    const bytes = buckets.add(part);
    if (bytes.length > 0) file.write(bytes, 0, bytes.length);
  }
  const table = buckets.finish();
  file.write(table, 0, table.length);
  file.sync();
}

/** The buckets so far: parts come in the order of the hash, and are finer or coarser than buckets. */
class BucketTable {
  private readonly view: DataView;
  private entries = 0;
  private bucket = 0;
  /** Entries of a bucket that is wider than a part, so far. */
  private held: Uint8Array[] = [];

  constructor(private readonly bits: number) {
    this.view = new DataView(new ArrayBuffer(2 ** bits * BUCKET_BYTES));
  }

  /** Takes a part, and returns its entries in the order of their buckets. */
  add(part: Int32Array): Uint8Array {
    const { bits } = this;
    const perPart = 2 ** bits / PARTS;
    if (perPart <= 1) {
      const bytes = bytesOf(part);
      if (part.length === 0) return bytes;
      this.closeUpTo(bucketOfHash(firstHash(part), bits));
      this.held.push(bytes);
      return bytes;
    }
    const first = this.partOf(part) * perPart;
    const { words, starts } = sortByHash(part, (hi) => bucketOfHash(hi, bits) - first, perPart);
    const bytes = bytesOf(words);
    for (let bucket = 0; bucket < perPart; bucket++) {
      const entries = bytes.subarray(starts[bucket]! * ENTRY_BYTES, starts[bucket + 1]! * ENTRY_BYTES);
      if (entries.length === 0) continue;
      this.closeUpTo(first + bucket);
      this.held.push(entries);
    }
    return bytes;
  }

  finish(): Uint8Array {
    this.closeUpTo(2 ** this.bits);
    return new Uint8Array(this.view.buffer);
  }

  private partOf(part: Int32Array): number {
    return part.length === 0 ? 0 : firstHash(part) >>> (32 - Math.log2(PARTS));
  }

  /** No more entries come for the buckets in front of this one. */
  private closeUpTo(bucket: number): void {
    for (; this.bucket < bucket; this.bucket++) {
      const entries = joined(this.held);
      if (entries.length > MAX_BUCKET_ENTRIES * ENTRY_BYTES) throw tooManyAlike();
      const at = this.bucket * BUCKET_BYTES;
      this.view.setUint32(at, this.entries, true);
      this.view.setUint32(at + 4, entries.length / ENTRY_BYTES, true);
      this.view.setBigUint64(at + 8, bucketChecksum(this.bucket, this.entries, entries), true);
      this.entries += entries.length / ENTRY_BYTES;
      this.held = [];
    }
  }
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
