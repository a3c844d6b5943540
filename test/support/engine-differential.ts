/**
 * The engine beside a real server: a seeded generator makes commands, both run them, and every reply (its type, its text,
 * the text of errors), every count of changes, every line of the log, every keyspace event and, from time to time, every key
 * must be the same.
 *
 * A test makes one {@link compareWithServer} call per family. A failure names the seed, the command, both answers and what
 * came before it on the same key.
 */
import type { ByteString } from '../../src/bytes/byte-string.js';
import type { Database } from '../../src/engine/database.js';
import type { Engine } from '../../src/engine/engine.js';
import { isSince } from '../../src/engine/settings.js';
import type { StoredValue } from '../../src/engine/values/stored-value.js';
import { stringEncoding } from '../../src/engine/values/string-encoding.js';
import type { RdbValue } from '../../src/rdb/model.js';
import type { Target } from '../../src/rdb/versions.js';
import { exchangeFiles } from './differential-exchange.js';
import { ServerFeeds } from './differential-feeds.js';
import { DifferentialRun } from './differential-run.js';
import { startServer } from './live-server.js';
import { RespClient } from './resp-client.js';

/** Text is a byte string: one character per byte. */
export type Argument = ByteString | number;

/** A command, or one that needs more care. */
export type Generated = readonly Argument[] | GeneratedCommand;

export interface GeneratedCommand {
  readonly args: readonly Argument[];
  /** The order of the reply (an array) means nothing. */
  readonly unordered?: boolean;
  /** The number of changes that the server counts means nothing here. */
  readonly anyDirty?: boolean;
  /** It is part of a transaction, or begins one: nothing is asked before the next. */
  readonly isQueued?: boolean;
  /**
   * What the server does is random: the engine runs these commands instead, made from the server's reply (undefined for an
   * error), and neither replies nor changes are compared. What a log would hold, for instance.
   */
  readonly follow?: (reply: unknown) => readonly (readonly Argument[])[];
}

/** What a generator draws from. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** 0 up to `below`, which is left out. */
  integer(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** True so often. */
  odds(probability: number): boolean;
  /** Some of the items, `1` to `most`, with repetitions. */
  some<T>(items: readonly T[], most: number): T[];
  /** Whether the server has this command: what it has not, is not to be generated. */
  has(command: string): boolean;
  /** Whether the server is that new. */
  since(versions: { redis?: string; valkey?: string }): boolean;
  readonly target: Target;
  /** As far as the engine has come: some commands behind what has been generated. */
  readonly engine: Engine;
}

export interface DifferentialOptions {
  readonly seed: number;
  /** How many commands. */
  readonly commands: number;
  readonly generate: (chance: Chance) => Generated;
  /** Configuration of the server by its names; what the engine has of it is set there too. Names it lacks are left out. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Commands per round trip, after which every key is compared. Default: 100. */
  readonly batch?: number;
  /** Both forget everything after so many batches, that encodings may begin anew. Default: 10; 0 for never. */
  readonly flushEvery?: number;
  /** Leaves out of a value what depends on time or chance; given the server's and the engine's. */
  readonly comparable?: (value: RdbValue, target: Target) => unknown;
  /** Of the replies, which are then compared kind by kind. Default: 2. */
  readonly protocol?: 2 | 3;
  /** Compares digests now and then, and exchanges files both ways at the end. Default: false. */
  readonly exchange?: boolean;
  /** Leaves log and events out of the comparison. Default: false. */
  readonly repliesOnly?: boolean;
}

/** What happened, for a test that wants to know that its generator crosses what it should. */
export interface DifferentialResult {
  readonly target: Target;
  readonly version: string;
  readonly replies: number;
  /** Replies that were errors, by their text. */
  readonly errors: ReadonlyMap<string, number>;
  /** How often a key was seen in an encoding, such as `hash listpack`. */
  readonly encodings: ReadonlyMap<string, number>;
  /** How often each command, by its name in upper case, was accepted. */
  readonly accepted: ReadonlyMap<string, number>;
}

/**
 * Starts the server of REDIS_SERVER, runs the commands on it and on an engine of its generation with the same thresholds,
 * and throws where they differ.
 */
export async function compareWithServer(options: DifferentialOptions): Promise<DifferentialResult> {
  const server = await startServer({ args: ['--databases', '16', ...ServerFeeds.args] });
  const clients: RespClient[] = [];
  try {
    for (let at = 0; at < 2; at++) clients.push(await RespClient.connect(server.port, { exact: at === 0 }));
    const feeds = await ServerFeeds.open(server);
    const run = new DifferentialRun(options, clients[0]!, clients[1]!, feeds);
    await run.prepare();
    await run.all();
    if (options.exchange) await exchangeFiles(server, run.engine, run.logged);
    feeds.close();
    return run.result();
  } finally {
    for (const client of clients) client.close();
    await server.stop();
  }
}

/** A key is compared through its DUMP, decoded; without what says how it stood in there. */
export function comparableValue(value: RdbValue): unknown {
  const { encoding: _encoding, ...rest } = value;
  return rest;
}

/** OBJECT ENCODING of what the engine has at a key. */
export function encodingOf(db: Database, key: ByteString, value: StoredValue): string {
  const { settings } = db.engine;
  if (typeof value !== 'string' && value.type !== 'string') return value.encoding(settings);
  return stringEncoding(value, settings, key.length, db.expiryOf(key) !== undefined);
}

/** Whether a server keeps short strings in one block with their keys. */
export function embedsKeys(target: Target): boolean {
  return isSince(target, { redis: '8.2', valkey: '8.1' });
}
