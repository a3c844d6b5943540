/** Where the payload of each opcode ends (rdb-format.md §6). What it says is in records.ts. */
import { FormatError } from '../bytes/errors.js';
import { decodeLength, skipLength } from '../codecs/length.js';
import { skipCommand } from '../codecs/resp.js';
import { skipString } from '../codecs/string.js';
import { type Dialect, OPCODE } from './constants.js';
import { skipModuleItems } from './types/module.js';
import { skipCounted } from './types/type-codec.js';

/** Position after the payload at `pos`; beyond `end` when short; −1 for a byte that is no record opcode of the dialect. */
export function skipPayload(opcode: number, dialect: Dialect, bytes: Uint8Array, pos: number, end: number): number {
  switch (opcode) {
    case OPCODE.SELECTDB:
      return skipLength(bytes, pos, end);
    case OPCODE.RESIZEDB:
      return skipLengths(bytes, pos, end, 2);
    case OPCODE.AUX:
      return skipStrings(bytes, pos, end, 2);
    case OPCODE.MODULE_AUX: {
      const next = skipLengths(bytes, pos, end, 3);
      return next > end ? next : skipModuleItems(bytes, next, end);
    }
    case OPCODE.FUNCTION2:
      return skipString(bytes, pos, end);
    case OPCODE.FUNCTION_PRE_GA:
      return skipPreGaFunction(bytes, pos, end);
    case OPCODE.SLOT_INFO:
      return skipLengths(bytes, pos, end, 3);
    case OPCODE.VALKEY_SLOT_IMPORT:
      return dialect === 'valkey' ? skipSlotImport(bytes, pos, end) : -1;
    case OPCODE.REDIS_HASH_TEMPLATE:
      return dialect === 'redis' ? skipTemplate(bytes, pos, end) : skipCommand(bytes, pos, end);
    default:
      return -1;
  }
}

/** F3 of Redis: `len classes` (at most 7), then per class a u32 and module items. */
export function skipKeyMeta(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  const classes = decodeLength(bytes, pos);
  if (classes > MAX_META_CLASSES) throw new FormatError('BAD_OPCODE', `${classes} key metadata classes`, pos);
  for (let left = classes; left > 0; left--) {
    next += 4;
    if (next > end) return next;
    next = skipModuleItems(bytes, next, end);
    if (next > end) return next;
  }
  return next;
}

const MAX_META_CLASSES = 7;

function skipLengths(bytes: Uint8Array, pos: number, end: number, count: number): number {
  let next = pos;
  for (let left = count; left > 0 && next <= end; left--) next = skipLength(bytes, next, end);
  return next;
}

function skipStrings(bytes: Uint8Array, pos: number, end: number, count: number): number {
  let next = pos;
  for (let left = count; left > 0 && next <= end; left--) next = skipString(bytes, next, end);
  return next;
}

function skipPreGaFunction(bytes: Uint8Array, pos: number, end: number): number {
  const flag = skipStrings(bytes, pos, end, 2);
  if (flag > end) return flag;
  const next = skipLength(bytes, flag, end);
  if (next > end) return next;
  return skipStrings(bytes, next, end, decodeLength(bytes, flag) === 0 ? 1 : 2);
}

function skipSlotImport(bytes: Uint8Array, pos: number, end: number): number {
  const count = skipString(bytes, pos, end);
  if (count > end) return count;
  let next = skipLength(bytes, count, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, count) * 2; left > 0 && next <= end; left--) next = skipLength(bytes, next, end);
  return next;
}

function skipTemplate(bytes: Uint8Array, pos: number, end: number): number {
  const next = skipLength(bytes, pos, end);
  return next > end ? next : skipCounted(bytes, next, end, 1);
}
