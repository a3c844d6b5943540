/** `prefix`: a table for people, rows and one object for programs, all with the same numbers. */
import { describe, expect, it } from 'vitest';
import { keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

const key = (name: string, value = 'value'): Uint8Array => keyRecord(0, new TextEncoder().encode(name), str(value));

const USERS = Array.from({ length: 40 }, (_, index) => key(`user:${index}:${index % 2 ? 'profile' : 'cart'}`));
const FILE = rdbFile(
  'REDIS0011',
  USERS,
  key('config', 'x'.repeat(39)),
  key('bad\u202e:1'),
  key('世界:1'),
  keyRecord(4, 'bull:mail:meta', [len(1), str('f'), str('v')]),
  keyRecord(4, 'bull:mail:1', [len(1), str('f'), str('v')]),
);

interface Counts {
  readonly keys: number;
  readonly bytes: number;
}

interface PrefixRow extends Counts {
  readonly prefix: string;
  readonly glob: string;
  readonly ownKeys: number;
  readonly otherKeys: number;
}

interface JsonNode extends Counts {
  readonly prefix: string;
  readonly own: Counts;
  readonly other: Counts;
  readonly children: readonly JsonNode[];
}

it('prints a tree', async () => {
  const path = directory.write('users.rdb', FILE);
  const { code, stdout, stderr } = await cli(['prefix', path, '-f', 'table'], { env: { COLUMNS: '80' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines[0]).toBe(path);
  expect(lines[1]).toBe('  45 keys, 302 B of values, cut at : as learned from the first 45 keys');
  expect(lines.slice(2, 14)).toEqual([
    '',
    '  prefix                keys  in the file   share             no TTL',
    '  user:*:                 40        240 B  79.5 %  ████████  100.0 %',
    '    user:*:cart           20        120 B  39.7 %  ████      100.0 %',
    '    user:*:profile        20        120 B  39.7 %  ████      100.0 %',
    '  config                   1         40 B  13.2 %  █▍        100.0 %',
    '  bull:mail:  (BullMQ)     2         10 B   3.3 %  ▍         100.0 %',
    '    bull:mail:*            1          5 B   1.7 %  ▏         100.0 %',
    '    bull:mail:meta         1          5 B   1.7 %  ▏         100.0 %',
    '  "bad\\xe2\\x80\\xae:*"      1          6 B   2.0 %  ▎         100.0 %',
    '  世界:*                   1          6 B   2.0 %  ▎         100.0 %',
    '',
  ]);
  expect(lines[14]).toBe('  BullMQ, job queues for Node.js: 2 keys, 10 B');
  expect(stdout).not.toContain('\u202e');
});

describe('forms', () => {
  const path = fixturePath('redis-7.0/types');

  it('piped: a row per prefix, the whole first', async () => {
    const { stdout } = await cli(['prefix', path, '--min-share', '0']);
    const rows = jsonLines<PrefixRow>(stdout);
    expect(rows[0]).toMatchObject({ prefix: '', glob: '*', depth: 0, keys: 238, share: 1 });
    expect(rows.reduce((sum, { ownKeys, otherKeys }) => sum + ownKeys + otherKeys, 0)).toBe(238);
    for (const { prefix, glob, keys } of rows.filter((row) => /^[a-z]+:$/.test(row.prefix))) {
      expect(glob).toBe(`${prefix}*`);
      const named = await cli(['keys', path, '-k', glob]);
      expect(linesOf(named.stdout)).toHaveLength(keys);
    }
  });

  it('--json: one object whose tree adds up', async () => {
    const { stdout } = await cli(['prefix', path, '--json', '--depth', '2', '--min-share', '1%']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      schema: 'rdb-inspect/prefix@1',
      sources: [path],
      separators: [[':']],
      learnedFrom: 238,
      depth: 2,
      minShare: 0.01,
      by: 'bytes',
      capped: false,
      total: { keys: 238 },
    });
    const check = (node: JsonNode): void => {
      const below = [node.own, node.other, ...node.children];
      expect(below.reduce((sum, { keys }) => sum + keys, 0)).toBe(node.keys);
      expect(below.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(node.bytes);
      node.children.forEach(check);
    };
    check({ ...report.total, own: report.own, other: report.other, children: report.prefixes });
    expect(report.other.keys).toBeGreaterThan(0);
  });

  it('csv, with names that need quotes', async () => {
    const file = directory.write('quotes.rdb', rdbFile('REDIS0011', key('a"b,c:1')));
    const { stdout } = await cli(['prefix', file, '-f', 'csv', '--sep', ':']);
    const [head, , first] = linesOf(stdout);
    expect(head).toBe(
      'prefix,glob,ids,depth,keys,bytes,keysWithoutTtl,share,ownKeys,ownBytes,otherKeys,otherBytes,missedKeys,layout',
    );
    expect(first).toBe('"a""b,c:","a""b,c:*",,1,1,6,1,1,0,0,0,0,0,');
  });
});

it('takes separators as they are given, several of them and with escapes', async () => {
  const file = directory.write('seps.rdb', rdbFile('REDIS0011', key('a|b.c'), key('a\tb')));
  const { stdout } = await cli(['prefix', file, '--sep', '|', '--sep', '.', '--sep', '"\\t"']);
  expect(jsonLines<PrefixRow>(stdout).map(({ prefix, keys }) => [prefix, keys])).toEqual([
    ['', 2],
    ['a\t', 1],
    ['a\tb', 1],
    ['a|', 1],
    ['a|b.', 1],
    ['a|b.c', 1],
  ]);
});

it('adds up shards and heeds filters', async () => {
  const one = directory.write('shards/1.rdb', rdbFile('REDIS0011', key('user:1'), key('cart:1')));
  const two = directory.write('shards/2.rdb', rdbFile('REDIS0011', key('user:2')));
  const both = await cli(['prefix', one, two, '-k', 'user:*', '--json']);
  expect(JSON.parse(both.stdout)).toMatchObject({ sources: [one, two], total: { keys: 2 } });
  const folder = await cli(['prefix', directory.path('shards'), '--json']);
  expect(JSON.parse(folder.stdout)).toMatchObject({ total: { keys: 3 } });
});

it('reads a log', async () => {
  const log = directory.write('a.aof', '*3\r\n$3\r\nSET\r\n$6\r\nuser:1\r\n$1\r\nv\r\n');
  const { stdout } = await cli(['prefix', log, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ total: { keys: 1 } });
});

it.each<[string, string[], string]>([
  ['an empty separator', ['--sep', ''], 'a separator has at least one character'],
  ['a long separator', ['--sep', 'x'.repeat(33)], 'a separator has at most 32 bytes'],
  ['no depth', ['--depth', '0'], 'a depth from 1 to 32 is possible'],
  ['no share', ['--min-share', '2'], "'2' is no share"],
  ['another format', ['-f', 'xml'], 'Allowed choices are table, ndjson, json, csv'],
])('refuses %s', async (_, args, message) => {
  const { code, stdout, stderr } = await cli(['prefix', 'x', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it('says where a dump is broken, and prints nothing', async () => {
  const file = directory.write('cut.rdb', FILE.subarray(0, FILE.length - 30));
  const { code, stdout, stderr } = await cli(['prefix', file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('TRUNCATED');
});

it('counts memory where it is asked to, and whoever names a server asks', async () => {
  const { stdout } = await cli(['memory', fixturePath('redis-7.0/types'), '--json', '--server', 'redis:7.0']);
  const memory = (JSON.parse(stdout) as { keys: { memory: number }[] }).keys.reduce((sum, key) => sum + key.memory, 0);
  for (const wanted of [['--memory'], ['--server', 'redis:7.0']]) {
    const report = JSON.parse((await cli(['prefix', fixturePath('redis-7.0/types'), '--json', ...wanted])).stdout);
    expect(report).toMatchObject({ by: 'memory', total: { memory } });
  }
});
