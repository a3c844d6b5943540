/** The keys that only the second file has, in bounded memory: whether one of them comes twice. */
import { DigestTable } from '../../rdb/digest-table.js';
import type { KeyedHash } from '../../rdb/keyed-hash.js';

/** Keys that are held by default: 80 MB of records and 32 MB of index. */
const DEFAULT_MAX_KEYS = 1 << 22;

export class AddedKeys {
  private table: DigestTable;

  constructor(private readonly maxKeys = DEFAULT_MAX_KEYS) {
    this.table = new DigestTable(0, maxKeys);
  }

  /** Forgets everything: another share of the keys is looked at. */
  clear(): void {
    this.table = new DigestTable(0, this.maxKeys);
  }

  /** False where the key was there. */
  add(key: KeyedHash, bucket: number): boolean {
    const { table } = this;
    if (!table.covers(bucket)) return true;
    if (table.find(key) >= 0) return false;
    table.add(key, bucket);
    return true;
  }

  /** After a pass over the file. True where keys were passed over for want of room: another pass takes the next of them. */
  next(): boolean {
    return this.table.next();
  }
}
