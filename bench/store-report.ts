import type { Peer } from './peers.js';
import {
  formatSnapshots,
  measureSnapshots,
  SNAPSHOT_KINDS,
  SNAPSHOT_NOTE,
  type SnapshotKind,
  type SnapshotRow,
} from './snapshot.js';
import { formatStore, LOG_POLICIES, type LogPolicy, measureStore, STORE_NOTE, type StoreRow } from './store.js';
import { loadEngine } from './store-engine.js';
import { findRedisBenchmark } from './store-server.js';
import type { TableStyle } from './table.js';

/** What may be measured alone: SET by its policy, and what is written in the background. */
export const STORE_PARTS: readonly string[] = [...LOG_POLICIES, ...SNAPSHOT_KINDS];

export interface StoreReport {
  peers: readonly Peer[];
  data: { rows: readonly StoreRow[]; snapshots: readonly SnapshotRow[] };
  format: (style: TableStyle) => string[];
  failures: readonly { set: string; job: string; isOurs: boolean; failure: string }[];
}

export interface StoreReportOptions {
  server: string;
  directory: string;
  scale: number;
  rounds: number;
  log: (line: string) => void;
}

/** Throughput, then snapshots, as far as they are wanted. */
export async function measureStoreParts(parts: readonly string[], options: StoreReportOptions): Promise<StoreReport> {
  const benchmark = findRedisBenchmark(options.server);
  const redisBenchmark = benchmark?.program;
  if (benchmark === undefined) options.log('there is no redis-benchmark: ours is measured alone (set REDIS_BENCHMARK)');
  const policies = LOG_POLICIES.filter((policy: LogPolicy) => parts.includes(policy));
  const kinds = SNAPSHOT_KINDS.filter((kind: SnapshotKind) => parts.includes(kind));
  const rows = await measureStore(policies, { ...options, engine: await loadEngine(), redisBenchmark });
  const snapshots = await measureSnapshots(kinds, { ...options, redisBenchmark });
  return {
    peers: benchmark === undefined ? [] : [benchmark],
    data: { rows, snapshots },
    format: (style) => [
      ...(rows.length === 0 ? [] : [STORE_NOTE, formatStore(rows, style)]),
      ...(snapshots.length === 0 ? [] : [SNAPSHOT_NOTE, formatSnapshots(snapshots, style)]),
    ],
    failures: [...rows.map(failureOfRow), ...snapshots.map(failureOfSnapshot)].filter((one) => one !== undefined),
  };
}

type Failure = StoreReport['failures'][number];

function failureOfRow({ policy, clients, waiting, failure }: StoreRow): Failure | undefined {
  const job = `SET, ${clients} clients, ${waiting}`;
  return failure === undefined ? undefined : { set: policy, job, isOurs: true, failure };
}

function failureOfSnapshot({ kind, who, failure }: SnapshotRow): Failure | undefined {
  return failure === undefined ? undefined : { set: kind, job: who, isOurs: who === 'ours', failure };
}
