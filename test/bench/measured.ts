import { type Measurement, summarize } from '../../bench/measure.js';

/** A job whose rounds took so many ms. */
export function measured(rounds: readonly number[]): Measurement {
  return summarize(rounds.map((wallMs) => ({ wallMs, cpuMs: undefined, peakRssBytes: undefined, failure: undefined })));
}
