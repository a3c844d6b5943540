/** The sums of `memory` for people. */
import type { MemoryTotals } from '../../inspect/memory/dataset-memory.js';
import type { Saving, SavingReport } from '../../inspect/stats/saving-collector.js';
import { modelText } from '../memory-measure.js';
import { bar, formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import type { MemorySums, MemoryWhatIf } from './memory-json.js';
import { formatBytes, formatCount } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

const BAR_COLUMNS = 12;

const right = (title: string): Column => ({ title, align: 'right' });

/** Memory by type and that of the data set; or the saving by type, where there is a what-if. */
export function formatMemorySums(sums: MemorySums, style: Style): string {
  const { sources, model, whatIf, saving, totals, isWhole } = sums;
  const name = style.bold(sources.map((source) => lineText(new TextEncoder().encode(source))).join(', '));
  if (saving.keys === 0) return `${name}\n  no keys\n`;
  if (whatIf === undefined) {
    const head = `${name}\n  memory of ${modelText(model)}\n\n`;
    return `${head}${types(saving, style)}\n${dataset(totals, isWhole, style)}`;
  }
  const then = `${modelText(whatIf.model)}: ${lineText(new TextEncoder().encode(whatIf.text))}`;
  return `${name}\n  now: ${modelText(model)}\n  then: ${then}\n\n${savings(sums, whatIf, style)}`;
}

function types({ types: all, ...total }: SavingReport, style: Style): string {
  const row = (label: string, { keys, elements, valueBytes, memoryBytes }: Saving, isAll: boolean): string[] => [
    label,
    formatCount(keys),
    formatCount(elements),
    formatBytes(valueBytes),
    formatBytes(memoryBytes),
    isAll ? '' : formatShare(memoryBytes / (total.memoryBytes || 1)),
    isAll ? '' : style.cyan(bar(memoryBytes / (total.memoryBytes || 1), BAR_COLUMNS)),
  ];
  const rows = [...all.map(({ type, ...sum }) => row(type, sum, false)), row('all', total, true)];
  const titles = ['keys', 'elements', 'in the file', 'memory', 'share'].map(right);
  return formatTable([{ title: 'type' }, ...titles, { title: '' }], rows, style.dim);
}

/** What the keys take beside what MEMORY USAGE says of them. */
function dataset(totals: MemoryTotals, isWhole: boolean, style: Style): string {
  const { usageBytes, correctionBytes, tableBytes, datasetBytes, usedMemoryBytes } = totals;
  const rows = [
    ['MEMORY USAGE of all keys', signedBytes(usageBytes)],
    ['what it leaves out, or counts twice', signedBytes(correctionBytes)],
    ['tables of keys and of expiries', signedBytes(tableBytes)],
    [style.bold('data set'), signedBytes(datasetBytes)],
    ...(isWhole && usedMemoryBytes !== undefined
      ? [['used_memory in the dump, the server itself included', formatBytes(usedMemoryBytes)]]
      : []),
  ];
  return formatTable([{ title: '' }, right('')], rows, style.dim).replace(/^\s*\n/, '');
}

/** By what keys really use: what MEMORY USAGE leaves out differs between servers. */
function savings({ saving, totals }: MemorySums, whatIf: MemoryWhatIf, style: Style): string {
  const { types: all, ...total } = saving;
  const row = (label: string, keys: number, now: number, then: number, changed: readonly string[]): string[] => {
    const bytes = now - then;
    const share = bytes / (now || 1);
    const paint = bytes > 0 ? style.green : bytes < 0 ? style.red : (text: string) => text;
    const shareText = share < 0 ? `-${formatShare(-share)}` : formatShare(share);
    return [
      label,
      formatCount(keys),
      formatBytes(now),
      formatBytes(then),
      paint(signedBytes(bytes)),
      shareText,
      ...changed,
    ];
  };
  const changed = ({ lessKeys, moreKeys }: Saving): string[] => [formatCount(lessKeys), formatCount(moreKeys)];
  const rows = [
    ...all.map(({ type, ...sum }) => row(type, sum.keys, sum.usedBytes, sum.whatIfUsedBytes, changed(sum))),
    row('tables', total.keys, totals.tableBytes, whatIf.tableBytes, ['', '']),
    row('all', total.keys, totals.datasetBytes, total.whatIfUsedBytes + whatIf.tableBytes, changed(total)),
  ];
  const titles = ['keys', 'now', 'then', 'saving', 'share', 'keys with less', 'with more'].map(right);
  return formatTable([{ title: 'type' }, ...titles], rows, style.dim);
}

function signedBytes(bytes: number): string {
  return bytes < 0 ? `-${formatBytes(-bytes)}` : formatBytes(bytes);
}
