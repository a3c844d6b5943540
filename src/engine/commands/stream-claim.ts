/** Pending entries change their owners. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import {
  compareIds,
  type EntryId,
  FIRST_ID,
  formatId,
  idAfter,
  increment,
  parseId,
} from '../values/stream-object-id.js';
import type { PendingEntry, StreamConsumer } from '../values/stream-object-pending.js';
import {
  consumerAt,
  entryReply,
  groupToChange,
  idArgument,
  intervalStart,
  makesConsumersEarly,
  numberOr,
} from './stream-arguments.js';
import { GroupLog } from './stream-log.js';

export const STREAM_CLAIM_COMMANDS: CommandTable = { XCLAIM: xclaim, XAUTOCLAIM: xautoclaim };

/**
 * XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-ms] [RETRYCOUNT count] [FORCE] [JUSTID]
 *   [LASTID lastid]
 */
function xclaim(call: Call): Reply {
  const { args } = call;
  const { stream, group } = groupToChange(call);
  const minIdle = Math.max(0, numberOr(args[4], 'ERR Invalid min-idle-time argument for XCLAIM'));
  const ids: EntryId[] = [];
  let at = 5;
  for (; at < args.length; at++) {
    const id = parseId(args[at]!);
    if (id === undefined) break;
    ids.push(id);
  }
  const options = claimOptions(call, at);
  let hasMoved = compareIds(options.lastId, group.lastId) > 0;
  if (hasMoved) group.lastId = options.lastId;
  const claimer = new Claimer(call, stream, group, options);
  const replies: Reply[] = [];
  for (let index = 0; index < ids.length; index++) {
    const before = call.dirty;
    const reply = claimer.claim(ids[index]!, minIdle, args[5 + index]!);
    if (reply !== undefined) replies.push(reply);
    if (call.dirty !== before) hasMoved = false;
  }
  if (hasMoved) {
    claimer.log?.lastId({ key: args[1]!, group });
    call.dirty++;
  }
  claimer.log?.end();
  return replies;
}

/** XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID] */
function xautoclaim(call: Call): Reply {
  const { args, engine } = call;
  const minIdle = Math.max(0, numberOr(args[4], 'ERR Invalid min-idle-time argument for XAUTOCLAIM'));
  const start = intervalStart(call, args[5]!);
  const { count, isJustId } = autoclaimOptions(args);
  const { stream, group } = groupToChange(call);
  const options = { isJustId, isForced: false, atMs: call.nowMs, deliveries: undefined, lastId: FIRST_ID };
  const claimer = new Claimer(call, stream, group, options);
  const replies: Reply[] = [];
  const deleted: Reply[] = [];
  let left = count;
  let next = group.pending.atOrAfter(start);
  for (let attempts = count * ATTEMPTS; attempts > 0 && left > 0 && next !== undefined; attempts--) {
    const { id } = next;
    const before = group.pending.size;
    const reply = claimer.claim(id, minIdle);
    if (reply !== undefined) replies.push(reply);
    const isGone = group.pending.size < before;
    if (isGone) deleted.push(formatId(id));
    if (isGone || reply !== undefined) left--;
    const after = idAfter(id);
    next = after && group.pending.atOrAfter(after);
  }
  claimer.log?.end();
  const cursor = formatId(next?.id ?? FIRST_ID);
  return isSince(engine.settings.target, TELLS_DELETED) ? [cursor, replies, deleted] : [cursor, replies];
}

/** Since then entries that the stream has no more leave the group when somebody claims them. */
const TELLS_DELETED = { redis: '7.0', valkey: '7.2' } as const;
/** How many entries are looked at for one that may be claimed. */
const ATTEMPTS = 10;

interface ClaimOptions {
  readonly isForced: boolean;
  readonly isJustId: boolean;
  readonly atMs: number;
  /** Undefined: one more, unless {@link isJustId}. */
  readonly deliveries: number | bigint | undefined;
  readonly lastId: EntryId;
}

class Claimer {
  readonly log: GroupLog | undefined;
  private consumer: StreamConsumer | undefined;
  private readonly dropsDeleted: boolean;

  constructor(
    private readonly call: Call,
    private readonly stream: StreamObject,
    private readonly group: StreamGroup,
    private readonly options: ClaimOptions,
  ) {
    this.log = GroupLog.of(call);
    this.dropsDeleted = isSince(call.engine.settings.target, TELLS_DELETED);
    if (makesConsumersEarly(call)) this.owner();
  }

  /** The reply for this entry; undefined where it is not claimed. `text`: the id as it was sent. */
  claim(id: EntryId, minIdle: number, text?: ByteString): Reply | undefined {
    const { call, stream, group, options } = this;
    const isThere = stream.has(id);
    let entry = group.pending.find(id);
    if (!isThere && this.dropsDeleted) {
      if (entry === undefined) return undefined;
      this.logClaim(entry, text);
      group.removePending(id);
      call.dirty++;
      return undefined;
    }
    if (entry === undefined && options.isForced && isThere) entry = group.addPending(id, undefined, call.nowMs, 1);
    if (entry === undefined) return undefined;
    if (entry.consumer !== undefined && minIdle > 0 && call.nowMs - entry.deliveredAtMs < minIdle) return undefined;
    this.take(entry);
    this.logClaim(entry, text);
    call.dirty++;
    return options.isJustId ? formatId(id) : (entryReply(stream, id) ?? null);
  }

  private take(entry: PendingEntry): void {
    const { atMs, deliveries, isJustId } = this.options;
    const consumer = this.owner();
    this.group.give(entry, consumer);
    entry.deliveredAtMs = atMs;
    if (deliveries !== undefined) entry.deliveries = deliveries;
    else if (!isJustId) entry.deliveries = increment(entry.deliveries);
    consumer.activeAtMs = this.call.nowMs;
  }

  private logClaim(entry: PendingEntry, text: ByteString | undefined): void {
    const { group, call } = this;
    this.log?.claim({ key: call.args[1]!, group }, text ?? formatId(entry.id), entry, group.lastId);
  }

  private owner(): StreamConsumer {
    if (this.consumer === undefined) {
      const { call, group } = this;
      this.consumer = consumerAt(call, call.args[1]!, group, call.args[3]!);
      this.consumer.seenAtMs = call.nowMs;
    }
    return this.consumer;
  }
}

function claimOptions({ args, nowMs }: Call, from: number): ClaimOptions {
  let isForced = false;
  let isJustId = false;
  let atMs = -1;
  let deliveries: number | bigint = -1;
  let lastId = FIRST_ID;
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const value = args[at + 1];
    if (option === 'FORCE') {
      isForced = true;
    } else if (option === 'JUSTID') {
      isJustId = true;
    } else if (value === undefined || !VALUED.has(option)) {
      throw new CommandError(`ERR Unrecognized XCLAIM option '${args[at]}'`);
    } else {
      at++;
      if (option === 'LASTID') lastId = idArgument(value);
      else {
        const number = numberOr(value, `ERR Invalid ${option} option argument for XCLAIM`);
        if (option === 'IDLE') atMs = nowMs - number;
        else if (option === 'TIME') atMs = number;
        else deliveries = toNumber(BigInt(value));
      }
    }
  }
  if (atMs < 0 || atMs > nowMs) atMs = nowMs;
  return { isForced, isJustId, atMs, deliveries: deliveries < 0 ? undefined : deliveries, lastId };
}

const VALUED: ReadonlySet<string> = new Set(['IDLE', 'TIME', 'RETRYCOUNT', 'LASTID']);
const BAD_COUNT = 'ERR COUNT must be > 0';
const MAX_COUNT = (2n ** 63n - 1n) / 16n;

function autoclaimOptions(args: readonly ByteString[]): { readonly count: number; readonly isJustId: boolean } {
  let count = 100;
  let isJustId = false;
  for (let at = 6; at < args.length; at++) {
    if (isOption(args[at], 'JUSTID')) {
      isJustId = true;
    } else if (isOption(args[at], 'COUNT') && at + 1 < args.length) {
      at++;
      count = numberOr(args[at], BAD_COUNT);
      if (count < 1 || BigInt(args[at]!) > MAX_COUNT) throw new CommandError(BAD_COUNT);
    } else {
      throw syntaxError();
    }
  }
  return { count, isJustId };
}
