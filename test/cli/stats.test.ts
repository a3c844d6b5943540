/** `stats`: one page, rows, one object; shards; logs. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

const MADE = 1_700_000_000;
const expiring = (name: string, seconds: number): Uint8Array =>
  keyRecord(0, name, str('value'), [0xfc, int64Le(BigInt((MADE + seconds) * 1000))]);
const texts = (...all: string[]): Uint8Array[] => all.map((text) => new TextEncoder().encode(text));

const FILE = rdbFile(
  'REDIS0011',
  [0xfa, str('redis-ver'), str('7.2.4')],
  [0xfa, str('ctime'), str(String(MADE))],
  [0xfa, str('used-mem'), str('2097152')],
  keyRecord(0, 'number', [0xc0, 7]),
  keyRecord(0, 'text', str('x'.repeat(40))),
  expiring('session:1', -5),
  expiring('session:2', 7200),
  keyRecord(16, 'user', str(encodeListpack(texts('name', 'Ada', 'age', '36')))),
  [0xfe, 3],
  keyRecord(2, 'tags\n', [3, str('a'), str('b'), str('c')]),
);

it('prints one page', async () => {
  const path = directory.write('stats.rdb', FILE);
  const { code, stdout, stderr } = await cli(['stats', path, '-f', 'table'], { env: { COLUMNS: '80' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout)).toEqual([
    path,
    '  Redis 7.2.4, RDB version 11, 2023-11-14T22:13:20Z, used memory 2.0 MB',
    '  6 keys, 9 elements, values of 88 B in the file',
    '  2 keys with a TTL (33.3 %), of which 2 have expired by now (1 when the dump was made)',
    '',
    '  type           keys   share  elements  in the file   share',
    '  string            4  66.7 %         4         55 B  62.5 %  ███████▌',
    '    raw             3  50.0 %         3         53 B  60.2 %',
    '    int             1  16.7 %         1          2 B   2.3 %',
    '  hash listpack     1  16.7 %         2         26 B  29.5 %  ███▌',
    '  set hashtable     1  16.7 %         3          7 B   8.0 %  █',
    '',
    '  of a key     p50   p90   p99  p99.9   max  mean',
    '  in the file  6 B  41 B  41 B   41 B  41 B  15 B',
    '  elements       2     3     3      3     3     3',
    '  key name     5 B   9 B   9 B    9 B   9 B   6 B',
    '',
    '  life left  keys   share  in the file',
    '  expired       1  16.7 %          6 B  ██',
    '  < 1 day       1  16.7 %          6 B  ██',
    '  no TTL        4  66.7 %         76 B  ████████',
    '',
    '  db  keys  with TTL  elements  in the file',
    '   0     5         2         6         81 B',
    '   3     1         0         3          7 B',
    '',
    '  in the file  elements  type    encoding   db  key',
    '         41 B         1  string  raw         0  text',
    '         26 B         2  hash    listpack    0  user',
    '          7 B         3  set     hashtable   3  "tags\\n"',
    '          6 B         1  string  raw         0  session:1',
    '          6 B         1  string  raw         0  session:2',
    '          2 B         1  string  int         0  number',
  ]);
});

it('fits narrow terminals and wide characters', async () => {
  const name = '鍵'.repeat(60);
  const path = directory.write(
    'wide.rdb',
    rdbFile('REDIS0011', keyRecord(0, new TextEncoder().encode(name), str('v'))),
  );
  const { stdout } = await cli(['stats', path, '-f', 'table'], { env: { COLUMNS: '60' } });
  const last = linesOf(stdout).at(-1)!;
  expect(last).toContain('…');
  expect(last.replaceAll('鍵', '##').length).toBeLessThanOrEqual(60);
});

it('prints rows where it is piped', async () => {
  const path = directory.write('stats.rdb', FILE);
  const rows = jsonLines((await cli(['stats', path])).stdout);
  const row = (name: string): unknown[] => rows.filter((one) => one.row === name);
  expect(row('source')).toEqual([
    {
      row: 'source',
      name: path,
      magic: 'REDIS',
      version: 11,
      server: 'redis:7.2.4',
      bits: null,
      createdAt: MADE * 1000,
      usedMemory: 2_097_152,
      functions: 0,
      modules: [],
      checksum: 'ok',
      keys: 6,
    },
  ]);
  expect(row('total')).toEqual([
    { row: 'total', keys: 6, keysWithTtl: 2, expired: 1, expiredNow: 2, keyBytes: 37, bytes: 88, elements: 9 },
  ]);
  expect(row('type')).toHaveLength(3);
  expect(row('encoding')[0]).toMatchObject({ type: 'string', encoding: 'raw', keys: 3, share: 0.5 });
  expect(row('size')).toMatchObject([
    { of: 'key', max: 9 },
    { of: 'value', 'p99.9': 41 },
    { of: 'elements', min: 2 },
  ]);
  expect(row('db')).toMatchObject([{ db: 0 }, { db: 3, keys: 1 }]);
  expect(row('ttl')).toHaveLength(9);
  expect(row('largest')[2]).toMatchObject({ key: 'tags\n', db: 3, type: 'set', size: 7, elements: 3, expireAt: null });
});

it('prints one object for --json', async () => {
  const path = directory.write('stats.rdb', FILE);
  const report = JSON.parse((await cli(['stats', path, '--json'])).stdout);
  expect(report).toMatchObject({
    schema: 'rdb-inspect/stats@1',
    sources: [{ name: path, server: 'redis:7.2.4', keys: 6 }],
    keys: 6,
    bytes: 88,
    quantileError: 1 / 128,
    encodingsOf: 'file',
    types: [
      { type: 'string', keys: 4, encodings: [{ encoding: 'raw' }, { encoding: 'int' }], sizes: { value: { max: 41 } } },
      { type: 'hash', elements: 2 },
      { type: 'set' },
    ],
    largestBy: 'serialized',
  });
});

it('adds shards up, under one filter', async () => {
  const path = directory.write('shards/a.rdb', FILE);
  directory.write('shards/b.rdb', FILE);
  const { stdout } = await cli(['stats', directory.path('shards'), '-f', 'table', '-t', 'string']);
  const lines = linesOf(stdout);
  expect(lines[0]).toBe('2 files');
  expect(lines[1]).toBe('  8 keys, 8 elements, values of 110 B in the file');
  expect(stdout).toContain('keys  server       made                    used');
  const limited = JSON.parse((await cli(['stats', path, path, '--json', '-l', '6'])).stdout);
  expect(limited.sources).toMatchObject([{ keys: 6 }, { read: false }]);
});

it('reads a log as what it holds in the end', async () => {
  const path = directory.write(
    'log.aof',
    '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n10\r\n*3\r\n$5\r\nLPUSH\r\n$1\r\nl\r\n$1\r\nx\r\n',
  );
  const report = JSON.parse((await cli(['stats', path, '--json'])).stdout);
  expect(report).toMatchObject({ keys: 2, elements: 2, types: [{ type: 'list' }, { type: 'string' }] });
});

it('stops at damage, with nothing printed', async () => {
  const whole = readFileSync(fixturePath('redis-7.0/types'));
  const path = directory.write('cut.rdb', whole.subarray(0, whole.length - 100));
  const { code, stdout, stderr } = await cli(['stats', path]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('TRUNCATED');
});
