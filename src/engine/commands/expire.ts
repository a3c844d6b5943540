/** When keys expire: set, taken away, asked for. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { CommandLog } from '../command-log.js';
import { CommandError, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { UnixMs } from '../unix-ms.js';
import { expireNow } from './deletion.js';
import { anyTime, EX, EXAT, isPast, PX, PXAT, type TimeForm } from './expiry-arguments.js';

export const EXPIRE_COMMANDS: CommandTable = {
  EXPIRE: (call) => expire(call, EX),
  PEXPIRE: (call) => expire(call, PX),
  EXPIREAT: (call) => expire(call, EXAT),
  PEXPIREAT: (call) => expire(call, PXAT),
  PERSIST: persist,
  TTL: (call) => timeLeft(call, EX),
  PTTL: (call) => timeLeft(call, PX),
  EXPIRETIME: (call) => timeLeft(call, EXAT),
  PEXPIRETIME: (call) => timeLeft(call, PXAT),
};

/** EXPIRE key seconds [NX | XX | GT | LT] · PEXPIRE key ms · EXPIREAT key seconds · PEXPIREAT key ms, with the same options */
function expire(call: Call, form: TimeForm): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const condition = args.length > 3 ? parseCondition(call) : undefined;
  const atMs = anyTime(call, args[2], form);
  if (!db.has(key)) return 0;
  if (condition !== undefined && !allows(condition, db.expiryOf(key), atMs)) return 0;
  if (isPast(call, atMs)) expireNow(call, key);
  else {
    db.setExpiry(key, atMs);
    if (call.log !== undefined && (form.isRelative || form.unitMs === 1000)) logExpiry(call, call.log, atMs);
    call.changed(key, 'g', 'expire');
  }
  call.dirty++;
  return 1;
}

/** Conditions stay: a replay finds the same expiry. */
function logExpiry({ engine, args }: Call, log: CommandLog, atMs: UnixMs): void {
  const [, key, , ...conditions] = args as [ByteString, ByteString, ByteString];
  if (isSince(engine.settings.target, { redis: '2.6', valkey: '7.2' }))
    log.replace(['PEXPIREAT', key, atMs, ...conditions]);
  else log.replace(['EXPIREAT', key, Math.floor(Number(atMs) / 1000)]);
}

/** PERSIST key */
function persist(call: Call): Reply {
  const { db, args } = call;
  if (!db.has(args[1]!) || !db.persist(args[1]!)) return 0;
  call.changed(args[1]!, 'g', 'persist');
  call.dirty++;
  return 1;
}

/** TTL key · PTTL key · EXPIRETIME key · PEXPIRETIME key */
function timeLeft({ db, args, nowMs }: Call, { isRelative, unitMs }: TimeForm): Reply {
  if (!db.has(args[1]!)) return -2;
  const atMs = db.expiryOf(args[1]!);
  if (atMs === undefined) return -1;
  const fromMs = isRelative ? nowMs : 0;
  if (typeof atMs === 'bigint' || atMs > LAST_EXACT) return farTimeLeft(BigInt(atMs) - BigInt(fromMs), unitMs);
  const ms = Math.max(0, atMs - fromMs);
  return unitMs === 1 ? ms : Math.floor((ms + 500) / 1000);
}

/** Up to here half a second can be added. */
const LAST_EXACT = Number.MAX_SAFE_INTEGER - 500;

function farTimeLeft(ms: bigint, unitMs: number): Reply {
  if (ms < 0n) return 0;
  return toNumber(unitMs === 1 ? ms : (ms + 500n) / 1000n);
}

interface Condition {
  isNx: boolean;
  isXx: boolean;
  isGt: boolean;
  isLt: boolean;
}

function parseCondition({ args }: Call): Condition {
  const condition: Condition = { isNx: false, isXx: false, isGt: false, isLt: false };
  for (let at = 3; at < args.length; at++) {
    if (isOption(args[at], 'NX')) condition.isNx = true;
    else if (isOption(args[at], 'XX')) condition.isXx = true;
    else if (isOption(args[at], 'GT')) condition.isGt = true;
    else if (isOption(args[at], 'LT')) condition.isLt = true;
    else throw new CommandError(`ERR Unsupported option ${args[at]}`);
  }
  const { isNx, isXx, isGt, isLt } = condition;
  if (isNx && (isXx || isGt || isLt))
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
  if (isGt && isLt) throw new CommandError('ERR GT and LT options at the same time are not compatible');
  return condition;
}

/** No expiry counts as the latest of all. */
function allows({ isNx, isXx, isGt, isLt }: Condition, current: UnixMs | undefined, atMs: UnixMs): boolean {
  if (isNx && current !== undefined) return false;
  if (isXx && current === undefined) return false;
  if (isGt && (current === undefined || atMs <= current)) return false;
  return !isLt || current === undefined || atMs < current;
}
