/** The records of one key by the index beside a dump, in place of the whole dump. */
import * as fs from 'node:fs';
import { RedisFileError } from '../bytes/errors.js';
import { buildKeyIndex, INDEX_SUFFIX, type IndexEntry, openKeyIndex, RecordSource } from '../rdb/key-index/index.js';
import { isSystemError } from './exit-codes.js';
import { inSource, OutputError, systemMessage, UsageError, withHint } from './failures.js';
import type { Session } from './session.js';
import type { SourceSpec } from './source.js';

export interface IndexChoice {
  /** `true`: make one where there is none of this state of the dump; `false`: do not look; undefined: use what is there. */
  readonly index?: boolean;
}

const MAGIC_BYTES = 6;

/**
 * A dump with the records of this key alone, or undefined where the dump must be read: where it cannot be opened, too.
 * Throws UsageError where an index was asked for and there can be none, OutputError where it cannot be written, and what
 * reading the dump throws.
 */
export async function openIndexed(
  { path, name, failure }: SourceSpec,
  key: Uint8Array,
  { index }: IndexChoice,
  session: Session,
): Promise<RecordSource | undefined> {
  if (index === false || failure !== undefined || (path === undefined && index !== true)) return undefined;
  const isPlain = path === undefined ? false : index !== true || isPlainDump(path);
  if (isPlain === undefined) return undefined;
  if (!isPlain || path === undefined) {
    throw withHint(new UsageError(`${name}: --index is for a dump in a file that is not compressed`), 'leave it out');
  }
  const found = await look(path, key, session, index === true);
  if (index !== true || found?.entries !== undefined) return sourceOf(found);
  found?.close();
  await build(path, name, session);
  return sourceOf(await look(path, key, session, false));
}

interface Found {
  /** Undefined: the index is damaged. */
  readonly entries: readonly IndexEntry[] | undefined;
  readonly open: () => RecordSource;
  readonly close: () => void;
}

/** Undefined where there is no index that may be used; says so where there is one. */
async function look(path: string, key: Uint8Array, session: Session, isMadeAnew: boolean): Promise<Found | undefined> {
  const indexPath = path + INDEX_SUFFIX;
  const refuse = (why: string): void => {
    if (!isMadeAnew) session.note(`${indexPath} ${why} and is not used; --index makes it anew`);
  };
  try {
    const index = await openKeyIndex(path);
    if (index === undefined) {
      if (fs.existsSync(indexPath)) refuse('is damaged, or not of this state of the dump,');
      return undefined;
    }
    const entries = index.find(key);
    if (entries === undefined) refuse('is damaged');
    return { entries, open: () => new RecordSource(index, entries ?? []), close: () => index.close() };
  } catch (error) {
    // Where it is the dump that cannot be read, whoever opens it next says why.
    if (!isSystemError(error)) throw error;
    if (fs.existsSync(path)) refuse(`cannot be read (${systemMessage(error)})`);
    return undefined;
  }
}

function sourceOf(found: Found | undefined): RecordSource | undefined {
  if (found?.entries?.some(({ isDependent }) => isDependent) === false) return found.open();
  found?.close();
  return undefined;
}

async function build(path: string, name: string, session: Session): Promise<void> {
  const { signal } = session;
  try {
    await buildKeyIndex(path, { signal, watch: (dump) => session.watch(dump) });
  } catch (error) {
    if (error instanceof RedisFileError) throw inSource(error, name);
    if (!isSystemError(error)) throw error;
    throw new OutputError(path + INDEX_SUFFIX, error);
  }
}

/** Undefined where it cannot be opened. */
function isPlainDump(path: string): boolean | undefined {
  let fd: number;
  try {
    if (!fs.statSync(path).isFile()) return false;
    fd = fs.openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(MAGIC_BYTES);
    fs.readSync(fd, head, 0, MAGIC_BYTES, 0);
    return /^(REDIS|VALKEY)/.test(head.toString('latin1'));
  } finally {
    fs.closeSync(fd);
  }
}
