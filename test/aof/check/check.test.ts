/** One file or a directory: the numbers of redis-check-aof, what is still being written, and the command. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkLog } from '../../../src/aof/check/check.js';
import { type AofFileReport, checkFile } from '../../../src/aof/check/check-file.js';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { singleFileLog } from '../../../src/aof/read.js';
import type { FileStat } from '../../../src/bytes/files.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { cli, temporaryDirectory } from '../../cli/run-cli.js';
import { joined, listAofFixtures, logged, text } from '../../support/aof-files.js';
import { randomSizes } from '../../support/random.js';

const SET = logged('SET', 'a', '1\r\n2\n3');
const HEAD = joined(logged('SELECT', '0'), text('#TS:1700000000\r\n'), SET);
const MULTI = logged('MULTI');
const EXEC = logged('EXEC');
const B = logged('SET', 'b', '2');

/** As redis-check-aof 7.0.15 prints them: size, ok_up_to, ok_up_to_line. */
const numbers: readonly [string, readonly Uint8Array[], string | undefined, number, number, number][] = [
  ['whole', [], undefined, 71, 71, 13],
  ['a command cut in a transaction', [MULTI, B, text('*3\r\n$3\r\nSET\r\n$1\r\n')], 'TRUNCATED', 130, 71, 27],
  ['MULTI in MULTI', [MULTI, B, MULTI, logged('SET', 'c', '2'), EXEC], 'NESTED_TRANSACTION', 169, 71, 26],
  ['EXEC without MULTI', [EXEC, B], 'NESTED_TRANSACTION', 112, 71, 16],
  ['an open transaction', [MULTI, B], 'OPEN_TRANSACTION', 113, 71, 23],
  ['an annotation without end', [text('#TS:17')], undefined, 77, 77, 13],
  ['a star alone', [text('*')], 'TRUNCATED', 72, 71, 13],
  ['half a line end', [text('*3\r')], 'TRUNCATED', 74, 71, 13],
  ['nonsense', [text('xyz')], 'BAD_COMMAND', 74, 71, 13],
  ['an annotation in an open transaction', [MULTI, text('#TS:1700000001\r\n')], 'OPEN_TRANSACTION', 102, 71, 16],
  ['a size beyond the file', [text('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$99999\r\nabc')], 'TRUNCATED', 102, 71, 19],
  ['no line end behind an argument', [text('*3\r\n$3\r\nSET\r\n$1\r\nkXY$3\r\nabc\r\n')], 'BAD_COMMAND', 100, 71, 17],
];

describe('the numbers of redis-check-aof', () => {
  it.each(numbers)('%s', async (_, parts, code, size, okUpTo, line) => {
    const log = joined(HEAD, ...parts);
    for (const input of [log, streamOf(log, () => 1), streamOf(log, randomSizes(1, 40))]) {
      const report = await checkFile(singleFileLog(input).files[0]!);
      expect(report).toMatchObject({ sizeBytes: size, okUpTo, okUpToLine: line });
      expect(report.error?.code).toBe(code);
      expect(report.verdict).toBe(code === undefined ? 'ok' : 'bad');
    }
  });

  it('is the same for commands larger than the window, wherever they are cut', async () => {
    const value = new Uint8Array(3 * 1024 * 1024).fill(0x61);
    const large = logged('SET', 'large', value, 'x'.repeat(100));
    const log = joined(HEAD, large, SET);
    const end = HEAD.length + large.length;
    const cuts = [
      [HEAD.length + 30, 18],
      [HEAD.length + 2_000_000, 19],
      [end - 50, 21],
      [end - 1, 21],
    ] as const;
    for (const [cut, wanted] of cuts) {
      for (const input of [log.subarray(0, cut), streamOf(log.subarray(0, cut), randomSizes(2, 100_000))]) {
        const report = await checkFile(singleFileLog(input).files[0]!);
        expect(report).toMatchObject({ sizeBytes: cut, okUpTo: HEAD.length, verdict: 'bad' });
        expect(report.okUpToLine, `cut at ${cut}`).toBe(wanted);
      }
    }
  });

  it('counts what is whole behind ok_up_to', async () => {
    const report = await checkFile(singleFileLog(joined(HEAD, MULTI, B, B, SET.subarray(0, 9))).files[0]!);
    expect(report).toMatchObject({
      commands: 5,
      commandsBehind: 3,
      transactions: 0,
      annotations: 1,
      firstSeconds: 1_700_000_000,
    });
  });

  it('takes no bytes as no data', async () => {
    expect(await checkFile(singleFileLog(new Uint8Array(0)).files[0]!)).toMatchObject({ verdict: 'empty', okUpTo: 0 });
  });

  it.each(listAofFixtures().map(({ name, path }) => [name, path]))('finds %s sound', async (_, path) => {
    const report = await checkFile(singleFileLog(path).files[0]!);
    expect(report.error).toBeUndefined();
    expect(report.okUpTo).toBe(fs.statSync(path).size);
  });
});

describe('a log that is still being written', () => {
  const cut = joined(HEAD, SET.subarray(0, 9));
  const now = 1_800_000_000_000;
  const { write } = temporaryDirectory();

  const checked = async (stat: Partial<FileStat>, bytes = cut): Promise<AofFileReport> => {
    const path = write('growing.aof', bytes);
    const seen: FileStat = {
      isFile: true,
      isDirectory: false,
      sizeBytes: bytes.length,
      modifiedMs: now - 3000,
      ...stat,
    };
    const report = await checkLog(openAofLog(path, nodeFiles), { files: { stat: () => seen }, now: () => now });
    expect(report.ok).toBe(report.files[0]!.verdict !== 'bad');
    return report.files[0]!;
  };

  it.each<[string, Partial<FileStat>, Uint8Array, string]>([
    ['written a while ago', {}, cut, 'bad'],
    ['written a second ago', { modifiedMs: now - 1000 }, cut, 'growing'],
    ['longer than it was', { sizeBytes: cut.length + 1 }, cut, 'growing'],
    ['open transaction, a second ago', { modifiedMs: now - 1000 }, joined(HEAD, MULTI, B), 'growing'],
    ['damage, a second ago', { modifiedMs: now - 1000 }, joined(HEAD, text('nonsense'), SET), 'bad'],
  ])('%s', async (_, stat, bytes, verdict) => {
    expect((await checked(stat, bytes)).verdict).toBe(verdict);
  });
});

describe('the command', () => {
  const { path, write } = temporaryDirectory();

  it('says what redis-check-aof says, and exits as it does', async () => {
    const good = old(write('good.aof', HEAD));
    expect(await cli(['aof', 'check', good])).toMatchObject({ code: 0, stderr: '' });
    const bad = old(write('bad.aof', joined(HEAD, SET.subarray(0, 9))));
    const result = await cli(['aof', 'check', bad]);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('AOF analyzed: filename=bad.aof, size=80, ok_up_to=71, ok_up_to_line=15, diff=9');
    const both = await cli(['aof', 'check', good, bad, '--json']);
    expect(both.code).toBe(1);
    const reports = both.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { schema: string; ok: boolean });
    expect(reports).toMatchObject([
      { schema: 'rdb-inspect/aof-check@1', ok: true, files: [{ verdict: 'ok', diff: 0 }] },
      {
        schema: 'rdb-inspect/aof-check@1',
        ok: false,
        files: [{ verdict: 'bad', okUpTo: 71, error: { code: 'TRUNCATED', offset: 71 } }],
        traps: [{ code: 'CUT_TAIL' }],
      },
    ]);
  });

  it('knows that a fresh file may not be finished', async () => {
    const result = await cli(['aof', 'check', write('fresh.aof', joined(HEAD, SET.subarray(0, 9)))]);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('is still being written');
  });

  it('reads pipes, and takes no data for sound', async () => {
    expect((await cli(['aof', 'check', '-'], { input: HEAD })).code).toBe(0);
    expect((await cli(['aof', 'check', '-'], { input: HEAD.subarray(0, 60) })).code).toBe(1);
    expect((await cli(['aof', 'check', write('empty.aof', '')])).code).toBe(0);
  });

  it('names what is no log, and what is not there', async () => {
    expect(await cli(['aof', 'check', old(write('note.txt', 'this is a note'))])).toMatchObject({ code: 3 });
    expect(await cli(['aof', 'check', path('nowhere.aof')])).toMatchObject({ code: 3 });
  });

  it('names a missing file', async () => {
    write('missing/appendonly.aof.manifest', 'file appendonly.aof.1.base.rdb seq 1 type b\n');
    const result = await cli(['aof', 'check', path('missing')]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('MISSING_FILE');
  });

  it('fails for a trap that keeps the target from starting', async () => {
    const file = old(write('times.aof', HEAD));
    expect((await cli(['aof', 'check', file])).code).toBe(0);
    const result = await cli(['aof', 'check', file, '--target', 'redis:6.2']);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('fatal ANNOTATIONS');
  });
});

function old(path: string): string {
  const then = Date.now() / 1000 - 3600;
  fs.utimesSync(path, then, then);
  return path;
}

async function* streamOf(bytes: Uint8Array, size: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + size());
    yield bytes.slice(at, end);
    at = end;
  }
}
