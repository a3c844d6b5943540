/** Ctrl-C and its kin: the first one ends the command in an orderly way, a second one at once. */
import { StoppedBySignal, type StopSignal } from './failures.js';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface SignalWatch {
  /** Aborts with a StoppedBySignal. */
  readonly signal: AbortSignal;
  stop(): void;
}

export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  const removers = SIGNALS.map((name) => {
    // Once: the next one then does what it does to every program.
    const listener = (): void => controller.abort(new StoppedBySignal(name));
    process.once(name, listener);
    return () => process.removeListener(name, listener);
  });
  const stop = (): void => {
    for (const remove of removers) remove();
  };
  return { signal: controller.signal, stop };
}
