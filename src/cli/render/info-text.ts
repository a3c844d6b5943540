/** `info` for people. Everything that comes out of the file is escaped where it must be. */
import type { DbCount, RdbSummary } from '../../inspect/summary.js';
import { writersOf } from '../formats-table.js';
import { lineText } from './bytes-text.js';
import { formatBytes, formatCount, formatTime, plural } from './quantity.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

const LABEL_COLUMNS = 12;
const MAX_DBS = 32;
/** Longer values of aux fields are cut. */
const MAX_AUX_TEXT = 100;
/** Aux fields that have a place of their own. */
const SHOWN_AUX = new Set([
  'redis-ver',
  'valkey-ver',
  'redis-bits',
  'ctime',
  'used-mem',
  'repl-id',
  'repl-offset',
  'repl-stream-db',
  'aof-preamble',
  'aof-base',
]);

export function formatInfo(name: string, summary: RdbSummary, style: Style): string {
  const aux = auxTexts(summary);
  const facts: [string, string | undefined][] = [
    ['format', formatOf(summary)],
    ['written by', producerOf(summary, aux)],
    ['created', createdOf(aux)],
    ['replication', replicationOf(aux)],
    ['size', sizeOf(summary)],
    ['keys', keysOf(summary)],
    ['checksum', checksumOf(summary, style)],
    ...[...aux]
      .filter(([key]) => !SHOWN_AUX.has(key))
      .map(([key, value]): [string, string] => ['aux', `${key} = ${cut(value)}`]),
  ];
  return [
    `${style.bold(safe(name))}\n`,
    ...facts.flatMap(([label, text]) =>
      text === undefined ? [] : `  ${style.dim(label.padEnd(LABEL_COLUMNS))} ${text}\n`,
    ),
    databases(summary, style),
    types(summary, style),
    functions(summary, style),
    modules(summary, style),
    remarks(summary, style),
  ].join('');
}

function formatOf({ magic, version, compression }: RdbSummary): string {
  const dialect = magic === 'REDIS' ? 'redis' : 'valkey';
  const writers = writersOf(dialect, version);
  const wrapping = compression === undefined ? '' : `, inside ${compression}`;
  return `RDB version ${version} (${magic})${writers === undefined ? '' : `, the format of ${writers}`}${wrapping}`;
}

function producerOf(summary: RdbSummary, aux: ReadonlyMap<string, string>): string | undefined {
  const redis = aux.get('redis-ver');
  const valkey = aux.get('valkey-ver');
  const server = valkey !== undefined ? `Valkey ${valkey}` : redis !== undefined ? `Redis ${redis}` : undefined;
  if (server === undefined) return undefined;
  const bits = aux.get('redis-bits');
  const role =
    aux.get('aof-base') === '1' || aux.get('aof-preamble') === '1' ? ', as the base of an append-only file' : '';
  return `${server}${bits === undefined ? '' : `, ${bits} bit`}${role}${summary.scripts > 0 ? `, with ${plural(summary.scripts, 'cached script')}` : ''}`;
}

function createdOf(aux: ReadonlyMap<string, string>): string | undefined {
  const seconds = aux.get('ctime');
  const memory = aux.get('used-mem');
  const used =
    memory === undefined || !/^\d+$/.test(memory) ? '' : `, when the server used ${formatBytes(Number(memory))}`;
  return seconds === undefined
    ? undefined
    : `${/^\d+$/.test(seconds) ? formatTime(Number(seconds) * 1000) : seconds}${used}`;
}

function replicationOf(aux: ReadonlyMap<string, string>): string | undefined {
  const id = aux.get('repl-id');
  if (id === undefined) return undefined;
  return `${id}, offset ${aux.get('repl-offset') ?? 'unknown'}, database ${aux.get('repl-stream-db') ?? 'unknown'}`;
}

function sizeOf({ bytes, compression }: RdbSummary): string {
  const exact = bytes < 1024 ? '' : ` (${plural(bytes, 'byte')})`;
  return `${formatBytes(bytes)}${exact}${compression === undefined ? '' : ', uncompressed'}`;
}

function keysOf({ keys, expires, dbs, slots, keysWithMeta, stopped }: RdbSummary): string {
  const parts = [`${plural(keys, 'key')} in ${plural(dbs.length, 'database')}`, `${formatCount(expires)} with expiry`];
  if (slots > 0) parts.push(`${plural(slots, 'cluster slot')}`);
  if (keysWithMeta > 0) parts.push(`${formatCount(keysWithMeta)} with metadata`);
  return `${parts.join(', ')}${stopped ? ' (reading stopped at the limit)' : ''}`;
}

function checksumOf({ end }: RdbSummary, style: Style): string | undefined {
  switch (end?.checksum) {
    case 'ok':
      return style.green('ok');
    case 'absent':
      return 'none, this version has no checksums';
    case 'disabled':
      return style.yellow('switched off by the writer');
    case 'unchecked':
      return 'not compared';
    default:
      return undefined;
  }
}

function databases({ dbs }: RdbSummary, style: Style): string {
  if (dbs.length === 0) return '';
  const row = ({ db, keys, expires }: DbCount): string[] => [String(db), formatCount(keys), formatCount(expires)];
  const rows = dbs.slice(0, MAX_DBS).map(row);
  const more = dbs.length > MAX_DBS ? `  … and ${plural(dbs.length - MAX_DBS, 'more database')}\n` : '';
  const columns = ['db', 'keys', 'with expiry'].map((title) => ({ title, align: 'right' as const }));
  return `\n${formatTable(columns, rows, style.dim)}${more}`;
}

function types(summary: RdbSummary, style: Style): string {
  if (summary.types.length === 0) return '';
  const total = summary.types.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = [...summary.types]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ type, encoding, keys, bytes }) => [
      type,
      encoding,
      formatCount(keys),
      formatBytes(bytes),
      total === 0 ? '' : `${((100 * bytes) / total).toFixed(1)}%`,
    ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'type' }, { title: 'encoding' }, right('keys'), right('in the file'), right('share')];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function functions(summary: RdbSummary, style: Style): string {
  if (summary.functions.length === 0) return '';
  const rows = summary.functions.map(({ name, engine, bytes }) => [
    safe(name ?? '?'),
    safe(engine ?? '?'),
    formatBytes(bytes),
  ]);
  const columns = [{ title: 'function library' }, { title: 'engine' }, { title: 'source', align: 'right' as const }];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function modules(summary: RdbSummary, style: Style): string {
  if (summary.modules.length === 0) return '';
  const rows = summary.modules.map(({ name, version, keys, auxRecords }) => [
    safe(name),
    String(version),
    formatCount(keys),
    formatCount(auxRecords),
  ]);
  const columns = [
    { title: 'module' },
    { title: 'version' },
    ...['keys', 'other records'].map((title) => ({ title, align: 'right' as const })),
  ];
  return `\n${formatTable(columns, rows, style.dim)}`;
}

function remarks({ warnings, end }: RdbSummary, style: Style): string {
  const lines = warnings.map(({ message, offset, code }) => `${message} (${code} at offset ${offset})`);
  if (end?.trailing === 'aof')
    lines.push(`followed by an AOF tail of ${plural(end.trailingBytes, 'byte')}: see rdb-inspect aof info`);
  if (lines.length === 0) return '';
  return `\n${lines.map((line) => `  ${style.yellow('!')} ${line}\n`).join('')}`;
}

/** By lower-case name. */
function auxTexts(summary: RdbSummary): Map<string, string> {
  return new Map(summary.aux.map(({ name, value }) => [lineText(name).toLowerCase(), lineText(value)]));
}

function safe(text: string): string {
  return lineText(new TextEncoder().encode(text));
}

function cut(text: string): string {
  return text.length > MAX_AUX_TEXT ? `${text.slice(0, MAX_AUX_TEXT)}…` : text;
}
