/**
 * What a server tells of its commands beyond what a log needs to know of them: flags, categories, tips, and its own description of
 * where keys stand. The rows are the facts; this file reads them.
 *
 * A row is `NAME flags keys categories tips`, below a line `== group category`. Flags are letters ({@link FLAGS}). Keys are
 * `-`, or specifications with commas between them: `RWau@1` is a key at 1, read and written, accessed and updated. Behind the `@`:
 *
 *     1        that argument         1..      from there to the end      1..-2    to the last but one       1..+1   one more
 *     1../2    every second          1..%2    the first half             2#       as many as 2 says, behind it
 *     KEYS:-2..   from behind the word KEYS, looked for from the last but one argument backwards            ?       nobody can tell
 *
 * Categories are those that neither the flags nor the group say; `!` is for a command that is not of the category of its group.
 */
import type { CommandSpec, KeyRule } from '../../aof/command-table.js';
import { KEY_ROLE } from '../../aof/command-table.js';
import { SERVER_FACTS } from './command-rows-server.js';
import { VALUE_FACTS } from './command-rows-values.js';

/** In the order in which servers list them. */
export const FLAGS: readonly (readonly [letter: string, name: string])[] = [
  ['w', 'write'],
  ['r', 'readonly'],
  ['m', 'denyoom'],
  ['a', 'admin'],
  ['p', 'pubsub'],
  ['s', 'noscript'],
  ['b', 'blocking'],
  ['l', 'loading'],
  ['t', 'stale'],
  ['M', 'skip_monitor'],
  ['g', 'skip_slowlog'],
  ['k', 'asking'],
  ['F', 'fast'],
  ['x', 'no_auth'],
  ['z', 'no_mandatory_keys'],
  ['c', 'no_async_loading'],
  ['n', 'no_multi'],
  ['v', 'movablekeys'],
  ['y', 'allow_busy'],
];

/** In the order in which servers list them. */
export const CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const;

const KEY_FLAGS: readonly (readonly [letter: string, name: string])[] = [
  ['a', 'access'],
  ['u', 'update'],
  ['i', 'insert'],
  ['d', 'delete'],
  ['k', 'not_key'],
  ['I', 'incomplete'],
  ['v', 'variable_flags'],
];

const TIPS: Readonly<Record<string, string>> = {
  N: 'nondeterministic_output',
  O: 'nondeterministic_output_order',
  q: 'request_policy',
  s: 'response_policy',
};

/** Where keys begin, and how they are found from there. */
export interface KeySpec {
  readonly flags: readonly string[];
  readonly begin:
    | { readonly type: 'index'; readonly index: number }
    | { readonly type: 'keyword'; readonly keyword: string; readonly startFrom: number }
    | { readonly type: 'unknown' };
  /** `lastKey` counts from the first, or from the end where it is negative; `limit` 2 is for half of them. */
  readonly find:
    | { readonly type: 'range'; readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly type: 'keynum' }
    | { readonly type: 'unknown' };
}

export interface CommandFacts {
  readonly group: string;
  readonly flags: readonly string[];
  readonly categories: readonly string[];
  readonly tips: readonly string[];
  readonly keySpecs: readonly KeySpec[];
}

/** Of a command that the rows do not have, what its other description says. */
export function factsOf(spec: CommandSpec): CommandFacts {
  facts ??= readFacts();
  return facts.get(spec.name) ?? deduced(spec);
}

/** Its flags, to be asked for every command that is run. */
export function flagsOf(spec: CommandSpec): ReadonlySet<string> {
  let found = flagSets.get(spec);
  if (found === undefined) {
    found = new Set(factsOf(spec).flags);
    flagSets.set(spec, found);
  }
  return found;
}

const flagSets = new WeakMap<CommandSpec, ReadonlySet<string>>();

let facts: ReadonlyMap<string, CommandFacts> | undefined;

function readFacts(): ReadonlyMap<string, CommandFacts> {
  const found = new Map<string, CommandFacts>();
  let group = '';
  let category: string | undefined;
  for (const line of `${VALUE_FACTS}${SERVER_FACTS}`.split('\n')) {
    const [name, ...rest] = line.trim().split(/\s+/) as [string, ...string[]];
    if (name === '==') [group, category] = rest as [string, string?];
    else if (name !== '') found.set(name.replace('|', ' '), factsFrom(rest, group, category));
  }
  return found;
}

function factsFrom(
  [letters = '-', keys = '-', categories = '-', tips = '']: readonly string[],
  group: string,
  category: string | undefined,
): CommandFacts {
  const more = categories === '-' ? [] : categories.split(',');
  const flags = FLAGS.filter(([letter]) => letters.includes(letter)).map(([, name]) => name);
  const own = category === undefined || more.includes('!') ? more : [...more, category];
  return {
    group,
    flags,
    categories: categoriesOf(flags, own),
    tips: tips === '' ? [] : tips.split(',').map(tipOf),
    keySpecs: keys === '-' ? [] : keys.split(',').map(keySpecOf),
  };
}

/** What flags say of categories, and what else there is. */
function categoriesOf(flags: readonly string[], more: readonly string[]): string[] {
  const all = new Set(more);
  const has = (flag: string): boolean => flags.includes(flag);
  if (has('write')) all.add('write');
  if (has('readonly') && !all.has('scripting')) all.add('read');
  if (has('admin')) all.add('admin').add('dangerous');
  if (has('pubsub')) all.add('pubsub');
  if (has('blocking')) all.add('blocking');
  all.add(has('fast') ? 'fast' : 'slow');
  return CATEGORIES.filter((category) => all.has(category));
}

function tipOf(text: string): string {
  const [letter, policy] = text.split(':') as [string, string?];
  return policy === undefined ? TIPS[letter]! : `${TIPS[letter]}:${policy}`;
}

function keySpecOf(text: string): KeySpec {
  const [, flags, place] = /^([^@]*)@(.*)$/.exec(text) as unknown as [string, string, string];
  const [, word, start, more] = /^(?:([A-Z]+):)?(-?\d+|\?)(.*)$/.exec(place) as unknown as [
    string,
    string?,
    string?,
    string?,
  ];
  return { flags: keyFlagsOf(flags), begin: beginOf(start!, word), find: start === '?' ? UNKNOWN : findOf(more!) };
}

const UNKNOWN = { type: 'unknown' } as const;

function keyFlagsOf(text: string): string[] {
  const mode = /^[A-Z]{2}/.exec(text)?.[0];
  const letters = text.slice(mode?.length ?? 0);
  const names = KEY_FLAGS.filter(([letter]) => letters.includes(letter)).map(([, name]) => name);
  return mode === undefined ? names : [mode, ...names];
}

function beginOf(start: string, keyword: string | undefined): KeySpec['begin'] {
  if (start === '?') return UNKNOWN;
  if (keyword !== undefined) return { type: 'keyword', keyword, startFrom: Number(start) };
  return { type: 'index', index: Number(start) };
}

function findOf(text: string): KeySpec['find'] {
  if (text === '#') return { type: 'keynum' };
  const [, dots, last, step, limit] = /^(?:(\.\.)([+-]\d+)?)?(?:\/(\d+))?(?:%(\d+))?$/.exec(text) ?? [];
  const lastKey = dots === undefined ? 0 : Number(last ?? -1);
  return { type: 'range', lastKey, step: Number(step ?? 1), limit: Number(limit ?? 0) };
}

function deduced({ isWrite, keys, isSubcommand, subcommands }: CommandSpec): CommandFacts {
  const isContainer = !isSubcommand && subcommands !== undefined;
  const flags = isWrite ? ['write'] : keys.length > 0 && !isContainer ? ['readonly'] : [];
  return {
    group: isWrite || keys.length > 0 ? 'generic' : 'server',
    flags,
    categories: categoriesOf(flags, []),
    tips: [],
    keySpecs: keys.map(deducedKeys),
  };
}

function deducedKeys(rule: KeyRule): KeySpec {
  const flags = rule.role === KEY_ROLE.READ ? ['RO', 'access'] : ['RW', 'access', 'update'];
  if (rule.kind === 'range') {
    const { first, last, step } = rule;
    const lastKey = last < 0 ? last : last - first;
    return { flags, begin: { type: 'index', index: first }, find: { type: 'range', lastKey, step, limit: 0 } };
  }
  if (rule.kind === 'count') return { flags, begin: { type: 'index', index: rule.first }, find: { type: 'keynum' } };
  return { flags: [...flags, 'incomplete'], begin: UNKNOWN, find: UNKNOWN };
}
