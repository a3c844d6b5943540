/** Logs of a server that is running, and traps that only a server can confirm. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../cli/run-cli.js';
import { joined, logged, text } from '../support/aof-files.js';
import { startServer } from '../support/live-server.js';

const RESP = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no', '--appendfsync', 'always'];
const INCR = 'appendonly.aof.1.incr.aof';
const BASE = 'appendonly.aof.1.base.aof';
const SET = logged('SET', 'kept', '1');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rdb-inspect-growing-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a server under load', () => {
  it('has a sound log at every look, also while it is rewritten', async () => {
    const dir = join(folder, 'load');
    mkdirSync(dir);
    const server = await startServer({
      dir,
      args: ['--appendonly', 'yes', '--aof-timestamp-enabled', 'yes', '--appendfsync', 'no'],
    });
    let isRunning = true;
    const value = Buffer.alloc(300_000, 0x61);
    const writing = (async () => {
      for (let round = 0; isRunning; round++) {
        const commands: Promise<unknown>[] = [server.send('MULTI')];
        for (let at = 0; at < 5; at++) commands.push(server.send('SET', `k${at}`, value), server.send('INCR', 'n'));
        commands.push(server.send('EXEC'));
        if (round % 20 === 10) commands.push(server.send('BGREWRITEAOF').catch(() => undefined));
        await Promise.all(commands);
      }
    })();
    try {
      for (let look = 0; look < 15; look++) {
        const result = await cli(['aof', 'check', look % 2 === 0 ? dir : join(dir, 'appendonlydir')]);
        expect(`${result.code} ${result.stderr}${result.code === 0 ? '' : result.stdout}`).toBe('0 ');
      }
      const busy = await cli(['aof', 'fix', dir, '-o', join(folder, 'busy')]);
      expect(busy.code).toBe(3);
      expect(busy.stderr).toMatch(/is being written to|is not there/);
    } finally {
      isRunning = false;
      await writing;
      await server.stop();
    }
  }, 120_000);
});

describe('traps, as a server falls into them', () => {
  it('an annotation without line end swallows the next command', async () => {
    const dir = log('unended', { [INCR]: joined(SET, text('#TS:17')) });
    expect((await cli(['aof', 'check', dir])).stdout).toContain('UNENDED_ANNOTATION');
    const fixed = join(folder, 'unended-fixed');
    mkdirSync(fixed);
    expect((await cli(['aof', 'fix', dir, '-o', join(fixed, 'appendonlydir')])).code).toBe(0);
    await writeAndStop(dir);
    await expect(startServer({ dir, args: RESP })).rejects.toThrow('Bad file format');
    await writeAndStop(fixed);
    await writeAndStop(fixed);
  });

  it('a stale increment is appended to, and replayed', async () => {
    const dir = log('stale', { [BASE]: SET, [INCR]: logged('SET', 'stale', '1') }, `file ${BASE} seq 1 type b\n`);
    const check = await cli(['aof', 'check', dir]);
    expect(check.stdout).toContain('danger STALE_INCREMENT');
    const server = await startServer({ dir, args: RESP });
    expect(await server.send('EXISTS', 'stale')).toBe(0);
    await server.stop();
    const again = await startServer({ dir, args: RESP });
    expect(await again.send('EXISTS', 'kept', 'stale')).toBe(2);
    await again.stop();
  });

  it('an earlier file is cut before the server refuses, and the second start is silent', async () => {
    const dir = log(
      'earlier',
      { [BASE]: joined(SET, logged('MULTI'), SET), [INCR]: SET },
      `file ${BASE} seq 1 type b\nfile ${INCR} seq 1 type i\n`,
    );
    expect((await cli(['aof', 'check', dir])).stdout).toContain('danger EARLIER_FILE_CUT');
    await expect(startServer({ dir, args: RESP })).rejects.toThrow();
    expect(readFileSync(join(dir, 'appendonlydir', BASE)).equals(SET)).toBe(true);
    await writeAndStop(dir);
  });

  it('a manifest with an apostrophe is refused by the server that wrote it, until it is mended', async () => {
    const dir = join(folder, 'apostrophe');
    mkdirSync(dir);
    const args = [...RESP, '--appendfilename', "it's.aof"];
    await writeAndStop(dir, args);
    await expect(startServer({ dir, args })).rejects.toThrow();
    const directory = join(dir, 'appendonlydir');
    for (const name of readdirSync(directory)) age(join(directory, name));
    expect((await cli(['aof', 'check', directory])).stdout).toContain('fatal REFUSED_MANIFEST');
    expect((await cli(['aof', 'fix', directory, '--in-place'])).code).toBe(0);
    const server = await startServer({ dir, args });
    expect(await server.send('EXISTS', 'written')).toBe(1);
    await server.stop();
  });

  it('too few arguments, and unknown commands', async () => {
    const unknown = log('unknown', { [INCR]: joined(SET, logged('FROBNICATE', 'x')) });
    expect((await cli(['aof', 'check', unknown, '--target', 'redis:7.0'])).code).toBe(1);
    await expect(startServer({ dir: unknown, args: RESP })).rejects.toThrow(/[Uu]nknown command/);
  });
});

async function writeAndStop(dir: string, args = RESP): Promise<void> {
  const server = await startServer({ dir, args });
  await server.send('SET', 'written', '1');
  await server.stop();
}

/** A data directory with these files in it. */
function log(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  manifest = `file ${INCR} seq 1 type i\n`,
): string {
  const dir = join(folder, name);
  const directory = join(dir, 'appendonlydir');
  mkdirSync(directory, { recursive: true });
  for (const [file, bytes] of Object.entries({ ...files, 'appendonly.aof.manifest': text(manifest) })) {
    writeFileSync(join(directory, file), bytes);
    age(join(directory, file));
  }
  return dir;
}

/** A file that was written an hour ago. */
function age(path: string): void {
  const then = Date.now() / 1000 - 3600;
  utimesSync(path, then, then);
}
