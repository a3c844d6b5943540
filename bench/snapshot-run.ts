/**
 * What a dump, or a rewrite of the log, costs that a store writes in the background: a process of its own, since its memory is
 * measured. Its only argument is a SnapshotRun as JSON, and so is the one line that it prints: phases.
 */

import type { LiveSnapshot } from '../src/engine/index.js';
import type { Store } from '../src/store/index.js';
import { fillStore, type SnapshotPhase, type SnapshotRun } from './snapshot-plan.js';
import { loadEngine } from './store-engine.js';
import { eventLoopTurn, type Load, StoreLoad } from './store-load.js';

/** An engine may tell how many keys it has written ahead. */
type CountingSnapshot = LiveSnapshot & { readonly writtenAhead?: number };

const PIPELINE = 16;
const RSS_EVERY_MS = 5;
/** Turns whose times are kept. */
const MOST_TURNS = 1 << 20;

const gaps = new Float64Array(MOST_TURNS).fill(1);

const run = JSON.parse(process.argv[2] ?? '') as SnapshotRun;
const { openStore } = await loadEngine();
const store = await openStore({
  dir: run.directory,
  save: '',
  appendonly: run.kind === 'rewrite',
  autoAofRewritePercentage: 0,
});
fillStore(store, run);
const phases: SnapshotPhase[] = [];
for (const clients of run.clients) {
  if (clients > 0) phases.push(await phase(clients, false));
  phases.push(await phase(clients, true));
}
process.stdout.write(`${JSON.stringify(phases)}\n`);
store.shutdown({ save: 'save' });

async function phase(clients: number, isSnapshot: boolean): Promise<SnapshotPhase> {
  const load: Load = { clients, pipeline: PIPELINE, keySpace: run.keys };
  const writers = clients > 0 ? new StoreLoad(store, load) : undefined;
  // What was compiled, and what was not collected yet, is not to be the snapshot's.
  await go(writers, (sinceMs) => sinceMs < run.aloneMs / 4);
  globalThis.gc?.();
  const rssBytes = process.memoryUsage.rss();
  const [client, command] = [store.client(), run.kind === 'save' ? 'BGSAVE' : 'BGREWRITEAOF'];
  let live: CountingSnapshot | undefined;
  const begin = (): void => {
    client.execute([command]);
    [live] = store.engine.liveSnapshots;
  };
  const { ms, ...others } = await (isSnapshot
    ? go(writers, () => isWriting(store), begin)
    : go(writers, (sinceMs) => sinceMs < run.aloneMs));
  for (const one of [writers, client]) one?.close();
  const writtenAhead = live?.writtenAhead;
  return { clients, isSnapshot, snapshotMs: isSnapshot ? ms : undefined, rssBytes, ...others, writtenAhead };
}

/** Turns of the event loop while `goesOn`; the first of them has what `begin` takes in it. */
async function go(
  writers: StoreLoad | undefined,
  goesOn: (sinceMs: number) => boolean,
  begin: () => void = () => {},
): Promise<Pick<SnapshotPhase, 'perSecond' | 'gapsMs' | 'peakRssBytes'> & { ms: number }> {
  let turns = 0;
  let peakRssBytes = process.memoryUsage.rss();
  const started = performance.now();
  let [last, looked] = [started, started];
  begin();
  while (goesOn(last - started)) {
    writers?.turn();
    await eventLoopTurn();
    const now = performance.now();
    if (turns < MOST_TURNS) gaps[turns] = now - last;
    turns++;
    last = now;
    if (now - looked < RSS_EVERY_MS) continue;
    looked = now;
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }
  const times = gaps.slice(0, Math.min(turns, MOST_TURNS)).sort();
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const gapsMs = writers && { p50: at(0.5), p99: at(0.99), max: at(1) };
  const ms = last - started;
  return { ms, perSecond: writers && (turns * writers.batch) / (ms / 1000), gapsMs, peakRssBytes };
}

function isWriting({ status }: Store): boolean {
  return status.isSaveInProgress || status.log.isRewriteInProgress;
}
