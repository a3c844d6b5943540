/**
 * How many elements a packed value has, from the headers of its structures: nothing is walked, and of a compressed one only
 * the first bytes are expanded.
 *
 * A header that does not know, or that does not fit its bytes, gives {@link NO_COUNT}: whoever then decodes the value finds
 * the count, or says what is wrong with it.
 */
import { FormatError } from '../bytes/errors.js';
import { readUint32Le } from '../bytes/int64.js';
import { checkIntset, INTSET_HEADER_SIZE } from '../codecs/intset.js';
import { decodeLength, lengthSize, skipLength } from '../codecs/length.js';
import { LISTPACK_END, LISTPACK_HEADER_SIZE, listpackLength } from '../codecs/listpack.js';
import { decompressLzfPrefix } from '../codecs/lzf.js';
import { STR_LZF, skipString } from '../codecs/string.js';
import { type ZIPLIST_END, ZIPLIST_HEADER_SIZE, ziplistLength } from '../codecs/ziplist.js';
import { type ZIPMAP_END, ZIPMAP_HEADER_SIZE, zipmapLength } from '../codecs/zipmap.js';
import { TYPE } from './constants.js';
import { CONTAINER_PLAIN } from './types/list.js';
import type { TypeCodec } from './types/type-codec.js';

export const NO_COUNT = -1;

/** What the values of a type are packed into. */
export const PACKED_NONE = 0;
export const PACKED_LISTPACK = 1;
export const PACKED_ZIPLIST = 2;
export const PACKED_INTSET = 3;
export const PACKED_ZIPMAP = 4;

/** The structure of each type byte, entries of it for one element, and entries that are no element. */
const STRUCTURE = new Uint8Array(256);
const PER_ELEMENT = new Uint8Array(256).fill(1);
const EXTRA = new Uint8Array(256);
for (const [type, structure, perElement] of [
  [TYPE.LIST_ZIPLIST, PACKED_ZIPLIST, 1],
  [TYPE.LIST_QUICKLIST, PACKED_ZIPLIST, 1],
  [TYPE.LIST_QUICKLIST_2, PACKED_LISTPACK, 1],
  [TYPE.SET_INTSET, PACKED_INTSET, 1],
  [TYPE.SET_LISTPACK, PACKED_LISTPACK, 1],
  [TYPE.ZSET_ZIPLIST, PACKED_ZIPLIST, 2],
  [TYPE.ZSET_LISTPACK, PACKED_LISTPACK, 2],
  [TYPE.HASH_ZIPMAP, PACKED_ZIPMAP, 1],
  [TYPE.HASH_ZIPLIST, PACKED_ZIPLIST, 2],
  [TYPE.HASH_LISTPACK, PACKED_LISTPACK, 2],
  [TYPE.R_HASH_LISTPACK_EX_PRE_GA, PACKED_LISTPACK, 3],
  [TYPE.HASH_LISTPACK_EX, PACKED_LISTPACK, 3],
  [TYPE.HASH_TMPL_LP_REF, PACKED_LISTPACK, 1],
] as const) {
  STRUCTURE[type] = structure;
  PER_ELEMENT[type] = perElement;
}
// The template's id stands before the values.
EXTRA[TYPE.HASH_TMPL_LP_REF] = 1;

/** Bytes of the least field expiry in front of a type 25 listpack. */
const MIN_EXPIRE_SIZE = 8;
/** Count of a listpack or ziplist, or of a zipmap, whose header does not know it. */
const COUNT_UNKNOWN = 0xffff;
const ZIPMAP_COUNT_UNKNOWN = 0xfe;

/** What the value of this type byte is packed into; PACKED_NONE for the others. */
export function packedStructure(codec: TypeCodec, kind: number): number {
  // Valkey reads the same byte as a hash of paths.
  if (kind === TYPE.V_PATH_HASH && codec.encoding !== 'listpackex') return PACKED_NONE;
  return STRUCTURE[kind]!;
}

/** Elements of the value at `pos`, as far as what is there before `end` says, else {@link NO_COUNT}. */
export function countPackedFromHead(
  kind: number,
  structure: number,
  bytes: Uint8Array,
  pos: number,
  end: number,
): number {
  if (kind === TYPE.LIST_QUICKLIST || kind === TYPE.LIST_QUICKLIST_2) return countNodes(kind, bytes, pos, end);
  const entries = entriesFromHead(structure, bytes, kind === TYPE.HASH_LISTPACK_EX ? pos + MIN_EXPIRE_SIZE : pos, end);
  if (entries === NO_COUNT) return NO_COUNT;
  const elements = (entries - EXTRA[kind]!) / PER_ELEMENT[kind]!;
  return Number.isInteger(elements) && elements >= 0 ? elements : NO_COUNT;
}

/** Elements of a whole structure, walked where its header does not know. Throws what its codec throws, BAD_COLLECTION. */
export function countPacked(kind: number, structure: number, bytes: Uint8Array, start: number, end: number): number {
  const elements = (entriesOf(structure, bytes, start, end) - EXTRA[kind]!) / PER_ELEMENT[kind]!;
  if (Number.isInteger(elements) && elements >= 0) return elements;
  throw new FormatError('BAD_COLLECTION', `its entries do not come in groups of ${PER_ELEMENT[kind]}`, start);
}

function entriesOf(structure: number, bytes: Uint8Array, start: number, end: number): number {
  switch (structure) {
    case PACKED_LISTPACK:
      return listpackLength(bytes, start, end);
    case PACKED_ZIPLIST:
      return ziplistLength(bytes, start, end);
    case PACKED_INTSET:
      return checkIntset(bytes, start, end);
    default:
      return zipmapLength(bytes, start, end);
  }
}

function countNodes(kind: number, bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return NO_COUNT;
  const structure = STRUCTURE[kind]!;
  let count = 0;
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    if (next >= end) return NO_COUNT;
    let isItem = false;
    if (kind === TYPE.LIST_QUICKLIST_2) {
      isItem = bytes[next] === CONTAINER_PLAIN;
      next = skipLength(bytes, next, end);
    }
    const entries = isItem ? 1 : entriesFromHead(structure, bytes, next, end);
    if (entries === NO_COUNT) return NO_COUNT;
    count += entries;
    next = skipString(bytes, next, end);
  }
  return next > end ? NO_COUNT : count;
}

/** Room for the largest header. */
const scratch = new Uint8Array(16);

/** Entries of the structure in the string at `pos`. */
function entriesFromHead(structure: number, bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return NO_COUNT;
  const lead = bytes[pos]!;
  if (lead === STR_LZF) return entriesOfCompressed(structure, bytes, pos + 1, end);
  const size = lengthSize(lead);
  const start = pos + size;
  // An integer can be no structure.
  if (size === 0 || start > end) return NO_COUNT;
  const length = decodeLength(bytes, pos);
  if (length <= headerSize(structure) || start + headerSize(structure) > end) return NO_COUNT;
  const last = start + length - 1;
  if (structure !== PACKED_INTSET && last < end && bytes[last] !== TERMINATOR) return NO_COUNT;
  return entriesOfHeader(structure, bytes, start, length);
}

/** As {@link entriesFromHead} for an LZF string, from its first length on. */
function entriesOfCompressed(structure: number, bytes: Uint8Array, pos: number, end: number): number {
  const lengthPos = skipLength(bytes, pos, end);
  if (lengthPos > end) return NO_COUNT;
  const start = skipLength(bytes, lengthPos, end);
  if (start > end) return NO_COUNT;
  const stop = start + decodeLength(bytes, pos);
  const length = decodeLength(bytes, lengthPos);
  const wanted = headerSize(structure);
  if (stop > end || length <= wanted) return NO_COUNT;
  decompressLzfPrefix(bytes, start, stop, scratch, wanted);
  return entriesOfHeader(structure, scratch, 0, length);
}

/** All three end with the same byte. */
const TERMINATOR = LISTPACK_END satisfies typeof ZIPLIST_END satisfies typeof ZIPMAP_END;

function headerSize(structure: number): number {
  switch (structure) {
    case PACKED_LISTPACK:
      return LISTPACK_HEADER_SIZE;
    case PACKED_ZIPLIST:
      return ZIPLIST_HEADER_SIZE;
    case PACKED_INTSET:
      return INTSET_HEADER_SIZE;
    default:
      return ZIPMAP_HEADER_SIZE;
  }
}

/** `length` is that of the whole structure. */
function entriesOfHeader(structure: number, bytes: Uint8Array, pos: number, length: number): number {
  if (structure === PACKED_ZIPMAP) return bytes[pos]! < ZIPMAP_COUNT_UNKNOWN ? bytes[pos]! : NO_COUNT;
  const first = readUint32Le(bytes, pos);
  if (structure === PACKED_INTSET) {
    const count = readUint32Le(bytes, pos + 4);
    return INTSET_HEADER_SIZE + first * count === length && count > 0 ? count : NO_COUNT;
  }
  const countPos = structure === PACKED_LISTPACK ? pos + 4 : pos + 8;
  const count = bytes[countPos]! | (bytes[countPos + 1]! << 8);
  return first === length && count !== COUNT_UNKNOWN ? count : NO_COUNT;
}
