/** `convert` as a person uses it: files that appear whole or not at all, losses on standard error, exit codes. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readRdbSync } from '../../src/rdb/read.js';
import { keysOf } from '../support/converting.js';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');
const newer = fixturePath('redis-8.6/types');
let made = 0;
const fresh = (): string => directory.path(`out-${made++}.rdb`);
const namesIn = (file: string): string[] =>
  keysOf([...readRdbSync(file)]).map(({ db, key }) => `${db}:${Buffer.from(key).toString()}`);

/** Three keys: one that expires, one in database 3, one list. */
const small = rdbFile(
  'REDIS0011',
  [0xfa, str('ctime'), str('1000')],
  [0xfe, 0, keyRecord(0, 'a', str('v'), [0xfc, int64Le(5_000_000n)]), keyRecord(1, 'l', [len(1), str('x')])],
  [0xfe, 3, keyRecord(0, 'c', str('v'))],
);

describe('a file that needs nothing', () => {
  it('is copied, and one line says so', async () => {
    const out = fresh();
    const { code, stdout, stderr } = await cli(['convert', types, '-o', out]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(linesOf(stderr)).toEqual([
      `rdb-inspect: ${types}: 238 of 238 keys for redis:7.0, 0 of them in another form`,
      '  the server needs databases 200 in its configuration',
    ]);
    expect(fs.readFileSync(out).equals(readFixture('redis-7.0/types'))).toBe(true);
  });

  it('comes from a pipe and goes into one', async () => {
    const input = readFixture('redis-7.0/types');
    const { code, bytes, stderr } = await cli(['convert', '-', '-q'], { input });
    expect([code, stderr]).toEqual([0, '']);
    expect(bytes.equals(input)).toBe(true);
  });

  it('is compressed where the name says so', async () => {
    const out = directory.path('out.rdb.gz');
    expect((await cli(['convert', types, '-o', out, '-q'])).code).toBe(0);
    expect(gunzipSync(fs.readFileSync(out)).equals(readFixture('redis-7.0/types'))).toBe(true);
  });
});

describe('a file with more than the target has', () => {
  it('is not written, and the error counts what is in the way', async () => {
    const out = fresh();
    const { code, stdout, stderr } = await cli(['convert', newer, '--target', 'redis:7.0', '-o', out]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`${newer}: cannot encode, because redis:7.0 does not hold everything: `);
    expect(stderr).toContain('expiries of hash fields: 10 (the first: db 0, key "hfe:sametime"');
    expect(stderr).toContain('hint: choose --on-unsupported convert');
    expect(fs.existsSync(out)).toBe(false);
    expect(fs.readdirSync(directory.path('.')).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('is written in part where that is allowed, and exits with 4', async () => {
    const out = fresh();
    const args = ['convert', newer, '--target', 'redis:7.0', '-o', out, '--on-unsupported', 'convert'];
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/250 of 250 keys for redis:7\.0, 38 of them in another form\n/);
    expect(stderr).toMatch(
      /^ {2}lost +count {2}dropped {2}first\n {2}expiries of hash fields +10 +0 {2}hfe:sametime: /m,
    );
    expect((await cli(['compat', out, '--target', 'redis:7.0', '-q'])).code).toBe(0);
    expect((await cli(['check', '--deep', '-q', out])).code).toBe(0);
  });

  it('loses whole keys under drop', async () => {
    const out = fresh();
    const { code, stderr } = await cli([
      'convert',
      newer,
      '--target',
      'redis:7.0',
      '-o',
      out,
      '--on-unsupported',
      'drop',
    ]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/237 of 250 keys/);
    expect(namesIn(out)).toHaveLength(237);
  });

  it.each(['error', 'convert'])('has every loss in the report, under %s', async (policy) => {
    const out = fresh();
    const report = `${out}.json`;
    const args = ['convert', newer, '--target', 'redis:7.0', '-o', out, '--on-unsupported', policy, '--report', report];
    expect((await cli(args)).code).toBe(policy === 'error' ? 3 : 4);
    const json = JSON.parse(fs.readFileSync(report, 'utf8')) as { losses: unknown[]; lost: { count: number }[] };
    expect(json).toMatchObject({ schema: 'rdb-inspect/convert@1', source: newer, target: 'redis:7.0', keysRead: 250 });
    expect(json.losses).toHaveLength(13);
    expect(json.losses[0]).toEqual({
      what: 'field-expiry',
      db: 0,
      key: 'hfe:sametime',
      policy,
      detail: '40 of 40 fields have an expiry',
    });
    expect(json.lost.map(({ count }) => count)).toEqual([10, 1, 2]);
  });

  it('is described as JSON: beside a file on standard output, else on standard error', async () => {
    const args = ['convert', newer, '--target', 'redis:7.0', '--on-unsupported', 'convert', '--json'];
    const beside = await cli([...args, '-o', fresh()]);
    expect(beside).toMatchObject({ code: 4, stderr: '' });
    const [json] = jsonLines(beside.stdout);
    expect(json).toMatchObject({ schema: 'rdb-inspect/convert@1', version: 13, keysWritten: 250, keysRewritten: 38 });
    expect(json?.losses).toHaveLength(13);
    const piped = await cli(args);
    expect(jsonLines(piped.stderr)).toEqual([json]);
    expect([...readRdbSync(new Uint8Array(piped.bytes))]).toHaveLength([...readRdbSync(newer)].length);
  });

  it('names what the server must have', async () => {
    const { code, stderr } = await cli(['convert', fixturePath('redis-7.0/module'), '-o', fresh()]);
    expect(code).toBe(0);
    expect(stderr).toContain('the server needs the modules ');
    const dropped = await cli(['convert', fixturePath('redis-7.0/module'), '-o', fresh(), '--drop-modules']);
    expect(dropped.code).toBe(4);
    expect(dropped.stderr).toMatch(/module values +\d+/);
    expect(dropped.stderr).not.toContain('the server needs');
  });

  it('never passes over what follows the dump', async () => {
    const mixed = bytesOf(small, '*1\r\n$4\r\nPING\r\n');
    expect((await cli(['convert', directory.write('mixed.aof', mixed), '-o', fresh()])).code).toBe(0);
    // What has been piped is not read twice to look for commands behind the dump.
    const piped = (...more: string[]) => cli(['convert', '-', '-o', fresh(), ...more], { input: mixed });
    expect(await piped()).toMatchObject({ code: 3, stdout: '' });
    expect((await piped('--on-unsupported', 'drop')).code).toBe(4);
  });
});

describe('what is asked for', () => {
  it.each([
    [['-k', 'a'], ['0:a']],
    [
      ['--db-map', '3:0,0:9'],
      ['9:a', '9:l', '0:c'],
    ],
    [['--skip-expired'], ['0:l', '3:c']],
    [['--skip-expired=5000000'], ['0:a', '0:l', '3:c']],
    [['--skip-expired=1970-01-02'], ['0:l', '3:c']],
    [['-n', '3', '--db-map', '3:0'], ['0:c']],
  ])('%j', async (options, expected) => {
    const file = directory.write('small.rdb', small);
    const out = fresh();
    expect((await cli(['convert', file, '-o', out, ...options])).code).toBe(0);
    expect(namesIn(out)).toEqual(expected);
  });

  it.each([
    ['strip', undefined],
    ['+1h', 8_600_000],
    ['-10m', 4_400_000],
    ['rebase=2000000', 6_000_000],
  ])('--set-ttl %s', async (action, expected) => {
    const file = directory.write('small.rdb', small);
    const out = fresh();
    expect((await cli(['convert', file, '-o', out, '--set-ttl', action, '-k', 'a'])).code).toBe(0);
    expect(keysOf([...readRdbSync(out)])[0]?.expireAtMs).toBe(expected);
  });

  it.each<[string, string[], string]>([
    ['an unknown server', ['--target', 'redis:9.9'], 'there is no target redis:9.9: redis:2.2, '],
    ['a bad map', ['--db-map', '0-3'], "'0-3' maps no database"],
    ['a bad action', ['--set-ttl', '1h'], "'1h' is no action on expiry"],
    ['a source where a time must stand', ['--skip-expired', 'x.rdb'], 'a time stands behind ='],
    ['the report over the dump', ['-o', 'x', '--report', './x'], 'cannot be one file'],
    ['a bad policy', ['--on-unsupported', 'hope'], 'Allowed choices are error, drop, convert'],
  ])('%s is a usage error', async (_, options, message) => {
    const { code, stdout, stderr } = await cli(['convert', types, ...options], { cwd: directory.path('.') });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('never overwrites its input', async () => {
    const file = directory.write('small.rdb', small);
    expect(await cli(['convert', file, '-o', file])).toMatchObject({ code: 2, stdout: '' });
    expect(await cli(['convert', file, '-o', fresh(), '--report', file])).toMatchObject({ code: 2, stdout: '' });
    expect(Buffer.from(small).equals(fs.readFileSync(file))).toBe(true);
  });

  it('cannot be done: databases that collide, a rebase without a time', async () => {
    const file = directory.write('small.rdb', small);
    expect(await cli(['convert', file, '-o', fresh(), '--db-map', '0:3'])).toMatchObject({ code: 3 });
    const timeless = directory.write(
      'timeless.rdb',
      rdbFile('REDIS0011', keyRecord(0, 'a', str('v'), [0xfc, int64Le(5n)])),
    );
    const { code, stderr } = await cli(['convert', timeless, '-o', fresh(), '--set-ttl', 'rebase']);
    expect(code).toBe(3);
    expect(stderr).toContain('no aux field ctime');
  });
});

it('leaves nothing behind where the input is damaged', async () => {
  const file = directory.write('cut.rdb', readFixture('redis-7.0/types').subarray(0, 50_000));
  const out = fresh();
  expect(await cli(['convert', file, '-o', out, '--report', `${out}.json`])).toMatchObject({ code: 1, stdout: '' });
  expect([fs.existsSync(out), fs.existsSync(`${out}.json`)]).toEqual([false, false]);
});
