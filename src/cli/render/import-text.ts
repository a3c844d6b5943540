/** What an import did, or would do, for people. Everything that comes out of a file or from a server is escaped. */
import type { ImportPlan, ImportResult, KeyFailure } from '../../import/model.js';
import { lineText } from './bytes-text.js';
import { formatLosses } from './convert-report.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, formatElapsed, paceText, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

/** Failures that are listed; the file of `--report` has all of them. */
const MAX_FAILURES = 10;
const MAX_KEY_COLUMNS = 40;
const LABEL_COLUMNS = 10;

const FAILURE_COLUMNS: readonly Column[] = [
  { title: 'failed' },
  { title: 'db', align: 'right' },
  { title: 'code' },
  { title: 'why' },
];

const right = (title: string): Column => ({ title, align: 'right' });

export function formatImport(source: string, target: string, result: ImportResult, style: Style): string {
  const { server, kind, plan } = result;
  const where = `${safe(target)} (${safe(server)}${kind === 'cluster' ? ', a cluster' : ''})`;
  const title = `${style.bold(`${safe(source)} → ${where}`)}\n`;
  const facts = plan === undefined ? factsText(result, style) : planText(plan, result, style);
  const losses = formatLosses(result.lost, style);
  return `${title}${facts}${failuresText(result, style)}${losses === '' ? '' : `\n${losses}`}`;
}

/** `db 0, key user:1: the key exists (BUSYKEY)`. */
export function formatFailure({ kind, db, key, code, message }: KeyFailure): string {
  const what = kind === 'key' ? `db ${db}, key ${lineText(key)}` : `function library ${lineText(key)}`;
  return `${what}: ${safe(message)} (${code})`;
}

function factsText(result: ImportResult, style: Style): string {
  const { counts, sentBytes, requests, retries, elapsedMs, isResumed } = result;
  const seconds = Math.max(elapsedMs, 1) / 1000;
  const speed = `${paceText(counts.sent, elapsedMs)}, ${formatBytes(Math.round(sentBytes / seconds))}/s`;
  // Of an import that goes on, the keys before are not of this time.
  const pace = isResumed || counts.sent === 0 ? '' : `: ${speed}`;
  const again = retries === 0 ? '' : `, ${plural(retries, 'request')} sent again`;
  return labelled(
    [
      ['keys', keysText(result)],
      ['sent', sentText(result)],
      ['not sent', notSentText(result, style)],
      ['functions', counts.functions === 0 ? undefined : plural(counts.functions, 'library', 'libraries')],
      ['traffic', `${formatBytes(sentBytes)} in ${plural(requests, 'request')}${again}`],
      ['time', `${formatElapsed(elapsedMs)}${pace}`],
    ],
    style,
  );
}

function keysText({ counts, isResumed }: ImportResult): string {
  return `${plural(counts.keys, 'key')}${isResumed ? ', those of the import that this one goes on with included' : ''}`;
}

function sentText({ counts, mode, asCommands }: ImportResult): string {
  if (counts.sent === 0) return '0';
  const how = mode === 'commands' ? ' as commands' : ' by RESTORE';
  const some = mode === 'auto' && asCommands > 0 ? `, ${formatCount(asCommands)} of them as commands` : '';
  const replaced = counts.replaced === 0 ? '' : `, ${formatCount(counts.replaced)} in the place of others`;
  return `${formatCount(counts.sent)}${how}${some}${replaced}`;
}

function notSentText({ counts }: ImportResult, style: Style): string | undefined {
  const { skipped, expired, failed } = counts;
  const parts = [
    ...(skipped === 0 ? [] : [`${formatCount(skipped)} that the server has`]),
    ...(expired === 0 ? [] : [`${formatCount(expired)} expired`]),
    ...(failed === 0 ? [] : [style.red(`${formatCount(failed)} failed`)]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function planText(plan: ImportPlan, { counts }: ImportResult, style: Style): string {
  const { databases, nodes, requests, bytes, estimatedMs } = plan;
  const rows = databases.map(({ db, keys }) => [String(db), formatCount(keys)]);
  const nodeRows = nodes.map(({ address, keys, bytes: size }) => [safe(address), formatCount(keys), formatBytes(size)]);
  const functions =
    counts.functions === 0 ? '' : ` and ${plural(counts.functions, 'function library', 'function libraries')}`;
  return [
    labelled(
      [
        ['dry run', `nothing was written; ${plural(counts.sent, 'key')}${functions} would be`],
        ['traffic', `${formatBytes(bytes)} in ${plural(requests, 'request')}`],
        ['time', `about ${formatElapsed(estimatedMs)}`],
      ],
      style,
    ),
    rows.length === 0 ? '' : `\n${formatTable([right('db'), right('keys')], rows, style.dim)}`,
    nodeRows.length < 2
      ? ''
      : `\n${formatTable([{ title: 'node' }, right('keys'), right('bytes')], nodeRows, style.dim)}`,
  ].join('');
}

function failuresText({ failures, counts }: ImportResult, style: Style): string {
  if (failures.length === 0) return '';
  const rows = failures
    .slice(0, MAX_FAILURES)
    .map(({ kind, db, key, code, message }) => [
      `${kind === 'function' ? 'function library ' : ''}${fitMiddle(lineText(key), MAX_KEY_COLUMNS)}`,
      kind === 'function' ? '' : String(db),
      code,
      safe(message),
    ]);
  const left = Math.max(failures.length, counts.failed) - rows.length;
  const more = left > 0 ? `  … and ${formatCount(left)} more: --report FILE has all of them\n` : '';
  return `\n${formatTable(FAILURE_COLUMNS, rows, style.bold)}${more}${adviceOn(failures)}`;
}

/** What would have become of them otherwise. */
function adviceOn(failures: readonly KeyFailure[]): string {
  const codes = new Set(failures.map(({ code }) => code));
  const advice = [
    ...(codes.has('BUSYKEY') ? ['--on-exists skip or replace is about keys that the server has'] : []),
    ...(codes.has('UNSUPPORTED') ? ['--on-unsupported convert writes what the server can hold'] : []),
    ...(codes.has('BAD_PAYLOAD') ? ['--mode commands writes keys without RESTORE'] : []),
  ];
  return advice.map((line) => `  hint: ${line}\n`).join('');
}

function labelled(lines: readonly (readonly [string, string | undefined])[], style: Style): string {
  return lines
    .filter(([, text]) => text !== undefined)
    .map(([label, text]) => `  ${style.dim(label.padEnd(LABEL_COLUMNS))} ${text}\n`)
    .join('');
}

function safe(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
