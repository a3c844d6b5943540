/** What `aof cat` and `aof tail` share: filters, forms of lines, and the handler that prints. */
import type { CommandFilter, CommandFilterOptions } from '../aof/command-filter.js';
import type { CommandView } from '../aof/command-view.js';
import type { AofDriver, AofHandler } from '../aof/driver.js';
import { HOLD_KEYS, type Holding } from '../aof/large-command.js';
import { JsonLines } from '../convert/log-lines/json-lines.js';
import type { LineWriter } from '../convert/log-lines/line-writer.js';
import { TextLines } from '../convert/log-lines/text-lines.js';
import type { EncodingChoice } from './options.js';
import type { Output } from './output.js';

/** What commander makes of the options of addLineOptions. */
export interface LineOptions {
  readonly command?: readonly string[];
  readonly match?: readonly Uint8Array[];
  readonly notMatch?: readonly Uint8Array[];
  readonly keyRegex?: RegExp;
  readonly db?: readonly number[];
  readonly since?: number;
  readonly until?: number;
  readonly format?: 'text' | 'ndjson';
  readonly json?: boolean;
  readonly encoding: EncodingChoice;
  readonly bare?: boolean;
  readonly full?: boolean;
}

/** On a terminal, arguments longer than this are cut. */
const TERMINAL_ARGUMENT_BYTES = 120;
/** Whole commands; the limits bound them. */
const HOLD_WHOLE: Holding = { maxArgumentBytes: Infinity, maxBytes: Infinity, isStrict: true };

export function commandFilterOf(options: LineOptions, limit?: number): CommandFilterOptions {
  const { command, match, notMatch, keyRegex, db, since, until } = options;
  return {
    ...(command && { commands: command }),
    ...(match && { match }),
    ...(notMatch && { notMatch }),
    ...(keyRegex && { keyRegex }),
    ...(db && { dbs: db }),
    ...(since !== undefined && { sinceSeconds: Math.ceil(since / 1000) }),
    ...(until !== undefined && { untilSeconds: Math.floor(until / 1000) }),
    ...(limit !== undefined && { limit }),
  };
}

/** Lines, and how much of a command they need. */
export function lineWriterOf(options: LineOptions, output: Output): { lines: LineWriter; holding: Holding } {
  const write = (bytes: Uint8Array, start: number, end: number): void => output.write(bytes, start, end);
  if (options.json || options.format === 'ndjson')
    return { lines: new JsonLines(options.encoding, write), holding: HOLD_WHOLE };
  const isCut = output.isTerminal && !options.full;
  const maxArgumentBytes = isCut ? TERMINAL_ARGUMENT_BYTES : Infinity;
  const lines = new TextLines({ bare: options.bare ?? false, maxArgumentBytes }, write);
  return { lines, holding: isCut ? HOLD_KEYS : HOLD_WHOLE };
}

/** Prints the commands of one file that pass. */
export class LinePrinter implements AofHandler {
  constructor(
    private readonly driver: () => AofDriver,
    private readonly filter: CommandFilter,
    private readonly lines: LineWriter,
    private readonly output: Output,
    /** Commands that pass and are not printed yet. */
    public skipped = 0,
  ) {}

  command(view: CommandView): void {
    const { state } = this.driver();
    if (!this.filter.accepts(view, state)) return;
    if (this.skipped > 0) this.skipped--;
    else this.lines.command(view, state);
  }

  annotation(): void {
    // Their times stand on the lines of commands.
  }

  full(): boolean {
    return this.output.isBehind || this.filter.exhausted;
  }
}

/** Counts the commands that pass. */
export class PassCounter implements AofHandler {
  constructor(
    private readonly driver: () => AofDriver,
    readonly filter: CommandFilter,
  ) {}

  command(view: CommandView): void {
    this.filter.accepts(view, this.driver().state);
  }

  annotation(): void {
    // Nothing to count.
  }

  full(): boolean {
    return false;
  }
}
