/** A file's entries against what the server that wrote it says of its data. Every function throws as `expect` does. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, ModuleValue, RdbEntry, RdbValue, StreamGroup, StreamState } from '../../src/rdb/model.js';
import { toBase64 } from '../support/fixtures.js';
import { flatReply, idText, pendingAsReply, valueAsTruth } from '../support/truth.js';
import { ARRAY_CONTENT } from '../support/workload-extras.js';
import { keyName, type ServerContent, type ServerKey, type VectorSetTruth } from './server-content.js';

/** The keys of a file, by the name that the server's keys have. */
export function keysOf(entries: readonly RdbEntry[]): Map<string, KeyEntry> {
  const keys = new Map<string, KeyEntry>();
  for (const entry of entries) if (entry.kind === 'key') keys.set(keyName(entry.db, entry.key), entry);
  return keys;
}

/** Names, values, times, encodings and counts: everything but the functions. */
export function expectSameContent(entries: readonly RdbEntry[], content: ServerContent): void {
  const keys = keysOf(entries);
  expect([...keys.keys()].sort()).toEqual([...content.keys.keys()].sort());
  for (const [name, expected] of content.keys) expectSameKey(keys.get(name)!, expected, name);
  expectSameCounts(entries, content);
}

/** The DUMP payloads hold what the file holds. */
export function expectSameDumps(entries: readonly RdbEntry[], content: ServerContent): void {
  const keys = keysOf(entries);
  for (const [name, { dump }] of content.keys) {
    const { value } = decodeDump(new Uint8Array(dump), { deep: true, checksum: 'always' });
    const [found, expected] = [comparable(value), comparable(keys.get(name)!.value)];
    // `toEqual` takes its time over long byte strings: it is asked for its account of a difference only.
    if (!isDeepStrictEqual(found, expected)) expect(found, name).toEqual(expected);
  }
}

export function functionsOf(entries: readonly RdbEntry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'function' ? [latin1(entry.code)] : [])).sort();
}

function expectSameKey(entry: KeyEntry, expected: ServerKey, name: string): void {
  const { value } = entry;
  if (expected.expireAtMs !== undefined) expect(entry.expireAtMs ?? -1, name).toBe(expected.expireAtMs);
  if (value.type === 'module') expectSameVectorSet(value, expected, name);
  else {
    expect(value.type, name).toBe(expected.type);
    expect(valueAsTruth(value), name).toEqual(expected.value);
  }
  if (value.type === 'hash') {
    const times = value.fields.filter(({ expireAtMs }) => expireAtMs !== undefined);
    expect(Object.fromEntries(times.map(({ field, expireAtMs }) => [toBase64(field), expireAtMs])), name).toEqual(
      expected.fieldTimes,
    );
  }
  if (value.type === 'stream') expectSameStream(value.state!, expected.stream!, name);
  if (value.type === 'array') {
    expect(value.elements.map((element) => [String(element.index), latin1(element.value)])).toEqual(ARRAY_CONTENT);
  }
  if (value.type !== 'string' && value.type !== 'module')
    expect(value.encoding, name).toBe(fileEncoding(expected.type, expected.encoding));
}

/** A list of one node has an encoding of its own in memory, and none in files. */
function fileEncoding(type: string, encoding: string): string {
  return type === 'list' ? 'quicklist' : encoding;
}

function expectSameStream(state: StreamState, info: Readonly<Record<string, unknown>>, name: string): void {
  expect(state.length, name).toBe(info.length);
  expect(idText(state.lastId), name).toBe(info['last-generated-id']);
  expect(idText(state.maxDeletedId!), name).toBe(info['max-deleted-entry-id']);
  expect(idText(state.firstId!), name).toBe(info['recorded-first-entry-id']);
  expect(state.entriesAdded, name).toBe(BigInt(info['entries-added'] as number));
  const groups = (info.groups as unknown[]).map(flatReply);
  expect(state.groups.map((group) => latin1(group.name)).sort(), name).toEqual(
    groups.map((group) => group.name).sort(),
  );
  for (const group of groups) {
    const ours = state.groups.find((candidate) => latin1(candidate.name) === group.name)!;
    expectSameGroup(ours, group, `${name}, group ${JSON.stringify(group.name)}`);
  }
  if (state.idmp === undefined) return;
  expect(state.idmp.durationSeconds, name).toBe(info['idmp-duration']);
  expect(state.idmp.maxEntries, name).toBe(info['idmp-maxsize']);
  expect(state.idmp.producers.length, name).toBe(info['pids-tracked']);
  expect(state.idmp.iidsAdded, name).toBe(BigInt(info['iids-added'] as number));
  expect(state.idmp.iidsDuplicates, name).toBe(BigInt(info['iids-duplicates'] as number));
}

function expectSameGroup(ours: StreamGroup, group: Readonly<Record<string, unknown>>, name: string): void {
  expect(idText(ours.lastId), name).toBe(group['last-delivered-id']);
  const read = group['entries-read'] as number | null;
  expect(ours.entriesRead, name).toBe(read === null ? -1n : BigInt(read));
  const pending = pendingAsReply(ours).map((entry, index) => {
    const { consumer } = ours.pending[index]!;
    return (entry as unknown[]).with(1, consumer === undefined ? '' : latin1(consumer));
  });
  expect(pending, name).toEqual(group.pel ?? group.pending);
  const consumers = (group.consumers as unknown[]).map(flatReply);
  expect(ours.consumers.map((consumer) => latin1(consumer.name)).sort(), name).toEqual(
    consumers.map((consumer) => consumer.name).sort(),
  );
  for (const consumer of consumers) {
    const found = ours.consumers.find((candidate) => latin1(candidate.name) === consumer.name)!;
    expect(found.seenAtMs, name).toBe(consumer['seen-time']);
    if (consumer['active-time'] !== undefined) expect(found.activeAtMs, name).toBe(consumer['active-time']);
  }
}

function expectSameVectorSet(value: ModuleValue, expected: ServerKey, name: string): void {
  expect(expected.type, name).toBe('vectorset');
  const { info, elements } = expected.value as VectorSetTruth;
  const decoded = value.decoded!;
  expect(decoded.dim, name).toBe(info['vector-dim']);
  expect(decoded.quantization, name).toBe(info['quant-type']);
  expect(decoded.m, name).toBe(info['hnsw-m']);
  expect(decoded.projectionInputDim ?? 0, name).toBe(info['projection-input-dim']);
  expect(decoded.elements.map(({ element }) => toBase64(element)).sort(), name).toEqual(Object.keys(elements).sort());
  for (const { element, attribute, vector } of decoded.elements) {
    const truth = elements[toBase64(element)]!;
    expect(attribute === undefined ? null : latin1(attribute), name).toBe(truth.attribute);
    // VEMB prints fewer digits than a float has, and multiplies in its own order.
    const furthest = vector.map((part, at) => Math.abs(part - truth.vector[at]!) - Math.abs(part) * 1e-5);
    expect(Math.max(...furthest), `${name} ${latin1(element)}`).toBeLessThan(1e-5);
  }
}

/** The counts that the file announces, and those of its keys. */
function expectSameCounts(entries: readonly RdbEntry[], content: ServerContent): void {
  const counted = new Map<number, number>();
  for (const entry of entries) if (entry.kind === 'key') counted.set(entry.db, (counted.get(entry.db) ?? 0) + 1);
  expect(sorted(counted)).toEqual(sorted(content.sizes));
  const announced = entries.filter((entry) => entry.kind === 'resize-db');
  expect(sorted(new Map(announced.map(({ db, keys }) => [db, keys])))).toEqual(sorted(content.sizes));
  expect(sorted(new Map(announced.map(({ db, expires }) => [db, expires])))).toEqual(sorted(content.expiring));
}

/** Between SAVE and DUMP a hash table may be rehashed: its order is left out; encodings may differ for lists of one node. */
function comparable(value: RdbValue): unknown {
  switch (value.type) {
    case 'set':
      return valueAsTruth(value);
    case 'hash': {
      const fields = value.fields.map((f) => [toBase64(f.field), toBase64(f.value), f.expireAtMs] as const);
      return fields.sort(([a], [b]) => (a < b ? -1 : 1));
    }
    case 'zset':
      return valueAsTruth(value);
    default:
      return { ...value, encoding: '' };
  }
}

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([a], [b]) => a - b);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
