/** The deep check by several threads. */
import type { ByteSource } from '../bytes/source.js';
import type { DriverOptions } from '../rdb/driver.js';
import { ParallelReader } from '../workers/parallel-reader.js';
import type { CheckHandler } from './check-handler.js';
import { addCheckResult, type CheckResult, CheckTask } from './check-task.js';
import type { FingerprintLedger } from './fingerprint-ledger.js';

export interface ParallelCheckOptions {
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  readonly driver: DriverOptions;
}

/** What is found comes to `handler`, fingerprints of keys to `ledger`. */
export function openParallelCheck(
  source: ByteSource,
  handler: CheckHandler,
  ledger: Pick<FingerprintLedger, 'seed' | 'addPairs'>,
  { jobs, signal, driver }: ParallelCheckOptions,
): ParallelReader<CheckResult> {
  const options = { seed: ledger.seed };
  const task = new CheckTask(options);
  const reader = new ParallelReader({
    source,
    jobs,
    file: 'worker',
    spec: { name: 'check', options },
    task,
    collector: {
      result: (result) => addCheckResult(handler, ledger, result),
      warning: (warning) => handler.warning(warning),
      record: (record) => handler.record(record),
    },
    driver,
    signal,
  });
  handler.driver = reader.driver;
  return reader;
}
