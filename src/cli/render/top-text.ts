/** `top` for people. */
import type { MemoryModel } from '../../inspect/memory/memory-model.js';
import type { TopKey, TopOrder, TopReport } from '../../inspect/top/top-collector.js';
import { modelText } from '../memory-measure.js';
import { formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatAge, formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

const LEAST_KEY_COLUMNS = 16;
const GAP_COLUMNS = 2;
const INDENT_COLUMNS = 2;

/** What keys are compared by, as a head line and as the title of a column. */
const ORDER_TEXT: Readonly<Record<TopOrder, readonly [head: string, title: string]>> = {
  memory: ['the most memory', 'memory'],
  elements: ['the most elements', 'elements'],
  serialized: ['the most bytes in the file', 'in the file'],
  'element-size': ['the largest element', 'largest'],
  idle: ['the longest idle time', 'idle'],
  freq: ['the highest LFU counter', 'counter'],
};

/** `model`: what memory was measured with. */
export function formatTop(
  sources: readonly string[],
  report: TopReport,
  model: MemoryModel | undefined,
  style: Style,
  width: number,
): string {
  const { by, top, keys, keysWithout } = report;
  const name = sources.map((source) => lineText(new TextEncoder().encode(source))).join(', ');
  const without = keysWithout === 0 ? '' : `; ${plural(keysWithout, 'key')} without one`;
  return [
    `${style.bold(name)}\n`,
    `  ${plural(top.length, 'key')} of ${formatCount(keys)} with ${ORDER_TEXT[by][0]}${ofAll(report)}${without}\n`,
    model === undefined || keys === 0 ? '' : `  ${style.dim(`memory of ${modelText(model)}`)}\n`,
    top.length === 0 ? '' : `\n${formatTopKeys(top, by, sources, style, width)}`,
    keys === 0 && keysWithout > 0 ? `  ${noneRecorded(by)}\n` : '',
  ].join('');
}

/** A table of keys, as wide as `width` allows. */
export function formatTopKeys(
  top: readonly TopKey[],
  by: TopOrder,
  sources: readonly string[],
  style: Style,
  width: number,
): string {
  const columns = columnsOf(top, by, sources);
  const cells = top.map((key) => columns.map((column) => column.text(key)));
  const others = columns.reduce(
    (sum, { title }, at) => sum + GAP_COLUMNS + Math.max(title.length, ...cells.map((row) => row[at]!.length)),
    INDENT_COLUMNS,
  );
  const room = Math.max(LEAST_KEY_COLUMNS, width - others);
  return formatTable(
    [...columns, { title: 'key' }],
    top.map((key, at) => [...cells[at]!, fitMiddle(lineText(key.key), room)]),
    style.dim,
  );
}

interface KeyColumn extends Column {
  text(key: TopKey): string;
}

function columnsOf(top: readonly TopKey[], by: TopOrder, sources: readonly string[]): KeyColumn[] {
  const columns: KeyColumn[] = [right(ORDER_TEXT[by][1], (key) => valueText(key.value, by))];
  if (by !== 'serialized') columns.push(right('in the file', (key) => formatBytes(key.valueBytes)));
  if (by !== 'elements' && top.some((key) => key.elements > 0))
    columns.push(right('elements', (key) => formatCount(key.elements)));
  columns.push({ title: 'type', text: (key) => key.type });
  columns.push({ title: 'encoding', text: (key) => key.memoryEncoding || key.encoding });
  if (top.some((key) => key.db !== 0)) columns.push(right('db', (key) => String(key.db)));
  if (sources.length > 1) columns.push(right('file', (key) => String(key.file + 1)));
  return columns;
}

function right(title: string, text: KeyColumn['text']): KeyColumn {
  return { title, align: 'right', text };
}

function valueText(value: number, by: TopOrder): string {
  if (by === 'idle') return formatAge(value * 1000);
  return by === 'elements' || by === 'freq' ? formatCount(value) : formatBytes(value);
}

/** The share of the whole that they have, where it adds up to something. */
function ofAll({ by, top, sum }: TopReport): string {
  if (by === 'idle' || by === 'freq' || by === 'element-size' || sum === 0) return '';
  const part = top.reduce((total, { value }) => total + value, 0);
  return `, ${formatShare(part / sum)} of all`;
}

function noneRecorded(by: TopOrder): string {
  const policy = by === 'freq' ? 'an LFU' : 'an LRU';
  return `The file records none: servers do with ${policy} maxmemory-policy.`;
}
