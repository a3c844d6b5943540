/** One filter over the shards of a data set: compiled anew for each, with one limit for all of them. */
import type { ByteSource } from '../bytes/source.js';
import type { RdbDriver } from '../rdb/driver.js';
import { compileFilter, type KeyFilter, type RowFilter } from '../rdb/filter.js';

export class ShardFilter implements RowFilter {
  private current: RowFilter | undefined;
  private left: number;

  constructor(
    private readonly filter: KeyFilter,
    private readonly nowMs: number,
  ) {
    this.left = filter.limit ?? Infinity;
  }

  /** The next rows come from `source`. */
  next(source: ByteSource): void {
    const { limit: _, ...rest } = this.filter;
    this.current = compileFilter(rest, this.nowMs, source);
  }

  get exhausted(): boolean {
    return this.left <= 0;
  }

  accepts(driver: RdbDriver, row: number): boolean {
    if (this.left <= 0 || !this.current!.accepts(driver, row)) return false;
    this.left--;
    return true;
  }

  acceptsLarge(driver: RdbDriver, row: number): boolean {
    if (this.left <= 0 || !this.current!.acceptsLarge(driver, row)) return false;
    this.left--;
    return true;
  }
}
