/** What has become of keys so far. */
import type { FailureCode, ImportCounts, KeyFailure } from './model.js';
import { UNIT, type UnitKind } from './units/unit-batch.js';

/** Failures that a result lists. */
const MAX_LISTED = 100;

/** Of some units. */
export class Counts {
  sent = 0;
  skipped = 0;
  replaced = 0;
  failed = 0;
  expired = 0;
  functions = 0;
  /** Function libraries among those that were skipped or failed. */
  otherFunctions = 0;

  /** A unit arrived. */
  done(kind: UnitKind): void {
    if (kind === UNIT.FUNCTION) this.functions++;
    else this.sent++;
  }

  /** The target has one, which stays. */
  leave(kind: UnitKind): void {
    this.skipped++;
    if (kind === UNIT.FUNCTION) this.otherFunctions++;
  }

  /** A unit will not arrive. */
  fail(kind: UnitKind): void {
    this.failed++;
    if (kind === UNIT.FUNCTION) this.otherFunctions++;
  }

  add(other: Omit<ImportCounts, 'keys'> & { readonly otherFunctions?: number }): void {
    this.sent += other.sent;
    this.skipped += other.skipped;
    this.replaced += other.replaced;
    this.failed += other.failed;
    this.expired += other.expired;
    this.functions += other.functions;
    this.otherFunctions += other.otherFunctions ?? 0;
  }

  get plain(): ImportCounts {
    const { sent, skipped, replaced, failed, expired, functions, otherFunctions } = this;
    return {
      keys: sent + skipped + failed + expired - otherFunctions,
      sent,
      skipped,
      replaced,
      failed,
      expired,
      functions,
    };
  }
}

/** Of an import, with what it cost. */
export class Tally extends Counts {
  sentBytes = 0;
  requests = 0;
  retries = 0;
  asCommands = 0;
  readonly failures: KeyFailure[] = [];

  constructor(private readonly onFailure: ((failure: KeyFailure) => void) | undefined) {
    super();
  }

  /** Lists a failure, which is counted with its batch. */
  tell(kind: UnitKind, db: number, key: Uint8Array, code: FailureCode, message: string): void {
    const failure: KeyFailure = { kind: kind === UNIT.FUNCTION ? 'function' : 'key', db, key, code, message };
    if (this.failures.length < MAX_LISTED) this.failures.push(failure);
    this.onFailure?.(failure);
  }
}
