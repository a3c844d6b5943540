/** How long keys have to live: a histogram, and how many do not expire at all. */
import type { RdbRecord, ValueType } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';

const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;

/** Bins of the life left, each up to but not with `untilMs`; the first holds what has expired and is in the file all the same. */
export const TTL_BINS = [
  { name: 'expired', label: 'expired', untilMs: 0 },
  { name: '1m', label: '< 1 min', untilMs: 60 * SECOND_MS },
  { name: '1h', label: '< 1 hour', untilMs: 3600 * SECOND_MS },
  { name: '1d', label: '< 1 day', untilMs: DAY_MS },
  { name: '7d', label: '< 7 days', untilMs: 7 * DAY_MS },
  { name: '30d', label: '< 30 days', untilMs: 30 * DAY_MS },
  { name: '1y', label: '< 1 year', untilMs: 365 * DAY_MS },
  { name: 'more', label: '1 year and more', untilMs: Infinity },
] as const;

export type TtlBinName = (typeof TTL_BINS)[number]['name'];

export interface TtlCount {
  readonly keys: number;
  /** Bytes of the values in the file. */
  readonly bytes: number;
  /** As MEMORY USAGE counts; 0 where memory was not measured. */
  readonly memoryBytes: number;
}

export interface TtlBin extends TtlCount {
  readonly name: TtlBinName;
  readonly label: string;
}

/** Keys of one database, of one type, or all. */
export interface TtlShare {
  readonly all: TtlCount;
  readonly withoutTtl: TtlCount;
  /** Of those with a TTL. */
  readonly expired: TtlCount;
}

export interface TtlReport extends TtlShare {
  /** What the life left counts from, Unix ms: as asked for, or the first file's creation, or the clock. */
  readonly atMs: number;
  readonly atIs: 'given' | 'creation' | 'clock';
  /** When the first file was written, by its aux field `ctime`; Unix ms. */
  readonly createdAtMs: number | undefined;
  /** In the order of {@link TTL_BINS}, all of them. */
  readonly bins: readonly TtlBin[];
  /** By number. */
  readonly dbs: readonly (TtlShare & { readonly db: number })[];
  /** Most keys first. */
  readonly types: readonly (TtlShare & { readonly type: ValueType })[];
}

export interface TtlOptions {
  /** What the life left counts from, Unix ms. Default: when the file was created, as its own server saw it. */
  readonly atMs?: number;
  /** The clock, Unix ms: it stands in for a file that does not say when it was created. */
  readonly nowMs: number;
}

const WITHOUT = TTL_BINS.length;
/** Keys, bytes and memory of each bin, and of keys without a TTL. */
const NUMBERS = 3;
const WIDTH = (TTL_BINS.length + 1) * NUMBERS;
/** Databases told apart; keys of more are counted in all sums but these. */
const MAX_DBS = 1024;

export class TtlCollector implements FactCollector {
  private readonly all = new Float64Array(WIDTH);
  private readonly byDb = new Map<number, Float64Array>();
  private readonly byType = new Map<ValueType, Float64Array>();
  private atMs: number;
  private firstAtMs: number | undefined;
  private createdAtMs: number | undefined;
  private isFirst = true;
  private isSeen = false;

  constructor(private readonly options: TtlOptions) {
    this.atMs = options.atMs ?? options.nowMs;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') {
      this.isFirst = !this.isSeen;
      this.isSeen = true;
      // A file that does not say when it was made must not be measured by the one before it.
      this.atMs = this.options.atMs ?? this.options.nowMs;
    } else if (record.kind === 'aux') {
      const createdAtMs = creationOf(record);
      if (createdAtMs === undefined) return;
      if (this.isFirst) this.createdAtMs = createdAtMs;
      this.atMs = this.options.atMs ?? createdAtMs;
    }
  }

  key(facts: KeyFacts): void {
    this.firstAtMs ??= this.atMs;
    const bin = this.binOf(facts);
    add(this.all, bin, facts);
    const { db, type } = facts;
    const ofDb = this.byDb.get(db) ?? this.startDb(db);
    if (ofDb !== undefined) add(ofDb, bin, facts);
    add(this.byType.get(type) ?? this.startType(type), bin, facts);
  }

  report(): TtlReport {
    const { options, createdAtMs } = this;
    return {
      atMs: this.firstAtMs ?? this.atMs,
      atIs: options.atMs !== undefined ? 'given' : createdAtMs !== undefined ? 'creation' : 'clock',
      createdAtMs,
      ...shareOf(this.all),
      bins: TTL_BINS.map(({ name, label }, bin) => ({ name, label, ...countOf(this.all, bin) })),
      dbs: [...this.byDb].map(([db, counts]) => ({ db, ...shareOf(counts) })).sort((a, b) => a.db - b.db),
      types: [...this.byType]
        .map(([type, counts]) => ({ type, ...shareOf(counts) }))
        .sort((a, b) => b.all.keys - a.all.keys || (a.type < b.type ? -1 : 1)),
    };
  }

  private startDb(db: number): Float64Array | undefined {
    if (this.byDb.size === MAX_DBS) return undefined;
    const counts = new Float64Array(WIDTH);
    this.byDb.set(db, counts);
    return counts;
  }

  private startType(type: ValueType): Float64Array {
    const counts = new Float64Array(WIDTH);
    this.byType.set(type, counts);
    return counts;
  }

  private binOf(facts: KeyFacts): number {
    const { expireAt } = facts;
    // A stored −1 is no expiry (rdb-format.md §6.1).
    if (expireAt === undefined || expireAt.isAllOnes()) return WITHOUT;
    const left = expireAt.toNumber() - this.atMs;
    let bin = 0;
    // A key lives through its last millisecond: as in servers, it has expired once that is over.
    while (left >= TTL_BINS[bin]!.untilMs) bin++;
    return bin;
  }
}

/** Unix ms; undefined for other fields, and for what is no time. */
export function creationOf({
  name,
  value,
}: {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}): number | undefined {
  if (text(name) !== 'ctime') return undefined;
  const seconds = Number(text(value));
  return Number.isInteger(seconds) && seconds > 0 ? seconds * SECOND_MS : undefined;
}

function add(to: Float64Array, bin: number, facts: KeyFacts): void {
  const at = bin * NUMBERS;
  to[at]! += 1;
  to[at + 1]! += facts.valueBytes;
  to[at + 2]! += facts.memoryBytes;
}

function shareOf(counts: Float64Array): TtlShare {
  let all: TtlCount = { keys: 0, bytes: 0, memoryBytes: 0 };
  for (let bin = 0; bin <= WITHOUT; bin++) {
    const { keys, bytes, memoryBytes } = countOf(counts, bin);
    all = { keys: all.keys + keys, bytes: all.bytes + bytes, memoryBytes: all.memoryBytes + memoryBytes };
  }
  return { all, withoutTtl: countOf(counts, WITHOUT), expired: countOf(counts, 0) };
}

function countOf(counts: Float64Array, bin: number): TtlCount {
  const at = bin * NUMBERS;
  return { keys: counts[at]!, bytes: counts[at + 1]!, memoryBytes: counts[at + 2]! };
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}
