/**
 * DEBUG DIGEST and DEBUG DIGEST-VALUE, of dumps and of engines, as each generation of servers computes them (digest.md).
 *
 * They do not see everything: canonical.ts says the rest.
 */
import { fromByteString } from '../bytes/byte-string.js';
import type { RdbInput } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver } from '../rdb/driver.js';
import { compileFilter } from '../rdb/filter.js';
import { joinParts } from '../rdb/join-parts.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import type { ReadOptions } from '../rdb/read.js';
import { SourceTarget } from '../rdb/source-target.js';
import type { Target } from '../rdb/versions.js';
import { DatasetDigest, type UnknownPart } from './digest-dataset.js';
import { DigestHandler } from './digest-handler.js';
import { type DigestRules, digestRules, fileRules } from './digest-rules.js';
import { ValueDigest } from './digest-value.js';
import type { Engine } from './engine.js';
import { toRdb } from './snapshot.js';
import type { StoredValue } from './values/stored-value.js';

export interface DigestOptions {
  /**
   * What this server says once it has loaded the dump, at default thresholds. Default: what the server said that wrote it,
   * holding the values as they stand in the dump.
   */
  readonly target?: Target;
  /**
   * Keys whose expiry lies before this, in Unix ms, are left out, as a server leaves them out that loads the dump then; on
   * Valkey fields as well. Default: what is in the dump goes in, expired or not, as on the servers.
   */
  readonly atMs?: number;
}

export interface DigestResult {
  /** 40 hexadecimal digits, as the server prints them; zeros for a dataset without keys. */
  readonly digest: string;
  /** The server whose digest it is. */
  readonly target: Target;
  readonly keys: number;
  /** Keys that were left out because they had expired. */
  readonly expired: number;
  /** What the digest counts nothing for, since only the server could: with any of it, it is not the server's digest. */
  readonly unknown: readonly UnknownPart[];
}

/** The digest of a dump, in bounded memory. Throws as `readRdb` does. */
export async function digestRdb(
  input: RdbInput,
  options: DigestOptions & Omit<ReadOptions, 'deep' | 'maxEntryBytes'> = {},
): Promise<DigestResult> {
  const { target, atMs, filter, nowMs, onWarning, checksum, limits, signal } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    const rowFilter = filter && compileFilter(filter, nowMs ?? Date.now(), source);
    const handler = new DigestHandler({ target, atMs, filter: rowFilter, onWarning });
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, handler, { checksum: checksum ?? true, ...(limits && { limits }) });
    handler.driver = driver;
    while ((await drive(source, driver)) === 'pause' && !handler.isFinished);
    return resultOf(handler.dataset, handler.target, handler.expired);
  } finally {
    await source.close();
  }
}

/** The digest of the entries of one dump, header and aux fields included, as `readRdb` or `snapshot` gives them. */
export async function digestEntries(
  entries: AsyncIterable<RdbEntry> | Iterable<RdbEntry>,
  { target, atMs }: DigestOptions = {},
): Promise<DigestResult> {
  const source = new SourceTarget();
  const dataset = new DatasetDigest();
  let value: ValueDigest | undefined;
  let expired = 0;
  for await (const entry of entries) {
    if (entry.kind === 'header') source.start(entry);
    else if (entry.kind === 'aux') source.aux(entry);
    else if (entry.kind === 'command') dataset.addUnknown('commands that stand in the dump');
    if (entry.kind !== 'key') continue;
    value ??= new ValueDigest(fileRules(target ?? source.resolve(), target !== undefined, atMs));
    const isGone = atMs !== undefined && entry.expireAtMs !== undefined && entry.expireAtMs < atMs;
    if (isGone || !(await addEntry(value, entry))) expired++;
    else addValue(dataset, entry.db, value);
  }
  return resultOf(dataset, target ?? source.resolve(), expired);
}

/** What DEBUG DIGEST says of an engine: what has expired and has not been looked at is there, and goes in. */
export function digestEngine(engine: Engine): DigestResult {
  const { settings } = engine;
  const dataset = new DatasetDigest();
  const value = new ValueDigest(engineRules(engine));
  for (const db of engine.inUse()) {
    for (const [key, stored] of db.keys.entries()) {
      const rdb = toRdb(stored, settings);
      const name = fromByteString(key);
      value.beginKey(name, 0, name.length, rdb.type, rdb.encoding);
      value.add(rdb);
      value.end(db.expiryOf(key) !== undefined);
      addValue(dataset, db.index, value);
    }
  }
  return resultOf(dataset, settings.target, 0);
}

/** What DEBUG DIGEST-VALUE says of a value that an engine holds: 40 hexadecimal digits. */
export function digestStored(engine: Engine, stored: StoredValue, hasExpiry: boolean): string {
  return digestValue(toRdb(stored, engine.settings), hasExpiry, engineRules(engine)).hex();
}

/** DEBUG DIGEST-VALUE of a whole value. */
export function digestValue(value: RdbValue, hasExpiry: boolean, rules: DigestRules): ValueDigest {
  const digest = new ValueDigest(rules);
  digest.begin(value.type, value.encoding);
  digest.add(value);
  digest.end(hasExpiry);
  return digest;
}

/** False where the key is not there. */
async function addEntry(digest: ValueDigest, { key, value, parts, expireAtMs }: KeyEntry): Promise<boolean> {
  digest.beginKey(key, 0, key.length, value.type, value.encoding);
  if (parts === undefined) digest.add(value);
  else if (value.type === 'string') digest.add(await joinParts(value, parts));
  else for await (const part of parts) digest.add(part);
  return digest.end(expireAtMs !== undefined);
}

function addValue(dataset: DatasetDigest, db: number, value: ValueDigest): void {
  dataset.add(db, value.words);
  if (value.unknown !== undefined) dataset.addUnknown(value.unknown);
}

/** An engine holds its values as they are; fields are hidden from the moment that they expire. */
function engineRules({ settings, isExpiring, nowMs }: Engine): DigestRules {
  return digestRules(settings.target, isExpiring ? { atMs: nowMs } : {});
}

function resultOf(dataset: DatasetDigest, target: Target, expired: number): DigestResult {
  return { digest: dataset.hex(), target, keys: dataset.keys, expired, unknown: dataset.unknown };
}
