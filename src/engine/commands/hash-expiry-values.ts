/** Commands that set or give values of hash fields together with their expiry: Redis 8.0 and Valkey 9.0 and later. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../call.js';
import type { CommandLog, LogArgument } from '../command-log.js';
import type { Reply } from '../reply.js';
import type { UnixMs } from '../unix-ms.js';
import type { HashObject } from '../values/hash-object.js';
import { isPast } from './expiry-arguments.js';
import { hashAt, hashToChange } from './hash.js';
import { isLikeValkey } from './hash-expired.js';
import { fieldsOf, goneAtOnce, setExpiry } from './hash-expiry.js';
import { type FieldList, grammarOf, POSITIVE_COUNT, readFields, readHsetexFields } from './hash-expiry-arguments.js';
import { checkOptions, type ExOptions, noOptions, readExOption, timeOf } from './hash-expiry-options.js';

export const HASH_EXPIRY_VALUE_COMMANDS: CommandTable = {
  HSETEX: hsetex,
  HGETEX: hgetex,
};

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
  const hash = existing ?? hashToChange(call, key);
  if (isLikeValkey(call.engine)) setFieldsAsValkey(call, hash, fields, atMs, options);
  else setFieldsAsRedis(call, hash, fields, atMs, options);
  return 1;
}

/** Redis sets each field, then its time, which may remove it again. */
function setFieldsAsRedis(
  call: Call,
  hash: HashObject,
  { first, count }: FieldList,
  atMs: UnixMs | undefined,
  options: ExOptions,
): void {
  const { args } = call;
  const key = args[1]!;
  const end = first + count * 2;
  hash.makeRoomFor(args, first, args.length);
  if (atMs !== undefined) hash.makeTimed();
  for (let at = first; at < end; at += 2) {
    hash.set(args[at]!, args[at + 1]!, options.keepsTtl || atMs !== undefined);
    if (atMs !== undefined) setExpiry(call, hash, args[at]!, atMs, undefined);
  }
  // Once per field, whatever else became of it.
  call.dirty = count;
  call.changed(key, 'h', 'hset');
  if (atMs === undefined) return;
  if (isPast(call, atMs)) {
    goneAtOnce(call, key, hash, fieldsOfPairs(call, first, count));
    return;
  }
  if (call.log !== undefined) call.log.replace(withTime(call, options, atMs));
  call.notify('h', 'hexpire', key);
}

/** Valkey removes fields whose time is past without having set them, and tells of all the same. */
function setFieldsAsValkey(
  call: Call,
  hash: HashObject,
  fields: FieldList,
  atMs: UnixMs | undefined,
  options: ExOptions,
): void {
  const { args } = call;
  const { first, count } = fields;
  const key = args[1]!;
  const isOver = atMs !== undefined && isPast(call, atMs);
  const removed: ByteString[] = [];
  for (let at = first; at < first + count * 2; at += 2) {
    if (isOver) {
      if (hash.remove(args[at]!)) removed.push(args[at]!);
      continue;
    }
    if (atMs !== undefined) hash.makeTimed();
    hash.set(args[at]!, args[at + 1]!, options.keepsTtl);
    if (atMs !== undefined) hash.setExpiry(args[at]!, atMs);
  }
  call.dirty = isOver ? removed.length : count;
  call.changed(key, 'h', 'hset');
  if (atMs !== undefined) call.notify('h', 'hexpire', key);
  if (isOver) goneAtOnce(call, key, hash, removed);
  else if (call.log !== undefined) call.log.replace(withoutConditions(withTime(call, options, atMs), fields));
}

/** The arguments with the time as it stands in a log: in absolute milliseconds. */
function withTime({ args }: Call, { timeAt, unitMs, isRelative }: ExOptions, atMs: UnixMs | undefined): LogArgument[] {
  const line: LogArgument[] = [...args];
  if (atMs !== undefined && (unitMs !== 1 || isRelative)) line.splice(timeAt - 1, 2, 'PXAT', atMs);
  return line;
}

const CONDITIONS: ReadonlySet<LogArgument> = new Set(['NX', 'XX', 'FNX', 'FXX']);

/** They were met. */
function withoutConditions(line: readonly LogArgument[], { first }: FieldList): LogArgument[] {
  return line.filter((arg, at) => at < 2 || at >= first || !CONDITIONS.has(String(arg).toUpperCase()));
}

function fieldsOfPairs({ args }: Call, first: number, count: number): ByteString[] {
  return Array.from({ length: count }, (_, at) => args[first + at * 2]!);
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
  if (isChanging && !isLikeValkey(call.engine)) hash.makeTimed();
  const reply: Reply[] = [];
  const changed: ByteString[] = [];
  for (const field of fieldsOf(call, fields)) {
    const value = hash.get(field);
    reply.push(value ?? null);
    if (value === undefined || !isChanging) continue;
    if (atMs === undefined && !hash.persist(field)) continue;
    if (atMs !== undefined) setExpiry(call, hash, field, atMs, undefined);
    changed.push(field);
  }
  call.dirty = changed.length;
  if (changed.length === 0) return reply;
  if (atMs !== undefined && isPast(call, atMs)) goneAtOnce(call, key, hash, changed);
  else {
    if (call.log !== undefined) logNewTime(call, call.log, fields, changed, atMs);
    call.changed(key, 'h', atMs === undefined ? 'hpersist' : 'hexpire');
  }
  return reply;
}

/** As the command that does nothing else; Valkey names the fields that it changes, Redis all of them. */
function logNewTime(
  call: Call,
  log: CommandLog,
  fields: FieldList,
  changed: readonly ByteString[],
  atMs: UnixMs | undefined,
): void {
  const key = call.args[1]!;
  const named = isLikeValkey(call.engine) ? changed : fieldsOf(call, fields);
  // Redis 8.0 rewrites what was sent.
  const word = grammarOf(call) === 'strict' ? call.args[fields.first - 2]! : 'FIELDS';
  const begin = atMs === undefined ? ['HPERSIST', key] : ['HPEXPIREAT', key, atMs];
  log.replace([...begin, word, named.length, ...named]);
}
