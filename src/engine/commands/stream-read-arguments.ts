/** Arguments of XREAD and XREADGROUP. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, numberArgument, parseInt64 } from '../arguments.js';
import type { Call } from '../call.js';
import { CommandError, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';

export interface ReadOptions {
  /** Group and consumer; undefined: of XREAD. */
  readonly reader: Reader | undefined;
  /** At most so many entries of each stream. */
  readonly most: number;
  /** Undefined: nobody waits; 0: for ever. */
  readonly timeoutMs: number | undefined;
  readonly isNoAck: boolean;
  /** What is pending for so long is claimed (8.4); undefined: nothing is. */
  readonly claimIdleMs: number | undefined;
  readonly keys: readonly ByteString[];
  readonly ids: readonly ByteString[];
}

export interface Reader {
  readonly group: ByteString;
  readonly consumer: ByteString;
}

/** Throws what servers answer. */
export function readOptions(call: Call, isGroup: boolean): ReadOptions {
  const { args } = call;
  let reader: Reader | undefined;
  let most = Number.POSITIVE_INFINITY;
  let timeoutMs: number | undefined;
  let isNoAck = false;
  let claimIdleMs: number | undefined;
  for (let at = 1; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const more = args.length - at - 1;
    if (option === 'STREAMS' && more > 0) {
      if (more % 2 !== 0) throw unbalanced(call, isGroup);
      if (isGroup && reader === undefined) throw new CommandError('ERR Missing GROUP option for XREADGROUP');
      const idsAt = at + 1 + more / 2;
      return { reader, most, timeoutMs, isNoAck, claimIdleMs, keys: args.slice(at + 1, idsAt), ids: args.slice(idsAt) };
    }
    if (option === 'COUNT' && more > 0) {
      most = numberArgument(args[++at]);
      if (most <= 0) most = Number.POSITIVE_INFINITY;
    } else if (option === 'BLOCK' && more > 0) {
      timeoutMs = blockArgument(call, args[++at]!);
    } else if (option === 'GROUP' && more >= 2) {
      if (!isGroup) throw forGroups('GROUP');
      reader = { group: args[at + 1]!, consumer: args[at + 2]! };
      at += 2;
    } else if (option === 'NOACK') {
      if (!isGroup) throw forGroups('NOACK');
      isNoAck = true;
    } else if (option === 'CLAIM' && more > 0 && isSince(call.engine.settings.target, { redis: '8.4' })) {
      if (!isGroup) throw forGroups('CLAIM');
      claimIdleMs = idleArgument(args[++at]!);
    } else {
      throw syntaxError();
    }
  }
  throw syntaxError();
}

const MOST_MS = 2n ** 63n - 1n;

/** Newer servers refuse what ends beyond the end of time. */
function blockArgument({ engine, nowMs }: Call, text: ByteString): number {
  const value = parseInt64(text);
  if (value === undefined) throw new CommandError('ERR timeout is not an integer or out of range');
  if (value < 0) throw new CommandError('ERR timeout is negative');
  if (BigInt(value) + BigInt(nowMs) > MOST_MS && isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' }))
    throw new CommandError('ERR timeout is out of range');
  return Number(value);
}

function idleArgument(text: ByteString): number {
  if (parseInt64(text) === undefined) throw new CommandError('ERR min-idle-time is not an integer or out of range');
  if (integerArgument(text) < 0) throw new CommandError('ERR min-idle-time must be a positive integer');
  return numberArgument(text);
}

function forGroups(option: string): CommandError {
  return new CommandError(`ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`);
}

function unbalanced({ engine }: Call, isGroup: boolean): CommandError {
  const { target } = engine.settings;
  const isNamed = isSince(target, { redis: '7.2', valkey: '7.2' });
  const name = isNamed ? (isGroup ? "'xreadgroup'" : "'xread'") : 'XREAD';
  const ids = isNamed && isGroup ? "ID or '>'" : isSince(target, { redis: '7.4' }) ? "ID, '+', or '$'" : "ID or '$'";
  return new CommandError(`ERR Unbalanced ${name} list of streams: for each stream key an ${ids} must be specified.`);
}
