/**
 * One numbered database: keys and their expiries. A key that has expired is gone for whoever looks, and is removed then;
 * while a log or a dump is loaded nothing expires (aof-format.md §1.1).
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { KeyMeta } from '../rdb/model.js';
import { accessed } from './access.js';
import type { Engine } from './engine.js';
import type { Keys } from './keys.js';
import { Keyspace } from './keyspace.js';
import { wrongType } from './reply.js';
import { isBefore, type UnixMs } from './unix-ms.js';
import type { RawString } from './values/raw-string.js';
import type { ObjectTypes, StoredValue } from './values/stored-value.js';

export class Database {
  /** With their expiries. */
  keys: Keys = new Keyspace();
  /** What modules have said of keys (Redis 8.6+); missing where they have said nothing. */
  private meta: Map<ByteString, readonly KeyMeta[]> | undefined;

  constructor(
    readonly engine: Engine,
    readonly index: number,
  ) {}

  get size(): number {
    return this.keys.size;
  }

  /** The value of a key; undefined where there is none, or it has expired. Counts as an access. */
  get(key: ByteString): StoredValue | undefined {
    const value = this.peek(key);
    const { engine, keys } = this;
    if (value === undefined) engine.misses++;
    else engine.hits++;
    if (value !== undefined && !engine.isLoading) keys.setAccess(key, accessed(engine, keys.accessOf(key)));
    return value;
  }

  /** As {@link get}, without being an access. */
  peek(key: ByteString): StoredValue | undefined {
    const { keys } = this;
    const value = keys.get(key);
    if (value === undefined || keys.expiring === 0) return value;
    return this.expireIfDue(key) ? undefined : value;
  }

  has(key: ByteString): boolean {
    const { engine, keys } = this;
    const isThere = keys.has(key) && (keys.expiring === 0 || !this.expireIfDue(key));
    if (isThere) engine.hits++;
    else engine.misses++;
    return isThere;
  }

  /** As TYPE gives it; undefined where the key is not there, or has expired. Is no access, and need not make the value. */
  typeOf(key: ByteString): string | undefined {
    return this.has(key) ? this.keys.typeOf(key) : undefined;
  }

  /** Whether the time of a key has come, which nobody has noticed yet. */
  isExpired(key: ByteString): boolean {
    const atMs = this.engine.isExpiring ? this.keys.expiryOf(key) : undefined;
    return atMs !== undefined && isBefore(atMs, this.engine.nowMs);
  }

  /** Removes the key if it has expired, and tells the engine. False where it stays, or is not there. */
  expireIfDue(key: ByteString): boolean {
    if (!this.isExpired(key)) return false;
    this.delete(key);
    this.engine.expired(this, key);
    return true;
  }

  /** A key of one type. Throws WRONGTYPE. */
  getString(key: ByteString): ByteString | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    if (value.type === 'string') return value.bytes;
    throw wrongType();
  }

  /** As {@link getString}, for the other types. */
  getObject<T extends keyof ObjectTypes>(key: ByteString, type: T): ObjectTypes[T] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' || value.type !== type) throw wrongType();
    return value as ObjectTypes[T];
  }

  /** Puts a value in the place of whatever was there, or had expired; expiry and metadata go. */
  set(key: ByteString, value: StoredValue): void {
    const { keys } = this;
    if (keys.expiring > 0) this.expireIfDue(key);
    this.put(key, value);
    if (keys.expiring > 0) keys.deleteExpiry(key);
    if (this.meta !== undefined) this.meta.delete(key);
  }

  /** As {@link set}, expiry and metadata staying as they are: for changes of a value that is there. */
  overwrite(key: ByteString, value: StoredValue | RawString): void {
    this.put(key, value);
  }

  /** False where there was none. */
  delete(key: ByteString): boolean {
    if (this.meta !== undefined) this.meta.delete(key);
    return this.keys.delete(key);
  }

  /** Undefined without expiry. Looks at nothing else: the key may have expired. */
  expiryOf(key: ByteString): UnixMs | undefined {
    return this.keys.expiryOf(key);
  }

  /** The key is there. To a server −1 is no expiry; a log may hold it. */
  setExpiry(key: ByteString, atMs: UnixMs): void {
    if (atMs === -1) this.keys.deleteExpiry(key);
    else this.keys.setExpiry(key, atMs);
  }

  /** False where the key had no expiry. */
  persist(key: ByteString): boolean {
    return this.keys.deleteExpiry(key);
  }

  /** Whether any key has metadata of modules. */
  get hasMeta(): boolean {
    return this.meta !== undefined && this.meta.size > 0;
  }

  /** Metadata of modules; undefined without. */
  metaOf(key: ByteString): readonly KeyMeta[] | undefined {
    return this.meta?.get(key);
  }

  /** The key is there. Undefined: it has none any more. */
  setMeta(key: ByteString, meta: readonly KeyMeta[] | undefined): void {
    if (meta === undefined) this.meta?.delete(key);
    else {
      this.meta ??= new Map();
      this.meta.set(key, meta);
    }
  }

  /** Whoever still holds the keys that were there has them for himself. */
  clear(): void {
    this.keys = new Keyspace();
    this.meta = undefined;
  }

  /** The keys as they are under this number, whatever the database has later. */
  view(): Database {
    const view = new Database(this.engine, this.index);
    view.keys = this.keys;
    view.meta = this.meta;
    return view;
  }

  swapWith(other: Database): void {
    [this.keys, other.keys] = [other.keys, this.keys];
    [this.meta, other.meta] = [other.meta, this.meta];
  }

  private put(key: ByteString, value: StoredValue): void {
    const { keys, engine } = this;
    if (engine.isLoading) {
      keys.set(key, value);
      return;
    }
    const before = keys.size;
    keys.set(key, value);
    if (keys.size > before) keys.setAccess(key, accessed(engine, undefined));
    if (keys.size > before && engine.listener !== undefined) engine.notify('n', 'new', key, this);
  }
}
