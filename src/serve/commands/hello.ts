/** Who a client is, and how it is spoken to: HELLO, AUTH, RESET, QUIT. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { isOption, parseInt64 } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, MapReply, OK, type Reply, Status, syntaxError } from '../../engine/reply.js';
import { connectionOf } from '../server-context.js';
import { aclLogOf } from './acl-log.js';
import { checkClientName } from './client-name.js';
import { releaseOf, serverOf } from './server-of.js';

export const HELLO_COMMANDS: CommandTable = { HELLO: hello, AUTH: auth, RESET: reset, QUIT: quit };

/** The one user that there is. */
export const DEFAULT_USER = 'default';

/** HELLO [protover [AUTH username password] [SETNAME clientname]] */
function hello(call: Call): Reply {
  const { args } = call;
  const connection = connectionOf(call);
  const protocol = args[1] === undefined ? connection.writer.protocol : protocolOf(args[1]);
  const { user, name } = helloOptions(call);
  if (user !== undefined) logIn(call, user[0], user[1]);
  if (!connection.isAuthenticated) {
    throw new CommandError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> ' +
        'option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  if (name !== undefined) connection.name = name;
  connection.writer.protocol = protocol;
  const { target } = call.engine.settings;
  return new MapReply([
    ['server', target.family === 'valkey' ? 'valkey' : 'redis'],
    ['version', releaseOf(target)],
    ['proto', protocol],
    ['id', connection.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ]);
}

function protocolOf(text: ByteString): 2 | 3 {
  const version = parseInt64(text);
  if (version === undefined) throw new CommandError('ERR Protocol version is not an integer or out of range');
  if (version !== 2 && version !== 3) throw new CommandError('NOPROTO unsupported protocol version');
  return version;
}

interface HelloOptions {
  readonly user: readonly [name: ByteString, password: ByteString] | undefined;
  readonly name: ByteString | undefined;
}

function helloOptions({ args }: Call): HelloOptions {
  let user: HelloOptions['user'];
  let name: ByteString | undefined;
  for (let at = 2; at < args.length; at++) {
    if (isOption(args[at], 'AUTH') && at + 2 < args.length) {
      user = [args[at + 1]!, args[at + 2]!];
      at += 2;
    } else if (isOption(args[at], 'SETNAME') && at + 1 < args.length) {
      name = args[++at]!;
      checkClientName(name);
    } else throw new CommandError(`ERR Syntax error in HELLO option '${args[at]}'`);
  }
  return { user, name };
}

/** AUTH [username] password */
function auth(call: Call): Reply {
  const { args } = call;
  if (args.length > 3) throw syntaxError();
  if (args.length === 2 && connectionOf(call).context.config.password === '') {
    throw new CommandError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  }
  logIn(call, args.length === 3 ? args[1]! : DEFAULT_USER, args.at(-1)!);
  return OK;
}

/** The default user is let in with any password where none is set. */
function logIn(call: Call, user: ByteString, password: ByteString): void {
  const connection = connectionOf(call);
  const wanted = connection.context.config.password;
  if (user === DEFAULT_USER && (wanted === '' || isSame(wanted, password))) {
    connection.isAuthenticated = true;
    return;
  }
  aclLogOf(serverOf(call)).refused(connection, call.args[0]!.toUpperCase(), user);
  throw new CommandError('WRONGPASS invalid username-password pair or user is disabled.');
}

/** Takes the same time for every wrong password. */
function isSame(one: ByteString, other: ByteString): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

function hashOf(text: ByteString): Uint8Array {
  return createHash('sha256').update(fromByteString(text)).digest();
}

/** RESET: as if it had just come. */
function reset(call: Call): Reply {
  const connection = connectionOf(call);
  const server = serverOf(call);
  connection.session.close();
  if (connection.isMonitor) server.monitors.remove(connection);
  server.pubsub.unsubscribeAll(connection);
  call.db = call.engine.database(0);
  connection.isAuthenticated = connection.context.config.password === '';
  connection.isNeverEvicted = false;
  connection.replyMode = 'on';
  connection.writer.protocol = 2;
  connection.name = '';
  return new Status('RESET');
}

/** QUIT */
function quit(call: Call): Reply {
  connectionOf(call).endAfterReplies();
  return OK;
}
