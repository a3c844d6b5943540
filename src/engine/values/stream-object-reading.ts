/**
 * How many entries of a stream a group has read, counted from the first one ever added: exact where nothing was deleted on
 * the way, else a guess or unknown, by the servers' rules since 7.0.
 */
import { toNumber } from '../arguments.js';
import type { StreamObject } from './stream-object.js';
import { type StreamGroup, UNKNOWN_READ } from './stream-object-group.js';
import { compareIds, type EntryId, FIRST_ID, increment, type Uint64 } from './stream-object-id.js';

/**
 * The group's count once it has read `id`, the next entry; before `lastId` is moved there.
 * `looksAhead`: as 7.0 did, which asks for tombstones behind the entry; later servers ask behind the last one read.
 */
export function entriesReadWith(stream: StreamObject, group: StreamGroup, id: EntryId, looksAhead: boolean): Uint64 {
  const isKnown = group.entriesRead !== UNKNOWN_READ;
  const isIntact = looksAhead
    ? !hasTombstoneFrom(stream, id)
    : compareIds(group.lastId, stream.firstId) >= 0 && !hasTombstoneFrom(stream, group.lastId);
  if (isKnown && isIntact) return increment(group.entriesRead);
  return stream.entriesAdded === 0 ? group.entriesRead : distanceTo(stream, id);
}

/** What servers have come to look at when they tell how much there is left to read. */
export interface LagRules {
  /** What was deleted behind the last entry read is a gap, wherever the stream begins now. */
  readonly seesGaps: boolean;
  /** A group that stands before the first entry has them all to read. */
  readonly seesFirst: boolean;
}

/** How many entries the group has yet to read; undefined where nobody can tell. */
export function lagOf(stream: StreamObject, group: StreamGroup, rules: LagRules): Uint64 | undefined {
  const { entriesAdded, length, firstId, maxDeletedId } = stream;
  const { lastId, entriesRead } = group;
  if (entriesAdded === 0) return 0;
  if (rules.seesFirst) {
    if (length === 0) return 0;
    if (compareIds(lastId, firstId) < 0 && compareIds(maxDeletedId, firstId) < 0) return length;
  }
  const isAllBefore = !rules.seesGaps && compareIds(firstId, maxDeletedId) > 0;
  const isIntact = isAllBefore || !hasTombstoneFrom(stream, lastId);
  const read = isIntact && entriesRead !== UNKNOWN_READ ? entriesRead : distanceTo(stream, lastId, rules.seesGaps);
  return read === UNKNOWN_READ ? undefined : toNumber(BigInt.asIntN(64, BigInt(entriesAdded) - BigInt(read)));
}

function hasTombstoneFrom(stream: StreamObject, id: EntryId): boolean {
  const { maxDeletedId, length } = stream;
  return length > 0 && compareIds(maxDeletedId, FIRST_ID) !== 0 && compareIds(id, maxDeletedId) <= 0;
}

/** Of an id from the first entry ever; {@link UNKNOWN_READ}. */
function distanceTo(stream: StreamObject, id: EntryId, seesGaps = false): Uint64 {
  const { entriesAdded, length, firstId, maxDeletedId } = stream;
  const toLast = compareIds(id, stream.lastId);
  if (toLast <= 0 && length === 0) return entriesAdded;
  if (seesGaps && compareIds(id, FIRST_ID) !== 0 && compareIds(id, maxDeletedId) < 0) return UNKNOWN_READ;
  if (toLast === 0) return entriesAdded;
  if (toLast > 0) return UNKNOWN_READ;
  const isIntact = compareIds(maxDeletedId, FIRST_ID) === 0 || compareIds(maxDeletedId, firstId) < 0;
  const toFirst = compareIds(id, firstId);
  if (!isIntact || toFirst > 0) return UNKNOWN_READ;
  const before = Number(entriesAdded) - length;
  return toFirst < 0 ? before : before + 1;
}
