/** What goes wrong on the way: a target that is killed, an import that is, and servers that refuse. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { digestRdb } from '../../src/engine/digest.js';
import { CheckpointError, readState } from '../../src/import/checkpoint/state-file.js';
import { importKeys } from '../../src/import/import-keys.js';
import type { ImportOptions } from '../../src/import/model.js';
import { TargetError } from '../../src/import/target/target-error.js';
import { verifyKeys } from '../../src/import/verify/verify-keys.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type LiveServer, type ServerOptions, startServer } from '../support/live-server.js';
import { dumpOf, manyKeys } from '../support/many-keys.js';
import { ascii } from '../support/packed.js';
import { until } from '../support/until.js';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-import-'));
  opened.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function serverWith(options: ServerOptions = {}): Promise<LiveServer> {
  const server = await startServer(options);
  opened.push(() => server.stop());
  return server;
}

const urlOf = ({ port }: LiveServer): string => `redis://127.0.0.1:${port}`;

/** A server that keeps everything it has said yes to, whenever it is killed. */
class SturdyServer {
  private readonly dir = folder();
  private live!: LiveServer;

  async start(): Promise<LiveServer> {
    const port = this.live?.port;
    const args = ['--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-percentage', '0'];
    this.live = await startServer({ dir: this.dir, args, ...(port !== undefined && { port }) });
    return this.live;
  }

  async kill(): Promise<void> {
    process.kill(this.live.pid, 'SIGKILL');
    await this.live.stop();
  }
}

/** Between two numbers, the same ones in each run of the test. */
function randomsFrom(seed: number): (from: number, to: number) => number {
  let state = seed;
  return (from, to) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return from + (state / 2 ** 32) * (to - from);
  };
}

describe.each([
  ['restore', 'skip'],
  ['commands', 'error'],
  ['commands', 'replace'],
] as const)('mode %s, keys that exist: %s', (mode, onExists) => {
  it('goes on after the target was killed twenty times', async () => {
    const random = randomsFrom(mode.length * 31 + onExists.length);
    const source = await manyKeys(60_000);
    const server = new SturdyServer();
    let live = await server.start();
    opened.push(() => live.stop());
    await live.send('SET', 'key:5', 'before');
    await live.send('RPUSH', 'key:30003', 'before');
    const checkpoint = { path: join(folder(), 'state.json'), files: nodeFiles };
    const options: ImportOptions = { mode, onExists, checkpoint, retryMs: 0, rate: { keysPerSecond: 20_000 } };
    let failures = 0;
    for (let round = 0; round < 20; round++) {
      const running = importKeys(source, urlOf(live), options).catch((error: unknown) => error);
      await sleep(random(20, 220));
      await server.kill();
      const outcome = await running;
      if (outcome instanceof TargetError) failures++;
      live = await server.start();
    }
    expect(failures).toBeGreaterThanOrEqual(15);
    const { rate: _, ...fast } = options;
    const result = await importKeys(source, urlOf(live), fast);
    expect(result).toMatchObject({ isResumed: true, counts: { keys: 60_000 } });
    const isReplaced = onExists === 'replace';
    const left = isReplaced ? 0 : 2;
    expect(result.counts).toMatchObject({
      sent: 60_000 - left,
      failed: onExists === 'error' ? left : 0,
      skipped: onExists === 'skip' ? left : 0,
    });
    expect(await live.send('DBSIZE')).toBe(60_000);
    const checked = await verifyKeys(source, urlOf(live));
    expect(checked.counts).toMatchObject({ missing: 0, different: left });
    if (!isReplaced) return;
    const { digest } = await digestRdb(source, { target: findTarget('redis:7.0')! });
    expect(await live.send('DEBUG', 'DIGEST')).toBe(digest);
  });
});

it('goes on after the import itself was killed ten times', async () => {
  const random = randomsFrom(7);
  const live = await serverWith();
  await live.send('SET', 'key:5', 'before');
  const dir = folder();
  const [path, state] = [join(dir, 'dump.rdb'), join(dir, 'state.json')];
  writeFileSync(path, await manyKeys(60_000));
  const args = [
    'bin/rdb-inspect.js',
    'import',
    path,
    '--to',
    urlOf(live),
    '--resume',
    state,
    '--mode',
    'commands',
    '-q',
  ];
  const run = (...more: readonly string[]): ChildProcess =>
    spawn(process.execPath, [...args, '--on-exists', 'skip', ...more], { stdio: 'ignore' });
  for (let round = 0; round < 10; round++) {
    const before = Number(await live.send('DBSIZE'));
    const child = run('--rate', '20000');
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await until(async () => Number(await live.send('DBSIZE')) > before + 100);
    await sleep(random(0, 150));
    child.kill('SIGKILL');
    await exited;
  }
  const code = await new Promise((resolve) => run().once('exit', resolve));
  expect([code, await live.send('DBSIZE')]).toEqual([0, 60_000]);
  const source = readFileSync(path);
  expect(await verifyKeys(source, urlOf(live))).toMatchObject({ counts: { missing: 0, different: 1 }, extra: 0 });
});

it('waits for a target that comes back', async () => {
  const source = await manyKeys(40_000);
  const server = new SturdyServer();
  let live = await server.start();
  opened.push(() => live.stop());
  const running = importKeys(source, urlOf(live), { mode: 'commands', rate: { keysPerSecond: 20_000 } });
  for (let round = 0; round < 5; round++) {
    await until(async () => Number(await live.send('DBSIZE')) > 2000 * (round + 1));
    await server.kill();
    await sleep(100 * round);
    live = await server.start();
  }
  const result = await running;
  expect(result.counts).toMatchObject({ keys: 40_000, sent: 40_000, failed: 0 });
  expect(result.retries).toBeGreaterThan(0);
  expect(await verifyKeys(source, urlOf(live))).toMatchObject({ counts: { missing: 0, different: 0 }, extra: 0 });
});

it('does not go on with another source or other options, and has nothing to do when it is done', async () => {
  const live = await serverWith();
  const path = join(folder(), 'state.json');
  const checkpoint = { path, files: nodeFiles };
  const source = await dumpOf([]);
  await importKeys(await manyKeys(100), urlOf(live), { checkpoint });
  expect(JSON.parse(new TextDecoder().decode(await readBytes(path)))).toMatchObject({ isFinished: true });
  await expect(importKeys(source, urlOf(live), { checkpoint })).rejects.toThrow(CheckpointError);
  const other = importKeys(await manyKeys(100), urlOf(live), { checkpoint, onExists: 'replace' });
  await expect(other).rejects.toThrow('other options');
  const again = await importKeys(await manyKeys(100), urlOf(live), { checkpoint });
  expect(again).toMatchObject({ isResumed: true, counts: { sent: 100, failed: 0 } });
  expect(() => readState({ path: process.execPath, files: nodeFiles }, { fingerprint: '', settings: '' })).toThrow(
    CheckpointError,
  );
});

async function readBytes(path: string): Promise<Uint8Array> {
  return await (await import('node:fs/promises')).readFile(path);
}

describe('servers that refuse', () => {
  const failure = async (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

  it('a wrong password', async () => {
    const live = await serverWith({ args: [] });
    await live.send('CONFIG', 'SET', 'requirepass', 'secret');
    const source = await manyKeys(10);
    expect(await failure(importKeys(source, urlOf(live)))).toMatchObject({ code: 'AUTH' });
    const wrong = `redis://:wrong@127.0.0.1:${live.port}`;
    expect(await failure(importKeys(source, wrong))).toMatchObject({ code: 'AUTH' });
    const right = `redis://:secret@127.0.0.1:${live.port}`;
    expect((await importKeys(source, right)).counts.sent).toBe(10);
  });

  it('a replica', async () => {
    const primary = await serverWith();
    const replica = await serverWith({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] });
    expect(await failure(importKeys(await manyKeys(10), urlOf(replica)))).toMatchObject({ code: 'READONLY' });
  });

  it('one that becomes a replica meanwhile', async () => {
    const [primary, live] = [await serverWith(), await serverWith()];
    const running = importKeys(await manyKeys(20_000), urlOf(live), { rate: { keysPerSecond: 10_000 } });
    await until(async () => Number(await live.send('DBSIZE')) > 2000);
    await live.send('REPLICAOF', '127.0.0.1', primary.port);
    expect(await failure(running)).toMatchObject({ code: 'READONLY' });
  });

  it.each(['restore', 'commands'] as const)('one that has reached its maxmemory: %s', async (mode) => {
    const live = await serverWith({ args: ['--maxmemory', '5mb'] });
    const checkpoint = { path: join(folder(), 'state.json'), files: nodeFiles };
    const source = await manyKeys(60_000);
    const options: ImportOptions = { mode, checkpoint };
    expect(await failure(importKeys(source, urlOf(live), options))).toMatchObject({ code: 'OOM' });
    await live.send('CONFIG', 'SET', 'maxmemory', '0');
    const result = await importKeys(source, urlOf(live), options);
    expect(result.counts).toMatchObject({ sent: 60_000, failed: 0 });
    expect(await verifyKeys(source, urlOf(live))).toMatchObject({ counts: { missing: 0, different: 0 }, extra: 0 });
  });
});

it('leaves a key as it was where the new one does not arrive as a whole', async () => {
  const live = await serverWith({ args: ['--maxmemory', '0'] });
  const items = Array.from({ length: 40_000 }, (_, index) => ascii(`item-${index}-${'x'.repeat(200)}`));
  const source = await dumpOf([
    {
      kind: 'key',
      db: 0,
      rdbType: 0,
      offset: 0,
      key: ascii('l'),
      value: { type: 'list', encoding: 'linkedlist', items },
    },
  ]);
  await live.send('RPUSH', 'l', 'old');
  const used = Number(/used_memory:(\d+)/.exec(String(await live.send('INFO', 'memory')))![1]);
  for (const largeValueBytes of [1 << 20, 1 << 26]) {
    await live.send('CONFIG', 'SET', 'maxmemory', String(used + 6_000_000));
    const options: ImportOptions = { mode: 'commands', onExists: 'replace', limits: { largeValueBytes } };
    await expect(importKeys(source, urlOf(live), options)).rejects.toMatchObject({ code: 'OOM' });
    expect(await live.send('LRANGE', 'l', 0, -1)).toEqual([Buffer.from('old')]);
    await live.send('CONFIG', 'SET', 'maxmemory', '0');
    await until(async () => ((await live.send('KEYS', 'rdb-inspect:*')) as unknown[]).length === 0);
  }
  await importKeys(source, urlOf(live), { mode: 'commands', onExists: 'replace' });
  expect(await live.send('LLEN', 'l')).toBe(40_000);
});

describe('large values', () => {
  it('go in pieces to a server with a small proto-max-bulk-len', async () => {
    const live = await serverWith({ args: ['--proto-max-bulk-len', '1048576'] });
    const items = Array.from({ length: 500_000 }, (_, index) => ascii(`item-${index}`));
    const shared = { kind: 'key', db: 0, rdbType: 0, offset: 0 } as const;
    const source = await dumpOf([
      { ...shared, key: ascii('list'), value: { type: 'list', encoding: 'linkedlist', items } },
      { ...shared, key: ascii('big'), value: { type: 'string', encoding: 'raw', value: randomBytes(1_200_000) } },
      { ...shared, key: ascii('small'), value: { type: 'string', encoding: 'raw', value: ascii('x') } },
    ]);
    const result = await importKeys(source, urlOf(live), { limits: { largeValueBytes: 1 << 20 } });
    expect(result.counts).toMatchObject({ sent: 2, failed: 1 });
    // Appended piece by piece, until it is too long.
    expect(result.failures).toMatchObject([{ code: 'REPLY', key: ascii('big') }]);
    const checked = await verifyKeys(source, urlOf(live));
    expect(checked.counts).toMatchObject({ same: 2, missing: 1, different: 0 });
    expect(await live.send('KEYS', 'rdb-inspect:*')).toEqual([]);
  });

  it('are begun again where the target goes away in their middle', async () => {
    const server = new SturdyServer();
    let live = await server.start();
    opened.push(() => live.stop());
    const items = Array.from({ length: 300_000 }, (_, index) => ascii(`item-${index}-${'x'.repeat(20)}`));
    const shared = { kind: 'key', db: 0, rdbType: 0, offset: 0 } as const;
    const value = { type: 'list', encoding: 'linkedlist', items } as const;
    const source = await dumpOf(['a', 'b', 'c'].map((key) => ({ ...shared, key: ascii(key), value })));
    const running = importKeys(source, urlOf(live), {
      mode: 'commands',
      limits: { largeValueBytes: 1 << 20 },
      rate: { bytesPerSecond: 20_000_000 },
    });
    await until(async () => (await live.send('KEYS', 'rdb-inspect:*')) as unknown[] & { length: 1 });
    await sleep(300);
    await server.kill();
    live = await server.start();
    expect((await running).counts).toMatchObject({ sent: 3, failed: 0 });
    expect(await verifyKeys(source, urlOf(live))).toMatchObject({ counts: { same: 3 }, extra: 0 });
  });
});
