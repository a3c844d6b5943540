/** WAIT and WAITAOF: there are no replicas, so whoever wants some waits in vain. */
import { parseInt64 } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, notAnInteger, type Reply } from '../../engine/reply.js';
import { serverOf } from './server-of.js';

export const WAIT_COMMANDS: CommandTable = { WAIT: wait, WAITAOF: waitaof };

/** WAIT numreplicas timeout */
function wait(call: Call): Reply {
  const { args } = call;
  const replicas = parseInt64(args[1]!);
  if (replicas === undefined) throw notAnInteger();
  const timeoutMs = timeoutOf(args[2]!);
  if (replicas > 0) waitInVain(call, timeoutMs);
  return 0;
}

/** WAITAOF numlocal numreplicas timeout: what is synced before replies go out counts as synced. */
function waitaof(call: Call): Reply {
  const { args } = call;
  const local = parseInt64(args[1]!);
  if (local === undefined || local < 0 || local > 1)
    throw new CommandError('ERR value is out of range, value must between 0 and 1');
  const replicas = parseInt64(args[2]!);
  if (replicas === undefined || replicas < 0) throw new CommandError('ERR value is out of range, must be positive');
  const timeoutMs = timeoutOf(args[3]!);
  const settings = serverOf(call).backend.store?.settings;
  if (local > 0 && settings?.appendonly !== true)
    throw new CommandError('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
  const synced = settings?.appendonly === true && settings.appendfsync === 'always' ? 1 : 0;
  if (replicas > 0 || local > synced) waitInVain(call, timeoutMs);
  return [synced, 0];
}

function timeoutOf(text: string): number {
  const ms = parseInt64(text);
  if (ms === undefined) throw new CommandError('ERR timeout is not an integer or out of range');
  if (ms < 0) throw new CommandError('ERR timeout is negative');
  return Number(ms);
}

/** For no key: until the time is up. */
function waitInVain(call: Call, timeoutMs: number): void {
  call.block({ keys: [], type: 'list', timeoutMs });
}
