/** What a comparison with a server found, for people. Everything that comes out of a file or from a server is escaped. */
import type { VerifyDifference, VerifyResult } from '../../import/verify/model.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatCount, formatElapsed, plural } from './quantity.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

/** Differences that are listed. */
const MAX_DIFFERENCES = 10;
const MAX_KEY_COLUMNS = 40;

const METHODS = {
  digest: 'by their digests (DEBUG DIGEST-VALUE)',
  dump: 'by their values (DUMP)',
} as const satisfies Record<VerifyResult['method'], string>;

export function formatVerify(source: string, target: string, result: VerifyResult, style: Style): string {
  const { server, kind, counts, method, elapsedMs, differences } = result;
  const where = `${safe(target)} (${safe(server)}${kind === 'cluster' ? ', a cluster' : ''})`;
  const compared = `${plural(counts.keys, 'key')} compared ${METHODS[method]} in ${formatElapsed(elapsedMs)}`;
  const rows = differences
    .slice(0, MAX_DIFFERENCES)
    .map(({ kind: how, db, key, what, detail }) => [
      how,
      String(db),
      fitMiddle(lineText(key), MAX_KEY_COLUMNS),
      how === 'different' ? explained(what, detail) : '',
    ]);
  const columns = [
    { title: 'difference' },
    { title: 'db', align: 'right' as const },
    { title: 'key' },
    { title: 'what' },
  ];
  const left = differencesOf(result) - rows.length;
  const more = left > 0 ? `  … and ${formatCount(left)} more\n` : '';
  return [
    `${style.bold(`${safe(source)} and ${where}`)}: ${verdict(result, style)}\n`,
    `  ${compared}\n`,
    rows.length === 0 ? '' : `\n${formatTable(columns, rows, style.bold)}${more}`,
  ].join('');
}

/** `db 0, key user:1 is missing`. */
export function formatDifference({ kind, db, key, what, detail }: VerifyDifference): string {
  const place = `db ${db}, key ${lineText(key)}`;
  if (kind === 'missing') return `${place} is missing on the server`;
  if (kind === 'extra') return `${place} is on the server alone`;
  return `${place} differs: ${explained(what, detail)}`;
}

function verdict(result: VerifyResult, style: Style): string {
  const { counts, extra = 0, unknown } = result;
  const found = [
    ...(counts.missing === 0 ? [] : [`${formatCount(counts.missing)} missing`]),
    ...(counts.different === 0 ? [] : [`${formatCount(counts.different)} different`]),
    ...(extra === 0 ? [] : [`${formatCount(extra)} on the server alone`]),
  ];
  const remarks = [
    `${formatCount(counts.same)} the same`,
    ...(counts.expired === 0 ? [] : [`${formatCount(counts.expired)} expired`]),
    ...(unknown === 0 ? [] : [style.yellow(`${formatCount(unknown)} that could not be compared`)]),
  ];
  const isSame = found.length === 0;
  return `${isSame ? style.green('no difference') : style.red(found.join(', '))} (${remarks.join(', ')})`;
}

function differencesOf({ counts, extra = 0 }: VerifyResult): number {
  return counts.missing + counts.different + extra;
}

function explained(what: string, detail: string): string {
  return safe(detail === '' ? what : `${what}: ${detail}`);
}

function safe(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
