/** What is missing of commands that are the engine's: mostly their HELP. */
import { isOption } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, OK, type Reply } from '../../engine/reply.js';
import { help } from './server-of.js';

export const OBJECT_COMMANDS: CommandTable = {
  'OBJECT HELP': help('OBJECT', [
    'ENCODING <key>',
    '    How the value of a key is held.',
    'FREQ <key>',
    '    How often a key is looked at.',
    'IDLETIME <key>',
    '    For how many seconds nobody has looked at a key.',
    'REFCOUNT <key>',
    '    How many share the value of a key.',
  ]),
  'SCRIPT DEBUG': scriptDebug,
  'SCRIPT HELP': help('SCRIPT', [
    'EXISTS <sha1> [<sha1> ...]',
    '    Which scripts are known.',
    'FLUSH [ASYNC|SYNC]',
    '    Forgets all scripts.',
    'LOAD <script>',
    '    Makes a script known; it cannot be run.',
  ]),
  'FUNCTION HELP': help('FUNCTION', [
    'DELETE <library-name>',
    '    Deletes a library.',
    'DUMP',
    '    All libraries, for RESTORE.',
    'FLUSH [ASYNC|SYNC]',
    '    Deletes all libraries.',
    'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
    '    The libraries and their functions.',
    'LOAD [REPLACE] <function-code>',
    '    Takes a library; its functions cannot be run.',
    'RESTORE <serialized-payload> [FLUSH|APPEND|REPLACE]',
    '    Takes what DUMP has given.',
  ]),
};

/** SCRIPT DEBUG (YES | SYNC | NO): scripts are not run, so nobody looks at them while they are. */
function scriptDebug({ args }: Call): Reply {
  if (args.length === 3 && isOption(args[2], 'NO')) return OK;
  if (args.length > 3 || !(isOption(args[2], 'YES') || isOption(args[2], 'SYNC')))
    throw new CommandError('ERR Use SCRIPT DEBUG YES/SYNC/NO');
  throw new CommandError('ERR this server runs no scripts');
}
