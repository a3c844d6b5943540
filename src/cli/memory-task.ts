/** Lines of `memory` for ranges: the task of worker threads, and of the main thread for what it keeps. */
import { FactHandler } from '../inspect/facts/fact-handler.js';
import { compileFilter, type KeyFilter, type RowFilter } from '../rdb/filter.js';
import type { RdbRecord } from '../rdb/model.js';
import { memoryOf, Pieces } from '../workers/pieces.js';
import type { Task } from '../workers/task.js';
import { createMemoryMeasure, type MemoryModelOptions } from './memory-measure.js';
import { Output } from './output.js';
import { MemoryCsvRows, RdbtoolsCsvRows } from './render/memory-csv.js';
import { MemoryJsonLines, type MemoryRows } from './render/memory-rows.js';
import type { Sink } from './sink.js';

/** Data only: it goes to another thread. */
export interface MemoryTaskOptions extends MemoryModelOptions {
  readonly form: MemoryForm;
  readonly filter: KeyFilter | undefined;
  readonly nowMs: number;
}

export type MemoryForm = 'csv' | 'rdbtools' | 'ndjson';

/** Pieces of output, whole lines. */
export type MemoryPieces = readonly Uint8Array[];

export class MemoryTask implements Task<MemoryPieces> {
  readonly handler: FactHandler;
  private readonly sink = new PieceSink();
  private readonly output = new Output(this.sink, false);
  private readonly rows: MemoryRows;

  /** `filter`: in place of the one of the options, where it is shared with others. `isFirst`: with the names of the columns. */
  constructor({ form, filter, nowMs, ...model }: MemoryTaskOptions, isFirst = false, shared?: RowFilter) {
    this.rows = createRows(form, this.output);
    if (!isFirst) this.take();
    const { measure } = createMemoryMeasure({ ...model, largest: form === 'rdbtools' });
    const compiled = shared ?? (filter && compileFilter(filter, nowMs));
    this.handler = new FactHandler(compiled, measure, this.rows, () => undefined);
  }

  learn(record: RdbRecord): void {
    this.handler.record(record);
  }

  take(): MemoryPieces {
    this.rows.finish();
    this.output.flush();
    return this.sink.pieces.take();
  }

  memoryOf(pieces: MemoryPieces): ArrayBuffer[] {
    return memoryOf(pieces);
  }

  lend(memory: ArrayBuffer): void {
    this.sink.pieces.lend(memory);
  }
}

function createRows(form: MemoryForm, output: Output): MemoryRows {
  if (form === 'ndjson') return new MemoryJsonLines(output);
  return form === 'csv' ? new MemoryCsvRows(output) : new RdbtoolsCsvRows(output);
}

class PieceSink implements Sink {
  readonly isBehind = false;
  readonly isFinal = false;
  readonly pieces = new Pieces();

  write(bytes: Uint8Array, start: number, end: number): void {
    this.pieces.write(bytes, start, end);
  }

  async drain(): Promise<void> {}

  async commit(): Promise<void> {}

  discard(): void {}
}
