import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.js';
import { keysOf, type SnapshotKind, type SnapshotPhase, type SnapshotRun } from './snapshot-plan.js';
import { measureServerSnapshots } from './snapshot-server.js';
import { type Column, formatMegabytes, formatTable, type TableStyle } from './table.js';

export type { SnapshotKind };

/** A phase of one round, ours or the server's: of the server's memory nothing is told but what it says itself. */
export type MeasuredPhase = Pick<SnapshotPhase, 'clients' | 'isSnapshot' | 'snapshotMs' | 'perSecond' | 'gapsMs'> &
  Partial<SnapshotPhase> & { copiedBytes?: number };

/** The same phase of all rounds. */
export interface SnapshotRow {
  kind: SnapshotKind;
  who: 'ours' | 'redis-server';
  clients: number;
  isSnapshot: boolean;
  rounds: readonly MeasuredPhase[];
  failure: string | undefined;
}

export interface SnapshotOptions {
  server: string;
  /** Undefined where there is none: ours is measured alone then. */
  redisBenchmark: string | undefined;
  directory: string;
  scale: number;
  rounds: number;
  log: (line: string) => void;
}

export const SNAPSHOT_KINDS: readonly SnapshotKind[] = ['save', 'rewrite'];

const KEYS = 1_000_000;
const COLLECTIONS = 50;
const LARGE_HASH_FIELDS = 100_000;
/** With commands, and a phase in which nobody sends any. */
const CLIENTS = [0, 1, 50];
const ALONE_MS = 1000;
const MOST_OUTPUT_BYTES = 1 << 20;

const COLUMNS: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'who', align: 'left' },
  { title: 'clients', align: 'right' },
  { title: 'while', align: 'left' },
  { title: 'time s', align: 'right' },
  { title: 'k/s', align: 'right' },
  { title: 'p50 ms', align: 'right' },
  { title: 'p99 ms', align: 'right' },
  { title: 'max ms', align: 'right' },
  { title: 'RSS MB', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: 'ahead', align: 'right' },
  { title: '', align: 'left' },
];

export const SNAPSHOT_NOTE =
  'A dump (BGSAVE, no log), and a rewrite of the log (BGREWRITEAOF, everysec), of 1,000,000 strings, 200 collections of 1,000 ' +
  'elements and a hash of 100,000 fields, while clients send SET to keys that are all there, 16 at a time each, and without. ' +
  'p50, p99 and max are of the time from the replies of one turn of the event loop to those of the next, for redis-server of ' +
  'that of a command. Peak: the most resident memory while it lasts; ahead: keys that were written before their turn since a ' +
  'command was about to change them; for redis-server the memory that was copied on write. Medians, and of max the largest.';

/** Measures both kinds, ours in a process of its own for each round, and redis-server on what the last of them has left. */
export async function measureSnapshots(
  kinds: readonly SnapshotKind[],
  options: SnapshotOptions,
): Promise<SnapshotRow[]> {
  const rows: SnapshotRow[] = [];
  for (const kind of kinds) rows.push(...(await measureKind(kind, options)));
  return rows;
}

async function measureKind(kind: SnapshotKind, options: SnapshotOptions): Promise<SnapshotRow[]> {
  const { scale, rounds, log } = options;
  mkdirSync(options.directory, { recursive: true });
  const top = mkdtempSync(join(options.directory, 'snapshot-'));
  const remove = (): void => rmSync(top, { recursive: true, force: true });
  process.once('exit', remove);
  const scaled = (count: number): number => Math.max(1, Math.round(count * scale));
  const run = (directory: string): SnapshotRun => ({
    kind,
    directory,
    keys: scaled(KEYS),
    collections: scaled(COLLECTIONS),
    largeHashFields: scaled(LARGE_HASH_FIELDS),
    clients: CLIENTS,
    aloneMs: ALONE_MS,
  });
  const ours: MeasuredPhase[][] = [];
  const theirs: MeasuredPhase[][] = [];
  let failure: string | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      log(`measuring a ${kind} in the background, round ${round + 1}`);
      const directory = join(top, String(round));
      mkdirSync(directory);
      ours.push(await runPhases(run(directory)));
      if (options.redisBenchmark !== undefined) {
        const { server, redisBenchmark } = options;
        const keyCount = keysOf(run(directory));
        theirs.push(await measureServerSnapshots({ ...run(directory), keyCount, server, redisBenchmark }));
      }
      rmSync(directory, { recursive: true });
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    process.off('exit', remove);
    remove();
  }
  if (failure !== undefined) return [{ kind, who: 'ours', clients: 0, isSnapshot: true, rounds: [], failure }];
  return [...rowsOf(kind, 'ours', ours), ...rowsOf(kind, 'redis-server', theirs)];
}

function rowsOf(kind: SnapshotKind, who: SnapshotRow['who'], rounds: readonly MeasuredPhase[][]): SnapshotRow[] {
  return (rounds[0] ?? []).map(({ clients, isSnapshot }, index) => {
    const phases = rounds.flatMap((phases) => phases[index] ?? []);
    return { kind, who, clients, isSnapshot, rounds: phases, failure: undefined };
  });
}

/** In a process of its own. */
function runPhases(run: SnapshotRun): Promise<SnapshotPhase[]> {
  const worker = fileURLToPath(new URL('snapshot-run.ts', import.meta.url));
  const args = ['--expose-gc', '--import', 'tsx', worker, JSON.stringify(run)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: MOST_OUTPUT_BYTES }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout) as SnapshotPhase[]);
    });
  });
}

/** The table people read. */
export function formatSnapshots(rows: readonly SnapshotRow[], style: TableStyle): string {
  const cells = rows.map(({ kind, who, clients, isSnapshot, rounds, failure }, r) => {
    const before = rows[r - 1];
    const middle = (value: (phase: MeasuredPhase) => number | undefined): number | undefined =>
      median(rounds.flatMap((phase) => value(phase) ?? []));
    const max = Math.max(...rounds.flatMap(({ gapsMs }) => gapsMs?.max ?? []));
    return [
      before?.kind === kind ? '' : kind,
      before?.kind === kind && before.who === who ? '' : who,
      clients === 0 ? 'none' : String(clients),
      isSnapshot ? kind : '',
      number(middle(({ snapshotMs }) => snapshotMs && snapshotMs / 1000)),
      number(middle(({ perSecond }) => perSecond && perSecond / 1000)),
      number(middle(({ gapsMs }) => gapsMs?.p50)),
      number(middle(({ gapsMs }) => gapsMs?.p99)),
      Number.isFinite(max) ? number(max) : '',
      ...[middle(({ rssBytes }) => rssBytes), middle(({ peakRssBytes }) => peakRssBytes)].map((bytes) =>
        bytes === undefined ? '' : formatMegabytes(bytes),
      ),
      aheadOf(rounds),
      failure === undefined ? '' : 'failed',
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

function aheadOf(rounds: readonly MeasuredPhase[]): string {
  const keys = median(rounds.flatMap(({ writtenAhead }) => writtenAhead ?? []));
  const copied = median(rounds.flatMap(({ copiedBytes }) => copiedBytes ?? []));
  if (copied !== undefined) return `${formatMegabytes(copied)} MB`;
  return keys === undefined ? '' : String(keys);
}

/** Three digits. */
function number(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
