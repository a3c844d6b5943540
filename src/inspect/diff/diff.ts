/**
 * What differs between two dumps, key by key, in bounded memory.
 *
 * A pass over the first file keeps a record of fixed size per key: a digest of its name, one of its value. A pass over
 * the second file looks its keys up. Keys whose records do not fit are covered by further passes. Only the values that
 * differ are read again, by their offset, and compared part by part.
 */
import { FormatError, UnsupportedError } from '../../bytes/errors.js';
import type { Limits } from '../../bytes/limits.js';
import { formatQuoted } from '../../bytes/quote.js';
import { RewoundSource } from '../../bytes/rewound-source.js';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { TYPE } from '../../rdb/constants.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import { decodeHeader, HEADER_SIZE } from '../../rdb/header.js';
import { type KeyedHash, randomHashKey } from '../../rdb/keyed-hash.js';
import type { RdbRecord, RdbWarning } from '../../rdb/model.js';
import { targetOfHeader } from '../../rdb/versions.js';
import { AddedKeys } from './added-keys.js';
import { compareValues } from './compare-values.js';
import { DiffCounts } from './diff-counts.js';
import type { Difference, DiffSide, DiffSummary, KeyAspect, KeyDifference } from './difference.js';
import { DigestScan, type ScanVisitor } from './digest-scan.js';
import { FunctionTable } from './function-table.js';
import { keyDifference } from './key-difference.js';
import { type KeyFacts, KeyTable } from './key-table.js';
import { ValueReader } from './value-at.js';
import { type DigestOptions, ValueDigest } from './value-digest.js';
import { ValuePair } from './value-pair.js';

export interface DiffOptions {
  /** `summary`: counts only; `keys`: which keys; `fields` (default): also which parts of their values. */
  readonly level?: 'summary' | 'keys' | 'fields';
  /** Applied to each file by itself; its `limit` ends the comparison after so many differing keys. */
  readonly filter?: KeyFilter;
  /** Expiry of keys and of fields does not count. */
  readonly ignoreTtl?: boolean;
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock. */
  readonly nowMs?: number;
  /** Compare the CRC-64 of both files. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (warning: RdbWarning, side: DiffSide) => void;
  /** Keys that are held at once, some 70 bytes each; a file with more is read several times. Default: 4 million. */
  readonly maxKeys?: number;
  /** Bytes of one value's parts that are held at once; a value with more is read several times. Default: 64 MiB. */
  readonly maxPartBytes?: number;
  /** Awaited now and then while values are compared, which else never waits: the place to let signals in. */
  readonly pause?: () => Promise<void>;
}

/** One of the two files: an opened input with random access, and a way to read it once more. */
export interface DiffInput {
  readonly source: ByteSource;
  /** Gives the same bytes from their start each time. Default: by random access. */
  readonly rewind?: () => ByteSource;
}

/** Differences that wait to be handed out, at the most. */
const MAX_WAITING = 256;
const DEFAULT_MAX_PART_BYTES = 64 * 1024 * 1024;
const MAX_SHOWN_KEY_BYTES = 64;
const SIDES = ['before', 'after'] as const satisfies readonly DiffSide[];
/** Layout generation of a stream by its type byte. */
const STREAM_VERSIONS: Readonly<Record<number, number>> = {
  [TYPE.STREAM_LISTPACKS]: 1,
  [TYPE.STREAM_LISTPACKS_2]: 2,
  [TYPE.STREAM_LISTPACKS_3]: 3,
  [TYPE.STREAM_LISTPACKS_4]: 4,
  [TYPE.STREAM_LISTPACKS_5]: 5,
};

/**
 * ```ts
 * const diff = new RdbDiff({ source: await openRdbSource('old.rdb') }, { source: await openRdbSource('new.rdb') });
 * for await (const difference of diff.differences()) show(difference);
 * show(diff.summary.same);
 * ```
 *
 * Keys are matched by database and name. Encodings, the order of sets and hashes, idle times and counters of use do not
 * count. Of streams, what only the newer of both formats records does not count either.
 */
export class RdbDiff {
  /** The file that was being read: the one that an error is about. */
  reading: DiffSide = 'before';
  private readonly counts = new DiffCounts();
  private readonly table: KeyTable;
  private readonly added: AddedKeys;
  private readonly hashKey = randomHashKey();
  private readonly functions = new FunctionTable();
  private digestOptions: DigestOptions = { ignoreTtl: false, streamVersion: 5 };
  private waiting: Waiting[] = [];
  private left: number;
  private isDone = false;
  private failure: FormatError | undefined;
  /** Of the pass that runs, or ran last. */
  private readonly readers = {} as Record<DiffSide, ValueReader>;

  /** Throws UnsupportedError (UNSUPPORTED_INPUT) for an input without random access. The inputs are not closed. */
  constructor(
    private readonly before: DiffInput,
    private readonly after: DiffInput,
    private readonly options: DiffOptions = {},
  ) {
    for (const { source } of [before, after]) {
      if (source.readAt !== undefined) continue;
      throw new UnsupportedError('UNSUPPORTED_INPUT', `${source.name} cannot be read twice, which a diff needs`, 0);
    }
    this.table = new KeyTable(options.maxKeys);
    this.added = new AddedKeys(options.maxKeys);
    this.left = Math.max(1, options.filter?.limit ?? Infinity);
  }

  /** What has been found. Complete when {@link differences} has ended. */
  get summary(): DiffSummary {
    return this.counts.summary(this.left <= 0 && !this.isDone);
  }

  /**
   * Every difference: keys in the order of the second file, function libraries (where there is no filter), then keys that
   * the second file lacks, in the order of the first; of files with more keys than are held, the keys come in that order
   * for one share of them after another. At level `summary` nothing comes.
   * Throws what reading a dump throws, and DUPLICATE_KEY; {@link reading} says which file it is about.
   */
  async *differences(): AsyncGenerator<Difference, void, void> {
    this.digestOptions = { ignoreTtl: this.options.ignoreTtl ?? false, streamVersion: this.commonStreamVersion() };
    const hasFilter = Object.keys(this.options.filter ?? {}).some((name) => name !== 'limit');
    for (let isFirst = true; isFirst || this.table.next(); isFirst = false) {
      await this.scanBefore(isFirst);
      yield* this.scanAfter(isFirst, hasFilter);
      while (this.left > 0 && this.added.next()) await this.scanAdded();
      this.added.clear();
      if (this.left > 0) yield* this.findRemoved();
      if (this.left <= 0) return;
    }
    this.isDone = true;
  }

  /** Fills the table. */
  private async scanBefore(isFirst: boolean): Promise<void> {
    const { table, counts } = this;
    const { source, driver } = this.open('before', isFirst, {
      record: (record) => isFirst && this.functions.addBefore(record),
      wants: ({ facts }) => {
        if (isFirst) counts.add('before', facts.db, facts.type);
        return table.covers(facts.bucket);
      },
      key: (scan) => {
        if (table.find(scan.keyHash) >= 0) this.failure ??= duplicateKey(scan);
        else table.addKey(scan.keyHash, scan.digest.result, scan.facts);
      },
      warning: (warning) => isFirst && this.options.onWarning?.(warning, 'before'),
      full: () => this.failure !== undefined,
    });
    await drive(source, driver);
    if (this.failure !== undefined) throw this.failure;
    this.readers.before = new ValueReader(this.before.source, driver.cursor.context);
  }

  private async *scanAfter(isFirst: boolean, hasFilter: boolean): AsyncGenerator<Difference, void, void> {
    const { table, counts } = this;
    const { source, driver } = this.open('after', isFirst, {
      record: (record) => isFirst && this.functions.addAfter(record),
      wants: ({ facts }) => {
        if (isFirst) counts.add('after', facts.db, facts.type);
        return table.covers(facts.bucket);
      },
      key: (scan) => this.compareKey(scan),
      warning: (warning) => isFirst && this.options.onWarning?.(warning, 'after'),
      full: () => this.waiting.length >= MAX_WAITING || this.left <= 0 || this.failure !== undefined,
    });
    this.readers.after = new ValueReader(this.after.source, driver.cursor.context);
    for (;;) {
      this.reading = 'after';
      const progress = await drive(source, driver);
      yield* this.handOut();
      if (this.failure !== undefined) throw this.failure;
      if (this.left <= 0) return;
      if (progress === 'done') break;
    }
    if (isFirst && !hasFilter) yield* this.compareFunctions();
  }

  /** Keys of the second file alone that were too many to be remembered: one more share of them. */
  private async scanAdded(): Promise<void> {
    const { source, driver } = this.open('after', false, {
      record: () => undefined,
      wants: (scan) => {
        const isAdded = this.table.covers(scan.facts.bucket) && this.table.find(scan.keyHash) < 0;
        if (isAdded && !this.added.add(scan.keyHash, scan.facts.bucket)) this.failure ??= duplicateKey(scan);
        return false;
      },
      key: () => undefined,
      warning: () => undefined,
      full: () => this.failure !== undefined,
    });
    await drive(source, driver);
    if (this.failure !== undefined) throw this.failure;
  }

  private *compareFunctions(): Generator<Difference, void, void> {
    for (const difference of this.functions.compare()) {
      this.counts.addFunction(difference.change);
      if (this.options.level !== 'summary') yield difference;
    }
  }

  /** Looks a key of the second file up. */
  private compareKey(scan: DigestScan): void {
    const { table, counts } = this;
    const { facts } = scan;
    if (this.left <= 0) return;
    const record = table.find(scan.keyHash);
    if (record < 0) {
      if (!this.added.add(scan.keyHash, facts.bucket)) {
        this.failure ??= duplicateKey(scan);
        return;
      }
      counts.add('added', facts.db, facts.type);
      this.left--;
      this.wait(scan, undefined, []);
      return;
    }
    if (!table.see(record)) {
      this.failure ??= duplicateKey(scan);
      return;
    }
    const isSameValue = table.sameDigest(record, scan.digest.result);
    if (isSameValue && table.sameExpiry(record, facts) && table.sameMeta(record, facts)) return;
    const old = table.facts(record);
    const differs = this.aspectsOf(old, facts, isSameValue || this.isSameStream(old, scan));
    if (differs.length === 0) return;
    counts.add('changed', facts.db, facts.type);
    counts.addAspects(differs);
    this.left--;
    this.wait(scan, old, differs);
  }

  private aspectsOf(old: KeyFacts, facts: KeyFacts, isSameValue: boolean): KeyAspect[] {
    const differs: KeyAspect[] = [];
    if (old.type !== facts.type) differs.push('type');
    else if (!isSameValue) differs.push('value');
    const isSameExpiry = old.expireHi === facts.expireHi && old.expireLo === facts.expireLo;
    if (!isSameExpiry && !this.digestOptions.ignoreTtl) differs.push('expiry');
    if (old.meta !== facts.meta) differs.push('metadata');
    return differs;
  }

  /**
   * Release candidates of 7.0 write streams in a layout older than their header says. The digests then cover more than
   * what both values record: these are compared once more, on that common ground.
   */
  private isSameStream(old: KeyFacts, scan: DigestScan): boolean {
    const { facts } = scan;
    const streamVersion = commonStreamVersion(old.rdbType, facts.rdbType);
    if (old.type !== 'stream' || facts.type !== 'stream' || streamVersion >= this.digestOptions.streamVersion)
      return false;
    const key = scan.copyKey();
    const [before, after] = SIDES.map((side) => {
      this.reading = side;
      const digest = new ValueDigest(this.hashKey, { ...this.digestOptions, streamVersion });
      digest.begin('stream');
      for (const _ of this.readers[side].read(side === 'before' ? old : facts, key, digest));
      digest.end();
      return digest.result;
    }) as [KeyedHash, KeyedHash];
    return before.v0 === after.v0 && before.v1 === after.v1 && before.v2 === after.v2 && before.v3 === after.v3;
  }

  private wait(scan: DigestScan, old: KeyFacts | undefined, differs: readonly KeyAspect[]): void {
    if (this.options.level === 'summary') return;
    const after = { ...scan.facts };
    this.waiting.push({ key: scan.copyKey(), before: old, after, differs });
  }

  private async *handOut(): AsyncGenerator<Difference, void, void> {
    const { waiting } = this;
    const { level = 'fields', maxPartBytes = DEFAULT_MAX_PART_BYTES, pause } = this.options;
    this.waiting = [];
    for (const { key, before, after, differs } of waiting) {
      yield keyDifference(key, before, after, differs);
      if (level !== 'fields' || before === undefined || !differs.includes('value')) continue;
      const streamVersion = commonStreamVersion(before.rdbType, after.rdbType);
      const options = { ...this.digestOptions, streamVersion, maxPartBytes };
      const pair = new ValuePair(after.type, key, { before, after }, this.readers, options, (side) => {
        this.reading = side;
      });
      for (const parts of compareValues(pair)) {
        yield* parts;
        await pause?.();
      }
    }
  }

  /** Keys of the first file that were not found in the second. */
  private async *findRemoved(): AsyncGenerator<Difference, void, void> {
    const { table, counts } = this;
    let missing = 0;
    for (let record = 0; record < table.count; record++) {
      if (table.isSeen(record)) continue;
      missing++;
      if (this.options.level !== 'summary') continue;
      const { db, type } = table.facts(record);
      counts.add('removed', db, type);
    }
    if (missing === 0 || this.options.level === 'summary') return;
    const removed: KeyDifference[] = [];
    const { source, driver } = this.open('before', false, {
      record: () => undefined,
      // The value is not wanted: the record of the key says that it is missing.
      wants: (scan) => {
        const { facts } = scan;
        if (this.left <= 0 || !table.covers(facts.bucket) || table.isSeen(table.find(scan.keyHash))) return false;
        counts.add('removed', facts.db, facts.type);
        this.left--;
        removed.push(keyDifference(scan.copyKey(), facts, undefined, []));
        return false;
      },
      key: () => undefined,
      warning: () => undefined,
      full: () => removed.length >= MAX_WAITING || this.left <= 0,
    });
    for (;;) {
      const progress = await drive(source, driver);
      yield* removed.splice(0);
      if (progress === 'done' || this.left <= 0) return;
    }
  }

  /** A pass over one of the files, from its start. The first one compares the checksum. */
  private open(side: DiffSide, isFirst: boolean, visitor: LooseVisitor): { source: ByteSource; driver: RdbDriver } {
    const { filter, nowMs, checksum = true, limits } = this.options;
    const input = this[side];
    const source = (input.rewind ?? RewoundSource.rewinder(input.source)!)();
    const { limit: _, ...rest } = filter ?? {};
    const rowFilter = Object.keys(rest).length === 0 ? undefined : compileFilter(rest, nowMs ?? Date.now(), source);
    const scan = new DigestScan(this.hashKey, this.digestOptions, rowFilter, visitor as ScanVisitor);
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, scan, { checksum: checksum && isFirst, ...(limits && { limits }) });
    scan.driver = driver;
    this.reading = side;
    return { source, driver };
  }

  /** The layout of streams that both files have at least. */
  private commonStreamVersion(): number {
    const versions = SIDES.map((side) => {
      this.reading = side;
      const { source } = this[side];
      const head = new Uint8Array(HEADER_SIZE);
      const size = source.readAt!(0, head, 0, HEADER_SIZE);
      if (size === 0) throw new FormatError('EMPTY_INPUT', 'there is nothing to read: 0 bytes', 0);
      const { magic, version } = decodeHeader(head, 0, size);
      return targetOfHeader(magic, version).writes.stream ?? 1;
    });
    return Math.min(...versions);
  }
}

/** A difference that has been found and not been handed out. */
interface Waiting {
  readonly key: Uint8Array;
  readonly before: KeyFacts | undefined;
  readonly after: KeyFacts;
  readonly differs: readonly KeyAspect[];
}

/** As {@link ScanVisitor}; what the callbacks return in passing does not matter. */
interface LooseVisitor extends Omit<ScanVisitor, 'record' | 'warning'> {
  record(record: RdbRecord): unknown;
  warning(warning: RdbWarning): unknown;
}

/** Of two type bytes; what is no stream does not matter. */
function commonStreamVersion(before: number, after: number): number {
  return Math.min(STREAM_VERSIONS[before] ?? 5, STREAM_VERSIONS[after] ?? 5);
}

function duplicateKey(scan: DigestScan): FormatError {
  const { db, valueOffset } = scan.facts;
  const key = formatQuoted(scan.copyKey(), 0, undefined, MAX_SHOWN_KEY_BYTES);
  return new FormatError('DUPLICATE_KEY', 'a key that this database has already', valueOffset)
    .under(`key ${key}`)
    .under(`db ${db}`);
}
