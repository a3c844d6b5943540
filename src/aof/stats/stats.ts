/** What a log consists of: commands, keys and time, counted in one pass and in bounded memory. */
import { CommandLookup } from '../command-lookup.js';
import { allCommands, type CommandSpec, commandCount } from '../command-table.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { dbOfKey } from '../history/history-effects.js';
import { KeyPositions } from '../key-positions.js';
import { HOLD_KEYS } from '../large-command.js';
import { decodeTimestamp } from '../log-state.js';
import type { AofLog, LogFile, LogRole } from '../model.js';
import { type LogFailure, readWholeLog, type WholeLogOptions } from '../whole-log.js';
import { FrequentKeys, type KeyCount } from './frequent-keys.js';
import { PrefixCounter } from './stats-prefixes.js';
import { type Timeline, TimelineCounter } from './stats-timeline.js';

export interface AofStatsOptions extends Pick<WholeLogOptions, 'limits' | 'checksum' | 'read'> {
  /** Of {@link AofStats.hotKeys}, {@link AofStats.prefixes} and {@link AofStats.largest} each. Default: 20. */
  readonly limit?: number;
  /** What ends a part of a key. Default: `:`. */
  readonly separator?: string;
  /** Parts that make a prefix; keys with fewer have all they have. Default: 1. */
  readonly depth?: number;
}

export interface AofStats {
  readonly files: readonly FileStats[];
  /** Control commands included, as in all counts. */
  readonly commands: number;
  /** Of the commands, annotations and dumps not included. */
  readonly commandBytes: number;
  readonly annotations: number;
  readonly transactions: TransactionStats;
  /** By bytes, most first. */
  readonly byCommand: readonly CommandStats[];
  /** Data commands by the database that was selected; in order. */
  readonly byDb: readonly DbStats[];
  /** By commands, most first; of a key its first 256 bytes count. One without a separator has the prefix of no bytes. */
  readonly prefixes: readonly KeyCount[];
  /** Keys that most commands name. A command's bytes are split evenly among its keys. */
  readonly hotKeys: readonly KeyCount[];
  /** Whether the counts of keys, or of prefixes, are exact, and with it how many different ones there are. */
  readonly distinctKeys: number | undefined;
  readonly distinctPrefixes: number | undefined;
  /** Largest first. */
  readonly largest: readonly LargestCommand[];
  readonly timeline: Timeline | undefined;
  /** Why nothing behind this was counted. */
  readonly failure: LogFailure | undefined;
}

export interface FileStats {
  readonly name: string;
  readonly role: LogRole;
  /** Read so far: the size of the file, where nothing failed. */
  readonly bytes: number;
  /** Of them, the dump at the head. */
  readonly rdbBytes: number;
  readonly commands: number;
}

export interface CommandStats {
  /** In upper case. */
  readonly name: string;
  readonly isKnown: boolean;
  readonly commands: number;
  readonly bytes: number;
}

export interface DbStats {
  readonly db: number;
  readonly commands: number;
  readonly bytes: number;
}

export interface TransactionStats {
  readonly count: number;
  /** Commands in all of them, MULTI and EXEC not included. */
  readonly commands: number;
  readonly largestCommands: number;
}

export interface LargestCommand {
  readonly name: string;
  readonly bytes: number;
  readonly file: number;
  readonly offset: number;
  /** Of its first key, where it has one that was held. */
  readonly key: Uint8Array | undefined;
}

/** Reads the whole log. What is wrong with it is in the result; throws what opening and reading throw. */
export async function statsOfLog(log: AofLog, options: AofStatsOptions = {}): Promise<AofStats> {
  const counter = new StatsHandler(options);
  const files: FileStats[] = [];
  const failure = await readWholeLog(log, (_file, index, driver) => counter.startFile(index, driver), {
    ...options,
    holding: HOLD_KEYS,
    onFileEnd: (file, _index, driver) => files.push(fileStats(file, driver)),
  });
  return counter.result(files, failure);
}

const DEFAULT_LIMIT = 20;
/** 32 MiB of counters and up to as much of text; the bounds do not depend on the log. */
const KEY_SLOTS = 1 << 20;
const KEY_TEXT = 32 * 1024 * 1024;
const MAX_UNKNOWN = 1000;

interface Counts {
  commands: number;
  bytes: number;
}

class StatsHandler implements AofHandler {
  private driver!: () => AofDriver;
  private file = 0;
  private readonly lookup = new CommandLookup();
  private readonly positions = new KeyPositions();
  private readonly counts = new Float64Array(commandCount());
  private readonly bytes = new Float64Array(commandCount());
  private readonly unknown = new Map<string, Counts>();
  private readonly dbs = new Map<number, Counts>();
  private db = -1;
  private dbCounts: Counts = { commands: 0, bytes: 0 };
  private readonly keys: FrequentKeys;
  private readonly prefixes: PrefixCounter;
  private readonly limit: number;
  private readonly timeline = new TimelineCounter();
  private largest: LargestCommand[] = [];
  /** A command of more bytes is among the largest. */
  private largestBound = 0;
  private annotations = 0;
  private readonly transactions = { count: 0, commands: 0, largestCommands: 0 };
  private inside = 0;

  constructor({ separator = ':', depth = 1, limit = DEFAULT_LIMIT }: AofStatsOptions) {
    const prefixes = new PrefixCounter(separator, depth);
    this.prefixes = prefixes;
    // Prefixes are counted once per key, not once per command: when all is read, or when a key is forgotten.
    this.keys = new FrequentKeys(KEY_SLOTS, KEY_TEXT, (...key) => prefixes.add(...key));
    this.limit = limit;
  }

  startFile(index: number, driver: () => AofDriver): this {
    this.file = index;
    this.driver = driver;
    this.inside = 0;
    this.timeline.restart();
    return this;
  }

  command(view: CommandView): void {
    const size = view.endOffset - view.offset;
    const spec = this.lookup.find(view);
    if (spec === undefined) {
      this.countUnknown(view, size);
    } else {
      this.counts[spec.id]!++;
      this.bytes[spec.id]! += size;
    }
    this.timeline.add(size);
    const { state } = this.driver();
    if (view.control !== CONTROL.NONE) {
      this.countControl(view, state.inTransaction);
      return;
    }
    if (state.inTransaction) this.inside++;
    if (state.db !== this.db) this.selectDb(state.db);
    this.dbCounts.commands++;
    this.dbCounts.bytes += size;
    if (spec !== undefined) this.countKeys(view, spec, size, state.db);
    if (size > this.largestBound) this.noteLargest(view, spec, size);
  }

  annotation(bytes: Uint8Array, start: number, end: number): void {
    this.annotations++;
    const seconds = decodeTimestamp(bytes, start, end);
    if (seconds !== undefined) this.timeline.moveTo(seconds);
  }

  full(): boolean {
    return false;
  }

  result(files: readonly FileStats[], failure: LogFailure | undefined): AofStats {
    const { keys, limit } = this;
    const prefixes = this.prefixes.finish(keys);
    const byCommand = this.commandStats();
    return {
      files,
      commands: byCommand.reduce((sum, { commands }) => sum + commands, 0),
      commandBytes: byCommand.reduce((sum, { bytes }) => sum + bytes, 0),
      annotations: this.annotations,
      transactions: this.transactions,
      byCommand,
      byDb: [...this.dbs].map(([db, counts]) => ({ db, ...counts })).sort((a, b) => a.db - b.db),
      prefixes: prefixes.top(limit),
      hotKeys: keys.top(limit),
      distinctKeys: keys.isExact ? keys.size : undefined,
      distinctPrefixes: prefixes.isExact ? prefixes.size : undefined,
      largest: this.largest,
      timeline: this.timeline.result(),
      failure,
    };
  }

  private countKeys(view: CommandView, spec: CommandSpec, size: number, db: number): void {
    const { onlyKey } = spec;
    if (onlyKey > 0) {
      if (onlyKey < view.held) this.countKey(view, onlyKey, size, db);
      return;
    }
    const { positions } = this;
    const count = positions.locate(view, spec);
    const share = Math.round(size / count);
    for (let at = 0; at < count; at++) {
      const index = positions.index[at]!;
      this.countKey(view, index, share, dbOfKey(view, spec, index, db));
    }
  }

  private countKey(view: CommandView, index: number, bytes: number, db: number): void {
    const start = view.start(index);
    if (start >= 0) this.keys.add(view.bytes, start, view.end(index), db, 1, bytes);
  }

  private countControl(view: CommandView, isInside: boolean): void {
    if (view.control === CONTROL.MULTI && !isInside) {
      this.inside = 0;
    } else if (view.control === CONTROL.EXEC && isInside) {
      const { transactions, inside } = this;
      transactions.count++;
      transactions.commands += inside;
      transactions.largestCommands = Math.max(transactions.largestCommands, inside);
    }
  }

  private selectDb(db: number): void {
    this.db = db;
    const known = this.dbs.get(db);
    this.dbCounts = known ?? { commands: 0, bytes: 0 };
    if (known === undefined) this.dbs.set(db, this.dbCounts);
  }

  private countUnknown(view: CommandView, size: number): void {
    let name = view.name();
    if (!this.unknown.has(name) && this.unknown.size >= MAX_UNKNOWN) name = '(other unknown commands)';
    const counts = this.unknown.get(name) ?? { commands: 0, bytes: 0 };
    counts.commands++;
    counts.bytes += size;
    this.unknown.set(name, counts);
  }

  private noteLargest(view: CommandView, spec: CommandSpec | undefined, bytes: number): void {
    const { limit, largest } = this;
    const count = spec === undefined ? 0 : this.positions.locate(view, spec);
    const index = count === 0 ? -1 : this.positions.index[0]!;
    const key = index < 0 || view.isElided(index) ? undefined : view.copy(index);
    largest.push({ name: spec?.name ?? view.name(), bytes, file: this.file, offset: view.offset, key });
    // The first of equals stays in front.
    largest.sort((a, b) => b.bytes - a.bytes);
    if (largest.length > limit) largest.pop();
    if (largest.length === limit) this.largestBound = largest.at(-1)?.bytes ?? Infinity;
  }

  private commandStats(): CommandStats[] {
    const known = allCommands()
      .map(({ id, name }) => ({ name, isKnown: true, commands: this.counts[id]!, bytes: this.bytes[id]! }))
      .filter(({ commands }) => commands > 0);
    const unknown = [...this.unknown].map(([name, counts]) => ({ name, isKnown: false, ...counts }));
    return [...known, ...unknown].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }
}

function fileStats(file: LogFile, driver: AofDriver): FileStats {
  const { name, role } = file;
  return { name, role, bytes: driver.window.offset, rdbBytes: driver.rdbBytes, commands: driver.state.commands };
}
