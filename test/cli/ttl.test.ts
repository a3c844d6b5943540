/** `ttl`: the life left, counted from when the dump was made. */
import { expect, it } from 'vitest';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

const MADE = 1_700_000_000;
const plain = (name: string): Uint8Array => keyRecord(0, name, str('value'));
const expiring = (name: string, seconds: number): Uint8Array =>
  keyRecord(0, name, str('value'), [0xfc, int64Le(BigInt((MADE + seconds) * 1000))]);

const FILE = rdbFile(
  'REDIS0011',
  [0xfa, str('ctime'), str(String(MADE))],
  plain('user:1'),
  plain('user:2'),
  expiring('session:1', -5),
  expiring('session:2', 30),
  expiring('session:3', 7200),
  [0xfe, 3],
  plain('config'),
);

it('prints a histogram', async () => {
  const path = directory.write('ttl.rdb', FILE);
  const { code, stdout, stderr } = await cli(['ttl', path, '-f', 'table']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout)).toEqual([
    path,
    '  6 keys, 3 without a TTL (50.0 %)',
    '  life left at 2023-11-14T22:13:20Z, when the dump was made',
    '',
    '  life left        keys   share  in the file',
    '  expired             1  16.7 %          6 B  ████████',
    '  < 1 min             1  16.7 %          6 B  ████████',
    '  < 1 hour            0     0 %          0 B',
    '  < 1 day             1  16.7 %          6 B  ████████',
    '  < 7 days            0     0 %          0 B',
    '  < 30 days           0     0 %          0 B',
    '  < 1 year            0     0 %          0 B',
    '  1 year and more     0     0 %          0 B',
    '  no TTL              3  50.0 %         18 B  ████████████████████████',
    '',
    '  db  keys  no TTL    share  expired',
    '  0      5       2   40.0 %        1',
    '  3      1       1  100.0 %        0',
    '',
    '  type    keys  no TTL   share  expired',
    '  string     6       3  50.0 %        1',
    '',
    '  never expires  keys  of the prefix  in the file',
    '  user:*            2        100.0 %         12 B',
    '  config            1        100.0 %          6 B',
    '',
    '  ! 1 key with 6 B had expired and is in the file all the same',
  ]);
});

it('prints rows where it is piped', async () => {
  const path = directory.write('ttl.rdb', FILE);
  const rows = jsonLines((await cli(['ttl', path])).stdout);
  expect(rows).toHaveLength(9);
  expect(rows[0]).toEqual({ bin: 'expired', keys: 1, bytes: 6, share: 0.166667 });
  expect(rows[8]).toEqual({ bin: 'none', keys: 3, bytes: 18, share: 0.5 });
  const csv = linesOf((await cli(['ttl', path, '-f', 'csv'])).stdout);
  expect(csv.slice(0, 2)).toEqual(['bin,keys,bytes,share', 'expired,1,6,0.166667']);
});

it('prints one object for --json', async () => {
  const path = directory.write('ttl.rdb', FILE);
  const report = JSON.parse((await cli(['ttl', path, '--json'])).stdout);
  expect(report).toMatchObject({
    schema: 'rdb-inspect/ttl@1',
    sources: [path],
    at: MADE * 1000,
    atIs: 'creation',
    createdAt: MADE * 1000,
    keys: 6,
    withoutTtl: { keys: 3, bytes: 18 },
    withoutTtlShare: 0.5,
    expired: { keys: 1, bytes: 6 },
    dbs: [
      { db: 0, keys: 5 },
      { db: 3, keys: 1 },
    ],
    types: [{ type: 'string', keys: 6 }],
  });
  expect(report.prefixesWithoutTtl[0]).toMatchObject({ prefix: 'user:*', glob: 'user:*', keysWithoutTtl: 2 });
});

it.each<[string, Record<string, unknown>]>([
  ['now', { atIs: 'given', expired: { keys: 3 } }],
  [String((MADE + 60) * 1000), { at: (MADE + 60) * 1000, expired: { keys: 2 } }],
  ['2023-11-14T22:13:20Z', { at: MADE * 1000, expired: { keys: 1 } }],
])('--at %s', async (at, wanted) => {
  const path = directory.write('ttl.rdb', FILE);
  const { stdout } = await cli(['ttl', path, '--json', '--at', at]);
  expect(JSON.parse(stdout)).toMatchObject(wanted);
});

it('says when it had to take the clock', async () => {
  const path = directory.write('bare.rdb', rdbFile('REDIS0011', plain('a')));
  const { stdout } = await cli(['ttl', path, '-f', 'table']);
  expect(stdout).toContain(', now: the dump does not say when it was made');
});

it('refuses a time that is none', async () => {
  const { code, stderr } = await cli(['ttl', 'x', '--at', 'yesterday']);
  expect(code).toBe(2);
  expect(stderr).toContain("'yesterday' is no time");
});
