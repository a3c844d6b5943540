/** One client as CLIENT LIST and CLIENT INFO show it. What is of the server's own memory, and is not here, is 0. */
import type { ByteString } from '../../bytes/byte-string.js';
import { CommandError } from '../../engine/reply.js';
import { isSince } from '../../engine/settings.js';
import type { Connection } from '../connection.js';
import { shownName } from '../shown-words.js';

export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** `command`: what it is running, where that is not over yet. */
export function clientLine(connection: Connection, { command }: { readonly command?: string } = {}): string {
  const { context, transport, session, channels, patterns, shardChannels, lastCommand } = connection;
  const now = context.clock();
  const { target } = context.backend.engine.settings;
  const library = isSince(target, { redis: '7.2', valkey: '7.2' })
    ? ` lib-name=${connection.libraryName} lib-ver=${connection.libraryVersion}`
    : '';
  return (
    `id=${connection.id} addr=${transport.address} laddr=${transport.localAddress} fd=-1 name=${connection.name}` +
    ` age=${secondsOf(now - connection.startedMs)} idle=${secondsOf(now - connection.lastMs)} flags=${flagsOf(connection)}` +
    ` db=${session.runner.db.index} sub=${channels.size} psub=${patterns.size} ssub=${shardChannels.size}` +
    ` multi=${session.queuedCount ?? -1} qbuf=${connection.heldBytes} qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0` +
    ` obl=${connection.writer.size} oll=0 omem=${connection.outputBytes}` +
    ` tot-mem=${connection.queryBytes + connection.outputBytes} events=${connection.outputBytes > 0 ? 'rw' : 'r'}` +
    ` cmd=${command ?? (lastCommand ? shownName(lastCommand) : 'NULL')} user=default redir=-1 resp=${connection.writer.protocol}${library}`
  );
}

export function typeOf(connection: Connection): ClientType {
  return connection.subscriptions > 0 ? 'pubsub' : 'normal';
}

export function typeArgument(text: ByteString): ClientType {
  const type = TYPES[text.toLowerCase()];
  if (type === undefined) throw new CommandError(`ERR Unknown client type '${text}'`);
  return type;
}

const TYPES: Readonly<Record<string, ClientType>> = {
  normal: 'normal',
  master: 'master',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

function flagsOf(connection: Connection): string {
  let flags = '';
  if (connection.isMonitor) flags += 'O';
  if (connection.subscriptions > 0) flags += 'P';
  if (connection.session.inTransaction) flags += 'x';
  if (connection.isBlocked) flags += 'b';
  if (connection.isEnding) flags += 'c';
  if (connection.isNeverEvicted) flags += 'e';
  return flags === '' ? 'N' : flags;
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
