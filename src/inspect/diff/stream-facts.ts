/** What a stream keeps beside its entries, as facts that can be compared one by one. */
import { formatQuoted } from '../../bytes/quote.js';
import type { StreamGroup, StreamId, StreamIdmp, StreamPending, StreamState } from '../../rdb/model.js';
import type { PartKind } from './difference.js';
import type { Fact } from './element-sink.js';

/** The facts that layout `version` (1–5) records. */
export function streamFacts(state: StreamState, version: number): Fact[] {
  const facts = [fact('fact', ['last-id'], idText(state.lastId))];
  if (version >= 2) {
    const { firstId, maxDeletedId, entriesAdded } = state;
    if (firstId !== undefined) facts.push(fact('fact', ['first-id'], idText(firstId)));
    if (maxDeletedId !== undefined) facts.push(fact('fact', ['max-deleted-id'], idText(maxDeletedId)));
    if (entriesAdded !== undefined) facts.push(fact('fact', ['entries-added'], String(entriesAdded)));
  }
  for (const group of state.groups) addGroup(facts, group, version);
  if (version >= 4 && state.idmp !== undefined) addIdmp(facts, state.idmp);
  return facts;
}

function addGroup(facts: Fact[], group: StreamGroup, version: number): void {
  const { name, lastId, entriesRead, pending, consumers, nacked = [] } = group;
  const read = version < 2 || entriesRead === undefined || entriesRead < 0n ? '' : `, ${entriesRead} entries read`;
  facts.push(fact('group', [name], `last id ${idText(lastId)}${read}`));
  for (const { name: consumer, seenAtMs, activeAtMs } of consumers) {
    const active = version < 3 ? '' : (activeAtMs ?? -1) < 0 ? ', never active' : `, active at ${activeAtMs}`;
    facts.push(fact('consumer', [name, consumer], `seen at ${seenAtMs}${active}`));
  }
  for (const entry of pending) facts.push(fact('pending', [name, idText(entry.id)], pendingText(entry)));
  if (version >= 5 && nacked.length > 0) facts.push(fact('fact', [name, 'nacked'], nacked.map(idText).join(' ')));
}

function pendingText({ consumer, deliveredAtMs, deliveries }: StreamPending): string {
  const owner = consumer === undefined ? 'nobody' : formatQuoted(consumer);
  return `${owner}, delivered ${deliveries} ${deliveries === 1n ? 'time' : 'times'}, last at ${deliveredAtMs}`;
}

function addIdmp(facts: Fact[], idmp: StreamIdmp): void {
  facts.push(
    fact('fact', ['idmp-duration'], String(idmp.durationSeconds)),
    fact('fact', ['idmp-max-entries'], String(idmp.maxEntries)),
    fact('fact', ['iids-added'], String(idmp.iidsAdded)),
    fact('fact', ['iids-duplicates'], String(idmp.iidsDuplicates)),
  );
  for (const { id, entries } of idmp.producers) {
    const text = entries.map((entry) => `${formatQuoted(entry.iid)} ${idText(entry.id)}`).join(', ');
    facts.push(fact('producer', [id], text));
  }
}

function fact(what: PartKind, path: Fact['path'], text: string): Fact {
  return { what, path, state: { text } };
}

function idText({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}
