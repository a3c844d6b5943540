import type { Verdict } from './compare.js';
import type { OurCommand } from './jobs.js';
import { type Command, type Measurement, measureInterleaved } from './measure.js';
import { type Column, formatMegabytes, formatRatio, formatSeconds, formatTable, type TableStyle } from './table.js';
import { START_UP_TIMES } from './targets.js';

/** One start takes tens of milliseconds: many rounds cost little, and few would say little. */
const ROUNDS_PER_ROUND = 4;

/** What it takes to start Node with nothing to do, and to start our command. */
export interface StartUp {
  node: Measurement;
  ours: Measurement;
  /** Ours divided by Node's, medians. */
  times: number;
  verdict: Verdict;
}

const COLUMNS: readonly Column[] = [
  { title: 'start-up', align: 'left' },
  { title: 'time s', align: 'right' },
  { title: 'min s', align: 'right' },
  { title: 'max s', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: 'x node', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '', align: 'left' },
];

/** Measures `node -e 0` and `rdb-inspect --version` in turn, four times as often as other jobs. */
export async function measureStartUp(our: OurCommand, rounds: number): Promise<StartUp> {
  const commands: Command[] = [
    { program: process.execPath, args: ['-e', '0'] },
    { program: our.program, args: [...our.first, '--version'] },
  ];
  const [node, ours] = await measureInterleaved(commands, rounds * ROUNDS_PER_ROUND);
  if (node === undefined || ours === undefined) throw new Error('nothing was measured');
  const failure = node.failure ?? ours.failure;
  if (failure !== undefined) throw new Error(`start-up: ${failure}`);
  return judgeStartUp(node, ours);
}

/** The ratio of the medians, against the target. */
export function judgeStartUp(node: Measurement, ours: Measurement): StartUp {
  const times = ours.wallMs / node.wallMs;
  return { node, ours, times, verdict: times <= START_UP_TIMES ? 'met' : 'missed' };
}

/** The table people read. */
export function formatStartUp({ node, ours, times, verdict }: StartUp, style: TableStyle): string {
  const cells = (name: string, { wallMs, minWallMs, maxWallMs, peakRssBytes }: Measurement): string[] => [
    name,
    ...[wallMs, minWallMs, maxWallMs].map(formatSeconds),
    formatMegabytes(peakRssBytes),
  ];
  const rows = [
    [...cells('node -e 0', node), formatRatio(1), '', ''],
    [...cells('rdb-inspect --version', ours), formatRatio(times), `<= ${START_UP_TIMES}x`, verdict],
  ];
  return formatTable(COLUMNS, rows, style);
}
