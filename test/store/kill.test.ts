/**
 * A process with a store on real files is killed at some moment, again and again: what it had answered for is there, whole
 * transactions only, and the next one goes on from there. Where there is a real server, it finds the same in the same files.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import { openStore } from '../../src/store/index.js';
import { startServer } from '../support/live-server.js';
import { random } from '../support/random.js';
import { serverGeneration } from '../support/store-beside-server.js';
import { type Heard, type Moment, runStore, type StoreRun, storeProgram } from '../support/store-process.js';
import { COUNTER, StepReference } from '../support/store-steps.js';

const SEED = 20261127;
const ENDLESS = 1_000_000;
const REWRITES = { aofUseRdbPreamble: true, autoAofRewriteMinSize: 300_000 } as const;

interface Kind {
  readonly name: string;
  readonly rounds: number;
  readonly options: Omit<StoreRun['options'], 'dir'>;
  readonly work: readonly string[];
  readonly speed: number;
  /** From the moment of its start to the latest one at which it is killed. */
  readonly mostMs: number;
}

const KINDS: readonly Kind[] = [
  {
    name: 'a log, appendfsync always',
    rounds: 10,
    options: { appendonly: true, appendfsync: 'always', save: '', ...REWRITES },
    work: ['BGREWRITEAOF', 'BGSAVE'],
    speed: 1,
    mostMs: 400,
  },
  {
    name: 'a log, appendfsync everysec',
    rounds: 8,
    options: { appendonly: true, appendfsync: 'everysec', save: '', ...REWRITES, aofTimestampEnabled: true },
    work: ['BGREWRITEAOF', 'BGSAVE'],
    speed: 10,
    mostMs: 400,
  },
  {
    name: 'a log, appendfsync no, its base as commands',
    rounds: 3,
    options: { appendonly: true, appendfsync: 'no', save: '', ...REWRITES, aofUseRdbPreamble: false },
    work: ['BGREWRITEAOF', 'BGSAVE'],
    speed: 1,
    mostMs: 400,
  },
  {
    name: 'save points alone',
    rounds: 4,
    options: { save: '1 10' },
    work: ['BGSAVE'],
    speed: 20,
    mostMs: 900,
  },
];

let program: Awaited<ReturnType<typeof storeProgram>>;
let root: string;
let target = 'redis:7.0';

beforeAll(async () => {
  program = await storeProgram();
  root = mkdtempSync(join(tmpdir(), 'rdb-inspect-kill-'));
  if (process.env.REDIS_SERVER) target = (await serverGeneration()).target.name;
});

afterAll(() => {
  program?.remove();
  rmSync(root, { recursive: true, force: true });
});

describe.each(KINDS)('killed with $name', (kind) => {
  it(`has what it answered for, ${kind.rounds} times`, async () => {
    const dir = mkdtempSync(join(root, 'data-'));
    const draw = random(SEED + KINDS.indexOf(kind));
    const reference = new StepReference(target);
    const all: Heard[] = [];
    let steps = 0;
    for (let round = 0; round < kind.rounds; round++) {
      const moment: Moment = { from: round % 4 === 3 ? 'start' : 'open', afterMs: draw() * kind.mostMs };
      const run: StoreRun = {
        options: { ...kind.options, dir, target },
        seed: SEED + round,
        work: kind.work,
        mostSteps: ENDLESS,
        speed: kind.speed,
      };
      const heard = await runStore(program.path, run, moment);
      const about = `seed ${SEED}, round ${round}, ${JSON.stringify({ moment, ...heard, saved: heard.saved.at(-1) })}`;
      expect(heard.signal, about).toBe('SIGKILL');
      if (heard.opened !== undefined) expect(heard.opened, about).toBe(steps);
      // Only everysec acknowledges what it has not written: while a sync goes on, two seconds at the most.
      if (kind.options.appendfsync !== 'everysec') expect(heard.written, about).toBeGreaterThanOrEqual(heard.acked);
      const answered = run.options.appendonly ? heard.written : heard.saved.at(-1);
      steps = await expectFiles(dir, run, reference, Math.max(steps, answered ?? 0), about);
      all.push(heard);
    }
    expect(steps).toBeGreaterThan(100);
    expect(all.some(({ saved }) => saved.length > 0)).toBe(true);
    if (kind.options.appendonly) expect(all.some(({ rewrites }) => rewrites > 0)).toBe(true);
  });
});

it('ends by itself with everything that it has run', async () => {
  const dir = mkdtempSync(join(root, 'data-'));
  const options = { dir, target, appendonly: true, save: '', ...REWRITES };
  const run: StoreRun = { options, seed: SEED, work: ['BGREWRITEAOF'], mostSteps: 2000, speed: 1 };
  const { code, acked, stderr } = await runStore(program.path, run, undefined);
  expect([code, stderr]).toEqual([0, '']);
  expect(await expectFiles(dir, run, new StepReference(target), 2000, 'the end')).toBe(acked);
});

/** What lies in a directory: at least so many steps, and nothing else. How many. */
async function expectFiles(
  dir: string,
  { options }: StoreRun,
  reference: StepReference,
  least: number,
  about: string,
): Promise<number> {
  const copy = mkdtempSync(join(root, 'copy-'));
  cpSync(dir, copy, { recursive: true });
  const store = await openStore({ ...options, dir, timers: false });
  const steps = Number(store.client().execute(['GET', COUNTER]) ?? 0);
  expect(steps, about).toBeGreaterThanOrEqual(least);
  const digest = digestEngine(store.engine).digest;
  expect(digest, `${about}, after ${steps} steps`).toBe(reference.digestAt(steps));
  store.abandon();
  if (process.env.REDIS_SERVER) {
    const args = ['--appendonly', options.appendonly ? 'yes' : 'no', '--aof-timestamp-enabled', 'yes'];
    const server = await startServer({ dir: copy, args });
    try {
      expect(String(await server.send('DEBUG', 'DIGEST')), about).toBe(digest);
    } finally {
      await server.stop();
    }
  }
  rmSync(copy, { recursive: true });
  return steps;
}
