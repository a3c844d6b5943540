/**
 * What servers know of their commands: arity, whether they write, and where their keys stand (aof-format.md §8).
 *
 * The rows under `commands/` are the data; this file makes them answer questions. A look-up compares bytes in any case
 * and allocates nothing.
 */
import type { CommandView } from './command-view.js';
import { MODULE_ROWS } from './commands/module-rows.js';
import { NameTable } from './commands/name-table.js';
import { SERVER_ROWS } from './commands/server-rows.js';
import { VALUE_ROWS } from './commands/value-rows.js';

/** What a command does to a key, as far as the command alone tells. */
export const KEY_ROLE = {
  /** It is read. */
  READ: 0,
  /** Its value is put in place of whatever was there. */
  REPLACE: 1,
  /** It is added to or altered, and created where it is missing. */
  CHANGE: 2,
  /** It is altered where it is there. */
  MODIFY: 3,
  /** Parts of it are taken away; without the last of them it is gone. */
  REMOVE: 4,
  /** It is deleted, or becomes another key. */
  DELETE: 5,
  /** Only the time when it expires changes. */
  EXPIRY: 6,
  /** Anything: a script is told of it. */
  ANY: 7,
} as const;
export type KeyRole = (typeof KEY_ROLE)[keyof typeof KEY_ROLE];

/** Where a command has keys of one role. Indexes count arguments, the name being 0. */
export type KeyRule =
  /** From `first` to `last`, every `step`-th; a negative `last` counts from the end, −1 being the last argument. */
  | {
      readonly kind: 'range';
      readonly role: KeyRole;
      readonly first: number;
      readonly last: number;
      readonly step: number;
    }
  /** The argument at `first` says how many follow, each `step` from the one before. */
  | { readonly kind: 'count'; readonly role: KeyRole; readonly first: number; readonly step: number }
  /** `store`: behind the last STORE or STOREDIST from `first` on. `streams`: the first half of what follows STREAMS. */
  | { readonly kind: 'store' | 'streams'; readonly role: KeyRole; readonly first: number }
  /** As SORT and MIGRATE have them, like nobody else. */
  | { readonly kind: 'sort' | 'migrate'; readonly role: KeyRole };

export interface CommandSpec {
  /** Dense: an index for tables beside this one, below {@link commandCount}. */
  readonly id: number;
  /** In upper case; that of a subcommand is `XGROUP CREATE`. */
  readonly name: string;
  /** Arguments, the name and that of a subcommand included; negative: so many or more. */
  readonly arity: number;
  /** As servers flag it. Scripts are not flagged, and write all the same. */
  readonly isWrite: boolean;
  readonly keys: readonly KeyRule[];
  /** Index of the key of a command that has exactly one, at a fixed place; 0 for all others. */
  readonly onlyKey: number;
  /** First version with it; a family that has it in none is missing. Of Valkey nothing older than 7.2 is there. */
  readonly since: { readonly redis?: string; readonly valkey?: string };
  /** A server has it only with the module that it belongs to. */
  readonly isModule: boolean;
  readonly isSubcommand: boolean;
  /** Of a container, whose second argument names the command that is meant. */
  readonly subcommands: NameTable<CommandSpec> | undefined;
}

/** The command named by `bytes[start, end)`, in any case; a container, and not its subcommand. */
export function lookup(bytes: Uint8Array, start: number, end: number): CommandSpec | undefined {
  return table().names.find(bytes, start, end);
}

/**
 * The command that a view holds; of a container, the subcommand, where it is known: a container as the answer, of a
 * command with more than one argument, says that its subcommand is unknown.
 */
export function lookupCommand(view: CommandView): CommandSpec | undefined {
  if (view.isElided(0)) return undefined;
  const spec = lookup(view.bytes, view.start(0), view.end(0));
  if (spec?.subcommands === undefined || view.isElided(1)) return spec;
  return spec.subcommands.find(view.bytes, view.start(1), view.end(1)) ?? spec;
}

/** By its name in any case, `xgroup create` for a subcommand. */
export function findCommand(name: string): CommandSpec | undefined {
  return table().byName.get(
    name
      .trim()
      .replaceAll(/[\s|]+/g, ' ')
      .toUpperCase(),
  );
}

/** Every command and subcommand, by `id`. */
export function allCommands(): readonly CommandSpec[] {
  return table().specs;
}

export function commandCount(): number {
  return table().specs.length;
}

/** Whether a server takes so many arguments, the name included. */
export function fitsArity({ arity }: CommandSpec, argc: number): boolean {
  return arity < 0 ? argc >= -arity : argc === arity;
}

/**
 * Whether servers of this family have the command as of `version`, such as `7.2` or `8.0.2`; undefined where it depends on
 * a module.
 */
export function isKnownTo(spec: CommandSpec, family: 'redis' | 'valkey', version: string): boolean | undefined {
  if (spec.isModule) return undefined;
  const since = spec.since[family];
  return since !== undefined && compareVersions(since, version) <= 0;
}

interface Table {
  readonly specs: readonly CommandSpec[];
  readonly names: NameTable<CommandSpec>;
  readonly byName: ReadonlyMap<string, CommandSpec>;
}

let cached: Table | undefined;

/** Made at first use: most runs never ask. */
function table(): Table {
  cached ??= createTable();
  return cached;
}

function createTable(): Table {
  const specs: CommandSpec[] = [];
  const names = new NameTable<CommandSpec>();
  const byName = new Map<string, CommandSpec>();
  const rows = [VALUE_ROWS, SERVER_ROWS, MODULE_ROWS]
    .flatMap((text) => text.split('\n'))
    .filter(isRow)
    .map(parseRow);
  const containers = new Set(rows.flatMap(({ container }) => container ?? []));
  for (const { container, word, ...facts } of rows) {
    const isContainer = container === undefined && containers.has(word);
    const spec: CommandSpec = {
      id: specs.length,
      ...facts,
      onlyKey: onlyKey(facts.keys),
      isSubcommand: container !== undefined,
      subcommands: isContainer ? new NameTable<CommandSpec>() : undefined,
    };
    specs.push(spec);
    byName.set(spec.name, spec);
    // A container's row stands before those of its subcommands.
    if (container === undefined) names.add(word, spec);
    else byName.get(container)!.subcommands!.add(word, spec);
  }
  return { specs, names, byName };
}

type Row = Pick<CommandSpec, 'name' | 'arity' | 'isWrite' | 'keys' | 'since' | 'isModule'> & {
  readonly container: string | undefined;
  readonly word: string;
};

function isRow(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('  --');
}

/**
 * A row is `NAME arity flag keys since`. The name of a subcommand is `CONTAINER|NAME`. The flag is w (writes), r (reads) or
 * - (neither). Since is `2.6` for both families, `7.4/9.0` where Valkey differs, with - where a family has it not, or
 * `module`. Keys are -, or rules with commas between them, each a letter for the role and a place:
 *
 *     r1        one key          r2..   from 2 to the end      r1..-2   all but the last argument
 *     o1../2    every second     r#2    as many as 2 says      o#1/2    the same, every second
 *     o@store:6, r@streams:1, o@sort, d@migrate                as {@link KeyRule} has them
 *
 * Roles: r read, o replace ("over"), c change, m modify, x remove, d delete, t expiry ("time"), a any.
 */
function parseRow(line: string): Row {
  const [, fullName, arity, flag, keys, since] = /^\s*(\S+)\s+(-?\d+)\s+([wr-])\s+(\S+)\s+(\S+)$/.exec(line) ?? [];
  if (fullName === undefined) throw new TypeError(`no row of a command: ${line}`);
  const [first, second] = fullName.split('|') as [string, string?];
  return {
    name: second === undefined ? first : `${first} ${second}`,
    container: second === undefined ? undefined : first,
    word: second ?? first,
    arity: Number(arity),
    isWrite: flag === 'w',
    keys: keys === '-' ? [] : keys!.split(',').map(parseRule),
    since: parseSince(since!),
    isModule: since === 'module',
  };
}

const ROLES: Readonly<Record<string, KeyRole>> = {
  r: KEY_ROLE.READ,
  o: KEY_ROLE.REPLACE,
  c: KEY_ROLE.CHANGE,
  m: KEY_ROLE.MODIFY,
  x: KEY_ROLE.REMOVE,
  d: KEY_ROLE.DELETE,
  t: KEY_ROLE.EXPIRY,
  a: KEY_ROLE.ANY,
};

function parseRule(text: string): KeyRule {
  const role = ROLES[text[0]!];
  const place = text.slice(1);
  const special = /^@(store|streams|sort|migrate)(?::(\d+))?$/.exec(place);
  const count = /^#(\d+)(?:\/(\d+))?$/.exec(place);
  const range = /^(\d+)(?:(\.\.)(-\d+)?(?:\/(\d+))?)?$/.exec(place);
  if (role !== undefined && special !== null) {
    const kind = special[1] as 'store' | 'streams' | 'sort' | 'migrate';
    return kind === 'sort' || kind === 'migrate' ? { kind, role } : { kind, role, first: Number(special[2]) };
  }
  if (role !== undefined && count !== null)
    return { kind: 'count', role, first: Number(count[1]), step: Number(count[2] ?? 1) };
  if (role === undefined || range === null) throw new TypeError(`no rule for keys: ${text}`);
  const first = Number(range[1]);
  const last = range[2] === undefined ? first : Number(range[3] ?? -1);
  return { kind: 'range', role, first, last, step: Number(range[4] ?? 1) };
}

/** Valkey began as Redis 7.2, with everything that was there then. */
const FIRST_VALKEY = '7.2';

function parseSince(text: string): CommandSpec['since'] {
  if (text === 'module') return {};
  const [redis, valkey = FIRST_VALKEY] = text.split('/') as [string, string?];
  return { ...(redis !== '-' && { redis }), ...(valkey !== '-' && { valkey }) };
}

function onlyKey(keys: readonly KeyRule[]): number {
  const [rule] = keys;
  return keys.length === 1 && rule!.kind === 'range' && rule!.first === rule!.last ? rule!.first : 0;
}

function compareVersions(left: string, right: string): number {
  const parts = left.split('.').map(Number);
  const others = right.split('.').map(Number);
  for (let at = 0; at < Math.max(parts.length, others.length); at++) {
    const difference = (parts[at] ?? 0) - (others[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
