/** The records of one key by the index beside a dump, in place of the whole dump. */
import * as fs from 'node:fs';
import { RedisFileError } from '../bytes/errors.js';
import { buildKeyIndex, INDEX_SUFFIX, type IndexEntry, openKeyIndex, RecordSource } from '../rdb/key-index/index.js';
import { OutputError, UsageError, withHint } from './failures.js';
import type { SourceSpec } from './source.js';

export interface IndexChoice {
  /** `true`: make one where there is none of this state of the dump; `false`: do not look; undefined: use what is there. */
  readonly index?: boolean;
}

const MAGIC_BYTES = 6;

/**
 * A dump with these records alone, or undefined where the dump must be read. Throws UsageError where an index was asked for
 * and there can be none, OutputError where it cannot be written, and what reading the dump throws.
 */
export async function openIndexed(
  { path, name }: SourceSpec,
  key: Uint8Array,
  { index }: IndexChoice,
  signal: AbortSignal,
): Promise<RecordSource | undefined> {
  if (index === false || (path === undefined && index !== true)) return undefined;
  if (path === undefined || (index === true && !isPlainDump(path))) {
    throw withHint(new UsageError(`${name}: --index is for a dump in a file that is not compressed`), 'leave it out');
  }
  const found = await look(path, key);
  if (index !== true || Array.isArray(found?.entries)) return sourceOf(found);
  found?.close();
  await build(path, signal);
  return sourceOf(await look(path, key));
}

interface Found {
  /** Undefined: the index is damaged. */
  readonly entries: readonly IndexEntry[] | undefined;
  readonly open: () => RecordSource;
  readonly close: () => void;
}

async function look(path: string, key: Uint8Array): Promise<Found | undefined> {
  const index = await openKeyIndex(path);
  if (index === undefined) return undefined;
  const entries = index.find(key);
  return {
    entries,
    open: () => new RecordSource(index, entries ?? []),
    close: () => index.close(),
  };
}

function sourceOf(found: Found | undefined): RecordSource | undefined {
  if (found?.entries?.some(({ isDependent }) => isDependent) === false) return found.open();
  found?.close();
  return undefined;
}

async function build(path: string, signal: AbortSignal): Promise<void> {
  try {
    await buildKeyIndex(path, { signal });
  } catch (error) {
    if (error instanceof RedisFileError || signal.aborted || !(error instanceof Error)) throw error;
    throw new OutputError(path + INDEX_SUFFIX, error);
  }
}

function isPlainDump(path: string): boolean {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return stat === undefined;
  const fd = fs.openSync(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC_BYTES);
    fs.readSync(fd, head, 0, MAGIC_BYTES, 0);
    return /^(REDIS|VALKEY)/.test(head.toString('latin1'));
  } finally {
    fs.closeSync(fd);
  }
}
