/** Holds back what would go out too fast: keys and bytes per second. */
import type { ImportRate } from '../model.js';
import { pause } from './patience.js';

/** Parts of a second that a batch may fill. */
const BATCHES_PER_SECOND = 10;

export class RateLimit {
  private readonly keysPerMs: number;
  private readonly bytesPerMs: number;
  /** When everything that went out so far is due. */
  private dueMs = 0;

  constructor(private readonly rate: ImportRate) {
    this.keysPerMs = (rate.keysPerSecond ?? Infinity) / 1000;
    this.bytesPerMs = (rate.bytesPerSecond ?? Infinity) / 1000;
  }

  /** The most that one batch should hold. */
  batchUnits(most: number): number {
    return Math.max(1, Math.min(most, Math.floor((this.rate.keysPerSecond ?? Infinity) / BATCHES_PER_SECOND)));
  }

  batchBytes(most: number): number {
    return Math.max(1, Math.min(most, Math.floor((this.rate.bytesPerSecond ?? Infinity) / BATCHES_PER_SECOND)));
  }

  /** Waits until so much may go out. Throws the reason of `signal`. */
  async pass(keys: number, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const takesMs = Math.max(keys / this.keysPerMs, bytes / this.bytesPerMs);
    if (takesMs === 0) return;
    const now = performance.now();
    const start = Math.max(now, this.dueMs);
    this.dueMs = start + takesMs;
    if (start > now) await pause(start - now, signal);
  }
}
