/** `export -f resp` and `-f restore` as a person uses them. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { commandLines, commandRun, commandsOf } from '../support/command-run.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();
const DUMP = fixturePath('redis-7.0/streams');
const VSET = fixturePath('redis-8.6/vset');

it.each(['resp', 'restore'] as const)('writes what the library writes: -f %s', async (format) => {
  const { code, bytes, stderr } = await cli(['export', DUMP, '-f', format]);
  const run = commandRun(readFixture('redis-7.0/streams'), { format });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(Buffer.compare(bytes, run.bytes)).toBe(0);
});

it('takes the options of commands, and the filters', async () => {
  const { bytes } = await cli([
    'export',
    DUMP,
    '-f',
    'resp',
    '--target',
    'Redis:6.2.7',
    '--on-unsupported',
    'convert',
    '-l',
    '1',
  ]);
  const lines = commandLines(bytes);
  expect(lines[0]).toBe('SELECT 0');
  expect(
    new Set(
      commandsOf(bytes)
        .slice(1)
        .map(([name, key, second]) => (name === 'XGROUP' ? second : key)),
    ).size,
  ).toBe(1);
  const replaced = await cli(['export', DUMP, '-f', 'restore', '--replace', '-l', '2']);
  expect(commandsOf(replaced.bytes).filter((args) => args[4] === 'REPLACE')).toHaveLength(2);
});

it('writes to a file, gzipped where its name says so', async () => {
  const target = files.path('commands.aof.gz');
  expect(await cli(['export', DUMP, '-f', 'resp', '-o', target])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const bytes = new Uint8Array(gunzipSync(fs.readFileSync(target)));
  expect(Buffer.compare(bytes, commandRun(readFixture('redis-7.0/streams')).bytes)).toBe(0);
});

it('reads standard input', async () => {
  const { code, bytes } = await cli(['export', '-', '-f', 'resp'], { input: readFixture('redis-7.0/streams') });
  expect(code).toBe(0);
  expect(Buffer.compare(bytes, commandRun(readFixture('redis-7.0/streams')).bytes)).toBe(0);
});

describe('what commands cannot say', () => {
  it('is an error with a hint', async () => {
    const target = files.path('vset.aof');
    const { code, stderr } = await cli(['export', VSET, '-f', 'resp', '-o', target]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/cannot encode, because .*a value of the module vectorset \(db 0, key "/);
    expect(stderr).toContain('hint: --on-unsupported drop');
    expect(fs.existsSync(target)).toBe(false);
  });

  it('is told in one line, with exit code 4', async () => {
    const { code, stderr, bytes } = await cli(['export', VSET, '-f', 'resp', '--on-unsupported', 'drop']);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^rdb-inspect: not everything was written: vector sets: 6 \(the first: db 0, key "[^"]+", .*\)\n$/,
    );
    expect(commandsOf(bytes).length).toBeGreaterThan(0);
    const verbose = await cli(['export', VSET, '-f', 'resp', '--on-unsupported', 'drop', '-v']);
    expect(verbose.stderr.split('\n').filter((line) => line.endsWith('(left out)'))).toHaveLength(6);
    const quiet = await cli(['export', VSET, '-f', 'resp', '--on-unsupported', 'drop', '-q']);
    expect(quiet).toMatchObject({ code: 4, stderr: '' });
  });

  it('is all in the report', async () => {
    const report = files.path('losses.json');
    const args = ['export', VSET, '-f', 'resp', '-o', files.path('some.aof'), '--report', report];
    expect((await cli([...args, '--on-unsupported', 'drop'])).code).toBe(4);
    const json = JSON.parse(fs.readFileSync(report, 'utf8')) as { losses: object[] };
    expect(json).toMatchObject({ schema: 'rdb-inspect/export@1', lost: [{ what: 'vector-set', count: 6 }] });
    expect(json.losses).toHaveLength(6);
    fs.rmSync(report);
    expect((await cli(args)).code).toBe(3);
    expect(fs.readdirSync(files.path('.')).filter((name) => name.includes('losses'))).toEqual([]);
  });

  it('is told key by key as JSON', async () => {
    const { code, stderr } = await cli(['export', VSET, '-f', 'resp', '--on-unsupported', 'drop', '--json']);
    expect(code).toBe(4);
    const losses = jsonLines<{ loss: Record<string, unknown> }>(stderr);
    expect(losses).toHaveLength(6);
    expect(losses[0]!.loss).toMatchObject({ what: 'vector-set', db: 0, policy: 'drop' });
  });

  it('includes the commands behind a dump that is piped', async () => {
    const input = Buffer.concat([readFixture('redis-7.0/streams'), Buffer.from('*1\r\n$4\r\nPING\r\n')]);
    const { code, stderr } = await cli(['export', '-', '-f', 'resp', '--on-unsupported', 'drop'], { input });
    expect(code).toBe(4);
    expect(stderr).toContain('append-only files behind the dump: 1');
  });
});

describe('usage errors', () => {
  it.each<[string[], string]>([
    [['-f', 'resp', '--target', 'redis:9.9'], 'there is no target redis:9.9\nhint: redis:2.2, '],
    [['-f', 'restore', '--target', 'redis:2.4'], 'redis:2.4 has no RESTORE\nhint: -f resp'],
    [['-f', 'resp', '--on-unsupported', 'ignore'], 'Allowed choices are error, drop, convert'],
    [['-f', 'resp', '--all'], '--all is for -f ndjson and -f json, not for -f resp'],
    [['--report', 'x'], '--report is for -f resp and -f restore, not for -f ndjson'],
    [['-f', 'json', '--replace'], '--replace is for -f resp and -f restore, not for -f json'],
    [['-f', 'ndjson', '--on-unsupported', 'drop'], '--on-unsupported is for -f resp and -f restore'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(['export', DUMP, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
