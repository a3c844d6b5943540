/** What fixtures do not have: odd names and times, values of every size, many rows. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportTables } from '../../../src/convert/tables/export.js';
import { TABLE_NAMES, TABLES, type TableName } from '../../../src/convert/tables/schema.js';
import { type Row, TableReader, writeTables } from '../../support/duckdb.js';
import { bytesOf, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../../support/file-builder.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';

const MIB = 1024 * 1024;

let directory: string;
let reader: TableReader;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-rows-'));
  reader = await TableReader.open();
});

afterAll(() => {
  reader.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

const hash = (key: string, ...strings: Piece[]): Piece => keyRecord(4, key, [len(strings.length / 2), ...strings]);
const list = (key: string, ...items: Piece[]): Piece => keyRecord(1, key, [len(items.length), ...items]);
const string = (key: string, value: Piece, attributes: Piece = []): Piece => keyRecord(0, key, str(value), attributes);

/** A large plain string, without a walk through an array of its bytes. */
function largeString(key: string, size: number, fill: number): Uint8Array {
  const head = bytesOf(
    [0x00],
    str(key),
    [0x80],
    [size >>> 24, size >>> 16, size >>> 8, size].map((byte) => byte & 0xff),
  );
  const record = new Uint8Array(head.length + size).fill(fill);
  record.set(head);
  return record;
}

function fileOf(...records: readonly Uint8Array[]): Uint8Array {
  const header = bytesOf('REDIS0003');
  return new Uint8Array(Buffer.concat([header, ...records, Uint8Array.of(0xff)]));
}

async function csvOf(input: Uint8Array, table: TableName, limits = {}): Promise<string> {
  const pieces: Buffer[] = [];
  await exportTables(input, {
    format: 'csv',
    tables: [table],
    source: 'odd, "name".rdb',
    limits,
    open: () => (bytes, start, end) => pieces.push(Buffer.from(bytes.slice(start, end))),
  });
  return Buffer.concat(pieces).toString();
}

let written = '';
let writings = 0;

/** Writes Parquet and asks. Each time under other names: DuckDB remembers files. */
async function ask(input: Uint8Array, query: string): Promise<Row[]> {
  written = path.join(directory, String(writings++));
  await writeTables(input, written, 'parquet');
  await reader.attach(written, 'parquet');
  return await reader.rows(query);
}

describe('CSV', () => {
  it('quotes what needs it, and tells nothing from null', async () => {
    const file = rdbFile(
      'REDIS0003',
      hash('h,1', str('a"b'), str('two\r\nlines'), str(''), str(''), str([0xff]), str([0x00, 0x80])),
    );
    expect(await csvOf(file, 'hash_fields')).toBe(
      `${[
        'db,key,field,value,expire_at,field_bytes,value_bytes',
        '0,"h,1","a""b","two\r\nlines",,,',
        '0,"h,1","","",,,',
        '0,"h,1","""\\xff""",,,ff,0080',
      ].join('\n')}\n`,
    );
  });

  it('has the facts of a key', async () => {
    const attributes = [0xfc, int64Le(4102444800001n), 0xf8, len(100), 0xf9, 7];
    const file = rdbFile('REDIS0012', [0xfe, len(3)], string('k', 'v', attributes));
    expect(await csvOf(file, 'keys')).toBe(
      `${[
        'db,key,type,encoding,rdb_type,expire_at,idle_seconds,freq,size_bytes,elements,slot,source,file_offset,key_bytes',
        '3,k,string,raw,0,2100-01-01T00:00:00.001Z,100,7,2,1,7629,"odd, ""name"".rdb",11,',
      ].join('\n')}\n`,
    );
  });

  it('writes long texts and bytes whole', async () => {
    const text = `${'x'.repeat(200_000)},"${'y'.repeat(50_000)}`;
    const bytes = new Uint8Array(300_000).fill(0xfe);
    const file = rdbFile('REDIS0003', list('l', str(text), str(bytes)));
    expect(await csvOf(file, 'list_items')).toBe(
      `db,key,index,value,value_bytes\n0,l,0,"${text.replaceAll('"', '""')}",\n0,l,1,,${'fe'.repeat(300_000)}\n`,
    );
  });
});

describe('Parquet', () => {
  it('has the columns of the schema, in its order', async () => {
    await ask(rdbFile('REDIS0003'), 'select 1');
    const types = { int32: 'INTEGER', int64: 'BIGINT', double: 'DOUBLE', time: 'TIMESTAMP WITH TIME ZONE' } as const;
    for (const name of TABLE_NAMES) {
      const rows = await reader.rows(`describe ${name}`);
      expect(rows.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
        TABLES[name].columns.map((column) => [
          column.name,
          column.type === 'bytes' ? 'BLOB' : (types[column.type as keyof typeof types] ?? 'VARCHAR'),
        ]),
      );
      expect(await reader.rows(`select count(*) as n from ${name}`)).toEqual([{ n: 0n }]);
    }
  });

  it.each([
    [4102444800001n, 4102444800001],
    [-5n, -5],
    [2n ** 53n - 1n, 8.64e15],
    [2n ** 63n - 1n, 8.64e15],
    [-(2n ** 63n), -8.64e15],
  ])('has the expiry %s', async (stored, expected) => {
    const file = rdbFile('REDIS0012', string('k', 'v', [0xfc, int64Le(stored)]), string('l', 'v'));
    const rows = await ask(file, 'select epoch_ms(expire_at) as ms from keys order by key');
    expect(rows.map(({ ms }) => (ms === null ? null : Number(ms)))).toEqual([expected, null]);
  });

  it('has the expiry of fields', async () => {
    const input = readFixture('redis-7.4/hfe');
    const query = 'select key, field, epoch_ms(expire_at) as ms from hash_fields where expire_at is not null';
    const rows = await ask(input, `${query} and key = 'hfe:binary' order by 3`);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows[0]).toEqual({ key: 'hfe:binary', field: '', ms: 4102444800003n });
  });

  it('writes row groups as rows come', async () => {
    const items = Array.from({ length: 70_000 }, (_, index) => str(`item ${index % 1000}`));
    const file = rdbFile('REDIS0003', list('a', ...items), list('b', ...items));
    const rows = await ask(
      file,
      `select key, count(*) as n, count(distinct value) as distinct, max(index) as last,
       bool_and(value = 'item ' || (index % 1000)) as ok from list_items group by key order by key`,
    );
    const facts = { n: 70_000n, distinct: 1000n, last: 69_999n, ok: true };
    expect(rows).toEqual([
      { key: 'a', ...facts },
      { key: 'b', ...facts },
    ]);
    expect(await groupsOf('list_items')).toEqual([65_536, 65_536, 8928]);
  });

  it('ends a row group when it holds enough bytes', async () => {
    const records = Array.from({ length: 40 }, (_, index) => largeString(`k${index}`, MIB, 0x61 + (index % 26)));
    const rows = await ask(
      fileOf(...records),
      `select count(*) as n, bool_and(value = repeat(chr(97 + substr(key, 2)::int % 26), ${MIB})) as ok from strings`,
    );
    expect(rows).toEqual([{ n: 40n, ok: true }]);
    const groups = await groupsOf('strings');
    expect(groups.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...groups)).toBeLessThanOrEqual(18);
  });

  it('holds values longer than a row group, texts and bytes', async () => {
    const file = fileOf(
      bytesOf(string('before', 'short')),
      largeString('text', 17 * MIB, 0x61),
      largeString('bytes', 18 * MIB, 0xff),
      bytesOf(string('after', 'short')),
    );
    const rows = await ask(file, 'select key, octet_length(coalesce(value_bytes, encode(value))) as n from strings');
    expect(rows).toEqual([
      { key: 'before', n: 5n },
      { key: 'text', n: BigInt(17 * MIB) },
      { key: 'bytes', n: BigInt(18 * MIB) },
      { key: 'after', n: 5n },
    ]);
    const checks = await reader.rows(
      `select value = repeat('a', ${17 * MIB}) as ok from strings where key = 'text' union all
       select value_bytes = unhex(repeat('ff', ${18 * MIB})) from strings where key = 'bytes'`,
    );
    expect(checks).toEqual([{ ok: true }, { ok: true }]);
  });

  async function groupsOf(table: TableName): Promise<number[]> {
    const file = path.join(written, `${table}.parquet`);
    const rows = await reader.rows(
      `select distinct row_group_id as id, row_group_num_rows as n from parquet_metadata('${file}') order by id`,
    );
    return rows.map(({ n }) => Number(n));
  }
});

describe('values that are streamed', () => {
  const fixtures = listFixtures().filter(({ name }) => /^(redis-8.6|valkey-9.1)\//.test(name));

  it.each(fixtures)('make the rows that whole ones make: $name', async ({ name }) => {
    const input = readFixture(name);
    for (const table of TABLE_NAMES) {
      expect(await csvOf(input, table, { largeValueBytes: 20 }), table).toBe(await csvOf(input, table));
    }
  });
});

describe('the summary', () => {
  it('counts keys, rows, and keys whose elements have no table', async () => {
    const input = readFixture('redis-8.6/vset');
    const { keys, rows, withoutTable } = await writeTables(input, directory, 'csv', { tables: ['keys', 'strings'] });
    expect(rows).toEqual({ keys, strings: rows.strings });
    expect(withoutTable.get('module')).toBeGreaterThan(0);
  });
});
