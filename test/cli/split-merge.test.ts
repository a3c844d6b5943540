/** `split` and `merge`: files in a directory that appear whole or not at all, and back into one. */
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf, int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');
const string = (key: string, value = 'v'): Uint8Array => keyRecord(0, key, str(value));
const keysIn = async (file: string): Promise<string[]> => linesOf((await cli(['keys', file])).stdout).sort();
let made = 0;
const fresh = (): string => directory.path(`out-${made++}`);

describe('split', () => {
  it.each([
    [['--by', 'slot:3'], 3],
    [['--by', 'prefix'], undefined],
    [['--by', 'db'], 7],
    [['--by', '4'], 4],
  ])('%j, and merge: the same keys and values', async (rule, count) => {
    const out = fresh();
    const { code, stdout } = await cli(['split', types, '-o', out, ...rule, '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { files: { name: string; keys: number; bytes: number }[] };
    expect(report).toMatchObject({ schema: 'rdb-inspect/split@1', source: types, directory: out, keys: 238 });
    if (count !== undefined) expect(report.files).toHaveLength(count);
    expect(fs.readdirSync(out).sort()).toEqual(report.files.map(({ name }) => name).sort());
    for (const { name, bytes } of report.files) expect(fs.statSync(`${out}/${name}`).size).toBe(bytes);
    expect((await cli(['check', '--deep', '-q', out])).code).toBe(0);
    const merged = `${out}.rdb`;
    expect((await cli(['merge', out, '-o', merged])).code).toBe(0);
    expect(await cli(['diff', types, merged])).toMatchObject({ code: 0 });
  });

  it('says what it has written', async () => {
    const file = directory.write('two.rdb', rdbFile('REDIS0011', string('a:1'), string('b:1'), string('a:2')));
    const out = fresh();
    expect(await cli(['split', file, '-o', out, '--by', 'prefix'])).toMatchObject({
      code: 0,
      stdout: `${out}: 3 keys in 2 files\n  file          keys  size\n  prefix-a.rdb     2  34 B\n  prefix-b.rdb     1  27 B\n`,
    });
  });

  it('by the owners of slots', async () => {
    const nodes = directory.write('nodes.txt', 'left 0-8191\nright 8192-16383\n');
    const out = fresh();
    expect((await cli(['split', types, '-o', out, '--by', 'slot', '--nodes', nodes, '-q'])).stdout).toBe('');
    expect(fs.readdirSync(out).sort()).toEqual(['left.rdb', 'right.rdb']);
    expect(await keysIn(`${out}/left.rdb`)).toEqual(
      linesOf((await cli(['keys', types, '--slot', '0-8191'])).stdout).sort(),
    );
  });

  it('only keys that a filter lets through; piped and compressed input', async () => {
    const out = fresh();
    const input = gzipSync(fs.readFileSync(types));
    expect((await cli(['split', '-', '-o', out, '--by', '2', '-t', 'list'], { input })).code).toBe(0);
    expect((await keysIn(out)).length).toBe(19);
  });

  it('commands in the dump are told, and reported', async () => {
    const file = directory.write(
      'commands.rdb',
      rdbFile('VALKEY081', string('a'), bytesOf(0xf2, '*1\r\n$4\r\nPING\r\n')),
    );
    const out = fresh();
    const report = directory.path('split-losses.json');
    const args = ['split', file, '-o', out, '--by', 'db', '--report', report];
    const refused = await cli(args);
    expect(refused).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('hint: --on-unsupported drop'),
    });
    expect(fs.existsSync(out)).toBe(false);
    expect(JSON.parse(fs.readFileSync(report, 'utf8'))).toMatchObject({
      losses: [{ what: 'command', policy: 'error' }],
    });
    const { code, stdout, stderr } = await cli([...args, '--on-unsupported', 'drop']);
    expect({ code, stdout }).toMatchObject({ code: 4, stdout: expect.stringContaining('1 key in 1 file') });
    expect(stderr).toMatch(/commands inside the dump +1 +1/);
    const json = await cli(['split', file, '-o', fresh(), '--by', 'db', '--on-unsupported', 'drop', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ lost: [{ what: 'command', count: 1 }], losses: [{ db: 0 }] });
  });

  it('leaves nothing behind where the source is broken', async () => {
    const bad = directory.write('bad.rdb', bytesOf('REDIS0011', string('a:1'), 0x2a));
    const out = fresh();
    const { code, stdout, stderr } = await cli(['split', bad, '-o', out, '--by', 'db']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(bad);
    expect(fs.existsSync(out)).toBe(false);
  });

  it.each<[string, string[], string]>([
    ['no directory', ['--by', 'db'], 'split writes several files: -o DIR is wanted'],
    ['no rule', ['-o', 'out'], "required option '--by <rule>' not specified"],
    ['an unknown rule', ['-o', 'out', '--by', 'size'], '--by size: slot, slot:N, prefix, db or N are possible'],
    ['too many files', ['-o', 'out', '--by', '257'], 'with N from 1 to 256'],
    ['slots of unknown owners', ['-o', 'out', '--by', 'slot'], '--nodes nodes.conf, or --by slot:3'],
    ['owners without slots', ['-o', 'out', '--by', 'db', '--nodes', 'x'], 'it belongs to --by slot'],
    ['a separator of nothing', ['-o', 'out', '--by', 'db', '--sep', ':'], 'it belongs to --by prefix'],
  ])('usage: %s', async (_, args, message) => {
    const { code, stderr } = await cli(['split', types, ...args], { cwd: directory.path('.') });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(fs.existsSync(directory.path('out'))).toBe(false);
  });

  it('a directory that is not empty, a file, a list of owners that is none', async () => {
    const full = directory.write('full/old.rdb', 'x').replace('/old.rdb', '');
    expect(await cli(['split', types, '-o', full, '--by', 'db'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${full} is not empty`),
    });
    expect(await cli(['split', types, '-o', `${full}/old.rdb`, '--by', 'db'])).toMatchObject({ code: 2 });
    const nodes = directory.write('bad-nodes.txt', 'a 0-99999');
    expect(await cli(['split', types, '-o', fresh(), '--by', 'slot', '--nodes', nodes])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${nodes}: line 1: 0-99999 is no range of slots`),
    });
  });
});

describe('merge', () => {
  const write = (name: string, ...records: Uint8Array[]): string =>
    directory.write(name, rdbFile('REDIS0011', ...records));

  it('stops at conflicts, and says where they are', async () => {
    const [a, b] = [write('a.rdb', string('k', '1'), string('x')), write('b.rdb', string('k', '2'))];
    const out = `${fresh()}.rdb`;
    const { code, stdout, stderr } = await cli(['merge', a, b, '-o', out]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `rdb-inspect: db 0 k: in ${a} and in ${b}\n` +
        'rdb-inspect: 1 key stands in more than one place: db 0 key "k"\n' +
        'hint: --on-conflict first or last keeps one of each, in the order of the files\n',
    );
    expect(fs.existsSync(out)).toBe(false);
    for (const [policy, value] of [
      ['first', '1'],
      ['last', '2'],
    ] as const) {
      const { code: done, stderr: said } = await cli(['merge', a, b, '-o', out, '--on-conflict', policy]);
      expect(done).toBe(0);
      expect(said).toContain('2 keys in 30 B, RDB version 11 (REDIS), 1 left out for another of the same name');
      expect((await cli(['get', out, 'k'])).stdout).toBe(value);
    }
  });

  it('writes to a pipe, and reports as JSON', async () => {
    const [a, b] = [write('a2.rdb', string('a')), write('b2.rdb', string('b'))];
    const { bytes, stderr } = await cli(['merge', a, b, '--json']);
    expect(JSON.parse(stderr)).toEqual({
      schema: 'rdb-inspect/merge@1',
      magic: 'REDIS',
      version: 11,
      keys: 2,
      bytes: bytes.length,
      conflicts: 0,
      recordConflicts: [],
      lost: [],
      losses: [],
      omitted: {},
      needs: { modules: [], databases: 1 },
      sources: [
        { source: a, keys: 1, kept: 1 },
        { source: b, keys: 1, kept: 1 },
      ],
    });
    expect(linesOf((await cli(['keys', '-'], { input: bytes })).stdout)).toEqual(['a', 'b']);
  });

  it('databases under other numbers, inputs that are piped', async () => {
    const [a, b] = [rdbFile('REDIS0011', string('a')), write('b3.rdb', bytesOf([0xfe, 1], string('b')))];
    const out = `${fresh()}.rdb`;
    expect((await cli(['merge', '-', b, '-o', out, '--db-map', '1:5', '-q'], { input: a })).stderr).toBe('');
    expect((await cli(['keys', out, '--json'])).stdout).toContain('{"db":5,"key":"b"');
  });

  it('for a server, with some of the keys, other expiries, and a report', async () => {
    const hfe = fixturePath('valkey-9.1/hfe');
    const a = write('a4.rdb', string('a:1'), string('b:1'));
    const out = `${fresh()}.rdb`;
    const report = directory.path('merge-losses.json');
    const args = ['merge', a, hfe, '-o', out, '--target', 'redis:7.0', '--report', report];
    const refused = await cli(args);
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('redis:7.0 does not hold everything: expiries'),
    });
    expect([fs.existsSync(out), fs.existsSync(report)]).toEqual([false, true]);
    const { code, stderr } = await cli([...args, '--on-unsupported', 'convert', '-K', 'b:*']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/RDB version 10 \(REDIS\)[\s\S]*expiries of hash fields/);
    const { lost, losses } = JSON.parse(fs.readFileSync(report, 'utf8')) as {
      lost: { count: number }[];
      losses: object[];
    };
    expect(losses).toHaveLength(lost[0]!.count);
    expect(await keysIn(out)).toContain('a:1');
    expect(await keysIn(out)).not.toContain('b:1');
    expect((await cli(['check', '--deep', '-q', out])).code).toBe(0);
  });

  it('takes keys that had expired out before it looks for conflicts', async () => {
    const timed = (name: string, value: string, at: bigint): string =>
      write(name, bytesOf(0xfc, int64Le(at), string('k', value)));
    const files = [timed('old.rdb', '1', 5n), timed('new.rdb', '2', 4_102_444_800_000n)];
    const out = `${fresh()}.rdb`;
    expect((await cli(['merge', ...files, '-o', out])).code).toBe(1);
    expect((await cli(['merge', ...files, '-o', out, '--skip-expired', '--set-ttl', 'strip'])).code).toBe(0);
    expect((await cli(['keys', out, '--json'])).stdout).toMatch(
      /"key":"k".*"expireAt(Ms)?":null|"key":"k"(?!.*expire)/,
    );
    expect((await cli(['get', out, 'k'])).stdout).toBe('2');
  });

  it('both dialects do not mix; one dump is not enough; the output is no input', async () => {
    const redis = write('c.rdb');
    const valkey = directory.write('valkey.rdb', rdbFile('VALKEY080'));
    expect(await cli(['merge', redis, valkey, '-o', fresh()])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`${valkey}: cannot encode, because it is in the format of Valkey 9`),
    });
    expect(await cli(['merge', redis, '-o', fresh()])).toMatchObject({ code: 2 });
    expect(await cli(['merge', redis, redis, '-o', redis])).toMatchObject({ code: 2 });
    const bad = directory.write('bad2.rdb', bytesOf('REDIS0011', 0x2a));
    expect(await cli(['merge', redis, bad, '-o', fresh()])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(bad),
    });
  });
});
