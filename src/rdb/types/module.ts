/**
 * Type 7: a module's value. It names its module and stores typed items, so that it can be read without the module:
 *
 *     len moduleId (64 bits), { len opcode, payload }*, len 0
 *     opcode 1 signed, 2 unsigned (a length), 3 float, 4 double, 5 string
 */

import { assertNever, EncodeError, FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { decodeFloatLe } from '../../codecs/double.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { decodeModuleId, encodeModuleId } from '../../codecs/module-id.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { ModuleItem, ModuleValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

const ITEM_EOF = 0;
const ITEM_SINT = 1;
const ITEM_UINT = 2;
const ITEM_FLOAT = 3;
const ITEM_DOUBLE = 4;
const ITEM_STRING = 5;

export const MODULE_2: TypeCodec = {
  type: 'module',
  encoding: 'module',
  oneString: false,
  skip: skipModule,
  read: readModule,
};

/** The part of a sink that module items go to. */
export type ModuleSink = Pick<ValueSink, 'moduleInteger' | 'moduleNumber' | 'moduleString'>;

/** Items up to and with opcode 0: also the body of opcodes F7 and F3. */
export function skipModuleItems(bytes: Uint8Array, pos: number, end: number): number {
  for (let next = pos; ; ) {
    const payload = skipLength(bytes, next, end);
    if (payload > end) return payload;
    const opcode = decodeLength(bytes, next);
    if (opcode === ITEM_EOF) return payload;
    if (opcode === ITEM_SINT || opcode === ITEM_UINT) next = skipLength(bytes, payload, end);
    else if (opcode === ITEM_FLOAT) next = payload + 4;
    else if (opcode === ITEM_DOUBLE) next = payload + 8;
    else if (opcode === ITEM_STRING) next = skipString(bytes, payload, end);
    else throw new FormatError('BAD_MODULE', `${opcode} is no module item`, next);
    if (next > end) return next;
  }
}

export function* readModuleItems(cursor: ValueCursor, sink: ModuleSink): ValueReading {
  const value = new Int64();
  let opcode = 0;
  const readItem = (): boolean => {
    opcode = cursor.length();
    if (opcode <= ITEM_EOF) return opcode === ITEM_EOF;
    if (opcode === ITEM_SINT || opcode === ITEM_UINT) return cursor.length64(value);
    if (opcode === ITEM_FLOAT) return cursor.skip(4);
    if (opcode === ITEM_DOUBLE) return cursor.double();
    if (opcode === ITEM_STRING) return cursor.string(cursor.a);
    return cursor.fail('BAD_MODULE', `${opcode} is no module item`, cursor.pos - 1);
  };
  for (;;) {
    while (!cursor.attempt(readItem)) yield;
    if (opcode === ITEM_EOF) return;
    if (!cursor.decoding) continue;
    if (opcode === ITEM_SINT) sink.moduleInteger('sint', value);
    else if (opcode === ITEM_UINT) sink.moduleInteger('uint', value);
    else if (opcode === ITEM_FLOAT) sink.moduleNumber('float', decodeFloatLe(cursor.bytes, cursor.pos - 4));
    else if (opcode === ITEM_DOUBLE) sink.moduleNumber('double', cursor.number);
    else sink.moduleString(cursor.a);
  }
}

/** Type 7 from its items; what is behind them (`decoded`) is not looked at. Throws EncodeError for a name that cannot be. */
export function writeModule(to: ValueOutput, value: ModuleValue): void {
  writeModuleId(to, value.module, value.version);
  writeModuleItems(to, value.items);
}

export function writeModuleId(to: ValueOutput, module: string, version: number): void {
  to.length64(moduleIdOf(module, version));
}

/** The items and the EOF that ends them. */
export function writeModuleItems(to: ValueOutput, items: readonly ModuleItem[]): void {
  for (const item of items) writeModuleItem(to, item);
  writeModuleItemsEnd(to);
}

export function writeModuleItem(to: ValueOutput, item: ModuleItem): void {
  switch (item.kind) {
    case 'sint':
      to.length(ITEM_SINT);
      to.length64(BigInt.asUintN(64, item.value));
      break;
    case 'uint':
      to.length(ITEM_UINT);
      to.length64(BigInt.asUintN(64, item.value));
      break;
    case 'float':
      to.length(ITEM_FLOAT);
      to.out.int32Le(floatBits(item.value));
      break;
    case 'double':
      to.length(ITEM_DOUBLE);
      to.out.doubleLe(item.value);
      break;
    case 'string':
      to.length(ITEM_STRING);
      to.string(item.value);
      break;
    default:
      assertNever(item);
  }
}

export function writeModuleItemsEnd(to: ValueOutput): void {
  to.length(ITEM_EOF);
}

function skipModule(bytes: Uint8Array, pos: number, end: number): number {
  const next = skipLength(bytes, pos, end);
  return next > end ? next : skipModuleItems(bytes, next, end);
}

function* readModule(cursor: ValueCursor, sink: ValueSink): ValueReading {
  while (!cursor.length64(cursor.x)) yield;
  if (cursor.decoding) {
    const { name, version } = decodeModuleId(cursor.x.hi, cursor.x.lo);
    sink.moduleStart(name, version);
  }
  yield* readModuleItems(cursor, sink);
}

const float = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  float.setFloat32(0, value);
  return float.getInt32(0);
}

function moduleIdOf(module: string, version: number): bigint {
  try {
    const { hi, lo } = encodeModuleId(module, version);
    return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  } catch (error) {
    throw new EncodeError(`a module type has no such name or version: ${(error as Error).message}`, { cause: error });
  }
}
