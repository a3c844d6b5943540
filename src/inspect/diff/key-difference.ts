/** A difference between two records of a key. */
import type { KeyAspect, KeyDifference, KeyState } from './difference.js';
import type { KeyFacts } from './key-table.js';

/** Of a key, from what is known of it in each file that has it. */
export function keyDifference(
  key: Uint8Array,
  before: KeyFacts | undefined,
  after: KeyFacts | undefined,
  differs: readonly KeyAspect[],
): KeyDifference {
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const { db } = (after ?? before)!;
  return {
    kind: 'key',
    change,
    db,
    key,
    before: before && stateOf(before),
    after: after && stateOf(after),
    differs,
  };
}

function stateOf({ type, expireHi, expireLo }: KeyFacts): KeyState {
  if (expireHi === -1 && expireLo === -1) return { type };
  return { type, expireAt: (BigInt(expireHi) << 32n) | BigInt(expireLo >>> 0) };
}
