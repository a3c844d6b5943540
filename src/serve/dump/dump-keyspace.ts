/**
 * The keys of one database of a dump that stays a file: a key is found by the hash of its name, its name and its value are read
 * when somebody asks for them, and what was read lately is kept. It cannot be changed.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { toByteString } from '../../bytes/byte-string.js';
import { FormatError } from '../../bytes/errors.js';
import type { Slice } from '../../bytes/slice.js';
import { setAge } from '../../engine/age.js';
import type { Database } from '../../engine/database.js';
import { hashOf } from '../../engine/key-hash-words.js';
import type { Keys } from '../../engine/keys.js';
import { CommandError, readOnly } from '../../engine/reply.js';
import { isBefore, type UnixMs } from '../../engine/unix-ms.js';
import { fromRdb } from '../../engine/values/from-rdb.js';
import { type StoredValue, typeOf } from '../../engine/values/stored-value.js';
import type { KeyEntry, ValueType } from '../../rdb/model.js';
import type { PlaceTable } from './place-table.js';
import type { RecordReader } from './record-reader.js';
import { estimateBytes, type ValueCache } from './value-cache.js';

/** Words of accesses in a chunk, which is made when one of its keys is looked at. */
const CHUNK_BITS = 13;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;
/** Types whose names do not say what TYPE answers. */
const OPAQUE: ReadonlySet<ValueType> = new Set(['module', 'pathhash', 'cron']);

export class DumpKeyspace implements Keys {
  private readonly words: (Uint32Array | undefined)[] = [];
  /** What was asked for last, and its place; −1 where it is not there. */
  private lastKey: ByteString | undefined;
  private lastPlace = -1;

  /** `db` is the one that has these keys. */
  constructor(
    private readonly db: Database,
    private readonly table: PlaceTable,
    private readonly reader: RecordReader,
    private readonly values: ValueCache,
  ) {}

  get size(): number {
    return this.table.size;
  }

  get expiring(): number {
    return this.table.expiring;
  }

  get arrived(): number {
    return this.table.count;
  }

  find(bytes: Uint8Array, start: number, end: number): ByteString | undefined {
    const key = toByteString(bytes, start, end);
    return this.has(key) ? key : undefined;
  }

  /** Throws CommandError where what the dump has there cannot be decoded. */
  get(key: ByteString): StoredValue | undefined {
    const place = this.placeOf(key);
    if (place < 0) return undefined;
    const offset = this.table.offsetOf(place);
    const kept = this.values.get(offset);
    if (kept !== undefined) return kept;
    const entry = this.entryAt(place);
    const value = this.stored(key, entry);
    this.values.add(offset, value, estimateBytes(entry.value));
    return value;
  }

  has(key: ByteString): boolean {
    return this.placeOf(key) >= 0;
  }

  typeOf(key: ByteString): string | undefined {
    const place = this.placeOf(key);
    if (place < 0) return undefined;
    const type = this.read(() => this.reader.typeAt(this.table.keyOffsetOf(place)));
    return type === undefined || OPAQUE.has(type) ? typeOf(this.get(key)!) : type;
  }

  set(): never {
    throw readOnly();
  }

  delete(): never {
    throw readOnly();
  }

  expiryOf(key: ByteString): UnixMs | undefined {
    const place = this.expiring === 0 ? -1 : this.placeOf(key);
    return place < 0 ? undefined : this.table.expiryOf(place);
  }

  setExpiry(): never {
    throw readOnly();
  }

  deleteExpiry(): never {
    throw readOnly();
  }

  accessOf(key: ByteString): number | undefined {
    const place = this.placeOf(key);
    const word = place < 0 ? 0 : this.words[place >>> CHUNK_BITS]?.[place & CHUNK_MASK];
    return word === 0 ? undefined : word;
  }

  setAccess(key: ByteString, word: number): void {
    const place = this.placeOf(key);
    const index = place >>> CHUNK_BITS;
    this.words[index] ??= new Uint32Array(CHUNK_SIZE);
    this.words[index][place & CHUNK_MASK] = word;
  }

  arrivalOf(key: ByteString): number {
    return this.placeOf(key);
  }

  keyFrom(place: number, end: number): ByteString | undefined {
    for (let at = place; at < end; at++) if (!this.table.isGone(at)) return this.remembered(at);
    return undefined;
  }

  keyWhere(place: number, end: number, isWanted: (value: StoredValue) => boolean): ByteString | undefined {
    for (let at = place; at < end; at++) {
      if (this.table.isGone(at)) continue;
      const key = this.remembered(at);
      if (isWanted(this.seen(at, key))) return key;
    }
    return undefined;
  }

  dueFrom(place: number, end: number, nowMs: number): ByteString | undefined {
    for (let at = place; at < end; at++) {
      const atMs = this.table.expiryOf(at);
      if (atMs !== undefined && isBefore(atMs, nowMs) && !this.table.isGone(at)) return this.remembered(at);
    }
    return undefined;
  }

  /** Places never change. */
  hold(): void {}

  letGo(): void {}

  /** Values that are not kept already are not kept for this: it may go through all of them. */
  *entries(): Generator<[ByteString, StoredValue], void, void> {
    for (let place = 0; place < this.table.count; place++) {
      if (this.table.isGone(place)) continue;
      const key = this.remembered(place);
      yield [key, this.seen(place, key)];
    }
  }

  *keys(): Generator<ByteString, void, void> {
    for (let place = 0; place < this.table.count; place++) if (!this.table.isGone(place)) yield this.remembered(place);
  }

  /** Of a dump that has every key a hundred times it takes a hundred guesses. */
  randomKey(random: () => number): ByteString | undefined {
    const { table } = this;
    while (table.size > 0) {
      const place = Math.floor(random() * table.count);
      if (!table.isGone(place)) return this.remembered(place);
    }
    return undefined;
  }

  /** The cursor is a place: one key at a time, in the order of the file, which never changes. */
  scan(cursor: number, visit: (key: ByteString) => void): number {
    const { table } = this;
    if (cursor < table.count && !table.isGone(cursor)) visit(this.remembered(cursor));
    return cursor + 1 < table.count ? cursor + 1 : 0;
  }

  /** −1 where the key is not there. */
  private placeOf(key: ByteString): number {
    if (key === this.lastKey) return this.lastPlace;
    const { table, reader } = this;
    const place = this.read(() =>
      table.search(hashOf(key), (at) => isNamed(reader.nameAt(table.keyOffsetOf(at)), key)),
    );
    this.lastKey = key;
    this.lastPlace = place;
    return place;
  }

  /** There is a key, of which more may be asked next. */
  private remembered(place: number): ByteString {
    const { bytes, start, end } = this.read(() => this.reader.nameAt(this.table.keyOffsetOf(place)));
    const key = toByteString(bytes, start, end);
    this.lastKey = key;
    this.lastPlace = place;
    return key;
  }

  private seen(place: number, key: ByteString): StoredValue {
    return this.values.get(this.table.offsetOf(place)) ?? this.stored(key, this.entryAt(place));
  }

  private entryAt(place: number): KeyEntry {
    const { table, reader, db } = this;
    return this.read(() => reader.entryAt(table.offsetOf(place), table.endOf(place), db.index));
  }

  /** What the dump says of the key beside its value goes where it is looked for. */
  private stored(key: ByteString, entry: KeyEntry): StoredValue {
    const { db } = this;
    if (entry.meta !== undefined) db.setMeta(key, entry.meta);
    const isAged = entry.idleSeconds !== undefined || entry.freq !== undefined;
    if (isAged && this.accessOf(key) === undefined) setAge(db, key, entry);
    return this.read(() => fromRdb(entry.value, db.engine.settings));
  }

  /** One record that is damaged is the trouble of whoever asks for it, not of the server. */
  private read<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new CommandError(`ERR the dump cannot be read at offset ${error.offset}: ${error.code} ${error.message}`);
    }
  }
}

function isNamed({ bytes, start, end }: Slice, key: ByteString): boolean {
  if (end - start !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (bytes[start + at] !== key.charCodeAt(at)) return false;
  return true;
}
