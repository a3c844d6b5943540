/** `stats` for people: one page. */
import type { MemoryModel } from '../../inspect/memory/memory-model.js';
import type { FileFacts } from '../../inspect/stats/file-facts.js';
import type { KeyCounts } from '../../inspect/stats/key-counts.js';
import type { Distribution, KeyStats } from '../../inspect/stats/key-stats.js';
import { modelText } from '../memory-measure.js';
import { bar, formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, formatTime, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';
import { formatTopKeys } from './top-text.js';

const BAR_COLUMNS = 12;
/** Databases and files on a page. */
const MAX_DBS = 16;
const MAX_FILES = 16;
const FILE_COLUMNS = 24;

const right = (title: string): Column => ({ title, align: 'right' });

/** `model`: what memory was measured with. */
export function formatStats(
  sources: readonly string[],
  stats: KeyStats,
  model: MemoryModel | undefined,
  style: Style,
  width: number,
): string {
  const { total, largest, largestBy } = stats;
  const sections = [
    headOf(sources, stats, model, style),
    ...(sources.length > 1 ? [files(sources, stats.files, style)] : []),
    ...(total.keys === 0
      ? []
      : [types(stats, style), sizes(stats, style), lives(stats, style), databases(stats, style)]),
    ...(largest.length === 0 ? [] : [formatTopKeys(largest, largestBy, sources, style, width)]),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function headOf(sources: readonly string[], stats: KeyStats, model: MemoryModel | undefined, style: Style): string {
  const { total, files: all } = stats;
  const name = sources.length === 1 ? nameText(sources[0]!) : plural(sources.length, 'file');
  const first = all[0];
  const lines = [
    style.bold(name),
    ...(sources.length === 1 && first !== undefined ? [style.dim(fileText(first))] : []),
    countsText(stats),
    ...(total.keysWithTtl === 0 ? [] : [expiryText(total)]),
    ...(model === undefined || total.keys === 0 ? [] : [style.dim(`memory of ${modelText(model)}`)]),
  ];
  return lines.map((line, at) => (at === 0 ? `${line}\n` : `  ${line}\n`)).join('');
}

function countsText({ total, sizes: { elements, memoryBytes } }: KeyStats): string {
  return [
    plural(total.keys, 'key'),
    ...(elements === undefined ? [] : [plural(total.elements, 'element')]),
    ...(memoryBytes === undefined ? [] : [`${formatBytes(total.memoryBytes)} of memory`]),
    `values of ${formatBytes(total.valueBytes)} in the file`,
  ].join(', ');
}

function expiryText({ keys, keysWithTtl, expiredKeys, expiredNowKeys }: KeyCounts): string {
  const expired =
    expiredNowKeys === 0
      ? ''
      : `, of which ${formatCount(expiredNowKeys)} have expired by now` +
        (expiredKeys === 0 ? '' : ` (${formatCount(expiredKeys)} when the dump was made)`);
  return `${plural(keysWithTtl, 'key')} with a TTL (${formatShare(keysWithTtl / keys)})${expired}`;
}

function fileText(file: FileFacts): string {
  const { magic, version, server, bits, createdAtMs, usedMemoryBytes, functions, modules } = file;
  return [
    `${server === undefined ? '' : `${serverText(server)}, `}RDB version ${version}${magic === 'VALKEY' ? ' (VALKEY)' : ''}`,
    ...(bits === 32 ? ['32 bit'] : []),
    ...(createdAtMs === undefined ? [] : [formatTime(createdAtMs)]),
    ...(usedMemoryBytes === undefined ? [] : [`used memory ${formatBytes(usedMemoryBytes)}`]),
    ...(functions === 0 ? [] : [plural(functions, 'function library', 'function libraries')]),
    ...(modules.length === 0 ? [] : [`modules ${modules.map(nameText).join(' ')}`]),
  ].join(', ');
}

function serverText({ name, version }: NonNullable<FileFacts['server']>): string {
  return `${name === 'valkey' ? 'Valkey' : 'Redis'} ${nameText(version)}`;
}

function files(sources: readonly string[], all: readonly FileFacts[], style: Style): string {
  const rows = sources.slice(0, MAX_FILES).map((source, at) => {
    const file = all[at];
    const name = fitMiddle(nameText(source), FILE_COLUMNS);
    if (file === undefined) return [String(at + 1), name, 'not read', '', '', ''];
    return [
      String(at + 1),
      name,
      formatCount(file.keys),
      file.server === undefined ? '' : serverText(file.server),
      file.createdAtMs === undefined ? '' : formatTime(file.createdAtMs),
      file.usedMemoryBytes === undefined ? '' : formatBytes(file.usedMemoryBytes),
    ];
  });
  const columns = [right(''), { title: 'file' }, right('keys'), { title: 'server' }, { title: 'made' }, right('used')];
  return formatTable(columns, rows, style.dim) + more(sources.length - MAX_FILES, 'file', style);
}

function types({ types: all, total, sizes: { elements, memoryBytes } }: KeyStats, style: Style): string {
  const byMemory = memoryBytes !== undefined;
  const sizeOf = (counts: KeyCounts): number => (byMemory ? counts.memoryBytes : counts.valueBytes);
  const row = (label: string, counts: KeyCounts, isType: boolean): string[] => [
    label,
    formatCount(counts.keys),
    formatShare(counts.keys / total.keys),
    ...(elements === undefined ? [] : [formatCount(counts.elements)]),
    ...(byMemory ? [formatBytes(counts.memoryBytes)] : []),
    formatBytes(counts.valueBytes),
    formatShare(sizeOf(counts) / (sizeOf(total) || 1)),
    isType ? style.cyan(bar(sizeOf(counts) / (sizeOf(total) || 1), BAR_COLUMNS)) : '',
  ];
  const rows = all.flatMap((stats) => {
    const { type, encodings } = stats;
    if (encodings.length === 1) return [row(kindText(type, encodings[0]!.encoding, style), stats, true)];
    return [
      row(type, stats, true),
      ...encodings.map(({ encoding, ...counts }) => row(`  ${style.dim(nameText(encoding))}`, counts, false)),
    ];
  });
  const columns = [
    { title: 'type' },
    right('keys'),
    right('share'),
    ...(elements === undefined ? [] : [right('elements')]),
    ...(byMemory ? [right('memory')] : []),
    right('in the file'),
    right('share'),
    { title: '' },
  ];
  return formatTable(columns, rows, style.dim);
}

function sizes({ sizes: { keyBytes, valueBytes, elements, memoryBytes } }: KeyStats, style: Style): string {
  const row = (label: string, of: Distribution | undefined, text: (value: number) => string): string[][] =>
    of === undefined || of.count === 0
      ? []
      : [[label, ...[of.p50, of.p90, of.p99, of.p999, of.max, Math.round(of.mean)].map(text)]];
  const rows = [
    ...row('memory', memoryBytes, formatBytes),
    ...row('in the file', valueBytes, formatBytes),
    ...row('elements', elements, formatCount),
    ...row('key name', keyBytes, formatBytes),
  ];
  const columns = [{ title: 'of a key' }, ...['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'].map(right)];
  return formatTable(columns, rows, style.dim);
}

function lives({ ttl, total }: KeyStats, style: Style): string {
  if (total.keysWithTtl === 0) return '';
  const rows = ttl
    .filter(({ keys }) => keys > 0)
    .map(({ label, keys, bytes }) => [
      label,
      formatCount(keys),
      formatShare(keys / total.keys),
      formatBytes(bytes),
      style.cyan(bar(keys / total.keys, BAR_COLUMNS)),
    ]);
  const columns = [{ title: 'life left' }, right('keys'), right('share'), right('in the file'), { title: '' }];
  return formatTable(columns, rows, style.dim);
}

function databases({ dbs, sizes: { elements, memoryBytes } }: KeyStats, style: Style): string {
  if (dbs.length < 2) return '';
  const rows = dbs
    .slice(0, MAX_DBS)
    .map((counts) => [
      String(counts.db),
      formatCount(counts.keys),
      formatCount(counts.keysWithTtl),
      ...(elements === undefined ? [] : [formatCount(counts.elements)]),
      ...(memoryBytes === undefined ? [] : [formatBytes(counts.memoryBytes)]),
      formatBytes(counts.valueBytes),
    ]);
  const columns = [
    right('db'),
    right('keys'),
    right('with TTL'),
    ...(elements === undefined ? [] : [right('elements')]),
    ...(memoryBytes === undefined ? [] : [right('memory')]),
    right('in the file'),
  ];
  return formatTable(columns, rows, style.dim) + more(dbs.length - MAX_DBS, 'database', style);
}

function more(count: number, what: string, style: Style): string {
  return count <= 0 ? '' : `  ${style.dim(`and ${plural(count, `more ${what}`)}`)}\n`;
}

/** Names come from files, and from whoever wrote them. */
function nameText(name: string): string {
  return lineText(new TextEncoder().encode(name));
}

/** A stream is a stream. */
function kindText(type: string, encoding: string, style: Style): string {
  return encoding === type ? type : `${type} ${style.dim(nameText(encoding))}`;
}
