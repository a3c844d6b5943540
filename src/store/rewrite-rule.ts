/** When a log is rewritten by itself, and how long nobody tries again after failures (aof-format.md §4.5). */

/** So many failures in a row are let pass. */
const FREE_FAILURES = 3;
const FIRST_DELAY_SECONDS = 60;
const MOST_DELAY_SECONDS = 3600;

export interface GrowthSettings {
  /** `auto-aof-rewrite-percentage` */
  readonly autoAofRewritePercentage: number;
  /** `auto-aof-rewrite-min-size` */
  readonly autoAofRewriteMinSize: number;
}

/** Whether a log has grown enough. Sizes in bytes: now, and after the last rewrite or load. */
export function hasGrown(
  { autoAofRewritePercentage, autoAofRewriteMinSize }: GrowthSettings,
  sizeBytes: number,
  baseBytes: number,
): boolean {
  if (autoAofRewritePercentage === 0 || sizeBytes <= autoAofRewriteMinSize) return false;
  const growth = Math.floor((sizeBytes * 100) / Math.max(1, baseBytes)) - 100;
  return growth >= autoAofRewritePercentage;
}

/** Failures in a row, and the pauses that they call for: a minute, two, four, up to an hour. */
export class RewritePauses {
  failures = 0;
  private delaySeconds = 0;
  private untilSeconds: number | undefined;

  /** How long the pause is that goes on; undefined where there is none. */
  get pauseSeconds(): number | undefined {
    return this.untilSeconds === undefined ? undefined : this.delaySeconds;
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(): void {
    this.failures++;
  }

  /** Whether nobody should try right now. Begins a pause where one is due. */
  isPausing(nowSeconds: number): boolean {
    if (this.failures < FREE_FAILURES) {
      this.delaySeconds = 0;
      this.untilSeconds = undefined;
      return false;
    }
    if (this.untilSeconds === undefined) {
      this.delaySeconds = Math.min(MOST_DELAY_SECONDS, this.delaySeconds * 2 || FIRST_DELAY_SECONDS);
      this.untilSeconds = nowSeconds + this.delaySeconds;
      return true;
    }
    if (nowSeconds < this.untilSeconds) return true;
    this.untilSeconds = undefined;
    return false;
  }
}
