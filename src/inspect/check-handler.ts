/** The row handler of checkRdb. Errors inside a value whose bounds are known are noted and do not end the reading. */
import { FormatError, LimitError } from '../bytes/errors.js';
import { Slice } from '../bytes/slice.js';
import { checkString } from '../codecs/string.js';
import { TYPE } from '../rdb/constants.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import { locate } from '../rdb/locate.js';
import type { EndEntry, RdbRecord, RdbWarning, ValueType } from '../rdb/model.js';
import { NO_SINK } from '../rdb/no-sink.js';
import { decodeKeyMeta } from '../rdb/records.js';
import type { RowTable } from '../rdb/rows.js';
import { STRING } from '../rdb/types/string.js';
import { DeepCheck } from './deep-check.js';
import { DeepKernel } from './deep-kernel.js';
import type { DuplicateKeys } from './duplicate-keys.js';
import { formatShare } from './fingerprints.js';
import { checkPackedHeader } from './packed-header.js';

const MAX_ERRORS = 100;

export class CheckHandler implements RowHandler {
  driver!: RdbDriver;
  keys = 0;
  ending: EndEntry | undefined;
  producer: string | undefined;
  readonly warnings: RdbWarning[] = [];
  readonly errors: FormatError[] = [];
  errorCount = 0;
  private readonly deep: DeepCheck | undefined;
  private kernel: DeepKernel | undefined;
  private hasKernel = true;
  private readonly name = new Slice();
  private largeOffset = 0;
  private largeType: ValueType = 'string';

  /** With `duplicates` the check is deep. */
  constructor(private readonly duplicates: DuplicateKeys | undefined) {
    this.deep = duplicates && new DeepCheck();
  }

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
    if (record.kind === 'aux') this.producer ??= producerOf(record.name, record.value);
  }

  bulk(rows: RowTable, from: number, to: number): number {
    const next = this.duplicates === undefined ? this.checkHeaders(rows, from, to) : this.checkBulk(from, to);
    this.keys += next - from;
    return next;
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    this.keys++;
    const { deep } = this;
    if (deep !== undefined) this.checkMeta(rows, row);
    try {
      if (deep === undefined)
        checkPackedHeader(rows.kind[row]!, rows.codecOf(row), bytes, rows.valuePos[row]!, rows.end[row]!);
      else this.checkDeep(deep, rows, row);
    } catch (error) {
      this.foundIn(row, error);
    }
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    const { deep, duplicates, driver } = this;
    this.keys++;
    this.largeOffset = driver.offsetOf(rows.start[row]!);
    this.largeType = rows.codecOf(row).type;
    if (deep === undefined) return { level: 'skip', sink: NO_SINK };
    this.checkMeta(rows, row);
    duplicates!.add(driver, row);
    return { level: deep.begin(rows.kind[row]!, rows.codecOf(row), true), sink: deep };
  }

  largeEnd(): void {
    // Where the record began may have left the window long ago: the position is then negative, its offset still right.
    this.deep?.end(this.driver, this.largeType, this.largeOffset - this.driver.window.base);
  }

  warning(warning: RdbWarning): void {
    this.warnings.push(warning);
  }

  full(): boolean {
    return false;
  }

  found(error: FormatError): void {
    if (this.errorCount++ < MAX_ERRORS) this.errors.push(error);
  }

  /** Not all keys were looked at for duplicates. */
  warnPartial(share: number): void {
    const message = `duplicate keys were looked for in ${formatShare(share)} of the keys only`;
    this.warnings.push({ code: 'PARTIAL_CHECK', message, offset: 0 });
  }

  /** The row in front of which a shallow check stops: no key, or something is wrong with it. */
  private checkHeaders(rows: RowTable, from: number, to: number): number {
    const { bytes } = this.driver.window;
    const { kind, isKey, valuePos, end } = rows;
    let row = from;
    try {
      for (; row < to && isKey[row] !== 0; row++) {
        if (kind[row] !== TYPE.STRING) {
          checkPackedHeader(kind[row]!, rows.codecOf(row), bytes, valuePos[row]!, end[row]!);
        }
      }
    } catch {
      // The row that it stops at is looked at once more, by key(), which says what is wrong.
    }
    return row;
  }

  private checkBulk(from: number, to: number): number {
    const { driver, duplicates } = this;
    if (this.kernel === undefined && this.hasKernel) {
      this.kernel = DeepKernel.open(driver, duplicates!);
      this.hasKernel = this.kernel !== undefined;
    }
    return this.kernel?.check(from, to) ?? from;
  }

  private checkDeep(deep: DeepCheck, rows: RowTable, row: number): void {
    const { driver } = this;
    this.duplicates!.add(driver, row);
    const codec = rows.codecOf(row);
    if (codec === STRING) {
      // Nothing in a string can occur twice: it need not even be expanded.
      checkString(driver.window.bytes, rows.valuePos[row]!, rows.end[row]!, driver.limits.maxBlobBytes);
      return;
    }
    driver.readValue(row, deep.begin(rows.kind[row]!, codec, false), deep);
    deep.end(driver, codec.type, rows.start[row]!);
  }

  /** Key metadata is whole, or it would be no row; whether its strings can be expanded is found out here. */
  private checkMeta(rows: RowTable, row: number): void {
    const metaPos = rows.metaPos[row]!;
    if (metaPos < 0) return;
    const { cursor, window } = this.driver;
    try {
      cursor.bytes = window.bytes;
      decodeKeyMeta(cursor, metaPos, rows.keyPos[row]! - 1);
    } catch (error) {
      this.foundIn(row, error);
    }
  }

  /** The value or the metadata is bad, but it is known where the next record begins. */
  private foundIn(row: number, error: unknown): void {
    // A value that is too large for us says nothing about the file.
    if (!(error instanceof FormatError) || error instanceof LimitError) throw error;
    const { driver, name } = this;
    let key: Uint8Array | undefined;
    try {
      driver.readKey(row, name);
      key = name.copy();
    } catch {
      // The key itself is what is broken.
    }
    locate(error, driver.window.base, driver.rows.db[row]!, key);
    this.found(error);
  }
}

function producerOf(name: Uint8Array, value: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(name).toLowerCase();
  if (text !== 'redis-ver' && text !== 'valkey-ver') return undefined;
  return `${text === 'redis-ver' ? 'Redis' : 'Valkey'} ${new TextDecoder().decode(value)}`;
}
