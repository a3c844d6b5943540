/** Waiting for what a server does by itself. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The first answer that is not undefined or false. Throws where there is none in time. */
export async function until<T>(what: () => Promise<T | undefined | false>, timeoutMs = 30_000): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(50);
  }
}
