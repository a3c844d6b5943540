/**
 * The sockets of a server: where it listens, who may come in, and what becomes of clients that are too many, too slow, silent or
 * gone. One connection's trouble ends that connection.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { unsafeAddresses } from './bind-address.js';
import type { Connection, Transport } from './connection.js';
import type { ServerStats } from './server-context.js';
import { SocketTransport } from './socket-transport.js';

/** Of a server, what its sockets need. */
export interface Accepting {
  readonly config: { readonly maxClients: number; readonly password: string };
  readonly clients: ReadonlyMap<number, Connection>;
  readonly stats: ServerStats;
  readonly isHeld: boolean;
  /** Unix ms. */
  readonly clock: () => number;
  connect(transport: Transport): Connection;
  warn(text: string, cause: unknown): void;
}

export interface ListenerSettings {
  /** `timeout`: seconds after which a silent client is let go; 0: never. */
  readonly idleSeconds: number;
  /** `tcp-keepalive`: seconds; 0: off. */
  readonly keepAliveSeconds: number;
}

export interface ListenerOptions {
  /** Undefined: clients that come wait for {@link Listener.serve}. */
  readonly server?: Accepting | undefined;
  /** `requirepass`, where there is no server yet. */
  readonly password?: string;
  /** Undefined: no TCP; 0: one that is free. */
  readonly port?: number;
  /** Default: `127.0.0.1`. An address with `-` in front may be one that this machine does not have. */
  readonly bind?: readonly string[];
  /** A path in the file system; it must not be there. */
  readonly unixSocket?: string;
  readonly backlog?: number;
  /** Looked at again and again: they may change. Default: neither. */
  readonly settings?: ListenerSettings;
}

/** Nobody may listen there: a server without a password would be open to others than this machine. */
export class UnsafeAddressError extends Error {
  override readonly name = 'UnsafeAddressError';
  readonly code = 'UNSAFE_ADDRESS';

  constructor(readonly addresses: readonly string[]) {
    super(`without a password only this machine may be listened to, not ${addresses.join(', ')}`);
  }
}

const TOO_MANY = new TextEncoder().encode('-ERR max number of clients reached\r\n');
const DEFAULT_BACKLOG = 511;
const DEFAULT_SETTINGS: ListenerSettings = { idleSeconds: 0, keepAliveSeconds: 300 };
/** What a client may send ahead of commands that are not run at the time. */
const MOST_AHEAD_BYTES = 1024 * 1024;
/**
 * What may wait for a client that goes on sending commands: enough for one that sends all of a pipeline before it reads. Beyond
 * that it is read from no more until it has taken half of them.
 */
const MOST_UNREAD_BYTES = 256 * 1024 * 1024;
const WATCH_MS = 20;
const IDLE_CHECK_MS = 1000;
/** How long clients may take to read what they have been answered, when the server ends. */
const CLOSING_MS = 500;

/** Listens on everything that is asked for, or on nothing. Throws UnsafeAddressError, and the system's errors. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { server, password = server?.config.password ?? '', port, bind = ['127.0.0.1'], unixSocket } = options;
  const unsafe = port === undefined || password !== '' ? [] : unsafeAddresses(bind);
  if (unsafe.length > 0) throw new UnsafeAddressError(unsafe);
  const listener = new Listener(options);
  try {
    if (port !== undefined) await listener.listenOn(bind, port);
    if (unixSocket !== undefined) await listener.listenAt(unixSocket);
  } catch (error) {
    await listener.close();
    throw error;
  }
  return listener;
}

interface Client {
  readonly server: Accepting;
  readonly socket: Socket;
  readonly transport: SocketTransport;
  readonly connection: Connection;
  /** It sends no more. */
  hasEnded: boolean;
}

export class Listener {
  /** The port of TCP; undefined without. */
  port: number | undefined;
  private server: Accepting | undefined;
  /** Those that have come while there was no server. */
  private readonly early = new Map<Socket, string | undefined>();
  private readonly settings: ListenerSettings;
  private readonly backlog: number;
  private readonly listening: NetServer[] = [];
  private readonly clients = new Set<Client>();
  /** Those that are not read from, and a timer while there are any. */
  private readonly throttled = new Set<Client>();
  private watching: ReturnType<typeof setInterval> | undefined;
  private readonly idleCheck: ReturnType<typeof setInterval>;

  constructor({ server, settings = DEFAULT_SETTINGS, backlog = DEFAULT_BACKLOG }: ListenerOptions) {
    this.server = server;
    this.settings = settings;
    this.backlog = backlog;
    this.idleCheck = setInterval(() => this.closeIdle(), IDLE_CHECK_MS);
    this.idleCheck.unref();
  }

  /** Lets in those who have come, and everybody who comes. */
  serve(server: Accepting): void {
    this.server = server;
    for (const [socket, path] of this.early) this.accept(server, socket, path);
    this.early.clear();
  }

  /** See {@link listen}. */
  async listenOn(addresses: readonly string[], port: number): Promise<void> {
    for (const address of addresses) {
      const isOptional = address.startsWith('-');
      const host = hostOf(isOptional ? address.slice(1) : address);
      try {
        await this.open({ host, port: this.port ?? port, backlog: this.backlog, ipv6Only: host.includes(':') });
      } catch (error) {
        if (!isOptional || !isMissingAddress(error)) throw error;
      }
    }
  }

  /** See {@link listen}. */
  async listenAt(path: string): Promise<void> {
    await this.open({ path, backlog: this.backlog }, path);
  }

  /** Nobody is let in any more; everybody is gone when it is done, with what they were answered. */
  async close(): Promise<void> {
    clearInterval(this.idleCheck);
    clearInterval(this.watching);
    const closed = this.listening
      .splice(0)
      .map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.early.keys()) socket.destroy();
    for (const { socket } of this.clients) socket.destroySoon();
    const late = setTimeout(() => {
      for (const { socket } of this.clients) socket.destroy();
    }, CLOSING_MS);
    await Promise.all(closed);
    clearTimeout(late);
  }

  /** Lets go of clients that have been silent for too long: by itself once a second. */
  closeIdle(): void {
    const { idleSeconds } = this.settings;
    if (idleSeconds <= 0) return;
    for (const { connection, server } of this.clients) {
      const before = server.clock() - idleSeconds * 1000;
      const mayBeSilent = connection.isBlocked || connection.isMonitor || connection.subscriptions > 0;
      if (!mayBeSilent && connection.lastMs < before) connection.close();
    }
  }

  private async open(where: Parameters<NetServer['listen']>[0] & object, path?: string): Promise<void> {
    const settings = { allowHalfOpen: true, noDelay: path === undefined, pauseOnConnect: true };
    const listening = createServer(settings, (socket) => this.come(socket, path));
    this.listening.push(listening);
    await new Promise<void>((resolve, reject) => listening.once('error', reject).listen(where, resolve));
    // Accepting one client has failed: there may be no descriptors left.
    listening
      .removeAllListeners('error')
      .on('error', (error) => this.server?.warn('a client could not come in', error));
    const address = listening.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  private come(socket: Socket, path: string | undefined): void {
    // Told of by 'close'; without a listener an error would end the process.
    socket.on('error', () => {});
    const { server } = this;
    if (server !== undefined) this.accept(server, socket, path);
    else this.early.set(socket, path);
  }

  private accept(server: Accepting, socket: Socket, path: string | undefined): void {
    const { settings } = this;
    if (server.clients.size >= server.config.maxClients) {
      server.stats.rejectedConnections++;
      socket.end(TOO_MANY, () => socket.destroy());
      return;
    }
    if (settings.keepAliveSeconds > 0 && path === undefined)
      socket.setKeepAlive(true, settings.keepAliveSeconds * 1000);
    const transport = new SocketTransport(socket, server.stats, path);
    const client: Client = { server, socket, transport, connection: server.connect(transport), hasEnded: false };
    this.clients.add(client);
    socket.on('data', (bytes: Uint8Array) => this.receive(client, bytes));
    socket.on('drain', () => client.connection.goOn());
    socket.on('end', () => this.ended(client));
    socket.on('close', () => this.closed(client));
    socket.resume();
  }

  private receive(client: Client, bytes: Uint8Array): void {
    const { connection, server } = client;
    server.stats.netInputBytes += bytes.length;
    try {
      connection.feed(bytes);
    } catch (error) {
      server.warn('a client is let go: what it sent could not be handled', error);
      connection.close();
      return;
    }
    if (isTooMuch(client, 1)) this.throttle(client);
  }

  /** The client sends no more; what it has sent is answered, unless that would mean to wait. */
  private ended(client: Client): void {
    const { connection } = client;
    client.hasEnded = true;
    if (connection.isClosed) return;
    if (connection.isBlocked) connection.close();
    else if (client.server.isHeld) this.throttle(client);
    else connection.endAfterReplies();
  }

  private closed(client: Client): void {
    this.clients.delete(client);
    this.throttled.delete(client);
    if (!client.connection.isClosed) client.connection.gone();
  }

  private throttle(client: Client): void {
    client.transport.throttle(true);
    this.throttled.add(client);
    this.watching ??= setInterval(() => this.watch(), WATCH_MS);
  }

  private watch(): void {
    for (const client of this.throttled) {
      if (isTooMuch(client, 1 / 2) || (client.hasEnded && client.server.isHeld)) continue;
      this.throttled.delete(client);
      client.transport.throttle(false);
      client.connection.run();
      if (client.hasEnded) this.ended(client);
    }
    if (this.throttled.size > 0) return;
    clearInterval(this.watching);
    this.watching = undefined;
  }
}

/** As redis.conf has it: `*` is every address. */
function hostOf(address: string): string {
  if (address === '*') return '0.0.0.0';
  return address === '::*' ? '::' : address;
}

function isMissingAddress(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND'].includes(code);
}

/** Whether it has sent more than is of use now, or read less than it should: `share` of either. */
function isTooMuch({ connection, server }: Client, share: number): boolean {
  if (connection.isClosed || connection.isEnding) return false;
  const isWaiting = connection.isBlocked || connection.isStalled || server.isHeld;
  if (isWaiting && connection.queryBytes > MOST_AHEAD_BYTES * share) return true;
  return connection.outputBytes > MOST_UNREAD_BYTES * share;
}
