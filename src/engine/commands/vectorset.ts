/** Commands that change vector sets (module `vectorset`, Redis 8.0), which are kept as data: nothing is searched. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import type { VectorQuantization } from '../../rdb/vectorset-layout.js';
import { parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { isOutOfRange, parseAnyDouble } from '../double.js';
import { CommandError, FALSE, type Reply, TRUE, wrongType } from '../reply.js';
import { isSince } from '../settings.js';
import { VectorSetObject, type VectorShape } from '../values/vector-set-object.js';
import { packVector, project, projectionOf } from '../values/vector-set-vector.js';

export const VECTORSET_COMMANDS: CommandTable = { VADD: vadd, VREM: vrem, VSETATTR: vsetattr };

/**
 * VADD key [REDUCE dim] <FP32 blob | VALUES num value [value ...]> element [CAS] [NOQUANT | Q8 | BIN] [EF effort]
 *   [SETATTR attributes] [M links]
 */
function vadd(call: Call): Reply {
  const { args, db } = call;
  const { vector, reducedDim, next } = vectorArgument(call);
  const name = args[next]!;
  const options = addOptions(args, next + 1);
  const existing = vectorSetAt(call, args[1]!);
  if (existing !== undefined) checkShape(existing.shape, options, vector.length, reducedDim);
  const set = existing ?? new VectorSetObject(shapeOf(options, vector.length, reducedDim));
  const { projection, quantization } = set.shape;
  const packed = packVector(projection === undefined ? vector : project(projection, vector), quantization);
  const old = set.get(name);
  set.set(name, packed, options.attribute ?? old?.attribute ?? '');
  db.overwrite(args[1]!, set);
  // A vector in the place of another is no change to the server: no log has it.
  if (old !== undefined) return FALSE;
  call.touched(args[1]!);
  call.dirty++;
  return TRUE;
}

/** VREM key element */
function vrem(call: Call): Reply {
  const { args, db } = call;
  const set = vectorSetAt(call, args[1]!);
  if (set?.delete(args[2]!) !== true) return FALSE;
  if (set.size === 0) db.delete(args[1]!);
  call.touched(args[1]!);
  call.dirty++;
  return TRUE;
}

/** VSETATTR key element attributes */
function vsetattr(call: Call): Reply {
  const { args } = call;
  if (vectorSetAt(call, args[1]!)?.setAttribute(args[2]!, args[3]!) !== true) return FALSE;
  call.touched(args[1]!);
  call.dirty++;
  return TRUE;
}

/** One from a dump is made into one that can be changed, and kept where anything can be. Throws WRONGTYPE. */
export function vectorSetAt({ db, engine }: Call, key: ByteString): VectorSetObject | undefined {
  const value = db.get(key);
  if (value === undefined || value instanceof VectorSetObject) return value;
  const isModule = typeof value !== 'string' && value.type === 'opaque' && value.value.type === 'module';
  const set = isModule && value.value.type === 'module' ? VectorSetObject.fromModule(value.value) : undefined;
  if (set === undefined) throw wrongType();
  if (!engine.isReadOnly) db.overwrite(key, set);
  return set;
}

/** Since Redis 8.6, at most; before it nothing was too large. */
const MAX_DIM = 65536;
/** Of a projection's matrix. */
const MAX_PROJECTION = 2 ** 28;

interface VectorArgument {
  readonly vector: Float32Array;
  readonly reducedDim: number | undefined;
  /** Index of the element. */
  readonly next: number;
}

function vectorArgument({ args, engine }: Call): VectorArgument {
  const isBounded = isSince(engine.settings.target, { redis: '8.6' });
  let at = 2;
  let reducedDim: number | undefined;
  if (args[at]!.toUpperCase() === 'REDUCE') {
    reducedDim = positive(args[at + 1]);
    at += 2;
  }
  const form = args[at]?.toUpperCase();
  const isBlob = form === 'FP32';
  if (!isBlob && form !== 'VALUES') throw badVector();
  const count = isBlob ? (args[at + 1] ?? '').length / 4 : positive(args[at + 1]);
  const next = at + 2 + (isBlob ? 0 : count);
  if (next > args.length || count === 0 || !Number.isInteger(count)) throw badVector();
  if (isBounded && (count > MAX_DIM || (reducedDim ?? 0) > count)) throw badVector();
  const vector = isBlob ? floatsOf(args[at + 1]!) : parseValues(args, next - count, next);
  if (next === args.length) throw new CommandError("ERR wrong number of arguments for 'VADD' command");
  return { vector, reducedDim, next };
}

function floatsOf(blob: ByteString): Float32Array {
  const bytes = fromByteString(blob);
  const view = new DataView(bytes.buffer);
  // As bits: a NaN may have some that a number would lose.
  const bits = new Uint32Array(bytes.length / 4);
  for (let at = 0; at < bits.length; at++) bits[at] = view.getUint32(at * 4, true);
  return new Float32Array(bits.buffer);
}

function parseValues(args: readonly ByteString[], start: number, end: number): Float32Array {
  const values = new Float32Array(end - start);
  for (let at = start; at < end; at++) {
    const text = args[at]!;
    const value = parseAnyDouble(text, true);
    if (Number.isNaN(value) || isOutOfRange(text, value)) throw badVector();
    values[at - start] = value;
  }
  return values;
}

function positive(text: ByteString | undefined): number {
  const value = parseInt64(text ?? '');
  if (typeof value !== 'number' || value < 1) throw badVector();
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

interface AddOptions {
  readonly quantization: VectorQuantization;
  readonly m: number;
  readonly attribute: ByteString | undefined;
}

/** What is left out stands for its default, also where the set has another: it is refused then. */
function addOptions(args: readonly ByteString[], from: number): AddOptions {
  let quantization: VectorQuantization = 'int8';
  let m = DEFAULT_M;
  let attribute: ByteString | undefined;
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const hasValue = at + 1 < args.length;
    const named = Object.hasOwn(QUANTIZATIONS, option) ? QUANTIZATIONS[option] : undefined;
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

/** Of a set that begins. */
function shapeOf({ quantization, m }: AddOptions, given: number, reducedDim: number | undefined): VectorShape {
  if (reducedDim === undefined) return { dim: given, quantization, m, projection: undefined };
  if (given * reducedDim > MAX_PROJECTION) throw new CommandError('ERR the projection would not fit into memory');
  return { dim: reducedDim, quantization, m, projection: projectionOf(given, reducedDim) };
}

/** Throws where a vector of `given` components, and the options beside it, do not go into a set. */
function checkShape(set: VectorShape, asked: AddOptions, given: number, reducedDim: number | undefined): void {
  if (set.quantization !== asked.quantization)
    throw new CommandError('ERR asked quantization mismatch with existing vector set');
  if (set.m !== asked.m) throw new CommandError('ERR asked M value mismatch with existing vector set');
  const mismatch = `ERR Vector dimension mismatch - got ${given} but set has ${set.dim}`;
  if (set.projection === undefined) {
    if (set.dim !== given) throw new CommandError(mismatch);
    if (reducedDim === undefined) return;
    throw new CommandError('ERR cannot add projection to existing set without projection');
  }
  if (reducedDim !== set.dim) throw new CommandError(mismatch);
  const { inputDim } = set.projection;
  if (given === inputDim) return;
  throw new CommandError(
    `ERR Input dimension mismatch for projection - got ${given} but projection expects ${inputDim}`,
  );
}
