/** How long a target that fails is tried again, and what is done in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetServers } from '../target/servers.js';
import { TargetError, type TargetErrorCode } from '../target/target-error.js';

export interface PatienceOptions {
  readonly servers: TargetServers;
  /** While nothing succeeds. */
  readonly retryMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: ((error: Error, waitMs: number) => void) | undefined;
}

const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 2000;
/** Somebody else can do it now. */
const REDIRECTS: ReadonlySet<TargetErrorCode> = new Set<TargetErrorCode>(['MOVED', 'ASK']);
/** The servers are the same as before. */
const SAME_SERVERS: ReadonlySet<TargetErrorCode> = new Set<TargetErrorCode>(['ASK', 'TRYAGAIN', 'LOADING', 'BUSY']);

export class Patience {
  private attempts = 0;
  private sinceMs = 0;

  constructor(private readonly options: PatienceOptions) {}

  /** Something has arrived. */
  succeeded(): void {
    this.attempts = 0;
  }

  /** Waits, and looks for the servers again; throws `error` where that is no use, or has been none for too long. */
  async afterFailure(error: unknown): Promise<void> {
    const { servers, retryMs, signal, onRetry } = this.options;
    signal?.throwIfAborted();
    if (!(error instanceof TargetError) || !error.isTransient) throw error;
    const now = performance.now();
    if (this.attempts === 0) this.sinceMs = now;
    if (now - this.sinceMs > retryMs || retryMs === 0) throw error;
    const isRedirect = REDIRECTS.has(error.code) && this.attempts === 0;
    const waitMs = isRedirect ? 0 : Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.attempts, 10));
    this.attempts++;
    if (waitMs > 0) {
      onRetry?.(error, waitMs);
      await pause(waitMs, signal);
    }
    if (SAME_SERVERS.has(error.code)) return;
    // A target that is still away says so at the next attempt.
    await servers.refresh().catch((other: unknown) => {
      if (!(other instanceof TargetError && other.isTransient)) throw other;
    });
  }

  /** Runs it until it succeeds. */
  async keepTrying<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await run();
        this.succeeded();
        return result;
      } catch (error) {
        await this.afterFailure(error);
      }
    }
  }
}

/** Throws the reason of `signal`. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
}
