/** Which commands of a log are wanted: by name, key, database and time. */
import { compileGlob, type Glob } from '../bytes/glob.js';
import { decodeKeyText } from '../rdb/key-text.js';
import { type CommandSpec, findCommand, lookupCommand } from './command-table.js';
import type { CommandView } from './command-view.js';
import { KeyPositions } from './key-positions.js';
import type { LogState } from './log-state.js';

/** Everything that is given must be met; of several values of one kind, one. */
export interface CommandFilterOptions {
  /** Names in any case; `xgroup` takes every subcommand, `xgroup create` one. */
  readonly commands?: readonly string[];
  /** Redis globs of which a key of the command matches one. */
  readonly match?: readonly (string | Uint8Array)[];
  /** Redis globs that no key of the command matches. */
  readonly notMatch?: readonly (string | Uint8Array)[];
  readonly keyRegex?: RegExp;
  readonly dbs?: readonly number[];
  /** By the last `#TS` before the command, Unix seconds, both included; where the log says no time, nothing is met. */
  readonly sinceSeconds?: number;
  readonly untilSeconds?: number;
  /** At most so many. */
  readonly limit?: number;
}

export class CommandFilter {
  /** Commands that passed. */
  accepted = 0;
  private readonly names: NameChoice | undefined;
  private readonly keys: KeyChoice | undefined;
  private readonly dbs: ReadonlySet<number> | undefined;

  constructor(private readonly options: CommandFilterOptions) {
    const { commands = [], match = [], notMatch = [], keyRegex, dbs = [] } = options;
    if (commands.length > 0) this.names = new NameChoice(commands);
    if (match.length > 0 || notMatch.length > 0 || keyRegex !== undefined)
      this.keys = new KeyChoice(match.map(compileGlob), notMatch.map(compileGlob), keyRegex);
    if (dbs.length > 0) this.dbs = new Set(dbs);
  }

  /** No further command can pass. */
  get exhausted(): boolean {
    return this.accepted >= (this.options.limit ?? Infinity);
  }

  /** `state` is as it was before the command. */
  accepts(view: CommandView, state: LogState): boolean {
    if (this.exhausted || !this.fits(view, state)) return false;
    this.accepted++;
    return true;
  }

  private fits(view: CommandView, { db, timeSeconds }: LogState): boolean {
    const { sinceSeconds, untilSeconds } = this.options;
    if (this.dbs !== undefined && !this.dbs.has(db)) return false;
    if (sinceSeconds !== undefined && !(timeSeconds !== undefined && timeSeconds >= sinceSeconds)) return false;
    if (untilSeconds !== undefined && !(timeSeconds !== undefined && timeSeconds <= untilSeconds)) return false;
    if (this.names === undefined && this.keys === undefined) return true;
    const spec = lookupCommand(view);
    return (this.names?.fits(view, spec) ?? true) && (this.keys?.fits(view, spec) ?? true);
  }
}

class NameChoice {
  private readonly ids = new Set<number>();
  /** Names that the table does not have, such as those of modules, in upper case. */
  private readonly others = new Set<string>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const spec = findCommand(name);
      if (spec === undefined) this.others.add(name.trim().toUpperCase());
      else this.add(spec);
    }
  }

  fits(view: CommandView, spec: CommandSpec | undefined): boolean {
    return spec === undefined ? this.others.size > 0 && this.others.has(view.name()) : this.ids.has(spec.id);
  }

  private add(spec: CommandSpec): void {
    this.ids.add(spec.id);
    for (const subcommand of spec.subcommands?.values() ?? []) this.ids.add(subcommand.id);
  }
}

class KeyChoice {
  private readonly positions = new KeyPositions();

  constructor(
    private readonly match: readonly Glob[],
    private readonly notMatch: readonly Glob[],
    private readonly regex: RegExp | undefined,
  ) {}

  /** A command without keys meets nothing that is said of keys. */
  fits(view: CommandView, spec: CommandSpec | undefined): boolean {
    if (spec === undefined) return false;
    const count = this.positions.locate(view, spec);
    let isMet = false;
    for (let at = 0; at < count; at++) {
      const index = this.positions.index[at]!;
      if (view.isElided(index)) continue;
      const start = view.start(index);
      const end = view.end(index);
      if (this.notMatch.some((glob) => glob.matches(view.bytes, start, end))) return false;
      isMet ||= this.fitsKey(view.bytes, start, end);
    }
    return isMet;
  }

  private fitsKey(bytes: Uint8Array, start: number, end: number): boolean {
    const { match, regex } = this;
    if (match.length > 0 && !match.some((glob) => glob.matches(bytes, start, end))) return false;
    return regex === undefined || regex.test(decodeKeyText(bytes, start, end));
  }
}
