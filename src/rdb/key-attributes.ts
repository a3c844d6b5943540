/**
 * What stands before a key's type byte: expiry, idle time or LFU counter, metadata (rdb-format.md §6.1). The reading side
 * is skim.ts.
 *
 *     FC + int64 ms  or, before version 3, FD + int32 s        F8 + len seconds        F9 + byte        F3 + classes
 */
import { EncodeError } from '../bytes/errors.js';
import type { Int64 } from '../bytes/int64.js';
import { encodeMetaClass } from '../codecs/module-id.js';
import { OPCODE } from './constants.js';
import type { KeyMeta } from './model.js';
import { writeModuleItems } from './types/module.js';
import type { ValueOutput } from './value-output.js';

/** All that a file says about a key beside its name and value: a KeyEntry has this shape, and so has a KeyInfo. */
export interface KeyAttributes {
  readonly db: number;
  /** Unix ms; `expireAt` goes first where both are there. */
  readonly expireAtMs?: number | undefined;
  /** The same as 64 bits, which hold every stored time. */
  readonly expireAt?: Int64 | undefined;
  readonly idleSeconds?: number | undefined;
  readonly freq?: number | undefined;
  readonly meta?: readonly KeyMeta[] | undefined;
}

/** More classes than this no loader takes. */
const MAX_META_CLASSES = 7;
const MAX_INT32 = 0x7fffffff;

/**
 * Writes the attributes that the target takes, in the servers' order: expiry, idle time, counter, metadata. Idle time,
 * counter and metadata are left out where the target has no record for them; sub-second expiry is rounded up where it
 * keeps seconds. An expiry of −1, which servers never write and take for none, is left out.
 *
 * Throws EncodeError for numbers that no file holds, and for an expiry beyond 2038 where the target keeps seconds in 32 bits.
 */
export function writeKeyAttributes(to: ValueOutput, attributes: KeyAttributes): void {
  const { expireAt, expireAtMs, idleSeconds, freq, meta } = attributes;
  const { records } = to.target;
  if (expireAt !== undefined) writeExpiryBits(to, expireAt);
  else if (expireAtMs !== undefined) writeExpiry(to, expireAtMs);
  if (records.idleAndFreq) {
    if (idleSeconds !== undefined) writeIdle(to, idleSeconds);
    if (freq !== undefined) writeFreq(to, freq);
  }
  if (meta !== undefined && meta.length > 0 && records.keyMeta) writeKeyMeta(to, meta);
}

/** F3 of Redis 8.6 and later, as it stands before a type byte and at the head of a DUMP payload. */
export function writeKeyMeta(to: ValueOutput, meta: readonly KeyMeta[]): void {
  if (meta.length > MAX_META_CLASSES)
    throw new EncodeError(`a key has ${meta.length} metadata classes, 7 at the most fit`);
  to.out.byte(OPCODE.REDIS_KEY_META);
  to.length(meta.length);
  for (const metaClass of meta) {
    to.out.int32Le(specOf(metaClass));
    writeModuleItems(to, metaClass.items);
  }
}

function specOf(metaClass: KeyMeta): number {
  try {
    return encodeMetaClass(metaClass);
  } catch (error) {
    throw new EncodeError(`a metadata class has a name that cannot be: ${(error as Error).message}`, { cause: error });
  }
}

function writeExpiryBits(to: ValueOutput, expireAt: Int64): void {
  if (expireAt.isAllOnes()) return;
  if (!to.target.records.expireMs) {
    writeExpiry(to, expireAt.toNumber());
    return;
  }
  to.out.byte(OPCODE.EXPIRETIME_MS);
  to.out.int64Le(expireAt);
}

function writeExpiry(to: ValueOutput, ms: number): void {
  if (!Number.isSafeInteger(ms)) throw new EncodeError(`${ms} is no expiry in ms`);
  if (ms === -1) return;
  const { out } = to;
  if (to.target.records.expireMs) {
    out.byte(OPCODE.EXPIRETIME_MS);
    const hi = Math.floor(ms / 0x100000000);
    out.int32Le(ms - hi * 0x100000000);
    out.int32Le(hi);
    return;
  }
  const seconds = Math.ceil(ms / 1000);
  if (seconds > MAX_INT32 || seconds < -MAX_INT32) {
    throw new EncodeError(
      `an expiry of ${seconds} s does not fit the signed 32 bits that ${to.target.name} has for it`,
    );
  }
  out.byte(OPCODE.EXPIRETIME);
  out.int32Le(seconds);
}

function writeIdle(to: ValueOutput, seconds: number): void {
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new EncodeError(`${seconds} is no idle time in seconds`);
  to.out.byte(OPCODE.IDLE);
  to.length(seconds);
}

function writeFreq(to: ValueOutput, freq: number): void {
  if (!Number.isInteger(freq) || freq < 0 || freq > 0xff)
    throw new EncodeError(`${freq} is no LFU counter, they go from 0 to 255`);
  to.out.byte(OPCODE.FREQ);
  to.out.byte(freq);
}
