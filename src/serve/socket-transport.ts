/**
 * A socket as the transport of a connection. What the connection writes goes out as fast as the client reads; what it has no use
 * for yet is left with the client.
 */
import type { Socket } from 'node:net';
import type { Transport } from './connection.js';
import type { ServerStats } from './server-context.js';

/** How long the other side may do nothing while it is to go. */
const ENDING_MS = 30_000;
/** How long it is listened to when it has all replies: a socket with unread bytes would take those back. */
const LINGER_MS = 1_000;

export class SocketTransport implements Transport {
  readonly address: string;
  readonly localAddress: string;
  private isEnding = false;
  /** By whoever has the connection. */
  private isPaused = false;
  /** By whoever listens: there is too much of it. */
  private isThrottled = false;

  /** `path`: of the socket in the file system that the client has come by. */
  constructor(
    private readonly socket: Socket,
    private readonly stats: Pick<ServerStats, 'netOutputBytes'>,
    path?: string,
  ) {
    this.address = path === undefined ? addressOf(socket.remoteAddress, socket.remotePort) : `${path}:0`;
    this.localAddress = path === undefined ? addressOf(socket.localAddress, socket.localPort) : `${path}:0`;
  }

  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.isEnding || !this.socket.writable) return;
    this.stats.netOutputBytes += bytes.length;
    this.socket.write(bytes);
  }

  pause(): void {
    this.isPaused = true;
    this.readOrNot();
  }

  resume(): void {
    this.isPaused = false;
    this.readOrNot();
  }

  throttle(isThrottled: boolean): void {
    this.isThrottled = isThrottled;
    this.readOrNot();
  }

  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    const { socket } = this;
    socket.setTimeout(ENDING_MS, () => socket.destroy());
    socket.end(() => {
      socket.setTimeout(0);
      setTimeout(() => socket.destroy(), socket.readableEnded ? 0 : LINGER_MS).unref();
    });
    // What still comes is read and dropped.
    socket.resume();
  }

  destroy(): void {
    this.isEnding = true;
    this.socket.destroy();
  }

  private readOrNot(): void {
    if (this.isEnding) return;
    if (this.isPaused || this.isThrottled) this.socket.pause();
    else this.socket.resume();
  }
}

/** `127.0.0.1:6379`, `[::1]:6379`. */
function addressOf(host = '?', port = 0): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
