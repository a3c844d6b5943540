/** Hashes for servers that keep no expiry per field, or a smaller one; and what the user wants done to such expiries. */
import { MAX_FIELD_EXPIRE_MS } from '../rdb/constants.js';
import type { HashField, HashValue } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';
import type { ExpiryMover } from './expiry-action.js';
import type { LossKind } from './loss.js';

/** A part that cannot be carried over. */
export interface PartLoss {
  readonly what: LossKind;
  readonly detail: string;
}

export interface FieldRules {
  readonly target: Target;
  readonly expiry: ExpiryMover;
  /** Fields that expired before this are left out; −Infinity: none. Unix ms. */
  readonly skipExpiredBeforeMs: number;
  /** Unix ms: where expiries cannot be kept, fields that have expired by now must not come back to life. */
  readonly nowMs: number;
}

/** What becomes of one field: its own expiry, and whether it stays at all. */
export interface FieldFate {
  readonly stays: boolean;
  readonly expireAtMs: number | undefined;
  readonly loses: boolean;
}

const STAYS: FieldFate = { stays: true, expireAtMs: undefined, loses: false };
const STAYS_FOREVER: FieldFate = { stays: true, expireAtMs: undefined, loses: true };
const EXPIRED: FieldFate = { stays: false, expireAtMs: undefined, loses: false };

export function holdsFieldExpiry(target: Target): boolean {
  return target.writes.hashExpiry !== undefined;
}

/** Decides about a field from its expiry alone. */
export function decideField(expireAtMs: number | undefined, rules: FieldRules): FieldFate {
  if (expireAtMs === undefined) return STAYS;
  const { target, expiry, skipExpiredBeforeMs, nowMs } = rules;
  if (expireAtMs < skipExpiredBeforeMs) return EXPIRED;
  const moved = expiry.moveMs(expireAtMs);
  if (moved === undefined) return STAYS;
  // Without its expiry a field that has expired would come back to life: it is gone, and with it what there was to lose.
  if (!holdsFieldExpiry(target)) return moved < nowMs ? EXPIRED : STAYS_FOREVER;
  if (target.dialect === 'valkey') return { stays: true, expireAtMs: moved, loses: false };
  if (moved > MAX_FIELD_EXPIRE_MS) return STAYS_FOREVER;
  // In most forms of Redis a time of 0 stands for none. Both 0 and 1 have long passed.
  return { stays: true, expireAtMs: Math.max(1, moved), loses: false };
}

export interface AdaptedHash {
  readonly value: HashValue;
  readonly losses: PartLoss[];
  /** Fields that were left out because they had expired. */
  readonly expired: number;
}

/** The fields that stay, with the expiries that the target can keep. */
export function adaptHash(value: HashValue, rules: FieldRules): AdaptedHash {
  const fields: HashField[] = [];
  let losing = 0;
  for (const field of value.fields) {
    const fate = decideField(field.expireAtMs, rules);
    if (fate.loses) losing++;
    if (!fate.stays) continue;
    if (fate.expireAtMs === field.expireAtMs) fields.push(field);
    else fields.push(timed(field, fate.expireAtMs));
  }
  return {
    value: { ...value, fields },
    losses: losing === 0 ? [] : [fieldLoss(losing, value.fields.length)],
    expired: value.fields.length - fields.length,
  };
}

export function fieldLoss(losing: number, fields: number): PartLoss {
  return { what: 'field-expiry', detail: `${losing} of ${fields} fields have an expiry` };
}

function timed({ field, value }: HashField, expireAtMs: number | undefined): HashField {
  return expireAtMs === undefined ? { field, value } : { field, value, expireAtMs };
}
