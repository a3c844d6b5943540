/** The options that commands share, and how their texts become filters. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { KeyFilter } from '../rdb/filter.js';
import {
  FilterTextError,
  parseCount,
  parseDbs,
  parseDurationSeconds,
  parseKeyRegex,
  parseRange,
  parseSample,
  parseSize,
  parseSlots,
  parseTtl,
  parseTypes,
} from '../rdb/filter-text.js';
import { UsageError } from './failures.js';
import { parseBytesArgument } from './render/bytes-text.js';

/** What commander makes of the filter options. */
export interface FilterOptions {
  readonly db?: number[];
  readonly d?: number[];
  readonly match?: Uint8Array[];
  readonly keyRegex?: RegExp;
  readonly notMatch?: Uint8Array[];
  readonly type?: KeyFilter['types'];
  readonly notType?: KeyFilter['types'];
  readonly size?: KeyFilter['sizeBytes'];
  readonly elements?: KeyFilter['elements'];
  readonly ttl?: KeyFilter['ttl'];
  readonly idle?: KeyFilter['idleSeconds'];
  readonly freq?: KeyFilter['freq'];
  readonly slot?: KeyFilter['slots'];
  readonly sample?: KeyFilter['sample'];
  readonly limit?: number;
}

export type EncodingChoice = 'auto' | 'base64' | 'hex' | 'latin1';

export function addSharedOptions(command: Command): Command {
  return command
    .option(
      '-o, --output <file>',
      'write to a file, compressed where its name ends in .gz or .zst (default: standard output)',
    )
    .option('--json', 'JSON, errors on standard error included')
    .addOption(sourceOption())
    .option('--no-checksum', 'do not compare the CRC-64 at the end')
    .option('--max-memory <size>', 'refuse single values larger than this (default: 1GB)', reading(parseSize))
    .addOption(choiceOption('--progress <when>', 'a progress bar on standard error', ['auto', 'always', 'never']))
    .addOption(choiceOption('--color <when>', 'colours on a terminal; NO_COLOR is heeded', ['auto', 'always', 'never']))
    .option('-q, --quiet', 'no warnings and remarks')
    .option('-v, --verbose', 'more about unexpected errors');
}

export function addFilterOptions(command: Command): Command {
  return addKeyFilterOptions(command).option('-l, --limit <n>', 'at most so many keys', reading(parseCount));
}

/** The filters without a limit, for commands where that limits what they report. */
export function addKeyFilterOptions(command: Command): Command {
  return command
    .addOption(databaseOption())
    .addOption(new Option('-d <n>', 'as -n').argParser(appending(parseDbs)).hideHelp())
    .addOption(globOption('-k, --match <glob>', 'keys that match a Redis glob; may be repeated'))
    .addOption(globOption('-K, --not-match <glob>', 'no keys that match'))
    .option('--key-regex <regex>', 'keys that match a regular expression', reading(parseKeyRegex))
    .addOption(repeated('-t, --type <types>', 'string list set zset hash stream module array', parseTypes))
    .addOption(repeated('-T, --not-type <types>', 'none of these types', parseTypes))
    .option('--size <range>', 'bytes of the value in the file: 1KB~1MB, >64KB', reading(ranged(parseSize)))
    .option('--elements <range>', 'items, members, fields or entries: 1000~, <10', reading(ranged(parseCount)))
    .option('--ttl <range>', "none, any, expired, or the life left: '<1h', 1h~7d", reading(parseTtl))
    .option('--idle <range>', "idle time, where it is recorded: '>30d'", reading(ranged(parseDurationSeconds)))
    .option('--freq <range>', 'LFU counter 0-255, where it is recorded', reading(ranged(parseCount)))
    .addOption(repeated('--slot <slots>', 'cluster slots: 0-5460,6000', parseSlots))
    .option('--sample <share>', 'a share of the keys, the same in every file: 1%, 1%:42', reading(parseSample));
}

/** Of commands that read keys, which a log has once it has been replayed. */
export function addReplayOptions(command: Command): Command {
  return command
    .option('--skip-scripts', 'of a log: leave out scripts, and commands of modules, which are not replayed')
    .option('--load-truncated', 'of a log: where it ends inside a command or a transaction, read what stands before');
}

export function databaseOption(): Option {
  return repeated('-n, --db <n>', 'databases: 0 or 0,3; may be repeated', parseDbs);
}

export function globOption(flags: string, description: string): Option {
  return repeated(flags, description, parseGlob);
}

export function encodingOption(): Option {
  return choiceOption('--encoding <form>', 'bytes in JSON', ['auto', 'base64', 'hex', 'latin1']);
}

/** The filter that the options ask for; undefined where they ask for nothing. */
export function filterOf(options: FilterOptions): KeyFilter | undefined {
  const filter: KeyFilter = {
    ...present('dbs', [...(options.db ?? []), ...(options.d ?? [])]),
    ...present('match', options.match),
    ...present('notMatch', options.notMatch),
    ...present('keyRegex', options.keyRegex),
    ...present('types', options.type),
    ...present('notTypes', options.notType),
    ...present('sizeBytes', options.size),
    ...present('elements', options.elements),
    ...present('ttl', options.ttl),
    ...present('idleSeconds', options.idle),
    ...present('freq', options.freq),
    ...present('slots', options.slot),
    ...present('sample', options.sample),
    ...present('limit', options.limit),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

function present<K extends keyof KeyFilter>(name: K, value: KeyFilter[K] | undefined): Pick<KeyFilter, K> | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  return { [name]: value } as Pick<KeyFilter, K>;
}

function sourceOption(): Option {
  return new Option('--source <kind>', 'of a data directory: its dump or its append-only files').choices([
    'rdb',
    'aof',
  ]);
}

/** The first choice is the default. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices).default(choices[0]);
}

/** An option that takes several values at once, and may be repeated. */
export function repeated<T>(flags: string, description: string, parse: (text: string) => readonly T[]): Option {
  return new Option(flags, description).argParser(appending(parse));
}

function appending<T>(
  parse: (text: string) => readonly T[],
): (text: string, previous: readonly T[] | undefined) => T[] {
  const read = reading(parse);
  return (text, previous) => [...(previous ?? []), ...read(text)];
}

/** Turns what a parser has to say into commander's words. */
export function reading<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof FilterTextError || error instanceof UsageError)
        throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

function ranged(parse: (text: string) => number): (text: string) => ReturnType<typeof parseRange> {
  return (text) => parseRange(text, parse);
}

function parseGlob(text: string): Uint8Array[] {
  return [parseBytesArgument(text)];
}
