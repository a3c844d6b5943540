/**
 * Several dumps into one: the keys of the first file, then those of the second, and so on, copied as they are.
 *
 * A first pass over the files finds keys that stand in more than one of them (merge-conflicts.ts), a second one writes.
 * Held: a table of bounded size, one bit per key where there are conflicts, a window, and what is on its way out.
 */
import { EncodeError, RedisFileError, UnsupportedError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import { formatQuoted } from '../bytes/quote.js';
import type { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { TYPE } from '../rdb/constants.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver, type RowHandler } from '../rdb/driver.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { EndEntry, HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { type Target, targetOfHeader } from '../rdb/versions.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import type { DbPairs } from './db-map.js';
import { ConflictFinder, type ConflictPolicy, type MergeConflict } from './merge-conflicts.js';
import { MergedRecords, type RecordConflict } from './merge-records.js';
import { beginLargeRow, copyRow, rewriteRow } from './raw-row.js';

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
  /** Compare the CRC-64 of the files. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  /** Keys that are held at once, some 50 bytes each; with more, the files are read several times. Default: 4 million. */
  readonly maxKeys?: number;
  readonly onWarning?: (warning: RdbWarning, file: number) => void;
}

export interface MergeSummary {
  /** What the merged file is in: the newest version among the files. */
  readonly magic: 'REDIS' | 'VALKEY';
  readonly version: number;
  readonly keys: number;
  readonly sizeBytes: number;
  /** Keys that were left out for another of the same name. */
  readonly conflicts: number;
  readonly recordConflicts: readonly RecordConflict[];
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
  private readonly policy: ConflictPolicy;
  private readonly finder: ConflictFinder;
  private readonly records: MergedRecords;
  private readonly headers: HeaderEntry[] = [];
  private readonly keys: number[] = [];
  private readonly ends: EndEntry[] = [];

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
    const sources = inputs.map(({ source }) => source);
    this.finder = new ConflictFinder(sources, this.policy, (db) => this.mapDb(db), options.maxKeys);
    this.records = new MergedRecords(this.policy);
  }

  /**
   * Writes the merged file. `pause` is awaited now and then: the place to wait for the output.
   *
   * Throws MergeConflictError before anything is written, EncodeError for files of both dialects and for such that hold
   * commands, and what reading throws; {@link reading} says which file it is about.
   */
  async run(write: WriteBytes, pause?: () => Promise<void>): Promise<MergeSummary> {
    for (let isFirst = true; isFirst || this.finder.next(); isFirst = false) await this.look(isFirst);
    const { count, shown } = this.finder;
    const { conflicts } = this.records;
    if (this.policy === 'error' && count + conflicts.length > 0) throw new MergeConflictError(count, shown, conflicts);
    const target = this.target();
    const encoder = new RdbEncoder(write, { target });
    this.records.writeBefore(encoder);
    const kept: number[] = [];
    for (let file = 0; file < this.inputs.length; file++) kept.push(await this.copy(file, encoder, pause));
    this.records.writeAfter(encoder);
    const { keys, sizeBytes } = encoder.end();
    return {
      magic: target.magic,
      version: target.version,
      keys,
      sizeBytes,
      conflicts: count,
      recordConflicts: conflicts,
      files: kept.map((left, file) => ({ keys: this.keys[file]!, kept: left, end: this.ends[file]! })),
    };
  }

  /** A pass that writes nothing. */
  private async look(isFirst: boolean): Promise<void> {
    for (let file = 0; file < this.inputs.length; file++) {
      this.finder.begin(file);
      let keys = 0;
      const { source, driver } = this.open(file, isFirst, {
        record: (record) => {
          if (isFirst) this.addRecord(record, file);
        },
        key: (row) => {
          keys++;
          this.finder.add(driver, row);
        },
        largeStart: (row) => {
          keys++;
          this.finder.add(driver, row);
          return NOTHING;
        },
        largeEnd: () => undefined,
        warning: (warning) => {
          if (isFirst) this.options.onWarning?.(warning, file);
        },
      });
      await drive(source, driver);
      this.keys[file] = keys;
    }
  }

  private addRecord(record: RdbRecord, file: number): void {
    if (record.kind === 'header') {
      this.headers[file] = record;
      this.checkDialect(record);
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
      `it is in the format of ${DIALECT_NAMES[magic]}, and ${this.inputs[0]!.source.name} in that of ${DIALECT_NAMES[first]}: convert one of them first`,
    );
  }

  /** Copies what is left of a file's keys, and says how many those are. */
  private async copy(file: number, encoder: RdbEncoder, pause?: () => Promise<void>): Promise<number> {
    const { finder, records } = this;
    let ordinal = 0;
    let kept = 0;
    let isOpen = false;
    const wants = (): boolean => {
      if (finder.isLoser(file, ordinal++)) return false;
      kept++;
      return true;
    };
    const keepsTemplates = records.templateFile < 0 || records.templateFile === file;
    let pausedAt = encoder.offset;
    const { source, driver } = this.open(file, false, {
      record: () => undefined,
      key: (row) => {
        if (!wants()) return;
        const db = this.mapDb(driver.rows.db[row]!);
        if (!keepsTemplates && isTemplateHash(driver.rows, row)) rewriteRow(encoder, driver, row, db);
        else copyRow(encoder, driver, row, db);
      },
      largeStart: (row) => {
        if (!wants()) return NOTHING;
        if (!keepsTemplates && isTemplateHash(driver.rows, row)) {
          throw new EncodeError('the template of so large a hash may have another number in the merged file');
        }
        isOpen = true;
        beginLargeRow(encoder, driver, row, this.mapDb(driver.rows.db[row]!));
        const raw = ({ bytes, start, end }: Slice): void => encoder.rawChunk(bytes, start, end);
        return { level: 'raw', sink: { ...NOTHING.sink, raw } };
      },
      largeEnd: () => {
        if (isOpen) encoder.endRawKey();
        isOpen = false;
      },
      warning: () => undefined,
      full: () => pause !== undefined && encoder.offset - pausedAt > PAUSE_BYTES,
    });
    while ((await drive(source, driver)) === 'pause') {
      pausedAt = encoder.offset;
      await pause!();
    }
    return kept;
  }

  private open(file: number, isFirst: boolean, actions: Actions): { source: ByteSource; driver: RdbDriver } {
    const { checksum = true, limits } = this.options;
    this.reading = file;
    const source = this.inputs[file]!.rewind();
    const window = new Window();
    window.totalBytes = source.sizeBytes;
    const handler: RowHandler = {
      record: actions.record,
      key: (_rows, row) => actions.key(row),
      largeStart: (_rows, row) => actions.largeStart(row),
      largeEnd: actions.largeEnd,
      warning: actions.warning,
      full: actions.full ?? (() => false),
    };
    return {
      source,
      driver: new RdbDriver(window, handler, { checksum: checksum && isFirst, ...(limits && { limits }) }),
    };
  }

  /** The newest version among the files: a server loads what older ones of its family have written. */
  private target(): Target {
    const { magic } = this.headers[0]!;
    const version = Math.max(...this.headers.map((header) => header.version));
    return { ...targetOfHeader(magic, version), version };
  }

  private mapDb(db: number): number {
    return this.options.dbMap?.get(db) ?? db;
  }
}

interface Actions {
  record(record: RdbRecord): void;
  key(row: number): void;
  largeStart(row: number): LargeRequest;
  largeEnd(): void;
  warning(warning: RdbWarning): void;
  full?(): boolean;
}

/** Output after which there is a pause. */
const PAUSE_BYTES = 1024 * 1024;
const NOTHING: LargeRequest = {
  level: 'skip',
  sink: { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined },
};

/** `db 0 key "user:1"`. */
function formatConflict({ db, key }: MergeConflict): string {
  return `db ${db} key ${formatQuoted(key, 0, key.length, 64)}`;
}

function isTemplateHash(rows: RowTable, row: number): boolean {
  const type = rows.kind[row];
  return rows.codec[row]!.type === 'hash' && (type === TYPE.HASH_TMPL_LP_REF || type === TYPE.HASH_TMPL_ARRAY_REF);
}
