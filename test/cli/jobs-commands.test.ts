/** `--jobs` where commands are written: the same bytes, reports and exit codes for any number of threads. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../support/fixtures.js';
import { manyKeys } from '../workers/many-keys.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

async function run(args: readonly string[], file: string, jobs: number): Promise<unknown> {
  const { code, bytes, stderr } = await cli([...args, '--jobs', String(jobs), file]);
  return { code, text: bytes.toString('latin1'), stderr };
}

const COMMANDS = [
  ['export', '-f', 'resp'],
  ['export', '-f', 'restore', '--replace', '-t', 'hash,list'],
  ['export', '-f', 'resp', '--target', 'redis:6.2', '--on-unsupported', 'drop', '-v'],
  ['export', '-f', 'resp', '--target', 'redis:4.0'],
  ['export', '-f', 'restore', '--target', 'redis:6.2', '--on-unsupported', 'convert', '--json'],
  ['convert', '--to', 'aof'],
  ['convert', '--to', 'aof', '--target', 'redis:6.2', '--on-unsupported', 'drop'],
  ['convert', '--to', 'aof', '--target', 'redis:4.0'],
];

describe.each(COMMANDS.map((args) => ({ args, line: args.join(' ') })))('$line', ({ args }) => {
  it.each(['redis-8.6/hfe', 'valkey-9.1/types', 'redis-2.4/compact'])('of %s', async (fixture) => {
    const alone = await run(args, fixturePath(fixture), 1);
    expect(await run(args, fixturePath(fixture), 2)).toEqual(alone);
  });

  it('of many ranges', async () => {
    const file = directory.write('many.rdb', manyKeys('redis-7.4/types', 5_000_000));
    const alone = await run(args, file, 1);
    for (const jobs of [2, 3]) expect((await run(args, file, jobs)) as object).toEqual(alone);
  });
});

it('reports the same losses', async () => {
  const report = async (jobs: string): Promise<string> => {
    const path = directory.path(`lost-${jobs}.json`);
    const losses = ['--on-unsupported', 'drop', '--report', path];
    const target = ['--target', 'redis:6.2', '--jobs', jobs];
    const { code } = await cli(['export', '-f', 'resp', ...losses, ...target, fixturePath('redis-8.6/hfe')]);
    expect(code).toBe(4);
    return fs.readFileSync(path, 'utf8');
  };
  const alone = await report('1');
  expect(await report('2')).toBe(alone);
});

it('is refused for tables', async () => {
  const args = ['export', '-f', 'csv', '--table', 'keys', '--jobs', '2', fixturePath('redis-7.0/types')];
  const { code, stderr } = await cli(args);
  expect(code).toBe(2);
  expect(stderr).toContain('-f ndjson');
});

it.each([['stats'], ['prefix'], ['top'], ['convert']])('%s takes it, and does with one thread', async (command) => {
  const alone = await cli([command, fixturePath('redis-7.0/types')]);
  const several = await cli([command, '--jobs', '2', fixturePath('redis-7.0/types')]);
  expect(alone.code).toBe(0);
  expect({ ...several, bytes: several.bytes.equals(alone.bytes) }).toEqual({ ...alone, bytes: true });
});
