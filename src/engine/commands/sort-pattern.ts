/** Patterns of SORT: `weight_*`, `user_*->name`, and `#` for the element itself. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call } from '../call.js';
import { isBefore } from '../unix-ms.js';

/** `#`, or a key around an element and perhaps a field of it. Undefined: a constant, which finds nothing. */
export type Pattern = '#' | KeyPattern | undefined;

interface KeyPattern {
  readonly before: ByteString;
  readonly after: ByteString;
  /** Of the hash at the key; undefined: the key is a string. */
  readonly field: ByteString | undefined;
}

export function compilePattern(text: ByteString): Pattern {
  if (text === '#') return '#';
  const star = text.indexOf('*');
  if (star < 0) return undefined;
  const arrow = text.indexOf('->', star + 1);
  const hasField = arrow >= 0 && arrow + 2 < text.length;
  return {
    before: text.slice(0, star),
    after: text.slice(star + 1, hasField ? arrow : text.length),
    field: hasField ? text.slice(arrow + 2) : undefined,
  };
}

/** Undefined where the key is missing or of another type. */
export function valueFor(call: Call, pattern: Pattern, element: ByteString): ByteString | undefined {
  if (pattern === undefined) return undefined;
  if (pattern === '#') return element;
  const { db, engine, nowMs } = call;
  const { before, after, field } = pattern;
  const value = db.get(before + element + after);
  if (value === undefined) return undefined;
  if (field === undefined) {
    if (typeof value === 'string') return value;
    return value.type === 'string' ? value.bytes : undefined;
  }
  if (typeof value === 'string' || value.type !== 'hash') return undefined;
  const expiry = value.expiryOf(field);
  return expiry !== undefined && isBefore(expiry, nowMs) && engine.isExpiring ? undefined : value.get(field);
}
