/** Every dump of a real server, value by value, against what that server said. */
import { describe, expect, it } from 'vitest';
import { decodeDump } from '../src/rdb/dump.js';
import type { KeyEntry, RdbEntry, RdbValue, StreamValue } from '../src/rdb/model.js';
import { readRdbSync } from '../src/rdb/read.js';
import {
  fromBase64,
  listFixtures,
  readFixture,
  readTruth,
  type Truth,
  type TruthKey,
  toBase64,
} from './support/fixtures.js';
import { flatReply, idText, pendingAsReply, replyText, valueAsTruth } from './support/truth.js';

const fixtures = listFixtures();

/** Longer payloads add time and nothing else. */
const MAX_DUMP_TEXT = 200_000;

/** Servers whose file has no key that was past its expiry when they saved. */
const LEAVES_OUT_EXPIRED = new Set(['redis-2.4', 'redis-2.6', 'redis-3.2', 'redis-7.0rc1']);

it('finds the fixtures', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(104);
});

describe.each(fixtures)('$name', (fixture) => {
  const truth = readTruth(fixture);
  const entries = [...readRdbSync(readFixture(fixture.name), { deep: true })];
  const keys = new Map<string, KeyEntry>();
  const savedAtMs = savedAt(entries) + 1000;
  for (const entry of entries) if (entry.kind === 'key') keys.set(nameOf(entry.db, toBase64(entry.key)), entry);

  it('holds the keys that the server had, and no other', () => {
    const living = truth.keys.map((key) => nameOf(key.db, key.key));
    const expired = (truth.expired ?? []).map((key) => nameOf(key.db, key.key));
    const found = [...keys.keys()];
    const optional = LEAVES_OUT_EXPIRED.has(fixture.server) ? expired : [];
    expect(found.filter((name) => !optional.includes(name)).sort()).toEqual(
      [...living, ...expired].filter((name) => !optional.includes(name)).sort(),
    );
  });

  it('has every value', () => {
    for (const expected of truth.keys) {
      const entry = keys.get(nameOf(expected.db, expected.key))!;
      expect(valueAsTruth(withoutExpiredFields(entry.value, savedAtMs)), keyText(expected)).toEqual(
        truthValue(expected),
      );
    }
  });

  it('has every expiry, idle time and field expiry', () => {
    for (const expected of truth.keys)
      checkTimes(keys.get(nameOf(expected.db, expected.key))!, expected, fixture.server, savedAtMs);
  });

  it('has every consumer group and counter of the streams', () => {
    for (const expected of truth.keys) {
      const { value } = keys.get(nameOf(expected.db, expected.key))!;
      if (value.type === 'stream') checkStream(value, expected);
    }
  });

  it('has the function libraries', () => {
    expect(functionCodes(entries)).toEqual(functionsOf(truth));
  });

  it('gives the same value for the DUMP payload', () => {
    let compared = 0;
    for (const expected of truth.keys) {
      if (expected.dump === undefined || expected.dump.length > MAX_DUMP_TEXT) continue;
      const { value } = decodeDump(fromBase64(expected.dump), { deep: true, checksum: 'always' });
      const entry = keys.get(nameOf(expected.db, expected.key))!;
      expect(normalize(value), keyText(expected)).toEqual(normalize(entry.value));
      compared++;
    }
    expect(compared).toBe(truth.keys.filter(({ dump }) => dump !== undefined && dump.length <= MAX_DUMP_TEXT).length);
  });

  it('ends well', () => {
    const end = entries[entries.length - 1];
    expect(end?.kind).toBe('end');
    const before5 = fixture.server === 'redis-2.4';
    const disabled = fixture.case === 'nocomp-nocrc';
    if (end?.kind === 'end') expect(end.checksum).toBe(before5 ? 'absent' : disabled ? 'disabled' : 'ok');
  });
});

/** The server does not show a field whose time has passed, though its file still holds it. */
function withoutExpiredFields(value: RdbValue, savedAtMs: number): RdbValue {
  if (value.type !== 'hash') return value;
  return { ...value, fields: value.fields.filter((field) => !(field.expireAtMs! <= savedAtMs)) };
}

/** The aux field `ctime`, in ms; 0 in files that have none. */
function savedAt(entries: readonly RdbEntry[]): number {
  for (const entry of entries) {
    if (entry.kind === 'aux' && Buffer.from(entry.name).toString() === 'ctime')
      return Number(Buffer.from(entry.value).toString()) * 1000;
  }
  return 0;
}

function nameOf(db: number, key: string): string {
  return `${db}:${key}`;
}

function keyText(key: TruthKey): string {
  return `db ${key.db} ${Buffer.from(key.key, 'base64').toString('latin1')}`;
}

function truthValue(key: TruthKey): unknown {
  switch (key.type) {
    case 'set':
      return [...(key.value as string[])].sort();
    case 'hash':
      return Object.fromEntries(key.value as [string, string][]);
    case 'zset':
      return (key.value as [string, string][]).map(([member, score]) => [member, scoreOf(score)]);
    case 'vectorset':
      return undefined; // vectorset.test.ts compares these.
    default:
      return key.value ?? undefined;
  }
}

function scoreOf(text: string): number {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
}

function checkTimes(entry: KeyEntry, expected: TruthKey, server: string, savedAtMs: number): void {
  const name = keyText(expected);
  const approximate = expected.pexpire_approx;
  const asked =
    expected.pexpireat_set ??
    (expected.pexpiretime !== undefined && expected.pexpiretime > 0 ? expected.pexpiretime : undefined);
  // 2.4 stores seconds in 32 bits, so that the generator's far dates wrap.
  if (asked !== undefined && server !== 'redis-2.4') {
    const tolerance = approximate ? 1500 : 0;
    // Beyond 2^53 an entry gives the nearest safe number.
    const at = Math.min(asked, Number.MAX_SAFE_INTEGER);
    expect(Math.abs(entry.expireAtMs! - at), name).toBeLessThanOrEqual(tolerance);
  } else if (asked === undefined && !expected.pexpire_approx && expected.pttl === -1) {
    expect(entry.expireAtMs, name).toBeUndefined();
  }
  if (entry.idleSeconds !== undefined && expected.idletime !== undefined) {
    expect(Math.abs(entry.idleSeconds - expected.idletime), name).toBeLessThanOrEqual(10);
  }
  if (entry.value.type !== 'hash') return;
  const times = Object.fromEntries((expected.hash_ttl ?? []).filter(([, ms]) => ms > savedAtMs));
  const found = Object.fromEntries(
    entry.value.fields
      .filter((field) => field.expireAtMs! > savedAtMs)
      .map((field) => [toBase64(field.field), field.expireAtMs]),
  );
  expect(found, name).toEqual(times);
}

/** What the version recorded against XINFO STREAM FULL, or against plain XINFO where the server had no FULL. */
function checkStream({ state }: StreamValue, expected: TruthKey): void {
  const name = keyText(expected);
  const info = flatReply(expected.stream?.full ?? expected.stream?.info);
  expect(state!.length, name).toBe(info.length);
  expect(idText(state!.lastId), name).toBe(info['last-generated-id']);
  if (state!.entriesAdded !== undefined && 'entries-added' in info) {
    expect(Number(state!.entriesAdded), name).toBe(info['entries-added']);
    expect(idText(state!.maxDeletedId!), name).toBe(info['max-deleted-entry-id']);
    expect(idText(state!.firstId!), name).toBe(info['recorded-first-entry-id']);
  }
  if (!Array.isArray(info.groups)) return;
  const groups = info.groups.map(flatReply);
  expect(state!.groups.map((group) => replyText(group.name)).sort(), name).toEqual(
    groups.map((group) => group.name).sort(),
  );
  for (const group of groups) {
    const ours = state!.groups.find((candidate) => replyText(candidate.name) === group.name)!;
    expect(idText(ours.lastId), name).toBe(group['last-delivered-id']);
    expect(pendingAsReply(ours), name).toEqual(group.pel ?? group.pending ?? []);
    const consumers = (group.consumers as unknown[]).map((consumer) => flatReply(consumer));
    expect(ours.consumers.map((consumer) => replyText(consumer.name)).sort(), name).toEqual(
      consumers.map((consumer) => consumer.name).sort(),
    );
    for (const consumer of consumers) {
      const found = ours.consumers.find((candidate) => replyText(candidate.name) === consumer.name)!;
      if (consumer['seen-time'] !== undefined) expect(found.seenAtMs, name).toBe(consumer['seen-time']);
      if (found.activeAtMs !== undefined) expect(found.activeAtMs, name).toBe(consumer['active-time']);
    }
  }
}

function functionsOf(truth: Truth): string[] {
  return (truth.functions ?? []).map((library) => String(flatReply(library).library_code)).sort();
}

function functionCodes(entries: readonly RdbEntry[]): string[] {
  return entries
    .filter((entry) => entry.kind === 'function')
    .map((entry) => libraryText(entry.code))
    .sort();
}

function libraryText(code: Uint8Array): string {
  const text = Buffer.from(code).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : `base64:${toBase64(code)}`;
}

/** A payload may pack what the file does not: content is compared, not encoding. */
function normalize(value: RdbValue): unknown {
  return { ...value, encoding: '' };
}
