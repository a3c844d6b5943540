/**
 * Stream node: some hundred entries of a stream in one listpack, relative to a master id, which is the node's key.
 *
 *     live deleted fieldCount field… 0            master entry: the fields that most entries have
 *     { flags msDelta seqDelta
 *         SAMEFIELDS: value…                      one per master field
 *         otherwise:  fieldCount { field value }…
 *       parts }…                                  parts: listpack entries of this record before it
 *
 * Flags: 1 DELETED, 2 SAMEFIELDS. All but field names and values are integer entries. Deltas are added to the halves of
 * the master id modulo 2^64.
 *
 * Worked example, master id 5-1 with the entries 5-1 {a: 1, b: 2}, 6-0 {a: 9} deleted, 7-0 {a: 9, b: -5000}:
 *
 *     40000000 1900                          listpack of 64 bytes, 25 entries
 *     0201 0101 0201 816102 816202 0001      2 live, 1 deleted, 2 fields `a` and `b`, 0
 *     0201 0001 0001 0101 0201 0501          SAMEFIELDS, +0 +0, 1, 2, 5 parts
 *     0101 0101 DFFF02 0101 816102 0901 0601 DELETED, +1 -1, 1 field, `a`, 9, 6 parts
 *     0201 0201 DFFF02 0901 F178EC03 0501    SAMEFIELDS, +2 -1, 9, -5000, 5 parts
 *     FF                                     terminator
 *
 * (rdb-format.md §8.6)
 */
import { FormatError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import {
  checkListpack,
  checkListpackHeader,
  decodeListpackEntry,
  decodeListpackInteger,
  encodeListpack,
  isListpackInteger,
  LISTPACK_END,
  LISTPACK_HEADER_SIZE,
  type ListpackOptions,
  skipListpackEntry,
} from './listpack.js';
import { StreamIdSlot, type StreamIdValue } from './stream-id.js';

/** Flag bits of an entry; loaders ignore all others. */
export const STREAM_ENTRY_DELETED = 1;
export const STREAM_ENTRY_SAMEFIELDS = 2;

/** Is told the live entries of a node in order. Slots and slices are valid during the call only. */
export interface StreamEntryVisitor {
  streamEntry(id: StreamIdSlot, fieldCount: number): void;
  /** `fieldCount` times. */
  streamField(field: Slice, value: Slice): void;
  streamEntryEnd(): void;
}

/** How many entries of a node live, and how many are marked as deleted. */
export interface StreamNodeCounts {
  readonly live: number;
  readonly deleted: number;
}

/** An entry to encode: `fields` is field, value, field, value … */
export interface StreamNodeEntry {
  readonly id: StreamIdValue;
  readonly fields: readonly Uint8Array[];
  readonly deleted?: boolean;
}

/** A node to encode. `masterFields` are names; without them they are those of the first entry, as in a fresh node. */
export interface StreamNode {
  readonly master: StreamIdValue;
  readonly masterFields?: readonly Uint8Array[];
  readonly entries: readonly StreamNodeEntry[];
}

/**
 * Reports the live entries of the node in `[start, end)` and returns their number. The counts of the master entry and
 * the `parts` are not verified ({@link checkStreamNode} does).
 * Throws BAD_LISTPACK where an entry of the listpack breaks its bounds, BAD_STREAM where they make no sense together.
 */
export function decodeStreamNode(
  bytes: Uint8Array,
  start: number,
  end: number,
  master: StreamIdSlot,
  visitor: StreamEntryVisitor,
): number {
  checkListpackHeader(bytes, start, end);
  const state = borrowState();
  try {
    let pos = decodeMaster(bytes, start, end, state);
    let live = 0;
    while (bytes[pos] !== LISTPACK_END) {
      pos = decodeEntryHead(bytes, pos, end, state);
      if ((state.flags & STREAM_ENTRY_DELETED) !== 0) {
        pos = skipEntries(bytes, pos, end, state.entryCount);
      } else {
        pos = reportEntry(bytes, pos, end, state, master, visitor);
        live++;
      }
      pos = skipListpackEntry(bytes, pos, end);
    }
    if (pos !== end - 1) throw new FormatError('BAD_LISTPACK', 'listpack: bytes follow its terminator', pos);
    return live;
  } finally {
    returnState(state);
  }
}

/**
 * The listpack of a node with these entries. An entry whose field names are the master fields is written with SAMEFIELDS.
 * Throws RangeError for an odd number of `fields`, or where the listpack would be too large.
 */
export function encodeStreamNode(node: StreamNode, options: ListpackOptions = {}): Uint8Array {
  const { master, entries } = node;
  const masterFields = node.masterFields ?? fieldNames(entries[0]?.fields ?? []);
  const deleted = entries.filter((entry) => entry.deleted === true).length;
  const packed = [
    decimal(entries.length - deleted),
    decimal(deleted),
    decimal(masterFields.length),
    ...masterFields,
    decimal(0),
  ];
  for (const entry of entries) pushEntry(packed, entry, master, masterFields);
  return encodeListpack(packed, options);
}

/**
 * Deep validation: the listpack, integer entries where integers must stand, every `parts` right, and as many live and
 * deleted entries as the master entry says. Throws BAD_LISTPACK and BAD_STREAM.
 */
export function checkStreamNode(bytes: Uint8Array, start: number, end: number): StreamNodeCounts {
  checkListpack(bytes, start, end);
  const state = borrowState();
  try {
    let pos = decodeMaster(bytes, start, end, state);
    const { live, deleted } = state;
    let found = 0;
    let foundDeleted = 0;
    for (; bytes[pos] !== LISTPACK_END; found++) {
      pos = decodeEntryHead(bytes, pos, end, state);
      if ((state.flags & STREAM_ENTRY_DELETED) !== 0) foundDeleted++;
      pos = checkParts(bytes, skipEntries(bytes, pos, end, state.entryCount), end, state);
    }
    if (foundDeleted !== deleted || found - foundDeleted !== live) {
      throw bad(
        `${live} live and ${deleted} deleted entries, found ${found - foundDeleted} and ${foundDeleted}`,
        start,
      );
    }
    return { live, deleted };
  } finally {
    returnState(state);
  }
}

/** What a walk over a node keeps between listpack entries. */
class NodeState {
  live = 0;
  deleted = 0;
  masterFieldCount = 0;
  /** Where the first master field lies: names are read again for each SAMEFIELDS entry, not copied. */
  masterFieldPos = 0;
  flags = 0;
  fieldCount = 0;
  /** Listpack entries that hold the fields and values of the current entry. */
  entryCount = 0;
  readonly integer = new Int64();
  readonly msDelta = new Int64();
  readonly seqDelta = new Int64();
  readonly id = new StreamIdSlot();
  readonly field = new Slice();
  readonly value = new Slice();
}

const NO_BYTES = new Uint8Array(0);

/** Kept from node to node, since a state costs as much as a dozen entries; a visitor that decodes a node gets another. */
let spareState: NodeState | undefined;

function borrowState(): NodeState {
  const state = spareState ?? new NodeState();
  spareState = undefined;
  return state;
}

function returnState(state: NodeState): void {
  // The slices let go of the window, which may be large.
  state.field.set(NO_BYTES, 0, 0);
  state.value.set(NO_BYTES, 0, 0);
  spareState = state;
}

/** Reads the master entry; returns the position of the first entry. */
function decodeMaster(bytes: Uint8Array, start: number, end: number, state: NodeState): number {
  let pos = decodeInteger(bytes, start + LISTPACK_HEADER_SIZE, end, state.integer);
  state.live = toCount(state.integer, start);
  pos = decodeInteger(bytes, pos, end, state.integer);
  state.deleted = toCount(state.integer, start);
  pos = decodeInteger(bytes, pos, end, state.integer);
  state.masterFieldCount = toCount(state.integer, start);
  state.masterFieldPos = pos;
  pos = decodeInteger(bytes, skipEntries(bytes, pos, end, state.masterFieldCount), end, state.integer);
  if (state.integer.lo !== 0 || state.integer.hi !== 0) throw bad('its master entry does not end with 0', pos);
  return pos;
}

/** Reads flags, deltas and field count; returns the position of the first field or value. */
function decodeEntryHead(bytes: Uint8Array, start: number, end: number, state: NodeState): number {
  let pos = decodeInteger(bytes, start, end, state.integer);
  state.flags = state.integer.lo;
  pos = decodeInteger(bytes, pos, end, state.msDelta);
  pos = decodeInteger(bytes, pos, end, state.seqDelta);
  if ((state.flags & STREAM_ENTRY_SAMEFIELDS) !== 0) {
    state.fieldCount = state.masterFieldCount;
    state.entryCount = state.fieldCount;
  } else {
    pos = decodeInteger(bytes, pos, end, state.integer);
    state.fieldCount = toCount(state.integer, start);
    state.entryCount = state.fieldCount * 2;
  }
  // No listpack entry takes less than two bytes: a visitor may trust the count.
  if (state.entryCount * 2 > end - pos) throw bad(`an entry of ${state.fieldCount} fields has no room`, start);
  return pos;
}

function reportEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  state: NodeState,
  master: StreamIdSlot,
  visitor: StreamEntryVisitor,
): number {
  const { id, field, value, fieldCount } = state;
  id.addDelta(master, state.msDelta, state.seqDelta);
  visitor.streamEntry(id, fieldCount);
  let pos = start;
  if ((state.flags & STREAM_ENTRY_SAMEFIELDS) !== 0) {
    let namePos = state.masterFieldPos;
    for (let index = 0; index < fieldCount; index++) {
      namePos = decodeListpackEntry(bytes, namePos, end, field);
      pos = decodeListpackEntry(bytes, pos, end, value);
      visitor.streamField(field, value);
    }
  } else {
    for (let index = 0; index < fieldCount; index++) {
      pos = decodeListpackEntry(bytes, pos, end, field);
      pos = decodeListpackEntry(bytes, pos, end, value);
      visitor.streamField(field, value);
    }
  }
  visitor.streamEntryEnd();
  return pos;
}

function skipEntries(bytes: Uint8Array, start: number, end: number, count: number): number {
  let pos = start;
  for (let index = 0; index < count; index++) pos = skipListpackEntry(bytes, pos, end);
  return pos;
}

function checkParts(bytes: Uint8Array, pos: number, end: number, state: NodeState): number {
  const next = decodeInteger(bytes, pos, end, state.integer);
  const parts = (state.flags & STREAM_ENTRY_SAMEFIELDS) !== 0 ? state.entryCount + 3 : state.entryCount + 4;
  const stored = state.integer.toNumber();
  if (stored !== parts) throw bad(`an entry of ${parts} parts says that it has ${stored}`, pos);
  return next;
}

/** As decodeListpackInteger, where another entry, or none, contradicts the layout of a node. */
function decodeInteger(bytes: Uint8Array, pos: number, end: number, out: Int64): number {
  if (!isListpackInteger(bytes, pos)) {
    if (bytes[pos] === LISTPACK_END) throw bad('it ends in the middle of an entry', pos);
    skipListpackEntry(bytes, pos, end);
    throw bad('a string stands where an integer must', pos);
  }
  return decodeListpackInteger(bytes, pos, end, out);
}

function toCount(value: Int64, pos: number): number {
  if (value.hi !== 0) throw bad(`a count of ${value.signed()} cannot be`, pos);
  return value.lo >>> 0;
}

function pushEntry(
  packed: Uint8Array[],
  entry: StreamNodeEntry,
  master: StreamIdValue,
  masterFields: readonly Uint8Array[],
): void {
  const { id, fields } = entry;
  if (fields.length % 2 !== 0) throw new RangeError('an entry has a field without a value');
  const same = hasNames(fields, masterFields);
  const flags = (entry.deleted === true ? STREAM_ENTRY_DELETED : 0) | (same ? STREAM_ENTRY_SAMEFIELDS : 0);
  packed.push(decimal(flags), decimal(delta(id.ms, master.ms)), decimal(delta(id.seq, master.seq)));
  if (!same) packed.push(decimal(fields.length / 2));
  for (let index = same ? 1 : 0; index < fields.length; index += same ? 2 : 1) packed.push(fields[index]!);
  packed.push(decimal(same ? fields.length / 2 + 3 : fields.length + 4));
}

function hasNames(fields: readonly Uint8Array[], names: readonly Uint8Array[]): boolean {
  if (fields.length !== names.length * 2) return false;
  for (let index = 0; index < names.length; index++) if (!isEqual(fields[index * 2]!, names[index]!)) return false;
  return true;
}

function fieldNames(fields: readonly Uint8Array[]): Uint8Array[] {
  return fields.filter((_, index) => index % 2 === 0);
}

function delta(value: bigint, master: bigint): bigint {
  return BigInt.asIntN(64, value - master);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

/** The texts of 0 to 255, which nearly all counts and flags are; nobody changes them. */
const SMALL_DECIMALS = Array.from({ length: 256 }, (_, value) => ascii(String(value)));

function decimal(value: number | bigint): Uint8Array {
  return value >= 0 && value < SMALL_DECIMALS.length ? SMALL_DECIMALS[Number(value)]! : ascii(String(value));
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_STREAM', `stream node: ${what}`, pos);
}
