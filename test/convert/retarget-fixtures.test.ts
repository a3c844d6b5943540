/** Every dump of a real server for every target: what comes out follows that target's rules, and says the same. */
import { describe, expect, it } from 'vitest';
import { hasVectorSets } from '../../src/convert/adapt-value.js';
import type { KeyEntry, RdbEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { takesRecord } from '../../src/rdb/record-writer.js';
import { TARGETS, type Target, targetOfHeader } from '../../src/rdb/versions.js';
import { type Converted, convert, keyName, keysOf, plainText } from '../support/converting.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

/** Targets that differ in nothing but their name are tried once. */
const targets = new Map<string, { target: Target; names: string[] }>();
for (const target of TARGETS) {
  const { name, types, ...rest } = target;
  const id = JSON.stringify([rest, [...types], hasVectorSets(target)]);
  const group = targets.get(id) ?? { target, names: [] };
  group.names.push(name);
  targets.set(id, group);
}
const groups = [...targets.values()].map(({ target, names }) => ({ target, title: names.join(', ') }));

it('tries every target', () => {
  expect(groups.flatMap(({ title }) => title.split(', ')).sort()).toEqual(TARGETS.map(({ name }) => name).sort());
});

describe.each(listFixtures())('$name', (fixture) => {
  const file = readFixture(fixture.name);
  const original = [...readRdbSync(file)];
  const keys = keysOf(original);
  const texts = new Map(keys.map((entry) => [keyName(entry), plainText(entry.value)]));

  it.each(groups)('for $title', async ({ target }) => {
    const converted = await convert(file, { target, onUnsupported: 'convert' });
    checkRules(converted.entries, target);
    checkKeys(keys, texts, converted, target);
    checkFunctions(original, converted, target);
  });

  it('is copied byte by byte where nothing is asked for', async () => {
    const { bytes, keys: copied, summary } = await convert(file);
    expect(summary.keysRewritten).toBe(0);
    expect(summary.lost).toEqual([]);
    // Strings of records that are no keys are written anew, and files get a checksum.
    const isExact = fixture.case !== 'nocomp-nocrc' && fixture.name !== 'redis-7.0rc1/types';
    if (isExact) expect(Buffer.from(bytes).equals(file)).toBe(true);
    expect(copied.map(({ value }) => plainText(value))).toEqual([...texts.values()]);
    expect(copied.map(({ db, rdbType, expireAtMs }) => [db, rdbType, expireAtMs])).toEqual(
      keys.map(({ db, rdbType, expireAtMs }) => [db, rdbType, expireAtMs]),
    );
  });
});

function checkRules(entries: readonly RdbEntry[], target: Target): void {
  const [header] = entries;
  expect(header).toEqual({ kind: 'header', magic: target.magic, version: target.version });
  for (const entry of entries) {
    if (entry.kind === 'key') checkKeyRules(entry, target);
    else expect(takesRecord(target, entry), entry.kind).toBe(true);
  }
  expect(entries.at(-1)).toMatchObject({ kind: 'end', checksum: target.version < 5 ? 'absent' : 'ok' });
}

function checkKeyRules(entry: KeyEntry, target: Target): void {
  const { records } = target;
  if (!target.types.has(entry.rdbType)) expect.fail(`type ${entry.rdbType} for ${target.name}`);
  if (!records.idleAndFreq && (entry.idleSeconds !== undefined || entry.freq !== undefined))
    expect.fail('idle or freq');
  if (!records.keyMeta && entry.meta !== undefined) expect.fail('key metadata');
  if (!records.expireMs && entry.expireAtMs !== undefined && entry.expireAtMs % 1000 !== 0) expect.fail('milliseconds');
}

function checkKeys(
  keys: readonly KeyEntry[],
  texts: ReadonlyMap<string, string>,
  converted: Converted,
  target: Target,
): void {
  const { losses } = converted;
  const lossy = new Set(losses.flatMap(({ db, key }) => (key === undefined ? [] : keyName({ db: db!, key }))));
  const dropped = new Set(
    losses.flatMap(({ db, key, policy }) => (key !== undefined && policy === 'drop' ? keyName({ db: db!, key }) : [])),
  );
  const found = new Map(converted.keys.map((entry) => [keyName(entry), entry]));
  expect([...found.keys()]).toEqual(keys.map(keyName).filter((name) => !dropped.has(name)));
  for (const before of keys) {
    const name = keyName(before);
    const after = found.get(name);
    if (after === undefined || lossy.has(name)) continue;
    if (plainText(after.value) !== texts.get(name)) expect(plainText(after.value), name).toBe(texts.get(name));
    expect(after.expireAtMs).toBe(before.expireAtMs);
    expect(after.meta).toEqual(before.meta);
    if (target.records.idleAndFreq) expect([after.idleSeconds, after.freq]).toEqual([before.idleSeconds, before.freq]);
  }
}

function checkFunctions(original: readonly RdbEntry[], { entries, losses }: Converted, target: Target): void {
  const count = (list: readonly RdbEntry[]): number => list.filter(({ kind }) => kind === 'function').length;
  const lost = losses.filter(({ what }) => what === 'function').length;
  expect(count(entries) + lost).toBe(count(original));
  expect(lost > 0 && target.records.functions).toBe(false);
}

it('knows the version of every fixture', () => {
  for (const fixture of listFixtures()) {
    const [header] = readRdbSync(readFixture(fixture.name));
    if (header?.kind !== 'header') expect.fail(fixture.name);
    else expect(targetOfHeader(header.magic, header.version).version).toBe(header.version);
  }
});
