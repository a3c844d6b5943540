/**
 * Which keys are wanted, answered from rows: a key that is left out is never decoded.
 *
 * Tests go from cheap to dear: row columns, the size, the key's bytes, and last the number of elements, for which a packed
 * structure must be opened.
 */
import { compileGlob, type Glob } from '../bytes/glob.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import type { RdbDriver } from './driver.js';
import { keySlot, SLOT_COUNT } from './key-slot.js';
import { decodeKeyText } from './key-text.js';
import { countElements, ElementCounter, isLargeWithin } from './measure.js';
import type { ValueType } from './model.js';
import { Bounds, type Range } from './range.js';
import { ROW_EXPIRY, ROW_FREQ, ROW_IDLE, type RowTable } from './rows.js';
import { Sample, type SampleOptions } from './sample.js';

/**
 * Conditions that a key must meet, all of them. What is left out, and an empty list, asks nothing.
 */
export interface KeyFilter {
  /** In one of these databases. */
  readonly dbs?: readonly number[];
  /** Redis globs on the key's bytes, of which one must match; a string stands for its UTF-8 bytes. See {@link compileGlob}. */
  readonly match?: GlobPatterns;
  /** Globs of which none may match. */
  readonly notMatch?: GlobPatterns;
  /** Tested against the key as UTF-8 text, or, where it is not valid UTF-8, as one character U+0000–U+00FF per byte. */
  readonly keyRegex?: RegExp;
  /** Of one of these types. */
  readonly types?: readonly ValueType[];
  /** Of none of these types. */
  readonly notTypes?: readonly ValueType[];
  /** Bytes of the value as serialized in the file. */
  readonly sizeBytes?: Range;
  /**
   * Items, members, fields, entries or array elements; a string and a module value count as one.
   * Packed structures are opened only for keys that pass everything else.
   */
  readonly elements?: Range;
  readonly ttl?: TtlFilter;
  /** Recorded idle time; keys without one are left out. */
  readonly idleSeconds?: Range;
  /** Recorded LFU counter, 0–255; keys without one are left out. */
  readonly freq?: Range;
  /** Cluster slots 0–16383, inclusive; hash tags count. */
  readonly slots?: readonly SlotRange[];
  /** A share of the keys, the same ones in every file. */
  readonly sample?: SampleOptions;
  /** At most so many keys: the first in file order that meet all the rest. */
  readonly limit?: number;
}

export type GlobPatterns = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * `none`: without expiry; `any`: with one; `expired`: past it. A range is that of the life left, in ms from now: keys
 * without expiry are in none, and expired ones only where `minMs` is negative.
 */
export type TtlFilter =
  | 'none'
  | 'any'
  | 'expired'
  | { readonly minMs?: number | undefined; readonly maxMs?: number | undefined };

/** Inclusive. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

/** A compiled {@link KeyFilter}, for one pass over one file. It allocates nothing per key, `slots` and `keyRegex` excepted. */
export interface RowFilter {
  /** Whether the key in this row is wanted. Asked once per key, since a yes counts against `limit`. */
  accepts(driver: RdbDriver, row: number): boolean;
  /**
   * As {@link accepts}, for a value larger than `largeValueBytes`, whose end is not known.
   * Throws UnsupportedError (UNSUPPORTED_INPUT) where size or elements decide and the source has no random access.
   * Its errors have file offsets already.
   */
  acceptsLarge(driver: RdbDriver, row: number): boolean;
  /** The limit is reached: no further key will be accepted. */
  readonly exhausted: boolean;
}

/** Every data type, for messages and checks. */
export const VALUE_TYPES = [
  'string',
  'list',
  'set',
  'zset',
  'hash',
  'stream',
  'array',
  'module',
  'pathhash',
  'cron',
] as const satisfies readonly ValueType[];

/**
 * Compiles a filter. `nowMs` (Unix ms) is what `ttl` counts from; `source` is the input that is read, which large values
 * are measured in.
 *
 * Throws RangeError for what no key could meet: an unknown type, an empty range, a slot or fraction out of bounds.
 */
export function compileFilter(filter: KeyFilter, nowMs: number, source?: ByteSource): RowFilter {
  return new CompiledFilter(filter, nowMs, source);
}

class CompiledFilter implements RowFilter {
  private readonly columns: ColumnTests;
  private readonly keys: KeyTests | undefined;
  private readonly size: Bounds;
  private readonly elements: Bounds;
  private readonly counter = new ElementCounter();
  /** Keys that may still be accepted. */
  private left: number;

  constructor(
    filter: KeyFilter,
    nowMs: number,
    private readonly source: ByteSource | undefined,
  ) {
    const { sizeBytes, elements, limit = Infinity } = filter;
    if (!(limit >= 0)) throw new RangeError(`a limit of ${limit} keys`);
    this.columns = new ColumnTests(filter, nowMs);
    this.keys = KeyTests.compile(filter);
    this.size = sizeBytes ? new Bounds(sizeBytes, 'sizeBytes') : Bounds.ANY;
    this.elements = elements ? new Bounds(elements, 'elements') : Bounds.ANY;
    this.left = Math.floor(limit);
  }

  get exhausted(): boolean {
    return this.left === 0;
  }

  accepts(driver: RdbDriver, row: number): boolean {
    const { rows } = driver;
    const { keys, size, elements } = this;
    if (this.left === 0 || !this.columns.pass(rows, row)) return false;
    if (size !== Bounds.ANY && !size.includes(rows.end[row]! - rows.valuePos[row]!)) return false;
    if (keys !== undefined && !keys.pass(driver, row)) return false;
    if (elements !== Bounds.ANY && !elements.includes(countElements(driver, row, this.counter))) return false;
    this.left--;
    return true;
  }

  acceptsLarge(driver: RdbDriver, row: number): boolean {
    const { keys, size, elements } = this;
    if (this.left === 0 || !this.columns.pass(driver.rows, row)) return false;
    if (keys !== undefined && !keys.pass(driver, row)) return false;
    if (!isLargeWithin(driver, row, this.source, size, elements)) return false;
    this.left--;
    return true;
  }
}

const TTL_UNTESTED = 0;
const TTL_NONE = 1;
const TTL_ANY = 2;
const TTL_RANGE = 3;

/** What the row alone answers. */
class ColumnTests {
  private readonly dbs: ReadonlySet<number> | undefined;
  private readonly types: ReadonlySet<ValueType> | undefined;
  private readonly ttl: number;
  /** The range of TTL_RANGE, as Unix ms of the expiry. */
  private readonly expireAt: Bounds;
  private readonly idle: Bounds;
  private readonly freq: Bounds;

  constructor(filter: KeyFilter, nowMs: number) {
    const { dbs, ttl, idleSeconds, freq } = filter;
    this.dbs = dbs?.length ? new Set(dbs) : undefined;
    this.types = wantedTypes(filter);
    this.ttl = ttl === undefined ? TTL_UNTESTED : ttl === 'none' ? TTL_NONE : ttl === 'any' ? TTL_ANY : TTL_RANGE;
    this.expireAt = expiryBounds(ttl, nowMs);
    this.idle = idleSeconds ? new Bounds(idleSeconds, 'idleSeconds') : Bounds.ANY;
    this.freq = freq ? new Bounds(freq, 'freq') : Bounds.ANY;
  }

  pass(rows: RowTable, row: number): boolean {
    const { dbs, types, idle, freq } = this;
    if (dbs !== undefined && !dbs.has(rows.db[row]!)) return false;
    if (types !== undefined && !types.has(rows.codecOf(row).type)) return false;
    if (this.ttl !== TTL_UNTESTED && !this.passTtl(rows, row)) return false;
    const flags = rows.flags[row]!;
    if (idle !== Bounds.ANY && !((flags & ROW_IDLE) !== 0 && idle.includes(rows.idleSeconds[row]!))) return false;
    return freq === Bounds.ANY || ((flags & ROW_FREQ) !== 0 && freq.includes(rows.freq[row]!));
  }

  private passTtl(rows: RowTable, row: number): boolean {
    const hi = rows.expireHi[row]!;
    const lo = rows.expireLo[row]!;
    // A stored −1 is no expiry (rdb-format.md §6.1).
    const expires = (rows.flags[row]! & ROW_EXPIRY) !== 0 && !(hi === -1 && lo === -1);
    if (this.ttl !== TTL_RANGE) return expires === (this.ttl === TTL_ANY);
    return expires && this.expireAt.includes(hi * 0x100000000 + (lo >>> 0));
  }
}

/** What the key's bytes answer. */
class KeyTests {
  private readonly key = new Slice();
  private readonly match: readonly Glob[];
  private readonly notMatch: readonly Glob[];
  private readonly sample: Sample | undefined;
  /** One flag per slot. */
  private readonly slots: Uint8Array | undefined;
  private readonly regex: RegExp | undefined;

  /** Undefined where the filter does not ask about keys. */
  static compile(filter: KeyFilter): KeyTests | undefined {
    const tests = new KeyTests(filter);
    const { match, notMatch, sample, slots, regex } = tests;
    return match.length > 0 || notMatch.length > 0 || sample || slots || regex ? tests : undefined;
  }

  private constructor(filter: KeyFilter) {
    const { match, notMatch, sample, slots, keyRegex } = filter;
    this.match = compileGlobs(match);
    this.notMatch = compileGlobs(notMatch);
    this.sample = sample && new Sample(sample);
    this.slots = slots?.length ? slotFlags(slots) : undefined;
    // A copy: testing moves the place where a global or sticky expression goes on.
    this.regex = keyRegex && new RegExp(keyRegex);
  }

  pass(driver: RdbDriver, row: number): boolean {
    const { key, match, notMatch, sample, slots, regex } = this;
    driver.readKey(row, key);
    const { bytes, start, end } = key;
    if (match.length > 0 && !matchesAny(match, bytes, start, end)) return false;
    if (notMatch.length > 0 && matchesAny(notMatch, bytes, start, end)) return false;
    if (sample !== undefined && !sample.includes(driver.rows.db[row]!, bytes, start, end)) return false;
    if (slots !== undefined && slots[keySlot(bytes, start, end)] === 0) return false;
    if (regex === undefined) return true;
    regex.lastIndex = 0;
    return regex.test(decodeKeyText(bytes, start, end));
  }
}

function matchesAny(globs: readonly Glob[], bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = 0; index < globs.length; index++) {
    if (globs[index]!.matches(bytes, start, end)) return true;
  }
  return false;
}

function compileGlobs(patterns: GlobPatterns | undefined): Glob[] {
  if (patterns === undefined) return [];
  if (typeof patterns === 'string' || patterns instanceof Uint8Array) return [compileGlob(patterns)];
  return patterns.map((pattern) => compileGlob(pattern));
}

function wantedTypes({ types, notTypes }: KeyFilter): ReadonlySet<ValueType> | undefined {
  for (const type of [...(types ?? []), ...(notTypes ?? [])]) {
    if (!VALUE_TYPES.includes(type)) throw new RangeError(`${type} is no type; there are ${VALUE_TYPES.join(', ')}`);
  }
  if (!types?.length && !notTypes?.length) return undefined;
  const wanted = new Set(types?.length ? types : VALUE_TYPES);
  for (const type of notTypes ?? []) wanted.delete(type);
  return wanted;
}

function expiryBounds(ttl: TtlFilter | undefined, nowMs: number): Bounds {
  if (ttl === undefined || ttl === 'none' || ttl === 'any') return Bounds.ANY;
  if (ttl === 'expired') return new Bounds({ max: nowMs - 1 }, 'ttl');
  if (typeof ttl !== 'object') throw new RangeError(`ttl: ${ttl} is neither none, any, expired nor a range`);
  const { minMs = 0, maxMs = Infinity } = ttl;
  return new Bounds({ min: nowMs + minMs, max: nowMs + maxMs }, 'ttl');
}

function slotFlags(ranges: readonly SlotRange[]): Uint8Array {
  const flags = new Uint8Array(SLOT_COUNT);
  for (const { start, end } of ranges) {
    if (!(start >= 0 && start <= end && end < SLOT_COUNT)) {
      throw new RangeError(`slots ${start} to ${end}: a cluster has slots 0 to ${SLOT_COUNT - 1}`);
    }
    flags.fill(1, start, end + 1);
  }
  return flags;
}
