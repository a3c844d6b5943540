/**
 * The configuration of a server: what CONFIG GET shows and CONFIG SET changes, and the part of it that the server itself looks at,
 * as numbers and flags. It stands before there is an engine, which begins by it; {@link ServerConfig.attach} tells it then.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { fromByteString } from '../../bytes/byte-string.js';
import { compileGlob } from '../../bytes/glob.js';
import { CommandError } from '../../engine/reply.js';
import type { StoreOptions } from '../../store/store-options.js';
import type { Connection } from '../connection.js';
import type { KeyspaceEvents } from '../keyspace-events.js';
import type { LatencySettings } from '../latency-monitor.js';
import type { ListenerSettings } from '../listener.js';
import type { CoreConfig } from '../server-context.js';
import type { SlowSettings } from '../slowlog.js';
import type { WriteSettings } from '../write-guard.js';
import { type ConfigTargets, engineOptionsOf, pathOf, storeOptionsOf, takeEffect } from './config-effects.js';
import { shown } from './config-kind.js';
import { type ClientClass, type OutputLimit, outputLimits } from './config-lists.js';
import { ConfigRefusal } from './config-refusal.js';
import { rewriteConfigFile } from './config-rewrite.js';
import { CONFIG_TABLE, type ConfigRow, configRow, namesOf } from './config-table.js';
import { type ConfigValues, SettingValues } from './config-values.js';
import { SoftLimits } from './soft-limits.js';

type EventSettings = ConstructorParameters<typeof KeyspaceEvents>[0];

export interface ServerConfigOptions {
  /** What was given, by config-file.ts for instance. */
  readonly values?: ConfigValues;
  /** The file that it came from, for CONFIG REWRITE: an absolute path. */
  readonly path?: string;
}

export interface SetOptions {
  /** The client is on this machine. */
  readonly isLocal: boolean;
}

export class ServerConfig
  implements CoreConfig, EventSettings, SlowSettings, LatencySettings, ListenerSettings, WriteSettings
{
  password: ByteString = '';
  maxClients = 0;
  maxBulkBytes = 0;
  queryBufferLimit = 0;
  eventLetters: ReadonlySet<string> = new Set();
  slowerThanUsec = 0;
  slowLogLength = 0;
  latencyThresholdMs = 0;
  tracksLatency = true;
  maxMemoryBytes = 0;
  refusesBeyondMemory = true;
  wantsReplicas = false;
  idleSeconds = 0;
  keepAliveSeconds = 0;
  readonly path: string | undefined;
  private readonly values: SettingValues;
  private readonly given: ReadonlySet<string>;
  private limits: ReadonlyMap<ClientClass, OutputLimit> = new Map();
  private readonly softLimits = new SoftLimits();
  private targets: ConfigTargets | undefined;

  /** Throws ConfigRefusal for a value that a setting does not take. */
  constructor({ values = new Map(), path }: ServerConfigOptions = {}) {
    this.path = path;
    this.given = new Set(values.keys());
    this.values = new SettingValues(values);
    this.refresh();
  }

  /** From now on CONFIG SET has its effect there. */
  attach(targets: ConfigTargets): void {
    this.targets = targets;
  }

  /** How an engine begins that only reads, and how a store begins: what was not given is left to the target. */
  get engineOptions(): ReturnType<typeof engineOptionsOf> {
    return engineOptionsOf(this.values, this.given);
  }

  get storeOptions(): StoreOptions {
    return storeOptionsOf(this.values, this.given);
  }

  /** A value as it is kept, by the setting's own name. */
  text(name: string): ByteString {
    return this.values.text(name);
  }

  isYes(name: string): boolean {
    return this.values.isYes(name);
  }

  number(name: string): number {
    return this.values.number(name);
  }

  /** One whose value is a path. */
  pathOf(name: string): string {
    return pathOf(this.values, name);
  }

  /** CONFIG GET: names and values, by the names that were asked for, each once, in any letters. */
  get(patterns: readonly ByteString[]): [ByteString, ByteString][] {
    const found = new Map<string, [ByteString, ByteString]>();
    for (const pattern of patterns) {
      for (const name of matching(pattern)) {
        const lower = name.toLowerCase();
        if (!found.has(lower)) found.set(lower, [name, this.shown(configRow(lower)!)]);
      }
    }
    return [...found.values()];
  }

  /** CONFIG SET: all of it or nothing. Throws CommandError. */
  set(pairs: readonly (readonly [ByteString, ByteString])[], { isLocal }: SetOptions): void {
    const rows = this.changeable(pairs, isLocal);
    const before = rows.map(({ name }) => this.values.text(name));
    const done = new Set<string>();
    try {
      for (const [at, row] of rows.entries()) naming(pairs[at]![0], () => this.put(row, pairs[at]![1]));
      for (const [at, { name }] of rows.entries()) {
        if (this.values.text(name) === before[at]) continue;
        naming(pairs[at]![0], () => this.takeEffect(name));
        done.add(name);
      }
    } catch (error) {
      this.restore(rows, before, done);
      throw error;
    }
    this.refresh();
  }

  /** CONFIG REWRITE. Throws CommandError. */
  rewrite(): void {
    if (this.path === undefined || this.targets === undefined)
      throw new CommandError('ERR The server is running without a config file');
    const settings = CONFIG_TABLE.map((row) => ({ row, value: this.values.text(row.name) }));
    try {
      rewriteConfigFile(this.path, settings, this.targets.files);
    } catch (error) {
      throw new CommandError(`ERR Rewriting config file: ${reasonOf(error)}`);
    }
  }

  outputLimitOf(connection: Connection): number {
    const limit = this.limits.get(connection.subscriptions > 0 ? 'pubsub' : 'normal')!;
    return this.softLimits.mostBytes(connection, limit);
  }

  private shown({ name, kind }: ConfigRow): ByteString {
    return shown(kind, this.values.text(name));
  }

  /** Which settings are meant. Throws CommandError for the first that cannot be set. */
  private changeable(pairs: readonly (readonly [ByteString, ByteString])[], isLocal: boolean): ConfigRow[] {
    const guard = this.text('enable-protected-configs');
    const isUnguarded = guard === 'yes' || (guard === 'local' && isLocal);
    const rows: ConfigRow[] = [];
    const seen = new Set<string>();
    for (const [name] of pairs) {
      const row = configRow(name);
      if (row === undefined)
        throw new CommandError(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
      const { access } = row;
      if (access === 'fixed') throw refused(name, "can't set immutable config");
      if (access === 'guarded' && !isUnguarded) throw refused(name, "can't set protected config");
      const lower = name.toLowerCase();
      if (seen.has(lower)) throw refused(name, 'duplicate parameter');
      seen.add(lower);
      rows.push(row);
    }
    return rows;
  }

  private put(row: ConfigRow, value: ByteString): void {
    this.values.put(row.name, this.values.normalised(row, value));
  }

  private takeEffect(name: string): void {
    const refusal = this.refusalOf(name);
    if (refusal !== undefined) throw new ConfigRefusal(refusal);
    if (this.targets !== undefined) takeEffect(this.targets, this.values, new Set([name]));
  }

  /** Why it stays as it is while the server runs: sockets and files that are open. */
  private refusalOf(name: string): string | undefined {
    switch (name) {
      case 'port':
      case 'tls-port':
        return 'Unable to listen on this port. Check server logs.';
      case 'bind':
        return 'Failed to bind to specified addresses.';
      case 'dir': {
        const stat = this.targets?.files.stat(this.pathOf('dir'));
        if (stat === undefined) return 'No such file or directory';
        return stat.isDirectory ? OPEN_FILES : 'Not a directory';
      }
      case 'dbfilename':
        return OPEN_FILES;
    }
    return undefined;
  }

  /** `done`: those that have had their effect. */
  private restore(rows: readonly ConfigRow[], before: readonly ByteString[], done: ReadonlySet<string>): void {
    // Of two names of one setting the first has what was there.
    for (const [at, { name }] of [...rows.entries()].reverse()) this.values.put(name, before[at]!);
    if (this.targets !== undefined) takeEffect(this.targets, this.values, done);
  }

  private refresh(): void {
    const { values } = this;
    this.password = values.text('requirepass');
    this.maxClients = values.number('maxclients');
    this.maxBulkBytes = values.number('proto-max-bulk-len');
    this.queryBufferLimit = values.number('client-query-buffer-limit');
    this.eventLetters = new Set(values.text('notify-keyspace-events'));
    this.slowerThanUsec = values.number('slowlog-log-slower-than');
    this.slowLogLength = values.number('slowlog-max-len');
    this.latencyThresholdMs = values.number('latency-monitor-threshold');
    this.maxMemoryBytes = values.number('maxmemory');
    this.refusesBeyondMemory = values.text('maxmemory-policy') === 'noeviction';
    this.wantsReplicas = values.number('min-replicas-to-write') > 0 && values.number('min-replicas-max-lag') > 0;
    this.tracksLatency = values.isYes('latency-tracking');
    this.idleSeconds = values.number('timeout');
    this.keepAliveSeconds = values.number('tcp-keepalive');
    this.limits = outputLimits(values.text('client-output-buffer-limit'));
  }
}

const OPEN_FILES = 'the files of a server stay where they are while it runs';

/** A pattern with `*`, `?` or `[` is one; anything else is a name, which is given back as it was written. */
function matching(pattern: ByteString): string[] {
  if (!/[*?[]/.test(pattern)) return configRow(pattern) === undefined ? [] : [pattern];
  const glob = compileGlob(fromByteString(pattern.toLowerCase()));
  const names = CONFIG_TABLE.filter(({ access }) => access !== 'hidden').flatMap(namesOf);
  return names.filter((name) => glob.matches(fromByteString(name), 0, name.length));
}

function naming(name: ByteString, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigRefusal) throw refused(name, error.message);
    throw error;
  }
}

function refused(name: ByteString, reason: string): CommandError {
  return new CommandError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
