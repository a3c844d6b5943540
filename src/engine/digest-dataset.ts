/**
 * DEBUG DIGEST: the keys of each database in any order, the databases ascending (digest.md §4). A dump may have its
 * databases in any order: each is added up by itself until the end.
 */
import { encodeSha1, formatSha1, SHA1_WORDS } from '../codecs/sha1.js';
import { addHash, addState, hashOfUint32, mixHash } from './digest-words.js';

/** What a digest cannot know, and of how many keys. */
export interface UnknownPart {
  /** For people, such as `values of the module test__rdb`. */
  readonly what: string;
  readonly count: number;
}

/** Different ones that are told apart: the names of modules come from the dump. */
const MAX_UNKNOWN = 64;

export class DatasetDigest {
  keys = 0;
  private readonly sums = new Map<number, Int32Array>();
  private readonly unknownCounts = new Map<string, number>();
  private lastDb = -1;
  private lastSum: Int32Array = new Int32Array(SHA1_WORDS);

  /** Adds a key of database `db`; its part is the first five of `words` (`ValueDigest.beginKey`). */
  add(db: number, words: Int32Array): void {
    if (db !== this.lastDb) this.select(db);
    this.keys++;
    addState(this.lastSum, 0, words, 0);
  }

  addUnknown(what: string): void {
    const { unknownCounts } = this;
    const name = unknownCounts.has(what) || unknownCounts.size < MAX_UNKNOWN ? what : 'other values';
    unknownCounts.set(name, (unknownCounts.get(name) ?? 0) + 1);
  }

  get unknown(): UnknownPart[] {
    return [...this.unknownCounts].map(([what, count]) => ({ what, count }));
  }

  /** The 20 bytes; zeros where there is no key. */
  bytes(): Uint8Array {
    return encodeSha1(this.total());
  }

  /** As the server prints it. */
  hex(): string {
    return formatSha1(this.total());
  }

  private total(): Int32Array {
    const total = new Int32Array(SHA1_WORDS);
    for (const [db, sum] of [...this.sums].sort(([a], [b]) => a - b)) {
      mixHash(total, 0, hashOfUint32(db), 0);
      addHash(total, 0, sum, 0);
    }
    return total;
  }

  private select(db: number): void {
    let sum = this.sums.get(db);
    if (sum === undefined) {
      sum = new Int32Array(SHA1_WORDS);
      this.sums.set(db, sum);
    }
    this.lastDb = db;
    this.lastSum = sum;
  }
}
