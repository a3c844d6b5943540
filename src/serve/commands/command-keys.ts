/** COMMAND GETKEYS and GETKEYSANDFLAGS: the keys of a command that is not run. */
import { type CommandSpec, KEY_ROLE, lookup } from '../../aof/command-table.js';
import type { CommandWords } from '../../aof/command-words.js';
import { KeyPositions } from '../../aof/key-positions.js';
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { isOption, parseInt64 } from '../../engine/arguments.js';
import { takesArguments } from '../../engine/arity.js';
import type { Call } from '../../engine/call.js';
import { CommandError, type Reply, Status } from '../../engine/reply.js';
import { isSince } from '../../engine/settings.js';
import { factsOf, type KeySpec } from './command-facts.js';

/** COMMAND GETKEYS command [arg [arg ...]] */
export function getKeys(call: Call): Reply {
  return keysOf(call).map(({ key }) => key);
}

/** COMMAND GETKEYSANDFLAGS command [arg [arg ...]] */
export function getKeysAndFlags(call: Call): Reply {
  return keysOf(call).map(({ key, flags }) => [key, flags.map((flag) => new Status(flag))]);
}

interface NamedKey {
  readonly key: ByteString;
  readonly flags: readonly string[];
}

function keysOf(call: Call): NamedKey[] {
  const args = call.args.slice(2);
  const { target } = call.engine.settings;
  const spec = commandOf(args);
  if (spec === undefined || !isSince(target, spec.since)) throw new CommandError('ERR Invalid command specified');
  if (spec.keys.length === 0) throw new CommandError('ERR The command has no key arguments');
  if (!takesArguments(spec, args.length, target))
    throw new CommandError('ERR Invalid number of arguments specified for command');
  const words = wordsOf(args);
  const positions = new KeyPositions();
  const count = positions.locate(words, spec);
  if ((count === 0 || isMiscounted(words, spec)) && !factsOf(spec).flags.includes('no_mandatory_keys'))
    throw new CommandError('ERR Invalid arguments specified for command');
  return Array.from({ length: count }, (_, at) => ({
    key: args[positions.index[at]!]!,
    flags: flagsOf(spec, args, positions.index[at]!, positions.role[at] === KEY_ROLE.READ),
  }));
}

/** An argument that says how many keys there are says more than there is. */
function isMiscounted(words: CommandWords, { keys }: CommandSpec): boolean {
  return keys.some((rule) => {
    if (rule.kind !== 'count') return false;
    const count = words.count(rule.first);
    return count < 1 || rule.first + count * rule.step >= words.argc;
  });
}

function commandOf(args: readonly ByteString[]): CommandSpec | undefined {
  const name = fromByteString(args[0]!);
  const spec = lookup(name, 0, name.length);
  if (spec?.subcommands === undefined || args.length < 2) return spec;
  const word = fromByteString(args[1]!);
  return spec.subcommands.find(word, 0, word.length);
}

function wordsOf(args: readonly ByteString[]): CommandWords {
  return {
    argc: args.length,
    held: args.length,
    is: (index, word) => isOption(args[index], word),
    size: (index) => args[index]!.length,
    count: (index) => {
      const value = parseInt64(args[index] ?? '');
      return typeof value === 'number' ? value : 0;
    },
  };
}

/** What the server says of the key at that place; where it only says how to look for keys, of one that is read, or is not. */
function flagsOf(spec: CommandSpec, args: readonly ByteString[], at: number, isRead: boolean): readonly string[] {
  const { keySpecs } = factsOf(spec);
  const found =
    keySpecs.find((each) => covers(each, at, args.length)) ??
    keySpecs.find(({ flags }) => flags.includes('RO') === isRead) ??
    keySpecs[0];
  const flags = found?.flags.filter((flag) => flag !== 'incomplete' && flag !== 'variable_flags') ?? [];
  return found?.flags.includes('variable_flags') ? byArguments(spec, args, flags) : flags;
}

function covers({ begin, find }: KeySpec, at: number, argc: number): boolean {
  if (begin.type !== 'index' || find.type !== 'range') return false;
  const last = find.lastKey < 0 ? argc + find.lastKey : begin.index + find.lastKey;
  return at >= begin.index && at <= last;
}

/** SET without GET only writes; BITFIELD that only has GET only reads. */
function byArguments(spec: CommandSpec, args: readonly ByteString[], flags: readonly string[]): readonly string[] {
  const has = (...options: readonly string[]): boolean =>
    args.some((arg, at) => at > 1 && options.some((option) => isOption(arg, option)));
  if (spec.name === 'SET' && !has('GET')) return ['OW', 'update'];
  if (spec.name === 'BITFIELD' && !has('SET', 'INCRBY')) return ['RO', 'access'];
  return flags;
}
