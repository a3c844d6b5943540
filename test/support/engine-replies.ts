/** Replies of the engine and of a server in one form, and both as text for a failure. */
import { type ByteString, toByteString } from '../../src/bytes/byte-string.js';
import { formatScore17 } from '../../src/codecs/double.js';
import { formatFpconv, MAX_FPCONV_TEXT } from '../../src/codecs/fpconv.js';
import { CommandError, DoubleReply, MapReply, type Reply, Status } from '../../src/engine/reply.js';
import { isSince } from '../../src/engine/settings.js';
import type { Target } from '../../src/rdb/versions.js';
import { ReplyError } from './resp-client.js';

/** A reply of the engine as a client gives those of a server. */
export function asServerReply(reply: Reply, target: Target): unknown {
  if (reply === null || typeof reply === 'number' || typeof reply === 'bigint') return reply;
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1');
  if (reply instanceof Status) return reply.text;
  if (reply instanceof CommandError) return new ReplyError(Buffer.from(reply.message, 'latin1').toString());
  if (reply instanceof DoubleReply) return Buffer.from(doubleText(reply.value, target));
  if (reply instanceof MapReply) return reply.pairs.flat().map((item) => asServerReply(item, target));
  return reply.map((item) => asServerReply(item, target));
}

/** A double in RESP2. */
function doubleText(value: number, target: Target): string {
  if (!isSince(target, { redis: '7.2', valkey: '7.2' })) return formatScore17(value);
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 62 && !Object.is(value, -0)) return String(BigInt(value));
  const bytes = new Uint8Array(MAX_FPCONV_TEXT);
  return toByteString(bytes, 0, formatFpconv(value, bytes, 0));
}

/** Errors, which are compared by their text alone, and bytes in a form of their own. */
export function plainReply(reply: unknown): unknown {
  if (reply instanceof Error) return { error: reply.message };
  if (reply instanceof Uint8Array) return { bulk: Buffer.from(reply).toString('latin1') };
  return Array.isArray(reply) ? reply.map(plainReply) : reply;
}

/** An array whose order means nothing. */
export function sortedReply(reply: unknown): unknown {
  return Array.isArray(reply) ? [...reply].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) : reply;
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
