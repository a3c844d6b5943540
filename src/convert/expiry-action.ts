/**
 * What is done to expiries (cli.md, "Action on expiry"): those of keys and those of hash fields alike.
 *
 *     keep · strip · +1h · -30m · rebase · rebase=2026-01-31T12:00:00Z
 */
import { EncodeError } from '../bytes/errors.js';
import type { Int64 } from '../bytes/int64.js';
import { FilterTextError, parseDurationMs } from '../rdb/filter-text.js';

/** `shift` moves every expiry; `rebase` moves it by what lies between the snapshot and `toMs` (default: now). Unix ms. */
export type ExpiryAction =
  | { readonly action: 'keep' }
  | { readonly action: 'strip' }
  | { readonly action: 'shift'; readonly byMs: number }
  | { readonly action: 'rebase'; readonly toMs?: number };

export const KEEP_EXPIRY: ExpiryAction = { action: 'keep' };

/** Throws FilterTextError. */
export function parseExpiryAction(text: string): ExpiryAction {
  const word = text.trim();
  if (word === 'keep' || word === 'strip' || word === 'rebase') return { action: word };
  if (word.startsWith('rebase=')) return { action: 'rebase', toMs: parseTimeMs(word.slice('rebase='.length)) };
  const sign = word[0];
  if (sign !== '+' && sign !== '-') {
    throw new FilterTextError(`'${text}' is no action on expiry: write keep, strip, +1h, -30m, rebase or rebase=TIME`);
  }
  const byMs = parseDurationMs(word.slice(1));
  return { action: 'shift', byMs: sign === '-' ? -byMs : byMs };
}

/** Unix ms, or ISO 8601, in UTC where it names no zone. Throws FilterTextError. */
export function parseTimeMs(text: string): number {
  const word = text.trim();
  const number = /^\d+$/.test(word) ? Number(word) : parseIso(word);
  if (!Number.isSafeInteger(number))
    throw new FilterTextError(`'${text}' is no time: write Unix ms, or 2026-01-31T12:00:00Z`);
  return number;
}

function parseIso(word: string): number {
  const match = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(word);
  if (match === null) return NaN;
  const hasTime = word.length > 'YYYY-MM-DD'.length;
  return Date.parse(hasTime && match[1] === undefined ? `${word.replace(' ', 'T')}Z` : word.replace(' ', 'T'));
}

const MAX_INT64 = 2n ** 63n - 1n;
/** A time that has passed for everybody and is not −1, which stands for "none". */
const LONG_AGO_MS = 1;

/** Applies an action to one time after another. */
export class ExpiryMover {
  /** False: every expiry stays as it is. */
  readonly isActive: boolean;
  /** When the snapshot was taken, Unix ms: the aux field `ctime`, once it has been read. */
  createdAtMs: number | undefined;

  constructor(
    private readonly action: ExpiryAction,
    private readonly nowMs: number,
  ) {
    this.isActive = action.action !== 'keep';
  }

  /** Every expiry is taken away. */
  get strips(): boolean {
    return this.action.action === 'strip';
  }

  /** What the snapshot's time becomes, Unix ms; undefined where it stays. */
  get rebasedAtMs(): number | undefined {
    return this.action.action === 'rebase' ? (this.action.toMs ?? this.nowMs) : undefined;
  }

  /** Moves `at`, Unix ms; false: it is to be taken away. Throws EncodeError for a rebase without `ctime`. */
  move(at: Int64): boolean {
    const { action } = this;
    if (action.action === 'keep') return true;
    if (action.action === 'strip') return false;
    const moved = at.signed() + BigInt(this.distance());
    const value = moved < LONG_AGO_MS ? BigInt(LONG_AGO_MS) : moved > MAX_INT64 ? MAX_INT64 : moved;
    at.set(Number(value >> 32n), Number(BigInt.asIntN(32, value)));
    return true;
  }

  /** As {@link move}, for the expiry of a field; undefined: it is to be taken away. */
  moveMs(atMs: number): number | undefined {
    const { action } = this;
    if (action.action === 'keep') return atMs;
    if (action.action === 'strip') return undefined;
    return Math.max(LONG_AGO_MS, Math.min(Number.MAX_SAFE_INTEGER, atMs + this.distance()));
  }

  private distance(): number {
    const { action } = this;
    if (action.action === 'shift') return action.byMs;
    const to = this.rebasedAtMs;
    if (to === undefined) return 0;
    if (this.createdAtMs === undefined) {
      throw new EncodeError(
        'this dump does not say when it was made (no aux field ctime), so expiries cannot be rebased',
      );
    }
    return to - this.createdAtMs;
  }
}
