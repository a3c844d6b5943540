/**
 * Entries by bucket, in bounded memory: a run that is full is sorted by the upper bits of the hash and goes to a temporary
 * file; at the end the parts of all runs that belong together are read side by side.
 */
import { UnsupportedError } from '../../bytes/errors.js';
import type { Files, WritableFile } from '../../bytes/files.js';
import type { SyncByteSource } from '../../bytes/source.js';
import type { KeyPlace } from './collect.js';
import { ENTRY_BYTES, ENTRY_WORDS, MAX_BUCKET_ENTRIES } from './layout.js';

/** Entries of a run: 10 MB. */
export const RUN_ENTRIES = 1 << 18;
/** A run is cut in 2^10 parts. */
const PART_BITS = 10;
export const PARTS = 1 << PART_BITS;

export class EntryRuns {
  count = 0;
  private words = new Int32Array(1024 * ENTRY_WORDS);
  private view = new DataView(this.words.buffer);
  private used = 0;
  private file: WritableFile | undefined;
  private source: SyncByteSource | undefined;
  /** Per run the entry that each part begins with, counting from the first of the file; one more than there are parts. */
  private readonly starts: Float64Array[] = [];

  constructor(
    private readonly files: Files,
    private readonly path: string,
    private readonly runEntries = RUN_ENTRIES,
  ) {}

  add({ hash, offset, size, expireHi, expireLo, db, type, flags }: KeyPlace): void {
    if (this.used === this.runEntries) this.spill();
    if ((this.used + 1) * ENTRY_WORDS > this.words.length) this.grow();
    const at = this.used++ * ENTRY_BYTES;
    const { view } = this;
    view.setInt32(at, hash.lo, true);
    view.setInt32(at + 4, hash.hi, true);
    view.setFloat64(at + 8, offset, true);
    view.setFloat64(at + 16, size, true);
    view.setInt32(at + 24, expireLo, true);
    view.setInt32(at + 28, expireHi, true);
    view.setInt32(at + 32, db, true);
    view.setInt32(at + 36, type | (flags << 8), true);
    this.count++;
  }

  /**
   * The entries in parts by the upper ten bits of their hash, in the order of the file within each; the memory of a part is
   * valid until the next one is asked for.
   */
  *parts(): Generator<Int32Array> {
    if (this.file === undefined) {
      const { words, starts } = sorted(this.words, this.used);
      for (let part = 0; part < PARTS; part++) {
        yield words.subarray(starts[part]! * ENTRY_WORDS, starts[part + 1]! * ENTRY_WORDS);
      }
      return;
    }
    this.spill();
    this.file.close();
    this.source = this.files.open(this.path);
    for (let part = 0; part < PARTS; part++) yield this.readPart(this.source, part);
  }

  /** Takes the temporary file away. */
  close(): void {
    if (this.file === undefined) return;
    if (this.source === undefined) this.file.close();
    this.source?.close();
    this.files.remove(this.path);
  }

  private readPart(source: SyncByteSource, part: number): Int32Array {
    const size = this.starts.reduce((sum, starts) => sum + starts[part + 1]! - starts[part]!, 0);
    // Hashes spread: a part that holds several times its share is one that keys of the same hash are in.
    if (size > 2 * MAX_BUCKET_ENTRIES + (4 * this.count) / PARTS) throw tooManyAlike();
    const words = new Int32Array(size * ENTRY_WORDS);
    const bytes = new Uint8Array(words.buffer);
    let at = 0;
    for (const starts of this.starts) {
      const end = at + (starts[part + 1]! - starts[part]!) * ENTRY_BYTES;
      let offset = starts[part]! * ENTRY_BYTES;
      while (at < end) {
        const count = source.readAt!(offset, bytes, at, end - at);
        if (count === 0) throw new Error(`${this.path} has become shorter`);
        at += count;
        offset += count;
      }
    }
    return words;
  }

  private spill(): void {
    this.file ??= this.files.create(this.path);
    const { words, starts } = sorted(this.words, this.used);
    const first = this.count - this.used;
    this.file.write(new Uint8Array(words.buffer), 0, words.byteLength);
    this.starts.push(Float64Array.from(starts, (start) => first + start));
    this.used = 0;
  }

  private grow(): void {
    const larger = new Int32Array(Math.min(this.words.length * 2, this.runEntries * ENTRY_WORDS));
    larger.set(this.words);
    this.words = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** A copy by part, and where each part begins. */
function sorted(words: Int32Array, count: number): { words: Int32Array; starts: Int32Array } {
  return sortByHash(words.subarray(0, count * ENTRY_WORDS), (hi) => hi >>> (32 - PART_BITS), PARTS);
}

export function tooManyAlike(): UnsupportedError {
  return new UnsupportedError('UNSUPPORTED_INPUT', 'too many keys have the same hash for an index', 0);
}

/** The upper half of the first entry's hash. */
export function firstHash(words: Int32Array): number {
  return new DataView(words.buffer, words.byteOffset, words.byteLength).getInt32(4, true);
}

/** Entries in the order of `groupOf` their hash, otherwise as they were, and where each of the groups begins. */
export function sortByHash(
  words: Int32Array,
  groupOf: (hi: number) => number,
  groups: number,
): { words: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(groups + 1);
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (let at = 0; at < view.byteLength; at += ENTRY_BYTES) starts[groupOf(view.getInt32(at + 4, true)) + 1]!++;
  for (let group = 0; group < groups; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice();
  const out = new Int32Array(words.length);
  for (let at = 0; at < words.length; at += ENTRY_WORDS) {
    const to = next[groupOf(view.getInt32(at * 4 + 4, true))]!++ * ENTRY_WORDS;
    for (let word = 0; word < ENTRY_WORDS; word++) out[to + word] = words[at + word]!;
  }
  return { words: out, starts };
}
