/** `prefix` for people. */
import stringWidth from 'string-width';
import type { KeyLayoutUse } from '../../inspect/prefix/key-layout-counter.js';
import type { PrefixCounts } from '../../inspect/prefix/prefix-counts.js';
import type { PrefixNode, PrefixReport, PrefixSeparators } from '../../inspect/prefix/prefix-report.js';
import { bar, formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

/** Columns of a line beside the prefix, its bar included. */
const OTHER_COLUMNS = 54;
const LEAST_PREFIX_COLUMNS = 16;
const BAR_COLUMNS = 10;
const INDENT = '  ';

export function formatPrefixes(sources: readonly string[], report: PrefixReport, style: Style, width: number): string {
  const { root, separators, by, isCapped } = report;
  const name = sources.map((source) => lineText(new TextEncoder().encode(source))).join(', ');
  const size = by === 'memory' ? `${formatBytes(root.memoryBytes)} of memory` : `${formatBytes(root.bytes)} of values`;
  return [
    `${style.bold(name)}\n`,
    `  ${plural(root.keys, 'key')}, ${size}, ${separatorsText(separators)}\n`,
    root.keys === 0 ? '' : `\n${table(report, style, width)}`,
    isCapped
      ? `  ${style.dim('small prefixes were counted as (other) on the way: there were too many of them')}\n`
      : '',
    layouts(report.layouts, by, style),
  ].join('');
}

function separatorsText({ groups, learnedFrom }: PrefixSeparators): string {
  const texts = groups.map((group) => group.map((separator) => lineText(separator)).join(' '));
  if (learnedFrom === undefined) return `cut at ${texts.join(' ')}`;
  if (groups.length === 0) return `no separator found in the first ${plural(learnedFrom, 'key')}`;
  return `cut at ${texts.join(', else at ')} as learned from the first ${plural(learnedFrom, 'key')}`;
}

function table({ root, by }: PrefixReport, style: Style, width: number): string {
  const columns: Column[] = [
    { title: 'prefix' },
    { title: 'keys', align: 'right' },
    { title: by === 'memory' ? 'memory' : 'in the file', align: 'right' },
    { title: 'share', align: 'right' },
    { title: '' },
    { title: 'no TTL', align: 'right' },
  ];
  const room = Math.max(LEAST_PREFIX_COLUMNS, width - OTHER_COLUMNS);
  const rows: string[][] = [];
  const total = by === 'memory' ? root.memoryBytes : root.bytes;
  const add = (label: string, depth: number, counts: PrefixCounts, paint: (text: string) => string): void => {
    const indent = INDENT.repeat(Math.min(depth, Math.floor(room / 4)));
    const size = by === 'memory' ? counts.memoryBytes : counts.bytes;
    const share = size / (total || 1);
    rows.push([
      `${indent}${paint(fitMiddle(label, room - stringWidth(indent)))}`,
      formatCount(counts.keys),
      formatBytes(size),
      formatShare(share),
      style.cyan(bar(share, BAR_COLUMNS)),
      formatShare(counts.keysWithoutTtl / (counts.keys || 1)),
    ]);
  };
  addBelow(root, 0, add, style);
  return formatTable(columns, rows, style.dim);
}

type AddRow = (label: string, depth: number, counts: PrefixCounts, paint: (text: string) => string) => void;

function addBelow(node: PrefixNode, depth: number, add: AddRow, style: Style): void {
  for (const child of node.children) {
    const shown = lastOfChain(child);
    const layout = shown.layout === undefined || node.layout !== undefined ? '' : `  (${shown.layout})`;
    add(`${labelOf(shown)}${layout}`, depth, shown, (text) => text);
    addBelow(shown, depth + 1, add, style);
  }
  if (node.children.length === 0 && node.depth > 0) return;
  if (node.own.keys > 0) add('(own)', depth, node.own, style.dim);
  if (node.other.keys > 0) add('(other)', depth, node.other, style.dim);
}

/** A prefix under which all keys have one longer prefix in common says nothing of its own. */
function lastOfChain(node: PrefixNode): PrefixNode {
  const [only] = node.children;
  if (only === undefined || node.children.length > 1 || node.own.keys > 0 || node.other.keys > 0) return node;
  return lastOfChain(only);
}

/** What goes on, but is not shown, gets an ellipsis. */
function labelOf({ pattern, isPrefix, children }: PrefixNode): string {
  return isPrefix && children.length === 0 ? `${lineText(pattern)}…` : lineText(pattern);
}

function layouts(uses: readonly KeyLayoutUse[], by: PrefixReport['by'], style: Style): string {
  return uses.map((use) => `\n${layoutText(use, by, style)}`).join('');
}

function layoutText({ layout, roles, ...counts }: KeyLayoutUse, by: PrefixReport['by'], style: Style): string {
  const sizeOf = ({ bytes, memoryBytes }: PrefixCounts): string => formatBytes(by === 'memory' ? memoryBytes : bytes);
  const head = `  ${style.bold(layout.name)}, ${layout.about}: ${plural(counts.keys, 'key')}, ${sizeOf(counts)}\n`;
  const columns: Column[] = [
    { title: 'keys for' },
    { title: 'keys', align: 'right' },
    { title: by === 'memory' ? 'memory' : 'in the file', align: 'right' },
  ];
  const rows = roles.map((use) => [use.role, formatCount(use.keys), sizeOf(use)]);
  return `${head}${formatTable(columns, rows, style.dim, '    ')}`;
}
