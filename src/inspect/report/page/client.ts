/** The report's page: reads the data that the file holds, and shows it. */
import type { ReportData, ReportWarning } from '../report-data.js';
import { countTable, sizeChart, ttlChart, typeChart } from './charts.js';
import { type Child, h, keyText } from './dom.js';
import { formatBytes, formatCount, formatShare, formatTime, sizeMetric } from './format.js';
import { Icicle } from './icicle.js';
import { table } from './tables.js';
import { themeButton } from './theme.js';
import { TopKeys } from './top-keys.js';

const data = JSON.parse(document.getElementById('report-data')!.textContent!) as ReportData;
document.body.append(
  pageHead(),
  h(
    'main',
    {},
    cards(),
    section('Warnings', ...warnings()),
    section('Types and encodings', ...typeChart(data)),
    h(
      'div',
      { class: 'pair' },
      section('Sizes', ...sizeChart(data)),
      section('Life left', ...ttlChart(data), ttlNote()),
    ),
    section('Prefixes', new Icicle(data).element),
    data.layouts.length > 0 &&
      section('Software', countTable('Software whose keys were recognised', 'Name', data.layouts, data)),
    section('Largest keys', new TopKeys(data).element),
    data.dbs.length > 1 && section('Databases', databases()),
    section('Sources', ...sources()),
  ),
  h('footer', {}, `Made by ${data.madeBy} at ${formatTime(data.madeAtMs)}. ${sizeNote()}`),
);

function pageHead(): HTMLElement {
  const { title, sources, sourceCount } = data;
  const first = sources[0];
  const facts = [
    sourceCount === 1 ? first?.name : `${formatCount(sourceCount)} sources`,
    first?.server,
    first?.createdAtMs !== undefined && formatTime(first.createdAtMs),
  ];
  return h(
    'header',
    {},
    h('div', {}, h('h1', {}, title), h('p', { class: 'facts' }, facts.filter(Boolean).join(' · '))),
    themeButton(),
  );
}

function cards(): HTMLElement {
  const { totals, memoryModel, dbs, sources } = data;
  const used =
    sources.length === data.sourceCount ? sources.reduce((sum, one) => sum + (one.usedMemory ?? NaN), 0) : NaN;
  const entries: [name: string, value: string, remark: string][] = [
    ['Keys', formatCount(totals.keys), dbs.length > 1 ? `in ${formatCount(dbs.length)} databases` : ''],
  ];
  if (memoryModel !== undefined)
    entries.push(['Memory', formatBytes(totals.datasetMemory ?? totals.memory), memoryModel]);
  entries.push(
    ['In the file', formatBytes(totals.bytes), 'values'],
    ['Elements', formatCount(totals.elements), ''],
    ['With TTL', formatShare(totals.expires, totals.keys), formatCount(totals.expires)],
    ['Expired', formatCount(totals.expired), 'and still present'],
  );
  if (used > 0) entries.push(['Used memory', formatBytes(used), 'said the server']);
  const items = entries.map(([name, value, remark]) =>
    h('div', { class: 'card' }, h('dt', {}, name), h('dd', {}, value), h('dd', { class: 'remark' }, remark)),
  );
  return h('dl', { class: 'cards', 'aria-label': 'Summary' }, ...items);
}

function section(title: string, ...children: readonly Child[]): HTMLElement {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

function warnings(): HTMLElement[] {
  const items = data.warnings.map((warning) =>
    h(
      'li',
      { class: warning.level },
      h('strong', {}, warning.level === 'warning' ? 'Warning' : 'Remark'),
      ` ${warning.about}: ${warningNumber(warning.value, warning)}`,
      warning.limit !== undefined && ` (above ${warningNumber(warning.limit, warning)})`,
      warning.key !== undefined && h('span', {}, ': ', keyText(warning.key)),
    ),
  );
  return [items.length === 0 ? h('p', {}, 'Nothing stands out.') : h('ul', { class: 'warnings' }, ...items)];
}

function warningNumber(value: number, { unit }: ReportWarning): string {
  if (unit === 'bytes') return formatBytes(value);
  return unit === 'share' ? formatShare(value, 1) : formatCount(value);
}

function databases(): HTMLElement {
  const counts = data.dbs.map(({ db, ...count }) => ({ name: `db ${db}`, ...count }));
  return countTable('Databases', 'Database', counts, data);
}

function sources(): HTMLElement[] {
  const { sources, sourceCount } = data;
  const rows = sources.map((source) => [
    keyText(source.name),
    source.server,
    formatCount(source.keys),
    source.createdAtMs === undefined ? '' : formatTime(source.createdAtMs),
    source.usedMemory === undefined ? '' : formatBytes(source.usedMemory),
  ]);
  const columns = [
    { title: 'Source' },
    { title: 'Server' },
    { title: 'Keys', isNumber: true },
    { title: 'Made at' },
    { title: 'Used memory', isNumber: true },
  ];
  const left = sourceCount - sources.length;
  return [table('Sources', columns, rows), ...(left > 0 ? [h('p', {}, `and ${formatCount(left)} more`)] : [])];
}

function ttlNote(): HTMLElement {
  return h('p', { class: 'note' }, `Counted from ${formatTime(data.ttlAtMs)}.`);
}

function sizeNote(): string {
  return sizeMetric(data) === 'memory'
    ? `Memory is what MEMORY USAGE would say on ${data.memoryModel}.`
    : 'Sizes are those of the values in the file.';
}
