/** `aof stats` for people. */
import type { KeyCount } from '../../aof/stats/frequent-keys.js';
import type { AofStats } from '../../aof/stats/stats.js';
import type { Timeline } from '../../aof/stats/stats-timeline.js';
import { formatQuoted } from '../../bytes/quote.js';
import { lineText } from './bytes-text.js';
import { isoSeconds } from './log-time.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

export function formatAofStats(name: string, stats: AofStats, limit: number, style: Style): string {
  return [
    `${style.bold(lineText(new TextEncoder().encode(name)))}\n`,
    ...factsOf(stats).map(([label, text]) => `  ${style.dim(label.padEnd(LABEL_COLUMNS))} ${text}\n`),
    files(stats, style),
    databases(stats, style),
    commands(stats, limit, style),
    prefixes(stats, style),
    hotKeys(stats, style),
    largest(stats, style),
    stats.timeline === undefined ? '' : timeline(stats.timeline, style),
  ].join('');
}

const LABEL_COLUMNS = 12;
const MAX_KEY_TEXT = 60;
/** Rows of the timeline on a page. */
const MAX_TIMES = 24;
const BAR_COLUMNS = 24;

const COUNTS: readonly Column[] = [
  { title: 'commands', align: 'right' },
  { title: 'bytes', align: 'right' },
  { title: 'share', align: 'right' },
];

function factsOf(stats: AofStats): [string, string][] {
  const { commands, commandBytes, annotations, transactions, distinctKeys, timeline } = stats;
  const { count, commands: inside, largestCommands } = transactions;
  const rows: [string, string][] = [['commands', `${formatCount(commands)}, ${formatBytes(commandBytes)}`]];
  if (count > 0)
    rows.push([
      'transactions',
      `${formatCount(count)} with ${plural(inside, 'command')}, ${formatCount(largestCommands)} in the largest`,
    ]);
  if (annotations > 0) rows.push(['annotations', formatCount(annotations)]);
  if (timeline !== undefined)
    rows.push(['time', `${isoSeconds(timeline.firstSeconds)} to ${isoSeconds(timeline.lastSeconds)}`]);
  if (distinctKeys !== undefined) rows.push(['keys', `${formatCount(distinctKeys)} different ones`]);
  return rows;
}

function files(stats: AofStats, style: Style): string {
  if (stats.files.length < 2 && stats.files.every(({ rdbBytes }) => rdbBytes === 0)) return '';
  const rows = stats.files.map(({ name, role, bytes, rdbBytes, commands }) => [
    lineText(new TextEncoder().encode(name)),
    role,
    formatCount(commands),
    formatBytes(bytes),
    rdbBytes === 0 ? '' : formatBytes(rdbBytes),
  ]);
  const columns: Column[] = [
    { title: 'file' },
    { title: 'role' },
    { title: 'commands', align: 'right' },
    { title: 'bytes', align: 'right' },
    { title: 'dump at its head', align: 'right' },
  ];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function databases({ byDb, commandBytes }: AofStats, style: Style): string {
  if (byDb.length < 2) return '';
  const rows = byDb.map(({ db, commands, bytes }) => [`db ${db}`, ...counts(commands, bytes, commandBytes)]);
  return `\n${formatTable([{ title: 'database' }, ...COUNTS], rows, style.dim)}`;
}

function commands({ byCommand, commandBytes }: AofStats, limit: number, style: Style): string {
  if (byCommand.length === 0) return '';
  const rows = byCommand
    .slice(0, limit)
    .map(({ name, isKnown, commands: count, bytes }) => [
      isKnown ? name : `${lineText(Uint8Array.from(name, (char) => char.charCodeAt(0)))} (unknown)`,
      ...counts(count, bytes, commandBytes),
    ]);
  const rest = byCommand.slice(limit);
  if (rest.length > 0) {
    const count = rest.reduce((sum, entry) => sum + entry.commands, 0);
    const bytes = rest.reduce((sum, entry) => sum + entry.bytes, 0);
    rows.push([`${rest.length} more`, ...counts(count, bytes, commandBytes)]);
  }
  return `\n${formatTable([{ title: 'command' }, ...COUNTS], rows, style.dim)}`;
}

function prefixes(stats: AofStats, style: Style): string {
  const { prefixes: entries, commandBytes } = stats;
  if (entries.length < 2) return '';
  const rows = entries.map((entry) => [
    entry.sizeBytes === 0 ? '(none)' : keyText(entry),
    ...counts(entry.count, entry.bytes, commandBytes),
  ]);
  return `\n${formatTable([{ title: 'prefix' }, ...COUNTS], rows, style.dim)}${missing(entries)}`;
}

function hotKeys({ hotKeys: entries, byDb, commandBytes }: AofStats, style: Style): string {
  if (entries.length === 0) return '';
  const withDb = byDb.length > 1;
  const rows = entries.map((entry) => [
    `${withDb ? `${entry.db} ` : ''}${keyText(entry)}`,
    ...counts(entry.count, entry.bytes, commandBytes),
  ]);
  const title = withDb ? 'db and hot key' : 'hot key';
  return `\n${formatTable([{ title }, ...COUNTS], rows, style.dim)}${missing(entries)}`;
}

function missing(entries: readonly KeyCount[]): string {
  const [first] = entries;
  return first === undefined || first.missed === 0
    ? ''
    : `  Too many different ones to count them all: up to ${plural(first.missed, 'command')} of each may be missing.\n`;
}

const LARGEST = 5;

function largest(stats: AofStats, style: Style): string {
  if (stats.largest.length === 0) return '';
  const rows = stats.largest
    .slice(0, LARGEST)
    .map(({ name, bytes, file, offset, key }) => [
      `${name}${key === undefined ? '' : ` ${cut(key, key.length)}`}`,
      formatBytes(bytes),
      stats.files.length > 1 ? `${offset} in file ${file + 1}` : String(offset),
    ]);
  const columns: Column[] = [
    { title: 'largest command' },
    { title: 'bytes', align: 'right' },
    { title: 'offset', align: 'right' },
  ];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function timeline({ widthSeconds, buckets, untimed }: Timeline, style: Style): string {
  const joined = joinBuckets(widthSeconds, buckets);
  const most = Math.max(...joined.map((bucket) => bucket.commands), 1);
  const rows = joined.map(({ startSeconds, commands: count, bytes }) => [
    isoSeconds(startSeconds)!,
    formatCount(count),
    formatBytes(bytes),
    '█'.repeat(Math.ceil((count / most) * BAR_COLUMNS)),
  ]);
  if (untimed.commands > 0)
    rows.unshift(['before any time', formatCount(untimed.commands), formatBytes(untimed.bytes), '']);
  return `\n${formatTable([{ title: 'from' }, ...COUNTS.slice(0, 2), { title: '' }], rows, style.dim)}`;
}

/** Fewer and wider ones. */
function joinBuckets(widthSeconds: number, buckets: Timeline['buckets']): Timeline['buckets'] {
  let width = widthSeconds;
  let joined = buckets;
  while (joined.length > MAX_TIMES) {
    width *= 2;
    const sums = new Map<number, { commands: number; bytes: number }>();
    for (const { startSeconds, commands: count, bytes } of buckets) {
      const start = startSeconds - (startSeconds % width);
      const sum = sums.get(start) ?? { commands: 0, bytes: 0 };
      sums.set(start, { commands: sum.commands + count, bytes: sum.bytes + bytes });
    }
    joined = [...sums].map(([startSeconds, sum]) => ({ startSeconds, ...sum }));
  }
  return joined;
}

function counts(count: number, bytes: number, total: number): string[] {
  return [formatCount(count), formatBytes(bytes), `${((bytes / Math.max(total, 1)) * 100).toFixed(1)} %`];
}

function keyText({ key, sizeBytes }: KeyCount): string {
  return cut(key, sizeBytes);
}

function cut(key: Uint8Array, sizeBytes: number): string {
  if (sizeBytes <= MAX_KEY_TEXT && key.length === sizeBytes) return lineText(key);
  return `${formatQuoted(key, 0, Math.min(key.length, MAX_KEY_TEXT))}…`;
}
