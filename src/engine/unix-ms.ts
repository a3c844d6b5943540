/**
 * Times of expiry. A server holds 64 bits of milliseconds; what is due before the year 287396 is a plain number here, and
 * nobody but the few that lie beyond pays for them.
 */
import { Int64 } from '../bytes/int64.js';
import { toNumber } from './arguments.js';

/** Unix ms: a number where that is exact, else a bigint. */
export type UnixMs = number | bigint;

/** The expiry of a key or of a field, as entries and their fields have it. */
export interface ExpiryAttributes {
  readonly expireAtMs?: number;
  readonly expireAt?: Int64;
}

/** The exact time of an entry, or of a field; undefined without expiry. */
export function unixMsOf({ expireAtMs, expireAt }: ExpiryAttributes): UnixMs | undefined {
  return expireAt === undefined ? expireAtMs : toNumber(expireAt.signed());
}

/** The other way round. */
export function expiryAttributes(atMs: UnixMs): ExpiryAttributes {
  if (typeof atMs === 'number' && Number.isSafeInteger(atMs)) return { expireAtMs: atMs };
  const bits = BigInt(atMs);
  const expireAt = new Int64();
  expireAt.set(Number(BigInt.asIntN(32, bits >> 32n)), Number(BigInt.asIntN(32, bits)));
  return { expireAtMs: expireAt.toNumber(), expireAt };
}

/** Whether a time is earlier than one that is a safe number. */
export function isBefore(atMs: UnixMs, nowMs: number): boolean {
  return typeof atMs === 'number' ? atMs < nowMs : atMs < 0n;
}

/** Whether a time is not later than one that is a safe number. */
export function isReached(atMs: UnixMs, nowMs: number): boolean {
  return typeof atMs === 'number' ? atMs <= nowMs : atMs < 0n;
}
