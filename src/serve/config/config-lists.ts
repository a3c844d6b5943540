/** Settings whose values are lists of a form of their own: save points, limits of buffers, events, percentiles, scores. */
import type { ByteString } from '../../bytes/byte-string.js';
import { ConfigRefusal } from './config-refusal.js';
import { parseSize } from './config-size.js';

/** Seconds and changes in turn; the one empty word is for none. */
export function savePoints(words: readonly ByteString[]): ByteString {
  if (isNone(words)) return '';
  const numbers = words.map(leadingInteger);
  const isRight = numbers.every((number, at) => number !== undefined && number >= (at % 2 === 0 ? 1 : 0));
  if (!isRight || numbers.length % 2 === 1) throw new ConfigRefusal('Invalid save parameters');
  return numbers.join(' ');
}

/** `normal <hard> <soft> <seconds> slave … pubsub …`, bytes. */
export type LimitText = string;

export interface OutputLimit {
  /** Bytes at which a client is let go; 0: none. */
  readonly hardBytes: number;
  /** Bytes that it may not have waiting for longer than {@link softSeconds}; 0: none. */
  readonly softBytes: number;
  readonly softSeconds: number;
}

export const CLIENT_CLASSES = ['normal', 'slave', 'pubsub'] as const;
export type ClientClass = (typeof CLIENT_CLASSES)[number];

/** Of every class of clients. */
export function outputLimits(text: LimitText): ReadonlyMap<ClientClass, OutputLimit> {
  const words = text.split(' ');
  return new Map(
    CLIENT_CLASSES.map((name) => {
      const [hardBytes, softBytes, softSeconds] = words.slice(words.indexOf(name) + 1).map(Number);
      return [name, { hardBytes: hardBytes!, softBytes: softBytes!, softSeconds: softSeconds! }];
    }),
  );
}

/** Of a class, as it stands in a value. */
export function limitText(text: LimitText, name: ClientClass): string {
  const words = text.split(' ');
  return words.slice(words.indexOf(name)).slice(0, 4).join(' ');
}

/** `current` with the classes that are given. */
export function mergedLimits(words: readonly ByteString[], current: LimitText): LimitText {
  if (words.length % 4 !== 0) throw new ConfigRefusal('Wrong number of arguments in buffer limit configuration.');
  const limits = new Map<string, string>(CLIENT_CLASSES.map((name) => [name, limitText(current, name)]));
  for (let at = 0; at < words.length; at += 4) {
    const [word, hard, soft, seconds] = words.slice(at, at + 4);
    const name = word!.toLowerCase() === 'replica' ? 'slave' : word!.toLowerCase();
    if (!limits.has(name)) throw new ConfigRefusal('Invalid client class specified in buffer limit configuration.');
    const numbers = [parseSize(hard!), parseSize(soft!), leadingInteger(seconds!)];
    if (numbers.includes(undefined) || (numbers[2] as number) < 0)
      throw new ConfigRefusal('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
    limits.set(name, [name, ...numbers].join(' '));
  }
  return CLIENT_CLASSES.map((name) => limits.get(name)).join(' ');
}

/** `A` is all of these. */
const ALL_EVENTS = 'g$lshzxetd';
/** In the server's order. */
const EVENT_LETTERS = `${ALL_EVENTS}nKEm`;

/** All letters, `A` taken apart, each once. */
export function orderedEvents(word: ByteString): ByteString {
  const given = new Set(word.replaceAll('A', ALL_EVENTS));
  for (const letter of given)
    if (!EVENT_LETTERS.includes(letter))
      throw new ConfigRefusal("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  return [...EVENT_LETTERS].filter((letter) => given.has(letter)).join('');
}

/** As the server writes it: where all are there, `n` is not shown. */
export function shownEvents(letters: ByteString): ByteString {
  return letters.startsWith(ALL_EVENTS) ? `A${letters.slice(ALL_EVENTS.length).replace('n', '')}` : letters;
}

export function percentiles(setting: string, words: readonly ByteString[]): ByteString {
  if (isNone(words)) return '';
  const numbers = words.map((word) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : Number.NaN));
  for (const number of numbers) {
    if (Number.isNaN(number)) throw new ConfigRefusal(`Invalid ${setting} parameters`);
    if (number < 0 || number > 100) throw new ConfigRefusal(`${setting} parameters should sit between [0.0,100.0]`);
  }
  return numbers.join(' ');
}

const MOST_SCORE = 2000;

export function checkedScores(setting: string, words: readonly ByteString[]): ByteString {
  if (words.length !== 3) throw new ConfigRefusal('wrong number of arguments');
  const numbers = words.map(leadingInteger);
  if (numbers.some((number) => number === undefined || Math.abs(number) > MOST_SCORE))
    throw new ConfigRefusal(`Invalid ${setting}, elements must be between -${MOST_SCORE} and ${MOST_SCORE}.`);
  return numbers.join(' ');
}

function isNone(words: readonly ByteString[]): boolean {
  return words.length === 0 || (words.length === 1 && words[0] === '');
}

/** As C's strtoll reads a whole word, to which nothing at all is 0. */
function leadingInteger(word: ByteString): number | undefined {
  return /^\s*[+-]?\d+$|^$/.test(word) ? Number(word) : undefined;
}
