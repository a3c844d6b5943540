/**
 * What the value of a setting may be, and how the server writes it. A value is words, each a byte string: one of a kind that has one
 * alone, any number of the others.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import {
  checkedScores,
  type LimitText,
  mergedLimits,
  orderedEvents,
  percentiles,
  savePoints,
  shownEvents,
} from './config-lists.js';
import { ConfigRefusal } from './config-refusal.js';
import { parseInteger, parseSize } from './config-size.js';

export type ConfigKind =
  | { readonly name: 'yes-no' | 'text' | 'title' | 'host-name' | 'file-name' | 'directory' | 'size-or-percent' }
  | {
      readonly name: 'words' | 'save-points' | 'output-limits' | 'events' | 'percentiles' | 'oom-scores' | 'replica-of';
    }
  | { readonly name: 'int' | 'size' | 'octal'; readonly least: bigint; readonly most: bigint }
  | { readonly name: 'one-of' | 'any-of'; readonly words: readonly string[] };

const SEVERAL_WORDS: ReadonlySet<ConfigKind['name']> = new Set([
  'words',
  'save-points',
  'output-limits',
  'percentiles',
  'oom-scores',
  'replica-of',
  'any-of',
]);

export function takesSeveralWords({ name }: ConfigKind): boolean {
  return SEVERAL_WORDS.has(name);
}

/**
 * The value as it is kept: the server's own spelling, but that `notify-keyspace-events` has all of its letters. `current` is what
 * the setting has now, of which some kinds change a part. Throws ConfigRefusal with the server's text.
 */
export function normalised(
  setting: string,
  kind: ConfigKind,
  words: readonly ByteString[],
  current: ByteString,
): ByteString {
  switch (kind.name) {
    case 'save-points':
      return savePoints(words);
    case 'output-limits':
      return mergedLimits(words, current as LimitText);
    case 'percentiles':
      return percentiles(setting, words);
    case 'oom-scores':
      return checkedScores(setting, words);
    case 'any-of':
      return someOf(kind.words, words);
    case 'words':
      return addresses(words);
    case 'replica-of':
      return master(words);
    default:
      if (words.length !== 1) throw new ConfigRefusal('wrong number of arguments');
      return normalisedWord(setting, kind, words[0]!);
  }
}

/** As CONFIG GET shows it. */
export function shown(kind: ConfigKind, value: ByteString): ByteString {
  return kind.name === 'events' ? shownEvents(value) : value;
}

function normalisedWord(setting: string, kind: ConfigKind, word: ByteString): ByteString {
  switch (kind.name) {
    case 'yes-no':
      return oneOf(['yes', 'no'], word, "argument must be 'yes' or 'no'");
    case 'one-of':
      return oneOf(kind.words, word, mustBeOneOf(kind.words));
    case 'int':
      return inRange(kind, integer(word)).toString();
    case 'size':
      return inRange(kind, size(word, 'argument must be a memory value')).toString();
    case 'octal':
      return inRange(kind, octal(word)).toString(8);
    case 'size-or-percent':
      return sizeOrPercent(word);
    case 'events':
      return orderedEvents(word);
    case 'file-name':
      return fileName(setting, word);
    case 'host-name':
      return hostName(word);
    case 'title':
      return title(word);
    default:
      return word;
  }
}

function oneOf(words: readonly string[], word: ByteString, otherwise: string): string {
  const lower = word.toLowerCase();
  if (!words.includes(lower)) throw new ConfigRefusal(otherwise);
  return lower;
}

function mustBeOneOf(words: readonly string[]): string {
  return `argument(s) must be one of the following: ${words.join(', ')}`;
}

/** The first word stands for none of the others. */
function someOf(words: readonly string[], given: readonly ByteString[]): string {
  if (given.length === 0) throw new ConfigRefusal(mustBeOneOf(words));
  const found = new Set(given.map((word) => oneOf(words, word, mustBeOneOf(words))));
  if (found.has('save') && found.has('nosave'))
    throw new ConfigRefusal("shutdown options SAVE and NOSAVE can't be used simultaneously");
  const chosen = words.slice(1).filter((word) => found.has(word));
  return chosen.length === 0 ? words[0]! : chosen.join(' ');
}

function integer(word: ByteString): bigint {
  const value = parseInteger(word);
  if (value === undefined) throw new ConfigRefusal("argument couldn't be parsed into an integer");
  return value;
}

function size(word: ByteString, otherwise: string): bigint {
  const value = parseSize(word);
  if (value === undefined) throw new ConfigRefusal(otherwise);
  return value;
}

function octal(word: ByteString): bigint {
  const [, sign, digits] = /^(-?)([0-7]+)$/.exec(word) ?? [];
  if (digits === undefined) throw new ConfigRefusal("argument couldn't be parsed as an octal number");
  return BigInt(`0o${digits}`) * (sign === '-' ? -1n : 1n);
}

function inRange({ least, most, name }: { least: bigint; most: bigint; name: string }, value: bigint): bigint {
  if (value >= least && value <= most) return value;
  const [from, to] = name === 'octal' ? [least.toString(8), most.toString(8)] : [least, most];
  throw new ConfigRefusal(`argument must be between ${from} and ${to} inclusive`);
}

/** The server keeps a percentage as a negative number, so that sizes from 2^63 on are percentages to it. */
function sizeOrPercent(word: ByteString): string {
  const percent = /^(\d+)%$/.exec(word);
  const value = BigInt.asIntN(
    64,
    percent === null ? size(word, 'argument must be a memory or percent value') : -BigInt(percent[1]!),
  );
  if (value >= 0n) return value.toString();
  if (value < -100n) throw new ConfigRefusal('percentage argument must be less or equal to 100');
  return `${-value}%`;
}

function fileName(setting: string, word: ByteString): ByteString {
  if (setting !== 'dbfilename' && word === '') throw new ConfigRefusal(`${setting} can't be empty`);
  if (/[\\/]/.test(word)) throw new ConfigRefusal(`${setting} can't be a path, just a ${kindOfName(setting)}`);
  return word;
}

function kindOfName(setting: string): string {
  return setting === 'appenddirname' ? 'dirname' : 'filename';
}

function hostName(word: ByteString): ByteString {
  if (word.length >= 256) throw new ConfigRefusal('Hostnames must be less than 256 characters');
  if (/[^A-Za-z0-9.-]/.test(word))
    throw new ConfigRefusal('Hostnames may only contain alphanumeric characters, hyphens or dots');
  return word;
}

const TITLE = /^(?:[^{}]|\{(?:title|listen-addr|server-mode|port|tls-port|unixsocket|config-file)\})*$/;

function title(word: ByteString): ByteString {
  if (!TITLE.test(word)) throw new ConfigRefusal('template format is invalid or contains unknown variables');
  return word;
}

const MOST_ADDRESSES = 16;

function addresses(words: readonly ByteString[]): ByteString {
  if (words.length > MOST_ADDRESSES) throw new ConfigRefusal('Too many bind addresses specified.');
  return words.filter((word) => word !== '').join(' ');
}

function master(words: readonly ByteString[]): ByteString {
  if (words.length !== 2) throw new ConfigRefusal('wrong number of arguments');
  if (words.join(' ').toLowerCase() === 'no one') return '';
  const port = parseInteger(words[1]!);
  if (port === undefined || port < 0n || port > 65_535n) throw new ConfigRefusal('Invalid master port');
  return words.join(' ');
}
