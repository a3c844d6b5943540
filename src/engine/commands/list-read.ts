/** Reading lists. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, numberArgument, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { ListObject } from '../values/list-object.js';

const MOST = 2n ** 63n - 1n;
/** Servers that refuse a rank whose opposite is no 64-bit integer; others take it for −1. */
const REFUSES_RANKS = { redis: '7.2', valkey: '7.2' };

export const LIST_READ_COMMANDS: CommandTable = {
  LLEN: ({ db, args }) => db.getObject(args[1]!, 'list')?.length ?? 0,
  LINDEX: lindex,
  LRANGE: lrange,
  LPOS: lpos,
};

/** LINDEX key index */
function lindex({ db, args }: Call): Reply {
  const list = db.getObject(args[1]!, 'list');
  if (list === undefined) return null;
  const wanted = numberArgument(args[2]);
  const index = wanted < 0 ? list.length + wanted : wanted;
  return index < 0 || index >= list.length ? null : list.at(index);
}

/** LRANGE key start stop */
function lrange({ db, args }: Call): Reply {
  const start = numberArgument(args[2]);
  const stop = numberArgument(args[3]);
  const list = db.getObject(args[1]!, 'list');
  if (list === undefined) return [];
  const { length } = list;
  const from = Math.max(0, start < 0 ? length + start : start);
  const to = Math.min(length, (stop < 0 ? length + stop : stop) + 1);
  return from < to ? list.slice(from, to) : [];
}

/** LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len] */
function lpos(call: Call): Reply {
  const { db, args } = call;
  const options = searchOptions(call);
  const list = db.getObject(args[1]!, 'list');
  const found = list === undefined ? [] : positions(list, args[2]!, options);
  return options.count === undefined ? (found[0] ?? null) : found;
}

interface SearchOptions {
  /** The first match that counts, from 1 on from the head, from −1 on from the tail. */
  readonly rank: number;
  /** So many matches, 0 for all; undefined: one, which is the whole reply. */
  readonly count: number | undefined;
  /** So many elements are looked at, 0 for all. */
  readonly most: number;
}

function searchOptions(call: Call): SearchOptions {
  const { args } = call;
  let rank = 1;
  let count: number | undefined;
  let most = 0;
  for (let at = 3; at < args.length; at += 2) {
    if (at + 1 === args.length) throw syntaxError();
    if (isOption(args[at], 'RANK')) rank = rankArgument(call, args[at + 1]!);
    else if (isOption(args[at], 'COUNT')) count = notNegative(args[at + 1]!, 'COUNT');
    else if (isOption(args[at], 'MAXLEN')) most = notNegative(args[at + 1]!, 'MAXLEN');
    else throw syntaxError();
  }
  return { rank, count, most };
}

function rankArgument({ engine }: Call, text: ByteString): number {
  const rank = integerArgument(text);
  if (rank < -MOST) {
    if (!isSince(engine.settings.target, REFUSES_RANKS)) return -1;
    throw new CommandError(`ERR value is out of range, value must between -${MOST} and ${MOST}`);
  }
  if (rank !== 0) return Number(rank);
  throw new CommandError(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  );
}

function notNegative(text: ByteString, option: string): number {
  const value = parseInt64(text);
  if (value === undefined || value < 0) throw new CommandError(`ERR ${option} can't be negative`);
  return Number(value);
}

function positions(list: ListObject, element: ByteString, { rank, count = 1, most }: SearchOptions): number[] {
  const { length } = list;
  const steps = most === 0 ? length : Math.min(length, most);
  const wanted = count === 0 ? length : count;
  const found: number[] = [];
  let before = Math.abs(rank) - 1;
  for (let step = 0; step < steps && found.length < wanted; step++) {
    const index = rank > 0 ? step : length - 1 - step;
    if (list.at(index) !== element) continue;
    if (before > 0) before--;
    else found.push(index);
  }
  return found;
}
