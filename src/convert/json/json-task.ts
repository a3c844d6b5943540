/** NDJSON of ranges: the task of worker threads, and of the main thread for what it keeps. */
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RowTable } from '../../rdb/rows.js';
import { memoryOf, Pieces } from '../../workers/pieces.js';
import { NdjsonHandler, type NdjsonOptions } from './ndjson-handler.js';

/** Pieces of output, whole lines unless a large value is being streamed. */
export type JsonPieces = readonly Uint8Array[];

/** Data only: it goes to another thread. */
export interface JsonTaskOptions extends Pick<NdjsonOptions, 'format' | 'encoding' | 'all'> {
  readonly filter: KeyFilter | undefined;
  readonly nowMs: number;
}

export class JsonTask extends NdjsonHandler {
  private readonly pieces = new Pieces();
  private isInLarge = false;

  /** `filter`: in place of the one of the options, where it is shared with others. */
  constructor({ filter, nowMs, ...options }: JsonTaskOptions, shared?: NdjsonOptions['filter']) {
    const compiled = shared ?? (filter && compileFilter(filter, nowMs));
    super({
      ...options,
      ...(compiled && { filter: compiled }),
      continues: true,
      write: (bytes, start, end) => this.pieces.write(bytes, start, end),
    });
  }

  get handler(): this {
    return this;
  }

  learn(): void {
    // Of the file it needs to know nothing but its keys.
  }

  take(hasFailed: boolean): JsonPieces {
    // In the middle of a large value what has been begun is not whole, and must not be dropped.
    if (!this.isInLarge || hasFailed) this.flush();
    return this.pieces.take();
  }

  memoryOf(pieces: JsonPieces): ArrayBuffer[] {
    return memoryOf(pieces);
  }

  keysFollow(): boolean {
    const isWaiting = this.selectedDb >= 0;
    this.writeSelectedDb();
    return isWaiting;
  }

  lend(memory: ArrayBuffer): void {
    this.pieces.lend(memory);
  }

  override largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    this.isInLarge = true;
    return super.largeStart(rows, row, bytes);
  }

  override largeEnd(): void {
    this.isInLarge = false;
    super.largeEnd();
  }
}
