/** What a comparison with a server found, for people. Everything that comes out of a file or from a server is escaped. */
import type { VerifyMethod, VerifyResult } from '../../import/verify/model.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatCount, formatElapsed, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';
import type { VerifyDifference } from './verify-json.js';

/** Differences that are listed. */
const MAX_DIFFERENCES = 10;
const MAX_KEY_COLUMNS = 40;

const METHODS = {
  digest: 'by digests (DEBUG DIGEST-VALUE)',
  dump: 'by values (DUMP)',
  elements: 'by values, element by element',
} as const satisfies Record<VerifyMethod, string>;

const DIFFERENCE_COLUMNS: readonly Column[] = [
  { title: 'difference' },
  { title: 'db', align: 'right' },
  { title: 'key' },
  { title: 'what' },
];

export function formatVerify(source: string, target: string, result: VerifyResult, style: Style): string {
  const { server, kind, counts, method, elapsedMs, differences } = result;
  const where = `${safe(target)} (${safe(server)}${kind === 'cluster' ? ', a cluster' : ''})`;
  const compared = `${plural(counts.keys, 'key')} compared ${METHODS[method]} in ${formatElapsed(elapsedMs)}`;
  const rows = differences.slice(0, MAX_DIFFERENCES).map(differenceRow);
  const left = Math.max(differencesOf(result), differences.length) - rows.length;
  const more = left > 0 ? `  … and ${formatCount(left)} more\n` : '';
  return [
    `${style.bold(`${safe(source)} and ${where}`)}: ${verdict(result, style)}\n`,
    `  ${compared}: ${outcome(result, style)}\n`,
    rows.length === 0 ? '' : `\n${formatTable(DIFFERENCE_COLUMNS, rows, style.bold)}${more}`,
  ].join('');
}

/** `db 0, key user:1: value: 3 fields, not 4 (different)`. */
export function formatDifference({ kind, db, key, what, detail }: VerifyDifference): string {
  const place = what === 'function' ? `function library ${lineText(key)}` : `db ${db}, key ${lineText(key)}`;
  const text = explained(what, detail);
  return `${place}${text === '' ? '' : `: ${text}`} (${kind})`;
}

function differenceRow({ kind, db, key, what, detail }: VerifyDifference): string[] {
  const name = fitMiddle(lineText(key), MAX_KEY_COLUMNS);
  return [kind, what === 'function' ? '' : String(db), name, explained(what, detail)];
}

function verdict(result: VerifyResult, style: Style): string {
  const { counts, extra = 0, functions, isSame } = result;
  if (isSame) return style.green('no difference');
  const found = [
    ...some(counts.missing, 'missing'),
    ...some(counts.different, 'different'),
    ...some(extra, 'on the server alone'),
    ...(functions === undefined || functions.differing === 0
      ? []
      : [plural(functions.differing, 'function library', 'function libraries')]),
  ];
  return style.red(found.length === 0 ? 'different' : found.join(', '));
}

function outcome({ counts, unknown, functions }: VerifyResult, style: Style): string {
  const parts = [
    `${formatCount(counts.same)} the same`,
    ...some(counts.expired, 'expired'),
    ...some(unknown, 'that only their modules could compare').map(style.yellow),
    ...(functions === undefined || functions.libraries === 0
      ? []
      : [plural(functions.libraries, 'function library', 'function libraries')]),
  ];
  return parts.join(', ');
}

function differencesOf({ counts, extra = 0, functions }: VerifyResult): number {
  return counts.missing + counts.different + extra + (functions?.differing ?? 0);
}

function some(count: number, what: string): string[] {
  return count === 0 ? [] : [`${formatCount(count)} ${what}`];
}

/** Of a key that is missing or extra its kind says it all. */
function explained(what: VerifyDifference['what'], detail: string): string {
  if (what === 'existence') return detail === '' ? '' : safe(detail);
  return detail === '' ? what : safe(`${what}: ${detail}`);
}

function safe(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
