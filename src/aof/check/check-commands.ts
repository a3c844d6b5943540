/**
 * What a loading server would stumble over in commands that are whole: unknown names, missing arguments, and a few that
 * mean something else than they seem to.
 */
import type { Target } from '../../rdb/versions.js';
import { type CommandSpec, fitsArity, isKnownTo, lookupCommand } from '../command-table.js';
import type { CommandView } from '../command-view.js';
import { type AofTrap, describeTrap, generationOf, type TrapCode, versionText } from './traps.js';

/** Different subjects (names of commands) of one kind that are told apart; others are left out. */
const MAX_SUBJECTS = 100;
const CACHE_SIZE = 256;
/** Names of up to so many bytes are found again by their bytes in two numbers. */
const CACHED_NAME = 8;

/** What to look at in a command that is known and has enough arguments. */
const LOOK = {
  NOTHING: 0,
  /** Its expiry counts from now. */
  RELATIVE: 1,
  /** Its expiry does, with EX or PX from the third argument on. */
  OPTIONS: 2,
  RESTORE: 3,
  DISCARD: 4,
  /** The target does not have it. */
  UNKNOWN: 5,
  /** No table knows it, or its subcommand decides. */
  SLOW: 6,
} as const;
type Look = (typeof LOOK)[keyof typeof LOOK];

interface Found {
  readonly code: TrapCode;
  readonly subject: string;
  readonly offset: number;
  count: number;
}

export class CommandJudge {
  private readonly found = new Map<string, Found>();
  private readonly firstWords = new Int32Array(CACHE_SIZE);
  private readonly secondWords = new Int32Array(CACHE_SIZE);
  /** Size of the cached name; 0 where nothing is cached. */
  private readonly sizes = new Uint8Array(CACHE_SIZE);
  private readonly minArguments = new Int32Array(CACHE_SIZE);
  private readonly maxArguments = new Int32Array(CACHE_SIZE);
  private readonly looks = new Uint8Array(CACHE_SIZE);
  private readonly server: { readonly family: 'redis' | 'valkey'; readonly version: string } | undefined;

  constructor(private readonly target: Target | undefined) {
    if (target === undefined) return;
    const { family } = target;
    this.server = { family: family === 'valkey' ? family : 'redis', version: versionText(generationOf(target)) };
  }

  /** `inTransaction`: between MULTI and EXEC. Allocates only for what it finds. */
  judge(view: CommandView, inTransaction: boolean): void {
    const start = view.ranges[0]!;
    const size = view.ranges[1]! - start;
    if (start < 0 || size > CACHED_NAME || size === 0) {
      this.judgeSlowly(view, inTransaction);
      return;
    }
    const { bytes } = view;
    let first = 0;
    let second = 0;
    const half = Math.min(size, 4);
    for (let at = 0; at < half; at++) first = (first << 8) | bytes[start + at]!;
    for (let at = 4; at < size; at++) second = (second << 8) | bytes[start + at]!;
    const slot = (Math.imul(first ^ Math.imul(second, 31), 0x9e3779b1) >>> 24) & (CACHE_SIZE - 1);
    const { argc } = view;
    if (
      this.sizes[slot] === size &&
      this.firstWords[slot] === first &&
      this.secondWords[slot] === second &&
      argc >= this.minArguments[slot]! &&
      argc <= this.maxArguments[slot]!
    ) {
      const look = this.looks[slot]!;
      if (look !== LOOK.NOTHING) this.look(look as Look, view, inTransaction);
      return;
    }
    const spec = this.judgeSlowly(view, inTransaction);
    if (spec === undefined) return;
    this.sizes[slot] = size;
    this.firstWords[slot] = first;
    this.secondWords[slot] = second;
    this.minArguments[slot] = Math.abs(spec.arity);
    this.maxArguments[slot] = spec.arity < 0 ? 0x7fffffff : spec.arity;
    this.looks[slot] = this.lookOf(spec);
  }

  traps(file: string): AofTrap[] {
    const traps = [...this.found.values()].map(({ code, ...place }) =>
      describeTrap(code, this.target, { file, ...place }),
    );
    return traps.filter((trap) => trap !== undefined);
  }

  /** The command's entry where it may be cached. */
  private judgeSlowly(view: CommandView, inTransaction: boolean): CommandSpec | undefined {
    const spec = lookupCommand(view);
    if (spec === undefined) {
      this.note('UNKNOWN_COMMAND', view.name(), view);
      return undefined;
    }
    if (spec.subcommands !== undefined && view.argc > 1 && !view.isElided(1)) {
      this.note('UNKNOWN_COMMAND', `${spec.name} ${subcommand(view)}`, view);
      return undefined;
    }
    if (!fitsArity(spec, view.argc)) this.note('TOO_FEW_ARGUMENTS', spec.name, view);
    else this.look(this.lookOf(spec), view, inTransaction);
    return spec.isSubcommand || spec.subcommands !== undefined ? undefined : spec;
  }

  private lookOf(spec: CommandSpec): Look {
    if (this.server !== undefined && isKnownTo(spec, this.server.family, this.server.version) !== true)
      return LOOK.UNKNOWN;
    return LOOKS[spec.name] ?? LOOK.NOTHING;
  }

  private look(look: Look, view: CommandView, inTransaction: boolean): void {
    switch (look) {
      case LOOK.RELATIVE:
        this.note('RELATIVE_EXPIRY', view.name(), view);
        return;
      case LOOK.OPTIONS:
        if (view.argc > 3 && hasRelativeOption(view)) this.note('RELATIVE_EXPIRY', `${view.name()} EX`, view);
        return;
      case LOOK.RESTORE:
        if (isRelativeRestore(view)) this.note('RELATIVE_EXPIRY', view.name(), view);
        return;
      case LOOK.DISCARD:
        if (inTransaction) this.note('DISCARD_IN_TRANSACTION', '', view);
        return;
      case LOOK.UNKNOWN:
        this.note('UNKNOWN_COMMAND', view.name(), view);
        return;
    }
  }

  private note(code: TrapCode, subject: string, view: CommandView): void {
    const key = `${code} ${subject}`;
    const known = this.found.get(key);
    if (known !== undefined) known.count++;
    else if (this.found.size < MAX_SUBJECTS) this.found.set(key, { code, subject, offset: view.offset, count: 1 });
  }
}

const LOOKS: Readonly<Record<string, Look>> = {
  EXPIRE: LOOK.RELATIVE,
  PEXPIRE: LOOK.RELATIVE,
  SETEX: LOOK.RELATIVE,
  PSETEX: LOOK.RELATIVE,
  HEXPIRE: LOOK.RELATIVE,
  HPEXPIRE: LOOK.RELATIVE,
  SET: LOOK.OPTIONS,
  GETEX: LOOK.OPTIONS,
  HSETEX: LOOK.OPTIONS,
  HGETEX: LOOK.OPTIONS,
  RESTORE: LOOK.RESTORE,
  'RESTORE-ASKING': LOOK.RESTORE,
  DISCARD: LOOK.DISCARD,
};

/** Options of SET stand behind the value; those of the others before FIELDS, whose values may say EX, too. */
function hasRelativeOption(view: CommandView): boolean {
  const first = view.is(0, 'SET') ? 3 : 2;
  for (let index = first; index < view.held && index < first + 6; index++) {
    if (view.is(index, 'FIELDS')) return false;
    if (view.is(index, 'EX') || view.is(index, 'PX')) return true;
  }
  return false;
}

/** A time of 0 stands for none. */
function isRelativeRestore(view: CommandView): boolean {
  if (view.size(2) === 1 && !view.isElided(2) && view.bytes[view.start(2)] === 0x30) return false;
  for (let index = 4; index < view.held; index++) if (view.is(index, 'ABSTTL')) return false;
  return true;
}

function subcommand(view: CommandView): string {
  let name = '';
  for (let at = view.start(1); at < Math.min(view.end(1), view.start(1) + 32); at++)
    name += String.fromCharCode(view.bytes[at]!);
  return name.toUpperCase();
}
