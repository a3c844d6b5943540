/** A comparison for people. Everything that comes out of the files is escaped where it must be. */
import { formatQuoted } from '../../bytes/quote.js';
import type {
  Change,
  Difference,
  DiffSummary,
  KeyAspect,
  KeyDifference,
  PartDifference,
  PartState,
  TypeDiff,
} from '../../inspect/diff/difference.js';
import { isSafeText, lineText, printableText } from './bytes-text.js';
import { formatCount, formatTime, plural, scoreText } from './quantity.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const satisfies Record<Change, string>;
/** Longer values are cut. */
const MAX_SHOWN_BYTES = 200;
const ASPECTS = ['type', 'value', 'expiry', 'metadata'] as const satisfies readonly KeyAspect[];

/** Counts, and where there is something to count, a table by database and type. */
export function formatDiffSummary(names: readonly [string, string], summary: DiffSummary, style: Style): string {
  const { same, before, after, added, removed, changed, types, functions } = summary;
  const title = `${style.bold(safe(names[0]))} → ${style.bold(safe(names[1]))}\n`;
  if (same) return `${title}  ${style.green('the same')}: ${plural(before, 'key')}\n`;
  const aspects = ASPECTS.filter((aspect) => summary.aspects[aspect] > 0);
  const which = aspects.map((aspect) => `${aspect} ${formatCount(summary.aspects[aspect])}`).join(', ');
  const counts = [`${formatCount(added)} added`, `${formatCount(removed)} removed`, `${formatCount(changed)} changed`];
  const lines = [
    `${plural(before, 'key')} before, ${formatCount(after)} after: ${counts.join(', ')}${which && ` (${which})`}`,
  ];
  const libraries = Object.entries(functions).filter(([, count]) => count > 0);
  if (libraries.length > 0) {
    lines.push(`function libraries: ${libraries.map(([change, count]) => `${count} ${change}`).join(', ')}`);
  }
  return `${title}${lines.map((line) => `  ${line}\n`).join('')}\n${formatTypes(types, style)}`;
}

/** One line per key; the parts of its value, and its expiry, below it where `withParts`. */
export function formatDifference(difference: Difference, style: Style, withParts: boolean): string {
  switch (difference.kind) {
    case 'key':
      return formatKey(difference, style, withParts);
    case 'part':
      return formatPart(difference, style);
    case 'function':
      return `${paint(difference.change, `${SIGNS[difference.change]} function ${safe(difference.name)}`, style)}\n`;
  }
}

function formatTypes(types: readonly TypeDiff[], style: Style): string {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const columns = [
    right('db'),
    { title: 'type' },
    ...['before', 'after', 'added', 'removed', 'changed'].map((title) => right(title)),
  ];
  const rows = types.map(({ db, type, before, after, added, removed, changed }) => [
    String(db),
    type,
    ...[before, after, added, removed, changed].map(formatCount),
  ]);
  return formatTable(columns, rows, style.dim);
}

/** `~ db0 hash(value,expiry) user:1`: the key comes last, so that nothing in it can be mistaken. */
function formatKey(difference: KeyDifference, style: Style, withParts: boolean): string {
  const { change, db, key, before, after, differs } = difference;
  const type = differs.includes('type') ? `${before!.type}→${after!.type}` : (after ?? before)!.type;
  const others = differs.filter((aspect) => aspect !== 'type');
  const aspects = others.length === 0 ? '' : `(${others.join(',')})`;
  const line = `${SIGNS[change]} db${db} ${type}${aspects} ${lineText(key)}`;
  const expiry =
    withParts && differs.includes('expiry')
      ? `    ~ expiry: ${expiryText(before!.expireAt)} → ${expiryText(after!.expireAt)}\n`
      : '';
  return `${paint(change, line, style)}\n${expiry}`;
}

function formatPart({ change, what, path, before, after }: PartDifference, style: Style): string {
  const name = path.map((step) => (typeof step === 'string' ? safe(step) : lineText(step, 0, step.length))).join(' ');
  const states = [before, after].flatMap((state) => (state === undefined ? [] : [stateText(state)]));
  const value = states.filter((text) => text !== '').join(' → ');
  return `    ${paint(change, SIGNS[change], style)} ${what}${name && ` ${name}`}${value && `: ${value}`}\n`;
}

function stateText({ value, score, expireAt, fields, text }: PartState): string {
  const parts: string[] = [];
  if (value !== undefined) parts.push(valueText(value));
  if (score !== undefined) parts.push(scoreText(score));
  if (fields !== undefined) parts.push(pairsText(fields));
  if (text !== undefined) parts.push(text);
  if (expireAt !== undefined) parts.push(`(expires ${formatTime(expireAt)})`);
  return parts.join(' ');
}

function pairsText(fields: readonly Uint8Array[]): string {
  const pairs: string[] = [];
  for (let at = 0; at < fields.length; at += 2) pairs.push(`${valueText(fields[at]!)} ${valueText(fields[at + 1]!)}`);
  return pairs.join(', ');
}

function valueText(value: Uint8Array): string {
  if (value.length > MAX_SHOWN_BYTES)
    return `${formatQuoted(value, 0, value.length, MAX_SHOWN_BYTES)} ${plural(value.length, 'byte')}`;
  const text = printableText(value);
  return text === undefined ? formatQuoted(value) : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function expiryText(at: bigint | undefined): string {
  return at === undefined ? 'none' : formatTime(at);
}

function paint(change: Change, text: string, style: Style): string {
  return change === 'added' ? style.green(text) : change === 'removed' ? style.red(text) : style.yellow(text);
}

function safe(text: string): string {
  return isSafeText(text) ? text : lineText(new TextEncoder().encode(text));
}
