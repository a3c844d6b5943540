/** Finding commands by what stands in them, values included. */
import { compileGlob, type Glob } from '../bytes/glob.js';
import { CommandFilter, type CommandFilterOptions } from './command-filter.js';
import type { CommandView } from './command-view.js';
import type { AofDriver, AofHandler } from './driver.js';
import type { Holding } from './large-command.js';
import type { AofLog } from './model.js';
import { SHOWN_BOUNDS, type ShownBounds, type ShownCommand, showCommand } from './shown-command.js';
import { type LogFailure, readWholeLog, type WholeLogOptions } from './whole-log.js';

/** All conditions that are given must be met. */
export interface FindQuery extends CommandFilterOptions {
  /** Bytes that stand somewhere in an argument behind the name; a string stands for its UTF-8 bytes. */
  readonly contains?: string | Uint8Array;
  /** ASCII letters of `contains` in any case. */
  readonly ignoreCase?: boolean;
  /** A Redis glob that the whole of an argument behind the name matches. */
  readonly argument?: string | Uint8Array;
}

export interface FoundCommand extends ShownCommand {
  /** Indexes of the arguments that met `contains` and `argument`; empty where neither was asked. At most 32. */
  readonly found: readonly number[];
}

export interface FindOptions extends Pick<WholeLogOptions, 'limits' | 'checksum' | 'read'> {
  /** How much of a command a {@link FoundCommand} has. */
  readonly shown?: ShownBounds;
}

export interface FindResult {
  readonly count: number;
  /** Why nothing behind this was searched. */
  readonly failure: LogFailure | undefined;
}

/**
 * Hands over every command that meets the query, in the order of the log, in batches that are waited for. Commands are
 * searched whole, and held whole for it, up to `limits.maxBlobBytes` (LimitError).
 * Throws what opening and reading throw; RangeError for a query that is none.
 */
export async function findCommands(
  log: AofLog,
  query: FindQuery,
  onFound: (batch: readonly FoundCommand[]) => void | Promise<void>,
  options: FindOptions = {},
): Promise<FindResult> {
  const finder = new Finder(query, options.shown ?? SHOWN_BOUNDS);
  const deliver = async (): Promise<void> => await onFound(finder.take());
  const failure = await readWholeLog(log, (_file, index, driver) => finder.startFile(index, driver), {
    ...options,
    holding: query.contains === undefined && query.argument === undefined ? HOLD_SHOWN : HOLD_WHOLE,
    onPause: deliver,
    isFinished: () => finder.isFinished,
  });
  await deliver();
  return { count: finder.count, failure };
}

const HOLD_SHOWN: Holding = { maxArgumentBytes: 64 * 1024, maxBytes: 16 * 1024 * 1024, isStrict: false };
const HOLD_WHOLE: Holding = { maxArgumentBytes: Infinity, maxBytes: Infinity, isStrict: true };
const BATCH = 256;
const MAX_FOUND = 32;

class Finder implements AofHandler {
  count = 0;
  private batch: FoundCommand[] = [];
  private file = 0;
  private driver!: () => AofDriver;
  private readonly filter: CommandFilter;
  private readonly limit: number;
  private readonly tests: ArgumentTests;

  constructor(
    query: FindQuery,
    private readonly shown: ShownBounds,
  ) {
    // The limit counts what is found, not what the filter lets through.
    const { limit = Infinity, ...rest } = query;
    this.limit = limit;
    this.filter = new CommandFilter(rest);
    this.tests = new ArgumentTests(query);
  }

  get isFinished(): boolean {
    return this.count >= this.limit;
  }

  startFile(index: number, driver: () => AofDriver): this {
    this.file = index;
    this.driver = driver;
    return this;
  }

  command(view: CommandView): void {
    const { state } = this.driver();
    if (this.isFinished || !this.filter.accepts(view, state)) return;
    const found = this.tests.find(view);
    if (found === undefined) return;
    this.count++;
    this.batch.push({ ...showCommand(view, state, this.file, this.shown), found });
  }

  annotation(): void {
    // The state of the log has its time.
  }

  full(): boolean {
    return this.batch.length >= BATCH || this.isFinished;
  }

  take(): FoundCommand[] {
    const { batch } = this;
    this.batch = [];
    return batch;
  }
}

class ArgumentTests {
  private readonly text: Needle | undefined;
  private readonly glob: Glob | undefined;

  constructor({ contains, ignoreCase = false, argument }: FindQuery) {
    if (contains !== undefined) this.text = new Needle(contains, ignoreCase);
    if (argument !== undefined) this.glob = compileGlob(argument);
  }

  /** Undefined where the command does not meet them. */
  find(view: CommandView): readonly number[] | undefined {
    if (this.text === undefined && this.glob === undefined) return NONE;
    let found: number[] | undefined;
    for (let index = 1; index < view.held; index++) {
      if (view.isElided(index) || !this.fits(view.bytes, view.start(index), view.end(index))) continue;
      found ??= [];
      if (found.push(index) === MAX_FOUND) break;
    }
    return found;
  }

  private fits(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.text !== undefined && !this.text.isIn(bytes, start, end)) return false;
    return this.glob === undefined || this.glob.matches(bytes, start, end);
  }
}

const NONE: readonly number[] = [];

/** Bytes that are searched for, with Horspool's table of how far a search may jump. */
class Needle {
  private readonly bytes: Uint8Array;
  private readonly jumps = new Int32Array(256);
  /** Each byte as it is compared. */
  private readonly folded = new Uint8Array(256);

  constructor(text: string | Uint8Array, ignoreCase: boolean) {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    if (bytes.length === 0) throw new RangeError('a search for no bytes');
    for (let byte = 0; byte < 256; byte++) {
      this.folded[byte] = ignoreCase && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    }
    this.bytes = bytes.map((byte) => this.folded[byte]!);
    this.jumps.fill(bytes.length);
    for (let at = 0; at < bytes.length - 1; at++) this.jumps[this.bytes[at]!] = bytes.length - 1 - at;
  }

  isIn(bytes: Uint8Array, start: number, end: number): boolean {
    const { bytes: wanted, jumps, folded } = this;
    const last = wanted.length - 1;
    for (let pos = start + last; pos < end; pos += jumps[folded[bytes[pos]!]!]!) {
      let at = last;
      while (at >= 0 && folded[bytes[pos - last + at]!] === wanted[at]) at--;
      if (at < 0) return true;
    }
    return false;
  }
}
