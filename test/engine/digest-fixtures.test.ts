/** What every server said of the keys and of the dataset that it then saved, against what we say of the dump. */
import { afterAll, describe, expect, it } from 'vitest';
import { digestEntries, digestRdb, digestValue } from '../../src/engine/digest.js';
import { DatasetDigest } from '../../src/engine/digest-dataset.js';
import { digestRules } from '../../src/engine/digest-rules.js';
import { ValueDigest } from '../../src/engine/digest-value.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdb, readRdbSync } from '../../src/rdb/read.js';
import { SourceTarget } from '../../src/rdb/source-target.js';
import type { Target } from '../../src/rdb/versions.js';
import {
  type Fixture,
  fromBase64,
  listFixtures,
  readFixture,
  readTruth,
  type Truth,
  type TruthKey,
  toBase64,
} from '../support/fixtures.js';

let keysCompared = 0;
let datasetsCompared = 0;

/** Of test modules that give something for a digest: only they know what. */
const TELLING_MODULES = ['mem_alloc'];

describe.each(listFixtures())('$name', (fixture) => {
  const truth = readTruth(fixture);
  const entries = [...readRdbSync(readFixture(fixture.name))];
  const keys = new Map(
    entries.flatMap((entry) => (entry.kind === 'key' ? [[nameOf(entry.db, entry.key), entry]] : [])),
  );
  const target = writerOf(entries);

  it('has the digests of its keys', () => {
    for (const told of [...truth.keys, ...(truth.expired ?? [])]) {
      const entry = keys.get(`${told.db} ${told.key}`);
      if (!told.digest || entry === undefined) continue;
      const digest = digestOfEntry(entry, target, toldAtMs(fixture));
      if (TELLING_MODULES.includes(told.type)) {
        expect(digest.unknown).toContain(told.type);
        continue;
      }
      expect(digest.hex(), `${told.db} ${Buffer.from(told.key, 'base64').toString()} ${told.type}`).toBe(told.digest);
      keysCompared++;
    }
  });

  it('has the digest of the dataset', async () => {
    const { digest } = truth;
    if (!digest || truth.keys.some(({ type }) => TELLING_MODULES.includes(type))) return;
    const found = datasetOf(entries, truth, target, toldAtMs(fixture));
    expect(found).toBe(digest);
    datasetsCompared++;
    if (isWhole(truth, keys) && fixture.name !== 'valkey-9.1/expired') {
      const result = await digestRdb(readFixture(fixture.name));
      expect(result).toMatchObject({ digest, keys: keys.size, expired: 0 });
      expect(result.target.name).toBe(target.name);
      expect(result.unknown.length > 0).toBe(fixture.case === 'module');
    }
  });

  it('has one digest, however it is read', async () => {
    const whole = await digestRdb(readFixture(fixture.name));
    expect(await digestEntries(entries)).toEqual(whole);
    const inParts = readRdb(readFixture(fixture.name), { maxEntryBytes: 64 });
    expect(await digestEntries(inParts)).toEqual(whole);
    const atMs = Date.UTC(2030, 0);
    expect(await digestEntries(entries, { atMs })).toEqual(await digestRdb(readFixture(fixture.name), { atMs }));
  });
});

afterAll(() => {
  expect(keysCompared).toBeGreaterThan(9000);
  expect(datasetsCompared).toBeGreaterThan(70);
});

function nameOf(db: number, key: Uint8Array): string {
  return `${db} ${toBase64(key)}`;
}

function writerOf(entries: readonly RdbEntry[]): Target {
  const source = new SourceTarget();
  for (const entry of entries) {
    if (entry.kind === 'header') source.start(entry);
    if (entry.kind === 'aux') source.aux(entry);
  }
  return source.resolve();
}

/** Valkey hid the field of one fixture that had expired; all other fields of all fixtures lie far in the future. */
function toldAtMs({ server }: Fixture): number | undefined {
  return server.startsWith('valkey') ? Date.UTC(2028, 0) : undefined;
}

function digestOfEntry({ value, expireAtMs }: KeyEntry, target: Target, atMs: number | undefined): ValueDigest {
  return digestValue(value, expireAtMs !== undefined, digestRules(target, atMs === undefined ? {} : { atMs }));
}

/** Servers before 5.0 digest keys that have expired, and leave them out of the dump: they are taken from the truth. */
function datasetOf(entries: readonly RdbEntry[], truth: Truth, target: Target, atMs: number | undefined): string {
  const dataset = new DatasetDigest();
  const digest = new ValueDigest(digestRules(target, atMs === undefined ? {} : { atMs }));
  const add = (db: number, key: Uint8Array, value: RdbValue, hasExpiry: boolean): void => {
    digest.beginKey(key, 0, key.length, value.type, value.encoding);
    digest.add(value);
    digest.end(hasExpiry);
    dataset.add(db, digest.words);
  };
  const seen = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'key') continue;
    seen.add(nameOf(entry.db, entry.key));
    add(entry.db, entry.key, entry.value, entry.expireAtMs !== undefined);
  }
  // 2.6 removes them of its own accord, and had when it was asked.
  const expired = truth.server.name === 'redis-2.6' ? [] : (truth.expired ?? []);
  for (const told of expired)
    if (!seen.has(`${told.db} ${told.key}`)) add(told.db, fromBase64(told.key), valueTold(told), true);
  return dataset.hex();
}

function isWhole(truth: Truth, keys: ReadonlyMap<string, KeyEntry>): boolean {
  return [...truth.keys, ...(truth.expired ?? [])].every(({ db, key }) => keys.has(`${db} ${key}`));
}

function valueTold({ type, value }: TruthKey): RdbValue {
  switch (type) {
    case 'string':
      return { type, encoding: 'raw', value: fromBase64(value as string) };
    case 'list':
      return { type, encoding: 'ziplist', items: (value as string[]).map(fromBase64) };
    case 'set':
      return { type, encoding: 'hashtable', members: (value as string[]).map(fromBase64) };
    case 'hash': {
      const fields = (value as [string, string][]).map(([field, text]) => ({
        field: fromBase64(field),
        value: fromBase64(text),
      }));
      return { type, encoding: 'ziplist', fields };
    }
    case 'zset': {
      const members = (value as [string, string][]).map(([member, score]) => ({
        member: fromBase64(member),
        score: Number(score),
      }));
      return { type, encoding: 'skiplist', members };
    }
    default:
      throw new TypeError(type);
  }
}
