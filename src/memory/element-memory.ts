/** What one element takes in a table or a skiplist, and in a listpack (memory-model.md §3, §4, §6). */
import type { SizeClass } from './allocator.js';
import type { MemoryServer } from './memory-server.js';
import { placedSdsBytes, sdsBytes, sdsHeader, wideSdsBytes } from './sds.js';
import { expectedNode } from './skiplist.js';

const DICT_ENTRY = 24;
/** A field and its value in one allocation, up to so many bytes. */
const EMBEDDED_PAIR = 128;
/** A skiplist node without its levels and its member. */
const SKIPLIST_NODE = 24;
/** Members of this length and more are not tabulated. */
const TABULATED = 1024;

/** Bytes that MEMORY USAGE counts for an element of a table, and what `used_memory` has beyond them. */
export class ElementMemory {
  /** Of the last element that was asked for. */
  extra = 0;
  private readonly skiplistNodes = new Float64Array(TABULATED);
  private readonly strings = new Float64Array(TABULATED);
  private readonly stringExtras = new Float64Array(TABULATED);
  /** Of a member of a set. Valkey 8.0 counts what an entry is (dictEntryMemUsage), which depends on its neighbours. */
  private readonly memberEntry: number;

  constructor(
    private readonly server: MemoryServer,
    private readonly size: SizeClass,
  ) {
    const isChained = server.layout === 'robj' || server.layout === 'kvobj';
    this.memberEntry = isChained && !server.embedsKeys ? DICT_ENTRY : 0;
    for (let length = 0; length < TABULATED; length++) {
      this.strings[length] = this.anyString(length);
      this.stringExtras[length] = this.extra;
    }
  }

  /** An allocated string. */
  string(length: number): number {
    if (length < TABULATED) {
      this.extra = this.stringExtras[length]!;
      return this.strings[length]!;
    }
    return this.anyString(length);
  }

  /** A member of a set. */
  member(length: number): number {
    return this.memberEntry + this.string(length);
  }

  /** A member of a sorted set, its node being as large as is to be expected. */
  scored(length: number): number {
    if (length >= TABULATED) return this.scoredNode(length);
    const known = this.skiplistNodes[length]!;
    if (known > 0) return known;
    const bytes = this.scoredNode(length);
    this.skiplistNodes[length] = bytes;
    return bytes;
  }

  /** A field of a hash with its value. */
  field(length: number, valueLength: number, expires: boolean): number {
    switch (this.server.layout) {
      case 'robj':
        return DICT_ENTRY + this.classicField(length, expires) + this.string(valueLength);
      case 'kvobj':
        return DICT_ENTRY + this.kvField(length, valueLength, expires);
      default:
        return this.valkeyField(length, valueLength, expires);
    }
  }

  private anyString(length: number): number {
    this.extra = 0;
    const { server, size } = this;
    const allocated = size(sdsBytes(length));
    if (server.exactSds) return sdsBytes(length);
    if (server.layout !== 'kvobj' || sdsHeader(length) >= 3) return allocated;
    this.extra = allocated - sdsBytes(length);
    return sdsBytes(length);
  }

  private scoredNode(length: number): number {
    const { server, size } = this;
    switch (server.layout) {
      case 'robj':
        return DICT_ENTRY + expectedNode(SKIPLIST_NODE, size) + this.string(length);
      case 'kvobj':
        return DICT_ENTRY + expectedNode(16 + sdsBytes(length), size);
      case 'valkey8':
        return expectedNode(SKIPLIST_NODE, size) + this.string(length);
      case 'valkey9':
        return expectedNode(17 + sdsBytes(length), size);
    }
  }

  /** Since 7.4 a field is an mstr, with room for its expiry. */
  private classicField(length: number, expires: boolean): number {
    const { server, size } = this;
    if (!server.hasFieldExpiry) return this.string(length);
    const header = length < 32 ? 1 : length < 65_536 ? 3 : 9;
    return size((expires ? 18 : 0) + header + length + 1);
  }

  private kvField(length: number, valueLength: number, expires: boolean): number {
    const { size } = this;
    const expiry = expires ? 16 : 0;
    const field = expires ? wideSdsBytes(length) : placedSdsBytes(length);
    const together = expiry + field + 3 + valueLength + 1;
    if (together <= EMBEDDED_PAIR) {
      this.extra = size(together) - together;
      return together;
    }
    const head = expiry + 8 + wideSdsBytes(length);
    const value = this.string(valueLength);
    this.extra += size(head) - head;
    return head + value;
  }

  private valkeyField(length: number, valueLength: number, expires: boolean): number {
    const { size } = this;
    const expiry = expires ? 8 : 0;
    const field = expires ? wideSdsBytes(length) : sdsBytes(length);
    const together = expiry + field + 4 + valueLength;
    if (together <= EMBEDDED_PAIR) return size(together);
    return size(expiry + 8 + wideSdsBytes(length)) + size(sdsBytes(valueLength));
  }
}

const MAX_BACKLEN = [1 << 7, 1 << 14, 1 << 21, 1 << 28];

/** Bytes of a listpack entry: an integer of `integerBytes` (0: none), or a string of `length`. */
export function listpackEntryBytes(length: number, integerBytes: number): number {
  const data = integerBytes > 0 ? integerBytes : stringEntryBytes(length);
  let backlen = 1;
  while (backlen < 5 && data >= MAX_BACKLEN[backlen - 1]!) backlen++;
  return data + backlen;
}

function stringEntryBytes(length: number): number {
  if (length < 64) return 1 + length;
  return length < 4096 ? 2 + length : 5 + length;
}

/** Bytes of a whole number in a listpack, its encoding byte included. */
export function listpackIntegerBytes(hi: number, lo: number): number {
  const value = hi * 0x100000000 + (lo >>> 0);
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32_768 && value <= 32_767) return 3;
  if (value >= -8_388_608 && value <= 8_388_607) return 4;
  if (value >= -0x80000000 && value <= 0x7fffffff) return 5;
  return 9;
}
