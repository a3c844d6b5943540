/** What older layouts of streams do not keep, taken off one generation at a time (rdb-format.md §8.7, §12). */
import type { StreamConsumer, StreamGroup, StreamId, StreamPending, StreamState } from '../rdb/model.js';
import type { StreamVersion } from '../rdb/types/stream.js';
import { entriesReadAnew } from '../rdb/types/stream-groups.js';
import type { PartLoss } from './adapt-hash.js';

const ZERO: StreamId = { ms: 0n, seq: 0n };
/** What servers set where nobody has configured it. */
const DEFAULT_IDMP_SECONDS = 100;
const DEFAULT_IDMP_ENTRIES = 100;

export interface AdaptedState {
  readonly state: StreamState;
  readonly losses: PartLoss[];
}

/** `firstEntry` is the id of the first live entry, undefined in a stream without any. */
export function adaptStreamState(
  original: StreamState,
  version: StreamVersion,
  firstEntry: StreamId | undefined,
): AdaptedState {
  const losses: PartLoss[] = [];
  let state = original;
  if (version < 5) state = withoutNacks(state, losses);
  if (version < 4) state = withoutIdmp(state, losses);
  if (version < 3) state = withoutActivity(state, losses);
  if (version < 2) state = withoutCounters(state, firstEntry, losses);
  return { state, losses };
}

/**
 * Entries that nobody owns go to the group's first consumer, who sees them when it looks at what it has left undone, as
 * XREADGROUP with an id does. A group without consumers has to forget them.
 */
function withoutNacks(state: StreamState, losses: PartLoss[]): StreamState {
  const orphans = state.groups.reduce(
    (sum, { pending }) => sum + pending.filter(({ consumer }) => consumer === undefined).length,
    0,
  );
  if (orphans > 0) losses.push({ what: 'stream-nacks', detail: `pending entries without an owner: ${orphans}` });
  return { ...state, groups: state.groups.map(adoptOrphans) };
}

function adoptOrphans({ nacked: _, ...group }: StreamGroup): StreamGroup {
  const heir = group.consumers[0]?.name;
  const pending: StreamPending[] = [];
  for (const entry of group.pending) {
    const consumer = entry.consumer ?? heir;
    if (consumer !== undefined) pending.push({ ...entry, consumer });
  }
  return { ...group, pending };
}

function withoutIdmp({ idmp, ...state }: StreamState, losses: PartLoss[]): StreamState {
  if (idmp === undefined) return state;
  const { durationSeconds, maxEntries, producers, iidsAdded, iidsDuplicates } = idmp;
  const isConfigured = durationSeconds !== DEFAULT_IDMP_SECONDS || maxEntries !== DEFAULT_IDMP_ENTRIES;
  if (isConfigured || producers.length > 0 || iidsAdded > 0n || iidsDuplicates > 0n) {
    losses.push({ what: 'stream-idempotency', detail: `producers: ${producers.length}, ids added: ${iidsAdded}` });
  }
  return state;
}

/** Servers take the time when they last heard of a consumer for that of its last activity. */
function withoutActivity(state: StreamState, losses: PartLoss[]): StreamState {
  let differing = 0;
  const groups = state.groups.map((group) => ({
    ...group,
    consumers: group.consumers.map(({ activeAtMs, ...consumer }): StreamConsumer => {
      if (activeAtMs !== undefined && activeAtMs !== consumer.seenAtMs) differing++;
      return consumer;
    }),
  }));
  if (differing > 0) losses.push({ what: 'stream-activity', detail: `consumers: ${differing}` });
  return { ...state, groups };
}

/** Servers work out the counters anew from what is there: nothing is lost where that gives the same. */
function withoutCounters(state: StreamState, firstEntry: StreamId | undefined, losses: PartLoss[]): StreamState {
  const { firstId: _, maxDeletedId = ZERO, entriesAdded, ...rest } = state;
  const added = BigInt(state.length);
  const lost: string[] = [];
  if (!isSame(maxDeletedId, ZERO)) lost.push('the last deleted id');
  if (entriesAdded !== undefined && entriesAdded !== added) lost.push(`entries added: ${entriesAdded}`);
  const anew = { firstId: firstEntry ?? ZERO, lastId: state.lastId, entriesAdded: added };
  const misread = state.groups.filter(
    ({ entriesRead, lastId }) => entriesRead !== undefined && entriesRead !== entriesReadAnew(lastId, anew),
  );
  if (misread.length > 0) lost.push(`groups whose entries read are forgotten: ${misread.length}`);
  if (lost.length > 0) losses.push({ what: 'stream-counters', detail: lost.join(', ') });
  return { ...rest, groups: state.groups.map(({ entriesRead: __, ...group }) => group) };
}

function isSame(a: StreamId, b: StreamId): boolean {
  return a.ms === b.ms && a.seq === b.seq;
}
