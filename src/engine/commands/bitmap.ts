/** Strings as rows of bits, the first of a byte its most significant one. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, numberArgument, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError, wrongType } from '../reply.js';
import { isSince } from '../settings.js';
import { RawString } from '../values/raw-string.js';
import type { StoredValue } from '../values/stored-value.js';
import { MAX_STRING_BYTES, stringToChange } from './string.js';

export const BITMAP_COMMANDS: CommandTable = {
  SETBIT: setbit,
  GETBIT: getbit,
  BITCOUNT: bitcount,
  BITPOS: bitpos,
  BITOP: bitop,
};

/** A position in bits, `#n` the n-th field of `fieldBits` where there are such. Throws "bit offset is not an integer …". */
export function bitOffset(call: Call, text: ByteString, fieldBits = 0): number {
  const isHash = fieldBits > 0 && text.charCodeAt(0) === HASH;
  const value = parseInt64(isHash ? text.slice(1) : text);
  const offset = Number(value) * (isHash ? fieldBits : 1);
  const isTooLarge = offset >= MAX_STRING_BYTES * 8 && !call.engine.isLoading;
  if (value === undefined || offset < 0 || isTooLarge || offset > Number.MAX_SAFE_INTEGER)
    throw new CommandError('ERR bit offset is not an integer or out of range');
  return offset;
}

const HASH = 0x23;

/** SETBIT key offset value */
function setbit(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const offset = bitOffset(call, args[2]!);
  const bit = parseInt64(args[3]!);
  if (bit !== 0 && bit !== 1) throw new CommandError('ERR bit is not an integer or out of range');
  const at = Math.floor(offset / 8);
  const isNew = !db.has(key);
  const raw = stringToChange(db, key);
  const isLonger = raw.length <= at;
  const bytes = raw.edit(at + 1);
  const mask = 0x80 >> (offset & 7);
  const old = (bytes[at]! & mask) === 0 ? 0 : 1;
  bytes[at] = bit === 1 ? bytes[at]! | mask : bytes[at]! & ~mask;
  if (isNew || isLonger || old !== bit) {
    call.changed(key, '$', 'setbit');
    call.dirty++;
  }
  return old;
}

/** GETBIT key offset */
function getbit(call: Call): Reply {
  const { db, args } = call;
  const offset = bitOffset(call, args[2]!);
  const value = db.get(args[1]!);
  return value === undefined ? 0 : (byteOf(value, Math.floor(offset / 8)) >> (7 - (offset & 7))) & 1;
}

/** BITCOUNT key [start [end [BYTE | BIT]]] */
function bitcount(call: Call): Reply {
  const { args } = call;
  const isKeyFirst = looksForKeyFirst(call);
  let value = isKeyFirst ? stringAt(call) : undefined;
  if (isKeyFirst && value === undefined) return 0;
  const canLackEnd = isSince(call.engine.settings.target, { valkey: '8.0' });
  if ((args.length === 3 && !canLackEnd) || args.length > 5) throw syntaxError();
  const start = args.length > 2 ? integerArgument(args[2]) : 0;
  if (canLackEnd) unitBits(args[4], args.length === 5);
  const end = args.length > 3 ? integerArgument(args[3]) : -1;
  const isBackward = start < 0 && end < 0 && start > end;
  if (isKeyFirst && isBackward) return 0;
  const unit = unitBits(args[4], args.length === 5);
  value ??= stringAt(call);
  if (value === undefined || isBackward) return 0;
  const range = bitRange(value, Number(start), Number(end), unit);
  return range === undefined ? 0 : countBits(value, range.from, range.to);
}

/** BITPOS key bit [start [end [BYTE | BIT]]] */
function bitpos(call: Call): Reply {
  const { args } = call;
  const bit = integerArgument(args[2]);
  if (bit !== 0 && bit !== 1) throw new CommandError('ERR The bit argument must be 1 or 0.');
  const isKeyFirst = looksForKeyFirst(call);
  let value = isKeyFirst ? stringAt(call) : undefined;
  if (isKeyFirst && value === undefined) return bit === 1 ? -1 : 0;
  if (args.length > 6) throw syntaxError();
  const start = args.length > 3 ? numberArgument(args[3]) : 0;
  const unit = unitBits(args[5], args.length === 6);
  const hasEnd = args.length > 4;
  const end = hasEnd ? numberArgument(args[4]) : -1;
  value ??= stringAt(call);
  if (value === undefined) return bit === 1 ? -1 : 0;
  const range = bitRange(value, start, end, unit);
  if (range === undefined) return -1;
  const found = findBit(value, range.from, range.to, bit);
  if (found >= 0) return found;
  // Without an end, a string of ones is followed by zeros.
  return bit === 0 && !hasEnd ? lengthOf(value) * 8 : -1;
}

/** Servers up to 7.2 do so before they look at a range. */
function looksForKeyFirst({ engine }: Call): boolean {
  return !isSince(engine.settings.target, { redis: '7.4', valkey: '8.0' });
}

type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT' | 'DIFF' | 'DIFF1' | 'ANDOR' | 'ONE';

/** BITOP AND|OR|XOR|NOT|DIFF|DIFF1|ANDOR|ONE destkey key [key ...] */
function bitop(call: Call): Reply {
  const { db, args } = call;
  const operation = parseOperation(args[1]!);
  if (operation === 'NOT' && args.length !== 4)
    throw new CommandError('ERR BITOP NOT must be called with a single source key.');
  if ((operation === 'DIFF' || operation === 'DIFF1' || operation === 'ANDOR') && args.length < 5)
    throw new CommandError(`ERR BITOP ${operation} must be called with at least two source keys.`);
  const sources: ByteString[] = [];
  let size = 0;
  for (let at = 3; at < args.length; at++) {
    const source = db.getString(args[at]!) ?? '';
    sources.push(source);
    size = Math.max(size, source.length);
  }
  const target = args[2]!;
  if (size > 0) {
    db.set(target, RawString.ofBuffer(combine(operation, sources, size)));
    call.changed(target, '$', 'set');
    call.dirty++;
  } else if (db.has(target)) {
    db.delete(target);
    call.changed(target, 'g', 'del');
    call.dirty++;
  }
  return size;
}

function parseOperation(text: ByteString): BitOperation {
  const name = text.toUpperCase();
  switch (name) {
    case 'AND':
    case 'OR':
    case 'XOR':
    case 'NOT':
    case 'DIFF':
    case 'DIFF1':
    case 'ANDOR':
    case 'ONE':
      return name;
    default:
      throw syntaxError();
  }
}

function combine(operation: BitOperation, [first, ...others]: readonly ByteString[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at++) out[at] = combineByte(operation, byteAt(first!, at), others, at);
  return out;
}

function combineByte(operation: BitOperation, first: number, others: readonly ByteString[], at: number): number {
  if (operation === 'NOT') return ~first;
  let all = first;
  let some = 0;
  let odd = first;
  let one = first;
  let more = 0;
  for (const other of others) {
    const byte = byteAt(other, at);
    all &= byte;
    some |= byte;
    odd ^= byte;
    more |= (one | more) & byte;
    one |= byte;
  }
  switch (operation) {
    case 'AND':
      return all;
    case 'OR':
      return first | some;
    case 'XOR':
      return odd;
    case 'DIFF':
      return first & ~some;
    case 'DIFF1':
      return ~first & some;
    case 'ANDOR':
      return first & some;
    case 'ONE':
      return one & ~more;
  }
}

function byteAt(text: ByteString, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}

function stringAt({ db, args }: Call): StoredValue | undefined {
  const value = db.get(args[1]!);
  if (value !== undefined) lengthOf(value);
  return value;
}

function unitBits(option: ByteString | undefined, isGiven: boolean): 1 | 8 {
  if (!isGiven || isOption(option, 'BYTE')) return 8;
  if (!isOption(option, 'BIT')) throw syntaxError();
  return 1;
}

/** Bits [from, to); undefined for none. Negative positions count from the end. */
function bitRange(
  value: StoredValue,
  first: number,
  last: number,
  unit: 1 | 8,
): { readonly from: number; readonly to: number } | undefined {
  const size = (lengthOf(value) * 8) / unit;
  const start = Math.max(0, first < 0 ? size + first : first);
  const end = Math.min(size - 1, Math.max(0, last < 0 ? size + last : last));
  return start > end ? undefined : { from: start * unit, to: (end + 1) * unit };
}

function countBits(value: StoredValue, from: number, to: number): number {
  let count = 0;
  let at = from;
  while (at < to) {
    if ((at & 7) === 0 && to - at >= 8) {
      count += bitsIn(byteOf(value, at / 8));
      at += 8;
    } else {
      count += bitOf(value, at++);
    }
  }
  return count;
}

function findBit(value: StoredValue, from: number, to: number, bit: number): number {
  const nothing = bit === 1 ? 0x00 : 0xff;
  let at = from;
  while (at < to) {
    if ((at & 7) === 0 && to - at >= 8 && byteOf(value, at / 8) === nothing) at += 8;
    else if (bitOf(value, at) === bit) return at;
    else at++;
  }
  return -1;
}

function bitOf(value: StoredValue, at: number): number {
  return (byteOf(value, Math.floor(at / 8)) >> (7 - (at & 7))) & 1;
}

function bitsIn(byte: number): number {
  let count = 0;
  for (let left = byte; left !== 0; left &= left - 1) count++;
  return count;
}

function byteOf(value: StoredValue, at: number): number {
  if (typeof value === 'string') return byteAt(value, at);
  if (value.type === 'string') return value.byteAt(at);
  throw wrongType();
}

function lengthOf(value: StoredValue): number {
  if (typeof value === 'string' || value.type === 'string') return value.length;
  throw wrongType();
}
