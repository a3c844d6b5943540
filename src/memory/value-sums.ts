/** What one pass over a value adds up, for a server that may hold it packed or not. */
import { Int64 } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import { formatScore17 } from '../codecs/double.js';
import { formatFpconv } from '../codecs/fpconv.js';
import { listpackLength, parseDecimal64 } from '../codecs/listpack.js';
import { decodeZiplistEntry, ZIPLIST_HEADER_SIZE, ziplistLength } from '../codecs/ziplist.js';
import type { StreamState } from '../rdb/model.js';
import type { ValueSink } from '../rdb/types/type-codec.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import type { CollectionSums } from './collection-memory.js';
import { type ElementMemory, listpackEntryBytes, listpackIntegerBytes } from './element-memory.js';
import type { ListMemory } from './list-memory.js';
import type { MemoryServer } from './memory-server.js';
import type { StreamMemory } from './stream-memory.js';
import type { VectorSetMemory } from './vector-set-memory.js';

/** More expiries of one hash are not looked at one by one. */
const MAX_EXPIRIES = 1 << 20;
const MAX_INTEGER_DIGITS = 20;
/** Whole scores up to here are integers in a listpack (double2ll). */
const MAX_WHOLE_SCORE = 2 ** 62;
const TTL_ENTRY = 9;
const LISTPACK_FRAME = 7;

export class ValueSums implements CollectionSums {
  count = 0;
  elementBytes = 0;
  elementExtra = 0;
  expiring = 0;
  readonly expiries: number[] = [];
  firstLong = -1;
  largest = 0;
  /** All entries in a listpack, its frame not counted. */
  listpackBytes = 0;
  areIntegers = true;
  /** Members of a set before the first one that is no integer. */
  leadingIntegers = 0;
  /** Bytes of each integer in an intset: 2, 4 or 8. */
  integerWidth = 2;
  /** Longer elements are not packed. */
  maxPackedValue = 0;
  /** Items go to nodes that the server makes. */
  appendsItems = false;
  /** Nodes of lists are ziplists, and become listpacks. */
  hasZiplists = false;
  convertsZiplists = false;
  /** The value is one ziplist, and stays packed: what its entries are does not matter. */
  isOneZiplist = false;
  state: StreamState | undefined;
  /** Whose value it is. */
  module = '';
  readonly sink: ValueSink;
  private readonly integer = new Int64();
  private readonly entry = new Slice();
  private readonly text = new Uint8Array(40);

  constructor(
    private readonly server: MemoryServer,
    private readonly elements: ElementMemory,
    readonly list: ListMemory,
    readonly stream: StreamMemory,
    readonly vectors: VectorSetMemory,
  ) {
    this.sink = {
      ...IGNORE_VALUE,
      moduleStart: (module) => {
        this.module = module;
      },
      blob: (packed, nodeKey) => this.blob(packed, nodeKey),
      string: () => undefined,
      listItem: (item) => this.item(item),
      setMember: (member) => this.member(member),
      zsetMember: (member, score) => this.scored(member, score),
      hashField: (field, value, expireAt) => this.field(field, value, expireAt),
      streamState: (state) => {
        this.state = state;
      },
      arrayElement: (_index, value) => this.other(value.length),
      moduleInteger: (_kind, value) => this.vectors.integer(value.toNumber()),
      moduleString: (value) => this.moduleString(value.length),
    };
  }

  start(maxPackedValue: number, staysQuicklist = false): void {
    this.count = 0;
    this.elementBytes = 0;
    this.elementExtra = 0;
    this.expiring = 0;
    this.expiries.length = 0;
    this.firstLong = -1;
    this.largest = 0;
    this.listpackBytes = 0;
    this.areIntegers = true;
    this.leadingIntegers = 0;
    this.integerWidth = 2;
    this.maxPackedValue = maxPackedValue;
    this.appendsItems = false;
    this.hasZiplists = false;
    this.convertsZiplists = false;
    this.isOneZiplist = false;
    this.state = undefined;
    this.list.start(staysQuicklist);
    this.stream.start();
    this.vectors.start();
  }

  private blob(packed: Slice, nodeKey: Slice | undefined): void {
    if (this.isOneZiplist) this.listpackBytes = this.asListpack(packed) - LISTPACK_FRAME;
    else if (nodeKey === undefined) this.listNode(packed);
    else this.stream.node(nodeKey.bytes, nodeKey.start, nodeKey.end, packed.length);
  }

  private listNode(packed: Slice): void {
    const { bytes, start, end } = packed;
    const items = this.hasZiplists ? ziplistLength(bytes, start, end) : listpackLength(bytes, start, end);
    this.count += items;
    this.list.items += items;
    this.list.node(this.convertsZiplists ? this.asListpack(packed) : packed.length, false);
  }

  /** Bytes of the listpack that a ziplist becomes. */
  private asListpack({ bytes, start, end }: Slice): number {
    let size = LISTPACK_FRAME;
    for (let pos = start + ZIPLIST_HEADER_SIZE; pos < end - 1; ) {
      pos = decodeZiplistEntry(bytes, pos, end, this.entry);
      size += this.entryBytes(this.entry);
    }
    return size;
  }

  private item(item: Slice): void {
    const { length } = item;
    this.other(length);
    if (this.appendsItems) this.list.append(length, this.entryBytes(item));
    else this.list.node(length, true);
  }

  private member(member: Slice): void {
    this.listpackBytes += this.entryBytes(member);
    if (this.areIntegers) this.leadingIntegers++;
    this.elementBytes += this.elements.member(member.length);
    this.elementExtra += this.elements.extra;
    this.longest(member.length, member.length);
    this.count++;
  }

  private scored(member: Slice, score: number): void {
    this.listpackBytes += this.entryBytes(member) + this.scoreBytes(score);
    this.elementBytes += this.elements.scored(member.length);
    this.longest(member.length, member.length);
    this.count++;
  }

  private field(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const expires = expireAt !== undefined;
    this.listpackBytes += this.entryBytes(field) + this.entryBytes(value);
    this.elementBytes += this.elements.field(field.length, value.length, expires);
    this.elementExtra += this.elements.extra;
    this.longest(field.length, value.length);
    this.count++;
    if (!expires) {
      this.listpackBytes += 2;
      return;
    }
    this.listpackBytes += TTL_ENTRY + 1;
    this.expiring++;
    if (this.expiries.length < MAX_EXPIRIES) this.expiries.push(expireAt.toNumber());
  }

  private moduleString(length: number): void {
    this.vectors.string(length);
    if (length > this.largest) this.largest = length;
  }

  private other(length: number): void {
    this.count++;
    if (length > this.largest) this.largest = length;
  }

  private longest(length: number, other: number): void {
    const longest = Math.max(length, other);
    if (longest > this.largest) this.largest = longest;
    if (longest > this.maxPackedValue && this.firstLong < 0) this.firstLong = this.count;
  }

  /** An entry of a listpack; notes whether it is an integer. */
  private entryBytes({ bytes, start, end }: Slice): number {
    const length = end - start;
    if (length <= MAX_INTEGER_DIGITS && parseDecimal64(bytes, start, end, this.integer)) {
      const { hi, lo } = this.integer;
      const wide = listpackIntegerBytes(hi, lo);
      if (wide === 9) this.integerWidth = 8;
      else if (wide > 3 && this.integerWidth < 4) this.integerWidth = 4;
      return listpackEntryBytes(length, wide);
    }
    this.areIntegers = false;
    return listpackEntryBytes(length, 0);
  }

  private scoreBytes(score: number): number {
    if (Number.isInteger(score) && Math.abs(score) <= MAX_WHOLE_SCORE) {
      const hi = Math.floor(score / 0x100000000);
      return listpackEntryBytes(0, listpackIntegerBytes(hi, score - hi * 0x100000000));
    }
    const isText17 = !this.server.hasListpackLists;
    const length = isText17 ? formatScore17(score).length : formatFpconv(score, this.text, 0);
    return listpackEntryBytes(length, 0);
  }
}
