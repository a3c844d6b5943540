/** What hashes are asked for. */
import type { Call, CommandTable } from '../call.js';
import { MapReply, type Reply } from '../reply.js';
import { hashAt } from './hash.js';

export const HASH_READ_COMMANDS: CommandTable = {
  HGET: hget,
  HMGET: hmget,
  HLEN: hlen,
  HSTRLEN: hstrlen,
  HEXISTS: hexists,
  HKEYS: hkeys,
  HVALS: hvals,
  HGETALL: hgetall,
};

/** HGET key field */
function hget(call: Call): Reply {
  const { args } = call;
  return hashAt(call, args[1]!)?.get(args[2]!) ?? null;
}

/** HMGET key field [field ...] */
function hmget(call: Call): Reply {
  const { args } = call;
  const hash = hashAt(call, args[1]!);
  const reply: Reply[] = [];
  for (let at = 2; at < args.length; at++) reply.push(hash?.get(args[at]!) ?? null);
  return reply;
}

/** HLEN key */
function hlen(call: Call): Reply {
  return hashAt(call, call.args[1]!)?.size ?? 0;
}

/** HSTRLEN key field */
function hstrlen(call: Call): Reply {
  const { args } = call;
  return hashAt(call, args[1]!)?.get(args[2]!)?.length ?? 0;
}

/** HEXISTS key field */
function hexists(call: Call): Reply {
  const { args } = call;
  return hashAt(call, args[1]!)?.has(args[2]!) ? 1 : 0;
}

/** HKEYS key */
function hkeys(call: Call): Reply {
  return [...(hashAt(call, call.args[1]!)?.names() ?? [])];
}

/** HVALS key */
function hvals(call: Call): Reply {
  const values: Reply[] = [];
  for (const [, value] of hashAt(call, call.args[1]!)?.entries() ?? []) values.push(value);
  return values;
}

/** HGETALL key */
function hgetall(call: Call): Reply {
  return new MapReply([...(hashAt(call, call.args[1]!)?.entries() ?? [])]);
}
