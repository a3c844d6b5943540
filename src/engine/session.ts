/**
 * One client of an engine: its database, its transaction, the keys that it watches. What comes in between MULTI and EXEC is
 * checked, kept, and run at one time; WATCH makes that depend on what others have done meanwhile.
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import type { Wait } from './call.js';
import type { Engine } from './engine.js';
import { CommandError, NULL_ARRAY, OK, QUEUED, type Reply } from './reply.js';
import { CommandRunner } from './runner.js';
import { Watch } from './watch.js';

export class Session {
  readonly runner: CommandRunner;
  /** What the last command changed, as the server counts it for its save points; of EXEC, all of its commands. */
  changes = 0;
  private readonly watch: Watch;
  private queue: (readonly ByteString[])[] | undefined;
  /** A command was refused on its way into the queue. */
  private isSpoilt = false;

  constructor(readonly engine: Engine) {
    this.runner = new CommandRunner(engine);
    this.watch = new Watch(engine.watches);
  }

  /** Between MULTI and its end. */
  get inTransaction(): boolean {
    return this.queue !== undefined;
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
    switch (spec.name) {
      case 'MULTI':
        return this.multi();
      case 'EXEC':
        return this.queue === undefined ? this.run(args) : this.exec(this.queue);
      case 'DISCARD':
        return this.queue === undefined ? this.run(args) : this.discard();
      case 'WATCH':
        return this.watchKeys(args);
    }
    if (this.queue !== undefined) {
      this.queue.push(args);
      return QUEUED;
    }
    if (spec.name === 'UNWATCH') this.watch.clear();
    return this.run(args);
  }

  /** The client is gone: nobody watches for it any more. */
  close(): void {
    this.end();
  }

  private run(args: readonly ByteString[]): Reply {
    const reply = this.runner.execute(args);
    this.changes += this.runner.dirty;
    return reply;
  }

  private multi(): Reply {
    if (this.queue !== undefined) return new CommandError('ERR MULTI calls can not be nested');
    this.queue = [];
    return OK;
  }

  private exec(queue: readonly (readonly ByteString[])[]): Reply {
    const { engine, watch, runner } = this;
    engine.tick();
    const isStale = watch.isStale((index) => engine.database(index));
    const isSpoilt = this.isSpoilt;
    this.end();
    if (isSpoilt) return new CommandError('EXECABORT Transaction discarded because of previous errors.');
    if (isStale) return NULL_ARRAY;
    const replies: Reply[] = [];
    runner.transaction(() => {
      for (const args of queue) replies.push(this.run(args));
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

  /** What is refused spoils the transaction that it would have been in. */
  private refuse(args: readonly ByteString[], error: CommandError): Reply {
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
    this.watch.clear();
  }
}
