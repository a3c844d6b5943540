/** CLIENT TRACKING and what goes with it: refused, since nobody is told here of keys that others have changed. */
import { isOption } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, MapReply, OK, type Reply, SetReply, syntaxError } from '../../engine/reply.js';

export const CLIENT_TRACKING_COMMANDS: CommandTable = {
  'CLIENT TRACKING': tracking,
  'CLIENT TRACKINGINFO': trackingInfo,
  'CLIENT CACHING': caching,
  'CLIENT GETREDIR': () => -1,
};

/**
 * CLIENT TRACKING (ON | OFF) [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
 */
function tracking({ args }: Call): Reply {
  for (let at = 3; at < args.length; at++) {
    if ((isOption(args[at], 'REDIRECT') || isOption(args[at], 'PREFIX')) && at + 1 < args.length) at++;
    else if (!['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].some((option) => isOption(args[at], option))) throw syntaxError();
  }
  if (isOption(args[2], 'OFF')) return OK;
  if (!isOption(args[2], 'ON')) throw syntaxError();
  throw new CommandError('ERR client tracking is not supported by this server');
}

/** CLIENT TRACKINGINFO */
function trackingInfo(): Reply {
  return new MapReply([
    ['flags', new SetReply(['off'])],
    ['redirect', -1],
    ['prefixes', []],
  ]);
}

/** CLIENT CACHING (YES | NO) */
function caching(): Reply {
  throw new CommandError(
    'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
  );
}
