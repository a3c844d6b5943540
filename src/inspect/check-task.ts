/** The deep check of ranges: the task of worker threads, and of the main thread for what it keeps. */
import type { FormatError } from '../bytes/errors.js';
import { Slice } from '../bytes/slice.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { RdbWarning } from '../rdb/model.js';
import { errorFromData, errorToData } from '../workers/error-data.js';
import type { ErrorData, Task } from '../workers/task.js';
import { CheckHandler } from './check-handler.js';
import type { DuplicateKeyReport, DuplicateKeys } from './duplicate-keys.js';
import { FingerprintLedger } from './fingerprint-ledger.js';

export interface CheckTaskOptions {
  /** Of the ledger that the fingerprints are for. */
  readonly seed: number;
}

/** What was found in some rows, in the order of the file. */
export interface CheckResult {
  readonly keys: number;
  readonly errors: readonly ErrorData[];
  readonly errorCount: number;
  readonly warnings: readonly RdbWarning[];
  /** Fingerprints of the keys, two numbers each. */
  readonly pairs: Int32Array;
}

export class CheckTask implements Task<CheckResult> {
  readonly handler: CheckHandler;
  private readonly keys: KeyPairs;

  constructor({ seed }: CheckTaskOptions) {
    this.keys = new KeyPairs(seed);
    this.handler = new CheckHandler(this.keys);
  }

  learn(): void {
    // The handler of the main thread takes them.
  }

  take(): CheckResult {
    const { handler } = this;
    const { keys, errorCount } = handler;
    const errors = handler.errors.map(errorToData);
    const warnings = [...handler.warnings];
    handler.keys = 0;
    handler.errorCount = 0;
    handler.errors.length = 0;
    handler.warnings.length = 0;
    return { keys, errors, errorCount, warnings, pairs: this.keys.take() };
  }

  memoryOf({ pairs }: CheckResult): ArrayBuffer[] {
    return [pairs.buffer as ArrayBuffer];
  }
}

/** Adds what was found in some rows to what has been found before them. */
export function addCheckResult(
  handler: CheckHandler,
  ledger: Pick<FingerprintLedger, 'addPairs'>,
  result: CheckResult,
): void {
  handler.keys += result.keys;
  for (const error of result.errors) handler.found(errorFromData(error) as FormatError);
  handler.errorCount += result.errorCount - result.errors.length;
  handler.warnings.push(...result.warnings);
  ledger.addPairs(result.pairs, result.pairs.length / 2);
}

/** Fingerprints for a ledger somewhere else. */
class KeyPairs implements DuplicateKeys {
  readonly ledger: { readonly seed: number; addPairs(pairs: Int32Array, count: number): void };
  private readonly hash: FingerprintLedger;
  private readonly key = new Slice();
  private pairs = new Int32Array(4096);
  private used = 0;

  constructor(seed: number) {
    this.hash = new FingerprintLedger(undefined, seed);
    this.ledger = { seed, addPairs: (pairs, count) => this.append(pairs, 2 * count) };
  }

  add(driver: RdbDriver, row: number): void {
    const { key, hash } = this;
    driver.readKey(row, key);
    hash.hash(driver.rows.db[row]!, key.bytes, key.start, key.end);
    this.append([hash.lo, hash.hi], 2);
  }

  take(): Int32Array {
    const pairs = this.pairs.slice(0, this.used);
    this.used = 0;
    return pairs;
  }

  async finish(): Promise<DuplicateKeyReport> {
    return { errors: [], share: 1 };
  }

  private append(pairs: ArrayLike<number>, size: number): void {
    if (this.used + size > this.pairs.length) {
      const larger = new Int32Array(Math.max(this.pairs.length * 2, this.used + size));
      larger.set(this.pairs.subarray(0, this.used));
      this.pairs = larger;
    }
    for (let at = 0; at < size; at++) this.pairs[this.used + at] = pairs[at]!;
    this.used += size;
  }
}
