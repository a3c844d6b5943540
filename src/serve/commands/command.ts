/** COMMAND: what the server says of its own commands. */
import { allCommands, type CommandSpec, findCommand } from '../../aof/command-table.js';
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { compileGlob } from '../../bytes/glob.js';
import { isOption } from '../../engine/arguments.js';
import { takesArguments } from '../../engine/arity.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { MapReply, type Reply, SetReply, Status, syntaxError } from '../../engine/reply.js';
import { isSince } from '../../engine/settings.js';
import { connectionOf } from '../server-context.js';
import { shownName } from '../shown-words.js';
import { factsOf, type KeySpec } from './command-facts.js';
import { getKeys, getKeysAndFlags } from './command-keys.js';
import { help } from './server-of.js';

export const COMMAND_COMMANDS: CommandTable = {
  COMMAND: (call) => commandsOf(call).map((spec) => describe(call, spec)),
  'COMMAND COUNT': (call) => commandsOf(call).length,
  'COMMAND INFO': info,
  'COMMAND DOCS': docs,
  'COMMAND LIST': list,
  'COMMAND GETKEYS': getKeys,
  'COMMAND GETKEYSANDFLAGS': getKeysAndFlags,
  'COMMAND HELP': help('COMMAND', [
    '(no subcommand)',
    '    Every command with what is known of it.',
    'COUNT',
    '    How many commands there are.',
    'DOCS [<command-name> [...]]',
    '    Since when a command is there, and what it belongs to.',
    'GETKEYS <full-command>',
    '    The keys of a command.',
    'GETKEYSANDFLAGS <full-command>',
    '    The keys of a command, and what it does to them.',
    'INFO [<command-name> ...]',
    '    The commands that are named, with what is known of them; default: all.',
    'LIST [FILTERBY (MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>)]',
    '    The names of commands.',
  ]),
};

/** Those that can be run here; without the subcommands. */
export function commandsOf(call: Call): CommandSpec[] {
  return allCommands().filter((spec) => !spec.isSubcommand && isThere(call, spec));
}

/** The command or subcommand (`config|get`) of a name; undefined where it is not there. */
export function namedCommand(call: Call, name: ByteString): CommandSpec | undefined {
  const spec = /\s/.test(name) ? undefined : findCommand(name);
  return spec !== undefined && isThere(call, spec) ? spec : undefined;
}

export function subcommandsOf(call: Call, { subcommands }: CommandSpec): CommandSpec[] {
  return subcommands?.values().filter((spec) => isThere(call, spec)) ?? [];
}

/** The least that it takes, or what it takes; as the server that the engine stands for has it. */
function arityOf(call: Call, spec: CommandSpec): number {
  const { target } = call.engine.settings;
  const least = Math.abs(spec.arity);
  if (takesArguments(spec, least, target))
    return spec.arity > 0 || !takesArguments(spec, least + 1, target) ? least : -least;
  return -(least + 1);
}

/** A container is there with one of its subcommands. */
function isThere(call: Call, spec: CommandSpec): boolean {
  const { target } = call.engine.settings;
  if (!isSince(target, spec.since)) return false;
  const { runner } = connectionOf(call).session;
  return runner.has(spec) || subcommandsOf(call, spec).length > 0;
}

/** COMMAND INFO [command-name [command-name ...]] */
function info(call: Call): Reply {
  const { args } = call;
  if (args.length === 2) return commandsOf(call).map((spec) => describe(call, spec));
  return args.slice(2).map((name) => {
    const spec = namedCommand(call, name);
    return spec === undefined ? null : describe(call, spec);
  });
}

function describe(call: Call, spec: CommandSpec): Reply {
  const { flags, categories, tips, keySpecs } = factsOf(spec);
  const { first, last, step } = firstRange(keySpecs);
  return [
    shownName(spec),
    arityOf(call, spec),
    new SetReply(flags.map(status)),
    first,
    last,
    step,
    new SetReply(categories.map((category) => status(`@${category}`))),
    new SetReply(tips),
    new SetReply(keySpecs.map(describeKeys)),
    new SetReply(subcommandsOf(call, spec).map((each) => describe(call, each))),
  ];
}

function status(text: string): Status {
  return new Status(text);
}

/** What clients that are old know of keys: ranges at fixed places, as far as they lie side by side. */
function firstRange(specs: readonly KeySpec[]): {
  readonly first: number;
  readonly last: number;
  readonly step: number;
} {
  let range: { first: number; last: number; step: number } | undefined;
  for (const { begin, find } of specs) {
    if (begin.type !== 'index' || find.type !== 'range') continue;
    const last = find.lastKey < 0 ? find.lastKey : begin.index + find.lastKey;
    if (range === undefined) range = { first: begin.index, last, step: find.step };
    else if (range.last === begin.index - 1 && find.step === 1) range.last = last;
  }
  return range ?? { first: 0, last: 0, step: 0 };
}

function describeKeys({ flags, begin, find }: KeySpec): Reply {
  return new MapReply([
    ['flags', new SetReply(flags.map(status))],
    ['begin_search', typed(begin.type, beginPairs(begin))],
    ['find_keys', typed(find.type, findPairs(find))],
  ]);
}

function typed(type: string, pairs: readonly (readonly [string, Reply])[]): Reply {
  return new MapReply([
    ['type', type],
    ['spec', new MapReply(pairs)],
  ]);
}

function beginPairs(begin: KeySpec['begin']): (readonly [string, Reply])[] {
  if (begin.type === 'index') return [['index', begin.index]];
  if (begin.type === 'unknown') return [];
  return [
    ['keyword', begin.keyword],
    ['startfrom', begin.startFrom],
  ];
}

function findPairs(find: KeySpec['find']): (readonly [string, Reply])[] {
  if (find.type === 'unknown') return [];
  if (find.type === 'range') {
    return [
      ['lastkey', find.lastKey],
      ['keystep', find.step],
      ['limit', find.limit],
    ];
  }
  return [
    ['keynumidx', 0],
    ['firstkey', 1],
    ['keystep', 1],
  ];
}

/** COMMAND DOCS [command-name [command-name ...]]: since when, and of which group. The server's prose is its own. */
function docs(call: Call): Reply {
  const { args } = call;
  const specs = args.length === 2 ? commandsOf(call) : args.slice(2).flatMap((name) => namedCommand(call, name) ?? []);
  return new MapReply(specs.map((spec) => [shownName(spec), document(call, spec)]));
}

function document(call: Call, spec: CommandSpec): Reply {
  const { family } = call.engine.settings.target;
  const since = spec.since[family === 'valkey' ? 'valkey' : 'redis'] ?? '';
  const pairs: [string, Reply][] = [
    ['summary', summaryOf(spec)],
    ['since', since.split('.').length === 2 ? `${since}.0` : since],
    ['group', factsOf(spec).group],
  ];
  const subcommands = subcommandsOf(call, spec);
  if (subcommands.length > 0)
    pairs.push(['subcommands', new MapReply(subcommands.map((each) => [shownName(each), document(call, each)]))]);
  return new MapReply(pairs);
}

/** Tools show one of each; what is known of all commands is what they do to data. */
function summaryOf(spec: CommandSpec): string {
  const { group, flags } = factsOf(spec);
  const does = ['write', 'readonly', 'admin', 'pubsub'].find((flag) => flags.includes(flag)) ?? 'other';
  return `${DOES[does]} (${group})`;
}

const DOES: Readonly<Record<string, string>> = {
  write: 'Changes data.',
  readonly: 'Reads data.',
  admin: 'Is for administrators.',
  pubsub: 'Passes messages.',
  other: 'Neither reads nor changes data.',
};

/** COMMAND LIST [FILTERBY (MODULE module-name | ACLCAT category | PATTERN pattern)] */
function list(call: Call): Reply {
  const { args } = call;
  const all = commandsOf(call).flatMap((spec) => [spec, ...subcommandsOf(call, spec)]);
  if (args.length === 2) return new SetReply(all.map(shownName));
  if (args.length !== 5 || !isOption(args[2], 'FILTERBY')) throw syntaxError();
  return all.filter(filterOf(args[3]!, args[4]!)).map(shownName);
}

function filterOf(kind: ByteString, value: ByteString): (spec: CommandSpec) => boolean {
  if (isOption(kind, 'MODULE')) return () => false;
  if (isOption(kind, 'ACLCAT')) {
    const category = value.toLowerCase();
    return (spec) => factsOf(spec).categories.includes(category);
  }
  if (!isOption(kind, 'PATTERN')) throw syntaxError();
  const glob = compileGlob(fromByteString(value.toLowerCase()));
  return (spec) => {
    const name = fromByteString(shownName(spec));
    return glob.matches(name, 0, name.length);
  };
}
