/** BITFIELD: integers of 1 to 64 bits anywhere in a string, the most significant bit first. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, parseInt64, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError, wrongType } from '../reply.js';
import { bitOffset } from './bitmap.js';
import { stringToChange } from './string.js';

export const BITFIELD_COMMANDS: CommandTable = {
  BITFIELD: (call) => bitfield(call, false),
  BITFIELD_RO: (call) => bitfield(call, true),
};

type Overflow = 'WRAP' | 'SAT' | 'FAIL';

interface FieldType {
  readonly isSigned: boolean;
  readonly bits: number;
}

interface Operation extends FieldType {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly offset: number;
  /** What is set, or added. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

/**
 * BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY type offset increment ...]
 */
function bitfield(call: Call, isReadOnly: boolean): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const operations = parseOperations(call);
  let size = 0;
  for (const { kind, offset, bits } of operations)
    if (kind !== 'GET') size = Math.max(size, Math.floor((offset + bits - 1) / 8) + 1);
  if (size === 0) return readAll(call, operations);
  if (isReadOnly) throw new CommandError('ERR BITFIELD_RO only supports the GET subcommand');
  const isNew = !db.has(key);
  const raw = stringToChange(db, key);
  const isLonger = isNew || raw.length < size;
  const bytes = raw.edit(size);
  const replies: Reply[] = [];
  for (const operation of operations) {
    const old = readField(bytes, operation);
    if (operation.kind === 'GET') {
      replies.push(toNumber(old));
      continue;
    }
    const value = nextValue(operation, old);
    if (value === undefined) {
      replies.push(null);
      continue;
    }
    writeField(bytes, operation, value);
    if (isLonger || value !== old) call.dirty++;
    replies.push(toNumber(operation.kind === 'SET' ? old : value));
  }
  if (call.dirty > 0) call.changed(key, '$', 'setbit');
  return replies;
}

function readAll({ db, args }: Call, operations: readonly Operation[]): Reply {
  const value = db.get(args[1]!);
  if (value !== undefined && typeof value !== 'string' && value.type !== 'string') throw wrongType();
  const window = new Uint8Array(MAX_FIELD_BYTES);
  return operations.map((operation) => {
    const first = Math.floor(operation.offset / 8);
    for (let at = 0; at < MAX_FIELD_BYTES; at++) {
      const pos = first + at;
      if (value === undefined) window[at] = 0;
      else if (typeof value === 'string') window[at] = pos < value.length ? value.charCodeAt(pos) : 0;
      else window[at] = value.byteAt(pos);
    }
    return toNumber(readField(window, { ...operation, offset: operation.offset & 7 }));
  });
}

/** 64 bits that do not begin with a byte. */
const MAX_FIELD_BYTES = 9;

function parseOperations(call: Call): Operation[] {
  const { args } = call;
  const operations: Operation[] = [];
  let overflow: Overflow = 'WRAP';
  for (let at = 2; at < args.length; at++) {
    const kind = args[at]!.toUpperCase();
    const left = args.length - at - 1;
    if (kind === 'OVERFLOW' && left >= 1) {
      overflow = parseOverflow(args[++at]!);
      continue;
    }
    if (kind !== 'GET' && kind !== 'SET' && kind !== 'INCRBY') throw syntaxError();
    const operands = kind === 'GET' ? 2 : 3;
    if (left < operands) throw syntaxError();
    const type = parseType(args[at + 1]!);
    const offset = bitOffset(call, args[at + 2]!, type.bits);
    const operand = kind === 'GET' ? 0n : BigInt(integerArgument(args[at + 3]));
    operations.push({ kind, ...type, offset, operand, overflow });
    at += operands;
  }
  return operations;
}

function parseOverflow(text: ByteString): Overflow {
  const name = text.toUpperCase();
  if (name === 'WRAP' || name === 'SAT' || name === 'FAIL') return name;
  throw new CommandError('ERR Invalid OVERFLOW type specified');
}

const MAX_SIGNED_BITS = 64;
const MAX_UNSIGNED_BITS = 63;

function parseType(text: ByteString): FieldType {
  const sign = text[0];
  const bits = parseInt64(text.slice(1));
  const most = sign === 'i' ? MAX_SIGNED_BITS : sign === 'u' ? MAX_UNSIGNED_BITS : 0;
  if (typeof bits === 'number' && bits >= 1 && bits <= most) return { isSigned: sign === 'i', bits };
  throw new CommandError(
    'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
  );
}

/** What the field becomes; undefined where that would overflow and must not. */
function nextValue({ kind, isSigned, bits, operand, overflow }: Operation, old: bigint): bigint | undefined {
  const width = BigInt(bits);
  const least = isSigned ? -(1n << (width - 1n)) : 0n;
  const most = isSigned ? (1n << (width - 1n)) - 1n : (1n << width) - 1n;
  const isSet = kind === 'SET';
  const value = isSet ? operand : old + operand;
  if (value >= least && value <= most) return value;
  switch (overflow) {
    case 'WRAP':
      return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    case 'SAT':
      return value > most || (isSet && isTakenForLarge(value, most, isSigned)) ? most : least;
    case 'FAIL':
      return undefined;
  }
}

/**
 * What is set in an unsigned field is a number without a sign, so that a negative one is larger than all; in a signed one,
 * what is so small that its distance from the largest value overflows.
 */
function isTakenForLarge(value: bigint, most: bigint, isSigned: boolean): boolean {
  return !isSigned || most - value >= 2n ** 63n;
}

function readField(bytes: Uint8Array, { isSigned, bits, offset }: FieldType & { readonly offset: number }): bigint {
  let high = 0;
  let low = 0;
  for (let at = offset; at < offset + bits; at++) {
    const bit = ((bytes[Math.floor(at / 8)] ?? 0) >> (7 - (at % 8))) & 1;
    high = ((high << 1) | (low >>> 31)) >>> 0;
    low = ((low << 1) | bit) >>> 0;
  }
  const value = high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
  return isSigned ? BigInt.asIntN(bits, value) : value;
}

function writeField(bytes: Uint8Array, { bits, offset }: Operation, value: bigint): void {
  const unsigned = BigInt.asUintN(64, value);
  let high = Number(unsigned >> 32n);
  let low = Number(unsigned & 0xffffffffn);
  for (let at = offset + bits - 1; at >= offset; at--) {
    const mask = 0x80 >> (at % 8);
    const byte = Math.floor(at / 8);
    bytes[byte] = (low & 1) === 1 ? bytes[byte]! | mask : bytes[byte]! & ~mask;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
  }
}
