/**
 * Listpack entries at the sizes where Redis and Valkey 9.1 write backlens of different lengths and refuse each other's
 * (rdb-format.md §8.4): almost no value has one, but a value that has must be written anew.
 *
 * Such an entry takes at least 16,383 bytes, so a look at the sizes of a value's packed strings nearly always settles it.
 */
import type { Slice } from '../bytes/slice.js';
import { decodeLength, skipLength } from '../codecs/length.js';
import { LISTPACK_END, LISTPACK_HEADER_SIZE, skipListpackEntry } from '../codecs/listpack.js';
import { STR_INT8, STR_LZF, skipString } from '../codecs/string.js';
import { TYPE } from '../rdb/constants.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { ValueSink } from '../rdb/types/type-codec.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';

export type BacklenForm = 'long' | 'short';

/** Sizes of encoding and data where the forms differ, with the bytes of the short backlen. */
const BOUNDARIES: ReadonlyMap<number, number> = new Map([
  [0x3fff, 2],
  [0x1fffff, 3],
  [0xfffffff, 4],
]);
const SMALLEST = 0x3fff;

/** Types that hold listpacks: one string; a count of nodes; behind a time. */
const ONE_STRING: ReadonlySet<number> = new Set([
  TYPE.HASH_LISTPACK,
  TYPE.ZSET_LISTPACK,
  TYPE.SET_LISTPACK,
  TYPE.HASH_TMPL_LP_REF,
]);
const NODES: ReadonlySet<number> = new Set([
  TYPE.LIST_QUICKLIST_2,
  TYPE.STREAM_LISTPACKS,
  TYPE.STREAM_LISTPACKS_2,
  TYPE.STREAM_LISTPACKS_3,
  TYPE.STREAM_LISTPACKS_4,
  TYPE.STREAM_LISTPACKS_5,
]);
/** Of Redis alone. */
const OTHERS: readonly number[] = [TYPE.HASH_LISTPACK_EX, TYPE.R_HASH_LISTPACK_EX_PRE_GA];

export const LISTPACK_TYPES: ReadonlySet<number> = new Set([...ONE_STRING, ...NODES, ...OTHERS]);

/** Finds entries whose backlen has another form than the target's. */
export class BoundaryScan {
  private found = false;
  private readonly sink: ValueSink = { ...IGNORE_VALUE, blob: (packed) => this.lookAt(packed) };

  constructor(private readonly form: BacklenForm) {}

  /** Whether the value of a whole row has one. Throws FormatError. */
  finds(driver: RdbDriver, row: number): boolean {
    const { rows, window } = driver;
    const valuePos = rows.valuePos[row]!;
    if (!mayHoldBoundary(rows.kind[row]!, window.bytes, valuePos, rows.end[row]!)) return false;
    this.found = false;
    driver.readValue(row, 'blob', this.sink);
    return this.found;
  }

  private lookAt({ bytes, start, end }: Slice): void {
    if (!this.found) this.found = hasOtherBacklen(bytes, start, end, this.form);
  }
}

/** Whether a listpack holds an entry at a boundary size whose backlen has the other form. Throws BAD_LISTPACK. */
export function hasOtherBacklen(bytes: Uint8Array, start: number, end: number, form: BacklenForm): boolean {
  let pos = start + LISTPACK_HEADER_SIZE;
  while (pos < end && bytes[pos] !== LISTPACK_END) {
    const next = skipListpackEntry(bytes, pos, end);
    if (next - pos > SMALLEST && isOther(bytes, pos, next, form)) return true;
    pos = next;
  }
  return false;
}

/** The listpack with every backlen in the form `form`. */
export function rewriteBacklens(bytes: Uint8Array, start: number, end: number, form: BacklenForm): Uint8Array {
  // One byte more per entry of at least 16 KiB is enough.
  const out = new Uint8Array(end - start + Math.ceil((end - start) / SMALLEST));
  out.set(bytes.subarray(start, start + LISTPACK_HEADER_SIZE));
  let to = LISTPACK_HEADER_SIZE;
  let pos = start + LISTPACK_HEADER_SIZE;
  while (bytes[pos] !== LISTPACK_END) {
    const next = skipListpackEntry(bytes, pos, end);
    if (next - pos > SMALLEST && isOther(bytes, pos, next, form)) {
      const size = backlenValue(bytes, next);
      const stored = next - pos - size;
      out.set(bytes.subarray(pos, pos + size), to);
      to = putBacklen(size, form === 'long' ? stored + 1 : stored - 1, out, to + size);
    } else {
      out.set(bytes.subarray(pos, next), to);
      to += next - pos;
    }
    pos = next;
  }
  out[to++] = LISTPACK_END;
  new DataView(out.buffer).setUint32(0, to, true);
  return out.subarray(0, to);
}

function putBacklen(size: number, backlenBytes: number, out: Uint8Array, pos: number): number {
  let rest = size;
  for (let at = pos + backlenBytes - 1; at >= pos; at--) {
    out[at] = (rest % 128) | (at > pos ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
  return pos + backlenBytes;
}

function isOther(bytes: Uint8Array, pos: number, next: number, form: BacklenForm): boolean {
  // The backlen ends at `next`; its size is what is left of the entry, whichever boundary it may be at.
  for (const [size, shortBytes] of BOUNDARIES) {
    const backlenBytes = next - pos - size;
    if (backlenBytes === shortBytes) return form === 'long' && backlenValue(bytes, next) === size;
    if (backlenBytes === shortBytes + 1) return form === 'short' && backlenValue(bytes, next) === size;
  }
  return false;
}

/** The number in the backlen that ends at `end`, read backwards. */
function backlenValue(bytes: Uint8Array, end: number): number {
  let value = 0;
  for (let at = end - 1, unit = 1; ; at--, unit *= 128) {
    value += (bytes[at]! & 0x7f) * unit;
    if ((bytes[at]! & 0x80) === 0 || unit >= 128 ** 4) return value;
  }
}

/** Looks at sizes alone. */
function mayHoldBoundary(type: number, bytes: Uint8Array, pos: number, end: number): boolean {
  if (ONE_STRING.has(type)) return stringSize(bytes, pos, end) > SMALLEST;
  if (!NODES.has(type)) return true;
  let next = skipLength(bytes, pos, end);
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    // A node's head is the container of a quicklist node or the id of a stream node.
    const head = type === TYPE.LIST_QUICKLIST_2 ? skipLength(bytes, next, end) : skipString(bytes, next, end);
    if (stringSize(bytes, head, end) > SMALLEST) return true;
    next = skipString(bytes, head, end);
  }
  return false;
}

/** Bytes of a string after decompression. */
function stringSize(bytes: Uint8Array, pos: number, end: number): number {
  if (bytes[pos] === STR_LZF) return decodeLength(bytes, skipLength(bytes, pos + 1, end));
  return bytes[pos]! < STR_INT8 ? decodeLength(bytes, pos) : 0;
}
