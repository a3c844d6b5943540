/**
 * A dataset as lines of text in one order, for comparing two of them: a digest of each value, and everything that the digest
 * does not see (digest.md): types, times of expiry, field by field, the state of streams with their groups, consumers and
 * pending entries, metadata, function libraries, and what modules store.
 *
 *     function "mylib" "LUA" b6589fc6ab0dc82cf12099d1c2d40ab994e8410c
 *     0 "user:1" hash expires=4102444800000 digest=0123456789abcdef0123456789abcdef01234567
 *     0 "user:1" field "session" expires=4102444800000
 *     0 "log" group "workers" last=5-1 read=3
 *
 * What a version of the format does not record is `-`. Encodings, idle times, counters of use and the order of what has no
 * order are left out.
 */
import { toByteString } from '../bytes/byte-string.js';
import { formatQuoted } from '../bytes/quote.js';
import { formatSha1, SHA1_WORDS, sha1 } from '../codecs/sha1.js';
import { joinParts } from '../rdb/join-parts.js';
import type {
  KeyEntry,
  ModuleItem,
  ModuleValue,
  PathFields,
  RdbEntry,
  RdbRecord,
  RdbValue,
  StreamGroup,
  StreamId,
  StreamIdmp,
  StreamState,
} from '../rdb/model.js';
import { SourceTarget } from '../rdb/source-target.js';
import { decodeVectorSet, VECTORSET_MODULE } from '../rdb/vectorset.js';
import type { DigestOptions } from './digest.js';
import { fileRules } from './digest-rules.js';
import { ValueDigest } from './digest-value.js';
import { unixMsOf } from './unix-ms.js';

/**
 * The lines of the entries of a dump, as `readRdb` or `snapshot` gives them; `target` and `atMs` are those of the digests,
 * and give the same lines only where they are the same. Every key has a few lines in memory until the end.
 */
export async function canonicalLines(
  entries: AsyncIterable<RdbEntry> | Iterable<RdbEntry>,
  { target, atMs }: DigestOptions = {},
): Promise<string[]> {
  const source = new SourceTarget();
  const records: string[] = [];
  const keys: KeyLines[] = [];
  let digest: ValueDigest | undefined;
  for await (const entry of entries) {
    if (entry.kind === 'header') source.start(entry);
    else if (entry.kind === 'aux') source.aux(entry);
    if (entry.kind !== 'key') {
      records.push(...recordLines(entry));
      continue;
    }
    digest ??= new ValueDigest(fileRules(target ?? source.resolve(), target !== undefined, atMs));
    if (atMs !== undefined && entry.expireAtMs !== undefined && entry.expireAtMs < atMs) continue;
    const lines = await keyLines(entry, digest);
    if (lines !== undefined) keys.push({ db: entry.db, key: toByteString(entry.key), lines });
  }
  keys.sort((a, b) => a.db - b.db || compareText(a.key, b.key));
  return [...records.sort(compareText), ...keys.flatMap(({ lines }) => lines)];
}

interface KeyLines {
  readonly db: number;
  readonly key: string;
  readonly lines: readonly string[];
}

function recordLines(record: RdbRecord): string[] {
  switch (record.kind) {
    case 'function':
      return [`function ${textOf(record.name)} ${textOf(record.engine)} ${hashOf(record.code)}`];
    case 'module-aux':
      return [`module-aux ${record.module} ${record.version} when=${record.when} ${itemsText(record.items)}`];
    case 'command':
      return [`command ${record.db} ${record.args.map(quoted).join(' ')}`];
    default:
      return [];
  }
}

/** Undefined where the key is not there, all of its fields having expired. */
async function keyLines(entry: KeyEntry, digest: ValueDigest): Promise<string[] | undefined> {
  const { db, key, value, meta = [] } = entry;
  const head = `${db} ${quoted(key)}`;
  const details: string[] = [];
  digest.begin(value.type, value.encoding);
  for await (const part of partsOf(entry)) {
    digest.add(part);
    details.push(...partLines(part));
  }
  if (!digest.end(entry.expireAtMs !== undefined)) return undefined;
  for (const { name, version, items } of meta) details.push(`meta ${name} ${version} ${itemsText(items)}`);
  const shown = digest.unknown === undefined ? digest.hex() : '?';
  return [
    `${head} ${value.type} expires=${unixMsOf(entry) ?? '-'} digest=${shown}`,
    ...details.sort(compareText).map((line) => `${head} ${line}`),
  ];
}

async function* partsOf({ value, parts }: KeyEntry): AsyncGenerator<RdbValue, void, void> {
  if (parts === undefined) yield value;
  else if (value.type === 'module') yield await joinModule(parts);
  else if (value.type === 'string' || value.type === 'pathhash' || value.type === 'cron')
    yield await joinParts(value, parts);
  else yield* parts;
}

async function joinModule(parts: AsyncIterable<RdbValue>): Promise<ModuleValue> {
  let whole: ModuleValue = { type: 'module', encoding: 'module', module: '', version: 0, items: [] };
  const items: ModuleItem[] = [];
  for await (const part of parts) {
    if (part.type !== 'module') throw new TypeError(`a part of a module's value is a ${part.type}`);
    if (part.module !== '') whole = part;
    for (const item of part.items) items.push(item);
  }
  const decoded = whole.module === VECTORSET_MODULE ? decodeVectorSet(items) : undefined;
  return { ...whole, items, ...(decoded && { decoded }) };
}

/** What the digest does not see of a value, or of a part of one. */
function partLines(part: RdbValue): string[] {
  switch (part.type) {
    case 'hash':
      return part.fields.flatMap((one) => {
        const expireAt = unixMsOf(one);
        return expireAt === undefined ? [] : [`field ${quoted(one.field)} expires=${expireAt}`];
      });
    case 'stream':
      return part.state === undefined ? [] : stateLines(part.state);
    case 'array':
      return part.insertIndex === undefined ? [] : [`insert-index ${part.insertIndex}`];
    case 'module':
      return [moduleLine(part)];
    case 'pathhash':
      return part.paths.flatMap(pathLines);
    case 'cron': {
      const { script, startMs, intervalMs, keys, args } = part;
      const names = `keys=${keys.map(quoted).join(' ')} args=${args.map(quoted).join(' ')}`;
      return [`cron ${hashOf(script)} start=${startMs} interval=${intervalMs} ${names}`];
    }
    default:
      return [];
  }
}

/** How a vector set's nodes hang together is chance. */
function moduleLine({ module, version, items, decoded }: ModuleValue): string {
  if (decoded === undefined) return `module ${module} ${version} ${itemsText(items)}`;
  return `vectorset ${decoded.quantization} m=${decoded.m} input=${decoded.projectionInputDim ?? '-'}`;
}

function stateLines({ lastId, maxDeletedId, entriesAdded, groups, idmp }: StreamState): string[] {
  return [
    `stream last=${idText(lastId)} deleted=${idText(maxDeletedId)} added=${entriesAdded ?? '-'}`,
    ...groups.flatMap(groupLines),
    ...(idmp === undefined ? [] : idmpLines(idmp)),
  ];
}

function groupLines({ name, lastId, entriesRead, pending, consumers, nacked }: StreamGroup): string[] {
  const head = `group ${quoted(name)}`;
  return [
    `${head} last=${idText(lastId)} read=${entriesRead ?? '-'}`,
    ...consumers.map(
      (one) => `${head} consumer ${quoted(one.name)} seen=${one.seenAtMs} active=${one.activeAtMs ?? '-'}`,
    ),
    ...pending.map(({ id, consumer, deliveredAtMs, deliveries }) => {
      const owner = consumer === undefined ? '-' : quoted(consumer);
      return `${head} pending ${idText(id)} ${owner} delivered=${deliveredAtMs} times=${deliveries}`;
    }),
    ...(nacked === undefined || nacked.length === 0 ? [] : [`${head} nacked ${nacked.map(idText).join(' ')}`]),
  ];
}

function idmpLines({ durationSeconds, maxEntries, producers, iidsAdded, iidsDuplicates }: StreamIdmp): string[] {
  return [
    `idmp duration=${durationSeconds} max=${maxEntries} added=${iidsAdded} duplicates=${iidsDuplicates}`,
    ...producers.flatMap(({ id, entries }) =>
      entries.map((entry) => `idmp ${quoted(id)} ${quoted(entry.iid)} ${idText(entry.id)}`),
    ),
  ];
}

function pathLines({ path, fields }: PathFields): string[] {
  return fields.map(
    (one) => `path ${quoted(path)} ${quoted(one.field)} ${hashOf(one.value)} expires=${unixMsOf(one) ?? '-'}`,
  );
}

/** In order, since only the module knows what they mean. */
function itemsText(items: readonly ModuleItem[]): string {
  const texts = items.map((item) => `${item.kind}=${item.kind === 'string' ? quoted(item.value) : numberText(item)}`);
  return hashOf(new TextEncoder().encode(texts.join(' ')));
}

function numberText({ value }: { readonly value: number | bigint }): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const hashed = new Int32Array(SHA1_WORDS);

function hashOf(bytes: Uint8Array): string {
  sha1(bytes, 0, bytes.length, hashed, 0);
  return formatSha1(hashed);
}

function idText(id: StreamId | undefined): string {
  return id === undefined ? '-' : `${id.ms}-${id.seq}`;
}

function textOf(text: string | undefined): string {
  return text === undefined ? '-' : quoted(new TextEncoder().encode(text));
}

function quoted(bytes: Uint8Array): string {
  return formatQuoted(bytes, 0, bytes.length);
}

/** By code units: the same everywhere. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
