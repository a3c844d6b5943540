/** `report`: one HTML file, its data the true ones. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { ReportData } from '../../src/inspect/report/report-data.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { FIXTURES, fixturePath, readFixture } from '../support/fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const TYPES = fixturePath('redis-7.0/types');
const keysOf = (file: string): number => [...readRdbSync(file)].filter(({ kind }) => kind === 'key').length;
const temporary = temporaryDirectory();

function dataOf(html: string): ReportData {
  return JSON.parse(
    /<script type="application\/json" id="report-data">([^<]*)<\/script>/.exec(html)![1]!,
  ) as ReportData;
}

it('writes a file, and says so', async () => {
  const file = temporary.path('types.html');
  const { code, stdout, stderr } = await cli(['report', TYPES, '-o', file]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^rdb-inspect: .*types\.html: 238 keys, \d+ KB\n$/);
  const html = fs.readFileSync(file, 'utf8');
  expect(html).toMatch(/^<!doctype html>\n[\s\S]*<\/html>\n$/);
  const report = dataOf(html);
  expect(report).toMatchObject({ title: 'dump.rdb', totals: { keys: keysOf(TYPES) }, sourceCount: 1 });
  expect(report.madeBy).toMatch(/^rdb-inspect \d/);
  expect(report.sources).toEqual([expect.objectContaining({ name: TYPES, server: 'redis 7.0.15' })]);
  expect(report.topKeys).toHaveLength(200);
  expect(report.memoryModel).toBe('redis:7.0 with jemalloc');
  const sizes = report.topKeys.map(({ memory }) => memory);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes.at(-1)).toBeGreaterThan(0);
});

it('models the memory of the server that is named', async () => {
  const total = async (...args: string[]): Promise<[string | undefined, number]> => {
    const report = JSON.parse((await cli(['report', TYPES, '--json', ...args])).stdout) as ReportData;
    return [report.memoryModel, report.totals.memory];
  };
  const [, own] = await total();
  const [name, other] = await total('--server', 'valkey:8.1', '--allocator', 'glibc');
  expect(name).toBe('valkey:8.1 with glibc');
  expect(other).not.toBe(own);
});

it('writes into a pipe, and reads from one', async () => {
  const { code, stdout, stderr } = await cli(['report', '-'], { input: readFixture('redis-7.0/types') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(dataOf(stdout)).toMatchObject({ title: 'standard input', totals: { keys: 238 } });
});

it('makes one report of several shards', async () => {
  for (const name of ['types', 'expired']) temporary.write(`shards/${name}.rdb`, readFixture(`redis-7.0/${name}`));
  const { code, stdout } = await cli(['report', temporary.path('shards')]);
  expect(code).toBe(0);
  const report = dataOf(stdout);
  const keys = ['expired', 'types'].map((name) => keysOf(fixturePath(`redis-7.0/${name}`)));
  expect(report).toMatchObject({ title: 'shards', sourceCount: 2, totals: { keys: keys[0]! + keys[1]! } });
  expect(report.sources.map((source) => [path.basename(source.name), source.keys])).toEqual([
    ['expired.rdb', keys[0]],
    ['types.rdb', keys[1]],
  ]);
});

it('reads a log as the server would', async () => {
  const log = temporary.write(
    'appendonly.aof',
    '*3\r\n$3\r\nSET\r\n$6\r\nuser:1\r\n$1\r\na\r\n*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n',
  );
  const { code, stdout } = await cli(['report', log]);
  expect(code).toBe(0);
  expect(dataOf(stdout).topKeys.map(({ key }) => key)).toEqual(['user:1']);
});

it('has filters, a title, and so many keys', async () => {
  const { code, stdout } = await cli(['report', TYPES, '-k', 'list:*', '-l', '3', '--title', 'Lists <1>']);
  expect(code).toBe(0);
  const report = dataOf(stdout);
  expect(report).toMatchObject({ title: 'Lists <1>', totals: { keys: 12 } });
  expect(report.topKeys).toHaveLength(3);
  expect(report.types.map(({ type }) => type)).toEqual(['list']);
});

it('--json: the data alone', async () => {
  const { code, stdout } = await cli(['report', TYPES, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'rdb-inspect/report@1',
    title: 'dump.rdb',
    totals: { keys: 238 },
  });
});

it.each([
  [['-l', '1001'], /at most 1000 keys are listed/],
  [['-f', 'csv'], /unknown option '-f'/],
])('%j is a mistake', async (args, message) => {
  const { code, stdout, stderr } = await cli(['report', TYPES, ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

it('leaves no file of a damaged dump', async () => {
  const damaged = temporary.write('damaged.rdb', readFixture('redis-7.0/types').subarray(0, 1000));
  const { code } = await cli(['report', damaged, '-o', temporary.path('damaged.html')]);
  expect(code).toBe(1);
  expect(fs.existsSync(temporary.path('damaged.html'))).toBe(false);
  expect(fs.readdirSync(path.dirname(damaged)).filter((name) => name.includes('damaged'))).toEqual(['damaged.rdb']);
});

it('is named after the first of several sources', async () => {
  const { code, stdout } = await cli([
    'report',
    '--json',
    ...['types', 'expired'].map((name) => path.join(FIXTURES, 'redis-7.0', name)),
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).title).toBe('types and 1 more');
});
