/** The loops that feed a driver from a source: the only places of the core that wait. */
import type { ByteSource } from '../bytes/source.js';
import { WINDOW_BYTES, type Window } from '../bytes/window.js';
import type { Progress } from './driver.js';

/** What is fed: the driver of a dump, or that of a log. */
export interface Driven {
  readonly window: Window;
  /** Bytes that must be in the window, from its position on, before {@link advance} can go on. */
  readonly wanted: number;
  advance(): Progress;
}

/** Runs to the next pause or to the end. */
export async function drive(source: ByteSource, driver: Driven): Promise<Exclude<Progress, 'need'>> {
  for (;;) {
    const progress = driver.advance();
    if (progress !== 'need') return progress;
    const count = fill(source, driver.window, driver.wanted);
    settle(driver.window, typeof count === 'number' ? count : await count);
  }
}

/** As {@link drive}, for a source that answers at once. */
export function driveSync(source: ByteSource, driver: Driven): Exclude<Progress, 'need'> {
  for (;;) {
    const progress = driver.advance();
    if (progress !== 'need') return progress;
    const count = fill(source, driver.window, driver.wanted);
    if (typeof count !== 'number') throw new TypeError('this source can only be read asynchronously');
    settle(driver.window, count);
  }
}

/** A refill stays as small as the wish allows: what has just been read should still be in the processor's cache. */
function fill(source: ByteSource, window: Window, wanted: number): number | Promise<number> {
  const room = window.room(wanted);
  const least = wanted - window.available;
  return source.read(window.bytes, window.end, Math.min(room, Math.max(least, WINDOW_BYTES)));
}

function settle(window: Window, count: number): void {
  if (count === 0) window.ended = true;
  else window.filled(count);
}
