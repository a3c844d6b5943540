/** The two ends of a list: in arguments, in the names of commands and events, and what is taken from and put to them. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call } from '../call.js';
import { CommandError, syntaxError } from '../reply.js';
import { isInt64Text } from '../values/int64-text.js';
import type { ListObject } from '../values/list-object.js';

export type End = 'LEFT' | 'RIGHT';

export const POP = { LEFT: 'LPOP', RIGHT: 'RPOP' } as const;
/** Events. */
export const POPPED = { LEFT: 'lpop', RIGHT: 'rpop' } as const;
export const PUSHED = { LEFT: 'lpush', RIGHT: 'rpush' } as const;

export function endArgument(text: ByteString | undefined): End {
  if (isOption(text, 'LEFT')) return 'LEFT';
  if (isOption(text, 'RIGHT')) return 'RIGHT';
  throw syntaxError();
}

/** From 1 on. Throws "`what` should be greater than 0". */
export function countFromOne(text: ByteString | undefined, what: string): number {
  if (text === undefined || !isInt64Text(text) || text.startsWith('-') || text === '0')
    throw new CommandError(`ERR ${what} should be greater than 0`);
  return numberArgument(text);
}

/** The list is not empty. */
export function popFrom(list: ListObject, end: End): ByteString {
  return end === 'LEFT' ? list.popHead() : list.popTail();
}

/** Up to so many, in the order of popping one by one. */
export function popSome(list: ListObject, end: End, most: number): ByteString[] {
  const popped: ByteString[] = [];
  for (let left = Math.min(most, list.length); left > 0; left--) popped.push(popFrom(list, end));
  return popped;
}

/** After so many elements have been removed, or none: an empty list goes. */
export function settle(call: Call, key: ByteString, list: ListObject, removed: number, event: string): void {
  const isEmpty = list.length === 0;
  if (isEmpty) call.db.delete(key);
  else list.afterShrinking();
  call.dirty += removed;
  call.changed(key, 'l', event);
  if (isEmpty) call.notify('g', 'del', key);
}
