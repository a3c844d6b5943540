/**
 * Commands on the expiry of hash fields: Redis 7.4 and Valkey 9.0 and later.
 *
 * A time that is past removes the field at once; while a log is loaded it is set like any other (aof-format.md §1.1).
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply } from '../reply.js';
import type { UnixMs } from '../unix-ms.js';
import type { HashObject } from '../values/hash-object.js';
import { isPast } from './expiry-arguments.js';
import { hashAt, hashToChange } from './hash.js';
import {
  asCText,
  expiryArgument,
  type FieldList,
  grammarOf,
  POSITIVE_COUNT,
  readFields,
  readHsetexFields,
  readPlainFields,
} from './hash-expiry-arguments.js';
import { checkOptions, noOptions, readExOption, timeOf } from './hash-expiry-options.js';

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
  HSETEX: hsetex,
  HGETEX: hgetex,
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
  if (!isLikeValkey(call)) hash.makeTimed();
  const reply: number[] = [];
  for (const field of fieldsOf(call, fields)) reply.push(setExpiry(call, hash, field, atMs, conditions));
  settle(call, key, hash);
  return reply;
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
  // Redis counts the command, Valkey its fields.
  call.dirty += isLikeValkey(call) ? persisted : Math.min(1, persisted);
  return reply;
}

/**
 * HSETEX key [NX|XX] [FNX|FXX] [EX seconds|PX milliseconds|EXAT seconds|PXAT milliseconds|KEEPTTL]
 * FIELDS numfields field value [field value ...]
 */
function hsetex(call: Call): Reply {
  const { args } = call;
  const key = args[1]!;
  const options = noOptions();
  const fields = readHsetexFields(call, (at) => readExOption(call, at, options, true));
  checkOptions(call, options, true);
  const existing = hashAt(call, key);
  if ((options.keyNew && existing !== undefined) || (options.keyThere && existing === undefined)) return 0;
  const atMs = timeOf(call, options);
  if (options.fieldsThere && existing === undefined) return 0;
  for (let at = fields.first; existing !== undefined && at < fields.first + fields.count * 2; at += 2) {
    const isThere = existing.has(args[at]!);
    if ((options.fieldsNew && isThere) || (options.fieldsThere && !isThere)) return 0;
  }
  if (isLikeValkey(call)) setFieldsAsValkey(call, existing, fields, atMs, options.keepsTtl);
  else setFieldsAsRedis(call, hashToChange(call, key), fields, atMs, options.keepsTtl);
  return 1;
}

/** HGETEX key [EX seconds|PX milliseconds|EXAT seconds|PXAT milliseconds|PERSIST] FIELDS numfields field [field ...] */
function hgetex(call: Call): Reply {
  const { args } = call;
  const key = args[1]!;
  const grammar = grammarOf(call);
  if (grammar !== 'valkey') hashAt(call, key);
  const options = noOptions();
  const badCount = grammar === 'strict' ? POSITIVE_COUNT : 'invalid number of fields';
  const fields = readFields(call, { from: 2, step: 1, badCount }, (at) => readExOption(call, at, options, false));
  checkOptions(call, options, false);
  const hash = hashAt(call, key);
  const atMs = timeOf(call, options);
  if (hash === undefined) return new Array<null>(fields.count).fill(null);
  const isChanging = options.persists || atMs !== undefined;
  if (isChanging && !isLikeValkey(call)) hash.makeTimed();
  const reply: Reply[] = [];
  for (const field of fieldsOf(call, fields)) {
    const value = hash.get(field);
    reply.push(value ?? null);
    if (value === undefined) continue;
    if (atMs !== undefined) setExpiry(call, hash, field, atMs, undefined);
    else if (options.persists && hash.persist(field)) call.dirty++;
  }
  settle(call, key, hash);
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
  if (hash !== undefined) settle(call, key, hash);
  return reply;
}

/** Redis sets each field, then its time, which may remove it again. */
function setFieldsAsRedis(
  call: Call,
  hash: HashObject,
  { first, count }: FieldList,
  atMs: UnixMs | undefined,
  keepsTtl: boolean,
): void {
  const { args } = call;
  const end = first + count * 2;
  hash.makeRoomFor(args, first, args.length);
  if (atMs !== undefined) hash.makeTimed();
  for (let at = first; at < end; at += 2) {
    hash.set(args[at]!, args[at + 1]!, keepsTtl || atMs !== undefined);
    if (atMs !== undefined) setExpiry(call, hash, args[at]!, atMs, undefined);
  }
  // Once per field, whatever else became of it.
  call.dirty = count;
  settle(call, args[1]!, hash);
}

/** Valkey removes fields whose time is past without having set them. */
function setFieldsAsValkey(
  call: Call,
  existing: HashObject | undefined,
  { first, count }: FieldList,
  atMs: UnixMs | undefined,
  keepsTtl: boolean,
): void {
  const { args } = call;
  const end = first + count * 2;
  if (atMs !== undefined && isPast(call, atMs)) {
    for (let at = first; at < end; at += 2) if (existing?.remove(args[at]!)) call.dirty++;
    if (existing !== undefined) settle(call, args[1]!, existing);
    return;
  }
  const hash = existing ?? hashToChange(call, args[1]!);
  for (let at = first; at < end; at += 2) {
    if (atMs !== undefined) hash.makeTimed();
    hash.set(args[at]!, args[at + 1]!, keepsTtl);
    if (atMs !== undefined) hash.setExpiry(args[at]!, atMs);
    call.dirty++;
  }
}

/** One field; answers as HEXPIRE, and counts what it changed. */
function setExpiry(
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

/** A field without expiry goes later than any. */
function isMet({ nx, xx, gt, lt }: Conditions, old: UnixMs | undefined, atMs: UnixMs): boolean {
  if (old === undefined) return !xx && !gt;
  return !nx && !(gt && atMs <= old) && !(lt && atMs >= old);
}

function settle({ db }: Call, key: ByteString, hash: HashObject): void {
  if (hash.size === 0) db.delete(key);
}

function fieldsOf({ args }: Call, { first, count }: FieldList): readonly ByteString[] {
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

function isLikeValkey({ engine }: Call): boolean {
  return engine.settings.target.family === 'valkey';
}
