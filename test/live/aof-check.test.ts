/** Logs of a real server, cut everywhere: our verdict beside that of redis-check-aof, and what we read beside what is whole. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLog } from '../../src/aof/check/check.js';
import { checkFile } from '../../src/aof/check/check-file.js';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { readAof, singleFileLog } from '../../src/aof/read.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { logged } from '../support/aof-files.js';
import {
  committedBefore,
  type PlainItem,
  plainItems,
  runCheckAof,
  wholeUpTo,
  writtenLog,
} from '../support/aof-load.js';
import { random } from '../support/random.js';

const SEED = 20261125;
const CUTS = 300;
const AT_A_TIME = 4;

let folder: string;
let log: Buffer;
let items: PlainItem[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rdb-inspect-aof-'));
  log = await writtenLog(SEED, 180);
  items = plainItems(log);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is a log with everything in it', () => {
  const names = items.map(({ args }) => args?.[0]?.toString() ?? '#');
  expect(log.length).toBeGreaterThan(8 * 1024);
  expect(log.length).toBeLessThanOrEqual(64 * 1024);
  for (const name of ['MULTI', 'EXEC', 'SELECT', 'SET', 'RPUSH', '#']) expect(names).toContain(name);
});

it(`reads the whole commands wherever the log is cut, an open MULTI left out (seed ${SEED})`, async () => {
  for (let cut = 0; cut <= log.length; cut++) {
    const wanted = committedBefore(items, cut);
    const read: number[] = [];
    for await (const entry of readAof(log.subarray(0, cut), { onTruncated: 'stop', transactions: 'committed' })) {
      if (entry.kind !== 'command') continue;
      const name = String.fromCharCode(...entry.args[0]!);
      if (name !== 'MULTI' && name !== 'EXEC') read.push(entry.place.offset);
    }
    if (read.length !== wanted.length || read.some((offset, at) => offset !== wanted[at]!.start))
      expect({ cut, read }).toEqual({ cut, read: wanted.map(({ start }) => start) });
  }
}, 300_000);

it('finds the end of what is whole at every cut', async () => {
  for (let cut = 0; cut <= log.length; cut++) {
    const { okUpTo, verdict } = await checkBytes(log.subarray(0, cut));
    const wanted = wholeUpTo(items, cut);
    if (okUpTo !== wanted || (verdict === 'bad') !== wanted < cut)
      expect({ cut, okUpTo, verdict }).toEqual({ cut, okUpTo: wanted });
  }
}, 300_000);

describe('beside redis-check-aof', () => {
  it(`says the same at ${CUTS} seeded cuts, and at every cut inside of one MULTI (seed ${SEED})`, async () => {
    const next = random(SEED);
    const seeded = Array.from({ length: CUTS }, () => Math.floor(next() * log.length));
    const multi = items.findIndex(({ args }) => args?.[0]?.toString() === 'MULTI');
    const exec = items.findIndex(({ args }, at) => at > multi && args?.[0]?.toString() === 'EXEC');
    const from = items[multi]!.start;
    const inside = Array.from({ length: Math.min(items[exec]!.end, from + 1500) - from }, (_, at) => from + at);
    await sameAt([...new Set([...seeded, ...inside])].map((cut) => log.subarray(0, cut)));
  }, 300_000);

  it(`says the same of 200 logs with one byte changed (seed ${SEED})`, async () => {
    const next = random(SEED + 1);
    const mutants = Array.from({ length: 200 }, () => {
      const mutant = Buffer.from(log);
      const at = Math.floor(next() * log.length);
      mutant[at] = mutant[at]! ^ (1 << Math.floor(next() * 8));
      return mutant;
    });
    await sameAt(mutants);
  }, 300_000);

  it('counts lines on from file to file of a directory', async () => {
    const directory = join(folder, 'several', 'appendonlydir');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'appendonly.aof.1.base.aof'), log);
    writeFileSync(join(directory, 'appendonly.aof.1.incr.aof'), log);
    writeFileSync(join(directory, 'appendonly.aof.2.incr.aof'), log.subarray(0, items[100]!.start + 7));
    const manifest = join(directory, 'appendonly.aof.manifest');
    writeFileSync(
      manifest,
      'file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
    );
    const theirs = await runCheckAof(manifest);
    const ours = await checkLog(openAofLog(directory, nodeFiles));
    expect(ours.files.map(numbers)).toEqual(theirs.files);
    expect(theirs.files).toHaveLength(3);
    expect(ours.ok).toBe(false);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a command without arguments',
      Buffer.concat([logged('SET', 'a', '1'), Buffer.from('*0\r\n')]),
      'no server loads it',
    ],
    ['a negative number of arguments', Buffer.from('*-1\r\n'), 'no server loads it'],
  ])('differs, knowing better: %s', async (_, bytes) => {
    const path = join(folder, 'better.aof');
    writeFileSync(path, bytes);
    expect((await runCheckAof(path)).ok).toBe(true);
    const report = await checkBytes(bytes);
    expect(report.verdict).toBe('bad');
    expect(report.traps.map(({ code }) => code)).toContain('EMPTY_COMMAND');
  });
});

function checkBytes(bytes: Uint8Array): ReturnType<typeof checkFile> {
  return checkFile(singleFileLog(bytes).files[0]!);
}

function numbers(report: Awaited<ReturnType<typeof checkFile>>): object {
  const { sizeBytes, okUpTo, okUpToLine } = report;
  return { sizeBytes, okUpTo, line: okUpToLine, diff: sizeBytes - okUpTo };
}

async function sameAt(logs: readonly Uint8Array[]): Promise<void> {
  const differences: object[] = [];
  for (let at = 0; at < logs.length; at += AT_A_TIME) {
    await Promise.all(
      logs.slice(at, at + AT_A_TIME).map(async (bytes, index) => {
        const path = join(folder, `cut-${index}.aof`);
        writeFileSync(path, bytes);
        const theirs = await runCheckAof(path);
        const ours = await checkBytes(bytes);
        const [line] = theirs.files;
        const same =
          bytes.length === 0
            ? theirs.ok && ours.verdict === 'empty'
            : (ours.verdict === 'ok') === theirs.ok && JSON.stringify(numbers(ours)) === JSON.stringify(line);
        if (!same && !isExcused(theirs.output, ours.error?.message))
          differences.push({
            size: bytes.length,
            theirs: theirs.output,
            ours: numbers(ours),
            error: ours.error?.message,
          });
      }),
    );
  }
  expect(differences).toEqual([]);
}

/** What redis-check-aof takes and no server does. */
function isExcused(_theirs: string, ours: string | undefined): boolean {
  return ours?.startsWith('a command of 0 ') === true || ours?.startsWith('a negative number behind *') === true;
}
