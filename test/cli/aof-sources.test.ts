/** Append-only files as sources of keys: replayed, and read as a dump is. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { logged } from '../support/aof-files.js';
import { FIXTURES, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();
const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
const commands = (...lines: readonly string[]): Buffer => joined(...lines.map((line) => logged(...line.split(' '))));

const F = 'appendonly.aof';
const FIRST = commands('SET user:1 ann', 'HSET user:2 name bob age 7', 'SELECT 2', 'RPUSH queue a b c');
const SECOND = commands('DEL user:1', 'SET user:3 cy', 'SELECT 2', 'LPOP queue');
const MANIFEST = `file ${F}.1.base.aof seq 1 type b\nfile ${F}.1.incr.aof seq 1 type i\n`;

/** A data directory with a log of two files, beside a dump of another time. */
function dataDirectory(name: string): string {
  files.write(`${name}/appendonlydir/${F}.1.base.aof`, FIRST);
  files.write(`${name}/appendonlydir/${F}.1.incr.aof`, SECOND);
  files.write(`${name}/appendonlydir/${F}.manifest`, MANIFEST);
  files.write(`${name}/dump.rdb`, readFixture('redis-7.0/types'));
  return files.path(name);
}

const KEYS = ['user:2', 'user:3', 'queue'];

describe('a log', () => {
  it('is read from every place that it can be named by', async () => {
    const data = dataDirectory('places');
    for (const place of ['', 'appendonlydir', `appendonlydir/${F}.manifest`]) {
      const { code, stdout, stderr } = await cli(['keys', path.join(data, place)]);
      expect([code, linesOf(stdout)]).toEqual([0, KEYS]);
      if (place === '')
        expect(stderr).toMatch(/^rdb-inspect: reading .*appendonlydir, written .* (?:than|as old as) .*dump\.rdb\n$/);
      else expect(stderr).toBe('');
    }
    const both = await cli(['keys', '-'], { input: joined(FIRST, commands('SELECT 0'), SECOND) });
    expect([both.code, linesOf(both.stdout)]).toEqual([0, KEYS]);
    const dump = await cli(['keys', data, '--source', 'rdb']);
    expect(linesOf(dump.stdout).length).toBeGreaterThan(10);
  });

  it('is read by every command that reads keys', async () => {
    const data = dataDirectory('commands');
    const get = await cli(['get', data, 'user:2', '--path', 'name', '-q']);
    expect(get.stdout.trim()).toBe('bob');
    const ndjson = await cli(['export', data, '-q']);
    expect(jsonLines(ndjson.stdout)).toMatchObject([
      { db: 0, key: 'user:2', type: 'hash', encoding: 'listpack', value: { name: 'bob', age: '7' } },
      { db: 0, key: 'user:3', value: 'cy' },
      { db: 2, key: 'queue', value: ['b', 'c'] },
    ]);
    const restored = await cli(['export', data, '-f', 'restore', '-q']);
    expect(restored.stdout).toContain('RESTORE');
    const out = files.path('all.rdb');
    expect((await cli(['convert', data, '-o', out, '-q'])).code).toBe(0);
    expect(await cli(['diff', data, out, '-q'])).toMatchObject({ code: 0 });
    const digests = await Promise.all([data, out].map((source) => cli(['digest', source, '-q'])));
    expect(digests[0]!.stdout).toMatch(/^[0-9a-f]{40}\n$/);
    expect(digests[0]!.stdout).toBe(digests[1]!.stdout);
    expect((await cli(['compat', data, '--target', 'redis:6.2', '-q'])).stdout).toContain('HASH_LISTPACK');
    expect((await cli(['explain', data, '--key', 'user:3', '-q'])).stdout).toContain('user:3');
    const parts = files.path('parts');
    expect((await cli(['split', data, '--by', 'db', '-o', parts, '-q'])).code).toBe(0);
    expect(fs.readdirSync(parts).sort()).toEqual(['db-0.rdb', 'db-2.rdb']);
    const merged = await cli(['merge', data, files.write('one.aof', commands('SET x 1')), '-q']);
    expect(merged.code).toBe(0);
    expect(linesOf((await cli(['keys', '-'], { input: merged.bytes })).stdout)).toEqual([...KEYS, 'x']);
  });

  it('is described as what it is by info and check', async () => {
    const data = dataDirectory('described');
    expect((await cli(['info', data, '-q'])).stdout).toContain('base');
    expect((await cli(['check', data, '-q'])).code).toBe(0);
  });

  it('takes filters', async () => {
    const { stdout } = await cli(['keys', dataDirectory('filters'), '-q', '-t', 'string', '--sample', '100%']);
    expect(linesOf(stdout)).toEqual(['user:3']);
    const long = files.write('long.aof', logged('RPUSH', 'l', ...Array.from({ length: 3000 }, (_, at) => `${at}`)));
    expect(linesOf((await cli(['keys', long, '--elements', '3000~'])).stdout)).toEqual(['l']);
  });

  it('may follow a dump in one file', async () => {
    const within = path.join(FIXTURES, 'redis-4.0/aof-preamble');
    const dump = new Set(linesOf((await cli(['keys', path.join(within, 'dump.rdb')])).stdout));
    const { code, stdout, stderr } = await cli(['keys', path.join(within, F), '--skip-scripts']);
    expect(code).toBe(0);
    const missing = [...dump].filter((key) => !linesOf(stdout).includes(key));
    expect(missing.length).toBeLessThan(4);
    expect(stderr).toMatch(/left out, with whatever they did: EVAL \(2\)/);
    const piped = await cli(['keys', '-'], { input: fs.readFileSync(path.join(within, F)) });
    expect(piped.stderr).toContain('which is replayed where this is a file');
  });

  it('shows its progress for as long as it arrives', { timeout: 60_000 }, async () => {
    let isShown = false;
    let keys = 0;
    const server = createServer((_request, response) => {
      void (async () => {
        for (; !isShown; keys++) {
          response.write(logged('SET', `key:${keys}`, 'v'));
          await sleep(100);
        }
        response.end();
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const running = (child: ChildProcessWithoutNullStreams): void => {
      child.stderr.on('data', (chunk: Buffer) => {
        isShown ||= chunk.toString().includes('slow.aof');
      });
      child.once('exit', () => {
        isShown = true;
      });
    };
    const args = ['keys', `http://127.0.0.1:${port}/slow.aof`, '--progress', 'always'];
    const { code, stdout, stderr } = await cli(args, { running });
    server.close();
    expect(code).toBe(0);
    expect(stderr).toContain('slow.aof');
    expect(linesOf(stdout)).toHaveLength(keys);
  });
});

describe('what is wrong with a log', () => {
  const two = (name: string, second: Uint8Array): string => {
    const data = dataDirectory(name);
    files.write(`${name}/appendonlydir/${F}.1.incr.aof`, second);
    return data;
  };

  it.each<[string, Uint8Array, number, RegExp]>([
    ['script', joined(SECOND, logged('EVAL', 'return 1', '0')), 3, /EVAL "return 1": a script.*\nhint: --skip-scripts/],
    ['module', joined(SECOND, logged('JSON.SET', 'k', '.', '1')), 3, /JSON.SET: a command of a module/],
    ['cut', SECOND.subarray(0, SECOND.length - 5), 1, /TRUNCATED at offset \d+.*\nhint: --load-truncated/],
    ['open', joined(SECOND, commands('MULTI', 'SET a 1')), 1, /OPEN_TRANSACTION.*\nhint: --load-truncated/],
    ['damaged', joined(SECOND, Buffer.from('x')), 1, /BAD_COMMAND.*\nhint: rdb-inspect aof check/],
  ])('%s', async (name, second, code, message) => {
    const data = two(name, second);
    const result = await cli(['keys', data, '-q']);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toContain(`${F}.1.incr.aof: `);
    const { error } = jsonLines<{ error: { offset: number; source: string } }>(
      (await cli(['export', data, '--json'])).stderr,
    )[0]!;
    expect(error.source).toContain(`${F}.1.incr.aof`);
    expect(error.offset).toBeGreaterThan(50);
    const out = files.path(`${name}.rdb`);
    expect((await cli(['convert', data, '-o', out, '-q'])).code).toBe(code);
    expect(fs.existsSync(out)).toBe(false);
  });

  it('may be left out', async () => {
    const data = two('left', joined(SECOND, logged('EVAL', 'x', '0'), commands('MULTI', 'SET a 1')));
    const args = [data, '--skip-scripts', '--load-truncated'];
    const { code, stdout, stderr } = await cli(['keys', ...args]);
    expect([code, linesOf(stdout)]).toEqual([0, KEYS]);
    expect(stderr).toMatch(
      /warning: .*incr\.aof: the log ends inside a transaction.*what stands before was read \(OPEN_TRANSACTION at/,
    );
    expect(stderr).toMatch(/left out, with whatever they did: EVAL \(1\)/);
    const told = jsonLines<{ warning: { code: string; offset: number | null } }>(
      (await cli(['keys', ...args, '--json'])).stderr,
    );
    expect(told.map(({ warning }) => warning.code)).toEqual(['OPEN_TRANSACTION', 'SKIPPED']);
    const out = files.path('left.rdb');
    // Something of the log is not in the dump.
    expect((await cli(['convert', ...args, '-o', out, '-q'])).code).toBe(4);
    expect(linesOf((await cli(['keys', out])).stdout)).toEqual(KEYS);
  });
});

describe('a log converted', () => {
  it('is a dump for its server, or for any other', async () => {
    const data = dataDirectory('converted');
    const own = await cli(['convert', data, '-q']);
    expect(own.bytes.subarray(0, 9).toString()).toBe('REDIS0010');
    const old = await cli(['convert', data, '-q', '--target', 'redis:2.6', '-k', 'user:*']);
    expect(old.bytes.subarray(0, 9).toString()).toBe('REDIS0006');
    expect(linesOf((await cli(['keys', '-'], { input: old.bytes })).stdout)).toEqual(['user:2', 'user:3']);
    const { stderr } = await cli(['convert', data, '--json', '-o', files.path('json.rdb')]);
    expect(stderr).toBe('');
  });

  it('is copied as another log, or compacted where that is asked for', async () => {
    const data = dataDirectory('compacted');
    const copied = await cli(['convert', data, '--to', 'aof', '-q']);
    expect(copied.stdout).toContain('LPOP');
    const out = files.path('new/appendonlydir');
    fs.mkdirSync(files.path('new'));
    expect((await cli(['convert', data, '--to', 'aof-dir', '--compact', '-o', out, '-q'])).code).toBe(0);
    expect(fs.readdirSync(out).sort()).toEqual([`${F}.1.base.rdb`, `${F}.1.incr.aof`, `${F}.manifest`]);
    expect((await cli(['aof', 'check', out, '-q'])).code).toBe(0);
    expect((await cli(['diff', data, out, '-q'])).code).toBe(0);
    for (const more of [['--compact'], ['--target', 'redis:6.2'], ['-n', '0,2'], ['--set-ttl', 'strip']]) {
      const { stdout, code } = await cli(['convert', data, '--to', 'aof', '-q', ...more]);
      expect([code, stdout.includes('LPOP'), stdout.includes('RPUSH')]).toEqual([0, false, true]);
    }
  });

  it('with --compact has to be a log', async () => {
    const { code, stderr } = await cli(['convert', dataDirectory('usage'), '--compact', '-o', files.path('x.rdb')]);
    expect([code, stderr]).toMatchObject([2, expect.stringContaining('--compact is for --to aof')]);
  });
});
