/** One of several files that become one: its keys, converted; of its records what they need. The rest is in merge-records.ts. */
import type { RdbDriver } from '../rdb/driver.js';
import type { RdbRecord } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { ConvertHandler, type ConvertHandlerOptions, type ConvertPart } from './convert-handler.js';
import { followRecord, type LastKey } from './convert-records.js';

export interface MergedFileOptions extends ConvertHandlerOptions {
  readonly part: ConvertPart;
  /** Whether the key of this number, among those that are chosen, gives way to another one. */
  readonly isLoser: (ordinal: number) => boolean;
}

/** Output after which there is a pause. */
const PAUSE_BYTES = 1024 * 1024;

export class MergedFile extends ConvertHandler {
  private ordinal = 0;
  private lastPause = 0;

  /** `rewritten`: types that are written in another form, whatever the target loads. */
  constructor(
    private readonly file: MergedFileOptions,
    private readonly rewritten: readonly number[],
  ) {
    super(file);
  }

  /** Before the keys are read. */
  attach(driver: RdbDriver, source: ConvertHandler['source']): void {
    this.driver = driver;
    this.source = source;
    this.rewriteAll(this.rewritten);
    this.lastPause = this.file.part.encoder.offset;
  }

  override full(): boolean {
    const { offset } = this.file.part.encoder;
    if (offset - this.lastPause < PAUSE_BYTES) return false;
    this.lastPause = offset;
    return true;
  }

  protected override accepts(rows: RowTable, row: number, isLarge: boolean): boolean {
    return super.accepts(rows, row, isLarge) && !this.file.isLoser(this.ordinal++);
  }

  protected override convertRecord(record: RdbRecord, lastKey: LastKey | undefined): void {
    followRecord(this.context!, record, lastKey);
  }

  protected override end(): void {
    // Other files may follow.
  }
}
