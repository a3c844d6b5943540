/** A data directory that goes from our store to a real server and back, again and again. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import type { Engine } from '../../src/engine/engine.js';
import { openStore, type Store, type StoreOptions } from '../../src/store/index.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { logLoad } from '../support/log-load.js';
import {
  asServer,
  expectHolding,
  type Holding,
  holdingOf,
  runMixed,
  type ServerGeneration,
  serverGeneration,
  serverSettled,
  settled,
} from '../support/store-beside-server.js';
import { DATABASES, fillServer } from '../support/workload.js';

const SEED = 20261127;
const ROUNDS = 3;

let generation: ServerGeneration;
let dir: string;
let store: Store | undefined;
const servers: LiveServer[] = [];

beforeAll(async () => {
  generation = await serverGeneration();
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-store-'));
});

afterEach(async () => {
  store?.abandon();
  store = undefined;
  for (const server of servers.splice(0)) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Journey {
  readonly base: 'rdb' | 'aof';
  readonly hasTimes: boolean;
  /** How either leaves the files to the other. */
  readonly end: 'clean' | 'killed';
}

describe.each<Journey>([
  { base: 'rdb', hasTimes: false, end: 'clean' },
  { base: 'rdb', hasTimes: true, end: 'killed' },
  { base: 'aof', hasTimes: true, end: 'clean' },
  { base: 'aof', hasTimes: false, end: 'killed' },
])('with a base as $base, timestamps $hasTimes, each end $end', (journey) => {
  const { base, hasTimes, end } = journey;
  const options: Omit<StoreOptions, 'dir'> = {
    appendonly: true,
    appendfsync: 'no',
    save: '',
    databases: DATABASES,
    aofUseRdbPreamble: base === 'rdb',
    aofTimestampEnabled: hasTimes,
    timers: false,
  };
  const args = [
    ...['--appendonly', 'yes', '--databases', String(DATABASES)],
    ...['--appendfsync', end === 'killed' ? 'always' : 'everysec'],
    ...['--aof-use-rdb-preamble', base === 'rdb' ? 'yes' : 'no'],
    ...['--aof-timestamp-enabled', hasTimes ? 'yes' : 'no'],
    ...['--auto-aof-rewrite-percentage', '0', '--sanitize-dump-payload', 'yes'],
  ];

  it('each finds what the other has left', { timeout: 240_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const left = servers.length === 0 ? undefined : await leaveServer(journey);
      store = await openStore({ ...options, dir, target: generation.target });
      if (left !== undefined) await expectHolding(left, store.engine);
      await write(store, round);
      const { digest } = digestEngine(store.engine);
      leaveStore(store, journey);
      const again = await reopened({ ...options, dir, target: generation.target });
      expect(digestEngine(again).digest).toBe(digest);
      const server = await startServer({ dir, args });
      servers.push(server);
      await expectHolding(await holdingOf(server, generation.target), again);
      await rewriteServer(server, SEED + round);
    }
  });

  async function write(open: Store, round: number): Promise<void> {
    const client = open.client();
    // With a base of commands, a server that has vector sets crashes in its rewrites.
    const commands = new Set(generation.commands);
    if (base === 'aof') commands.delete('VADD');
    const known = { ...generation, commands };
    if (round === 0) await fillServer(asServer(open, client, known), SEED);
    runMixed(open, client, known, { seed: SEED + round, count: 1000 });
    open.client().execute(['BGREWRITEAOF']);
    runMixed(open, client, known, { seed: SEED + 10 + round, count: 1000, between: () => void open.work() });
    await settled(open);
    runMixed(open, client, known, { seed: SEED + 20 + round, count: 1000 });
    expect(open.status.log).toMatchObject({ rewrites: 1, state: 'on' });
  }
});

/** What the log says, without the rest that whoever has written it may know of groups and their pending entries. */
async function reopened(options: StoreOptions): Promise<Engine> {
  const copy = `${options.dir}-copy`;
  cpSync(options.dir, copy, { recursive: true });
  try {
    const again = await openStore({ ...options, dir: copy });
    again.abandon();
    return again.engine;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function leaveStore(open: Store, { end }: Journey): void {
  if (end === 'clean') open.shutdown();
  else open.abandon();
}

/** What a server has acknowledged under appendfsync always is there, however it ends. */
async function leaveServer({ base, end }: Journey): Promise<Holding> {
  const server = servers.pop()!;
  const digest = String(await server.send('DEBUG', 'DIGEST'));
  // No log has all that a server knows of groups and their pending entries: it forgets the rest here.
  await server.send('DEBUG', 'LOADAOF');
  const holding = await holdingOf(server, generation.target);
  // Some commands depend on the encoding, which a base of commands does not say.
  if (base === 'rdb') expect(holding.digest).toBe(digest);
  if (end === 'killed') process.kill(server.pid, 'SIGKILL');
  await server.stop();
  return holding;
}

/** Commands come meanwhile, and afterwards. */
async function rewriteServer(server: LiveServer, seed: number): Promise<void> {
  await server.send('BGREWRITEAOF');
  await logLoad((...words) => server.send(...words), seed);
  await serverSettled(server);
  expect(String(await server.send('INFO', 'persistence'))).toContain('aof_last_bgrewrite_status:ok');
}
