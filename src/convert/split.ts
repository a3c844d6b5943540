/**
 * One dump into several, each of them complete: header, aux fields, function libraries and what else is no key stand in
 * every file. Records of keys are copied as they are, in the version of the source.
 *
 * Held at once: a window of the source, and per file some 260 KB on their way out. A value beyond 64 MiB is passed on in
 * pieces.
 */
import { Slice } from '../bytes/slice.js';
import type { WriteBytes } from '../bytes/writer.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { RowFilter } from '../rdb/filter.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { AuxEntry, EndEntry, HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { type Target, targetOfHeader } from '../rdb/versions.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import { isMemberExpiryAux, isStaleAux } from './convert-records.js';
import { type LossEntry, LossLedger, lossError, type UnsupportedPolicy } from './loss.js';
import { beginLargeRow, copyRow } from './raw-row.js';
import { createRouter, type SplitBy, type SplitRouter } from './split-rules.js';

export interface SplitOptions {
  readonly by: SplitBy;
  /** Opens a file of this name, `.rdb` included. What it throws ends the splitting. */
  readonly open: (name: string) => WriteBytes;
  /** Keys that it leaves out go nowhere. */
  readonly filter?: RowFilter | undefined;
  /** What to do about commands among and behind the keys, which no part can hold. Default: `error`. */
  readonly onUnsupported?: UnsupportedPolicy | undefined;
  readonly onLoss?: ((entry: LossEntry) => void) | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
}

/** One of the files. */
export interface SplitPart {
  readonly name: string;
  readonly keys: number;
  readonly sizeBytes: number;
}

/**
 * Give it to an RdbDriver, set {@link driver}, drive to the end, also where the filter has had its fill (what stands behind
 * the keys belongs to every part), then call {@link finish}.
 *
 * Throws RangeError for a rule that cannot be (see {@link createRouter}), and what the encoder throws.
 */
export class SplitHandler implements RowHandler {
  driver!: RdbDriver;
  /** The end of the source, once it has been reached. */
  ending: EndEntry | undefined;
  readonly ledger: LossLedger;
  private readonly router: SplitRouter;
  private readonly encoders: RdbEncoder[] = [];
  /** What every file begins with. */
  private readonly prologue: RdbRecord[] = [];
  private readonly key_ = new Slice();
  private target!: Target;
  private large: RdbEncoder | undefined;
  /** Where the last key went; undefined where it was left out. */
  private last: RdbEncoder | undefined;

  constructor(private readonly options: SplitOptions) {
    this.router = createRouter(options.by);
    this.ledger = new LossLedger(options.onLoss ?? (() => undefined));
  }

  record(record: RdbRecord): void {
    switch (record.kind) {
      case 'header':
        this.target = targetOfSource(record);
        break;
      case 'end':
        this.ending = record;
        if (record.trailing === 'aof')
          this.lose('aof-tail', `${record.trailingBytes} bytes of commands behind the dump are not read`);
        break;
      case 'select-db':
      case 'resize-db':
      case 'slot-info':
        // How many keys follow would be wrong in every part.
        break;
      case 'command':
        this.lose('command', `a command for database ${record.db}: which part it belongs to cannot be told`, record.db);
        break;
      default:
        if (record.kind === 'aux' && !this.keepsAux(record)) break;
        this.prologue.push(record);
        for (const encoder of this.encoders) encoder?.record(record);
    }
  }

  key(_rows: RowTable, row: number): void {
    const { driver } = this;
    this.last = undefined;
    if (this.options.filter?.accepts(driver, row) === false) return;
    copyRow(this.encoderFor(row), driver, row, driver.rows.db[row]!);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    const { driver } = this;
    this.last = undefined;
    if (this.options.filter?.acceptsLarge(driver, row) === false) return { level: 'skip', sink: NOTHING };
    const encoder = this.encoderFor(row);
    this.large = encoder;
    beginLargeRow(encoder, driver, row, driver.rows.db[row]!);
    const raw = ({ bytes, start, end }: Slice): void => encoder.rawChunk(bytes, start, end);
    return { level: 'raw', sink: { ...NOTHING, raw } };
  }

  largeEnd(): void {
    this.large?.endRawKey();
    this.large = undefined;
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  full(): boolean {
    return false;
  }

  /**
   * Ends every file. Parts come in the order of their rule, or of their first keys. Throws EncodeError for losses under the
   * policy `error`.
   */
  finish(): SplitPart[] {
    const { router, ledger } = this;
    if (this.policy === 'error' && ledger.total > 0) throw lossError('the parts do not hold everything', ledger);
    for (let file = 0; file < router.always; file++) this.encoder(file);
    // Functions and aux fields go somewhere, even if there are no keys.
    const isEmpty = router.names.length === 0;
    if (isEmpty) this.open(0, 'no-keys');
    return this.encoders.map((encoder, file) => {
      const { keys, sizeBytes } = encoder.end();
      return { name: isEmpty ? 'no-keys.rdb' : fileName(router.names[file]!), keys, sizeBytes };
    });
  }

  private get policy(): UnsupportedPolicy {
    return this.options.onUnsupported ?? 'error';
  }

  private lose(what: LossEntry['what'], detail: string, db?: number): void {
    const policy = this.policy === 'error' ? 'error' : 'drop';
    this.ledger.add({ what, db, key: undefined, policy, detail });
  }

  /** The expiry of a member is lost where its key is: KeyDB takes it for that of the key before it. */
  private keepsAux(record: AuxEntry): boolean {
    if (!isMemberExpiryAux(record)) return !isStaleAux(record);
    this.last?.record(record);
    return false;
  }

  private encoderFor(row: number): RdbEncoder {
    const { driver, key_: key } = this;
    driver.readKey(row, key);
    this.last = this.encoder(this.router.route(driver.rows.db[row]!, key.bytes, key.start, key.end));
    return this.last;
  }

  private encoder(file: number): RdbEncoder {
    return this.encoders[file] ?? this.open(file, this.router.names[file]!);
  }

  private open(file: number, name: string): RdbEncoder {
    const encoder = new RdbEncoder(this.options.open(fileName(name)), { target: this.target });
    for (const record of this.prologue) encoder.record(record);
    this.encoders[file] = encoder;
    return encoder;
  }
}

const NOTHING: LargeRequest['sink'] = { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined };

function fileName(name: string): string {
  return `${name}.rdb`;
}

/** Files are of the version of their source, also where that is between two that we write, or newer than all of them. */
function targetOfSource({ magic, version }: HeaderEntry): Target {
  return { ...targetOfHeader(magic, version), version };
}
