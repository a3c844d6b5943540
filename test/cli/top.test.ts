/** `top`: what comes first, and how it is printed. */
import { expect, it } from 'vitest';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

const set = (name: string, members: number, size: number): Uint8Array =>
  keyRecord(2, name, [len(members), Array.from({ length: members }, (_, at) => str(String(at).padStart(size, '0')))]);

const FILE = rdbFile(
  'REDIS0011',
  keyRecord(0, 'text', str('x'.repeat(1000)), [0xf8, 0x40, 90]),
  keyRecord(0, 'short', str('x'), [0xfc, int64Le(4_102_444_800_000n), 0xf8, 0x80, 0, 0x0f, 0x42, 0x40]),
  set('many', 200, 3),
  set('few', 3, 20),
  keyRecord(0, Uint8Array.of(0xff, 0x0a), str('odd')),
);

it('prints a table', async () => {
  const path = directory.write('top.rdb', FILE);
  const { code, stdout, stderr } = await cli(['top', path, '--by', 'elements', '-l', '3', '-f', 'table']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout)).toEqual([
    path,
    '  3 keys of 5 with the most elements, 99.0 % of all',
    '',
    '  elements  in the file  type    encoding   key',
    '       200        802 B  set     hashtable  many',
    '         3         64 B  set     hashtable  few',
    '         1       1002 B  string  raw        text',
  ]);
});

it.each<[string, unknown[]]>([
  ['serialized', ['text', 'many', 'few', 'odd', 'short']],
  ['elements', ['many', 'few', 'text', 'short', 'odd']],
  ['element-size', ['text', 'few', 'many', 'odd', 'short']],
  ['idle', ['short', 'text']],
  ['freq', []],
])('by %s', async (by, keys) => {
  const path = directory.write('top.rdb', FILE);
  const { code, stdout } = await cli(['top', path, '--by', by]);
  expect(code).toBe(0);
  const names = jsonLines(stdout).map(({ key }) => (typeof key === 'string' ? key : 'odd'));
  expect(names).toEqual(keys);
});

it('prints rows where it is piped', async () => {
  const path = directory.write('top.rdb', FILE);
  const rows = jsonLines((await cli(['top', path, '--by', 'idle'])).stdout);
  expect(rows).toEqual([
    { db: 0, key: 'short', type: 'string', encoding: 'raw', size: 2, idle: 1_000_000, expireAt: 4_102_444_800_000 },
    { db: 0, key: 'text', type: 'string', encoding: 'raw', size: 1002, idle: 90, expireAt: null },
  ]);
  const csv = linesOf((await cli(['top', path, '--by', 'serialized', '-f', 'csv', '-T', 'set'])).stdout);
  expect(csv).toEqual([
    'db,key,type,encoding,size,expireAt',
    '0,text,string,raw,1002,',
    '0,"""\\xff\\n""",string,raw,4,',
    '0,short,string,raw,2,4102444800000',
  ]);
});

it('prints one object for --json, over several files', async () => {
  const path = directory.write('top.rdb', FILE);
  const { stdout } = await cli(['top', path, path, '--by', 'serialized', '-l', '2', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    schema: 'rdb-inspect/top@1',
    sources: [path, path],
    by: 'serialized',
    limit: 2,
    keys: 10,
    sum: 2 * (1002 + 2 + 802 + 64 + 4),
    top: [
      { source: path, db: 0, key: 'text', type: 'string', encoding: 'raw', size: 1002, expireAt: null },
      { source: path, db: 0, key: 'text', type: 'string', encoding: 'raw', size: 1002, expireAt: null },
    ],
  });
});

it('says so where nothing was recorded', async () => {
  const path = directory.write('top.rdb', FILE);
  const { stdout } = await cli(['top', path, '--by', 'freq', '-f', 'table']);
  expect(linesOf(stdout).slice(1)).toEqual([
    '  0 keys of 0 with the highest LFU counter; 5 keys without one',
    '  The file records none: servers do with an LFU maxmemory-policy.',
  ]);
});

it.each([
  ['--by', 'size'],
  ['-l', 'many'],
  ['-f', 'xml'],
])('refuses %s %s', async (...args) => {
  const { code, stderr } = await cli(['top', 'x.rdb', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(args[1]);
});
