/** `export -f csv` and `-f parquet`: tables in files, read back with DuckDB. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../src/convert/tables/schema.js';
import { TableReader } from '../support/duckdb.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');
const string = (key: string, value = 'v'): Uint8Array => keyRecord(0, key, str(value));
let made = 0;
const fresh = (): string => directory.path(`tables-${made++}`);

let reader: TableReader;
beforeAll(async () => {
  reader = await TableReader.open();
});
afterAll(() => reader.close());

describe('all tables into a directory', () => {
  it.each(['parquet', 'csv'] as const)('as %s, with every key and value', async (format) => {
    const out = fresh();
    const { code, stdout, stderr } = await cli(['export', types, '-f', format, '-o', out, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { keys: number; tables: { name: string; rows: number; bytes: number }[] };
    expect(report).toMatchObject({ schema: 'rdb-inspect/export@1', directory: out, format, keys: 238 });
    expect(report.tables.map(({ name }) => name)).toEqual(TABLE_NAMES.map((name) => `${name}.${format}`));
    expect(fs.readdirSync(out).sort()).toEqual(report.tables.map(({ name }) => name).sort());
    await reader.attach(out, format);
    for (const { name, rows, bytes } of report.tables) {
      expect(fs.statSync(path.join(out, name)).size).toBe(bytes);
      expect(await reader.rows(`select count(*) as n from ${name.split('.')[0]}`)).toEqual([{ n: BigInt(rows) }]);
    }
    const counted = await reader.rows(
      `select type, count(*) as n, sum(elements)::bigint as elements from keys where type <> 'stream' group by type`,
    );
    const lines = jsonLines<{ type: string }>((await cli(['keys', types, '--json'])).stdout);
    for (const { type, n, elements } of counted) {
      expect(n).toBe(BigInt(lines.filter((line) => line.type === type).length));
      const table = report.tables.find(({ name }) => name.startsWith(type as string));
      expect(BigInt(table!.rows)).toBe(elements);
    }
  });

  it('says what it has written', async () => {
    const file = directory.write('two.rdb', rdbFile('REDIS0011', string('a'), keyRecord(2, 's', [len(1), str('m')])));
    const out = fresh();
    const { code, stdout } = await cli(['export', file, '-f', 'csv', '--table', 'strings,keys', '-o', `${out}/`]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${out}/: 2 keys in 2 tables\n  file         rows   size\n  keys.csv        2  ${sizeOf(`${out}/keys.csv`)} B\n  strings.csv     1   ${sizeOf(`${out}/strings.csv`)} B\n`,
    });
  });

  it('makes one of the shards of a folder, and of those of a fleet a partition each', async () => {
    directory.write('shards/one.rdb', rdbFile('REDIS0011', string('a'), string('b')));
    directory.write('shards/two.rdb', rdbFile('REDIS0011', string('c')));
    const fleet = fresh();
    const out = path.join(fleet, 'host=a');
    expect((await cli(['export', directory.path('shards'), '-f', 'parquet', '-o', out, '-q'])).code).toBe(0);
    expect((await cli(['export', types, '-f', 'parquet', '-o', path.join(fleet, 'host=b'), '-q'])).code).toBe(0);
    await reader.attach(out, 'parquet');
    expect(await reader.rows('select key, parse_filename(source) as source from keys order by key')).toEqual([
      { key: 'a', source: 'one.rdb' },
      { key: 'b', source: 'one.rdb' },
      { key: 'c', source: 'two.rdb' },
    ]);
    const partitioned = `read_parquet('${fleet}/*/keys.parquet', hive_partitioning = true)`;
    expect(await reader.rows(`select host, count(*) as n from ${partitioned} group by host order by host`)).toEqual([
      { host: 'a', n: 3n },
      { host: 'b', n: 238n },
    ]);
  });

  it('puts each of them where a path with {table} says', async () => {
    const fleet = fresh();
    for (const host of ['a', 'b']) {
      const target = `${fleet}/{table}/host=${host}/dump.parquet`;
      const { code, stdout } = await cli(['export', types, '-f', 'parquet', '-o', target]);
      expect(code).toBe(0);
      expect(stdout).toContain(`${fleet}/hash_fields/host=${host}/dump.parquet`);
    }
    expect(fs.readdirSync(fleet).sort()).toEqual([...TABLE_NAMES].sort());
    const rows = await reader.rows(`select host, count(*) as n from read_parquet('${fleet}/keys/*/*.parquet',
      hive_partitioning = true) group by host order by host`);
    expect(rows).toEqual([
      { host: 'a', n: 238n },
      { host: 'b', n: 238n },
    ]);
    const cut = directory.write('cut2.rdb', fs.readFileSync(types).subarray(0, 1000));
    const target = `${fleet}/{table}/host=c/deep/dump.csv`;
    expect((await cli(['export', cut, '-f', 'csv', '-o', target, '--table', 'keys,strings'])).code).toBe(1);
    expect(fs.readdirSync(`${fleet}/keys`)).toEqual(['host=a', 'host=b']);
  });

  it('writes them whole or not at all', async () => {
    const whole = fs.readFileSync(types);
    const file = directory.write('cut.rdb', whole.subarray(0, whole.length - 100));
    const out = fresh();
    const { code, stderr } = await cli(['export', file, '-f', 'parquet', '-o', out]);
    expect(code).toBe(1);
    expect(stderr).toContain('TRUNCATED');
    expect(fs.existsSync(out)).toBe(false);
  });

  it('says which values have no table', async () => {
    const { stderr } = await cli(['export', fixturePath('redis-8.6/vset'), '-f', 'csv', '-o', fresh()]);
    expect(stderr).toMatch(/rows in keys alone, and -f ndjson has their values: module \(\d+\)/);
  });
});

describe('one table', () => {
  it('goes to standard output', async () => {
    const { code, stdout } = await cli(['export', types, '-f', 'csv', '--table', 'keys', '-t', 'zset', '-l', '2']);
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^db,key,type,/);
    expect(lines[1]).toMatch(/^\d+,[^,]+,zset,/);
  });

  it('goes to a file, gzipped where its name says so', async () => {
    const target = directory.path('keys.csv.gz');
    expect((await cli(['export', types, '-f', 'csv', '--table', 'keys', '-o', target])).code).toBe(0);
    const { stdout } = await cli(['export', types, '-f', 'csv', '--table', 'keys']);
    expect(gunzipSync(fs.readFileSync(target)).toString()).toBe(stdout);
  });

  it('is a Parquet file in a pipe', async () => {
    const { bytes } = await cli(['export', '-', '-f', 'parquet', '--table', 'strings'], {
      input: fs.readFileSync(types),
    });
    const file = directory.write('piped.parquet', bytes);
    const rows = await reader.rows(`select count(*) as n from read_parquet('${file}')`);
    expect(rows[0]!.n).toBeGreaterThan(20n);
  });
});

describe('what cannot be', () => {
  it.each<[string, string[], string]>([
    ['several tables in one place', ['-f', 'csv'], '7 tables are as many files: -o DIR/ is wanted'],
    ['several tables in one file', ['-f', 'csv', '-o', 'x.csv'], '7 tables are as many files: -o DIR/ is wanted'],
    ['several tables in one gzipped file', ['-f', 'csv', '-o', 'x.gz'], 'several tables are as many files'],
    ['a table that there is not', ['-f', 'csv', '--table', 'kyes'], 'there is no table kyes: keys, strings'],
    ['tables of commands', ['-f', 'resp', '--table', 'keys'], '--table is for -f csv and -f parquet, not for -f resp'],
    ['records of tables', ['-f', 'csv', '--all'], '--all is for -f ndjson and -f json, not for -f csv'],
    ['a target of tables', ['-f', 'parquet', '--target', 'redis:7.0'], '--target is for -f resp and -f restore'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(['export', types, ...args], { cwd: directory.path('.') });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(fs.existsSync(directory.path('x.csv'))).toBe(false);
  });

  it('a directory with something in it', async () => {
    const file = directory.write('full/thing', bytesOf('x'));
    const { code, stderr } = await cli(['export', types, '-f', 'csv', '-o', path.dirname(file)]);
    expect(code).toBe(2);
    expect(stderr).toContain('is not empty');
    expect(fs.readdirSync(path.dirname(file))).toEqual(['thing']);
  });
});

function sizeOf(file: string): number {
  return fs.statSync(file).size;
}
