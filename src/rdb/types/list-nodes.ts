/**
 * Where the nodes of a quicklist end: the servers' rule for appending an item to the last node (rdb-format.md §11.1).
 *
 * A node takes one more item while its bytes, the item's and an estimate of what the item costs beside them stay within
 * the limit: 4096 to 65536 bytes for a `list-max-listpack-size` of −1 to −5, or 8192 bytes and as many items as a
 * positive one says. The estimate is 8 for listpacks; for ziplists it is the sizes of prevlen and encoding.
 *
 * Worked example, fill −2, listpacks of 7.0: 2000 items `element:N` make nodes of 8178, 8184, 8183 and 2373 bytes.
 */
import { Int64 } from '../../bytes/int64.js';
import { LISTPACK_HEADER_SIZE, parseDecimal64 } from '../../codecs/listpack.js';
import { ZIPLIST_HEADER_SIZE } from '../../codecs/ziplist.js';
import type { Target } from '../versions.js';
import { MAX_PACKED_BYTES } from './packed-output.js';

const NODE_BYTES = [4096, 8192, 16384, 32768, 65536] as const;
/** The limit of nodes that are counted by items (SIZE_SAFETY_LIMIT). */
const COUNTED_NODE_BYTES = 8192;
const LISTPACK_OVERHEAD = 8;
/** Versions from here on keep a list of one node outside any quicklist; its limit knows no overhead. */
const LISTPACK_LISTS_VERSION = 11;

/** Index after the last item of each node. In a listpack quicklist a large item (see isLargeItem) is a node of its own. */
export function splitNodes(items: readonly Uint8Array[], packed: 'listpack' | 'ziplist', target: Target): number[] {
  const listpack = packed === 'listpack';
  const maxBytes = maxNodeBytes(target);
  const maxItems = maxNodeItems(target);
  const emptyBytes = (listpack ? LISTPACK_HEADER_SIZE : ZIPLIST_HEADER_SIZE) + 1;
  const ends: number[] = [];
  let bytes = emptyBytes;
  let count = 0;
  let previous = 0;
  let inListpack = listpack && target.version >= LISTPACK_LISTS_VERSION;
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    const size = item.length;
    const large = listpack && isLargeItem(size, target);
    const estimate = inListpack ? 0 : listpack ? LISTPACK_OVERHEAD : ziplistOverhead(size);
    const fits = bytes + size + estimate <= maxBytes && count < maxItems;
    if (inListpack && !fits) inListpack = false;
    if (count > 0 && (large || !fits)) {
      ends.push(index);
      bytes = emptyBytes;
      count = 0;
      previous = 0;
    }
    if (large) {
      ends.push(index + 1);
      continue;
    }
    count++;
    previous = listpack ? listpackEntrySize(item) : ziplistEntrySize(item, previous);
    bytes += previous;
  }
  if (count > 0) ends.push(items.length);
  return ends;
}

/**
 * True where the target keeps an item of `size` bytes as a PLAIN node: from 1 GiB on in Redis 7.0 and 7.2 and Valkey 7.2,
 * later where it exceeds the byte limit of a node.
 */
export function isLargeItem(size: number, target: Target): boolean {
  const byLimit =
    target.version > LISTPACK_LISTS_VERSION || (target.family === 'valkey' && target.name !== 'valkey:7.2');
  return byLimit ? size > maxNodeBytes(target) : size >= MAX_PACKED_BYTES;
}

function maxNodeBytes({ settings }: Target): number {
  const fill = settings.listMaxNodeSize;
  return fill >= 0 ? COUNTED_NODE_BYTES : NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1]!;
}

function maxNodeItems({ settings }: Target): number {
  const fill = settings.listMaxNodeSize;
  return fill < 0 ? Infinity : Math.max(fill, 1);
}

function ziplistOverhead(size: number): number {
  return (size < 254 ? 1 : 5) + (size < 64 ? 1 : size < 16384 ? 2 : 5);
}

const scratch = new Int64();
const MAX_INTEGER_TEXT = 20;

/** True where packed structures store this item as an integer, which then stands in `scratch`. */
function isInteger(item: Uint8Array): boolean {
  return item.length <= MAX_INTEGER_TEXT && parseDecimal64(item, 0, item.length, scratch);
}

/** Bytes of the item as a listpack entry. Boundary sizes are beyond every node limit, so their two forms do not matter. */
function listpackEntrySize(item: Uint8Array): number {
  if (isInteger(item)) return listpackIntegerSize() + 1;
  const size = item.length;
  const data = size < 64 ? size + 1 : size < 4096 ? size + 2 : size + 5;
  return data + (data < 128 ? 1 : data < 16383 ? 2 : data < 2097151 ? 3 : data < 268435455 ? 4 : 5);
}

function listpackIntegerSize(): number {
  const { hi, lo } = scratch;
  if (hi !== lo >> 31) return 9;
  if (lo >= 0 && lo < 0x80) return 1;
  if (lo >= -0x1000 && lo < 0x1000) return 2;
  return lo >= -0x8000 && lo < 0x8000 ? 3 : lo >= -0x800000 && lo < 0x800000 ? 4 : 5;
}

/** Bytes of the item as a ziplist entry behind one of `previous` bytes. */
function ziplistEntrySize(item: Uint8Array, previous: number): number {
  const prevlen = previous < 254 ? 1 : 5;
  if (isInteger(item)) return prevlen + ziplistIntegerSize();
  const size = item.length;
  return prevlen + size + (size < 64 ? 1 : size < 16384 ? 2 : 5);
}

function ziplistIntegerSize(): number {
  const { hi, lo } = scratch;
  if (hi !== lo >> 31) return 9;
  if (lo >= 0 && lo <= 12) return 1;
  if (lo >= -0x80 && lo < 0x80) return 2;
  return lo >= -0x8000 && lo < 0x8000 ? 3 : lo >= -0x800000 && lo < 0x800000 ? 4 : 5;
}
