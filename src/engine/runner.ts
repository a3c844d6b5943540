/** Runs commands on an engine: for one client, or for a log. */

import { type CommandSpec, fitsArity, lookup } from '../aof/command-table.js';
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { takesArguments } from './arity.js';
import type { Call, CommandTable, Wait } from './call.js';
import type { CommandLog } from './command-log.js';
import { commandFunctions } from './commands/index.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { EventKind } from './events.js';
import { CommandError, NULL_ARRAY, type Reply, wrongArity } from './reply.js';
import { isSince } from './settings.js';
import { unknownCommand, unknownSubcommand } from './unknown-command.js';

/** Names in small and capital letters are many; clients stay with one. */
const MOST_NAMES = 512;

export class CommandRunner implements Call {
  db: Database;
  args: readonly ByteString[] = [];
  nowMs = 0;
  dirty = 0;
  log: CommandLog | undefined;
  /** What the last command would wait for, where it may; undefined: it has its reply. */
  wait: Wait | undefined;
  isTransaction = false;
  /** Nobody is to be told of what the command does: nobody at all while a log or a dump is loaded. */
  private isQuiet = true;
  private readonly functions: ReturnType<typeof commandFunctions>;
  /** By the names that clients have used, in their letters: making bytes of a name takes longer than all else about it. */
  private readonly specs = new Map<ByteString, CommandSpec>();

  constructor(
    readonly engine: Engine,
    commands?: CommandTable,
    readonly owner: unknown = undefined,
  ) {
    this.db = engine.database(0);
    this.functions = commandFunctions(commands);
  }

  /** Whether {@link run} has it. */
  has(spec: CommandSpec): boolean {
    return this.functions[spec.id] !== undefined;
  }

  select(index: number): void {
    this.db = this.engine.database(index);
  }

  /**
   * A command as a client sends it: looked up and checked, unless {@link find} has given `spec`, run at this very time,
   * logged. Errors are replies. The array is kept by nobody, but by the log of a transaction until its end.
   */
  execute(args: readonly ByteString[], spec?: CommandSpec): Reply {
    const { engine } = this;
    if (!this.isTransaction) engine.tick();
    try {
      return this.run(spec ?? this.find(args), args);
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    } finally {
      if (!this.isTransaction) engine.log?.flush();
    }
  }

  /** What {@link execute} runs in here happens at one time, and stands in the log as one. */
  transaction(run: () => void): void {
    this.engine.tick();
    this.isTransaction = true;
    try {
      run();
    } finally {
      this.isTransaction = false;
      this.engine.log?.flush(true);
    }
  }

  /** The command that is meant. Throws CommandError for one that there is not, and for a wrong number of arguments. */
  find(args: readonly ByteString[]): CommandSpec {
    const container = this.containerOf(args[0]!);
    if (container === undefined) throw unknownCommand(args);
    const { subcommands } = container;
    const spec =
      subcommands === undefined || args.length === 1
        ? container
        : named(args[1]!, (bytes, start, end) => subcommands.find(bytes, start, end));
    if (spec === undefined || !this.isKnown(spec)) throw unknownSubcommand(args);
    if (!takesArguments(spec, args.length, this.engine.settings.target)) throw wrongArity(spec.name.replace(' ', '|'));
    if (!this.has(spec)) throw spec.isSubcommand ? unknownSubcommand(args) : unknownCommand(args);
    return spec;
  }

  /** Undefined where the server does not have it. */
  private containerOf(name: ByteString): CommandSpec | undefined {
    const seen = this.specs.get(name);
    if (seen !== undefined) return seen;
    const spec = named(name, lookup);
    if (spec === undefined || !this.isKnown(spec)) return undefined;
    if (this.specs.size < MOST_NAMES) this.specs.set(name, spec);
    return spec;
  }

  /** Whether the server has it that the engine stands for: a log may hold others, a client is refused. */
  private isKnown({ since, isModule }: CommandSpec): boolean {
    const { target } = this.engine.settings;
    return isModule || target.family === 'keydb' || isSince(target, since);
  }

  /** Throws CommandError where the server answers with an error. The engine's clock is read by whoever begins a command. */
  run(spec: CommandSpec, args: readonly ByteString[]): Reply {
    const run = this.functions[spec.id];
    const { engine } = this;
    this.dirty = 0;
    if (run === undefined) throw new CommandError(`ERR unknown command '${args[0]}'`);
    if (!fitsArity(spec, args.length)) throw wrongArity(spec.name.replace(' ', '|'));
    this.args = args;
    this.nowMs = engine.nowMs;
    this.wait = undefined;
    this.isQuiet = engine.isLoading || !engine.isHeard;
    if (engine.liveSnapshots.size > 0) for (const live of engine.liveSnapshots) live.before(spec, args, this.db);
    if (engine.log === undefined) return run(this);
    this.log = engine.log;
    // SELECT leaves another one behind.
    const { index } = this.db;
    try {
      return run(this);
    } finally {
      this.log.end(index, args, this.dirty);
    }
  }

  changed(key: ByteString, kind: EventKind, event: string, db = this.db): void {
    if (this.isQuiet) return;
    this.engine.changed(db, key);
    this.engine.notify(kind, event, key, db);
  }

  touched(key: ByteString, db = this.db): void {
    if (!this.isQuiet) this.engine.changed(db, key);
  }

  ready(key: ByteString): void {
    this.engine.listener?.ready?.(this.db, key);
  }

  notify(kind: EventKind, event: string, key: ByteString, db = this.db): void {
    if (!this.isQuiet) this.engine.notify(kind, event, key, db);
  }

  block(wait: Wait): Reply {
    this.wait = wait;
    return this.isTransaction && wait.atOnce === null ? null : NULL_ARRAY;
  }
}

function named(
  name: ByteString,
  find: (bytes: Uint8Array, start: number, end: number) => CommandSpec | undefined,
): CommandSpec | undefined {
  return find(fromByteString(name), 0, name.length);
}
