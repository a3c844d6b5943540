/** The tables of every fixture, as DuckDB reads them, against what the server said. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableFormat } from '../../../src/convert/tables/open-tables.js';
import type { KeyEntry } from '../../../src/rdb/model.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { type Row, TableReader, writeTables } from '../../support/duckdb.js';
import { listFixtures, readFixture, readTruth, type TruthKey } from '../../support/fixtures.js';
import { valueAsTruth } from '../../support/truth.js';

let directory: string;
let reader: TableReader;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-tables-'));
  reader = await TableReader.open();
});

afterAll(() => {
  reader.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

/** Of the tables of values: the key's own bytes by its text, and base64 of a value's bytes. */
const QUERIES: Readonly<Record<string, string>> = {
  strings: `select db, key, base64(coalesce(value_bytes, encode(value))) as value from strings`,
  list_items: `select db, key, index, base64(coalesce(value_bytes, encode(value))) as value from list_items order by db, key, index`,
  set_members: `select db, key, base64(coalesce(member_bytes, encode(member))) as member from set_members`,
  zset_members: `select db, key, base64(coalesce(member_bytes, encode(member))) as member, score from zset_members`,
  hash_fields: `select db, key, base64(coalesce(field_bytes, encode(field))) as field, base64(coalesce(value_bytes, encode(value))) as value, expire_at from hash_fields`,
  stream_entries: `select db, key, id, field_index, base64(coalesce(field_bytes, encode(field))) as field, base64(coalesce(value_bytes, encode(value))) as value from stream_entries order by db, key, split_part(id, '-', 1)::ubigint, split_part(id, '-', 2)::ubigint, field_index`,
};

describe.each(listFixtures())('$name', (fixture) => {
  const input = readFixture(fixture.name);
  const entries = new Map<string, KeyEntry>();
  for (const entry of readRdbSync(input)) {
    if (entry.kind === 'key') entries.set(`${entry.db}:${Buffer.from(entry.key).toString('base64')}`, entry);
  }

  it.each(['parquet', 'csv'] as const)('holds in %s what the server had', async (format) => {
    const values = await readValues(input, path.join(directory, fixture.name, format), format);
    const truth = readTruth(fixture);
    for (const expected of truth.keys) {
      const name = `${expected.db}:${expected.key}`;
      const entry = entries.get(name)!;
      // Fields that had expired are in the file, and golden.test.ts holds the entries against the truth.
      const wanted = hasExpiringFields(entry) ? valueAsTruth(entry.value) : truthValue(expected);
      expect(values.get(name) ?? emptyOf(expected.type), name).toEqual(wanted);
    }
    expect(values.size).toBe([...entries.values()].filter((entry) => isNotEmpty(entry)).length);
  });

  it.each(['parquet', 'csv'] as const)('has the facts of every key in %s', async (format) => {
    await writeTables(input, path.join(directory, fixture.name, `${format}-keys`), format, { tables: ['keys'] });
    await reader.attach(path.join(directory, fixture.name, `${format}-keys`), format, ['keys']);
    const rows = await reader.rows(
      'select *, base64(coalesce(key_bytes, encode(key))) as name from keys order by file_offset',
    );
    const found = rows.map(({ name, ...row }) => ({ ...row, key: name, key_bytes: undefined, slot: undefined }));
    expect(found).toEqual([...entries.values()].map(factsOf));
  });
});

async function readValues(input: Uint8Array, into: string, format: TableFormat): Promise<ReadonlyMap<string, unknown>> {
  await writeTables(input, into, format);
  await reader.attach(into, format);
  const names = new Map<string, string>();
  for (const { db, key, name } of await reader.rows(
    'select db, key, base64(coalesce(key_bytes, encode(key))) as name from keys',
  )) {
    expect(names.has(`${db}:${key}`)).toBe(false);
    names.set(`${db}:${key}`, `${db}:${name}`);
  }
  const values = new Map<string, unknown>();
  for (const [table, query] of Object.entries(QUERIES)) {
    const rows = groupBy(await reader.rows(query), ({ db, key }) => names.get(`${db}:${key}`)!);
    for (const [name, own] of rows) values.set(name, valueIn(table, own));
  }
  return values;
}

/** In the shape of the truth. */
function valueIn(table: string, rows: readonly Row[]): unknown {
  switch (table) {
    case 'strings':
      return rows[0]!.value;
    case 'list_items':
      return rows.map(({ value }) => value);
    case 'set_members':
      return rows.map(({ member }) => member).sort();
    case 'zset_members':
      return [...rows]
        .sort((a, b) => (a.score as number) - (b.score as number) || compareBase64(a.member, b.member))
        .map(({ member, score }) => [member, score]);
    case 'hash_fields':
      return Object.fromEntries(rows.map(({ field, value }) => [field, value]));
    default:
      return [...groupBy(rows, ({ id }) => id as string)].map(([id, fields]) => [
        id,
        fields.flatMap(({ field, value }) => [field, value]),
      ]);
  }
}

function truthValue({ type, value }: TruthKey): unknown {
  switch (type) {
    case 'set':
      return [...(value as string[])].sort();
    case 'hash':
      return Object.fromEntries(value as [string, string][]);
    case 'zset':
      return (value as [string, string][]).map(([member, score]) => [
        member,
        score === 'inf' ? Infinity : score === '-inf' ? -Infinity : Number(score),
      ]);
    default:
      return type === 'vectorset' ? undefined : (value ?? undefined);
  }
}

function hasExpiringFields({ value }: KeyEntry): boolean {
  return value.type === 'hash' && value.fields.some(({ expireAtMs }) => expireAtMs !== undefined);
}

/** A stream whose entries are all deleted has no rows. */
function emptyOf(type: string): unknown {
  return type === 'stream' ? [] : undefined;
}

function isNotEmpty({ value }: KeyEntry): boolean {
  const wanted = valueAsTruth(value);
  return wanted !== undefined && !(value.type === 'stream' && value.entries.length === 0);
}

function factsOf(entry: KeyEntry): Row {
  const { value, expireAtMs } = entry;
  return {
    db: entry.db,
    key: Buffer.from(entry.key).toString('base64'),
    type: value.type,
    encoding: value.encoding,
    rdb_type: entry.rdbType,
    expire_at: expireAtMs === undefined ? null : new Date(Math.min(expireAtMs, 8.64e15)),
    idle_seconds: entry.idleSeconds === undefined ? null : BigInt(entry.idleSeconds),
    freq: entry.freq ?? null,
    size_bytes: BigInt(entry.valueBytes!),
    elements: BigInt(countOf(entry)),
    slot: undefined,
    source: 'the.rdb',
    file_offset: BigInt(entry.offset),
    key_bytes: undefined,
  };
}

function countOf({ value }: KeyEntry): number {
  switch (value.type) {
    case 'list':
      return value.items.length;
    case 'set':
    case 'zset':
      return value.members.length;
    case 'hash':
      return value.fields.length;
    case 'stream':
      return value.state!.length;
    default:
      return 1;
  }
}

function groupBy(rows: readonly Row[], nameOf: (row: Row) => string): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(nameOf(row));
    if (group === undefined) groups.set(nameOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

function compareBase64(a: unknown, b: unknown): number {
  return Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64'));
}
