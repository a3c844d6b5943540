/**
 * The servers that an import writes to, looked at before anything is sent: one server, the primary that sentinels name,
 * or the primaries of a cluster.
 *
 * Only questions go through `@redis/client`. The data goes through a {@link Pipe} to each endpoint that is found here,
 * because a promise and an allocation for each command would be most of the work.
 */
import type { Target } from '../../rdb/versions.js';
import { type AskOptions, withQuestions } from './client.js';
import { type Endpoint, formatAddress, type TargetPlace } from './endpoint.js';
import { findPrimary } from './sentinel.js';
import { askServerFacts, type ServerFacts } from './server-facts.js';
import { TargetError } from './target-error.js';
import { SlotMap } from './topology.js';

export type TargetServersOptions = AskOptions;

/** What is known of a target. Of a cluster, the facts are those that hold for each of its primaries. */
export interface TargetServers {
  readonly kind: 'standalone' | 'cluster';
  readonly family: Target['family'];
  /** Such as `7.0.15`; in a cluster of several, the oldest. */
  readonly version: string;
  readonly target: Target;
  /** A replica only where it takes writes. */
  readonly role: 'primary' | 'replica';
  readonly databases: number;
  /** The largest argument that each of them takes. */
  readonly maxBulkBytes: number;
  /** The sum over the primaries; undefined where one of them has no limit. */
  readonly maxMemoryBytes: number | undefined;
  /** Who serves a slot, 0 to 16383; the same for all where it is no cluster. @throws TargetError (CLUSTER) */
  nodeOfSlot(slot: number): Endpoint;
  primaries(): readonly Endpoint[];
  /**
   * Looks again: after MOVED, after a lost connection, after READONLY.
   *
   * @throws TargetError as {@link openTargetServers}; what was known before then stands
   */
  refresh(): Promise<void>;
  /** Refuses every later {@link refresh}. No connection is held in between. */
  close(): void;
}

/**
 * Finds out what `place` is.
 *
 * @throws TargetError (CONNECT, TLS, AUTH, NOPERM, UNKNOWN_SERVER, SENTINEL, CLUSTER; READONLY for a replica)
 */
export async function openTargetServers(
  place: TargetPlace,
  options: TargetServersOptions = {},
): Promise<TargetServers> {
  const first = place.kind === 'server' ? place.endpoint : await findPrimary(place.place, options);
  const facts = await withQuestions(first, options, askServerFacts);
  if (!facts.isCluster) return openStandalone(place, first, facts, options);
  if (first.db !== 0 && first.db >= facts.databases)
    throw new TargetError('REPLY', `a cluster of ${facts.databases} has no database ${first.db}`, formatAddress(first));
  return openCluster(first, options);
}

function openStandalone(
  place: TargetPlace,
  first: Endpoint,
  facts: ServerFacts,
  options: TargetServersOptions,
): TargetServers {
  const isSentinel = place.kind === 'sentinel';
  refuseReplica(first, facts, isSentinel);
  let endpoint = first;
  let isClosed = false;
  return {
    kind: 'standalone',
    ...sharedFacts([facts]),
    nodeOfSlot: () => endpoint,
    primaries: () => [endpoint],
    async refresh() {
      if (isClosed) throw closed(endpoint);
      const found = isSentinel ? await findPrimary(place.place, options) : endpoint;
      refuseReplica(found, await withQuestions(found, options, askServerFacts), isSentinel);
      endpoint = found;
    },
    close() {
      isClosed = true;
    },
  };
}

async function openCluster(first: Endpoint, options: TargetServersOptions): Promise<TargetServers> {
  let map = await askSlots([first], options);
  const facts = await Promise.all(map.primaries.map((node) => withQuestions(node, options, askServerFacts)));
  let isClosed = false;
  return {
    kind: 'cluster',
    ...sharedFacts(facts),
    nodeOfSlot: (slot) => map.nodeOfSlot(slot),
    primaries: () => map.primaries,
    async refresh() {
      if (isClosed) throw closed(first);
      map = await askSlots([...map.primaries, ...map.replicas, first], options);
    },
    close() {
      isClosed = true;
    },
  };
}

/** The map that the first of `nodes` gives which can be reached. */
async function askSlots(nodes: readonly Endpoint[], options: TargetServersOptions): Promise<SlotMap> {
  let failure: unknown;
  for (const node of nodes) {
    try {
      return new SlotMap(await withQuestions(node, options, ({ ask }) => ask('CLUSTER', 'SLOTS')), node);
    } catch (error) {
      if (!(error instanceof TargetError && error.isTransient)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

type SharedFacts = Pick<
  TargetServers,
  'family' | 'version' | 'target' | 'role' | 'databases' | 'maxBulkBytes' | 'maxMemoryBytes'
>;

/** What holds for each of several servers: the oldest, and the least of every limit. */
function sharedFacts(all: readonly ServerFacts[]): SharedFacts {
  const oldest = all.reduce((least, facts) => (facts.target.version < least.target.version ? facts : least));
  const { family, version, target, role } = oldest;
  const memories = all.map((facts) => facts.maxMemoryBytes ?? Infinity);
  const memory = memories.reduce((sum, bytes) => sum + bytes, 0);
  return {
    family,
    version,
    target,
    role,
    databases: Math.min(...all.map((facts) => facts.databases)),
    maxBulkBytes: Math.min(...all.map((facts) => facts.maxBulkBytes)),
    maxMemoryBytes: Number.isFinite(memory) ? memory : undefined,
  };
}

/** Behind sentinels, a replica is one that is about to be found out. */
function refuseReplica(endpoint: Endpoint, facts: ServerFacts, isTransient: boolean): void {
  if (facts.isWritable) return;
  const why = 'it is a replica and takes no writes: name its primary';
  throw new TargetError('READONLY', why, formatAddress(endpoint), { isTransient });
}

function closed(endpoint: Endpoint): TargetError {
  return new TargetError('CLOSED', 'the target has been closed', formatAddress(endpoint));
}
