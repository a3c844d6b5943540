/** `aof info`, and `info` and `check` of a log, as people run them. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { joined, logged, text } from '../support/aof-files.js';
import { FIXTURES, fixturePath, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();
const F = 'appendonly.aof';
const LOG = joined(
  text('#TS:1700000000\r\n'),
  logged('SELECT', '3'),
  logged('SET', 'k', 'v'),
  text('#TS:1700000100\r\n'),
);
const SERVER = path.join(FIXTURES, 'redis-7.0/aof-rewritten');

/** A minute old, so that nobody seems to be writing to it. */
function old(place: string): string {
  const minuteAgo = Date.now() / 1000 - 60;
  fs.utimesSync(place, minuteAgo, minuteAgo);
  return place;
}

describe('aof info', () => {
  it('has a line per file and per database', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'info', files.write('a.aof', LOG)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout).slice(1)).toEqual([
      '  format       a single file',
      '  size         82 B',
      '  commands     2 commands',
      '  times        2023-11-14T22:13:20Z to 2023-11-14T22:15:00Z',
      '',
      '  file   role    seq  form  size  commands  first #TS             last #TS',
      '  a.aof  single       resp  82 B         2  2023-11-14T22:13:20Z  2023-11-14T22:15:00Z',
      '',
      '  db  keys in the dump  commands',
      '   3                 0         1',
    ]);
  });

  it('describes a directory, and what lies beside it', async () => {
    const { code, stdout } = await cli(['aof', 'info', SERVER]);
    expect(code).toBe(0);
    expect(stdout).toContain('  format       append-only directory (Redis 7.0 and later, Valkey)\n');
    expect(stdout).toMatch(/ {2}appendonly\.aof\.2\.base\.aof {2}base {4}2 {2}resp {2}316 KB {5}1,745 /);
    expect(stdout).toMatch(/! .*dump\.rdb \(83 KB\) lies beside the log; with appendonly yes servers ignore it/);
  });

  it('has the members of aof-info@1', async () => {
    const files7 = path.join(SERVER, 'appendonlydir');
    const [info] = jsonLines((await cli(['aof', 'info', '--json', SERVER])).stdout);
    expect(info).toMatchObject({
      schema: 'rdb-inspect/aof-info@1',
      format: 'aof',
      situation: 'multi-part',
      directory: files7,
      fileName: F,
      manifest: path.join(files7, `${F}.manifest`),
      files: [
        { role: 'base', seq: 2, form: 'resp', commands: 1745, firstTime: '2026-11-22T08:05:58Z' },
        { role: 'incr', seq: 2, form: 'resp', commands: 254, transactions: 5, firstTime: null },
      ],
      missing: [],
      leftovers: [],
      unlisted: [],
      commands: 1999,
    });
  });

  it('tells of leftovers, strangers, the upgrade, and escapes their names', async () => {
    files.write(`d/${F}`, LOG);
    files.write(`d/appendonlydir/temp-${F}.manifest`, '');
    files.write('d/appendonlydir/odd\x1b[31m', 'x');
    files.write('d/temp-rewriteaof-bg-12.aof', LOG);
    files.write(`d/appendonlydir/${F}.1.incr.aof`, LOG);
    const { stdout } = await cli(['aof', 'info', files.path('d')]);
    expect(stdout).toContain('the next start of a newer one moves it into the directory, as base 1');
    expect(stdout).toMatch(/temp-appendonly\.aof\.manifest \(0 B\) is left over: a manifest that was not finished/);
    expect(stdout).toMatch(/temp-rewriteaof-bg-12\.aof \(82 B\) is left over: a rewrite that was not finished/);
    expect(stdout).toMatch(/odd\\x1b\[31m" \(1 B\) is not in the manifest; servers ignore it/);
    expect(stdout).toMatch(/1\.incr\.aof \(82 B\) is not in the manifest, but the next start appends to it/);
  });

  it('reads what else can be a log', async () => {
    const dump = (await cli(['aof', 'info', fixturePath('redis-7.0/types')])).stdout;
    expect(dump).toContain('238 keys in the dump that it begins with');
    expect((await cli(['aof', 'info', '-'], { input: LOG })).stdout).toContain('standard input');
    const empty = await cli(['aof', 'info', files.write('empty.aof', '')]);
    expect(empty).toMatchObject({ code: 0, stderr: '' });
    expect(empty.stdout).toContain('  empty.aof  single       empty   0 B');
  });

  it.each<[string, Uint8Array, number, string]>([
    ['a cut', LOG.subarray(0, 60), 1, 'TRUNCATED'],
    ['an open transaction', joined(LOG, logged('MULTI')), 1, 'OPEN_TRANSACTION'],
    ['damage', joined(LOG, text('junk')), 1, 'BAD_COMMAND'],
  ])('describes %s, and says so', async (_, bytes, expected, found) => {
    const { code, stdout, stderr } = await cli(['aof', 'info', old(files.write('bad.aof', bytes))]);
    expect(code).toBe(expected);
    expect(stdout).toMatch(new RegExp(`! bad\\.aof: .*\\(${found} at offset \\d+\\)`));
    expect(stderr).toContain(found);
  });

  it('says that a file is being written', async () => {
    const { code, stdout } = await cli(['aof', 'info', files.write('now.aof', LOG.subarray(0, 60))]);
    expect(code).toBe(0);
    expect(stdout).toContain('! now.aof is still being written');
  });

  it('goes on with others where one cannot be read', async () => {
    files.write(`broken/${F}.manifest`, '');
    const good = files.write('a.aof', LOG);
    const { code, stdout, stderr } = await cli(['aof', 'info', '--json', files.path('broken'), '/nowhere', good]);
    expect(code).toBe(3);
    expect(jsonLines(stdout)).toHaveLength(1);
    expect(stderr).toContain('BAD_MANIFEST');
    expect(stderr).toContain('ENOENT');
    files.write(`gap/${F}.manifest`, 'file b seq 1 type b\n');
    const gap = await cli(['aof', 'info', files.path('gap')]);
    expect(gap.code).toBe(1);
    expect(gap.stdout).toMatch(/! b: .*not there \(MISSING_FILE\)/);
  });
});

describe('info and check of a log', () => {
  it('are those of aof', async () => {
    const log = files.write('a.aof', LOG);
    for (const command of ['info', 'check'])
      for (const place of [log, SERVER, path.join(SERVER, 'appendonlydir')])
        expect((await cli([command, place])).stdout).toBe((await cli(['aof', command, place])).stdout);
    for (const command of ['info', 'check'])
      expect(await cli([command, '-'], { input: LOG })).toMatchObject({ code: 0, stderr: '' });
  });

  it('take no filters', async () => {
    const { code, stderr } = await cli(['info', files.write('a.aof', LOG), '-k', 'x*']);
    expect(code).toBe(2);
    expect(stderr).toContain('filters are for dumps');
  });

  it('check the commands behind a dump, too', async () => {
    const dump = readFixture('redis-7.0/types');
    const good = await cli(['check', files.write('tail.aof', joined(dump, LOG))]);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain('is valid');
    const bad = await cli(['check', old(files.write('bad.aof', joined(dump, LOG, text('*1\r\n$9\r\nPI'))))]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('TRUNCATED');
  });

  it('do not overwrite what they read', async () => {
    const manifest = files.write(`m/${F}.manifest`, '# none\n');
    for (const args of [
      ['info', files.path('m')],
      ['aof', 'info', files.path('m')],
    ]) {
      const { code, stderr } = await cli([...args, '-o', manifest]);
      expect(code).toBe(2);
      expect(stderr).toContain('never overwritten');
    }
  });
});
