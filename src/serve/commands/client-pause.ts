/** CLIENT PAUSE and CLIENT UNPAUSE. */
import { isOption, parseInt64 } from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { CommandError, OK, type Reply } from '../../engine/reply.js';
import { serverOf } from './server-of.js';

/** CLIENT PAUSE timeout [WRITE | ALL] */
export function pause(call: Call): Reply {
  const { args } = call;
  const isForAll = args[3] === undefined || isOption(args[3], 'ALL');
  if (!isForAll && !isOption(args[3], 'WRITE')) throw new CommandError('ERR CLIENT PAUSE mode must be WRITE or ALL');
  const ms = parseInt64(args[2]!);
  if (ms === undefined) throw new CommandError('ERR timeout is not an integer or out of range');
  if (ms < 0) throw new CommandError('ERR timeout is negative');
  serverOf(call).pause.start(call.nowMs + Number(ms), isForAll);
  return OK;
}

/** CLIENT UNPAUSE */
export function unpause(call: Call): Reply {
  serverOf(call).pause.end();
  return OK;
}
