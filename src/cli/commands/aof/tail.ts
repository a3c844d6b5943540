/** `aof tail`: the last commands of a log, and those that come. */
import { CommandFilter, type CommandFilterOptions } from '../../../aof/command-filter.js';
import { LogFollower } from '../../../aof/follow.js';
import type { Holding } from '../../../aof/large-command.js';
import type { AofLog, LogFile } from '../../../aof/model.js';
import { runFile } from '../../../aof/run.js';
import { nodeFiles } from '../../../bytes/files-node.js';
import type { LineWriter } from '../../../convert/log-lines/line-writer.js';
import { EXIT } from '../../exit-codes.js';
import { inSource, UsageError } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { commandFilterOf, type LineOptions, LinePrinter, lineWriterOf, PassCounter } from '../../log-lines.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofTailOptions extends SharedOptions, LineOptions {
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly lines: number;
}

const POLL_MS = 200;

const SWITCHES = {
  next: 'the server writes to the next increment',
  replaced: 'the file was replaced, as a rewrite does; going on at its end',
  shortened: 'the file was cut; going on at its end',
} as const;

export async function runAofTail(arg: string, options: AofTailOptions, invocation: Invocation): Promise<number> {
  if (arg === '-' || /^https?:/i.test(arg)) throw new UsageError('tail reads files and directories');
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const log = openLogArgument(arg, { signal: invocation.signal });
  return await session.toOutputBeside(logPaths(log), async (output) => {
    const tail = new Tail(arg, options, session, output);
    await tail.run(log);
    return EXIT.OK;
  });
}

class Tail {
  private readonly lines: LineWriter;
  private readonly holding: Holding;
  private readonly filter: CommandFilterOptions;
  /** Commands of the file that is begun next which are there already, and not wanted. */
  private skip = 0;
  private name = '';
  private printer: LinePrinter | undefined;

  constructor(
    private readonly arg: string,
    private readonly options: AofTailOptions,
    private readonly session: Session,
    private readonly output: Output,
  ) {
    const { lines, holding } = lineWriterOf(options, output);
    this.lines = lines;
    this.holding = holding;
    this.filter = commandFilterOf(options);
  }

  async run(log: AofLog): Promise<void> {
    const last = log.files.at(-1);
    if (last !== undefined) this.skip = Math.max(0, (await this.count(last)) - this.options.lines);
    const follower = this.follower();
    try {
      do {
        this.poll(follower);
        this.lines.flush();
        this.output.flush();
        await this.output.drain();
      } while (this.options.follow && (await this.wait()));
    } finally {
      follower.close();
    }
  }

  /** How many commands of a file pass the filter now. What is not whole yet does not count. */
  private async count(file: LogFile): Promise<number> {
    const counter = new CommandFilter(this.filter);
    await this.session.readLog(file, async (source) => {
      try {
        await runFile(source, (driver) => new PassCounter(driver, counter), { holding: this.holding });
      } catch (error) {
        if (!isCut(error)) throw error;
      }
    });
    return counter.accepted;
  }

  private follower(): LogFollower {
    const { filter, holding, lines, output, session } = this;
    return new LogFollower({
      files: nodeFiles,
      holding,
      limits: session.limits,
      look: () => openLogArgument(this.arg),
      createHandler: (file, driver) => {
        this.name = file.name;
        lines.file(file.name);
        const { skip } = this;
        this.skip = 0;
        this.printer = new LinePrinter(driver, new CommandFilter(filter), lines, output, skip);
        return this.printer;
      },
      onSwitch: (file, reason) => {
        if (reason !== 'next') this.skip = Infinity;
        session.note(`${file.name}: ${SWITCHES[reason]}`);
      },
    });
  }

  private poll(follower: LogFollower): void {
    try {
      follower.poll();
      // What was there at first has been passed over.
      if (this.printer !== undefined) this.printer.skipped = 0;
    } catch (error) {
      throw inSource(error, this.name);
    }
  }

  /** False when it is time to go. */
  private async wait(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    this.session.signal.throwIfAborted();
    return true;
  }
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'TRUNCATED';
}
