/** MONITOR, TIME and LOLWUT. */
import { integerArgument, isOption } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, OK, type Reply, VerbatimReply } from '../../engine/reply.js';
import { connectionOf } from '../server-context.js';
import { releaseOf, serverOf } from './server-of.js';

export const MONITOR_COMMANDS: CommandTable = { MONITOR: monitor, TIME: time, LOLWUT: lolwut };

/** MONITOR */
function monitor(call: Call): Reply {
  if (call.isTransaction) throw new CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client");
  serverOf(call).monitors.add(connectionOf(call));
  return OK;
}

/** TIME: Unix seconds, and microseconds of the second. */
function time({ nowMs }: Call): Reply {
  const seconds = Math.floor(nowMs / 1000);
  return [String(seconds), String(Math.floor((nowMs - seconds * 1000) * 1000))];
}

/** LOLWUT [VERSION version] */
function lolwut({ args, engine }: Call): Reply {
  if (isOption(args[1], 'VERSION') && args.length > 2) integerArgument(args[2]);
  const { target } = engine.settings;
  return new VerbatimReply(`${target.family === 'valkey' ? 'Valkey' : 'Redis'} ver. ${releaseOf(target)}\n`);
}
