/** Counts what was found, and keeps the first differences of each kind. */
import { assertNever } from '../../bytes/errors.js';
import type { VerifyCounts, VerifyDifference } from './model.js';

/** Differences that are kept, of each kind. */
const MAX_KEPT = 100;

/** What became of one key. */
export type Outcome = 'same' | 'missing' | 'different' | 'expired' | 'unknown';

export class VerifyTally {
  unknown = 0;
  private keys = 0;
  private same = 0;
  private missing = 0;
  private different = 0;
  private expired = 0;
  private readonly kept: Record<VerifyDifference['kind'], VerifyDifference[]> = {
    missing: [],
    extra: [],
    different: [],
  };

  constructor(private readonly onDifference: ((difference: VerifyDifference) => void) | undefined) {}

  count(outcome: Outcome): void {
    this.keys++;
    switch (outcome) {
      case 'same':
        this.same++;
        return;
      case 'missing':
        this.missing++;
        return;
      case 'different':
        this.different++;
        return;
      case 'expired':
        this.expired++;
        return;
      case 'unknown':
        this.unknown++;
        return;
      default:
        assertNever(outcome);
    }
  }

  report(difference: VerifyDifference): void {
    const kept = this.kept[difference.kind];
    if (kept.length < MAX_KEPT) kept.push(difference);
    this.onDifference?.(difference);
  }

  /** Whether one more example would be kept, or heard. */
  wants(kind: VerifyDifference['kind']): boolean {
    return this.kept[kind].length < MAX_KEPT || this.onDifference !== undefined;
  }

  counts(): VerifyCounts {
    const { keys, same, missing, different, expired } = this;
    return { keys, same, missing, different, expired };
  }

  get differences(): VerifyDifference[] {
    const { missing, different, extra } = this.kept;
    return [...missing, ...different, ...extra];
  }
}
