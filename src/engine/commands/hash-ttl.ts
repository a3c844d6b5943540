/** When fields of hashes expire: Redis 7.4 and Valkey 9.0 and later. */
import { integerArgument, isOption, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { type Reply, syntaxError } from '../reply.js';
import type { UnixMs } from '../unix-ms.js';
import { EX, EXAT, PX, PXAT, type TimeForm } from './expiry-arguments.js';
import { hashAt } from './hash.js';
import { isLikeValkey } from './hash-expired.js';
import { type FieldList, grammarOf, readPlainFields } from './hash-expiry-arguments.js';

export const HASH_TTL_COMMANDS: CommandTable = {
  HTTL: (call) => timesOf(call, EX),
  HPTTL: (call) => timesOf(call, PX),
  HEXPIRETIME: (call) => timesOf(call, EXAT),
  HPEXPIRETIME: (call) => timesOf(call, PXAT),
};

const NO_FIELD = -2;
const NO_TTL = -1;

/** HTTL key FIELDS numfields field [field ...] · HPTTL, HEXPIRETIME, HPEXPIRETIME alike */
function timesOf(call: Call, form: TimeForm): Reply {
  const { args } = call;
  // Redis looks at the key first, Valkey at the arguments.
  if (grammarOf(call) !== 'valkey') hashAt(call, args[1]!);
  const { first, count } = readTtlFields(call);
  const hash = hashAt(call, args[1]!);
  const reply: Reply[] = [];
  for (let at = first; at < first + count; at++) {
    const atMs = hash?.expiryOf(args[at]!);
    if (atMs !== undefined) reply.push(timeIn(call, atMs, form));
    else reply.push(hash?.has(args[at]!) ? NO_TTL : NO_FIELD);
  }
  return reply;
}

/** As the other commands have them; to Valkey all that is wrong is one syntax error. */
function readTtlFields(call: Call): FieldList {
  const { args } = call;
  if (grammarOf(call) !== 'valkey') return readPlainFields(call, 2);
  if (!isOption(args[2], 'FIELDS')) throw syntaxError();
  const count = Number(integerArgument(args[3]));
  if (count !== args.length - 4) throw syntaxError();
  return { first: 4, count };
}

/** Redis says seconds rounded up, Valkey to the nearest. */
function timeIn({ engine, nowMs }: Call, atMs: UnixMs, { isRelative, unitMs }: TimeForm): Reply {
  const ms = BigInt(atMs) - (isRelative ? BigInt(nowMs) : 0n);
  if (ms < 0n) return 0;
  return toNumber(unitMs === 1 ? ms : (ms + (isLikeValkey(engine) ? 500n : 999n)) / 1000n);
}
