/** `compat`: what stands in the way, as a table and as JSON, and the exit code that scripts look at. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { ascii } from '../support/packed.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

describe('exit codes', () => {
  it.each<[string, string, string, number]>([
    ['loads as it is', 'redis-7.0/lists', 'redis:7.0', 0],
    ['loads into newer servers', 'redis-2.4/types', 'redis:8.6', 0],
    ['must be converted, without loss', 'redis-7.0/lists', 'redis:6.2', 1],
    ['must be converted, with loss', 'redis-8.6/hfe', 'redis:7.2', 4],
    ['has keys that no conversion keeps', 'redis-5.0/streams', 'redis:4.0', 4],
    ['has another magic', 'valkey-9.1/lists', 'valkey:8.1', 1],
  ])('%s', async (_, name, target, expected) => {
    const { code, stderr } = await cli(['compat', fixturePath(name), '--target', target]);
    expect([code, stderr]).toEqual([expected, '']);
  });
});

it('prints a table', async () => {
  const file = directory.write(
    'new.rdb',
    rdbFile(
      'REDIS0012',
      [0xf4, 1, 2, 0],
      keyRecord(20, 'set', str(encodeListpack([ascii('1')]))),
      keyRecord(0, 'plain', str('v')),
    ),
  );
  const { code, stdout } = await cli(['compat', file, '--target', 'redis:7.0']);
  expect(code).toBe(1);
  expect(linesOf(stdout)).toEqual([
    `${file} for redis:7.0`,
    '  does not load             count  a conversion                        examples',
    '  version 12 (REDIS)               writes another header',
    '  SLOT_INFO records (0xf4)      1  leaves them out, nothing is missed',
    '  type 20 SET_LISTPACK          1  writes another form                 set',
    'redis:7.0 does not load it as it is; after rdb-inspect convert --target redis:7.0 it does, without loss',
  ]);
});

it('prints JSON', async () => {
  const { code, stdout } = await cli(['compat', fixturePath('redis-8.6/hfe'), '--target', 'redis:7.2', '--json']);
  expect(code).toBe(4);
  expect(jsonLines(stdout)).toMatchObject([
    {
      schema: 'rdb-inspect/compat@1',
      source: fixturePath('redis-8.6/hfe'),
      magic: 'REDIS',
      version: 13,
      target: 'redis:7.2',
      loads: false,
      convertible: 'loss',
      lost: [{ what: 'field-expiry', scope: 'part', dropped: 0, examples: [{ db: 0 }, { db: 0 }, { db: 0 }] }],
      needs: { modules: [], databases: 1 },
    },
  ]);
});

it('says what loads, and what the server needs for it', async () => {
  const { code, stdout } = await cli(['compat', fixturePath('redis-7.0/types'), '--target', 'redis:7.2.4']);
  expect(code).toBe(0);
  expect(linesOf(stdout).slice(1)).toEqual([
    '  the server needs databases 200 in its configuration',
    'redis:7.2 loads it as it is',
  ]);
});

it('looks at the keys that a filter lets through', async () => {
  const args = ['compat', fixturePath('redis-8.6/hfe'), '--target', 'redis:7.2', '--json'];
  const [json] = jsonLines((await cli([...args, '-T', 'hash'])).stdout);
  expect(json).toMatchObject({ loads: false, convertible: 'lossless', lost: [] });
});

it('escapes keys', async () => {
  const file = directory.write('odd.rdb', rdbFile('REDIS0011', keyRecord(18, '\x1b[31m', [len(1), len(1), str('x')])));
  const { stdout } = await cli(['compat', file, '--target', 'redis:6.2']);
  expect(stdout).toContain('"\\x1b[31m"');
});

it('wants a target, and one dump', async () => {
  expect((await cli(['compat', fixturePath('redis-7.0/types')])).code).toBe(2);
  expect((await cli(['compat', directory.path('nothing.rdb'), '--target', 'redis:7.0'])).code).toBe(3);
});
