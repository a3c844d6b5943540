/**
 * A hash: fields with values, and some of them with the time when they go.
 *
 * The form is kept as the server keeps it (rdb-format.md §11.1), history included: packed, packed with times (Redis 7.4+,
 * from the first command that might set one), or a table; nothing ever goes back. Valkey has times in tables alone.
 */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import type { HashField, HashValue, ValueEncoding } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import { expiryAttributes, isReached, type UnixMs, unixMsOf } from '../unix-ms.js';
import { FieldExpiries } from './field-expiries.js';
import {
  copyFields,
  deleteField,
  type FieldTable,
  fieldCount,
  fieldPairs,
  fieldValue,
  hasField,
  withField,
} from './field-table.js';
import type { StoredObject } from './stored-object.js';

type Form = 'packed' | 'timed' | 'hashtable';

/** Versions of the format that came with ziplists, with listpacks, and with a look at the number of arguments. */
const ZIPLIST_VERSION = 4;
const LISTPACK_VERSION = 10;
const COUNTING_VERSION = 11;

export class HashObject implements StoredObject {
  readonly type = 'hash';
  /** In the order of the packed form, but for its times. */
  private fields: FieldTable = [];
  /** Of those fields that have an expiry; missing while none has. */
  private expiries: FieldExpiries | undefined;
  private form: Form = 'packed';
  /** The names of many fields by number; missing until somebody asks, and when one has come or gone. */
  private drawn: ByteString[] | undefined;

  constructor(private readonly settings: EngineSettings) {}

  static fromRdb({ fields, encoding: stored }: HashValue, settings: EngineSettings): HashObject {
    const hash = new HashObject(settings);
    const { hashMaxPackedEntries, hashMaxPackedValue } = settings.encoding;
    // A listpack is taken as it is, however long its elements are.
    const isTaken = stored === 'listpack' || stored === 'listpackex';
    const isLong = ({ field, value }: HashField): boolean =>
      field.length > hashMaxPackedValue || value.length > hashMaxPackedValue;
    const isExpanded = fields.length > hashMaxPackedEntries || (!isTaken && fields.some(isLong));
    if (isExpanded) hash.form = 'hashtable';
    else if (stored === 'listpackex' || fields.some(({ expireAtMs }) => expireAtMs !== undefined)) hash.makeTimed();
    for (const one of stored === 'listpackex' ? latestFirst(fields) : fields) {
      const name = toByteString(one.field);
      hash.fields = withField(hash.fields, name, toByteString(one.value));
      const expireAt = unixMsOf(one);
      if (expireAt !== undefined) hash.times().set(name, expireAt);
    }
    return hash;
  }

  get size(): number {
    return fieldCount(this.fields);
  }

  /** Whether any field expires. */
  get hasExpiries(): boolean {
    return this.expiries !== undefined && this.expiries.size > 0;
  }

  /** A table, and no field of it expires: every server writes it as TYPE_HASH. */
  get isPlainTable(): boolean {
    return this.form === 'hashtable' && !this.hasExpiries;
  }

  /** Whether any field expires later than a time. */
  expiresAfter(ms: number): boolean {
    if (this.expiries !== undefined) for (const atMs of this.expiries.values()) if (!isReached(atMs, ms)) return true;
    return false;
  }

  has(field: ByteString): boolean {
    return hasField(this.fields, field);
  }

  get(field: ByteString): ByteString | undefined {
    return fieldValue(this.fields, field);
  }

  /** Fields with values: those of a packed hash in its order. */
  entries(): Iterable<readonly [ByteString, ByteString]> {
    const pairs = fieldPairs(this.fields);
    return this.form === 'timed' && this.hasExpiries ? this.byTime([...pairs]) : pairs;
  }

  /** As {@link entries} has them. */
  *names(): Generator<ByteString, void, void> {
    for (const [name] of this.entries()) yield name;
  }

  /** Any place from 0 up to the size has its field, as long as nothing changes. */
  nameAt(index: number): ByteString {
    if (this.fields instanceof Map) {
      this.drawn ??= [...this.fields.keys()];
      return this.drawn[index]!;
    }
    return this.fields[index * 2]!;
  }

  expiryOf(field: ByteString): UnixMs | undefined {
    return this.expiries?.get(field);
  }

  /** What the server does before the pairs `args[from, to)` are set: a table where they would not fit. */
  makeRoomFor(args: readonly ByteString[], from: number, to: number): void {
    if (this.form === 'hashtable') return;
    const { encoding, target } = this.settings;
    if (target.version >= COUNTING_VERSION && (to - from) >> 1 > encoding.hashMaxPackedEntries) {
      this.form = 'hashtable';
      return;
    }
    for (let at = from; at < to; at++) {
      if (args[at]!.length <= encoding.hashMaxPackedValue) continue;
      this.form = 'hashtable';
      return;
    }
  }

  /** The expiry that the field had goes, unless it is kept. False where the field was there. */
  set(field: ByteString, value: ByteString, keepsExpiry = false): boolean {
    const before = this.size;
    if (this.form !== 'hashtable') this.expandFor(field, value);
    this.fields = withField(this.fields, field, value);
    if (this.size === before) {
      if (this.expiries !== undefined && !keepsExpiry) this.persist(field);
      return false;
    }
    this.drawn = undefined;
    if (this.form !== 'hashtable' && this.size > this.settings.encoding.hashMaxPackedEntries) this.form = 'hashtable';
    return true;
  }

  /** False where it was not there. */
  remove(field: ByteString): boolean {
    this.expiries?.delete(field);
    this.drawn = undefined;
    return deleteField(this.fields, field);
  }

  /** What the server does before it might give a field of this hash an expiry. */
  makeTimed(): void {
    if (this.form === 'packed') this.form = this.settings.target.family === 'valkey' ? 'hashtable' : 'timed';
  }

  /** The field is there. */
  setExpiry(field: ByteString, atMs: UnixMs): void {
    this.makeTimed();
    this.times().set(field, atMs);
    this.moveToEnd(field);
  }

  /** False where it had no expiry. */
  persist(field: ByteString): boolean {
    if (this.expiries === undefined || !this.expiries.delete(field)) return false;
    if (this.expiries.size === 0) this.expiries = undefined;
    this.moveToEnd(field);
    return true;
  }

  /** Removes the fields whose time has come, and returns them. */
  expire(nowMs: number): ByteString[] {
    if (this.expiries === undefined) return [];
    const gone = this.expiries.due(nowMs);
    for (const field of gone) this.remove(field);
    if (this.expiries.size === 0) this.expiries = undefined;
    return gone;
  }

  encoding({ target }: EngineSettings): string {
    return this.nameOf(target.version);
  }

  toRdb({ target }: EngineSettings): HashValue {
    const fields: HashField[] = [];
    for (const [name, text] of this.entries()) {
      const expireAt = this.expiries?.get(name);
      const [field, value] = [fromByteString(name), fromByteString(text)];
      fields.push(expireAt === undefined ? { field, value } : { field, value, ...expiryAttributes(expireAt) });
    }
    return { type: 'hash', encoding: this.nameOf(target.version), fields };
  }

  copy(): HashObject {
    const copy = new HashObject(this.settings);
    copy.fields = copyFields(this.fields);
    copy.expiries = this.expiries?.copy();
    copy.form = this.form;
    return copy;
  }

  private nameOf(version: number): ValueEncoding {
    if (this.form === 'timed') return 'listpackex';
    if (this.form === 'hashtable') return 'hashtable';
    return version >= LISTPACK_VERSION ? 'listpack' : version >= ZIPLIST_VERSION ? 'ziplist' : 'zipmap';
  }

  private expandFor(field: ByteString, value: ByteString): void {
    const { hashMaxPackedValue } = this.settings.encoding;
    if (field.length > hashMaxPackedValue || value.length > hashMaxPackedValue) this.form = 'hashtable';
  }

  /** As a listpack with times has them: by time, of equal ones that first which was set last, then the fields without. */
  private byTime(pairs: (readonly [ByteString, ByteString])[]): (readonly [ByteString, ByteString])[] {
    const expiries = this.times();
    const timed = pairs.filter(([name]) => expiries.has(name)).reverse();
    timed.sort(([a], [b]) => Number(expiries.get(a)) - Number(expiries.get(b)));
    return [...timed, ...pairs.filter(([name]) => !expiries.has(name))];
  }

  private times(): FieldExpiries {
    this.expiries ??= new FieldExpiries();
    return this.expiries;
  }

  /** Where times stand in the packed form, a field that gets or loses one is put in anew. */
  private moveToEnd(field: ByteString): void {
    if (this.form !== 'timed') return;
    const value = fieldValue(this.fields, field)!;
    deleteField(this.fields, field);
    this.fields = withField(this.fields, field, value);
  }
}

/** The order in which such a listpack may have come about. */
function latestFirst(fields: readonly HashField[]): HashField[] {
  const timed = fields.filter(({ expireAtMs }) => expireAtMs !== undefined).reverse();
  return [...timed, ...fields.filter(({ expireAtMs }) => expireAtMs === undefined)];
}
