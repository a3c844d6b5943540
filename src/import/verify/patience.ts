/** How long a target that fails is tried again, and what is waited for in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetError } from '../target/target-error.js';

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5000;

/** For one thing that is tried until it succeeds. */
export class Patience {
  private sinceMs: number | undefined;
  private failures = 0;

  constructor(
    private readonly retryMs: number,
    private readonly onRetry: ((error: Error, waitMs: number) => void) | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Resolves when it is time to try again. @throws `error` where that has gone on for too long; the reason of the signal */
  async after(error: TargetError): Promise<void> {
    const { signal, onRetry, retryMs } = this;
    const nowMs = performance.now();
    this.sinceMs ??= nowMs;
    // Whoever is told where to go goes there at once; the second time, the servers have yet to agree.
    const isRedirected = this.failures++ === 0 && (error.code === 'MOVED' || error.code === 'ASK');
    if (isRedirected) return;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (this.failures - 1), MAX_WAIT_MS);
    if (nowMs + waitMs - this.sinceMs > retryMs) throw error;
    onRetry?.(error, waitMs);
    await sleep(waitMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}
