/** Sets: 2 (one string per member), 11 (an intset), 20 (a listpack). Members come in file order. */

import { EncodeError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import {
  checkIntset,
  checkIntsetOrder,
  decodeIntsetMember,
  INTSET_HEADER_SIZE,
  intsetWidth,
} from '../../codecs/intset.js';
import { decodeListpackEntry, parseDecimal64 } from '../../codecs/listpack.js';
import { TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { SetValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { closePacked, openListpack, packedType } from './packed.js';
import { writeListpack, wrongType } from './packed-output.js';
import { countedType, type ValueReading, type ValueSink } from './type-codec.js';

export const SET = countedType('set', 'hashtable', 1, readSet);

export const SET_INTSET = packedType('set', 'intset', walkIntset);

export const SET_LISTPACK = packedType('set', 'listpack', walkListpack);

/**
 * Writes a set as type 2, 11 or 20. An intset is sorted and takes the smallest width that fits; the other forms keep the
 * order given. Throws EncodeError for an intset with no member, one that is no integer, or one that occurs twice.
 */
export function writeSet(to: ValueOutput, value: SetValue, rdbType: number): void {
  const { members } = value;
  switch (rdbType) {
    case TYPE.SET:
      to.length(members.length);
      for (const member of members) to.string(member);
      return;
    case TYPE.SET_INTSET:
      to.string(encodeMembers(members));
      return;
    case TYPE.SET_LISTPACK:
      writeListpack(to, members);
      return;
    default:
      throw wrongType('set', rdbType);
  }
}

function* readSet(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.string(cursor.a)) yield;
    if (cursor.decoding) sink.setMember(cursor.a);
  }
}

function walkIntset(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  const count = checkIntset(bytes, start, end);
  if (cursor.context.deep) checkIntsetOrder(bytes, start, end);
  const width = intsetWidth(bytes, start);
  for (let index = 0; index < count; index++) {
    decodeIntsetMember(bytes, start, index, width, cursor.a);
    sink.setMember(cursor.a);
  }
}

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    sink.setMember(cursor.a);
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

/** Index of the lower half of a 64-bit number in an Int32Array of this machine. */
const LOWER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
/** Largest intset that servers take. */
const MAX_INTSET_MEMBERS = 2 ** 30;

const memberValue = new Int64();

function encodeMembers(members: readonly Uint8Array[]): Uint8Array {
  const count = members.length;
  if (count === 0) throw new EncodeError('an intset has at least one member');
  if (count > MAX_INTSET_MEMBERS) throw new EncodeError(`${count} members are too many for an intset`);
  // Filled through its halves and sorted natively: no BigInt is made per member.
  const values = new BigInt64Array(count);
  const halves = new Int32Array(values.buffer);
  members.forEach((member, index) => {
    if (!parseDecimal64(member, 0, member.length, memberValue))
      throw new EncodeError('an intset holds nothing but integers');
    halves[2 * index + LOWER] = memberValue.lo;
    halves[2 * index + 1 - LOWER] = memberValue.hi;
  });
  values.sort();
  return encodeSorted(halves, widthOf(values[0]!, values[count - 1]!));
}

function widthOf(least: bigint, greatest: bigint): number {
  if (least >= -0x8000n && greatest < 0x8000n) return 2;
  return least >= -0x80000000n && greatest < 0x80000000n ? 4 : 8;
}

function encodeSorted(halves: Int32Array, width: number): Uint8Array {
  const count = halves.length / 2;
  const out = new Uint8Array(INTSET_HEADER_SIZE + width * count);
  const view = new DataView(out.buffer);
  view.setUint32(0, width, true);
  view.setUint32(4, count, true);
  for (let index = 0, pos = INTSET_HEADER_SIZE; index < count; index++, pos += width) {
    const lo = halves[2 * index + LOWER]!;
    const hi = halves[2 * index + 1 - LOWER]!;
    if (index > 0 && lo === halves[2 * index - 2 + LOWER] && hi === halves[2 * index - 1 - LOWER])
      throw new EncodeError('an intset holds no member twice');
    if (width === 2) view.setInt16(pos, lo, true);
    else view.setInt32(pos, lo, true);
    if (width === 8) view.setInt32(pos + 4, hi, true);
  }
  return out;
}
