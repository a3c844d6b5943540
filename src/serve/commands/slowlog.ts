/** SLOWLOG */
import { parseInt64 } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, OK, type Reply } from '../../engine/reply.js';
import { help, serverOf, wrongSubcommand } from './server-of.js';

export const SLOWLOG_COMMANDS: CommandTable = {
  'SLOWLOG GET': get,
  'SLOWLOG LEN': (call) => serverOf(call).slowlog.entries.length,
  'SLOWLOG RESET': reset,
  'SLOWLOG HELP': help('SLOWLOG', [
    'GET [<count>]',
    '    The last commands that took long (default: 10; -1: all), each with its number, its time in Unix seconds,',
    '    how many microseconds it took, its arguments, and the address and the name of the client.',
    'LEN',
    '    How many there are.',
    'RESET',
    '    Forgets them.',
  ]),
};

const USUAL_COUNT = 10;

/** SLOWLOG GET [count] */
function get(call: Call): Reply {
  const { args } = call;
  if (args.length > 3) throw wrongSubcommand(call, 'SLOWLOG');
  const count = args[2] === undefined ? USUAL_COUNT : parseInt64(args[2]);
  if (count === undefined || count < -1) throw new CommandError('ERR count should be greater than or equal to -1');
  const { entries } = serverOf(call).slowlog;
  const shown = count < 0 ? entries : entries.slice(0, Number(count));
  return shown.map((each) => [each.id, each.atSeconds, each.usec, each.args, each.address, each.clientName]);
}

/** SLOWLOG RESET */
function reset(call: Call): Reply {
  serverOf(call).slowlog.reset();
  return OK;
}
