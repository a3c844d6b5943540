/**
 * Commands on databases as a whole, and those that a log may hold without an effect on its data. Slots are dropped whether or
 * not there is a cluster: a log that tells of them is of one.
 */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { keySlot, SLOT_COUNT } from '../../rdb/key-slot.js';
import { isOption, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, OK, type Reply, Status, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { databaseArgument } from './database-argument.js';

/** What only means something to a session: see session.ts. */
const nothing = (): Reply => OK;

export const SERVER_COMMANDS: CommandTable = {
  SELECT: select,
  FLUSHALL: flushall,
  FLUSHDB: flushdb,
  SWAPDB: swapdb,
  'CLUSTER FLUSHSLOT': flushslot,
  'CLUSTER SYNCSLOTS': nothing,
  TRIMSLOTS: trimslots,
  SFLUSH: sflush,
  PING: ping,
  ECHO: ({ args }) => args[1]!,
  PUBLISH: () => 0,
  SPUBLISH: () => 0,
  AUTH: nothing,
  QUIT: nothing,
  ASKING: nothing,
  READONLY: nothing,
  READWRITE: nothing,
  MULTI: nothing,
  UNWATCH: nothing,
  WATCH: nothing,
  EXEC: () => {
    throw new CommandError('ERR EXEC without MULTI');
  },
  DISCARD: () => {
    throw new CommandError('ERR DISCARD without MULTI');
  },
};

/** SELECT index */
function select(call: Call): Reply {
  call.db = databaseArgument(call, call.args[1]);
  return OK;
}

/** FLUSHALL [ASYNC | SYNC] */
function flushall(call: Call): Reply {
  checkFlushOption(call);
  call.log?.force();
  for (const db of [...call.engine.inUse()]) {
    call.dirty += db.size;
    call.engine.flush(db);
  }
  if (call.engine.persistence?.emptied()) call.dirty = 0;
  return OK;
}

/** Servers that log a FLUSHDB of an empty database. */
const LOGS_EMPTY = { redis: '7.0', valkey: '7.2' };

/** FLUSHDB [ASYNC | SYNC] */
function flushdb(call: Call): Reply {
  checkFlushOption(call);
  if (isSince(call.engine.settings.target, LOGS_EMPTY)) call.log?.force();
  call.dirty += call.db.size;
  call.engine.flush(call.db);
  return OK;
}

/** SWAPDB index1 index2 */
function swapdb(call: Call): Reply {
  const { args, engine } = call;
  // Neither is looked for before both are numbers.
  for (const [at, which] of [
    [1, 'first'],
    [2, 'second'],
  ] as const)
    if (!isInt32(args[at]!)) throw new CommandError(`ERR invalid ${which} DB index`);
  const first = databaseArgument(call, args[1]);
  const second = databaseArgument(call, args[2]);
  if (first !== second) engine.swap(first.index, second.index);
  call.dirty++;
  return OK;
}

/** CLUSTER FLUSHSLOT slot [ASYNC | SYNC] */
function flushslot(call: Call): Reply {
  const { args } = call;
  const slot = slotArgument(args[2]!);
  if (args.length > 4 || (args.length === 4 && !isOption(args[3], 'ASYNC') && !isOption(args[3], 'SYNC')))
    throw syntaxError();
  dropSlots(call, [[slot, slot]]);
  return OK;
}

/** TRIMSLOTS RANGES count start end [start end ...] */
function trimslots(call: Call): Reply {
  const { args } = call;
  const count = parseInt64(args[2]!);
  if (!isOption(args[1], 'RANGES') || typeof count !== 'number' || args.length !== 3 + 2 * count) throw syntaxError();
  dropSlots(call, slotRanges(args.slice(3)));
  return OK;
}

/** SFLUSH start end [start end ...] [ASYNC | SYNC] */
function sflush(call: Call): Reply {
  const { args } = call;
  const last = args.at(-1);
  const end = args.length - (isOption(last, 'ASYNC') || isOption(last, 'SYNC') ? 1 : 0);
  if (end % 2 === 0) throw wrongArity(args[0]!);
  dropSlots(call, slotRanges(args.slice(1, end)));
  return [];
}

/** PING [message] */
function ping({ args }: Call): Reply {
  if (args.length > 2) throw wrongArity(args[0]!);
  return args[1] ?? PONG;
}

const PONG = new Status('PONG');

function checkFlushOption({ args }: Call): void {
  if (args.length > 2 || (args.length === 2 && !isOption(args[1], 'ASYNC') && !isOption(args[1], 'SYNC')))
    throw syntaxError();
}

function isInt32(text: string): boolean {
  const value = parseInt64(text);
  return typeof value === 'number' && value === (value | 0);
}

type SlotRange = readonly [first: number, last: number];

/** From pairs of slots. */
function slotRanges(slots: readonly ByteString[]): SlotRange[] {
  const ranges: SlotRange[] = [];
  for (let at = 0; at < slots.length; at += 2) {
    const first = slotArgument(slots[at]!);
    const last = slotArgument(slots[at + 1]!);
    if (first > last) throw new CommandError(`ERR start slot number ${first} is greater than end slot number ${last}`);
    ranges.push([first, last]);
  }
  return ranges;
}

function slotArgument(text: string): number {
  const slot = parseInt64(text);
  if (typeof slot !== 'number' || slot < 0 || slot >= SLOT_COUNT)
    throw new CommandError('ERR Invalid or out of range slot');
  return slot;
}

function dropSlots(call: Call, ranges: readonly SlotRange[]): void {
  for (const db of [...call.engine.inUse()]) {
    for (const key of [...db.keys.keys()]) {
      const bytes = fromByteString(key);
      const slot = keySlot(bytes, 0, bytes.length);
      if (ranges.some(([first, last]) => slot >= first && slot <= last) && db.delete(key)) {
        call.touched(key, db);
        call.notify('g', 'del', key, db);
        call.dirty++;
      }
    }
  }
}
