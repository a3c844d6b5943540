/** `slots` for people. */
import type { Skew } from '../../inspect/slots/skew.js';
import type { HashTag, SlotCounts, SlotReport } from '../../inspect/slots/slot-collector.js';
import { bar, formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

const BAR_COLUMNS = 16;
const MAX_TAG_COLUMNS = 32;
const MAX_NODE_COLUMNS = 40;
const SLOTS = 16384;

const right = (title: string): Column => ({ title, align: 'right' });

export function formatSlots(sources: readonly string[], report: SlotReport, limit: number, style: Style): string {
  const { keys, slots, keysBeyondDb0 } = report;
  const name = sources.map((source) => lineText(new TextEncoder().encode(source))).join(', ');
  return [
    `${style.bold(name)}\n`,
    `  ${plural(keys, 'key')} in ${formatCount(slots.length)} of ${formatCount(SLOTS)} slots, ${formatBytes(report.bytes)} of values\n`,
    keys === 0 ? '' : `\n${skews(report, style)}`,
    report.nodes.length === 0 ? '' : `\n${nodes(report, style)}`,
    keys === 0 ? '' : `\n${largest(report, limit, style)}`,
    report.tags.length === 0 ? '' : `\n${tags(report, style)}`,
    keysBeyondDb0 === 0
      ? ''
      : `\n  ${style.yellow('!')} ${plural(keysBeyondDb0, 'key')} in databases other than 0, which a cluster does not have before Valkey 9\n`,
  ].join('');
}

function skews({ skew, nodeSkew }: SlotReport, style: Style): string {
  const rows = [
    ['keys per slot', skew.keys, formatCount],
    ['bytes per slot', skew.bytes, formatBytes],
    ...(nodeSkew === undefined
      ? []
      : ([
          ['keys per node', nodeSkew.keys, formatCount],
          ['bytes per node', nodeSkew.bytes, formatBytes],
        ] as const)),
  ] as const;
  const columns = [{ title: 'spread' }, right('mean'), right('most'), right('most/mean'), right('Gini')];
  return formatTable(
    columns,
    rows.map(
      ([label, { mean, max, maxOverMean, gini }, format]: readonly [string, Skew, (value: number) => string]) => [
        label,
        mean < 10 ? mean.toFixed(1) : format(Math.round(mean)),
        format(max),
        maxOverMean.toFixed(1),
        gini.toFixed(2),
      ],
    ),
    style.dim,
  );
}

function nodes({ nodes: all, unassigned, bytes }: SlotReport, style: Style): string {
  const rows = [...all, ...(unassigned === undefined ? [] : [unassigned])].map((node) => [
    fitMiddle(lineText(new TextEncoder().encode(node.name)), MAX_NODE_COLUMNS),
    formatCount(node.slots),
    ...counts(node, bytes, style),
  ]);
  return formatTable([{ title: 'node' }, right('slots'), ...COUNTS], rows, style.dim);
}

function largest({ slots, bytes }: SlotReport, limit: number, style: Style): string {
  const rows = [...slots]
    .sort((a, b) => b.bytes - a.bytes || b.keys - a.keys || a.slot - b.slot)
    .slice(0, limit)
    .map((slot) => [String(slot.slot), ...counts(slot, bytes, style)]);
  return formatTable([right('largest slots'), ...COUNTS], rows, style.dim);
}

function tags({ tags: all, bytes, taggedKeys, keys }: SlotReport, style: Style): string {
  const rows = all.map((tag) => [
    tagText(tag),
    tag.slot === undefined ? '' : String(tag.slot),
    ...counts(tag, bytes, style),
  ]);
  const missed = all[0]!.missedKeys;
  const more =
    missed === 0
      ? ''
      : `  too many different tags to count them all: up to ${plural(missed, 'key')} of each may be missing\n`;
  const share = `  ${plural(taggedKeys, 'key')} (${formatShare(taggedKeys / keys)}) with a hash tag\n`;
  return `${formatTable([{ title: 'hash tag' }, right('slot'), ...COUNTS], rows, style.dim)}${share}${more}`;
}

const COUNTS: readonly Column[] = [right('keys'), right('in the file'), right('share'), { title: '' }];

function counts({ keys, bytes }: SlotCounts, total: number, style: Style): string[] {
  const share = bytes / (total || 1);
  return [formatCount(keys), formatBytes(bytes), formatShare(share), style.cyan(bar(share, BAR_COLUMNS))];
}

function tagText({ tag, sizeBytes }: HashTag): string {
  const text = fitMiddle(lineText(tag), MAX_TAG_COLUMNS);
  return sizeBytes > tag.length ? `${text}…` : text;
}
