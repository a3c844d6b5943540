/**
 * Replays a log: what a server does with it at its start (aof-format.md §1.1). Transactions happen at their EXEC or not at
 * all; error replies are dropped, and counted; what the engine cannot do is an error, or skipped where that was asked for.
 */
import type { CommandSpec } from '../aof/command-table.js';
import { lookupCommand } from '../aof/command-table.js';
import { CONTROL, type CommandView } from '../aof/command-view.js';
import type { AofHandler } from '../aof/driver.js';
import { type ByteString, toByteString } from '../bytes/byte-string.js';
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { Engine } from './engine.js';
import { LoadHandler } from './load.js';
import { CommandError } from './reply.js';
import { CommandRunner } from './runner.js';

export interface ReplayOptions {
  /** `error`: scripts (EVAL, EVALSHA, FCALL) and commands of modules end the replay. `skip`: they are left out. */
  readonly onUnknown?: 'error' | 'skip';
}

/** What a replay did beside changing the engine. */
export interface ReplayCounts {
  commands: number;
  /** Commands that the server would have refused as well: their error replies go nowhere. */
  refused: number;
  /** Scripts and unknown commands that were left out. */
  skipped: number;
}

interface Queued {
  readonly spec: CommandSpec;
  readonly args: readonly ByteString[];
}

const MAX_SHOWN = 200;

/** The handler of one file of a log. Every file begins in database 0, outside a transaction. */
export class ReplayHandler implements AofHandler {
  private readonly runner: CommandRunner;
  private readonly loader: LoadHandler;
  private queue: Queued[] | undefined;

  constructor(
    engine: Engine,
    private readonly counts: ReplayCounts,
    private readonly options: ReplayOptions,
  ) {
    this.runner = new CommandRunner(engine);
    this.loader = new LoadHandler(engine);
  }

  rdbHead(): RowHandler {
    return this.loader;
  }

  rdbOpened(driver: RdbDriver): void {
    this.loader.driver = driver;
  }

  command(view: CommandView): void {
    this.counts.commands++;
    switch (view.control) {
      case CONTROL.MULTI:
        this.queue ??= [];
        return;
      case CONTROL.EXEC:
        this.execute();
        return;
    }
    const spec = lookupCommand(view);
    if (spec === undefined || !this.runner.has(spec)) {
      this.unknown(view);
      return;
    }
    const args = argumentsOf(view);
    if (this.queue !== undefined) this.queue.push({ spec, args });
    else this.run(spec, args);
  }

  annotation(): void {
    // Times mean nothing to the state.
  }

  full(): boolean {
    return false;
  }

  private execute(): void {
    const { queue } = this;
    this.queue = undefined;
    for (const { spec, args } of queue ?? []) this.run(spec, args);
  }

  private run(spec: CommandSpec, args: readonly ByteString[]): void {
    try {
      this.runner.run(spec, args);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.counts.refused++;
    }
  }

  private unknown(view: CommandView): void {
    if (this.options.onUnknown === 'skip') {
      this.counts.skipped++;
      return;
    }
    const spec = lookupCommand(view);
    const isScript = SCRIPTS.has(view.name());
    const shown =
      isScript && !view.isElided(1) ? ` ${formatQuoted(view.bytes, view.start(1), view.end(1), MAX_SHOWN)}` : '';
    const what = isScript
      ? 'a script, which is not run'
      : spec === undefined
        ? 'a command that no server is known to have'
        : 'a command that is not replayed';
    throw new FormatError('UNKNOWN_COMMAND', `${view.name()}${shown}: ${what}`, view.offset);
  }
}

const SCRIPTS: ReadonlySet<string> = new Set([
  'EVAL',
  'EVALSHA',
  'EVAL_RO',
  'EVALSHA_RO',
  'FCALL',
  'FCALL_RO',
  'SCRIPT',
]);

function argumentsOf(view: CommandView): ByteString[] {
  const { bytes, ranges, argc } = view;
  const args: ByteString[] = [];
  for (let slot = 0; slot < argc * 2; slot += 2) args.push(toByteString(bytes, ranges[slot], ranges[slot + 1]));
  return args;
}
