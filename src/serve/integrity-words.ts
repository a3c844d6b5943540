/**
 * Why RESTORE has refused a value, for the server's own log: what watches logs for the words of redis-server finds them, and people
 * the place in the payload.
 */
import { type ErrorCode, FormatError } from '../bytes/errors.js';
import type { CommandError } from '../engine/reply.js';

/** Structures that a value is packed in. */
const STRUCTURES: Partial<Readonly<Record<ErrorCode, string>>> = {
  BAD_LISTPACK: 'listpack',
  BAD_ZIPLIST: 'ziplist',
  BAD_ZIPMAP: 'zipmap',
  BAD_INTSET: 'intset',
  BAD_QUICKLIST: 'quicklist',
};

/** A line for the log; undefined where the refusal says all that there is to say. */
export function refusalLine(command: string, { cause }: CommandError): string | undefined {
  if (!(cause instanceof FormatError)) return undefined;
  const { message, offset, innerOffset } = cause;
  const inner = innerOffset === undefined ? '' : `, ${innerOffset} within the string`;
  return `${command} refused, ${wordsOf(cause)}: ${message} (offset ${offset}${inner})`;
}

function wordsOf({ code, message, trail }: FormatError): string {
  const [type = 'value', encoding = ''] = trail;
  if (code === 'DUPLICATE_ELEMENT') return `${capital(type)} ${encoding} with dup elements, integrity check failed`;
  if (code === 'BAD_STREAM' && message.startsWith('a consumer name'))
    return 'Duplicate stream consumer detected, integrity check failed';
  const structure = STRUCTURES[code];
  // These two are never in anything else.
  if (structure === 'zipmap' || structure === 'intset') return `${capital(structure)} integrity check failed`;
  return `${capital(structure === undefined ? type : `${type} ${structure}`)} integrity check failed`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
