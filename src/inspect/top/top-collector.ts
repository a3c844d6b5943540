/** The keys that are most of something: largest, longest, most idle, most used. */
import { Int64 } from '../../bytes/int64.js';
import type { RdbRecord, ValueEncoding, ValueType } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';

/**
 * What keys are compared by, and what must be measured for it:
 *
 * - `memory`: bytes on the server that is modelled; the memory model
 * - `elements`: as LLEN, SCARD, … count; ElementMeasure
 * - `serialized`: bytes of the value in the file; nothing
 * - `element-size`: bytes of the largest element; LargestElementMeasure
 * - `idle`: recorded seconds since the last access; nothing
 * - `freq`: recorded LFU counter; nothing
 */
export const TOP_ORDERS = ['memory', 'elements', 'serialized', 'element-size', 'idle', 'freq'] as const;

export type TopOrder = (typeof TOP_ORDERS)[number];

/** A key as it was found; what was not measured is 0. */
export interface TopKey {
  /** What it was compared by, in its unit. */
  readonly value: number;
  /** Of the files in the order in which they were read, from 0 on. */
  readonly file: number;
  readonly db: number;
  readonly key: Uint8Array;
  readonly type: ValueType;
  /** How the value stands in the file. */
  readonly encoding: ValueEncoding;
  /** As OBJECT ENCODING on the server that is modelled; '' where memory was not measured. */
  readonly memoryEncoding: string;
  readonly valueBytes: number;
  readonly elements: number;
  readonly largestElementBytes: number;
  readonly memoryBytes: number;
  /** Unix ms, saturating beyond ±2^53. */
  readonly expireAtMs: number | undefined;
  readonly expireAt: Int64 | undefined;
  readonly idleSeconds: number | undefined;
  readonly freq: number | undefined;
  /** Of the record in its file. */
  readonly offset: number;
}

export interface TopReport {
  readonly by: TopOrder;
  readonly limit: number;
  /** Most first; of equals, the one that comes first in the files. */
  readonly top: readonly TopKey[];
  /** Keys that were compared: for `idle` and `freq`, those that have it. */
  readonly keys: number;
  /** Keys without an idle time or a counter. */
  readonly keysWithout: number;
  /** What all keys that were compared add up to. */
  readonly sum: number;
}

export interface TopOptions {
  readonly by: TopOrder;
  /** Keys that are reported at the most. Default: 50. */
  readonly limit?: number;
}

export const DEFAULT_TOP_LIMIT = 50;

interface Held extends TopKey {
  /** Which of all keys it is. */
  readonly order: number;
}

/** Holds `limit` keys, and copies a key only when it comes among them. */
export class TopCollector implements FactCollector {
  private readonly by: TopOrder;
  private readonly limit: number;
  /** A heap: the root is the first that has to go. */
  private readonly heap: Held[] = [];
  /** What a key must exceed, once the heap is full. */
  private least = -Infinity;
  private files = 0;
  private keys = 0;
  private keysWithout = 0;
  private sum = 0;

  /** Throws RangeError for a limit that is no whole number. */
  constructor({ by, limit = DEFAULT_TOP_LIMIT }: TopOptions) {
    if (!(Number.isInteger(limit) && limit >= 0)) throw new RangeError(`a limit of ${limit} keys`);
    this.by = by;
    this.limit = limit;
    if (limit === 0) this.least = Infinity;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') this.files++;
  }

  key(facts: KeyFacts): void {
    const value = comparedValue(facts, this.by);
    if (value === undefined) {
      this.keysWithout++;
      return;
    }
    this.keys++;
    this.sum += value;
    if (value > this.least) this.take(facts, value);
  }

  report(): TopReport {
    const { by, limit, keys, keysWithout, sum } = this;
    const held = [...this.heap].sort((a, b) => (goesBefore(a, b) ? 1 : -1));
    return { by, limit, top: held.map(({ order: _order, ...key }) => key), keys, keysWithout, sum };
  }

  private take(facts: KeyFacts, value: number): void {
    const { heap, limit } = this;
    const held = holdFacts(facts, value, Math.max(0, this.files - 1), this.keys);
    if (heap.length < limit) rise(heap, held);
    else sink(heap, held);
    if (heap.length === limit) this.least = heap[0]!.value;
  }
}

/** Undefined where it was not recorded. */
function comparedValue(facts: KeyFacts, by: TopOrder): number | undefined {
  switch (by) {
    case 'memory':
      return facts.memoryBytes;
    case 'elements':
      return facts.elements;
    case 'serialized':
      return facts.valueBytes;
    case 'element-size':
      return facts.largestElementBytes;
    case 'idle':
      return facts.idleSeconds;
    case 'freq':
      return facts.freq;
  }
}

function holdFacts(facts: KeyFacts, value: number, file: number, order: number): Held {
  const { expireAt } = facts;
  return {
    value,
    file,
    order,
    db: facts.db,
    key: facts.key.copy(),
    type: facts.type,
    encoding: facts.encoding,
    memoryEncoding: facts.memoryEncoding,
    valueBytes: facts.valueBytes,
    elements: facts.elements,
    largestElementBytes: facts.largestElementBytes,
    memoryBytes: facts.memoryBytes,
    expireAtMs: facts.expireAtMs,
    expireAt: expireAt && Int64.copyOf(expireAt),
    idleSeconds: facts.idleSeconds,
    freq: facts.freq,
    offset: facts.offset,
  };
}

/** Whether `a` has to go before `b`: it is less, or of equals the later one. */
function goesBefore(a: Held, b: Held): boolean {
  return a.value < b.value || (a.value === b.value && a.order > b.order);
}

/** Adds one. */
function rise(heap: Held[], held: Held): void {
  let at = heap.length;
  heap.push(held);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!goesBefore(held, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = held;
}

/** Puts one in the place of the root. */
function sink(heap: Held[], held: Held): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && goesBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!goesBefore(heap[child]!, held)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = held;
}
