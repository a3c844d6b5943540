/** Batches that are used again: the memory of an import is that of what is under way. */
import { UnitBatch } from './unit-batch.js';

/** More than this are let go. */
const MAX_FREE = 64;

export class BatchPool {
  private readonly free: UnitBatch[] = [];

  constructor(private readonly sizeBytes: number) {}

  take(): UnitBatch {
    return this.free.pop() ?? new UnitBatch(this.sizeBytes);
  }

  /** Nobody looks at it any more. */
  give(batch: UnitBatch): void {
    batch.clear();
    const isGiant = batch.bytes.length > 4 * this.sizeBytes || batch.keys.length > 4 * this.sizeBytes;
    if (!isGiant && this.free.length < MAX_FREE) this.free.push(batch);
  }
}
