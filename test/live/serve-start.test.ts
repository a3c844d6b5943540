/** `serve` where a redis-server was, and the other way round; and redis-cli at its socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../support/live-server.js';
import { runTool } from '../support/serve-process-tools.js';
import { type Served, serve } from '../support/served-command.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-start-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('redis-cli finds it at its socket', async () => {
  const { ended } = await serve(['--dir', dir, '--unixsocket', 'redis.sock']);
  const ask = async (...words: string[]): Promise<string> =>
    (await runTool('redis-cli', ['-s', join(dir, 'redis.sock'), ...words])).stdout;
  expect(await ask('set', 'a', '1')).toBe('OK\n');
  expect(await ask('get', 'a')).toBe('1\n');
  expect(await ask('client', 'list')).toContain(` addr=${dir}/redis.sock:0 `);
  expect(await ask('shutdown', 'nosave')).toBe('');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

async function fill({ send }: Pick<Served, 'send'>, round: number): Promise<void> {
  await send('SET', `string:${round}`, 'x', 'EX', 1000);
  await send('RPUSH', 'list', round, 'a', 'b');
  await send('HSET', `hash:${round}`, 'f', round);
  await send('ZADD', 'zset', round, `m${round}`);
  await send('XADD', 'stream', '*', 'round', round);
  await send('SELECT', 3);
  await send('SADD', 'set', round, 'x');
  await send('SELECT', 0);
}

async function digestOf({ send }: Pick<Served, 'send'>): Promise<string> {
  return String(await send('DEBUG', 'DIGEST'));
}

const SETTINGS: readonly (readonly [string, readonly string[], NodeJS.Signals])[] = [
  ['a log with always', ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''], 'SIGKILL'],
  ['a log with no', ['--appendonly', 'yes', '--appendfsync', 'no', '--save', ''], 'SIGKILL'],
  [
    'a log without a dump at its head',
    ['--appendonly', 'yes', '--appendfsync', 'always', '--aof-use-rdb-preamble', 'no', '--save', ''],
    'SIGKILL',
  ],
  ['a dump', ['--save', '3600 1'], 'SIGTERM'],
];

describe.each(SETTINGS)('%s', (_, args, signal) => {
  it(`goes to and fro between redis-server and serve, by ${signal}`, async () => {
    let digest = '0'.repeat(40);
    for (const round of [1, 2, 3]) {
      const theirs = await startServer({ dir, args });
      expect(await digestOf(theirs)).toBe(digest);
      await fill(theirs, round);
      if (round === 2 && args.includes('yes')) await theirs.send('BGREWRITEAOF');
      digest = await digestOf(theirs);
      if (signal === 'SIGKILL') process.kill(theirs.pid, signal);
      await theirs.stop();

      const ours = await serve(['--dir', dir, ...args]);
      expect(await digestOf(ours)).toBe(digest);
      await fill(ours, round * 10);
      if (round === 2 && args.includes('yes')) await ours.send('BGREWRITEAOF');
      digest = await digestOf(ours);
      await ours.end(signal);
    }
  });
});
