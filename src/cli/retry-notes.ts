/** What is said of a server that fails and is tried again. */
import type { Session } from './session.js';

/** One that does not come back is not told of more often. */
const LEAST_BETWEEN_MS = 1000;

/** For `onRetry` of an import and of a comparison. */
export function retryNotes(
  session: Pick<Session, 'note'>,
  now = () => performance.now(),
): (error: Error, waitMs: number) => void {
  let toldMs = -Infinity;
  return (error, waitMs) => {
    const nowMs = now();
    if (nowMs - toldMs < LEAST_BETWEEN_MS) return;
    toldMs = nowMs;
    const next = waitMs > 0 ? `; trying again in ${(waitMs / 1000).toFixed(1)} s` : '';
    session.note(`${error.message}${next}`);
  };
}
