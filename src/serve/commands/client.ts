/** CLIENT: what is known of clients, and what they may say of themselves. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument, parseInt64 } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, OK, type Reply, syntaxError, VerbatimReply } from '../../engine/reply.js';
import { type Connection, NO_REPLY } from '../connection.js';
import { connectionOf } from '../server-context.js';
import { kill } from './client-kill.js';
import { clientLine, typeArgument, typeOf } from './client-line.js';
import { checkClientName, isWord } from './client-name.js';
import { pause, unpause } from './client-pause.js';
import { CLIENT_TRACKING_COMMANDS } from './client-tracking.js';
import { help, serverOf } from './server-of.js';

export const CLIENT_COMMANDS: CommandTable = {
  ...CLIENT_TRACKING_COMMANDS,
  'CLIENT ID': (call) => connectionOf(call).id,
  'CLIENT GETNAME': (call) => connectionOf(call).name || null,
  'CLIENT SETNAME': setName,
  'CLIENT SETINFO': setInfo,
  'CLIENT INFO': info,
  'CLIENT LIST': list,
  'CLIENT KILL': kill,
  'CLIENT PAUSE': pause,
  'CLIENT UNPAUSE': unpause,
  'CLIENT REPLY': replyMode,
  'CLIENT UNBLOCK': unblock,
  'CLIENT NO-EVICT': noEvict,
  'CLIENT NO-TOUCH': noTouch,
  'CLIENT HELP': help('CLIENT', [
    'CACHING (YES|NO)',
    '    Whether the keys of the next command are tracked.',
    'GETREDIR',
    '    The client that is told of tracked keys in place of this one.',
    'GETNAME',
    '    The name of this client.',
    'ID',
    '    The number of this client.',
    'INFO',
    '    What is known of this client.',
    'KILL <ip:port>',
    '    Ends the connection of a client.',
    'KILL <option> <value> [<option> <value> [...]]',
    '    Ends the connections of clients that are as all options say:',
    '    * ADDR <ip:port>',
    '    * LADDR <ip:port>',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '    * USER <username>',
    '    * ID <client-id>',
    '    * SKIPME (YES|NO), which is YES where nothing is said',
    'LIST [options ...]',
    '    What is known of all clients, or of those of one sort:',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '    * ID <client-id> [<client-id> ...]',
    'NO-EVICT (ON|OFF)',
    '    Whether this client may be let go for the memory that it takes.',
    'PAUSE <timeout> [WRITE|ALL]',
    '    Nothing is run, or nothing that writes, for so many milliseconds.',
    'REPLY (ON|OFF|SKIP)',
    '    Whether this client is answered.',
    'SETNAME <name>',
    '    Gives this client a name.',
    'TRACKING (ON|OFF) [...]',
    '    Whether this client is told of keys that change.',
    'TRACKINGINFO',
    '    What is tracked for this client.',
    'UNBLOCK <clientid> [TIMEOUT|ERROR]',
    '    Ends the waiting of a client.',
    'UNPAUSE',
    '    Ends a PAUSE.',
  ]),
};

/** CLIENT SETNAME connection-name */
function setName(call: Call): Reply {
  const name = call.args[2]!;
  checkClientName(name);
  connectionOf(call).name = name;
  return OK;
}

/** CLIENT SETINFO (LIB-NAME libname | LIB-VER libver) */
function setInfo(call: Call): Reply {
  const [, , option, value] = call.args as [ByteString, ByteString, ByteString, ByteString];
  const isName = isOption(option, 'LIB-NAME');
  if (!isName && !isOption(option, 'LIB-VER')) throw new CommandError(`ERR Unrecognized option '${option}'`);
  if (!isWord(value))
    throw new CommandError(`ERR ${option.toLowerCase()} cannot contain spaces, newlines or special characters.`);
  const connection = connectionOf(call);
  if (isName) connection.libraryName = value;
  else connection.libraryVersion = value;
  return OK;
}

/** CLIENT INFO */
function info(call: Call): Reply {
  return new VerbatimReply(`${clientLine(connectionOf(call))}\n`);
}

/** CLIENT LIST [TYPE (NORMAL | MASTER | REPLICA | PUBSUB)] [ID client-id [client-id ...]] */
function list(call: Call): Reply {
  const { args } = call;
  const { clients } = serverOf(call);
  let shown: Iterable<Connection>;
  if (args.length === 2) shown = clients.values();
  else if (args.length === 4 && isOption(args[2], 'TYPE')) {
    const type = typeArgument(args[3]!);
    shown = [...clients.values()].filter((connection) => typeOf(connection) === type);
  } else if (args.length > 3 && isOption(args[2], 'ID')) {
    shown = args.slice(3).flatMap((text) => clients.get(idArgument(text)) ?? []);
  } else throw syntaxError();
  return new VerbatimReply(Array.from(shown, (connection) => `${clientLine(connection)}\n`).join(''));
}

function idArgument(text: ByteString): number {
  const id = parseInt64(text);
  if (id === undefined) throw new CommandError('ERR Invalid client ID');
  return Number(id);
}

/** CLIENT REPLY (ON | OFF | SKIP): what is asked for begins with this command. */
function replyMode(call: Call): Reply {
  const connection = connectionOf(call);
  const mode = call.args[2];
  if (isOption(mode, 'ON')) {
    connection.replyMode = 'on';
    return OK;
  }
  if (isOption(mode, 'OFF')) connection.replyMode = 'off';
  else if (!isOption(mode, 'SKIP')) throw syntaxError();
  else if (connection.replyMode !== 'off') connection.replyMode = 'skip-next';
  return NO_REPLY;
}

/** CLIENT UNBLOCK client-id [TIMEOUT | ERROR] */
function unblock(call: Call): Reply {
  const { args } = call;
  if (args.length > 4) throw syntaxError();
  const isError = isOption(args[3], 'ERROR');
  if (args.length === 4 && !isError && !isOption(args[3], 'TIMEOUT'))
    throw new CommandError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  const { clients, blocked } = serverOf(call);
  const connection = clients.get(numberArgument(args[2]));
  if (connection === undefined) return 0;
  const reply = isError ? new CommandError('UNBLOCKED client unblocked via CLIENT UNBLOCK') : undefined;
  return blocked.unblock(connection, reply) ? 1 : 0;
}

/** CLIENT NO-EVICT (ON | OFF) */
function noEvict(call: Call): Reply {
  connectionOf(call).isNeverEvicted = switchArgument(call.args[2]!);
  return OK;
}

/** CLIENT NO-TOUCH (ON | OFF): taken, and of no effect. */
function noTouch(call: Call): Reply {
  switchArgument(call.args[2]!);
  return OK;
}

function switchArgument(text: ByteString): boolean {
  if (isOption(text, 'ON')) return true;
  if (isOption(text, 'OFF')) return false;
  throw syntaxError();
}
