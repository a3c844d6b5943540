/** `ttl` for people. */
import type { PrefixNode } from '../../inspect/prefix/prefix-report.js';
import type { TtlCount, TtlReport, TtlShare } from '../../inspect/ttl/ttl-collector.js';
import { bar, formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, formatTime, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

const BAR_COLUMNS = 24;
const OTHER_COLUMNS = 50;
const LEAST_PREFIX_COLUMNS = 20;
/** Databases on a page. */
const MAX_DBS = 16;

const right = (title: string): Column => ({ title, align: 'right' });

export function formatTtl(
  sources: readonly string[],
  report: TtlReport,
  prefixes: readonly PrefixNode[],
  style: Style,
  width: number,
): string {
  const { all, withoutTtl, expired } = report;
  const name = sources.map((source) => lineText(new TextEncoder().encode(source))).join(', ');
  const share = formatShare(withoutTtl.keys / (all.keys || 1));
  return [
    `${style.bold(name)}\n`,
    `  ${plural(all.keys, 'key')}, ${formatCount(withoutTtl.keys)} without a TTL (${share})\n`,
    `  ${style.dim(countedFrom(report))}\n`,
    all.keys === 0 ? '' : `\n${bins(report, style)}`,
    shares('db', report.dbs.length > 1 ? report.dbs.slice(0, MAX_DBS).map((one) => [String(one.db), one]) : [], style),
    shares(
      'type',
      report.types.map((one) => [one.type, one]),
      style,
    ),
    byPrefix(prefixes, width, style),
    expired.keys === 0 ? '' : `\n  ${style.yellow('!')} ${expiredText(expired)}\n`,
  ].join('');
}

function countedFrom({ atMs, atIs, createdAtMs }: TtlReport): string {
  const at = formatTime(atMs);
  const why = {
    given: '',
    creation: ', when the dump was made',
    clock: ', now: the dump does not say when it was made',
  };
  const made = atIs === 'given' && createdAtMs !== undefined ? `; the dump was made at ${formatTime(createdAtMs)}` : '';
  return `life left at ${at}${why[atIs]}${made}`;
}

function bins({ bins: all, withoutTtl, all: total }: TtlReport, style: Style): string {
  const most = Math.max(...all.map(({ keys }) => keys), withoutTtl.keys, 1);
  const row = (label: string, { keys, bytes }: TtlCount): string[] => [
    label,
    formatCount(keys),
    formatShare(keys / (total.keys || 1)),
    formatBytes(bytes),
    style.cyan(bar(keys / most, BAR_COLUMNS)),
  ];
  const rows = [...all.map((bin) => row(bin.label, bin)), row('no TTL', withoutTtl)];
  const columns = [{ title: 'life left' }, right('keys'), right('share'), right('in the file'), { title: '' }];
  return formatTable(columns, rows, style.dim);
}

function shares(title: string, entries: readonly (readonly [string, TtlShare])[], style: Style): string {
  if (entries.length === 0) return '';
  const rows = entries.map(([label, { all, withoutTtl, expired }]) => [
    label,
    formatCount(all.keys),
    formatCount(withoutTtl.keys),
    formatShare(withoutTtl.keys / (all.keys || 1)),
    formatCount(expired.keys),
  ]);
  const columns = [{ title }, right('keys'), right('no TTL'), right('share'), right('expired')];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function byPrefix(prefixes: readonly PrefixNode[], width: number, style: Style): string {
  if (prefixes.length === 0) return '';
  const room = Math.max(LEAST_PREFIX_COLUMNS, width - OTHER_COLUMNS);
  const rows = prefixes.map(({ pattern, isPrefix, keys, bytes, keysWithoutTtl }) => [
    fitMiddle(isPrefix ? `${lineText(pattern)}…` : lineText(pattern), room),
    formatCount(keysWithoutTtl),
    formatShare(keysWithoutTtl / keys),
    formatBytes(bytes),
  ]);
  const columns = [{ title: 'never expires' }, right('keys'), right('of the prefix'), right('in the file')];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function expiredText({ keys, bytes }: TtlCount): string {
  return `${plural(keys, 'key')} with ${formatBytes(bytes)} had expired and ${keys === 1 ? 'is' : 'are'} in the file all the same`;
}
