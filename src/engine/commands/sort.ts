/** SORT: the elements of a list, set or sorted set, ordered by themselves or by what other keys say about them. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Target } from '../../rdb/versions.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { cString, isOutOfRange, parseAnyDouble } from '../double.js';
import { CommandError, type Reply, syntaxError, wrongType } from '../reply.js';
import { isSince } from '../settings.js';
import { ListObject } from '../values/list-object.js';
import type { SetObject } from '../values/set-object.js';
import type { ZsetObject } from '../values/zset-object.js';
import { sortPart } from './sort-part.js';
import { compilePattern, type Pattern, valueFor } from './sort-pattern.js';

export const SORT_COMMANDS: CommandTable = {
  SORT: (call) => sort(call, true),
  SORT_RO: (call) => sort(call, false),
};

interface Options {
  isDescending: boolean;
  isAlpha: boolean;
  /** Not at all: some pattern of BY was the same for all elements. */
  isUnsorted: boolean;
  /** Undefined: by the elements themselves. */
  by: Pattern;
  readonly gets: Pattern[];
  skip: number;
  count: number;
  store: ByteString | undefined;
}

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination] */
function sort(call: Call, canStore: boolean): Reply {
  const { db, args } = call;
  const options = parseOptions(args, canStore);
  const source = sourceOf(call);
  // A set has no order of its own that a log could rely on.
  const { store } = options;
  if (options.isUnsorted && source?.type === 'set' && store !== undefined) {
    options.isUnsorted = false;
    options.by = undefined;
    options.isAlpha = true;
  }
  // The server expands the sorted set itself.
  if (source?.type === 'zset') source.expect(Infinity, 0, call.engine.settings);
  const size = source === undefined ? 0 : source.type === 'list' ? source.length : source.size;
  const start = Math.min(Math.max(options.skip, 0), size);
  const end = options.count < 0 ? size : Math.min(size, start + options.count);
  const elements = source === undefined ? [] : ordered(call, source, options, start, end);
  const results = collect(call, elements, options.gets);
  if (store === undefined) return results;
  if (results.length > 0) {
    const items = results.map((item) => item ?? '');
    db.set(store, ListObject.of(items, call.engine.settings));
    call.changed(store, 'l', 'sortstore');
    call.dirty += items.length;
  } else if (db.has(store)) {
    db.delete(store);
    call.changed(store, 'g', 'del');
    call.dirty++;
  }
  return results.length;
}

function sourceOf({ db, args }: Call): ListObject | SetObject | ZsetObject | undefined {
  const value = db.get(args[1]!);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && (value.type === 'list' || value.type === 'set' || value.type === 'zset'))
    return value;
  throw wrongType();
}

function parseOptions(args: readonly ByteString[], canStore: boolean): Options {
  const options: Options = {
    isDescending: false,
    isAlpha: false,
    isUnsorted: false,
    by: undefined,
    gets: [],
    skip: 0,
    count: -1,
    store: undefined,
  };
  for (let at = 2; at < args.length; at++) {
    const left = args.length - at - 1;
    if (isOption(args[at], 'ASC')) options.isDescending = false;
    else if (isOption(args[at], 'DESC')) options.isDescending = true;
    else if (isOption(args[at], 'ALPHA')) options.isAlpha = true;
    else if (isOption(args[at], 'LIMIT') && left >= 2) {
      options.skip = numberArgument(args[++at]);
      options.count = numberArgument(args[++at]);
    } else if (isOption(args[at], 'STORE') && left >= 1 && canStore) options.store = args[++at]!;
    else if (isOption(args[at], 'BY') && left >= 1) {
      options.by = compilePattern(args[++at]!);
      if (options.by === undefined || options.by === '#') options.isUnsorted = true;
    } else if (isOption(args[at], 'GET') && left >= 1) options.gets.push(compilePattern(args[++at]!));
    else throw syntaxError();
  }
  return options;
}

/** Elements [start, end) of the result. */
function ordered(
  call: Call,
  source: ListObject | SetObject | ZsetObject,
  options: Options,
  start: number,
  end: number,
): ByteString[] {
  const elements = elementsOf(source);
  if (options.isUnsorted) {
    if (options.isDescending && source.type !== 'set') elements.reverse();
    return elements.slice(start, end);
  }
  const ranked = options.isAlpha ? rankByText(call, elements, options) : rankByNumber(call, elements, options);
  const isPart = options.by !== undefined && end > start && (start !== 0 || end !== elements.length);
  if (isPart) sortPart(ranked.elements, ranked.compare, start, end);
  else ranked.elements.sort(ranked.compare);
  return ranked.elements.slice(start, end).map(({ element }) => element);
}

function elementsOf(source: ListObject | SetObject | ZsetObject): ByteString[] {
  switch (source.type) {
    case 'list':
      return source.slice(0, source.length);
    case 'set':
      return [...source.values()];
    case 'zset':
      return [...source.slice(0, source.size).members];
  }
}

interface Ranked<T> {
  readonly element: ByteString;
  readonly weight: T;
}

interface Ranking<T> {
  readonly elements: Ranked<T>[];
  readonly compare: (left: Ranked<T>, right: Ranked<T>) => number;
}

function rankByNumber(
  call: Call,
  elements: readonly ByteString[],
  { by, isDescending }: Options,
): Ranking<number | ByteString | undefined> {
  const sign = isDescending ? -1 : 1;
  const ranked = elements.map((element) => {
    const text = by === undefined ? element : valueFor(call, by, element);
    return { element, weight: text === undefined ? 0 : scoreOf(text, call.engine.settings.target) };
  });
  if (ranked.some(({ weight }) => Number.isNaN(weight)))
    throw new CommandError("ERR One or more scores can't be converted into double");
  return {
    elements: ranked,
    compare: (left, right) =>
      sign *
      (compareNumbers(left.weight as number, right.weight as number) || compareTexts(left.element, right.element)),
  };
}

function rankByText(
  call: Call,
  elements: readonly ByteString[],
  { by, isDescending, store }: Options,
): Ranking<number | ByteString | undefined> {
  const sign = isDescending ? -1 : 1;
  // Only what is stored does not depend on the locale; in that of C, strcoll ends at a zero byte.
  const compare = store === undefined ? compareToZero : compareTexts;
  return {
    elements: elements.map((element) => ({
      element,
      weight: by === undefined ? element : valueFor(call, by, element),
    })),
    compare: (left, right) =>
      sign * compareMissing(left.weight as ByteString | undefined, right.weight as ByteString | undefined, compare),
  };
}

function compareMissing(
  left: ByteString | undefined,
  right: ByteString | undefined,
  compare: (left: ByteString, right: ByteString) => number,
): number {
  if (left === undefined) return right === undefined ? 0 : -1;
  return right === undefined ? 1 : compare(left, right);
}

function compareNumbers(left: number, right: number): number {
  return left > right ? 1 : left < right ? -1 : 0;
}

function compareTexts(left: ByteString, right: ByteString): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareToZero(left: ByteString, right: ByteString): number {
  return compareTexts(cString(left, true), cString(right, true));
}

function collect(call: Call, elements: readonly ByteString[], gets: readonly Pattern[]): (ByteString | null)[] {
  if (gets.length === 0) return [...elements];
  const results: (ByteString | null)[] = [];
  for (const element of elements) for (const pattern of gets) results.push(valueFor(call, pattern, element) ?? null);
  return results;
}

/**
 * As the server reads a C string; NaN for what it refuses. Redis 8 and Valkey 9 read with fast_float, which has neither
 * blanks nor hexadecimal numbers; Redis does not ask it what is out of range, Valkey does, and refuses nothing at all too
 * (seen on 8.0.2, 8.6.3 and 9.1.2).
 */
function scoreOf(text: ByteString, target: Target): number {
  const { family } = target;
  const isFast = isSince(target, { redis: '8.0', valkey: '9.0' });
  if (cString(text, true) === '') return isFast && family === 'valkey' ? Number.NaN : 0;
  const whole = cString(text, isFast);
  const value = parseAnyDouble(whole, !isFast);
  if (isFast && family === 'redis') return value;
  const isDenormal = !isFast && value !== 0 && Math.abs(value) < SMALLEST_NORMAL;
  return isDenormal || isOutOfRange(whole, value) ? Number.NaN : value;
}

const SMALLEST_NORMAL = 2 ** -1022;
