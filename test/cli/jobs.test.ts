/** `--jobs`: the same bytes, warnings and errors for any number of threads. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf, checksumOf, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { FIXTURES, listFixtures, readFixture } from '../support/fixtures.js';
import { random } from '../support/random.js';
import { cli, temporaryDirectory } from './run-cli.js';

const SEED = 20261126;
const directory = temporaryDirectory();

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

async function run(args: readonly string[], file: string, jobs: number): Promise<unknown> {
  const { code, bytes, stderr } = await cli([...args, '--jobs', String(jobs), file]);
  return { code, size: bytes.length, end: bytes.subarray(-200).toString('latin1'), hash: sha1(bytes), stderr };
}

async function expectSame(args: readonly string[], file: string, jobs = [2, 3]): Promise<void> {
  const alone = await run(args, file, 1);
  for (const count of jobs) expect(await run(args, file, count), `${args.join(' ')} by ${count}`).toEqual(alone);
}

const COMMANDS = [
  ['export', '-f', 'ndjson'],
  ['export', '-f', 'json', '--all'],
  ['export', '-f', 'ndjson', '-t', 'hash', '--elements', '3~'],
  ['memory', '-f', 'csv'],
  ['memory', '-f', 'csv', '--columns', 'rdbtools'],
  ['memory', '-f', 'ndjson'],
  ['check', '--deep', '--json'],
];

/** One file per server; every file goes through the same code in test/workers, without a process for each. */
const SERVERS = ['redis-2.4', 'redis-7.0', 'redis-8.6', 'valkey-9.1'];

describe.each(SERVERS)('%s', (server) => {
  const names = listFixtures().filter((fixture) => fixture.server === server);

  it('gives the same bytes', async () => {
    const file = path.join(FIXTURES, names.at(-1)!.name, 'dump.rdb');
    for (const args of COMMANDS) await expectSame(args, file, [2]);
  });
});

/** More than one range: the records of a dump many times over, under other names, with opcodes in between. */
function largeDump(): Uint8Array {
  const value = 'some text that is long enough to fill ranges '.repeat(40);
  const records = Array.from({ length: 3000 }, (_, index) => {
    const key = keyRecord(0, `key:${index}`, str(`${index} ${value}`));
    if (index % 500 === 250) return bytesOf(0xfe, index % 7, key);
    return index % 500 === 400 ? bytesOf(0xfa, str('note'), str(`${index}`), key) : key;
  });
  return rdbFile('REDIS0011', 0xfa, str('redis-ver'), str('7.2.0'), ...records);
}

describe('a dump of many ranges', () => {
  const dump = largeDump();

  it('gives the same bytes', async () => {
    const file = directory.write('large.rdb', dump);
    for (const args of COMMANDS) await expectSame(args, file, [2, 5]);
  });

  it('from standard input, compressed, and in a directory', async () => {
    const file = directory.write('piped.rdb', dump);
    const alone = await cli(['export', '--jobs', '1', file]);
    const piped = await cli(['export', '--jobs', '2', '-'], { input: dump });
    expect(piped.stdout).toBe(alone.stdout);
    const zipped = directory.path('large.rdb.gz');
    fs.writeFileSync(zipped, execFileSync('gzip', ['-c', file], { maxBuffer: 2 ** 28 }));
    expect((await cli(['export', '--jobs', '2', zipped])).stdout).toBe(alone.stdout);
  });

  it('fails in the same way, behind the same bytes, wherever it is damaged', async () => {
    const next = random(SEED);
    for (let round = 0; round < 5; round++) {
      const damaged = dump.slice();
      const hit = 20 + Math.floor(next() * (dump.length - 20));
      damaged[hit] = damaged[hit]! ^ (1 << Math.floor(next() * 8));
      const file = directory.write(
        `damaged-${round}.rdb`,
        round % 3 === 0 ? damaged.slice(0, dump.length * next()) : damaged,
      );
      for (const args of [COMMANDS[0]!, COMMANDS[3]!, COMMANDS[6]!]) await expectSame(args, file, [2]);
    }
  });

  it('finds keys that occur twice', async () => {
    const body = bytesOf(dump.subarray(0, dump.length - 9), keyRecord(0, 'key:7', str('again')), 0xff);
    await expectSame(['check', '--deep', '--json'], directory.write('twice.rdb', bytesOf(body, checksumOf(body))), [2]);
  });

  it('writes a file whole or not at all', async () => {
    const file = directory.write('broken.rdb', dump.slice(0, dump.length / 2));
    const out = directory.path('out.ndjson');
    expect((await cli(['export', '--jobs', '2', '-o', out, file])).code).not.toBe(0);
    expect(fs.existsSync(out)).toBe(false);
  });
});

it('limits are kept by one thread', async () => {
  const file = directory.write('limited.rdb', readFixture('redis-7.0/types'));
  await expectSame(['export', '-f', 'ndjson', '--limit', '5'], file, [2]);
});

it.each(['0', '65', 'two', '-1'])('refuses --jobs %s', async (jobs) => {
  const { code, stderr } = await cli(['export', `--jobs=${jobs}`, path.join(FIXTURES, 'redis-7.0/types/dump.rdb')]);
  expect(code).toBe(2);
  expect(stderr).toContain('--jobs');
});
