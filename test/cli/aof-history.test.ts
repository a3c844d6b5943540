/** `aof stats`, `aof find` and `aof history`, as people run them. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { joined, logged, text } from '../support/aof-files.js';
import { FIXTURES } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();

const LOG = joined(
  logged('SELECT', '0'),
  text('#TS:1700000000\r\n'),
  logged('SET', 'draft', 'two words'),
  logged('RENAME', 'draft', 'page:1'),
  text('#TS:1700000100\r\n'),
  logged('PEXPIREAT', 'page:1', '4102444800000'),
  logged('SET', 'page:2', 'x'.repeat(500)),
  logged('MULTI'),
  logged('DEL', 'page:1'),
  logged('EXEC'),
);

describe('aof history', () => {
  const TOLD = [
    'with draft of db 0 until log.aof:78',
    'log.aof:39 2023-11-14T22:13:20Z [0] draft set: SET draft "two words"',
    'log.aof:78 2023-11-14T22:13:20Z [0] renamed from draft: RENAME draft page:1',
    expect.stringMatching(
      /^log.aof:\d+ 2023-11-14T22:15:00Z \[0\] expires 2100-01-01T00:00:00Z: PEXPIREAT page:1 4102444800000$/,
    ),
    expect.stringMatching(/^log.aof:\d+ 2023-11-14T22:15:00Z \[0\] deleted: DEL page:1$/),
  ];

  it('tells what happened to a key', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'history', files.write('log.aof', LOG), 'page:1']);
    expect(linesOf(stdout)).toEqual(TOLD);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^rdb-inspect: a DEL or UNLINK may come from a client, from expiry or from eviction/);
  });

  it('of a log that can be read only once, or is compressed', async () => {
    const piped = await cli(['aof', 'history', '-', 'page:1', '-q'], { input: LOG });
    expect(piped.stderr).toBe('');
    expect(linesOf(piped.stdout)).toEqual([
      'with draft of db 0 until standard input:78',
      'standard input:39 2023-11-14T22:13:20Z [0] draft set: SET draft "two words"',
      expect.anything(),
      expect.anything(),
      expect.anything(),
    ]);
    const zipped = await cli(['aof', 'history', files.write('log.aof.gz', gzipSync(LOG)), 'page:1']);
    expect(linesOf(zipped.stdout)).toHaveLength(5);
  });

  it('as NDJSON', async () => {
    const { stdout } = await cli(['aof', 'history', files.write('log.aof', LOG), 'page:1', '--json']);
    const name = files.path('log.aof');
    expect(jsonLines(stdout)).toMatchObject([
      { kind: 'followed', db: 0, key: 'draft', to: { file: name, offset: 78 } },
      { kind: 'command', offset: 39, ts: 1700000000, command: ['SET', 'draft', 'two words'] },
      {
        command: ['RENAME', 'draft', 'page:1'],
        effects: [
          { key: 'draft', effect: 'renamed-to', others: [{ db: 0, key: 'page:1' }] },
          { key: 'page:1', effect: 'renamed-from', others: [{ db: 0, key: 'draft' }] },
        ],
      },
      { effects: [{ db: 0, key: 'page:1', effect: 'expiry-changed', expireAt: 4102444800000 }] },
      { multi: true, effects: [{ effect: 'deleted' }] },
    ]);
  });

  it('says that the base holds a key, and in which file', async () => {
    const directory = path.join(FIXTURES, 'redis-7.0', 'aof-preamble', 'appendonlydir');
    const base = fs.readdirSync(directory).find((name) => name.endsWith('.base.rdb'))!;
    const keys = await cli(['keys', path.join(directory, base), '--json', '-t', 'hash', '-l', '1']);
    const [{ key, db }] = jsonLines<{ key: string; db: number }>(keys.stdout) as [{ key: string; db: number }];
    const { stdout } = await cli(['aof', 'history', directory, key, '-n', String(db)]);
    expect(linesOf(stdout)[0]).toMatch(/^appendonly\.aof\.\d+\.base\.rdb:\d+ \[\d+\] in the base, type hash, /);
  });

  it.each([
    [['nope'], 1, /nothing in the log names nope/],
    [['page:1', '-n', '7'], 1, /nothing in the log names page:1/],
    [['page:1', '-n', '0,1'], 2, /one database at a time/],
    [['page:1', '--follow', 'some'], 2, /Allowed choices/],
  ])('%j: exit code %i', async (args, code, message) => {
    const result = await cli(['aof', 'history', files.write('log.aof', LOG), ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
  });

  it('marks what never happened, and says why', async () => {
    const open = files.write('open.aof', joined(LOG, logged('MULTI'), logged('SET', 'page:1', 'y')));
    const { code, stdout, stderr } = await cli(['aof', 'history', open, 'page:1', '--follow', 'none', '-l', '9']);
    expect(linesOf(stdout).at(-1)).toMatch(/set \(never happened: its transaction has no end\): SET page:1 y$/);
    expect([code, stderr.includes('OPEN_TRANSACTION')]).toEqual([1, true]);
  });
});

describe('aof find', () => {
  it('prints where a text stands', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'find', files.write('log.aof', LOG), 'TWO', '-i']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('log.aof:39 2023-11-14T22:13:20Z [0] SET draft "two words"\n');
  });

  it('cuts long arguments', async () => {
    const { stdout } = await cli(['aof', 'find', files.write('log.aof', LOG), '-k', 'page:2']);
    expect(stdout).toMatch(/ SET page:2 x{120}…\(500 bytes\)\n$/);
  });

  it('as NDJSON, and as a count', async () => {
    const log = files.write('log.aof', LOG);
    const json = await cli(['aof', 'find', log, '--argument', 'page:?', '--json', '-c', 'del,rename']);
    expect(jsonLines(json.stdout)).toMatchObject([
      { file: log, offset: 78, db: 0, ts: 1700000000, command: ['RENAME', 'draft', 'page:1'], found: [2] },
      { multi: true, command: ['DEL', 'page:1'], found: [1] },
    ]);
    expect((await cli(['aof', 'find', log, 'page:', '--count'])).stdout).toBe('4\n');
    expect((await cli(['aof', 'find', log, 'page:', '--count', '--json'])).stdout).toBe('{"count":4}\n');
  });

  it.each([
    [['absent'], 1, /^$/],
    [[], 2, /nothing to look for/],
    [[''], 2, /an empty text/],
    [['"x'], 2, /no quoted string/],
  ])('%j: exit code %i', async (args, code, message) => {
    const result = await cli(['aof', 'find', files.write('log.aof', LOG), ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
  });
});

describe('aof stats', () => {
  it('prints tables', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'stats', files.write('log.aof', LOG)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/commands +8, /);
    expect(stdout).toMatch(/transactions +1 with 1 command, 1 in the largest/);
    expect(stdout).toMatch(/time +2023-11-14T22:13:20Z to 2023-11-14T22:15:00Z/);
    expect(stdout).toMatch(/keys +3 different ones/);
    expect(stdout).toMatch(/^ {2}SET +2 +\d+ B +[\d.]+ %$/m);
    expect(stdout).toMatch(/^ {2}page: +4 /m);
    expect(stdout).toMatch(/^ {2}page:1 +3 /m);
    expect(stdout).toMatch(/^ {2}2023-11-14T22:15:00Z +5 .*█/m);
  });

  it('as one JSON object', async () => {
    const log = files.write('log.aof', LOG);
    const { stdout } = await cli(['aof', 'stats', log, '--json', '-l', '2', '--depth', '9']);
    const stats = JSON.parse(stdout) as Record<string, unknown>;
    expect(stats).toMatchObject({
      schema: 'rdb-inspect/aof-stats@1',
      source: log,
      commands: 8,
      annotations: 2,
      transactions: { count: 1, commands: 1, largestCommands: 1 },
      dbs: [{ db: 0, commands: 5 }],
      distinctKeys: 3,
      hotKeys: [
        { db: 0, key: 'page:1', commands: 3 },
        { db: 0, key: 'draft', commands: 2 },
      ],
      prefixes: [
        { prefix: 'page:', commands: 4 },
        { prefix: '', commands: 2 },
      ],
      largest: [{ name: 'SET', key: 'page:2', file: log }, { name: 'PEXPIREAT' }],
      timeline: { width: 1, first: 1700000000, last: 1700000100, untimed: { commands: 1 } },
      error: null,
    });
  });

  it('counts up to the damage, and says where it is', async () => {
    const broken = files.write('broken.aof', joined(LOG, text('oops')));
    const { code, stdout, stderr } = await cli(['aof', 'stats', broken, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ commands: 8, error: { code: 'BAD_COMMAND', offset: LOG.length } });
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'BAD_COMMAND', source: broken } });
  });

  it.each([
    [['--sep', ''], /at least one character/],
    [['--depth', '0'], /at least one part/],
  ])('%j is usage', async (args, message) => {
    const result = await cli(['aof', 'stats', files.write('log.aof', LOG), ...args]);
    expect([result.code, message.test(result.stderr)]).toEqual([2, true]);
  });

  it('of nothing', async () => {
    const { code, stdout } = await cli(['aof', 'stats', files.write('empty.aof', new Uint8Array(0))]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/commands +0, 0 B/);
  });
});
