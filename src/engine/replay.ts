/**
 * Replays the commands of one file of a log: what a server does with them at its start (aof-format.md §1.1). Transactions
 * happen at their EXEC or not at all; error replies are dropped, and counted; what cannot be replayed is an error, or left
 * out where that was asked for.
 */
import type { CommandSpec } from '../aof/command-table.js';
import { CONTROL, type CommandView } from '../aof/command-view.js';
import type { AofHandler } from '../aof/driver.js';
import type { ByteString } from '../bytes/byte-string.js';
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { ArgumentReader } from './argument-reader.js';
import type { ReplayState } from './replay-state.js';
import { CommandError } from './reply.js';
import { CommandRunner } from './runner.js';

/** `error`: scripts (EVAL, EVALSHA, FCALL) and unknown commands, those of modules, end the replay. `skip`: they are left out. */
export type UnknownPolicy = 'error' | 'skip';

interface Queued {
  readonly spec: CommandSpec;
  readonly args: readonly ByteString[];
}

/** Commands between two pauses, in which signals are let in. */
const PAUSE_MASK = 0xffff;

/** Every file begins in database 0, outside a transaction. */
export class ReplayHandler implements AofHandler {
  private readonly reader: ArgumentReader;
  private runner: CommandRunner | undefined;
  private queue: Queued[] | undefined;

  constructor(
    private readonly state: ReplayState,
    private readonly onUnknown: UnknownPolicy,
  ) {
    this.reader = state.reader;
  }

  rdbHead(): RowHandler {
    return this.state.head;
  }

  rdbOpened(driver: RdbDriver): void {
    this.state.head.driver = driver;
  }

  command(view: CommandView): void {
    const { counts } = this.state;
    counts.commands++;
    if (view.control === CONTROL.MULTI) {
      this.queue ??= [];
      return;
    }
    if (view.control === CONTROL.EXEC) {
      this.execute();
      return;
    }
    const spec = this.state.lookup.find(view);
    const runner = this.runner ?? this.begin();
    if (spec === undefined || !runner.has(spec) || isScript(spec)) {
      this.other(view, spec);
      return;
    }
    const { queue } = this;
    const args = this.reader.read(view, queue !== undefined, runner.db.keys);
    if (queue === undefined) this.run(runner, spec, args);
    else queue.push({ spec, args });
  }

  annotation(): void {
    // The driver keeps the time, which means nothing to the state.
  }

  full(): boolean {
    return (this.state.counts.commands & PAUSE_MASK) === 0;
  }

  /** At the first command, not before: the dump at the head says which server the engine stands for. */
  private begin(): CommandRunner {
    this.runner = new CommandRunner(this.state.engine);
    return this.runner;
  }

  private execute(): void {
    const { queue } = this;
    if (queue === undefined) return;
    this.queue = undefined;
    const runner = this.runner ?? this.begin();
    for (const { spec, args } of queue) this.run(runner, spec, args);
  }

  private run(runner: CommandRunner, spec: CommandSpec, args: readonly ByteString[]): void {
    const { state } = this;
    state.seen[spec.id] = 1;
    try {
      runner.run(spec, args);
      state.counts.changes += runner.dirty;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      state.counts.refused++;
    }
  }

  /** What the engine does not have. */
  private other(view: CommandView, spec: CommandSpec | undefined): void {
    const name = view.name();
    if (spec !== undefined && isHarmless(spec, name, view.argc)) return;
    if (this.onUnknown === 'error') throw cannotReplay(view, spec, name);
    const { skipped } = this.state.counts;
    skipped.set(name, (skipped.get(name) ?? 0) + 1);
  }
}

const SCRIPTS: ReadonlySet<string> = new Set(['EVAL', 'EVALSHA', 'FCALL']);

/** One letter tells nearly all commands apart from them: it is asked of every one. */
function isScript({ name }: CommandSpec): boolean {
  const first = name.charCodeAt(0);
  return (first === LETTER_E || first === LETTER_F) && SCRIPTS.has(name);
}

const LETTER_E = 0x45;
const LETTER_F = 0x46;
const MAX_SHOWN = 200;

/** Servers run it, and the data stays as it is. Before 7.0 SCRIPT LOAD was logged, too. */
function isHarmless({ isWrite, isModule, subcommands }: CommandSpec, name: string, argc: number): boolean {
  // A container as the answer: its subcommand is not known.
  if (subcommands !== undefined && argc > 1) return false;
  return !isWrite && !isModule && !SCRIPTS.has(name);
}

function cannotReplay(view: CommandView, spec: CommandSpec | undefined, name: string): FormatError {
  const isRun = SCRIPTS.has(name);
  const hasSubcommand = spec?.subcommands !== undefined || spec?.isSubcommand === true;
  const isShown = (isRun || hasSubcommand) && view.argc > 1 && !view.isElided(1);
  const shown = isShown ? ` ${formatQuoted(view.bytes, view.start(1), view.end(1), MAX_SHOWN)}` : '';
  return new FormatError('UNKNOWN_COMMAND', `${name}${shown}: ${reasonOf(spec, isRun)}`, view.offset);
}

function reasonOf(spec: CommandSpec | undefined, isRun: boolean): string {
  if (isRun) return 'a script, which is not run here';
  if (spec === undefined) return 'no command that servers are known to have';
  if (spec.isModule) return 'a command of a module, which is not run here';
  return spec.subcommands === undefined ? 'a command that is not replayed' : 'no such subcommand is known';
}
