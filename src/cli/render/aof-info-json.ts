/** `aof-info@1` (cli.md §2). */
import type { AofDirectoryFacts, DirectoryFile, OpenedAofLog } from '../../aof/directory/directory.js';
import type { AofFileInfo } from '../../aof/directory/info.js';
import type { LogFile } from '../../aof/model.js';
import { isoSeconds } from './log-time.js';

/** One object per log. Members that say nothing are absent. */
export function aofInfoJson(source: string, log: OpenedAofLog, files: readonly AofFileInfo[]): object {
  const { facts } = log;
  return {
    schema: 'rdb-inspect/aof-info@1',
    source,
    format: 'aof',
    situation: facts?.situation ?? 'single',
    ...(facts && directoryJson(facts)),
    files: files.map(fileJson),
    ...(log.history.length > 0 && { history: log.history.map(historyJson) }),
    ...(facts && surroundingsJson(facts)),
    bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    commands: files.reduce((sum, { commands }) => sum + commands, 0),
  };
}

function directoryJson({ dataDirectory, directory, fileName, manifestPath }: AofDirectoryFacts): object {
  return { dataDirectory, directory: directory ?? null, fileName, manifest: manifestPath ?? null };
}

function fileJson(file: AofFileInfo): object {
  const { name, role, seq, form, sizeBytes, compression, head, rdbBytes, rdbKeys, error } = file;
  return {
    name,
    role,
    ...(seq !== undefined && { seq: seqJson(seq) }),
    form,
    bytes: sizeBytes,
    ...(compression && { compression }),
    ...(head && { rdb: { magic: head.magic, version: head.version, bytes: rdbBytes, keys: rdbKeys } }),
    commands: file.commands,
    transactions: file.transactions,
    annotations: file.annotations,
    firstTime: isoSeconds(file.firstSeconds) ?? null,
    lastTime: isoSeconds(file.lastSeconds) ?? null,
    dbs: file.dbs,
    ...(file.isGrowing && { growing: true }),
    ...(error && { error: { code: error.code, offset: error.offset, message: error.message } }),
  };
}

function historyJson({ path, name, seq, sizeBytes }: LogFile): object {
  return { name: path ?? name, ...(seq !== undefined && { seq: seqJson(seq) }), bytes: sizeBytes ?? null };
}

/** Numbers that JSON readers would round are text. */
function seqJson(seq: bigint): number | string {
  const number = Number(seq);
  return Number.isSafeInteger(number) ? number : String(seq);
}

function surroundingsJson(facts: AofDirectoryFacts): object {
  const { missing, repeated, leftovers, unlisted, staleNext, ignored, dump } = facts;
  return {
    missing,
    ...(repeated.length > 0 && { repeated }),
    leftovers: leftovers.map(({ kind, ...file }) => ({ ...besideJson(file), kind })),
    unlisted: unlisted.map(besideJson),
    ...(staleNext && { staleNext: staleNext.path }),
    ...(ignored && { ignored: besideJson(ignored) }),
    ...(dump && { dump: besideJson(dump) }),
  };
}

function besideJson({ path, sizeBytes, modifiedMs }: DirectoryFile): object {
  return { name: path, bytes: sizeBytes, modified: Math.floor(modifiedMs) };
}
