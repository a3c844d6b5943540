/** One command of a client: may it be run, what comes of it, and who else is to be told. */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import { CommandError, type Reply } from '../engine/reply.js';
import { isOfBrowser, letGoOfBrowser } from './browser-requests.js';
import { type Connection, NO_REPLY } from './connection.js';
import type { Server } from './server.js';
import { shownName } from './shown-words.js';

/** What a client may ask before it has given the password. */
const OPEN_TO_ALL: ReadonlySet<string> = new Set(['AUTH', 'HELLO', 'QUIT', 'RESET']);
/** What a client of RESP2 may ask while it listens to channels. */
const WHILE_LISTENING: ReadonlySet<string> = new Set([
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'UNSUBSCRIBE',
  'PUNSUBSCRIBE',
  'SUNSUBSCRIBE',
  'PING',
  'QUIT',
  'RESET',
]);

export function dispatch(server: Server, connection: Connection, args: readonly ByteString[]): void {
  const { session } = connection;
  if (isOfBrowser(args[0]!)) {
    letGoOfBrowser(server, connection);
    return;
  }
  const refusal = refusalOf(connection, args);
  if (refusal !== undefined) {
    connection.reply(session.refuse(args, refusal));
    return;
  }
  if (server.pause.postpones(connection, args)) return;
  const reply = run(server, connection, args);
  server.backend.count(session.changes);
  const { wait } = session;
  if (server.backend.store?.hasEnded) server.hasOutput(connection);
  else if (wait === undefined) connection.reply(reply);
  else server.blocked.block(connection, args, wait, reply);
  server.blocked.serve();
}

/** An error of ours ends a command, not the server. */
function run(server: Server, connection: Connection, args: readonly ByteString[]): Reply {
  try {
    return connection.session.execute(args);
  } catch (error) {
    if (server.backend.store?.hasEnded) return NO_REPLY;
    server.warn(`${args[0]} has failed`, error);
    return new CommandError('ERR internal error');
  }
}

function refusalOf(connection: Connection, args: readonly ByteString[]): CommandError | undefined {
  if (connection.isAuthenticated && (connection.writer.protocol === 3 || connection.subscriptions === 0))
    return undefined;
  let spec: CommandSpec;
  try {
    spec = connection.session.runner.find(args);
  } catch {
    return undefined; // The session says what is wrong with it.
  }
  if (!connection.isAuthenticated && !OPEN_TO_ALL.has(spec.name))
    return new CommandError('NOAUTH Authentication required.');
  if (connection.writer.protocol === 3 || connection.subscriptions === 0 || WHILE_LISTENING.has(spec.name))
    return undefined;
  return new CommandError(
    `ERR Can't execute '${shownName(spec)}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}
