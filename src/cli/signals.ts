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
  const removers: (() => void)[] = [];
  const stop = (): void => {
    for (const remove of removers) remove();
  };
  for (const name of SIGNALS) {
    const listener = (): void => {
      // The next one, of whatever name, then does what it does to every program.
      stop();
      controller.abort(new StoppedBySignal(name));
    };
    process.on(name, listener);
    removers.push(() => process.removeListener(name, listener));
  }
  return { signal: controller.signal, stop };
}
