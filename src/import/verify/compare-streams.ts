/**
 * What two streams keep beside their entries, as far as the target's version can hold it. Times at which consumers were seen
 * are left out: servers change them when they are looked at, and no command sets them.
 */
import { formatQuoted } from '../../bytes/quote.js';
import { adaptStreamState } from '../../convert/adapt-stream.js';
import type { StreamGroup, StreamId, StreamIdmp, StreamPending, StreamState } from '../../rdb/model.js';
import type { CompareRules } from './compare-values.js';

/** Differences that are told of one stream. */
const MAX_TOLD = 4;
/** What servers set where nobody has configured it. */
const DEFAULT_IDMP = { durationSeconds: 100, maxEntries: 100 };

/** What differs, for people; undefined where nothing does. `firstEntry` is that of the source. */
export function compareStreamStates(
  source: StreamState,
  target: StreamState,
  firstEntry: StreamId | undefined,
  rules: CompareRules,
): string | undefined {
  const version = rules.target.writes.stream ?? 1;
  const { state: wanted } = adaptStreamState(source, version, firstEntry);
  const told = new Told();
  told.compare('last id', idText(target.lastId), idText(wanted.lastId));
  told.compareKnown('max deleted id', target.maxDeletedId, wanted.maxDeletedId, idText);
  told.compareKnown('entries added', target.entriesAdded, wanted.entriesAdded, String);
  compareGroups(wanted.groups, target.groups, rules, told);
  if (version >= 4) compareIdmp(wanted.idmp, target.idmp, rules, told);
  return told.text();
}

/** Collects sentences: `last id 5-1, not 6-1`. */
class Told {
  private readonly parts: string[] = [];
  private count = 0;

  add(text: string): void {
    if (this.count++ < MAX_TOLD) this.parts.push(text);
  }

  compare(name: string, found: string | number | bigint, wanted: string | number | bigint): void {
    if (found !== wanted) this.add(`${name} ${found}, not ${wanted}`);
  }

  /** What one side does not record is not compared. */
  compareKnown<T>(name: string, found: T | undefined, wanted: T | undefined, text: (value: T) => string): void {
    if (found !== undefined && wanted !== undefined) this.compare(name, text(found), text(wanted));
  }

  text(): string | undefined {
    const { parts, count } = this;
    if (count === 0) return undefined;
    return count > parts.length ? `${parts.join('; ')}; and ${count - parts.length} more` : parts.join('; ');
  }
}

function compareGroups(
  wanted: readonly StreamGroup[],
  found: readonly StreamGroup[],
  rules: CompareRules,
  told: Told,
): void {
  const left = new Map(found.map((group) => [nameText(group.name), group]));
  for (const group of wanted) {
    const name = nameText(group.name);
    const other = left.get(name);
    left.delete(name);
    if (other === undefined) told.add(`no group ${name}`);
    else compareGroup(group, other, rules, told);
  }
  for (const name of left.keys()) told.add(`a group ${name} too many`);
}

function compareGroup(wanted: StreamGroup, found: StreamGroup, rules: CompareRules, told: Told): void {
  const head = `group ${nameText(wanted.name)}:`;
  told.compare(`${head} last id`, idText(found.lastId), idText(wanted.lastId));
  told.compareKnown(`${head} entries read`, found.entriesRead, wanted.entriesRead, readText);
  const names = new Set(found.consumers.map(({ name }) => nameText(name)));
  for (const { name } of wanted.consumers)
    if (!names.delete(nameText(name))) told.add(`${head} no consumer ${nameText(name)}`);
  for (const name of names) told.add(`${head} a consumer ${name} too many`);
  comparePending(wanted.pending, found.pending, rules, head, told);
  told.compareKnown(`${head} NACKed`, found.nacked, wanted.nacked, (ids) => ids.map(idText).join(' ') || 'none');
}

function comparePending(
  wanted: readonly StreamPending[],
  found: readonly StreamPending[],
  { toleranceMs }: CompareRules,
  head: string,
  told: Told,
): void {
  const left = new Map(found.map((entry) => [idText(entry.id), entry]));
  for (const { id, consumer, deliveries, deliveredAtMs } of wanted) {
    const name = idText(id);
    const other = left.get(name);
    left.delete(name);
    if (other === undefined) {
      told.add(`${head} ${name} is not pending`);
      continue;
    }
    told.compare(`${head} ${name} pending for`, ownerText(other.consumer), ownerText(consumer));
    told.compare(`${head} ${name} deliveries`, other.deliveries, deliveries);
    if (Math.abs(other.deliveredAtMs - deliveredAtMs) > toleranceMs)
      told.compare(`${head} ${name} delivered at`, other.deliveredAtMs, deliveredAtMs);
  }
  for (const name of left.keys()) told.add(`${head} ${name} is pending`);
}

/** Ids of producers are forgotten some time after their entry; counters have no command that sets them. */
function compareIdmp(
  wanted: StreamIdmp | undefined,
  found: StreamIdmp | undefined,
  rules: CompareRules,
  told: Told,
): void {
  const { durationSeconds, maxEntries } = wanted ?? DEFAULT_IDMP;
  told.compare('idempotency duration', (found ?? DEFAULT_IDMP).durationSeconds, durationSeconds);
  told.compare('idempotent ids at most', (found ?? DEFAULT_IDMP).maxEntries, maxEntries);
  const isForgotten = (id: StreamId): boolean => Number(id.ms) + durationSeconds * 1000 <= rules.horizonMs;
  const left = producedIds(found);
  for (const [name, id] of producedIds(wanted)) {
    const other = left.get(name);
    left.delete(name);
    if (other !== undefined) told.compare(`id ${name} of`, idText(other), idText(id));
    else if (!isForgotten(id)) told.add(`no id ${name}`);
  }
  for (const [name, id] of left) if (!isForgotten(id)) told.add(`an id ${name} too many`);
}

function producedIds(idmp: StreamIdmp | undefined): Map<string, StreamId> {
  const ids = new Map<string, StreamId>();
  for (const { id: producer, entries } of idmp?.producers ?? [])
    for (const { iid, id } of entries) ids.set(`${nameText(iid)} of ${nameText(producer)}`, id);
  return ids;
}

/** As the format has it, −1 is a number that the server does not know. */
function readText(read: bigint): string {
  return read < 0n ? 'unknown' : String(read);
}

function ownerText(name: Uint8Array | undefined): string {
  return name === undefined ? 'nobody' : nameText(name);
}

function nameText(name: Uint8Array): string {
  return formatQuoted(name);
}

function idText({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}
