/** `aof info` for people. Names come from the file system and from manifests, and are escaped. */
import type { AofDirectoryFacts, DirectoryFile, OpenedAofLog } from '../../aof/directory/directory.js';
import type { AofFileInfo } from '../../aof/directory/info.js';
import type { LogFile } from '../../aof/model.js';
import { baseName, encodePath } from '../../bytes/path.js';
import { writersOf } from '../formats-table.js';
import { lineText } from './bytes-text.js';
import { isoSeconds } from './log-time.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

const LABEL_COLUMNS = 12;
const MAX_DBS = 32;

export function formatAofInfo(source: string, log: OpenedAofLog, files: readonly AofFileInfo[], style: Style): string {
  const facts = factsOf(log, files).flatMap(([label, text]) =>
    text === undefined ? [] : `  ${style.dim(label.padEnd(LABEL_COLUMNS))} ${text}\n`,
  );
  return [
    `${style.bold(safe(source))}\n`,
    ...facts,
    fileTable(files, style),
    databases(files, style),
    remarks(log, files, style),
  ].join('');
}

function factsOf({ facts, history }: OpenedAofLog, files: readonly AofFileInfo[]): [string, string | undefined][] {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    ['format', situationOf(facts)],
    ['manifest', facts?.manifestPath && safe(facts.manifestPath)],
    ['size', `${formatBytes(bytes)}${files.length === 1 ? '' : ` in ${plural(files.length, 'file')}`}`],
    ['commands', commandsOf(files)],
    ['keys', keysOf(files)],
    ['times', timesOf(files)],
    ['history', history.length === 0 ? undefined : historyOf(history)],
  ];
}

function situationOf(facts: AofDirectoryFacts | undefined): string {
  switch (facts?.situation) {
    case undefined:
      return 'a single file';
    case 'multi-part':
      return 'append-only directory (Redis 7.0 and later, Valkey)';
    case 'upgrade':
      return 'file of a server before 7.0; the next start of a newer one moves it into the directory, as base 1';
    case 'empty':
      return 'append-only directory without a file to load: a server starts empty';
  }
}

function commandsOf(files: readonly AofFileInfo[]): string {
  const commands = sum(files, ({ commands: count }) => count);
  const transactions = sum(files, ({ transactions: count }) => count);
  const inside = transactions === 0 ? '' : `, with ${plural(transactions, 'transaction')}`;
  return `${plural(commands, 'command')}${inside}`;
}

function keysOf(files: readonly AofFileInfo[]): string | undefined {
  if (!files.some(({ head }) => head !== undefined)) return undefined;
  return `${plural(
    sum(files, ({ rdbKeys }) => rdbKeys),
    'key',
  )} in the dump that it begins with`;
}

function timesOf(files: readonly AofFileInfo[]): string | undefined {
  const first = files.find(({ firstSeconds }) => firstSeconds !== undefined)?.firstSeconds;
  const last = files.findLast(({ lastSeconds }) => lastSeconds !== undefined)?.lastSeconds;
  if (first === undefined) return files.some(({ commands }) => commands > 0) ? 'none in the log' : undefined;
  return `${isoSeconds(first)} to ${isoSeconds(last)}`;
}

function historyOf(history: readonly LogFile[]): string {
  const there = history.filter(({ sizeBytes }) => sizeBytes !== undefined);
  const gone = history.length - there.length;
  const bytes = there.reduce((total, { sizeBytes = 0 }) => total + sizeBytes, 0);
  const lost = gone === 0 ? '' : `, ${formatCount(gone)} no longer there`;
  return `${plural(history.length, 'file')} that a server deletes${lost}, ${formatBytes(bytes)}`;
}

function fileTable(files: readonly AofFileInfo[], style: Style): string {
  if (files.length === 0) return '';
  const rows = files.map((file) => [
    safe(baseName(file.name)),
    file.role,
    file.seq === undefined ? '' : String(file.seq),
    formOf(file),
    formatBytes(file.sizeBytes),
    formatCount(file.commands),
    isoSeconds(file.firstSeconds) ?? '',
    isoSeconds(file.lastSeconds) ?? '',
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'file' }, { title: 'role' }, right('seq'), { title: 'form' }, right('size')];
  const more = [right('commands'), { title: 'first #TS' }, { title: 'last #TS' }];
  return `\n${formatTable([...columns, ...more], rows, style.dim)}`;
}

function formOf({ form, head, compression }: AofFileInfo): string {
  const wrapping = compression === undefined ? '' : `, inside ${compression}`;
  if (head === undefined) return form + wrapping;
  const dialect = head.magic === 'REDIS' ? 'redis' : 'valkey';
  const writers = writersOf(dialect, head.version);
  const version = `RDB ${head.version}${writers === undefined ? '' : ` (${writers})`}`;
  return `${version}${form === 'rdb+resp' ? ' + resp' : ''}${wrapping}`;
}

function databases(files: readonly AofFileInfo[], style: Style): string {
  const byDb = new Map<number, { keys: number; commands: number }>();
  for (const { db, keys, commands } of files.flatMap(({ dbs }) => dbs)) {
    const count = byDb.get(db) ?? { keys: 0, commands: 0 };
    byDb.set(db, { keys: count.keys + keys, commands: count.commands + commands });
  }
  if (byDb.size === 0) return '';
  const sorted = [...byDb].sort(([a], [b]) => a - b);
  const row = ([db, { keys, commands }]: (typeof sorted)[number]): string[] => [
    String(db),
    formatCount(keys),
    formatCount(commands),
  ];
  const more = sorted.length > MAX_DBS ? `  … and ${plural(sorted.length - MAX_DBS, 'more database')}\n` : '';
  const columns = ['db', 'keys in the dump', 'commands'].map((title) => ({ title, align: 'right' as const }));
  return `\n${formatTable(columns, sorted.slice(0, MAX_DBS).map(row), style.dim)}${more}`;
}

function remarks({ facts }: OpenedAofLog, files: readonly AofFileInfo[], style: Style): string {
  const lines = [...damage(files), ...(facts === undefined ? [] : surroundings(facts))];
  if (lines.length === 0) return '';
  return `\n${lines.map((line) => `  ${style.yellow('!')} ${line}\n`).join('')}`;
}

function damage(files: readonly AofFileInfo[]): string[] {
  return files.flatMap(({ name, error, isGrowing }) => {
    if (error === undefined) return [];
    if (isGrowing) return `${safe(baseName(name))} is still being written`;
    const place = error.code === 'MISSING_FILE' ? '' : ` at offset ${error.offset}`;
    return `${safe(baseName(name))}: ${error.message} (${error.code}${place})`;
  });
}

const LEFTOVERS = {
  'temp-manifest': 'a manifest that was not finished',
  'temp-incr': 'an increment from switching the log on',
  'temp-rewrite': 'a rewrite that was not finished',
} as const;

function surroundings(facts: AofDirectoryFacts): string[] {
  const { repeated, leftovers, unlisted, staleNext, ignored, dump } = facts;
  const size = ({ path, sizeBytes }: DirectoryFile): string => `${safe(path)} (${formatBytes(sizeBytes)})`;
  return [
    ...repeated.map((name) => `${safe(name)} is listed more than once, and loaded as often`),
    ...leftovers.map((file) => `${size(file)} is left over: ${LEFTOVERS[file.kind]}; servers ignore it`),
    ...unlisted
      .filter(({ path }) => path !== staleNext?.path)
      .map((file) => `${size(file)} is not in the manifest; servers ignore it`),
    ...(staleNext === undefined
      ? []
      : [`${size(staleNext)} is not in the manifest, but the next start appends to it, and the one after loads it`]),
    ...(ignored === undefined ? [] : [`${size(ignored)} lies beside the directory; servers ignore it`]),
    ...(dump === undefined ? [] : [`${size(dump)} lies beside the log; with appendonly yes servers ignore it`]),
  ];
}

function sum(files: readonly AofFileInfo[], count: (file: AofFileInfo) => number): number {
  return files.reduce((total, file) => total + count(file), 0);
}

function safe(text: string): string {
  return lineText(encodePath(text));
}
