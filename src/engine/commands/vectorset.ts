/** Commands that change vector sets (module `vectorset`, Redis 8.0), which are kept as data: nothing is searched. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { decodeFloatLe } from '../../codecs/double.js';
import { parseFloat64, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, wrongType } from '../reply.js';
import {
  type VectorElement,
  type VectorQuantization,
  VectorSetObject,
  type VectorShape,
} from '../values/vector-set-object.js';

export const VECTORSET_COMMANDS: CommandTable = { VADD: vadd, VREM: vrem, VSETATTR: vsetattr };

/**
 * VADD key [REDUCE dim] <FP32 blob | VALUES num value [value ...]> element [CAS] [NOQUANT | Q8 | BIN] [EF effort]
 *   [SETATTR attributes] [M links]
 */
function vadd(call: Call): Reply {
  const { args, db } = call;
  const { vector, reducedDim, next } = vectorArgument(args);
  const element = args[next]!;
  const { quantization, m, attribute } = addOptions(args, next + 1);
  const existing = vectorSetAt(call, args[1]!);
  const inputDim = reducedDim === undefined ? undefined : vector.length;
  const shape: VectorShape = { dim: reducedDim ?? vector.length, quantization, m, inputDim };
  if (existing !== undefined) checkShape(existing.shape, shape, vector.length);
  const set = existing ?? new VectorSetObject(shape);
  db.overwrite(args[1]!, set);
  const old = set.elements.get(element);
  set.elements.set(element, { vector, attribute: attribute ?? old?.attribute ?? '' });
  call.dirty++;
  return old === undefined ? 1 : 0;
}

/** VREM key element */
function vrem(call: Call): Reply {
  const { args, db } = call;
  const set = vectorSetAt(call, args[1]!);
  if (set === undefined || !set.elements.delete(args[2]!)) return 0;
  if (set.elements.size === 0) db.delete(args[1]!);
  else db.overwrite(args[1]!, set);
  call.dirty++;
  return 1;
}

/** VSETATTR key element attributes */
function vsetattr(call: Call): Reply {
  const { args, db } = call;
  const set = vectorSetAt(call, args[1]!);
  const element: VectorElement | undefined = set?.elements.get(args[2]!);
  if (set === undefined || element === undefined) return 0;
  element.attribute = args[3]!;
  db.overwrite(args[1]!, set);
  call.dirty++;
  return 1;
}

/** To be put back once it is changed: one from a dump is made into another object. Throws WRONGTYPE. */
function vectorSetAt({ db }: Call, key: ByteString): VectorSetObject | undefined {
  const value = db.get(key);
  if (value === undefined) return undefined;
  if (value instanceof VectorSetObject) return value;
  const isModule = typeof value !== 'string' && value.type === 'opaque' && value.value.type === 'module';
  const set = isModule && value.value.type === 'module' ? VectorSetObject.fromModule(value.value) : undefined;
  if (set === undefined) throw wrongType();
  return set;
}

const MAX_DIM = 65536;

function vectorArgument(args: readonly ByteString[]): {
  readonly vector: readonly number[];
  readonly reducedDim: number | undefined;
  /** Index of the element. */
  readonly next: number;
} {
  let at = 2;
  let reducedDim: number | undefined;
  if (args[at]!.toUpperCase() === 'REDUCE') {
    reducedDim = dimension(args[at + 1]);
    at += 2;
  }
  const form = args[at]?.toUpperCase();
  const vector: number[] = [];
  if (form === 'FP32') {
    const blob = fromByteString(args[at + 1] ?? '');
    if (blob.length === 0 || blob.length % 4 !== 0) throw badVector();
    for (let pos = 0; pos < blob.length; pos += 4) vector.push(decodeFloatLe(blob, pos));
    at += 2;
  } else if (form === 'VALUES') {
    const count = dimension(args[at + 1]);
    at += 2;
    for (const end = at + count; at < end; at++) {
      const value = parseFloat64(args[at] ?? '');
      if (Number.isNaN(value)) throw badVector();
      vector.push(value);
    }
  } else {
    throw badVector();
  }
  if (at >= args.length || (reducedDim !== undefined && reducedDim > vector.length)) throw badVector();
  return { vector, reducedDim, next: at };
}

function dimension(text: ByteString | undefined): number {
  const value = parseInt64(text ?? '');
  if (typeof value !== 'number' || value < 1 || value > MAX_DIM) throw badVector();
  return value;
}

function badVector(): CommandError {
  return new CommandError('ERR invalid vector specification');
}

const QUANTIZATIONS: Readonly<Record<string, VectorQuantization>> = { NOQUANT: 'f32', Q8: 'int8', BIN: 'bin' };
const DEFAULT_M = 16;
const MIN_M = 4;
const MAX_M = 4096;
const MAX_EF = 1_000_000;

function addOptions(
  args: readonly ByteString[],
  from: number,
): {
  readonly quantization: VectorQuantization;
  readonly m: number;
  readonly attribute: ByteString | undefined;
} {
  let quantization: VectorQuantization = 'int8';
  let m = DEFAULT_M;
  let attribute: ByteString | undefined;
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const hasValue = at + 1 < args.length;
    const named = QUANTIZATIONS[option];
    if (named !== undefined) quantization = named;
    else if (option === 'EF' && hasValue) within(args[++at]!, 1, MAX_EF, 'EF');
    else if (option === 'M' && hasValue) m = within(args[++at]!, MIN_M, MAX_M, 'M');
    else if (option === 'SETATTR' && hasValue) attribute = args[++at]!;
    else if (option !== 'CAS') throw new CommandError('ERR invalid option after element');
  }
  return { quantization, m, attribute };
}

function within(text: ByteString, least: number, most: number, name: string): number {
  const value = parseInt64(text);
  if (typeof value !== 'number' || value < least || value > most) throw new CommandError(`ERR invalid ${name}`);
  return value;
}

/** Throws where a vector of `given` components, and the options beside it, do not go into a set. */
function checkShape(set: VectorShape, asked: VectorShape, given: number): void {
  if (set.quantization !== asked.quantization)
    throw new CommandError('ERR asked quantization mismatch with existing vector set');
  if (set.m !== asked.m) throw new CommandError('ERR asked M value mismatch with existing vector set');
  const mismatch = new CommandError(`ERR Vector dimension mismatch - got ${given} but set has ${set.dim}`);
  const isReduced = asked.inputDim !== undefined;
  if (set.inputDim === undefined) {
    if (set.dim !== given) throw mismatch;
    if (isReduced) throw new CommandError('ERR cannot add projection to existing set without projection');
    return;
  }
  if (!isReduced || asked.dim !== set.dim) throw mismatch;
  if (given !== set.inputDim)
    throw new CommandError(
      `ERR Input dimension mismatch for projection - got ${given} but projection expects ${set.inputDim}`,
    );
}
