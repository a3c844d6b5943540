/** The push interface: bytes in as they come, callbacks out. For people who own the loop; everybody else has read.ts. */

import { Slice } from '../bytes/slice.js';
import { Window } from '../bytes/window.js';
import { type DriverOptions, RdbDriver, type RowHandler } from './driver.js';
import type { RowFilter } from './filter.js';
import { RowKeyInfo } from './key-info.js';
import type { LargeRequest } from './large-value.js';
import type { EndEntry, RdbRecord, RdbWarning } from './model.js';
import type { RowTable } from './rows.js';
import type { Level, RdbVisitor } from './visitor.js';

export interface DecoderOptions extends DriverOptions {
  /** Keys that it leaves out are passed over: the visitor never hears of them. */
  readonly filter?: RowFilter;
}

/**
 * Decodes a dump that arrives in pieces of any size.
 *
 * ```ts
 * const decoder = new RdbDecoder(visitor);
 * for (const chunk of chunks) decoder.write(chunk);
 * decoder.end();
 * ```
 *
 * `write` and `end` throw FormatError, TruncatedError, ChecksumError, UnsupportedError or LimitError; after a throw the
 * decoder is of no further use.
 */
export class RdbDecoder {
  private readonly window = Window.for(undefined);
  private readonly driver: RdbDriver;
  private readonly handler: VisitorHandler;

  constructor(visitor: RdbVisitor, options: DecoderOptions = {}) {
    this.handler = new VisitorHandler(visitor, options.filter);
    this.driver = new RdbDriver(this.window, this.handler, options);
    this.handler.driver = this.driver;
  }

  /** Decodes what `chunk` completes. The chunk may be reused after the call. */
  write(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; ) {
      this.window.room(Math.max(this.driver.wanted, this.window.available + 1));
      from += this.window.append(chunk, from);
      if (this.window.available >= this.driver.wanted) this.driver.advance();
    }
  }

  /** No more bytes come. Returns the last record. */
  end(): EndEntry {
    this.window.ended = true;
    this.driver.advance();
    return this.handler.ending!;
  }
}

/** Turns rows into a visitor's callbacks. */
export class VisitorHandler implements RowHandler {
  driver!: RdbDriver;
  ending: EndEntry | undefined;
  private readonly info = new RowKeyInfo();
  private readonly value = new Slice();

  constructor(
    private readonly visitor: RdbVisitor,
    private readonly filter: RowFilter | undefined,
  ) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
    this.visitor.record(record);
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { driver, visitor, info } = this;
    if (this.filter !== undefined && !this.filter.accepts(driver, row)) return;
    info.read(driver, row, false);
    const level: Level = visitor.key(info);
    if (level === 'raw') {
      this.value.set(bytes, rows.valuePos[row]!, rows.end[row]!);
      visitor.raw(this.value);
    } else if (level !== 'skip') {
      driver.readValue(row, level, visitor);
    }
    visitor.keyEnd();
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    const { driver, visitor, info } = this;
    if (this.filter !== undefined && !this.filter.acceptsLarge(driver, row)) return { level: 'skip', sink: visitor };
    info.read(driver, row, true);
    this.largeWanted = true;
    return { level: visitor.key(info), sink: visitor };
  }

  largeEnd(): void {
    if (this.largeWanted) this.visitor.keyEnd();
    this.largeWanted = false;
  }

  warning(warning: RdbWarning): void {
    this.visitor.warning(warning);
  }

  full(): boolean {
    return false;
  }

  private largeWanted = false;
}
