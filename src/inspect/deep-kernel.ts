/** The deep check of rows in which nothing is wrong, by the compiled kernel (kernels/assembly/check.as.ts). */
import { CHECK_HASHES, CHECK_SEED, JSON_MAX_BLOB, ROW_COUNT, WINDOW } from '../kernels/memory-map.js';
import type { Workspace } from '../kernels/workspace.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { DuplicateKeys } from './duplicate-keys.js';

export class DeepKernel {
  private readonly hashes: Int32Array;

  private constructor(
    private readonly workspace: Workspace,
    private readonly driver: RdbDriver,
    private readonly duplicates: DuplicateKeys,
  ) {
    this.hashes = workspace.int32(CHECK_HASHES, 2 * ROW_COUNT);
    workspace.int32(JSON_MAX_BLOB, 1)[0] = Math.min(driver.limits.maxBlobBytes, 0x3fffffff);
    workspace.int32(CHECK_SEED, 1)[0] = duplicates.ledger?.seed ?? 0;
  }

  /** Undefined where the driver has no workspace. */
  static open(driver: RdbDriver, duplicates: DuplicateKeys): DeepKernel | undefined {
    const { workspace } = driver.window;
    return workspace && new DeepKernel(workspace, driver, duplicates);
  }

  /** Looks at rows from `from` on, their keys included, and returns the one that is left to TypeScript. */
  check(from: number, to: number): number {
    const { workspace, driver, duplicates } = this;
    if (driver.window.kernels === undefined) return from;
    const next = workspace.kernels.check(WINDOW, from, to);
    if (duplicates.ledger === undefined) for (let row = from; row < next; row++) duplicates.add(driver, row);
    else duplicates.ledger.addPairs(this.hashes, next - from);
    return next;
  }
}
