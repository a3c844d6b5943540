/** What a real server makes of logs that we have repaired or cut. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/aof/check/check-file.js';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { singleFileLog } from '../../src/aof/read.js';
import { planRepair, type RepairMode } from '../../src/aof/repair/repair.js';
import { writeFilePart } from '../../src/aof/repair/repair-write.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { cli } from '../cli/run-cli.js';
import { committedBefore, type PlainItem, plainItems, runCheckAof, writtenLog } from '../support/aof-load.js';
import { type LiveServer, startServer, valkeyMajor } from '../support/live-server.js';
import { random } from '../support/random.js';

const SEED = 20261126;
const INCR = 'appendonly.aof.1.incr.aof';
const RESP = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no'];
const STRICT = [...RESP, '--aof-load-truncated', 'no', '--auto-aof-rewrite-percentage', '0'];

let folder: string;
let log: Buffer;
let items: PlainItem[];
/** Valkey 9.1 cuts before the MULTI, and has no such bug. */
let cutsBeforeMulti: boolean;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rdb-inspect-fix-'));
  log = await writtenLog(SEED, 120);
  items = plainItems(log);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a server that takes no cut log', () => {
  let loading: LiveServer;
  let fed: LiveServer;
  beforeAll(async () => {
    loading = await startServer({ args: STRICT });
    fed = await startServer();
    cutsBeforeMulti = (await valkeyMajor(fed)) >= 9;
  });
  afterAll(async () => {
    await loading.stop();
    await fed.stop();
  });

  it(`loads what fix leaves of 40 cuts, and has the state of the whole commands (seed ${SEED})`, async () => {
    const next = random(SEED);
    const multi = items.findIndex(({ args }) => args?.[0]?.toString() === 'MULTI');
    const inside = Array.from({ length: 15 }, (_, at) => items[multi]!.end + at * 9);
    const seeded = Array.from({ length: 25 }, () => Math.floor(next() * log.length));
    for (const cut of [...seeded, ...inside]) {
      const [damaged, fixed] = [join(folder, 'cut.aof'), join(loading.dir, 'appendonlydir', INCR)];
      writeFileSync(damaged, log.subarray(0, cut));
      rmSync(fixed, { force: true });
      await fix(damaged, fixed, 'tail');
      // The tool and the server agree with us that nothing is left to fix.
      expect((await runCheckAof(fixed)).ok, `cut at ${cut}`).toBe(true);
      await loading.send('DEBUG', 'LOADAOF');
      const wanted = await digestOf(fed, committedBefore(items, cut));
      expect(await loading.send('DEBUG', 'DIGEST'), `cut at ${cut}`).toEqual(wanted);
      // Whole originals stay as they are.
      expect(readFileSync(damaged).equals(log.subarray(0, cut))).toBe(true);
    }
  }, 120_000);

  it(`loads what salvage leaves of 30 logs with a damaged byte in the middle (seed ${SEED})`, async () => {
    const next = random(SEED + 1);
    for (let round = 0; round < 30; round++) {
      const mutant = Buffer.from(log);
      const at = Math.floor(next() * log.length);
      mutant[at] = mutant[at]! ^ (1 << Math.floor(next() * 8));
      const [damaged, fixed] = [join(folder, 'flip.aof'), join(loading.dir, 'appendonlydir', INCR)];
      writeFileSync(damaged, mutant);
      if ((await checkFile(singleFileLog(mutant).files[0]!)).error === undefined) continue;
      rmSync(fixed, { force: true });
      const plan = await fix(damaged, fixed, 'salvage');
      expect((await runCheckAof(fixed)).ok, `byte ${at}`).toBe(true);
      await loading.send('DEBUG', 'LOADAOF');
      const { cuts, kept: ranges } = plan.files[0]!;
      // One byte costs a command, or the transaction that it stands in, with what it swallowed.
      const keptBytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(log.length - keptBytes, `byte ${at}`).toBeLessThan(log.length / 2);
      const kept = committedBefore(items, log.length).filter(
        ({ start, end }) => !cuts.some((cut) => start < cut.end && end > cut.start),
      );
      expect(await loading.send('DEBUG', 'DIGEST'), `byte ${at}`).toEqual(await digestOf(fed, kept));
    }
  }, 120_000);
});

describe('the bug of servers that leave a MULTI open', () => {
  it('is seen before it strikes, named when it has, and repaired', async () => {
    const dir = join(folder, 'bug');
    mkdirSync(dir);
    let server = await startServer({ dir, args: RESP });
    const path = join(dir, 'appendonlydir', INCR);
    await server.send('SET', 'before', '1');
    await server.send('MULTI');
    await server.send('SET', 'half', '1');
    await server.send('SET', 'other', '1');
    await server.send('EXEC');
    await server.send('CONFIG', 'SET', 'appendfsync', 'always');
    await server.send('SET', 'gone', '1');
    await server.stop();
    const whole = readFileSync(path);
    // Cut inside of the second command of the transaction.
    const cutItems = plainItems(whole);
    const other = cutItems.find(({ args }) => args?.[1]?.toString() === 'other')!;
    writeFileSync(path, whole.subarray(0, other.start + 9));
    age(path);
    const early = await report(path);
    expect(early.traps.map(({ code }) => code)).toContain('CUT_IN_TRANSACTION');

    server = await startServer({ dir, args: [...RESP, '--appendfsync', 'always'] });
    await server.send('SET', 'acknowledged', 'yes');
    await server.send('SET', 'acknowledged2', 'yes');
    await server.stop();
    const struck = readFileSync(path);
    age(path);
    const late = await report(path);
    if (cutsBeforeMulti) {
      expect(late.error).toBeUndefined();
      server = await startServer({ dir, args: STRICT });
      expect(await server.send('EXISTS', 'before', 'acknowledged', 'acknowledged2')).toBe(3);
      await server.stop();
      return;
    }
    expect(late.error?.code).toBe('OPEN_TRANSACTION');
    expect(late.traps.map(({ code }) => code)).toContain('HALF_TRANSACTION');

    const repaired = join(dir, 'appendonlydir', 'repaired');
    const plan = await fix(path, repaired, 'salvage');
    expect(plan.files[0]!.cuts).toMatchObject([{ reason: 'half-transaction', commands: 2 }]);
    expect(readFileSync(path).equals(struck)).toBe(true);

    // What the server itself makes of it: the acknowledged writes are lost.
    server = await startServer({ dir, args: RESP });
    expect(await server.send('EXISTS', 'acknowledged', 'acknowledged2')).toBe(0);
    await server.stop();

    writeFileSync(path, readFileSync(repaired));
    server = await startServer({ dir, args: STRICT });
    expect(await server.send('EXISTS', 'before', 'acknowledged', 'acknowledged2')).toBe(3);
    expect(await server.send('EXISTS', 'half', 'other', 'gone')).toBe(0);
    await server.stop();
  });

  it('is repaired where a later transaction has closed it', async () => {
    const dir = join(folder, 'bug2');
    mkdirSync(dir);
    let server = await startServer({ dir, args: RESP });
    const path = join(dir, 'appendonlydir', INCR);
    await server.send('MULTI');
    await server.send('SET', 'half', '1');
    await server.send('SET', 'other', '1');
    await server.send('EXEC');
    await server.stop();
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    server = await startServer({ dir, args: [...RESP, '--appendfsync', 'always'] });
    await server.send('SET', 'single', 'yes');
    await server.send('MULTI');
    await server.send('SET', 'double', '1');
    await server.send('INCR', 'double');
    await server.send('EXEC');
    await server.stop();
    age(path);
    const found = await report(path);
    if (cutsBeforeMulti) {
      expect(found.error).toBeUndefined();
      return;
    }
    expect(found.error?.code).toBe('NESTED_TRANSACTION');
    expect(found.traps.map(({ code }) => code)).toEqual(expect.arrayContaining(['NESTED_MULTI', 'HALF_TRANSACTION']));
    const repaired = join(folder, 'bug2.aof');
    await fix(path, repaired, 'salvage');
    expect((await runCheckAof(repaired)).ok).toBe(true);
    writeFileSync(path, readFileSync(repaired));
    server = await startServer({ dir, args: STRICT });
    expect(String(await server.send('GET', 'single'))).toBe('yes');
    expect(String(await server.send('GET', 'double'))).toBe('2');
    expect(await server.send('EXISTS', 'half', 'other')).toBe(0);
    await server.stop();
  });
});

describe('a directory of several files', () => {
  let source: string;
  /** Unix seconds between the two halves. */
  let between = 0;
  const kept: Record<string, string> = {};

  beforeAll(async () => {
    const dir = join(folder, 'several');
    mkdirSync(dir);
    const server = await startServer({
      dir,
      args: ['--appendonly', 'yes', '--aof-timestamp-enabled', 'yes', '--aof-disable-auto-gc', 'yes'],
    });
    await server.send('SET', 'a', '1');
    await server.send('BGREWRITEAOF');
    await settled(server);
    await server.send('SET', 'b', '2');
    await server.send('CONFIG', 'SET', 'appendfsync', 'always');
    kept.first = String(await server.send('DEBUG', 'DIGEST'));
    between = Math.floor(Date.now() / 1000) + 1;
    await pause(2200);
    await server.send('SET', 'c', '3');
    await server.send('MULTI');
    await server.send('SET', 'd', '4');
    await server.send('SET', 'e', '5');
    await server.send('EXEC');
    kept.second = String(await server.send('DEBUG', 'DIGEST'));
    await server.send('FLUSHALL');
    await server.send('SET', 'f', '6');
    await server.stop();
    source = join(dir, 'appendonlydir');
  }, 60_000);

  it.each<[string, () => string[], 'first' | 'second']>([
    ['to a time', () => ['--to-time', String(between)], 'first'],
    ['before a command', () => ['--before-command', 'flushall'], 'second'],
    ['before a command inside of a transaction', () => ['--before-command', 'SET e 5'], 'first'],
  ])('is cut %s', async (name, args, state) => {
    const before = contents(source);
    const dir = join(folder, `cut ${name}`);
    mkdirSync(dir);
    const done = await cli(['aof', 'truncate', source, ...args(), '-o', join(dir, 'appendonlydir'), '--json']);
    expect(done).toMatchObject({ code: 4, stderr: '' });
    expect(contents(source)).toEqual(before);
    if (name !== 'before a command inside of a transaction') expect(await stateOf(dir)).toBe(kept[state]);
    else expect(await keysOf(dir)).toEqual(['a', 'b', 'c']);
  });

  it('is cut at an offset, and with its history at a time before the base', async () => {
    const incr = readdirSync(source)
      .filter((one) => one.endsWith('.incr.aof'))
      .sort()
      .at(-1)!;
    const flush = plainItems(readFileSync(join(source, incr))).find(
      ({ args }) => args?.[0]?.toString() === 'FLUSHALL',
    )!;
    const dir = join(folder, 'cut at an offset');
    mkdirSync(dir);
    const done = await cli([
      'aof',
      'truncate',
      source,
      '--to-offset',
      String(flush.start + 3),
      '-o',
      join(dir, 'appendonlydir'),
    ]);
    expect(done.code).toBe(4);
    expect(await stateOf(dir)).toBe(kept.second);
  });

  it('says so where its base is newer than the moment', async () => {
    const target = join(folder, 'never');
    const done = await cli(['aof', 'truncate', source, '--to-time', '2020-01-01T00:00:00Z', '-o', target]);
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/the base was written at \d{4}-.*, which is later/);
    expect(done.stderr).toContain('hint: ');
    expect(readdirSync(folder)).not.toContain('never');
  });

  it('is repaired in any of its files', async () => {
    const dir = join(folder, 'middle');
    const damaged = join(dir, 'appendonlydir');
    cpSync(source, damaged, { recursive: true });
    const [base, incr] = [
      readdirSync(damaged).find((one) => one.includes('.base.'))!,
      readdirSync(damaged)
        .filter((one) => one.endsWith('.incr.aof'))
        .sort()
        .at(-1)!,
    ];
    expect(base).toBeDefined();
    const path = join(damaged, incr);
    const whole = readFileSync(path);
    const exec = plainItems(whole).find(({ args }) => args?.[0]?.toString() === 'EXEC')!;
    // A further increment, so that the damaged one is not the last.
    const seq = Number(/(\d+)\.incr/.exec(incr)![1]) + 1;
    const more = `appendonly.aof.${seq}.incr.aof`;
    writeFileSync(path, whole.subarray(0, exec.start));
    writeFileSync(join(damaged, more), '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nz\r\n$1\r\n9\r\n');
    const manifest = join(damaged, 'appendonly.aof.manifest');
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}file ${more} seq ${seq} type i\n`);
    for (const name of readdirSync(damaged)) age(join(damaged, name));
    const checked = await cli(['aof', 'check', damaged]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain('EARLIER_FILE_CUT');
    const repaired = join(folder, 'middle-repaired');
    mkdirSync(repaired);
    const done = await cli(['aof', 'fix', damaged, '-o', join(repaired, 'appendonlydir')]);
    expect(done.code).toBe(4);
    expect(await keysOf(repaired)).toEqual(['a', 'b', 'c', 'z']);
    const inPlace = await cli(['aof', 'fix', damaged, '--in-place', '--json']);
    expect(inPlace.code).toBe(4);
    expect(readFileSync(`${path}.before-fix`).equals(whole.subarray(0, exec.start))).toBe(true);
    expect(await keysOf(dir)).toEqual(['a', 'b', 'c', 'z']);
  });
});

async function fix(from: string, to: string, mode: RepairMode): ReturnType<typeof planRepair> {
  const plan = await planRepair(openAofLog(from, nodeFiles), { mode, files: nodeFiles });
  await writeFilePart(plan.files[0]!, to, nodeFiles);
  return plan;
}

async function report(path: string): ReturnType<typeof checkFile> {
  return await checkFile(openAofLog(path, nodeFiles).files[0]!);
}

/** The state of a server that was given these commands. */
async function digestOf(server: LiveServer, commands: readonly PlainItem[]): Promise<unknown> {
  await server.send('FLUSHALL');
  await server.send('SELECT', '0');
  await Promise.all(commands.map(({ args }) => server.send(...args!)));
  return await server.send('DEBUG', 'DIGEST');
}

async function stateOf(dir: string): Promise<string> {
  const server = await startServer({ dir, args: STRICT });
  try {
    return String(await server.send('DEBUG', 'DIGEST'));
  } finally {
    await server.stop();
  }
}

async function keysOf(dir: string): Promise<string[]> {
  const server = await startServer({ dir, args: STRICT });
  try {
    return ((await server.send('KEYS', '*')) as Buffer[]).map(String).sort();
  } finally {
    await server.stop();
  }
}

async function settled(server: LiveServer): Promise<void> {
  for (;;) {
    await pause(50);
    const info = String(await server.send('INFO', 'persistence'));
    if (info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0')) return;
  }
}

function contents(directory: string): [string, string][] {
  return readdirSync(directory)
    .sort()
    .map((name) => [name, readFileSync(join(directory, name), 'latin1')]);
}

/** A file that was written an hour ago. */
function age(path: string): void {
  const then = Date.now() / 1000 - 3600;
  utimesSync(path, then, then);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
