/** Commands on sparse arrays (Redis 8.8). */
import type { ByteString } from '../../bytes/byte-string.js';
import { parseInt64, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, wrongArity } from '../reply.js';
import { ArrayObject } from '../values/array-object.js';
import { increment, MAX_UINT64, parseUint64, type Uint64 } from '../values/stream-object-id.js';

export const ARRAY_COMMANDS: CommandTable = {
  ARSET: arset,
  ARMSET: armset,
  ARINSERT: arinsert,
  ARDEL: ardel,
  ARDELRANGE: ardelrange,
  ARRING: arring,
  ARSEEK: arseek,
};

/** ARSET key index value [value ...] */
function arset(call: Call): Reply {
  const { args } = call;
  const first = indexArgument(args[2]!);
  checkFits(first, args.length - 3, 'ERR array index overflow');
  const array = arrayToChange(call);
  const before = array.size;
  setFrom(array, first, args, 3);
  call.changed(args[1]!, 'a', 'arset');
  call.dirty += args.length - 3;
  return array.size - before;
}

/** ARMSET key index value [index value ...] */
function armset(call: Call): Reply {
  const { args } = call;
  if (args.length % 2 !== 0) throw wrongArity('armset');
  const indexes: Uint64[] = [];
  for (let at = 2; at < args.length; at += 2) indexes.push(indexArgument(args[at]!));
  const array = arrayToChange(call);
  const before = array.size;
  indexes.forEach((index, at) => {
    array.set(index, args[at * 2 + 3]!);
  });
  call.changed(args[1]!, 'a', 'armset');
  call.dirty += indexes.length;
  return array.size - before;
}

/** ARINSERT key value [value ...] */
function arinsert(call: Call): Reply {
  const { args, db } = call;
  const cursor = db.getObject(args[1]!, 'array')?.insertIndex;
  const first = cursor === undefined ? 0 : increment(cursor);
  const last = checkFits(first, args.length - 2, 'ERR insert index overflow');
  const array = arrayToChange(call);
  setFrom(array, first, args, 2);
  array.insertIndex = last;
  call.changed(args[1]!, 'a', 'arinsert');
  call.dirty += args.length - 2;
  return last;
}

/** ARDEL key index [index ...] */
function ardel(call: Call): Reply {
  const { args, db } = call;
  const indexes = args.slice(2).map(indexArgument);
  const array = db.getObject(args[1]!, 'array');
  if (array === undefined) return 0;
  let deleted = 0;
  for (const index of indexes) if (array.delete(index)) deleted++;
  settle(call, array, deleted, 'ardel');
  call.dirty += deleted;
  return deleted;
}

/** ARDELRANGE key start end [start end ...] */
function ardelrange(call: Call): Reply {
  const { args, db } = call;
  if (args.length % 2 !== 0) throw wrongArity('ardelrange');
  const bounds = args.slice(2).map(indexArgument);
  const array = db.getObject(args[1]!, 'array');
  if (array === undefined) return 0;
  let deleted = 0;
  for (let at = 0; at < bounds.length; at += 2) {
    const [start, end] = [bounds[at]!, bounds[at + 1]!];
    deleted += start <= end ? array.deleteRange(start, end) : array.deleteRange(end, start);
  }
  settle(call, array, deleted, 'ardelrange');
  call.dirty += deleted;
  return deleted;
}

/** ARRING key size value [value ...] */
function arring(call: Call): Reply {
  const { args } = call;
  const size = parseInt64(args[2]!);
  if (size === undefined) throw new CommandError('ERR invalid size');
  if (size <= 0) throw new CommandError('ERR size must be positive');
  const array = arrayToChange(call);
  resizeRing(array, size);
  let cursor: Uint64 = 0;
  for (let at = 3; at < args.length; at++) {
    cursor = array.insertIndex === undefined ? 0 : increment(array.insertIndex);
    if (cursor >= size) cursor = toNumber(BigInt(cursor) % BigInt(size));
    array.set(cursor, args[at]!);
    array.insertIndex = cursor;
  }
  call.changed(args[1]!, 'a', 'arring');
  call.dirty += args.length - 3;
  return cursor;
}

/** ARSEEK key index */
function arseek(call: Call): Reply {
  const { args, db } = call;
  const index = parseUint64(args[2]!);
  if (index === undefined) throw badIndex();
  const array = db.getObject(args[1]!, 'array');
  if (array === undefined) return 0;
  array.insertIndex = index === 0 ? undefined : toNumber(BigInt(index) - 1n);
  call.changed(args[1]!, 'a', 'arseek');
  call.dirty++;
  return 1;
}

/** After elements have been deleted: an empty array goes. No live server has said which events there are. */
function settle(call: Call, array: ArrayObject, deleted: number, event: string): void {
  const { args, db } = call;
  if (deleted === 0) return;
  call.changed(args[1]!, 'a', event);
  if (array.size > 0) return;
  db.delete(args[1]!);
  call.notify('g', 'del', args[1]!);
}

function badIndex(): CommandError {
  return new CommandError('ERR invalid array index');
}

/** All but the greatest unsigned number, which means "none" in dumps. */
function indexArgument(text: ByteString): Uint64 {
  const index = parseUint64(text);
  if (index === undefined || index === MAX_UINT64) throw badIndex();
  return index;
}

/** The last index of `count` elements from `first` on. */
function checkFits(first: Uint64, count: number, message: string): Uint64 {
  const last = BigInt(first) + BigInt(count) - 1n;
  if (last >= MAX_UINT64) throw new CommandError(message);
  return toNumber(last);
}

function setFrom(array: ArrayObject, first: Uint64, args: readonly ByteString[], from: number): void {
  let index = first;
  for (let at = from; at < args.length; at++) {
    array.set(index, args[at]!);
    index = increment(index);
  }
}

function arrayToChange({ db, args }: Call): ArrayObject {
  const key = args[1]!;
  const existing = db.getObject(key, 'array');
  if (existing !== undefined) return existing;
  const array = new ArrayObject();
  db.set(key, array);
  return array;
}

/**
 * A ring that gets smaller, or larger while the next write would go into its middle, begins at index 0 again with the latest
 * elements, as far back as there is no hole.
 */
function resizeRing(array: ArrayObject, size: number | bigint): void {
  const { span, insertIndex } = array;
  if (span === 0 || size === span) return;
  const shrinks = size < span;
  if (!shrinks && (insertIndex === undefined || increment(insertIndex) >= span)) return;
  const most = shrinks ? size : span;
  const last = toNumber(BigInt(span) - 1n);
  let index = insertIndex === undefined ? last : toNumber(BigInt(insertIndex) % BigInt(span));
  const kept: ByteString[] = [];
  while (kept.length < most) {
    const text = array.get(index);
    if (text === undefined) break;
    kept.push(text);
    index = index === 0 ? last : toNumber(BigInt(index) - 1n);
  }
  array.replaceWith(kept.reverse());
}
