/** What is left of a server that is killed, and of one that is asked to end: as counts of keys after the next start. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { clientOf, SERVE_COMMAND, type Served, serve } from '../support/served-command.js';
import { until } from '../support/until.js';
import { temporaryDirectory } from './run-cli.js';

const tmp = temporaryDirectory();

function directory(name: string): string {
  fs.mkdirSync(tmp.path(name), { recursive: true });
  return tmp.path(name);
}

/** Writes keys with numbers `[from, to)`; how many were acknowledged when it ended, or was ended. */
async function write({ port }: Served, from: number, to: number): Promise<number> {
  const client = await clientOf({ port });
  const replies = Array.from({ length: to - from }, (_, at) => client.send('SET', `key:${from + at}`, from + at));
  const settled = await Promise.allSettled(replies);
  client.close();
  return settled.filter(({ status }) => status === 'fulfilled').length;
}

async function sizeAfterRestart(args: readonly string[]): Promise<number> {
  const again = await serve(args);
  const size = Number(await again.send('DBSIZE'));
  expect(await again.end()).toMatchObject({ code: 0, stderr: '' });
  return size;
}

describe.each(['always', 'everysec', 'no'])('kill -9 with appendfsync %s', (policy) => {
  it('loses nothing that was acknowledged', async () => {
    const args = ['--dir', directory(`log-${policy}`), '--appendonly', 'yes', '--appendfsync', policy, '--save', ''];
    const running = await serve(args);
    expect(await write(running, 0, 5000)).toBe(5000);
    if (policy === 'everysec') await written(running);
    await running.end('SIGKILL');
    expect(await sizeAfterRestart(args)).toBe(5000);
  });

  it('loses nothing that was acknowledged while writes go on and the log is rewritten', async () => {
    const args = ['--dir', directory(`busy-${policy}`), '--appendonly', 'yes', '--appendfsync', policy, '--save', ''];
    const running = await serve(args);
    expect(await write(running, 0, 3000)).toBe(3000);
    if (policy === 'everysec') await written(running);
    await running.send('BGREWRITEAOF');
    // Several clients, each of which waits for its replies: what was sent and not acknowledged may be there or not.
    const counts = Array.from({ length: 8 }, (_, at) => writeOneByOne(running, 10_000 * (at + 1)));
    await sleep(300);
    await running.end('SIGKILL');
    const acknowledged = (await Promise.all(counts)).reduce((sum, count) => sum + count, 3000);
    expect(acknowledged).toBeGreaterThan(3000);
    const size = await sizeAfterRestart(args);
    expect(size).toBeGreaterThanOrEqual(policy === 'everysec' ? 3000 : acknowledged);
    expect(size).toBeLessThanOrEqual(acknowledged + counts.length);
  });
});

/** With everysec, as with the server, what is acknowledged may wait for a sync that goes on, two seconds at the most. */
async function written({ send }: Served): Promise<void> {
  await until(async () => String(await send('INFO', 'persistence')).includes('aof_buffer_length:0\r\n'));
}

/** Until the server goes: how many were acknowledged. */
async function writeOneByOne({ port }: Served, from: number): Promise<number> {
  const client = await clientOf({ port });
  for (let count = 0; ; count++) {
    try {
      await client.send('SET', `key:${from + count}`, count);
    } catch {
      client.close();
      return count;
    }
  }
}

describe('kill -9 with save points', () => {
  it('goes back to the last dump', async () => {
    const args = ['--dir', directory('points'), '--save', '1 1000'];
    const running = await serve(args);
    expect(await write(running, 0, 1000)).toBe(1000);
    await until(async () => running.log().includes('the background save has ended'));
    expect(await write(running, 1000, 1500)).toBe(500);
    await running.end('SIGKILL');
    expect(await sizeAfterRestart(args)).toBe(1000);
  });

  it('loses everything where there are none', async () => {
    const args = ['--dir', directory('none'), '--save', ''];
    const running = await serve(args);
    expect(await write(running, 0, 100)).toBe(100);
    await running.end('SIGKILL');
    expect(await sizeAfterRestart(args)).toBe(0);
  });
});

describe('an end that was asked for', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s saves where there are save points', async (name) => {
    const args = ['--dir', directory(`saved-${name}`), '--save', '3600 1000000'];
    const running = await serve(args);
    expect(await write(running, 0, 100)).toBe(100);
    expect(await running.end(name)).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await sizeAfterRestart(args)).toBe(100);
  });

  it.each([
    ['SHUTDOWN', [], 100],
    ['SHUTDOWN NOSAVE', ['NOSAVE'], 0],
  ] as const)('by %s', async (_, words, left) => {
    const args = ['--dir', directory(`shutdown-${left}`), '--save', '3600 1000000'];
    const running = await serve(args);
    expect(await write(running, 0, 100)).toBe(100);
    await expect(running.send('SHUTDOWN', ...words)).rejects.toThrow('closed');
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await sizeAfterRestart(args)).toBe(left);
  });

  it('by SHUTDOWN SAVE saves where there are no save points', async () => {
    const args = ['--dir', directory('shutdown-save'), '--save', ''];
    const running = await serve(args);
    expect(await write(running, 0, 100)).toBe(100);
    await expect(running.send('SHUTDOWN', 'SAVE')).rejects.toThrow('closed');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await sizeAfterRestart(args)).toBe(100);
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
  ] as const)('goes on where the data cannot be saved after %s, and %s ends it', async (first, second) => {
    const dir = directory('unsaveable');
    const running = await serve(['--dir', dir, '--save', '3600 1']);
    expect(await running.send('SET', 'a', '1')).toBe('OK');
    fs.rmSync(dir, { recursive: true });
    await expect(running.send('SHUTDOWN')).rejects.toThrow('ERR Errors trying to SHUTDOWN. Check logs.');
    running.signal(first);
    await until(async () => running.log().includes('a second signal ends it as it is'));
    expect(await running.send('GET', 'a')).toEqual(Buffer.from('1'));
    expect(await running.end(second)).toMatchObject({ code: null, signal: second });
  });

  it('goes on where the data cannot be saved, until SHUTDOWN FORCE', async () => {
    const dir = directory('forced');
    const running = await serve(['--dir', dir, '--save', '3600 1']);
    expect(await running.send('SET', 'a', '1')).toBe('OK');
    fs.rmSync(dir, { recursive: true });
    await expect(running.send('SHUTDOWN', 'FORCE')).rejects.toThrow('closed');
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  it('leaves a dump and a log that the next one takes', async () => {
    const dir = directory('both');
    const args = ['--dir', dir, '--appendonly', 'yes', '--save', '3600 1'];
    const running = await serve(args);
    expect(await write(running, 0, 100)).toBe(100);
    expect(await running.end()).toMatchObject({ code: 0 });
    expect(fs.readdirSync(dir).sort()).toEqual(['appendonlydir', 'dump.rdb']);
    expect(await sizeAfterRestart(args)).toBe(100);
    fs.rmSync(path.join(dir, 'appendonlydir'), { recursive: true });
    expect(await sizeAfterRestart(['--dir', dir])).toBe(100);
  });
});

describe('a log that cannot be written any more', () => {
  /** Files of more than so many KiB cannot be written; the signal that says so is not heeded. */
  const command = ['bash', '-c', 'trap "" XFSZ; ulimit -f 16; exec "$@"', 'bash', ...SERVE_COMMAND] as const;
  const value = 'x'.repeat(1000);

  it('ends the server under always, and nothing that was acknowledged is lost', async () => {
    const args = ['--dir', directory('full-always'), '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const running = await serve(args, { command });
    let acknowledged = 0;
    await expect(
      (async () => {
        for (; acknowledged < 100; acknowledged++) await running.send('SET', `key:${acknowledged}`, value);
      })(),
    ).rejects.toThrow('closed');
    expect(acknowledged).toBeGreaterThan(10);
    expect(await running.ended).toMatchObject({
      code: 70,
      stderr: 'rdb-inspect: cannot write the append-only file: file too large\n',
    });
    expect(await sizeAfterRestart(args)).toBe(acknowledged);
  });

  it.each(['everysec', 'no'])('makes writes fail under %s, and reads go on', async (policy) => {
    const args = ['--dir', directory(`full-${policy}`), '--appendonly', 'yes', '--appendfsync', policy, '--save', ''];
    const running = await serve(args, { command });
    let acknowledged = 0;
    await expect(
      (async () => {
        for (; acknowledged < 100; acknowledged++) await running.send('SET', `key:${acknowledged}`, value);
      })(),
    ).rejects.toThrow('MISCONF Errors writing to the AOF file: ');
    expect(await running.send('DBSIZE')).toBe(acknowledged);
    running.signal('SIGTERM');
    await until(async () => running.log().includes('a second signal ends it as it is'));
    await running.end('SIGKILL');
    expect(await sizeAfterRestart(args)).toBeGreaterThanOrEqual(acknowledged - 1);
  });
});
