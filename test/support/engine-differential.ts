/**
 * The engine beside a real server: a seeded generator makes commands, both run them, and every reply (its type, its text,
 * the text of errors), every count of changes and, from time to time, every key must be the same.
 *
 * A test makes one {@link compareWithServer} call per family. A failure names the seed, the command, both answers and what
 * came before it on the same key.
 */
import { isDeepStrictEqual } from 'node:util';
import { lookup } from '../../src/aof/command-table.js';
import { type ByteString, toByteString } from '../../src/bytes/byte-string.js';
import type { Database } from '../../src/engine/database.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandError } from '../../src/engine/reply.js';
import { CommandRunner } from '../../src/engine/runner.js';
import { isSince } from '../../src/engine/settings.js';
import { keyEntry, toRdb } from '../../src/engine/snapshot.js';
import { type StoredValue, typeOf } from '../../src/engine/values/stored-value.js';
import { stringEncoding } from '../../src/engine/values/string-encoding.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { type EncodingSettings, findTarget, type Target } from '../../src/rdb/versions.js';
import { asServerReply, plainReply, quotedCommand, sortedReply, textOf } from './engine-replies.js';
import { startServer } from './live-server.js';
import { random } from './random.js';
import { ReplyError, RespClient, type Reply as ServerReply } from './resp-client.js';

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
  readonly comparable?: (value: RdbValue) => unknown;
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
}

/**
 * Starts the server of REDIS_SERVER, runs the commands on it and on an engine of its generation with the same thresholds,
 * and throws where they differ.
 */
export async function compareWithServer(options: DifferentialOptions): Promise<DifferentialResult> {
  const server = await startServer({ args: ['--databases', '16'] });
  const clients: RespClient[] = [];
  try {
    for (let at = 0; at < 2; at++) clients.push(await RespClient.connect(server.port));
    const run = new Run(options, clients[0]!, clients[1]!);
    await run.prepare();
    await run.all();
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

/** Tables that are hashed stand in the order of a seed that nobody else knows. */
function ordered(value: RdbValue, encoding: string): RdbValue {
  if (encoding !== 'hashtable') return value;
  if (value.type === 'set') return { ...value, members: [...value.members].sort(Buffer.compare) };
  if (value.type === 'hash')
    return { ...value, fields: [...value.fields].sort((a, b) => Buffer.compare(a.field, b.field)) };
  return value;
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

/** Names of configuration parameters and what they are here. */
const SETTINGS: Readonly<Record<string, keyof EncodingSettings>> = {
  'hash-max-listpack-entries': 'hashMaxPackedEntries',
  'hash-max-listpack-value': 'hashMaxPackedValue',
  'zset-max-listpack-entries': 'zsetMaxPackedEntries',
  'zset-max-listpack-value': 'zsetMaxPackedValue',
  'set-max-intset-entries': 'setMaxIntsetEntries',
  'set-max-listpack-entries': 'setMaxListpackEntries',
  'set-max-listpack-value': 'setMaxListpackValue',
  'list-max-listpack-size': 'listMaxNodeSize',
  'stream-node-max-bytes': 'streamNodeMaxBytes',
  'stream-node-max-entries': 'streamNodeMaxEntries',
};

const SHOWN_HISTORY = 12;

interface Sent {
  readonly command: GeneratedCommand;
  readonly args: ByteString[];
}

interface Answer {
  /** An error as a value. */
  readonly reply: unknown;
  /** Changes counted after the command. */
  readonly changes: number;
}

class Run {
  private engine!: Engine;
  private runner!: CommandRunner;
  private version = '';
  private chance!: Chance;
  private known!: ReadonlySet<string>;
  private readonly history: ByteString[][] = [];
  private readonly errors = new Map<string, number>();
  private readonly encodings = new Map<string, number>();
  private changes = 0;
  private replies = 0;

  constructor(
    private readonly options: DifferentialOptions,
    private readonly client: RespClient,
    /** For questions, which must not disturb the database that is selected. */
    private readonly asking: RespClient,
  ) {}

  async prepare(): Promise<void> {
    const info = String(await this.asking.send('INFO', 'server'));
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
    this.version = valkey ?? /^redis_version:(\S+)/m.exec(info)![1]!;
    const target = findTarget(`${valkey === undefined ? 'redis' : 'valkey'}:${this.version}`);
    if (target === undefined) throw new Error(`no target for ${this.version}`);
    const encoding = await this.configure();
    this.engine = new Engine({ target, encoding, random: random(this.options.seed) });
    this.runner = new CommandRunner(this.engine);
    const commands = (await this.asking.send('COMMAND', 'LIST')) as Buffer[];
    this.known = new Set(commands.map((name) => String(name).toUpperCase()));
    this.chance = this.chanceOf(random(this.options.seed), target);
    await this.asking.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    this.changes = changesIn(await this.asking.send('INFO', 'persistence'));
  }

  async all(): Promise<void> {
    const { commands, batch = 100, flushEvery = 10 } = this.options;
    for (let done = 0, round = 1; done < commands; done += batch, round++) {
      await this.batch(Math.min(batch, commands - done));
      await this.compareState();
      if (flushEvery > 0 && round % flushEvery === 0) await this.forget();
    }
  }

  result(): DifferentialResult {
    const { version, replies, errors, encodings } = this;
    return { target: this.engine.settings.target, version, replies, errors, encodings };
  }

  /** Sets what the server has; returns what the engine needs to know. */
  private async configure(): Promise<Partial<EncodingSettings>> {
    const encoding: Partial<Record<keyof EncodingSettings, number>> = {};
    for (const [name, value] of Object.entries(this.options.config ?? {})) {
      if (((await this.asking.send('CONFIG', 'GET', name)) as unknown[]).length === 0) continue;
      await this.asking.send('CONFIG', 'SET', name, String(value));
      const setting = SETTINGS[name];
      if (setting !== undefined) encoding[setting] = Number(value);
    }
    return encoding;
  }

  private async batch(count: number): Promise<void> {
    const sent: Sent[] = [];
    const pending: Promise<Answer>[] = [];
    for (let at = 0; at < count; at++) {
      const generated = this.options.generate(this.chance);
      const command: GeneratedCommand = 'args' in generated ? generated : { args: generated };
      const args = command.args.map(String);
      sent.push({ command, args });
      pending.push(this.ask(args));
    }
    for (const [at, answer] of (await Promise.allSettled(pending)).entries()) {
      if (answer.status === 'fulfilled') this.compare(sent[at]!, answer.value);
      else throw new Error(`no answer to ${quotedCommand(sent[at]!.args)}`, { cause: answer.reason });
    }
  }

  private async ask(args: readonly ByteString[]): Promise<Answer> {
    const sent = this.client.send(...args.map((arg) => Buffer.from(arg, 'latin1'))).catch(errorAsValue);
    const [reply, info] = await Promise.all([sent, this.client.send('INFO', 'persistence')]);
    return { reply, changes: changesIn(info) };
  }

  private compare({ command, args }: Sent, { reply, changes }: Answer): void {
    const counted = changes - this.changes;
    this.changes = changes;
    this.history.push(args);
    this.replies++;
    if (reply instanceof ReplyError) this.errors.set(reply.message, (this.errors.get(reply.message) ?? 0) + 1);
    this.engine.tick();
    if (command.follow !== undefined) {
      for (const next of command.follow(reply instanceof ReplyError ? undefined : reply)) {
        this.history.push(next.map(String));
        this.run(next.map(String));
      }
      return;
    }
    const ours = this.run(args);
    const expected = command.unordered ? sortedReply(reply) : reply;
    const found = command.unordered ? sortedReply(ours) : ours;
    if (!isDeepStrictEqual(plainReply(found), plainReply(expected))) this.fail('reply', expected, found);
    if (!command.anyDirty && this.runner.dirty !== counted) this.fail('changes', counted, this.runner.dirty);
  }

  /** The reply as the client would have it. */
  private run(args: readonly ByteString[]): unknown {
    const name = Buffer.from(args[0]!, 'latin1');
    const container = lookup(name, 0, name.length);
    if (container === undefined) throw new Error(`the command table has no ${args[0]}`);
    let spec = container;
    if (container.subcommands !== undefined && args.length > 1) {
      const word = Buffer.from(args[1]!, 'latin1');
      spec = container.subcommands.find(word, 0, word.length) ?? container;
    }
    if (!this.runner.has(spec)) throw new Error(`the engine has no ${spec.name}`);
    try {
      return asServerReply(this.runner.run(spec, args), this.engine.settings.target);
    } catch (error) {
      if (error instanceof CommandError) return asServerReply(error, this.engine.settings.target);
      throw new Error(this.describe('an exception', undefined, undefined), { cause: error });
    }
  }

  private async compareState(): Promise<void> {
    for (let index = 0; index < 16; index++) {
      const db = this.engine.database(index);
      await this.asking.send('SELECT', String(index));
      const names = ((await this.asking.send('KEYS', '*')) as Buffer[]).map((name) => toByteString(name)).sort();
      this.engine.tick();
      const ours = [...db.keys.keys()].filter((name) => db.has(name)).sort();
      if (!isDeepStrictEqual(ours, names)) this.fail(`keys of database ${index}`, names, ours);
      await Promise.all(names.map((name) => this.compareKey(db, name)));
    }
  }

  private async compareKey(db: Database, name: ByteString): Promise<void> {
    const key = Buffer.from(name, 'latin1');
    const [type, expiry, encoding, dump] = await Promise.all([
      this.asking.send('TYPE', key),
      this.asking.send('PEXPIRETIME', key),
      this.asking.send('OBJECT', 'ENCODING', key),
      this.asking.send('DUMP', key),
    ]);
    const stored = db.get(name)!;
    if (dump === null) return;
    const shownEncoding = String(encoding);
    const found = [typeOf(stored), db.expiryOf(name) ?? -1, encodingOf(db, name, stored)];
    const expected = [type, expiry, shownEncoding];
    if (!isDeepStrictEqual(found.map(this.told), expected.map(this.told)))
      this.fail('type, expiry, encoding', expected, found, name);
    const seen = `${type} ${shownEncoding}`;
    this.encodings.set(seen, (this.encodings.get(seen) ?? 0) + 1);
    const comparable = this.options.comparable ?? comparableValue;
    const { value: theirs, rdbType } = decodeDump(new Uint8Array(dump as Buffer));
    const written = keyEntry(db, name, stored, this.engine.settings).rdbType;
    if (written !== rdbType) this.fail('type byte', rdbType, written, name);
    const [left, right] = [theirs, toRdb(stored, this.engine.settings)].map((value) =>
      comparable(ordered(value, shownEncoding)),
    );
    if (!isDeepStrictEqual(right, left)) this.fail('value', left, right, name);
  }

  /**
   * Servers that keep a string in one block with its key choose between `embstr` and `raw` by what that key has been
   * before, which nobody else can know.
   */
  private readonly told = (fact: unknown): unknown =>
    fact === 'raw' && embedsKeys(this.engine.settings.target) ? 'embstr' : fact;

  private async forget(): Promise<void> {
    await this.asking.send('FLUSHALL');
    for (const db of [...this.engine.inUse()]) db.clear();
    this.changes = changesIn(await this.asking.send('INFO', 'persistence'));
    this.history.length = 0;
  }

  private fail(what: string, expected: unknown, found: unknown, key?: ByteString): never {
    throw new Error(this.describe(what, expected, found, key));
  }

  private describe(what: string, expected: unknown, found: unknown, key?: ByteString): string {
    const last = this.history.at(-1)!;
    const about = key === undefined ? last.slice(1) : [key];
    const before = this.history.filter((args) => args.slice(1).some((arg) => about.includes(arg)));
    return [
      `${what} of ${key === undefined ? quotedCommand(last) : JSON.stringify(key)} (seed ${this.options.seed}, command ${this.replies})`,
      `server ${this.version}: ${textOf(expected)}`,
      `engine: ${textOf(found)}`,
      'before:',
      ...before.slice(-SHOWN_HISTORY).map((args) => `  ${quotedCommand(args)}`),
    ].join('\n');
  }

  private chanceOf(next: () => number, target: Target): Chance {
    const integer = (below: number): number => Math.floor(next() * below);
    const pick = <T>(items: readonly T[]): T => items[integer(items.length)]!;
    return {
      next,
      integer,
      pick,
      odds: (probability) => next() < probability,
      some: (items, most) => Array.from({ length: 1 + integer(most) }, () => pick(items)),
      has: (command) => this.known.has(command.toUpperCase()),
      since: (versions) => isSince(target, versions),
      target,
      engine: this.engine,
    };
  }
}

function errorAsValue(error: unknown): ServerReply {
  if (error instanceof ReplyError) return error;
  throw error;
}

function changesIn(info: ServerReply): number {
  return Number(/rdb_changes_since_last_save:(\d+)/.exec(String(info))![1]);
}
