/** Replies of the engine and of a server in one form, and both as text for a failure. */
import { isDeepStrictEqual } from 'node:util';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { formatDouble } from '../../src/engine/double-text.js';
import {
  BooleanReply,
  CommandError,
  DoubleReply,
  KeyedReply,
  MapReply,
  PairsReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../../src/engine/reply.js';
import type { Target } from '../../src/rdb/versions.js';
import { ReplyError, type Reply as ServerReply, TypedReply } from './resp-client.js';

/** A reply of the engine as an exact client gives those of a server. */
export function asServerReply(reply: Reply, target: Target, protocol: 2 | 3 = 2): unknown {
  const inside = (items: readonly Reply[]): unknown[] => items.map((item) => asServerReply(item, target, protocol));
  if (reply === null || typeof reply === 'number' || typeof reply === 'bigint') return reply;
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1');
  if (isArray(reply)) return inside(reply);
  if (reply instanceof Status) return reply.text;
  if (reply instanceof CommandError) return new ReplyError(Buffer.from(reply.message, 'latin1').toString());
  if (reply instanceof DoubleReply) {
    const text = reply.text ?? formatDouble(reply.value, target);
    return protocol === 3 ? new TypedReply('double', text) : Buffer.from(text);
  }
  if (reply instanceof BooleanReply)
    return protocol === 3 ? new TypedReply('boolean', reply.value ? 't' : 'f') : Number(reply.value);
  if (reply instanceof VerbatimReply) {
    if (protocol === 2) return Buffer.from(reply.text, 'latin1');
    return new TypedReply('verbatim', Buffer.from(`${reply.format}:${reply.text}`, 'latin1'));
  }
  if (reply instanceof MapReply) {
    const items = inside(reply.pairs.flat());
    return protocol === 3 ? new TypedReply('map', items as ServerReply[]) : items;
  }
  if (reply instanceof SetReply) {
    const items = inside(reply.members);
    return protocol === 3 ? new TypedReply('set', items as ServerReply[]) : items;
  }
  if (reply instanceof KeyedReply)
    return protocol === 3
      ? new TypedReply('map', inside(reply.pairs.flat()) as ServerReply[])
      : reply.pairs.map((pair) => inside(pair));
  if (reply instanceof PairsReply) return protocol === 3 ? reply.pairs.map(inside) : inside(reply.pairs.flat());
  return protocol === 3 ? null : new TypedReply('null-array', null);
}

function isArray(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}

/**
 * Of a stream whose last sequence number is the greatest, 7.0 says one or the other by an errno that some earlier command has
 * left behind.
 */
const CHANCE_TEXTS: ReadonlyMap<string, string> = new Map([
  [
    'ERR Elements are too large to be stored',
    'ERR The ID specified in XADD is equal or smaller than the target stream top item',
  ],
]);

/** Errors, which are compared by their text alone, and bytes in a form of their own. */
export function plainReply(reply: unknown): unknown {
  if (reply instanceof Error) return { error: CHANCE_TEXTS.get(reply.message) ?? reply.message };
  if (reply instanceof Uint8Array) return { bulk: Buffer.from(reply).toString('latin1') };
  if (reply instanceof TypedReply) return { kind: reply.kind, value: plainReply(reply.value) };
  return Array.isArray(reply) ? reply.map(plainReply) : reply;
}

/** Both clocks tick for themselves: times of now may differ by so much. */
const CLOCKS_MS = 5000;

/** Whether two numbers are the same, or times that are. */
export function isSameTime(left: number, right: number): boolean {
  return left === right || (left > 1e12 && left < 1e13 && Math.abs(left - right) < CLOCKS_MS);
}

/** Whether two plain replies are the same, but for clocks. */
export function isSameReply(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return isSameTime(left, right);
  if (!Array.isArray(left) || !Array.isArray(right)) return isDeepStrictEqual(left, right);
  return left.length === right.length && left.every((part, at) => isSameReply(part, right[at]));
}

/** An array, or a set, whose order means nothing. */
export function sortedReply(reply: unknown): unknown {
  if (reply instanceof TypedReply) return new TypedReply(reply.kind, sortedReply(reply.value) as ServerReply);
  if (!Array.isArray(reply)) return reply;
  // A cursor with what it has come by.
  if (reply.length === 2 && !Array.isArray(reply[0]) && Array.isArray(reply[1]))
    return [reply[0], sortedReply(reply[1])];
  return [...reply].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

/** As JSON, cut where it is long. */
export function textOf(value: unknown): string {
  const plain = (_key: string, part: unknown): unknown => (typeof part === 'bigint' ? `${part}n` : part);
  const whole = JSON.stringify(latin1(plainReply(value)), plain);
  return whole === undefined || whole.length < 2000 ? String(whole) : `${whole.slice(0, 2000)}…`;
}

/** Buffers have a toJSON that says each byte as a number. */
function latin1(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(latin1);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, latin1(part)]));
}

const SHOWN_ARGUMENT = 40;
const SHOWN_COMMAND = 400;

/** A command as a person would type it, cut where it is long. */
export function quotedCommand(args: readonly ByteString[]): string {
  const line = args.map(quotedArgument).join(' ');
  return line.length > SHOWN_COMMAND ? `${line.slice(0, SHOWN_COMMAND)}…` : line;
}

function quotedArgument(text: ByteString): string {
  if (text.length > SHOWN_ARGUMENT) return `${JSON.stringify(text.slice(0, 10))}…(${text.length})`;
  return /^[\w.:*$+-]+$/.test(text) ? text : JSON.stringify(text);
}
