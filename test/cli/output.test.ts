/** Where data goes: whole files or none, quiet ends of pipes, and signals. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { commitAll, type FileSink, openFileSink } from '../../src/cli/output-file.js';
import { bytesOf, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const dump = fixturePath('redis-7.0/types');
const onLinux = process.platform === 'linux';

/** A dump that takes the command a while. */
function largeDump(): string {
  const file = directory.path('large.rdb');
  if (!fs.existsSync(file)) {
    const record = keyRecord(0, 'key', str('v'.repeat(1000)));
    const body = bytesOf('REDIS0004', record);
    const chunk = Buffer.concat(Array.from({ length: 20_000 }, () => record));
    fs.writeFileSync(file, body);
    for (let piece = 0; piece < 15; piece++) fs.appendFileSync(file, chunk);
    fs.appendFileSync(file, Uint8Array.of(0xff));
  }
  return file;
}

function leftovers(name: string): string[] {
  return fs.readdirSync(path.dirname(directory.path(name))).filter((entry) => entry.includes(name));
}

describe('files', () => {
  it('hold what standard output would', async () => {
    const target = directory.path('keys.txt');
    expect(await cli(['keys', dump, '-o', target])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(fs.readFileSync(target, 'utf8')).toBe((await cli(['keys', dump])).stdout);
    expect(leftovers('keys.txt')).toEqual(['keys.txt']);
  });

  it('are gzipped where their name says so', async () => {
    const target = directory.path('all.ndjson.gz');
    expect((await cli(['export', '-f', 'ndjson', dump, '-o', target])).code).toBe(0);
    expect(gunzipSync(fs.readFileSync(target)).toString()).toBe((await cli(['export', '-f', 'ndjson', dump])).stdout);
  });

  it('are gzipped also where they are large', async () => {
    const target = directory.path('large.ndjson.gz');
    expect((await cli(['export', '-f', 'ndjson', largeDump(), '-o', target])).code).toBe(0);
    const lines = gunzipSync(fs.readFileSync(target)).toString().split('\n');
    expect(lines).toHaveLength(15 * 20_000 + 2);
  });

  it('replace what was there, and keep its mode and the link that leads to it', async () => {
    const target = directory.write('old.txt', 'old');
    fs.chmodSync(target, 0o640);
    fs.symlinkSync(target, directory.path('link.txt'));
    expect((await cli(['keys', dump, '-l', '1', '-o', directory.path('link.txt')])).code).toBe(0);
    expect(fs.lstatSync(directory.path('link.txt')).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(target, 'utf8').split('\n')).toHaveLength(2);
    expect(fs.statSync(target).mode & 0o777).toBe(0o640);
  });

  it('are never the input', async () => {
    const input = directory.write('in.rdb', fs.readFileSync(dump));
    fs.linkSync(input, directory.path('same.rdb'));
    for (const target of [input, directory.path('same.rdb')]) {
      const { code, stderr } = await cli(['keys', input, '-o', target]);
      expect(code).toBe(2);
      expect(stderr).toContain('never overwritten');
    }
    expect(fs.readFileSync(input)).toEqual(fs.readFileSync(dump));
  });

  it('stay as they were when reading fails', async () => {
    const target = directory.write('stays.txt', 'old');
    const broken = directory.write('broken.rdb', fs.readFileSync(dump).subarray(0, 50_000));
    expect((await cli(['export', '-f', 'ndjson', broken, '-o', target])).code).toBe(1);
    expect(fs.readFileSync(target, 'utf8')).toBe('old');
    expect(leftovers('stays.txt')).toEqual(['stays.txt']);
  });

  it.each([
    ['a folder that is not there', 'nowhere/out.txt', 70],
    ['a directory', '.', 2],
  ])('cannot be %s', async (_, name, code) => {
    expect(await cli(['keys', dump, '-o', directory.path(name)])).toMatchObject({ code, stdout: '' });
  });

  it.runIf(onLinux)('may be a device, which stays one', async () => {
    expect((await cli(['keys', dump, '-o', '/dev/null'])).code).toBe(0);
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('standard output', () => {
  it('gets whole lines of a run that fails', async () => {
    const broken = directory.write('cut.rdb', fs.readFileSync(dump).subarray(0, 50_000));
    const { code, stdout } = await cli(['export', '-f', 'ndjson', broken]);
    expect(code).toBe(1);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) JSON.parse(line);
  });

  it('never has a closing bracket of an array that is not whole', async () => {
    const broken = directory.write('cut.rdb', fs.readFileSync(dump).subarray(0, 50_000));
    const { code, stdout } = await cli(['export', '-f', 'json', broken]);
    expect(code).toBe(1);
    expect(stdout.trimEnd().endsWith(']')).toBe(false);
  });

  it.each(['keys', 'export'])('may be closed early: %s ends quietly', async (command) => {
    const args = command === 'export' ? ['export', '-f', 'ndjson', largeDump()] : ['keys', largeDump()];
    const { code, stderr } = await cli(args, {
      running: (child) => child.stdout.once('data', () => child.stdout.destroy()),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.runIf(onLinux).each([['export', '-f', 'ndjson'], ['info'], ['keys'], ['check']])(
    'may be full: %s',
    async (...command) => {
      const full = fs.openSync('/dev/full', 'w');
      const bin = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));
      const child = spawn(process.execPath, [bin, ...command, dump], { stdio: ['ignore', full, 'pipe'] });
      let stderr = '';
      child.stderr!.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      fs.closeSync(full);
      expect(code).toBe(70);
      expect(stderr).toBe('rdb-inspect: cannot write standard output: no space left on device\n');
    },
  );

  it('may be closed early for help too', async () => {
    const { code, stderr } = await cli(['--help'], { running: (child) => child.stdout.destroy() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('waits for a reader that is slow', async () => {
    const { code, bytes } = await cli(['export', '-f', 'ndjson', largeDump()], {
      running: (child) => {
        child.stdout.pause();
        setTimeout(() => child.stdout.resume(), 300);
      },
    });
    expect(code).toBe(0);
    expect(bytes.toString('latin1').split('\n')).toHaveLength(15 * 20_000 + 2);
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends with %d and leaves no half file', async (signal, expected) => {
    const target = directory.path('signalled.ndjson');
    const { code, stderr } = await cli(['export', '-f', 'ndjson', largeDump(), '-o', target], {
      running: (child) => {
        const timer = setInterval(() => {
          if (leftovers('signalled.ndjson').length === 0) return;
          clearInterval(timer);
          child.kill(signal);
        }, 5);
        child.on('close', () => clearInterval(timer));
      },
    });
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
    expect(leftovers('signalled.ndjson')).toEqual([]);
  });

  it('is heard while standard input keeps everyone waiting', async () => {
    const bin = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));
    const child = spawn(process.execPath, [bin, 'info', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.write('REDIS0010');
    setTimeout(() => child.kill('SIGINT'), 500);
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
  });
});

it('a file without keys gives an empty output', async () => {
  const file = directory.write('empty.rdb', rdbFile('REDIS0010'));
  expect(await cli(['keys', file])).toMatchObject({ code: 0, stdout: '' });
  expect(await cli(['export', file])).toMatchObject({ code: 0, stdout: '' });
  expect(await cli(['export', '-f', 'json', file])).toMatchObject({ code: 0, stdout: '[]\n' });
});

describe('files that belong together', () => {
  const open = (name: string): FileSink => {
    const sink = openFileSink(directory.path(name), []);
    sink.write(bytesOf(name), 0, name.length);
    return sink;
  };

  it('appear together', async () => {
    await commitAll([open('both-1'), open('both-2')]);
    expect([...leftovers('both-1'), ...leftovers('both-2')]).toEqual(['both-1', 'both-2']);
  });

  it('or not at all', async () => {
    const sinks = [open('none-1'), open('none-2'), open('none-3')];
    // Nothing can take the place of a directory that is not empty.
    fs.mkdirSync(directory.path('none-2'));
    directory.write('none-2/old', 'x');
    await expect(commitAll(sinks)).rejects.toThrow('cannot write');
    for (const sink of sinks) sink.discard();
    expect(leftovers('none-')).toEqual(['none-2']);
  });
});
