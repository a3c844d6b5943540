/** One run of commands on a server and on an engine beside it: see engine-differential.ts. */
import { isDeepStrictEqual } from 'node:util';
import { lookup } from '../../src/aof/command-table.js';
import { type ByteString, toByteString } from '../../src/bytes/byte-string.js';
import type { Database } from '../../src/engine/database.js';
import { digestEngine } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { Session } from '../../src/engine/session.js';
import { keyEntry, toRdb } from '../../src/engine/snapshot.js';
import { typeOf } from '../../src/engine/values/stored-value.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { type EncodingSettings, findTarget } from '../../src/rdb/versions.js';
import { chanceOf } from './chance.js';
import type { LogLine, ServerFeeds } from './differential-feeds.js';
import {
  type Chance,
  comparableValue,
  type DifferentialOptions,
  type DifferentialResult,
  embedsKeys,
  encodingOf,
  type GeneratedCommand,
} from './engine-differential.js';
import { EngineFeeds, logDifference, type Told } from './engine-feeds.js';
import { asServerReply, isSameReply, plainReply, quotedCommand, sortedReply, textOf } from './engine-replies.js';
import { random } from './random.js';
import { ReplyError, type RespClient, type Reply as ServerReply, TypedReply } from './resp-client.js';

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

/** Batches. */
const DIGEST_EVERY = 5;
const SHOWN_HISTORY = 12;
const ALL_KINDS = [...'g$lshztdxen'];

interface Sent {
  readonly command: GeneratedCommand;
  readonly args: ByteString[];
}

interface Answer {
  /** An error as a value. */
  readonly reply: unknown;
  /** Changes counted after the command; undefined where nobody could ask. */
  readonly changes: number | undefined;
}

export class DifferentialRun {
  engine!: Engine;
  private session!: Session;
  private version = '';
  private chance!: Chance;
  private known!: ReadonlySet<string>;
  private readonly history: ByteString[][] = [];
  private readonly errors = new Map<string, number>();
  private readonly encodings = new Map<string, number>();
  private readonly accepted = new Map<string, number>();
  private changes = 0;
  private replies = 0;
  private told!: EngineFeeds;

  constructor(
    private readonly options: DifferentialOptions,
    private readonly client: RespClient,
    /** For questions, which must not disturb the database that is selected. */
    private readonly asking: RespClient,
    private readonly feeds: ServerFeeds,
  ) {}

  async prepare(): Promise<void> {
    const info = String(await this.asking.send('INFO', 'server'));
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
    this.version = valkey ?? /^redis_version:(\S+)/m.exec(info)![1]!;
    const target = findTarget(`${valkey === undefined ? 'redis' : 'valkey'}:${this.version}`);
    if (target === undefined) throw new Error(`no target for ${this.version}`);
    const encoding = await this.configure();
    this.engine = new Engine({ target, encoding, random: random(this.options.seed) });
    this.session = new Session(this.engine);
    this.told = new EngineFeeds(this.engine);
    const commands = (await this.asking.send('COMMAND', 'LIST')) as Buffer[];
    this.known = new Set(commands.map((name) => String(name).toUpperCase()));
    this.chance = chanceOf(this.options.seed, this.engine, (command) => this.known.has(command.toUpperCase()));
    await this.asking.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    if (this.protocol === 3) await this.client.send('HELLO', '3');
    this.changes = changesIn(await this.asking.send('INFO', 'persistence'));
  }

  async all(): Promise<void> {
    const { commands, batch = 100, flushEvery = 10 } = this.options;
    for (let done = 0, round = 1; done < commands; done += batch, round++) {
      await this.hear(round);
      await this.batch(Math.min(batch, commands - done));
      if (!this.options.repliesOnly) await this.compareFeeds();
      await this.compareState();
      if (this.options.exchange && round % DIGEST_EVERY === 0) await this.compareDigests();
      await this.clearFeeds();
      if (flushEvery > 0 && round % flushEvery === 0) await this.forget();
    }
  }

  /** Every line of the engine's log since the start. */
  get logged(): readonly (readonly ByteString[])[] {
    return this.told.all;
  }

  private get protocol(): 2 | 3 {
    return this.options.protocol ?? 2;
  }

  /** All events in every other batch; else some, so that it shows which kind each is of. */
  private async hear(round: number): Promise<void> {
    const some = ALL_KINDS.filter(() => this.chance.odds(0.5));
    this.told.kinds = (round % 2 === 1 ? ALL_KINDS : some).join('');
    await this.asking.send('CONFIG', 'SET', 'notify-keyspace-events', `E${this.told.kinds}`);
  }

  private async compareFeeds(): Promise<void> {
    // A long reply may leave before the log is written: not so what is asked behind it.
    await this.asking.send('PING');
    const ours = this.told.log();
    const theirs = this.feeds.log();
    const at = logDifference(
      ours.map(({ what }) => what),
      theirs,
    );
    if (at !== undefined) this.failFeed('log', theirs.map(lineText), ours.map(toldLine), at);
    const told = this.told.events();
    const heard = await this.feeds.eventsSoFar();
    const differing = heard.findIndex((event, index) => event !== told[index]?.what);
    if (differing < 0 && told.length === heard.length) return;
    this.failFeed('events', heard, told, differing < 0 ? heard.length : differing);
  }

  /** What comes of questions, and of a new beginning, is not compared. */
  private async clearFeeds(): Promise<void> {
    this.engine.log!.flush();
    this.told.log();
    this.told.events();
    this.feeds.log();
    await this.feeds.eventsSoFar();
  }

  result(): DifferentialResult {
    const { version, replies, errors, encodings, accepted } = this;
    return { target: this.engine.settings.target, version, replies, errors, encodings, accepted };
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
      pending.push(this.ask(args, command.isQueued === true));
    }
    for (const [at, answer] of (await Promise.allSettled(pending)).entries()) {
      if (answer.status === 'fulfilled') this.compare(sent[at]!, answer.value);
      else throw new Error(`no answer to ${quotedCommand(sent[at]!.args)}`, { cause: answer.reason });
    }
  }

  private async ask(args: readonly ByteString[], isQueued: boolean): Promise<Answer> {
    const sent = this.client.send(...args.map((arg) => Buffer.from(arg, 'latin1'))).catch(errorAsValue);
    if (isQueued) return { reply: await sent, changes: undefined };
    const [reply, info] = await Promise.all([sent, this.client.send('INFO', 'persistence')]);
    return { reply, changes: changesIn(info) };
  }

  private compare({ command, args }: Sent, { reply, changes }: Answer): void {
    const counted = changes === undefined ? 0 : changes - this.changes;
    this.changes = changes ?? this.changes;
    this.history.push(args);
    this.replies++;
    if (!(reply instanceof ReplyError) && reply !== 'QUEUED') this.accept(args);
    if (reply instanceof ReplyError) this.errors.set(reply.message, (this.errors.get(reply.message) ?? 0) + 1);
    if (command.follow !== undefined) {
      const lines = command.follow(reply instanceof ReplyError ? undefined : reply);
      this.session.runner.transaction(() => {
        for (const next of lines) {
          this.history.push(next.map(String));
          this.run(next.map(String));
        }
      });
      return;
    }
    const ours = this.run(args);
    const expected = command.unordered ? sortedReply(reply) : reply;
    const found = command.unordered ? sortedReply(ours) : ours;
    if (!isSameReply(plainReply(found), plainReply(expected))) this.fail('reply', expected, found);
    if (!command.anyDirty && this.session.changes !== counted) this.fail('changes', counted, this.session.changes);
  }

  private accept(args: readonly ByteString[]): void {
    const container = lookup(Buffer.from(args[0]!, 'latin1'), 0, args[0]!.length);
    const name = (container?.subcommands === undefined ? args[0]! : `${args[0]} ${args[1]}`).toUpperCase();
    this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1);
  }

  /** The reply as the client would have it. */
  private run(args: readonly ByteString[]): unknown {
    this.told.begin(args);
    try {
      return asServerReply(this.session.execute(args), this.engine.settings.target, this.protocol);
    } catch (error) {
      throw new Error(this.describe('an exception', undefined, undefined), { cause: error });
    }
  }

  private async compareDigests(): Promise<void> {
    const theirs = String(await this.asking.send('DEBUG', 'DIGEST'));
    const ours = digestEngine(this.engine).digest;
    if (ours !== theirs) this.fail('DEBUG DIGEST', theirs, ours);
  }

  private async compareState(): Promise<void> {
    for (let index = 0; index < 16; index++) {
      const db = this.engine.database(index);
      await this.asking.send('SELECT', String(index));
      const names = ((await this.asking.send('KEYS', '*')) as Buffer[]).map((name) => toByteString(name)).sort();
      this.engine.tick();
      const ours = [...db.keys.keys()].filter((name) => !db.isExpired(name)).sort();
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
    if (!isSameReply(found.map(this.shownFact), expected.map(this.shownFact)))
      this.fail('type, expiry, encoding', expected, found, name);
    const seen = `${type} ${shownEncoding}`;
    this.encodings.set(seen, (this.encodings.get(seen) ?? 0) + 1);
    const comparable = this.options.comparable ?? comparableValue;
    const { value: theirs, rdbType } = decodeDump(new Uint8Array(dump as Buffer));
    const written = keyEntry(db, name, stored, this.engine.settings).rdbType;
    if (written !== rdbType) this.fail('type byte', rdbType, written, name);
    const [left, right] = [theirs, toRdb(stored, this.engine.settings)].map((value) =>
      comparable(ordered(value, shownEncoding), this.engine.settings.target),
    );
    if (!isDeepStrictEqual(right, left)) this.fail('value', left, right, name);
  }

  /**
   * Servers that keep a string in one block with its key choose between `embstr` and `raw` by what that key has been
   * before, which nobody else can know.
   */
  private readonly shownFact = (fact: unknown): unknown =>
    fact === 'raw' && embedsKeys(this.engine.settings.target) ? 'embstr' : fact;

  private async forget(): Promise<void> {
    await this.asking.send('FLUSHALL');
    for (const db of [...this.engine.inUse()]) db.clear();
    this.changes = changesIn(await this.asking.send('INFO', 'persistence'));
    this.history.length = 0;
    await this.clearFeeds();
    this.told.forgotten();
  }

  private failFeed(what: string, theirs: readonly string[], ours: readonly Told<string>[], at: number): never {
    const around = <T>(items: readonly T[]): T[] => items.slice(Math.max(0, at - 2), at + 3);
    throw new Error(
      [
        `${what}, number ${at} (seed ${this.options.seed}, up to command ${this.replies}, kinds ${this.told.kinds})`,
        `server ${this.version}:`,
        ...around(theirs).map((text) => `  ${text === theirs[at] ? '>' : ' '} ${text}`),
        'engine:',
        ...around(ours).map((told) => `  ${told === ours[at] ? '>' : ' '} ${told.what}   (${told.command})`),
      ].join('\n'),
    );
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
}

function lineText({ db, args }: LogLine): string {
  return `${db ?? '-'} ${quotedCommand(args)}`;
}

function toldLine({ what, command }: Told<LogLine>): Told<string> {
  return { what: lineText(what), command };
}

function errorAsValue(error: unknown): ServerReply {
  if (error instanceof ReplyError) return error;
  throw error;
}

function changesIn(info: ServerReply): number {
  const text = String(info instanceof TypedReply ? info.value : info);
  return Number(/rdb_changes_since_last_save:(\d+)/.exec(text)![1]);
}

/** Tables that are hashed stand in the order of a seed that nobody else knows. */
function ordered(value: RdbValue, encoding: string): RdbValue {
  if (encoding !== 'hashtable') return value;
  if (value.type === 'set') return { ...value, members: [...value.members].sort(Buffer.compare) };
  if (value.type === 'hash')
    return { ...value, fields: [...value.fields].sort((a, b) => Buffer.compare(a.field, b.field)) };
  return value;
}
