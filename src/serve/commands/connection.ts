/** PING, which answers in two ways. */
import type { Call, CommandTable } from '../../engine/call.js';
import { type Reply, Status, wrongArity } from '../../engine/reply.js';
import { connectionOf } from '../server-context.js';

export const CONNECTION_COMMANDS: CommandTable = { PING: ping };

const PONG = new Status('PONG');

/** PING [message]: as a message, to a client of RESP2 that listens to channels. */
function ping(call: Call): Reply {
  const { args } = call;
  if (args.length > 2) throw wrongArity(args[0]!);
  const connection = connectionOf(call);
  if (connection.subscriptions > 0 && connection.writer.protocol === 2) return ['pong', args[1] ?? ''];
  return args[1] ?? PONG;
}
