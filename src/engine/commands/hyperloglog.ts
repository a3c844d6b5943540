/** HyperLogLogs: strings that estimate how many different elements they have seen. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { countRegisters, HLL_REGISTERS, HyperLogLog } from '../../codecs/hyperloglog.js';
import { formatRuns } from '../../codecs/hyperloglog-sparse.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import { CommandError, OK, type Reply, Status } from '../reply.js';
import { isSince } from '../settings.js';
import { RawString } from '../values/raw-string.js';
import { stringToChange } from './string.js';

export const HYPERLOGLOG_COMMANDS: CommandTable = {
  PFADD: pfadd,
  PFCOUNT: pfcount,
  PFMERGE: pfmerge,
  PFDEBUG: pfdebug,
  PFSELFTEST: () => OK,
};

/** PFADD key [element [element ...]] */
function pfadd(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const found = editAt(db, key);
  const hll = found?.hll ?? HyperLogLog.create();
  let updated = found === undefined ? 1 : 0;
  for (let at = 2; at < args.length; at++) if (intact(hll.add(args[at]!))) updated++;
  if (updated > 0) hll.markStale();
  keep(db, key, found?.raw, hll);
  if (updated > 0) call.changed(key, '$', 'pfadd');
  call.dirty += updated;
  return updated > 0 ? 1 : 0;
}

/** PFCOUNT key [key ...] */
function pfcount(call: Call): Reply {
  const { db, args } = call;
  if (args.length > 2) return countRegisters(merged(db, args, 1).registers);
  const hll = editAt(db, args[1]!)?.hll;
  if (hll === undefined) return 0;
  const cached = hll.cached();
  if (cached !== undefined) return cached;
  const count = intact(hll.count());
  hll.cache(count);
  call.touched(args[1]!);
  call.dirty++;
  return count;
}

/** PFMERGE destkey [sourcekey [sourcekey ...]] */
function pfmerge(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const { registers, hasDense } = merged(db, args, 1);
  const found = editAt(db, key);
  const hll = found?.hll ?? HyperLogLog.create();
  // Up to 4.0.6 the destination always became dense.
  if (hasDense || !isSince(engine.settings.target, { redis: '4.0', valkey: '7.2' })) intact(hll.toDense());
  for (let index = 0; index < HLL_REGISTERS; index++)
    if (registers[index]! > 0) intact(hll.set(index, registers[index]!));
  hll.markStale();
  keep(db, key, found?.raw, hll);
  call.changed(key, '$', 'pfadd');
  call.dirty++;
  return OK;
}

/** PFDEBUG GETREG|DECODE|ENCODING|TODENSE key */
function pfdebug(call: Call): Reply {
  const { db, args } = call;
  const key = args[2]!;
  const found = editAt(db, key);
  if (found === undefined) throw new CommandError('ERR The specified key does not exist');
  const { raw, hll } = found;
  switch (args[1]!.toUpperCase()) {
    case 'GETREG':
      if (intact(hll.toDense())) call.dirty++;
      keep(db, key, raw, hll);
      return Array.from({ length: HLL_REGISTERS }, (_, index) => hll.register(index));
    case 'DECODE':
      if (!hll.isSparse) throw new CommandError('ERR HLL encoding is not sparse');
      return formatRuns(hll.bytes, HLL_HEADER);
    case 'ENCODING':
      return new Status(hll.isSparse ? 'sparse' : 'dense');
    case 'TODENSE': {
      const isChanged = intact(hll.toDense());
      keep(db, key, raw, hll);
      if (isChanged) call.dirty++;
      return isChanged ? 1 : 0;
    }
    default:
      throw new CommandError(`ERR Unknown PFDEBUG subcommand '${args[1]}'`);
  }
}

const HLL_HEADER = 16;

/** The HyperLogLog at a key over the bytes of its string; undefined where the key is missing. */
function editAt(db: Database, key: ByteString): { readonly raw: RawString; readonly hll: HyperLogLog } | undefined {
  const value = db.get(key);
  if (value === undefined) return undefined;
  // What is refused stays in the form that it has.
  if (!(value instanceof RawString) || value.encoding !== 'raw') hllOf(fromByteString(db.getString(key)!));
  const raw = stringToChange(db, key);
  return { raw, hll: hllOf(raw.edit()) };
}

/** After changes that may have moved the bytes elsewhere. */
function keep(db: Database, key: ByteString, raw: RawString | undefined, { bytes }: HyperLogLog): void {
  if (raw === undefined) db.set(key, RawString.ofBuffer(bytes));
  else raw.replace(bytes);
}

function merged(
  db: Database,
  keys: readonly ByteString[],
  from: number,
): { readonly registers: Uint8Array; readonly hasDense: boolean } {
  const registers = new Uint8Array(HLL_REGISTERS);
  let hasDense = false;
  for (let at = from; at < keys.length; at++) {
    const value = db.get(keys[at]!);
    if (value === undefined) continue;
    const bytes = value instanceof RawString ? value.toBytes() : fromByteString(db.getString(keys[at]!)!);
    const hll = hllOf(bytes);
    if (!hll.isSparse) hasDense = true;
    intact(hll.mergeInto(registers));
  }
  return { registers, hasDense };
}

function hllOf(bytes: Uint8Array): HyperLogLog {
  const hll = HyperLogLog.of(bytes);
  if (hll === undefined) throw new CommandError('WRONGTYPE Key is not a valid HyperLogLog string value.');
  return hll;
}

function intact<T>(result: T | undefined): T {
  if (result === undefined) throw new CommandError('INVALIDOBJ Corrupted HLL object detected');
  return result;
}
