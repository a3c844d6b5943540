/** `convert --to aof` and `--to aof-dir`, and `aof convert`, as people run them. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { joined, logged } from '../support/aof-files.js';
import { FIXTURES, fixturePath, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();
const F = 'appendonly.aof';
const DUMP = fixturePath('redis-7.0/types');
const LOG = joined(logged('SELECT', '3'), logged('SET', 'k', 'v'));

let number = 0;
const fresh = (): string => files.path(`out-${++number}`);
const content = (...names: string[]): Buffer => fs.readFileSync(path.join(...names));

describe('a dump', () => {
  it('becomes a directory with itself as base', async () => {
    files.write('here', '');
    const out = fresh();
    const { code, stdout, stderr } = await cli(['convert', DUMP, '--to', 'aof-dir', '-o', out]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('238 of 238 keys for redis:7.0');
    expect(fs.readdirSync(out)).toEqual([`${F}.1.base.rdb`, `${F}.1.incr.aof`, `${F}.manifest`]);
    expect(content(out, `${F}.1.base.rdb`).equals(readFixture('redis-7.0/types'))).toBe(true);
    expect(content(out, `${F}.manifest`).toString()).toBe(
      `file ${F}.1.base.rdb seq 1 type b\nfile ${F}.1.incr.aof seq 1 type i\n`,
    );
  });

  it('or with its commands, changed on the way', async () => {
    const out = fresh();
    const args = ['--base', 'aof', '--db-map', '0:9', '-k', 'db*', '--json'];
    const { code, stdout } = await cli(['aof', 'convert', DUMP, '-o', out, ...args]);
    expect(code).toBe(0);
    const [summary] = jsonLines(stdout);
    const base = content(out, `${F}.1.base.aof`);
    expect(summary).toMatchObject({ schema: 'rdb-inspect/convert@1', bytes: base.length, lost: [] });
    expect(base.includes('SELECT\r\n$3\r\n199')).toBe(true);
    expect((await cli(['aof', 'check', out])).code).toBe(0);
  });

  it('becomes one file of commands, as export -f resp writes them', async () => {
    const out = files.path('one.aof');
    files.write('here', '');
    expect((await cli(['convert', DUMP, '--to', 'aof', '-o', out])).code).toBe(0);
    expect(content(out).equals((await cli(['export', DUMP, '-f', 'resp'])).bytes)).toBe(true);
    expect((await cli(['convert', DUMP, '--to', 'aof'])).bytes.equals(content(out))).toBe(true);
  });

  it.each(['aof', 'aof-dir'])('with what commands cannot say is refused or reported: --to %s', async (to) => {
    const vset = fixturePath('redis-8.6/vset');
    const out = fresh();
    const args = ['convert', vset, '--to', to, '--base', 'aof', '-o', out].filter((arg, at, all) => {
      return to === 'aof-dir' || (arg !== '--base' && all[at - 1] !== '--base');
    });
    const refused = await cli(args);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('hint: choose --on-unsupported');
    expect(fs.existsSync(out)).toBe(false);
    const report = files.path(`${to}.json`);
    const { code } = await cli([...args, '--on-unsupported', 'drop', '--report', report]);
    expect(code).toBe(4);
    expect(fs.readFileSync(report, 'utf8')).toContain('vector-set');
    expect(fs.existsSync(out)).toBe(true);
  });

  it('that is damaged leaves nothing', async () => {
    const bad = files.write('bad.rdb', readFixture('redis-7.0/types').subarray(0, 9000));
    for (const base of ['rdb', 'aof']) {
      const out = fresh();
      const { code, stderr } = await cli(['aof', 'convert', bad, '--base', base, '-o', out]);
      expect(code).toBe(1);
      expect(stderr).toContain('TRUNCATED');
      expect(fs.existsSync(out)).toBe(false);
    }
    expect(fs.readdirSync(files.path('.')).filter((name) => name.startsWith('temp-'))).toEqual([]);
  });
});

describe('a log', () => {
  it('by itself becomes the base of a directory', async () => {
    const out = fresh();
    const { code, stderr } = await cli(['aof', 'convert', files.write('a.aof', LOG), '-o', out]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/1 file with 2 commands, \d+ bytes, copied as they are/);
    expect(content(out, `${F}.1.base.aof`).equals(LOG)).toBe(true);
  });

  it('with a dump at its head likewise, from a file and from a pipe', async () => {
    const headed = path.join(FIXTURES, 'redis-6.2/aof-preamble', F);
    const out = fresh();
    expect((await cli(['aof', 'convert', headed, '-o', out])).code).toBe(0);
    expect(content(out, `${F}.1.base.rdb`).equals(content(headed))).toBe(true);
    const piped = fresh();
    expect((await cli(['aof', 'convert', '-', '-o', piped], { input: LOG })).code).toBe(0);
    expect(content(piped, `${F}.1.base.aof`).equals(LOG)).toBe(true);
  });

  it('of several files becomes one', async () => {
    const server = path.join(FIXTURES, 'redis-7.0/aof-rewritten/appendonlydir');
    const { code, bytes } = await cli(['aof', 'convert', server, '--to', 'aof']);
    expect(code).toBe(0);
    const [base, incr] = ['base', 'incr'].map((role) => content(server, `${F}.2.${role}.aof`));
    const select = logged('SELECT', '0');
    expect(bytes.equals(joined(base!, select, incr!)) || bytes.equals(joined(base!, incr!))).toBe(true);
  });

  it('that is cut is refused', async () => {
    const cut = files.write('cut.aof', LOG.subarray(0, 40));
    const out = fresh();
    const { code, stderr } = await cli(['aof', 'convert', cut, '-o', out]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/TRUNCATED.*\nhint: rdb-inspect aof check/);
    expect(fs.existsSync(out)).toBe(false);
  });
});

describe('usage', () => {
  it.each<[string, string[], RegExp]>([
    ['no directory named', ['convert', DUMP, '--to', 'aof-dir'], /a directory is written.*\nhint: name it with -o/],
    ['a server without directories', ['aof', 'convert', DUMP, '-o', 'x', '--target', 'redis:6.2'], /choose --to aof/],
    ['--base without a directory', ['convert', DUMP, '--to', 'aof', '--base', 'rdb'], /--base is for --to aof-dir/],
    ['another form', ['convert', DUMP, '--to', 'json'], /rdb, aof, aof-dir/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('a directory that is there', async () => {
    const there = path.dirname(files.write('there/x', ''));
    const { code, stderr } = await cli(['aof', 'convert', DUMP, '-o', there]);
    expect(code).toBe(2);
    expect(stderr).toContain('is there already');
    expect(fs.readdirSync(there)).toEqual(['x']);
    const nowhere = await cli(['aof', 'convert', DUMP, '-o', files.path('no/such/place')]);
    expect(nowhere.code).toBe(70);
  });
});
