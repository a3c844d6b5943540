/** What vector sets hold, element by element. Nothing is searched: VSIM and VLINKS are left to servers. */
import type { ByteString } from '../../bytes/byte-string.js';
import { parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, FALSE, type Reply, TRUE } from '../reply.js';
import type { VectorSetObject } from '../values/vector-set-object.js';
import { drawAny, drawDistinct } from './random-count.js';
import { vectorSetAt } from './vectorset.js';

export const VECTORSET_READ_COMMANDS: CommandTable = {
  VCARD: (call) => vectorSetAt(call, call.args[1]!)?.size ?? 0,
  VDIM: vdim,
  VGETATTR: vgetattr,
  VISMEMBER: (call) => (vectorSetAt(call, call.args[1]!)?.get(call.args[2]!) === undefined ? FALSE : TRUE),
  VRANDMEMBER: vrandmember,
  VRANGE: vrange,
};

/** VDIM key */
function vdim(call: Call): Reply {
  const set = vectorSetAt(call, call.args[1]!);
  if (set === undefined) throw new CommandError('ERR key does not exist');
  return set.shape.dim;
}

/** VGETATTR key element */
function vgetattr(call: Call): Reply {
  return vectorSetAt(call, call.args[1]!)?.get(call.args[2]!)?.attribute || null;
}

/** VRANDMEMBER key [count] */
function vrandmember(call: Call): Reply {
  const { args, engine } = call;
  if (args.length > 3) throw wrongArguments(args);
  const count = args[2] === undefined ? undefined : parseInt64(args[2]);
  if (args[2] !== undefined && typeof count !== 'number') throw new CommandError('ERR COUNT value is not an integer');
  if (count === 0) return [];
  const set = vectorSetAt(call, args[1]!);
  if (set === undefined) return count === undefined ? null : [];
  const names = namesOf(set);
  const any = (): ByteString => names[Math.floor(engine.random() * names.length)]!;
  if (typeof count !== 'number') return any();
  if (count < 0) return drawAny(-count, any);
  return drawDistinct(names.length, Math.min(count, names.length), engine.random).map((at) => names[at]!);
}

/** VRANGE key start end [count]: elements by their names, `[a` with a, `(a` without, `-` and `+` the ends. */
function vrange(call: Call): Reply {
  const { args } = call;
  if (args.length > 5) throw wrongArguments(args);
  const count = args[4] === undefined ? -1 : parseInt64(args[4]);
  if (typeof count !== 'number') throw new CommandError('ERR invalid COUNT value');
  const start = boundary(args[2]!, 'start');
  const end = boundary(args[3]!, 'end');
  if (start.end === '+' || end.end === '-')
    throw new CommandError("ERR '-' can only be used as first argument, '+' only as second");
  const set = vectorSetAt(call, args[1]!);
  if (set === undefined) return [];
  const names = namesOf(set).filter((name) => !isBelow(name, start) && !isAbove(name, end));
  names.sort();
  return count < 0 ? names : names.slice(0, count);
}

interface Boundary {
  /** One that is open to that side. */
  readonly end: '-' | '+' | undefined;
  readonly name: ByteString;
  readonly isExcluded: boolean;
}

function boundary(text: ByteString, what: 'start' | 'end'): Boundary {
  if (text === '-' || text === '+') return { end: text, name: '', isExcluded: false };
  if (!text.startsWith('[') && !text.startsWith('(')) throw new CommandError(`ERR invalid ${what} range format`);
  return { end: undefined, name: text.slice(1), isExcluded: text.startsWith('(') };
}

function isBelow(name: ByteString, start: Boundary): boolean {
  return start.end === undefined && (start.isExcluded ? name <= start.name : name < start.name);
}

function isAbove(name: ByteString, end: Boundary): boolean {
  return end.end === undefined && (end.isExcluded ? name >= end.name : name > end.name);
}

function namesOf(set: VectorSetObject): ByteString[] {
  return Array.from(set.values(), ({ name }) => name);
}

/** A module names its command as it is registered. */
function wrongArguments(args: readonly ByteString[]): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${args[0]!.toUpperCase()}' command`);
}
