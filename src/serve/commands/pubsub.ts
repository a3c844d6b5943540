/** Messages: who listens to what, and what is said. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { compileGlob } from '../../bytes/glob.js';
import type { Call, CommandTable } from '../../engine/call.js';
import type { Reply } from '../../engine/reply.js';
import { type Connection, NO_REPLY } from '../connection.js';
import type { ChannelKind, PubSub } from '../pubsub.js';
import { connectionOf } from '../server-context.js';
import { help, serverOf, wrongSubcommand } from './server-of.js';

export const PUBSUB_COMMANDS: CommandTable = {
  SUBSCRIBE: (call) => subscribe(call, CHANNELS),
  UNSUBSCRIBE: (call) => unsubscribe(call, CHANNELS),
  PSUBSCRIBE: (call) => subscribe(call, PATTERNS),
  PUNSUBSCRIBE: (call) => unsubscribe(call, PATTERNS),
  SSUBSCRIBE: (call) => subscribe(call, SHARD_CHANNELS),
  SUNSUBSCRIBE: (call) => unsubscribe(call, SHARD_CHANNELS),
  PUBLISH: (call) => serverOf(call).pubsub.publish('channel', call.args[1]!, call.args[2]!),
  SPUBLISH: (call) => serverOf(call).pubsub.publish('shard', call.args[1]!, call.args[2]!),
  'PUBSUB CHANNELS': (call) => channels(call, 'channel'),
  'PUBSUB SHARDCHANNELS': (call) => channels(call, 'shard'),
  'PUBSUB NUMSUB': (call) => counts(call, 'channel'),
  'PUBSUB SHARDNUMSUB': (call) => counts(call, 'shard'),
  'PUBSUB NUMPAT': (call) => serverOf(call).pubsub.patternCount,
  'PUBSUB HELP': help('PUBSUB', [
    'CHANNELS [<pattern>]',
    '    The channels that somebody listens to.',
    'NUMPAT',
    '    How many patterns somebody listens to.',
    'NUMSUB [<channel> ...]',
    '    How many listen to each channel, those to patterns left out.',
    'SHARDCHANNELS [<pattern>]',
    '    The shard channels that somebody listens to.',
    'SHARDNUMSUB [<shardchannel> ...]',
    '    How many listen to each shard channel.',
  ]),
};

/** One of the three sorts of what one can listen to. */
interface Sort {
  /** In front of `subscribe` and `unsubscribe` in the replies. */
  readonly letter: '' | 'p' | 's';
  held(connection: Connection): ReadonlySet<ByteString>;
  add(pubsub: PubSub, connection: Connection, name: ByteString): void;
  remove(pubsub: PubSub, connection: Connection, name: ByteString): void;
  /** What replies count. */
  count(connection: Connection): number;
}

const CHANNELS: Sort = {
  letter: '',
  held: ({ channels: held }) => held,
  add: (pubsub, connection, name) => pubsub.subscribe(connection, 'channel', name),
  remove: (pubsub, connection, name) => pubsub.unsubscribe(connection, 'channel', name),
  count: ({ channels: held, patterns }) => held.size + patterns.size,
};

const PATTERNS: Sort = {
  letter: 'p',
  held: ({ patterns }) => patterns,
  add: (pubsub, connection, name) => pubsub.subscribePattern(connection, name),
  remove: (pubsub, connection, name) => pubsub.unsubscribePattern(connection, name),
  count: CHANNELS.count,
};

const SHARD_CHANNELS: Sort = {
  letter: 's',
  held: ({ shardChannels }) => shardChannels,
  add: (pubsub, connection, name) => pubsub.subscribe(connection, 'shard', name),
  remove: (pubsub, connection, name) => pubsub.unsubscribe(connection, 'shard', name),
  count: ({ shardChannels }) => shardChannels.size,
};

/** SUBSCRIBE channel [channel ...] · PSUBSCRIBE pattern [pattern ...] · SSUBSCRIBE shardchannel [shardchannel ...] */
function subscribe(call: Call, sort: Sort): Reply {
  const connection = connectionOf(call);
  const { pubsub } = serverOf(call);
  const told = call.args.slice(1).map((name): Reply[] => {
    sort.add(pubsub, connection, name);
    return [`${sort.letter}subscribe`, name, sort.count(connection)];
  });
  return tell(call, connection, told);
}

/** UNSUBSCRIBE [channel [channel ...]] · PUNSUBSCRIBE [pattern …] · SUNSUBSCRIBE [shardchannel …]; default: everything */
function unsubscribe(call: Call, sort: Sort): Reply {
  const connection = connectionOf(call);
  const { pubsub } = serverOf(call);
  const names = call.args.length > 1 ? call.args.slice(1) : [...sort.held(connection)];
  const told = names.map((name): Reply[] => {
    sort.remove(pubsub, connection, name);
    return [`${sort.letter}unsubscribe`, name, sort.count(connection)];
  });
  if (told.length === 0) told.push([`${sort.letter}unsubscribe`, null, sort.count(connection)]);
  return tell(call, connection, told);
}

/**
 * Each is a message of its own. In a transaction the first is in the place of the reply, and the others come behind all replies:
 * servers put them in between, where they break the array of replies.
 */
function tell(call: Call, connection: Connection, told: readonly (readonly Reply[])[]): Reply {
  if (!call.isTransaction) {
    for (const message of told) connection.push(message);
    return NO_REPLY;
  }
  const [first, ...others] = told;
  queueMicrotask(() => {
    for (const message of others) connection.push(message);
  });
  return first!;
}

/** PUBSUB CHANNELS [pattern] · PUBSUB SHARDCHANNELS [pattern] */
function channels(call: Call, kind: ChannelKind): Reply {
  const { args } = call;
  if (args.length > 3) throw wrongSubcommand(call, 'PUBSUB');
  const all = [...serverOf(call).pubsub.channels(kind)];
  if (args.length === 2) return all;
  const glob = compileGlob(fromByteString(args[2]!));
  return all.filter((channel) => glob.matches(fromByteString(channel), 0, channel.length));
}

/** PUBSUB NUMSUB [channel [channel ...]] · PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]] */
function counts(call: Call, kind: ChannelKind): Reply {
  const { pubsub } = serverOf(call);
  return call.args.slice(2).flatMap((channel): Reply[] => [channel, pubsub.listenersOf(kind, channel)]);
}
