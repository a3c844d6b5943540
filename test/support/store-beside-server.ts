/** What tests of a store beside a real server have in common: the same generation, the same questions to both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import type { Engine } from '../../src/engine/engine.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import type { Store, StoreClient } from '../../src/store/index.js';
import { chanceOf } from './chance.js';
import { asServerReply } from './engine-replies.js';
import { mixed } from './generators/mixed.js';
import { type LiveServer, startServer } from './live-server.js';
import { type Argument, type Reply, ReplyError } from './resp-client.js';
import type { Send } from './workload-pipeline.js';

export interface ServerGeneration {
  readonly target: Target;
  /** In upper case. */
  readonly commands: ReadonlySet<string>;
}

/** Of the server of REDIS_SERVER. */
export async function serverGeneration(): Promise<ServerGeneration> {
  const server = await startServer();
  try {
    const info = String(await server.send('INFO', 'server'));
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
    const name = valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`;
    const target = findTarget(name);
    if (target === undefined) throw new Error(`no target for ${name}`);
    const commands = (await server.send('COMMAND', 'LIST')) as Buffer[];
    return { target, commands: new Set(commands.map((command) => String(command).toUpperCase())) };
  } finally {
    await server.stop();
  }
}

/** A client as one of a server: text as UTF-8, errors thrown. It has no configuration, and knows the server's commands. */
export function asServer(store: Store, client: StoreClient, { target, commands }: ServerGeneration): Send {
  return async (...args) => {
    const [name, about, command] = args.map(String);
    if (name === 'CONFIG') return [];
    if (name === 'COMMAND' && about === 'INFO') return commands.has(command!.toUpperCase()) ? [[command!]] : [null];
    const reply = asServerReply(client.execute(args.map(byteStringOf)), target) as Reply;
    store.flush();
    if (reply instanceof ReplyError) throw reply;
    return reply;
  };
}

export interface MixedRun {
  readonly seed: number;
  readonly count: number;
  /** Called after each command. */
  readonly between?: () => void;
  /** Names of commands that are not run. */
  readonly leftOut?: RegExp;
}

/** Commands of every family, seeded, with what they change flushed. Errors are replies. */
export function runMixed(
  store: Store,
  client: StoreClient,
  { commands }: ServerGeneration,
  { seed, count, between, leftOut }: MixedRun,
): void {
  const chance = chanceOf(seed, store.engine, (command) => commands.has(command.toUpperCase()));
  const generate = mixed();
  for (let done = 0; done < count; done++) {
    const generated = generate(chance);
    const args = 'args' in generated ? generated.args : generated;
    if (leftOut?.test(String(args[0])) !== true) client.execute(args.map(String));
    if (done % 5 === 4) store.flush();
    between?.();
  }
  // No transaction stays open.
  client.execute(['EXEC']);
  store.flush();
}

/** A rewrite or a save is brought to its end, whatever it takes. */
export async function settled(store: Store): Promise<void> {
  const deadlineMs = Date.now() + 30_000;
  while (Date.now() < deadlineMs) {
    while (store.work());
    store.cron();
    const { isSaveInProgress, isSaveScheduled, log } = store.status;
    if (!isSaveInProgress && !isSaveScheduled && !log.isRewriteInProgress && !log.isRewriteScheduled) return;
    await sleep(1);
  }
  throw new Error('the background work does not end');
}

/** What a server holds. */
export interface Holding {
  readonly digest: string;
  /** Everything that a dump holds, but for when consumers were seen, which no log says. */
  readonly lines: readonly string[];
  /** Number and keys of each database that has any. */
  readonly sizes: readonly (readonly [number, number])[];
}

export async function holdingOf(server: LiveServer, target: Target): Promise<Holding> {
  const digest = String(await server.send('DEBUG', 'DIGEST'));
  await server.send('SAVE');
  const dump = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
  const lines = withoutClocks(await canonicalLines(readRdbSync(dump), { target }));
  const keyspace = String(await server.send('INFO', 'keyspace'));
  const sizes = [...keyspace.matchAll(/^db(\d+):keys=(\d+)/gm)].map(
    ([, index, size]) => [Number(index), Number(size)] as const,
  );
  return { digest, lines, sizes };
}

/** Throws as `expect` does. */
export async function expectHolding({ digest, lines, sizes }: Holding, engine: Engine): Promise<void> {
  const { target } = engine.settings;
  const ours = withoutClocks(await canonicalLines(snapshot(engine), { target }));
  expect(ours.filter((line) => !lines.includes(line))).toEqual(lines.filter((line) => !ours.includes(line)));
  const inUse = Array.from(engine.inUse()).filter(({ keys }) => keys.size > 0);
  expect(inUse.map(({ index, keys }) => [index, keys.size])).toEqual(sizes);
  expect(digestEngine(engine).digest).toBe(digest);
}

/** Of a server: the end of whatever it does in the background. */
export async function serverSettled({ send }: Pick<LiveServer, 'send'>): Promise<void> {
  const busy = /(?:rdb_bgsave|aof_rewrite)_in_progress:1|aof_rewrite_scheduled:1/;
  for (let turn = 0; turn < 3000; turn++) {
    if (!busy.test(String(await send('INFO', 'persistence')))) return;
    await sleep(10);
  }
  throw new Error('the background work of the server does not end');
}

function withoutClocks(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ seen=\d+ active=\S+$/, ''));
}

function byteStringOf(arg: Argument): string {
  return arg instanceof Uint8Array ? toByteString(arg) : Buffer.from(String(arg)).toString('latin1');
}
