/**
 * One client of an engine: its database, its transaction, the keys that it watches. What comes in between MULTI and EXEC is
 * checked, kept, and run at one time; WATCH makes that depend on what others have done meanwhile.
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import type { Target } from '../rdb/versions.js';
import type { CommandTable, Wait } from './call.js';
import type { Engine } from './engine.js';
import { CommandError, NULL_ARRAY, OK, QUEUED, type Reply, readOnly } from './reply.js';
import { CommandRunner } from './runner.js';
import { isSince } from './settings.js';
import { Watch } from './watch.js';

export interface SessionOptions {
  /** Commands beside those of the engine, or in their place. */
  readonly commands?: CommandTable;
  /** What those find as `call.owner`. */
  readonly owner?: unknown;
  readonly observer?: SessionObserver;
  /** Whether a command that counts as writing changes nothing as it was sent, and may be run where nothing can be written. */
  readonly leavesAll?: (name: string, args: readonly ByteString[]) => boolean;
}

/** Hears of every command, and may refuse it; of those of a transaction when they are, EXEC behind them. */
export interface SessionObserver {
  /** Why it is not run, though it could be. `queued`: commands of the transaction, which EXEC would run. */
  refusalOf(spec: CommandSpec, queued: readonly CommandSpec[]): CommandError | undefined;
  /** A command begins: what {@link ended} is given back. */
  begins(spec: CommandSpec): number;
  ended(args: readonly ByteString[], spec: CommandSpec, reply: Reply, begun: number): void;
  /** It is not run. `spec`: undefined where there is no such command. */
  refused(spec: CommandSpec | undefined, error: CommandError): void;
}

/** A command of a transaction that waits for EXEC. */
interface Queued {
  readonly args: readonly ByteString[];
  readonly spec: CommandSpec;
}

export class Session {
  readonly runner: CommandRunner;
  /** What the last command changed, as the server counts it for its save points; of EXEC, all of its commands. */
  changes = 0;
  private readonly watch: Watch;
  private readonly observer: SessionObserver | undefined;
  private readonly leavesAll: SessionOptions['leavesAll'];
  private queue: Queued[] | undefined;
  /** A command was refused on its way into the queue. */
  private isSpoilt = false;
  /** Among the commands in the queue is one that changes data. */
  private isWriting = false;

  constructor(
    readonly engine: Engine,
    { commands, owner, observer, leavesAll }: SessionOptions = {},
  ) {
    this.observer = observer;
    this.leavesAll = leavesAll;
    this.runner = new CommandRunner(engine, commands, owner);
    this.watch = new Watch(engine.watches);
  }

  /** Between MULTI and its end. */
  get inTransaction(): boolean {
    return this.queue !== undefined;
  }

  /** Commands of a transaction that wait for EXEC; undefined where there is none. */
  get queuedCount(): number | undefined {
    return this.queue?.length;
  }

  /** What the last command would wait for; undefined: it has its reply. In a transaction nothing waits. */
  get wait(): Wait | undefined {
    return this.queue === undefined ? this.runner.wait : undefined;
  }

  /** A command as it was sent; errors are replies. The array is kept where it is queued. */
  execute(args: readonly ByteString[]): Reply {
    this.changes = 0;
    this.runner.wait = undefined;
    let spec: CommandSpec;
    try {
      spec = this.runner.find(args);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return this.refuse(args, error);
    }
    const barred = this.queue === undefined ? undefined : barredInside(spec.name, this.engine.settings.target);
    if (barred !== undefined) return this.refuse(args, barred, spec);
    const { queue } = this;
    const isQueued = queue !== undefined && !RUN_AT_ONCE.has(spec.name);
    const refusal =
      (spec.name === 'EXEC' ? this.refusedExec() : this.refusalOf(spec, args)) ?? this.observedRefusal(spec);
    if (refusal !== undefined) return this.refuse(args, refusal, spec);
    if (!isQueued) return this.run(args, spec);
    queue.push({ args, spec });
    this.isWriting ||= spec.isWrite;
    return QUEUED;
  }

  /** The client is gone: nobody watches for it any more. */
  close(): void {
    this.end();
  }

  private run(args: readonly ByteString[], spec: CommandSpec): Reply {
    const { observer } = this;
    if (observer === undefined) return this.perform(args, spec);
    const begun = observer.begins(spec);
    const reply = this.perform(args, spec);
    observer.ended(args, spec, reply, begun);
    return reply;
  }

  private perform(args: readonly ByteString[], spec: CommandSpec): Reply {
    switch (spec.name) {
      case 'MULTI':
        return this.multi();
      case 'EXEC':
        if (this.queue !== undefined) return this.exec(this.queue);
        break;
      case 'DISCARD':
        if (this.queue !== undefined) return this.discard();
        break;
      case 'WATCH':
        return this.watchKeys(args);
      case 'UNWATCH':
        this.watch.clear();
    }
    const reply = this.runner.execute(args, spec);
    this.changes += this.runner.dirty;
    return reply;
  }

  /** Why a command that changes data is not run, though it could be: its files are in trouble, or only read. The server counts PING as one. */
  private refusalOf(
    { isWrite, name }: Pick<CommandSpec, 'isWrite' | 'name'>,
    args: readonly ByteString[],
  ): CommandError | undefined {
    const { engine } = this;
    if (isWrite && engine.isReadOnly && !this.leavesAll?.(name, args)) return readOnly();
    return isWrite || name === 'PING' ? engine.persistence?.refusal() : undefined;
  }

  private observedRefusal(spec: CommandSpec): CommandError | undefined {
    const queued = spec.name === 'EXEC' && this.queue ? this.queue.map((one) => one.spec) : [];
    return this.observer?.refusalOf(spec, queued);
  }

  private refusedExec(): CommandError | undefined {
    return this.queue && this.refusalOf({ isWrite: this.isWriting, name: 'EXEC' }, ['EXEC']);
  }

  private multi(): Reply {
    if (this.queue !== undefined) return new CommandError('ERR MULTI calls can not be nested');
    this.queue = [];
    return OK;
  }

  private exec(queue: readonly Queued[]): Reply {
    const { engine, watch, runner } = this;
    engine.tick();
    const isStale = watch.isStale((index) => engine.database(index));
    const isSpoilt = this.isSpoilt;
    this.end();
    if (isSpoilt) return new CommandError('EXECABORT Transaction discarded because of previous errors.');
    if (isStale) return NULL_ARRAY;
    const replies: Reply[] = [];
    runner.transaction(() => {
      for (const { args, spec } of queue) replies.push(this.run(args, spec));
    });
    runner.wait = undefined;
    return replies;
  }

  private discard(): Reply {
    this.end();
    return OK;
  }

  private watchKeys(args: readonly ByteString[]): Reply {
    if (this.queue !== undefined) return new CommandError('ERR WATCH inside MULTI is not allowed');
    this.engine.tick();
    for (let at = 1; at < args.length; at++) this.watch.add(this.runner.db, args[at]!);
    return OK;
  }

  /** The reply to a command that is refused for a reason of whoever serves: it spoils the transaction that it would have been in. */
  refuse(args: readonly ByteString[], error: CommandError, spec?: CommandSpec): Reply {
    this.observer?.refused(spec, error);
    if (args[0]!.toUpperCase() === 'EXEC') {
      this.end();
      return new CommandError(`EXECABORT Transaction discarded because of: ${error.message.replace(/^ERR /, '')}`);
    }
    if (this.queue !== undefined) this.isSpoilt = true;
    return error;
  }

  private end(): void {
    this.queue = undefined;
    this.isSpoilt = false;
    this.isWriting = false;
    this.watch.clear();
  }
}

/** What a transaction does not queue. */
const RUN_AT_ONCE: ReadonlySet<string> = new Set(['EXEC', 'DISCARD', 'MULTI', 'WATCH', 'QUIT', 'RESET']);

/** What servers do not take into a transaction; Valkey has one answer for two more. */
const BARRED: ReadonlySet<string> = new Set(['SAVE', 'SHUTDOWN', 'SYNC', 'PSYNC']);
const BARRED_TOO: ReadonlySet<string> = new Set(['MULTI', 'WATCH']);
const BARS_BOTH = { valkey: '8.1' } as const;
const NAMES_WHAT_IS_BARRED = { valkey: '9.1' } as const;

/** Why a command cannot stand in a transaction; undefined where it can, or has an answer of its own. */
function barredInside(name: string, target: Target): CommandError | undefined {
  if (!BARRED.has(name) && !(BARRED_TOO.has(name) && isSince(target, BARS_BOTH))) return undefined;
  const which = isSince(target, NAMES_WHAT_IS_BARRED) ? `Command '${name.toLowerCase()}'` : 'Command';
  return new CommandError(`ERR ${which} not allowed inside a transaction`);
}
