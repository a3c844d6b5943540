/** Who listens to which channels and patterns, and what is told them. */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { compileGlob, type Glob } from '../bytes/glob.js';
import type { Connection } from './connection.js';

/** `shard`: of SSUBSCRIBE, which are channels of their own. */
export type ChannelKind = 'channel' | 'shard';

interface Pattern {
  readonly glob: Glob;
  readonly listeners: Set<Connection>;
}

/** In the order in which they came. */
type Listeners = Map<ByteString, Set<Connection>>;

export class PubSub {
  private readonly listeners: Readonly<Record<ChannelKind, Listeners>> = { channel: new Map(), shard: new Map() };
  private readonly patterns = new Map<ByteString, Pattern>();
  /** Those that will be forgotten when they go. */
  private readonly known = new WeakSet<Connection>();

  /** Nothing happens where it listens already. */
  subscribe(connection: Connection, kind: ChannelKind, channel: ByteString): void {
    const own = channelsOf(connection, kind);
    if (own.has(channel)) return;
    own.add(channel);
    const all = this.listeners[kind];
    const found = all.get(channel) ?? new Set();
    all.set(channel, found.add(connection));
    this.letGo(connection);
  }

  unsubscribe(connection: Connection, kind: ChannelKind, channel: ByteString): void {
    channelsOf(connection, kind).delete(channel);
    const all = this.listeners[kind];
    const found = all.get(channel);
    if (found?.delete(connection) && found.size === 0) all.delete(channel);
  }

  subscribePattern(connection: Connection, pattern: ByteString): void {
    if (connection.patterns.has(pattern)) return;
    connection.patterns.add(pattern);
    const found = this.patterns.get(pattern) ?? { glob: compileGlob(fromByteString(pattern)), listeners: new Set() };
    found.listeners.add(connection);
    this.patterns.set(pattern, found);
    this.letGo(connection);
  }

  unsubscribePattern(connection: Connection, pattern: ByteString): void {
    connection.patterns.delete(pattern);
    const found = this.patterns.get(pattern);
    if (found?.listeners.delete(connection) && found.listeners.size === 0) this.patterns.delete(pattern);
  }

  /** Everything that a client listens to. */
  unsubscribeAll(connection: Connection): void {
    for (const channel of [...connection.channels]) this.unsubscribe(connection, 'channel', channel);
    for (const channel of [...connection.shardChannels]) this.unsubscribe(connection, 'shard', channel);
    for (const pattern of [...connection.patterns]) this.unsubscribePattern(connection, pattern);
  }

  /** How many were told. */
  publish(kind: ChannelKind, channel: ByteString, message: ByteString): number {
    let told = 0;
    for (const connection of this.listeners[kind].get(channel) ?? []) {
      connection.push([kind === 'shard' ? 'smessage' : 'message', channel, message]);
      told++;
    }
    if (kind === 'shard' || this.patterns.size === 0) return told;
    const bytes = fromByteString(channel);
    for (const [pattern, { glob, listeners }] of this.patterns) {
      if (!glob.matches(bytes, 0, bytes.length)) continue;
      for (const connection of listeners) {
        connection.push(['pmessage', pattern, channel, message]);
        told++;
      }
    }
    return told;
  }

  /** Whether anybody would be told of anything. */
  get isEmpty(): boolean {
    return this.patterns.size === 0 && this.listeners.channel.size === 0 && this.listeners.shard.size === 0;
  }

  channels(kind: ChannelKind): Iterable<ByteString> {
    return this.listeners[kind].keys();
  }

  listenersOf(kind: ChannelKind, channel: ByteString): number {
    return this.listeners[kind].get(channel)?.size ?? 0;
  }

  get patternCount(): number {
    return this.patterns.size;
  }

  /** Once for each connection, whatever it listens to. */
  private letGo(connection: Connection): void {
    if (this.known.has(connection)) return;
    this.known.add(connection);
    connection.onClose.add(() => this.unsubscribeAll(connection));
  }
}

function channelsOf(connection: Connection, kind: ChannelKind): Set<ByteString> {
  return kind === 'shard' ? connection.shardChannels : connection.channels;
}
