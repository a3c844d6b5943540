/**
 * Several dumps into one: the keys of the first file, then those of the second, and so on, copied as they are where the
 * target loads them so, else converted as convert-handler.ts does it.
 *
 * A first pass over the files finds keys that stand in more than one of them (merge-conflicts.ts), a second one writes.
 * Held: a table of bounded size, one bit per key where there are conflicts, a window, and what is on its way out.
 */
import { EncodeError, RedisFileError, UnsupportedError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import { formatQuoted } from '../bytes/quote.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { TYPE } from '../rdb/constants.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver, type RowHandler } from '../rdb/driver.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { KeyFilter } from '../rdb/filter.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { EndEntry, HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import { type Target, targetOfHeader } from '../rdb/versions.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import type { ServerNeeds } from './convert.js';
import { convertRecord } from './convert-records.js';
import type { DbPairs } from './db-map.js';
import type { ExpiryAction } from './expiry-action.js';
import {
  type LossCount,
  type LossEntry,
  LossLedger,
  lossError,
  type OmittedKind,
  type UnsupportedPolicy,
} from './loss.js';
import { ConflictFinder, type ConflictPolicy, type MergeConflict } from './merge-conflicts.js';
import { MergedRecords, type RecordConflict } from './merge-records.js';
import { MergedFile } from './merged-file.js';
import { isExpiredBefore, rowExpires } from './row-attributes.js';
import { ShardFilter } from './shard-filter.js';

export type { ConflictPolicy, MergeConflict, RecordConflict };

/** An opened input with random access, and a way to read it once more. */
export interface MergeInput {
  readonly source: ByteSource;
  /** Gives the same bytes from their start each time. */
  readonly rewind: () => ByteSource;
}

export interface MergeOptions {
  /**
   * Of a key that stands in several files, of a function library and of a module's data that differ between them: `error`
   * (default) writes nothing, `first` and `last` keep one, in the order of the files.
   */
  readonly onConflict?: ConflictPolicy;
  /** Databases of all files that get another number. Two may become one: what both have is a conflict. */
  readonly dbMap?: DbPairs;
  /** The server that is to load the merged file. Default: one that writes the newest version among the files. */
  readonly target?: Target;
  /** What to do about what the target cannot hold, and about commands in the files. Default: `error`. */
  readonly onUnsupported?: UnsupportedPolicy;
  /** Keys to be merged. Others are in no conflict. Its `limit` is one for all files. */
  readonly filter?: KeyFilter;
  /** What to do with expiries of keys and of hash fields; each file has its own `ctime` for a rebase. Default: keep. */
  readonly setTtl?: ExpiryAction;
  /** Keys and hash fields that expired before this are left out, Unix ms. Default: none. */
  readonly skipExpiredBeforeMs?: number;
  /** Leave out values, data and key metadata of modules. Default: false. */
  readonly dropModules?: boolean;
  /** What counts as now, Unix ms. Default: the clock. */
  readonly nowMs?: number;
  /** Hears of every single loss. */
  readonly onLoss?: (entry: LossEntry) => void;
  /** Compare the CRC-64 of the files. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  /** Keys that are held at once, some 50 bytes each; with more, the files are read several times. Default: 4 million. */
  readonly maxKeys?: number;
  readonly onWarning?: (warning: RdbWarning, file: number) => void;
}

export interface MergeSummary {
  /** What the merged file is in. */
  readonly magic: 'REDIS' | 'VALKEY';
  readonly version: number;
  readonly keys: number;
  readonly sizeBytes: number;
  /** Keys that were left out for another of the same name. */
  readonly conflicts: number;
  readonly recordConflicts: readonly RecordConflict[];
  readonly lost: readonly LossCount[];
  /** What was left out without being missed, or as asked. */
  readonly omitted: Readonly<Partial<Record<OmittedKind, number>>>;
  readonly needs: ServerNeeds;
  /** Per file. */
  readonly files: readonly { readonly keys: number; readonly kept: number; readonly end: EndEntry }[];
}

/** The files have keys, libraries or modules' data in common. Of `count` conflicts between keys the first ten are shown. */
export class MergeConflictError extends RedisFileError {
  override readonly name = 'MergeConflictError';

  constructor(
    readonly count: number,
    readonly shown: readonly MergeConflict[],
    readonly records: readonly RecordConflict[],
  ) {
    const names = shown.slice(0, MAX_NAMED).map(formatConflict).join(', ');
    const which = count > MAX_NAMED ? `${names}, …` : names;
    const what = count === 1 ? '1 key stands' : `${count} keys stand`;
    const keys = count === 0 ? [] : [`${what} in more than one place: ${which}`];
    const others = records.length === 0 ? [] : [`different versions of ${records.map(({ what }) => what).join(', ')}`];
    super('DUPLICATE_KEY', [...keys, ...others].join('; '));
  }
}

/** Keys that the message names. */
const MAX_NAMED = 3;
/** Of `REDIS` and of `VALKEY`. */
const DIALECT_NAMES = { REDIS: 'Redis and of Valkey before 9', VALKEY: 'Valkey 9' } as const;

/** Call {@link run} once. The inputs are not closed. */
export class RdbMerge {
  /** The file that is being read: the one that an error is about. */
  reading = 0;
  /** What is lost, so far. */
  readonly ledger: LossLedger;
  /** Losses stand in the way: the error is about them. */
  isBlocked = false;
  private readonly policy: ConflictPolicy;
  private readonly finder: ConflictFinder;
  private readonly records: MergedRecords;
  private readonly nowMs: number;
  private readonly headers: HeaderEntry[] = [];
  private readonly keys: number[] = [];
  private readonly ends: EndEntry[] = [];
  /** Of the pass that writes. */
  private filter: ShardFilter | undefined;
  /** Keys that are chosen, by their database in the merged file. */
  private readonly sizes = new Map<number, { keys: number; expires: number }>();

  /** Throws UnsupportedError (UNSUPPORTED_INPUT) for an input without random access. */
  constructor(
    private readonly inputs: readonly MergeInput[],
    private readonly options: MergeOptions = {},
  ) {
    for (const { source } of inputs) {
      if (source.readAt !== undefined) continue;
      throw new UnsupportedError('UNSUPPORTED_INPUT', `${source.name} cannot be read twice, which merging needs`, 0);
    }
    this.policy = options.onConflict ?? 'error';
    this.nowMs = options.nowMs ?? Date.now();
    this.ledger = new LossLedger(options.onLoss ?? (() => undefined));
    const sources = inputs.map(({ source }) => source);
    this.finder = new ConflictFinder(sources, this.policy, (db) => this.mapDb(db), options.maxKeys);
    this.records = new MergedRecords(this.policy);
  }

  /**
   * Writes the merged file. `pause` is awaited now and then: the place to wait for the output.
   *
   * Throws MergeConflictError before anything is written; EncodeError for files of both dialects without a target, for
   * losses under the policy `error` (at the end, and with their counts) and for a rebase without `ctime`; and what reading
   * throws. {@link reading} says which file it is about.
   */
  async run(write: WriteBytes, pause?: () => Promise<void>): Promise<MergeSummary> {
    for (let isFirst = true; isFirst || this.finder.next(); isFirst = false) await this.look(isFirst);
    const { count, shown } = this.finder;
    const { conflicts } = this.records;
    if (this.policy === 'error' && count + conflicts.length > 0) throw new MergeConflictError(count, shown, conflicts);
    const target = this.options.target ?? this.newestTarget();
    const encoder = new RdbEncoder(write, { target });
    const files = this.mergedFiles(encoder, target);
    const writeRecord = (record: RdbRecord, file: number): void =>
      convertRecord(files[file]!.context!, record, undefined);
    this.records.writeBefore(writeRecord);
    if (count === 0 && target.records.aux) this.writeSizes(encoder);
    for (const [file, handler] of files.entries()) await this.copy(file, handler, pause);
    this.records.writeAfter(writeRecord);
    this.isBlocked = files.some(({ context }) => context!.isBlocked);
    if (this.isBlocked) throw lossError(`a file for ${target.name} does not hold everything`, this.ledger);
    return this.summary(files, target, encoder.end());
  }

  private summary(
    files: readonly MergedFile[],
    target: Target,
    written: { keys: number; sizeBytes: number },
  ): MergeSummary {
    const needs = files.map(({ context }) => context!.needs);
    return {
      magic: target.magic,
      version: target.version,
      keys: written.keys,
      sizeBytes: written.sizeBytes,
      conflicts: this.finder.count,
      recordConflicts: this.records.conflicts,
      lost: this.ledger.lost,
      omitted: this.ledger.omitted,
      needs: {
        modules: [...new Set(needs.flatMap(({ modules }) => [...modules]))].sort(),
        databases: Math.max(...needs.map(({ databases }) => databases)),
      },
      files: files.map(({ keysWritten }, file) => ({
        keys: this.keys[file]!,
        kept: keysWritten,
        end: this.ends[file]!,
      })),
    };
  }

  /** A pass that writes nothing. */
  private async look(isFirst: boolean): Promise<void> {
    const filter = this.freshFilter();
    const { skipExpiredBeforeMs = -Infinity } = this.options;
    for (let file = 0; file < this.inputs.length; file++) {
      this.finder.begin(file);
      filter?.next(this.inputs[file]!.source);
      let keys = 0;
      const add = (isLarge: boolean, row: number): void => {
        keys++;
        if (filter !== undefined && !(isLarge ? filter.acceptsLarge(driver, row) : filter.accepts(driver, row))) return;
        if (isExpiredBefore(driver.rows, row, skipExpiredBeforeMs)) return;
        if (isFirst) this.addSize(driver, row);
        this.finder.add(driver, row);
      };
      const { source, driver } = this.open(file, isFirst, {
        record: (record) => {
          if (isFirst) this.addRecord(record, file);
        },
        key: (_rows, row) => add(false, row),
        largeStart: (_rows, row) => {
          add(true, row);
          return NOTHING;
        },
        largeEnd: () => undefined,
        warning: (warning) => {
          if (isFirst) this.options.onWarning?.(warning, file);
        },
        full: () => false,
      });
      await drive(source, driver);
      this.keys[file] = keys;
    }
  }

  private addRecord(record: RdbRecord, file: number): void {
    if (record.kind === 'header') {
      this.headers[file] = record;
      if (this.options.target === undefined) this.checkDialect(record);
    } else if (record.kind === 'end') {
      this.ends[file] = record;
    } else {
      this.records.add(record, file);
    }
  }

  private checkDialect({ magic }: HeaderEntry): void {
    const first = this.headers[0]!.magic;
    if (magic === first) return;
    throw new EncodeError(
      `it is in the format of ${DIALECT_NAMES[magic]}, and ${this.inputs[0]!.source.name} in that of ${DIALECT_NAMES[first]}: name a target for both`,
    );
  }

  /** One per file, ready for the records that are written before the keys. */
  private mergedFiles(encoder: RdbEncoder, target: Target): MergedFile[] {
    const { onUnsupported, dbMap, setTtl, skipExpiredBeforeMs, dropModules } = this.options;
    const { nowMs, ledger, finder } = this;
    const { templateFile } = this.records;
    const part = { encoder, ledger, isSameVersion: this.options.target === undefined };
    this.filter = this.freshFilter();
    const { filter } = this;
    const shared = { target, onUnsupported, dbMap, setTtl, skipExpiredBeforeMs, dropModules, nowMs, filter, part };
    return this.headers.map((header, file) => {
      const keepsTemplates = templateFile < 0 || templateFile === file;
      const isLoser = (ordinal: number): boolean => finder.isLoser(file, ordinal);
      const merged = new MergedFile({ ...shared, isLoser }, keepsTemplates ? [] : TEMPLATE_TYPES);
      merged.begin(header);
      return merged;
    });
  }

  private async copy(file: number, handler: MergedFile, pause?: () => Promise<void>): Promise<void> {
    const { source, driver } = this.open(file, false, handler);
    const input = this.inputs[file]!.source;
    handler.attach(driver, input);
    this.filter?.next(input);
    while ((await drive(source, driver)) === 'pause') await pause?.();
  }

  private open(file: number, isFirst: boolean, handler: RowHandler): { source: ByteSource; driver: RdbDriver } {
    const { checksum = true, limits } = this.options;
    this.reading = file;
    const source = this.inputs[file]!.rewind();
    const window = Window.for(source.sizeBytes);
    return {
      source,
      driver: new RdbDriver(window, handler, { checksum: checksum && isFirst, ...(limits && { limits }) }),
    };
  }

  private addSize({ rows }: RdbDriver, row: number): void {
    const db = this.mapDb(rows.db[row]!);
    let size = this.sizes.get(db);
    if (size === undefined) {
      size = { keys: 0, expires: 0 };
      this.sizes.set(db, size);
    }
    size.keys++;
    if (rowExpires(rows, row) && this.options.setTtl?.action !== 'strip') size.expires++;
  }

  /** Tables of the right size spare the server that loads the file their growth. */
  private writeSizes(encoder: RdbEncoder): void {
    for (const [db, { keys, expires }] of this.sizes) encoder.record({ kind: 'resize-db', db, keys, expires });
  }

  /** The same keys each time. */
  private freshFilter(): ShardFilter | undefined {
    const { filter } = this.options;
    return filter === undefined ? undefined : new ShardFilter(filter, this.nowMs);
  }

  /** The newest version among the files: a server loads what older ones of its family have written. */
  private newestTarget(): Target {
    const { magic } = this.headers[0]!;
    const version = Math.max(...this.headers.map((header) => header.version));
    return { ...targetOfHeader(magic, version), version };
  }

  private mapDb(db: number): number {
    return this.options.dbMap?.get(db) ?? db;
  }
}

/** Hashes that refer to a template by its number. */
const TEMPLATE_TYPES = [TYPE.HASH_TMPL_LP_REF, TYPE.HASH_TMPL_ARRAY_REF] as const;
const NOTHING: LargeRequest = {
  level: 'skip',
  sink: { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined },
};

/** `db 0 key "user:1"`. */
function formatConflict({ db, key }: MergeConflict): string {
  return `db ${db} key ${formatQuoted(key, 0, key.length, 64)}`;
}
