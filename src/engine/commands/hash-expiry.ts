/**
 * Commands on the expiry of hash fields: Redis 7.4 and Valkey 9.0 and later.
 *
 * A time that is past removes the field at once; while a log is loaded it is set like any other (aof-format.md §1.1).
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { CommandLog, LogArgument } from '../command-log.js';
import { CommandError, type Reply } from '../reply.js';
import type { UnixMs } from '../unix-ms.js';
import type { HashObject } from '../values/hash-object.js';
import { isPast } from './expiry-arguments.js';
import { changedOrGone, hashAt } from './hash.js';
import { isLikeValkey, logRemoved } from './hash-expired.js';
import {
  asCText,
  expiryArgument,
  type FieldList,
  grammarOf,
  readFields,
  readPlainFields,
} from './hash-expiry-arguments.js';

/** What happened to a field, as HEXPIRE answers. */
const NO_FIELD = -2;
const NO_TTL = -1;
const NOT_MET = 0;
const DONE = 1;
const DELETED = 2;

const SECOND = 1000;
const BAD_COUNT = 'Parameter `numFields` should be greater than 0';

export const HASH_EXPIRY_COMMANDS: CommandTable = {
  HEXPIRE: (call) => hexpire(call, SECOND, call.nowMs),
  HPEXPIRE: (call) => hexpire(call, 1, call.nowMs),
  HEXPIREAT: (call) => hexpire(call, SECOND, 0),
  HPEXPIREAT: (call) => hexpire(call, 1, 0),
  HPERSIST: hpersist,
  HGETDEL: hgetdel,
};

interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

/** HEXPIRE key seconds [NX|XX|GT|LT] FIELDS numfields field [field ...] · HPEXPIRE, HEXPIREAT, HPEXPIREAT alike */
function hexpire(call: Call, unitMs: number, base: number): Reply {
  const { args } = call;
  const key = args[1]!;
  const isLate = grammarOf(call) === 'valkey';
  // Redis looks at the key first and then at the time, Valkey at the time and the key last.
  if (!isLate) hashAt(call, key);
  const early = isLate ? 0 : expiryArgument(call, args[2], unitMs, base);
  const conditions: Conditions = { nx: false, xx: false, gt: false, lt: false };
  const fields = readFields(call, { from: 3, step: 1, badCount: BAD_COUNT }, (at) =>
    readCondition(call, at, conditions),
  );
  checkSingle(call, conditions);
  const atMs = isLate ? expiryArgument(call, args[2], unitMs, base) : early;
  const hash = hashAt(call, key);
  if (hash === undefined) return new Array<number>(fields.count).fill(NO_FIELD);
  if (!isLikeValkey(call.engine)) hash.makeTimed();
  const names = fieldsOf(call, fields);
  const reply = names.map((field) => setExpiry(call, hash, field, atMs, conditions));
  if (call.dirty === 0) return reply;
  const isChanged = (_: ByteString, at: number): boolean => reply[at] === DONE || reply[at] === DELETED;
  if (isPast(call, atMs)) goneAtOnce(call, key, hash, names.filter(isChanged));
  else {
    if (call.log !== undefined) logTimes(call, call.log, atMs, fields, names.filter(isChanged));
    call.changed(key, 'h', 'hexpire');
  }
  return reply;
}

/** Redis names the fields that have got the time; Valkey leaves it to the replay to find out. */
function logTimes(
  { args, engine }: Call,
  log: CommandLog,
  atMs: UnixMs,
  { first, count }: FieldList,
  changed: readonly ByteString[],
): void {
  const line: LogArgument[] = [...args];
  if (!isOption(args[0], 'HPEXPIREAT')) line[0] = 'HPEXPIREAT';
  line[2] = atMs;
  if (!isLikeValkey(engine)) line.splice(first - 1, count + 1, changed.length, ...changed);
  log.replace(line);
}

/** HPERSIST key FIELDS numfields field [field ...] */
function hpersist(call: Call): Reply {
  const { args } = call;
  if (grammarOf(call) !== 'valkey') hashAt(call, args[1]!);
  const fields = readPlainFields(call, 2);
  const hash = hashAt(call, args[1]!);
  const reply: number[] = [];
  let persisted = 0;
  for (const field of fieldsOf(call, fields)) {
    const isThere = hash?.has(field) === true;
    const isChanged = isThere && hash.persist(field);
    if (isChanged) persisted++;
    reply.push(isChanged ? DONE : isThere ? NO_TTL : NO_FIELD);
  }
  if (persisted > 0) call.changed(args[1]!, 'h', 'hpersist');
  // Redis counts the command, Valkey its fields.
  call.dirty += isLikeValkey(call.engine) ? persisted : Math.min(1, persisted);
  return reply;
}

/** HGETDEL key FIELDS numfields field [field ...] */
function hgetdel(call: Call): Reply {
  const { args } = call;
  const key = args[1]!;
  if (grammarOf(call) !== 'valkey') hashAt(call, key);
  const fields = readPlainFields(call, 2);
  const hash = hashAt(call, key);
  const reply: Reply[] = [];
  for (const field of fieldsOf(call, fields)) {
    reply.push(hash?.get(field) ?? null);
    if (hash?.remove(field)) call.dirty++;
  }
  if (hash === undefined || call.dirty === 0) return reply;
  if (call.log !== undefined && !isLikeValkey(call.engine)) call.log.replace(['HDEL', key, ...fieldsOf(call, fields)]);
  changedOrGone(call, key, hash, 'hdel');
  return reply;
}

/** One field; answers as HEXPIRE, and counts what it changed. */
export function setExpiry(
  call: Call,
  hash: HashObject,
  field: ByteString,
  atMs: UnixMs,
  conditions: Conditions | undefined,
): number {
  if (!hash.has(field)) return NO_FIELD;
  const old = hash.expiryOf(field);
  if (conditions !== undefined && !isMet(conditions, old, atMs)) return NOT_MET;
  call.dirty++;
  if (isPast(call, atMs)) {
    hash.remove(field);
    return DELETED;
  }
  hash.setExpiry(field, atMs);
  return DONE;
}

/** Fields have been given a time that is past, and are gone: each of them stands in the log. */
export function goneAtOnce(call: Call, key: ByteString, hash: HashObject, fields: readonly ByteString[]): void {
  logRemoved(call.db, key, fields);
  call.log?.prevent();
  changedOrGone(call, key, hash, isLikeValkey(call.engine) ? 'hexpired' : 'hdel');
}

/** A field without expiry goes later than any. */
function isMet({ nx, xx, gt, lt }: Conditions, old: UnixMs | undefined, atMs: UnixMs): boolean {
  if (old === undefined) return !xx && !gt;
  return !nx && !(gt && atMs <= old) && !(lt && atMs >= old);
}

export function fieldsOf({ args }: Call, { first, count }: FieldList): readonly ByteString[] {
  return args.slice(first, first + count);
}

/** One condition at a position; beyond the last position, whether they go together. */
function readCondition(call: Call, at: number, conditions: Conditions): number {
  const grammar = grammarOf(call);
  const text = call.args[at];
  if (grammar === 'valkey' && isOption(text, 'FIELDS')) {
    checkCompatible(conditions);
    return 0;
  }
  const name = (['nx', 'xx', 'gt', 'lt'] as const).find((option) => isOption(text, option.toUpperCase()));
  if (name === undefined) {
    if (grammar === 'valkey') throw new CommandError(`ERR Unsupported option ${asCText(text!)}`);
    return 0;
  }
  conditions[name] = true;
  return 1;
}

/** Redis 8.6 takes a condition twice, but no other beside it, and says so at the end. */
function checkSingle(call: Call, { nx, xx, gt, lt }: Conditions): void {
  if (grammarOf(call) === 'free' && Number(nx) + Number(xx) + Number(gt) + Number(lt) > 1)
    throw new CommandError('ERR Multiple condition flags specified');
}

function checkCompatible({ nx, xx, gt, lt }: Conditions): void {
  if (nx && (xx || gt || lt))
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
  if (gt && lt) throw new CommandError('ERR GT and LT options at the same time are not compatible');
}
