/**
 * The texts in which people write filters on a command line:
 *
 *     range     1KB~1MB · 1000~ (from) · ~5 (up to) · <1h · >=2d · 7 (exactly); both ends of a `~` count
 *     size      512 · 512B · 1.5KB · 64m · 2GiB: base 1024, case-insensitive
 *     duration  90 (seconds) · 250ms · 1.5h · 7d · 2w
 *     ttl       none · any · expired · a range of durations
 *     slots     0-5460,6000
 *     sample    1% · 0.01 · 1%:42 (with a seed)
 */

import { type SlotRange, type TtlFilter, VALUE_TYPES } from './filter.js';
import { SLOT_COUNT } from './key-slot.js';
import type { ValueType } from './model.js';
import type { Range } from './range.js';
import type { SampleOptions } from './sample.js';

/** The text of a filter says nothing that could be meant: one sentence for people, the text included. */
export class FilterTextError extends Error {
  override readonly name = 'FilterTextError';
}

const KIB = 1024;
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index) =>
    [letter, `${letter}b`, `${letter}ib`].map((unit): [string, number] => [unit, KIB ** (index + 1)]),
  ),
]);

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['', SECOND_MS],
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', 60 * SECOND_MS],
  ['h', HOUR_MS],
  ['d', 24 * HOUR_MS],
  ['w', 7 * 24 * HOUR_MS],
]);

/**
 * A range of what `parseValue` reads. Values are whole numbers, so `<5` is the same as `~4`.
 * This and the other parsers throw FilterTextError.
 */
export function parseRange(text: string, parseValue: (text: string) => number): Range {
  const comparison = /^([<>])(=?)(.*)$/s.exec(text.trim());
  if (comparison !== null) {
    const value = parseValue(comparison[3]!);
    const off = comparison[2] === '=' ? 0 : 1;
    return comparison[1] === '<' ? checked({ max: value - off }, text) : { min: value + off };
  }
  const ends = text.split('~');
  if (ends.length === 1) {
    const value = parseValue(text);
    return { min: value, max: value };
  }
  const [from, to] = ends.map((end) => (end.trim() === '' ? undefined : parseValue(end)));
  if (ends.length > 2 || (from === undefined && to === undefined)) {
    throw new FilterTextError(`'${text}' is no range: write a~b, a~ or ~b`);
  }
  return checked({ ...(from !== undefined && { min: from }), ...(to !== undefined && { max: to }) }, text);
}

/** Bytes, rounded to whole ones. */
export function parseSize(text: string): number {
  return parseQuantity(text, SIZE_UNITS, 'size', 'bytes, or a number with B, KB, MB, GB or TB');
}

/** Milliseconds, rounded to whole ones. */
export function parseDurationMs(text: string): number {
  return parseQuantity(text, DURATION_UNITS, 'duration', 'seconds, or a number with ms, s, m, h, d or w');
}

/** Seconds, rounded to whole ones. */
export function parseDurationSeconds(text: string): number {
  return Math.round(parseDurationMs(text) / SECOND_MS);
}

/** A whole number from 0. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\s*\d+\s*$/.test(text) || !Number.isSafeInteger(count)) {
    throw new FilterTextError(`'${text}' is no whole number`);
  }
  return count;
}

/** A word, or a range of the life left, such as `<1h`. */
export function parseTtl(text: string): TtlFilter {
  const word = text.trim().toLowerCase();
  if (word === 'none' || word === 'any' || word === 'expired') return word;
  // Nothing lives for exactly an hour: a lone duration is a slip.
  if (!/[<>~]/.test(word))
    throw new FilterTextError(`'${text}' is no ttl: write none, any, expired, <1h, >1h or 1h~7d`);
  const { min, max } = parseRange(word, parseDurationMs);
  return { ...(min !== undefined && { minMs: min }), ...(max !== undefined && { maxMs: max }) };
}

/** Slots and ranges of slots, separated by commas or spaces. */
export function parseSlots(text: string): SlotRange[] {
  return splitList(text).map((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const start = Number(match?.[1] ?? NaN);
    const end = Number(match?.[2] ?? start);
    if (!(start <= end && end < SLOT_COUNT)) {
      throw new FilterTextError(`'${part}' is no range of slots: they are 0 to ${SLOT_COUNT - 1}, written as 0-5460`);
    }
    return { start, end };
  });
}

/** A share, and a seed behind a colon. */
export function parseSample(text: string): SampleOptions {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(%?)(?::(\d{1,20}))?$/.exec(text.trim());
  const fraction = Number(match?.[1] ?? NaN) / (match?.[2] ? 100 : 1);
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new FilterTextError(`'${text}' is no sample: write 1% or 0.01, and :seed behind it if need be`);
  }
  const seed = match?.[3];
  return seed === undefined ? { fraction } : { fraction, seed: BigInt(seed) };
}

/** Names of types, separated by commas or spaces. */
export function parseTypes(text: string): ValueType[] {
  return splitList(text).map((name) => {
    const type = VALUE_TYPES.find((one) => one === name.toLowerCase());
    if (type === undefined) throw new FilterTextError(`'${name}' is no type; there are ${VALUE_TYPES.join(', ')}`);
    return type;
  });
}

/** Numbers of databases, separated by commas or spaces. */
export function parseDbs(text: string): number[] {
  return splitList(text).map(parseCount);
}

/** A regular expression as JavaScript has them, without flags. */
export function parseKeyRegex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new FilterTextError(`'${text}' is no regular expression: ${(error as Error).message}`);
  }
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>, what: string, hint: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim());
  const factor = match === null ? undefined : units.get(match[2]!.toLowerCase());
  const value = factor === undefined ? NaN : Math.round(Number(match![1]) * factor);
  if (!Number.isSafeInteger(value)) throw new FilterTextError(`'${text}' is no ${what}: write ${hint}`);
  return value;
}

function checked(range: Range, text: string): Range {
  const { min = 0, max = Infinity } = range;
  if (max < min) throw new FilterTextError(`'${text}' is an empty range`);
  return range;
}

function splitList(text: string): string[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length === 0) throw new FilterTextError(`'${text}' names nothing`);
  return parts;
}
