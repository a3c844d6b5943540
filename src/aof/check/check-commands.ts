/**
 * What a loading server would stumble over in commands that are whole: unknown names, missing arguments, and a few that
 * mean something else than they seem to.
 */
import type { Target } from '../../rdb/versions.js';
import { CommandLookup } from '../command-lookup.js';
import type { CommandScan } from '../command-scan.js';
import { type CommandSpec, commandCount, fitsArity, isKnownTo } from '../command-table.js';
import type { CommandView } from '../command-view.js';
import { type AofTrap, describeTrap, generationOf, type TrapCode, versionText } from './traps.js';

/** Different subjects (names of commands) of one kind that are told apart; others are left out. */
const MAX_SUBJECTS = 100;

/** What to look at in a command that is known and has enough arguments. */
const LOOK = {
  UNASKED: 0,
  NOTHING: 1,
  /** Its expiry counts from now. */
  RELATIVE: 2,
  /** Its expiry does, with EX or PX from the third argument on. */
  OPTIONS: 3,
  RESTORE: 4,
  DISCARD: 5,
  /** The target does not have it. */
  UNKNOWN: 6,
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
  private readonly lookup = new CommandLookup();
  /** By the `id` of a command; 0 where it has not been asked for. */
  private readonly looks = new Uint8Array(commandCount());
  private readonly server: { readonly family: 'redis' | 'valkey'; readonly version: string } | undefined;

  /** `scan` is told of the commands that need not be judged again. */
  constructor(
    private readonly target: Target | undefined,
    private readonly scan?: CommandScan,
  ) {
    if (target === undefined) return;
    const { family } = target;
    this.server = { family: family === 'valkey' ? family : 'redis', version: versionText(generationOf(target)) };
  }

  /** `inTransaction`: between MULTI and EXEC. Allocates only for what it finds. */
  judge(view: CommandView, inTransaction: boolean): void {
    const spec = this.lookup.find(view);
    if (spec === undefined || spec.subcommands !== undefined) {
      this.noteUnknown(view, spec);
      return;
    }
    const { id, arity } = spec;
    if (arity < 0 ? view.argc < -arity : view.argc !== arity) {
      this.note('TOO_FEW_ARGUMENTS', spec.name, view);
      return;
    }
    if (this.looks[id] === LOOK.UNASKED) this.looks[id] = this.lookOf(spec);
    const look = this.looks[id] as Look;
    if (this.scan !== undefined) this.teach(this.scan, view, spec, look);
    if (look !== LOOK.NOTHING) this.look(look, view, inTransaction);
  }

  traps(file: string): AofTrap[] {
    const traps = [...this.found.values()].map(({ code, ...place }) =>
      describeTrap(code, this.target, { file, ...place }),
    );
    return traps.filter((trap) => trap !== undefined);
  }

  /** `spec` is a container where the subcommand is missing, or not known. */
  private noteUnknown(view: CommandView, spec: CommandSpec | undefined): void {
    if (spec === undefined) this.note('UNKNOWN_COMMAND', view.name(), view);
    else if (view.argc > 1 && !view.isElided(1)) this.note('UNKNOWN_COMMAND', `${spec.name} ${subcommand(view)}`, view);
    else if (!fitsArity(spec, view.argc)) this.note('TOO_FEW_ARGUMENTS', spec.name, view);
  }

  /** Of a container's subcommand the name alone says too little. */
  private teach(scan: CommandScan, view: CommandView, spec: CommandSpec, look: Look): void {
    if (spec.isSubcommand) return;
    if (look === LOOK.NOTHING || look === LOOK.OPTIONS) scan.learn(view, spec.arity, look === LOOK.OPTIONS);
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
