/** What values take on one server: how it holds them after a load, from what a pass over them has added up. */
import { TYPE } from '../rdb/constants.js';
import type { ValueType } from '../rdb/model.js';
import { VECTORSET_MODULE } from '../rdb/vectorset.js';
import type { EncodingSettings, Target } from '../rdb/versions.js';
import { type AllocatorName, type SizeClass, sizeClassOf } from './allocator.js';
import { CollectionMemory, type HashOrigin, type ValueMemory } from './collection-memory.js';
import { ElementMemory } from './element-memory.js';
import { keyWithObject, keyWithString, ROBJ, uncountedObject } from './key-object.js';
import { ListMemory } from './list-memory.js';
import { type MemoryServer, memoryServer } from './memory-server.js';
import { StreamMemory } from './stream-memory.js';
import { TableSums } from './table-sums.js';
import { ValueSums } from './value-sums.js';
import { VectorSetMemory } from './vector-set-memory.js';

/** Bytes around the entries of a listpack, of a ziplist, of an intset. */
const LISTPACK_FRAME = 7;
const ZIPLIST_FRAME = 11;
const INTSET_HEADER = 8;

/** Packed structures as a file has them. */
export type PackedForm = 'listpack' | 'listpackex' | 'ziplist' | 'zipmap' | 'intset';

export class ServerMemory {
  readonly server: MemoryServer;
  readonly size: SizeClass;
  readonly settings: EncodingSettings;
  readonly sums: ValueSums;
  readonly elements: ElementMemory;
  readonly table: TableSums;
  private readonly collections: CollectionMemory;

  constructor(target: Target, allocator: AllocatorName, settings: Partial<EncodingSettings>) {
    this.server = memoryServer(target);
    this.size = sizeClassOf(allocator, this.server.wideNames);
    this.settings = { ...target.settings, ...settings };
    const { server, size } = this;
    this.collections = new CollectionMemory(server, size, this.settings);
    this.elements = new ElementMemory(server, size);
    this.table = new TableSums(this.elements);
    const list = new ListMemory(server, size, this.settings);
    this.sums = new ValueSums(
      this.server,
      this.elements,
      list,
      new StreamMemory(server, size),
      new VectorSetMemory(size),
    );
  }

  /** A key with a string of `length`; whole numbers of 64 bits are kept as numbers. */
  string(keyLength: number, expires: boolean, length: number, isInteger: boolean): ValueMemory {
    const extra = this.keyExtra(keyLength, expires);
    const key = keyWithObject(this.server, this.size, keyLength, expires);
    if (isInteger) return { encoding: 'int', bytes: key, extra };
    const embedded = keyWithString(this.server, this.size, keyLength, expires, length);
    if (embedded !== undefined)
      return { encoding: 'embstr', bytes: embedded, extra: this.server.layout === 'valkey8' ? 0 : extra };
    const bytes = key + this.elements.string(length);
    return { encoding: 'raw', bytes, extra: extra + this.elements.extra };
  }

  /** A key with any other value, of which the parts are known. */
  withKey(keyLength: number, expires: boolean, { encoding, bytes, extra }: ValueMemory): ValueMemory {
    const key = keyWithObject(this.server, this.size, keyLength, expires);
    // The server cuts off the fraction of a byte.
    return { encoding, bytes: Math.floor(key + bytes), extra: this.keyExtra(keyLength, expires) + extra };
  }

  /** What `used_memory` has for any key but one with an embedded string. */
  private keyExtra(keyLength: number, expires: boolean): number {
    const { layout } = this.server;
    if (layout === 'valkey8') return uncountedObject(this.size, keyLength, expires);
    return layout === 'robj' ? 8 : 0;
  }

  /** Whether the structure of a file stays as it is, for `count` elements of a type. */
  keepsPacked(type: ValueType, form: PackedForm, count: number): boolean {
    const { settings, server } = this;
    const isModern = server.hasListpacks;
    switch (form) {
      case 'intset':
        return count <= settings.setMaxIntsetEntries;
      case 'listpackex':
        return server.hasFieldExpiry && server.target.family !== 'valkey' && count <= settings.hashMaxPackedEntries;
      case 'zipmap':
        return false;
      case 'ziplist':
        return !isModern && count <= this.maxEntries(type);
      case 'listpack':
        return isModern && count <= this.maxEntries(type);
    }
  }

  packed(form: PackedForm, length: number): ValueMemory {
    const { exactBlobs, listpackExBytes } = this.server;
    const head = form !== 'listpackex' ? 0 : exactBlobs ? listpackExBytes : this.size(listpackExBytes);
    return this.collections.packed(form, length, head);
  }

  /**
   * A value that {@link table} has read; undefined where the server packs it. `leadingIntegers`: members of a small set up to
   * the first one that is no whole number.
   */
  ofTable(type: ValueType, leadingIntegers: number): ValueMemory | undefined {
    const { table, settings } = this;
    const fits = table.count <= this.maxEntries(type) && table.firstLong < 0;
    if (fits) return undefined;
    if (type === 'zset') return this.collections.zset(table, false);
    if (type === 'hash')
      return this.collections.hash(table, table.count > settings.hashMaxPackedEntries ? 'counted' : 'packed');
    return leadingIntegers === table.count && table.count <= settings.setMaxIntsetEntries
      ? undefined
      : this.collections.set(table, leadingIntegers);
  }

  /** Values whose elements have gone through {@link sums}. */
  ofSums(type: ValueType, rdbType: number, isPackedInFile: boolean, valueBytes: number): ValueMemory {
    const { sums } = this;
    switch (type) {
      case 'list':
        return sums.list.finish();
      case 'set':
        return this.set(isPackedInFile);
      case 'zset':
        return this.fitsPacked('zset', isPackedInFile)
          ? this.packed(this.packedForm, this.frame + sums.listpackBytes)
          : this.collections.zset(sums, isPackedInFile);
      case 'hash':
        return this.hash(rdbType, isPackedInFile);
      case 'stream':
        sums.stream.finish(sums.state);
        return { encoding: 'stream', bytes: sums.stream.bytes, extra: sums.stream.extra };
      case 'module':
        return { encoding: 'raw', bytes: this.moduleBytes(valueBytes), extra: 0 };
      default:
        // No server has told: what it takes in the file is a beginning.
        return { encoding: type, bytes: valueBytes, extra: 0 };
    }
  }

  /** Only modules know what their values take, their object included; vector sets are known here. */
  private moduleBytes(valueBytes: number): number {
    const { module, vectors } = this.sums;
    const bytes = module === VECTORSET_MODULE ? vectors.finish() : valueBytes;
    return this.server.layout === 'robj' ? bytes - ROBJ : bytes;
  }

  private set(isPackedInFile: boolean): ValueMemory {
    const { sums, settings, server } = this;
    if (sums.areIntegers && sums.count <= settings.setMaxIntsetEntries)
      return this.packed('intset', INTSET_HEADER + sums.integerWidth * sums.count);
    // Loaders begin with an intset, and with a table where that would be too long; an intset that is too long becomes one.
    const isTable = isPackedInFile ? sums.areIntegers : sums.count > settings.setMaxIntsetEntries;
    if (server.hasListpackLists && !isTable && this.fitsPacked('set', isPackedInFile))
      return this.packed('listpack', LISTPACK_FRAME + sums.listpackBytes);
    // An intset in the file is given room for all when it becomes a table.
    const isGrown = !isPackedInFile && sums.count <= settings.setMaxIntsetEntries;
    return this.collections.set(sums, isGrown ? sums.leadingIntegers : 0);
  }

  private hash(rdbType: number, isPackedInFile: boolean): ValueMemory {
    const { sums, server, settings } = this;
    const hasExpiries = sums.expiring > 0;
    const isValkey = server.target.family === 'valkey';
    const fits = this.fitsPacked('hash', isPackedInFile);
    if (fits && !hasExpiries) {
      // Without expiries the entries for them are not there.
      return this.packed(this.packedForm, this.frame + sums.listpackBytes - 2 * sums.count);
    }
    if (fits && hasExpiries && !isValkey) return this.packed('listpackex', LISTPACK_FRAME + sums.listpackBytes);
    const isCounted = sums.count > settings.hashMaxPackedEntries;
    const isType24 = rdbType === TYPE.HASH_METADATA || rdbType === TYPE.R_HASH_METADATA_PRE_GA;
    return this.collections.hash(sums, originOf(isCounted, isType24, isPackedInFile || rdbType === TYPE.HASH_ZIPMAP));
  }

  /** Loaders count the elements of what is packed in the file, and look at their size as well where they are not. */
  private fitsPacked(type: ValueType, isPackedInFile: boolean): boolean {
    const { sums } = this;
    return sums.count <= this.maxEntries(type) && (isPackedInFile || sums.firstLong < 0);
  }

  private maxEntries(type: ValueType): number {
    const { hashMaxPackedEntries, setMaxListpackEntries, zsetMaxPackedEntries } = this.settings;
    if (type === 'hash') return hashMaxPackedEntries;
    if (type === 'set') return this.server.hasListpackLists ? setMaxListpackEntries : 0;
    return zsetMaxPackedEntries;
  }

  private get packedForm(): PackedForm {
    return this.server.hasListpacks ? 'listpack' : 'ziplist';
  }

  private get frame(): number {
    return this.server.hasListpacks ? LISTPACK_FRAME : ZIPLIST_FRAME;
  }
}

/** Loaders of type 24 know the count too, and do not make use of it. */
function originOf(isCounted: boolean, isType24: boolean, isConverted: boolean): HashOrigin {
  if (isConverted) return 'converted';
  if (isType24) return isCounted ? 'grown' : 'packed with expiries';
  return isCounted ? 'counted' : 'packed';
}
