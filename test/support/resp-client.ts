/** A client for tests: bytes in, bytes out, one connection, replies in the order of the commands. */
import { connect, type Socket } from 'node:net';
import { decodeReply, type Reply, ReplyError } from './resp-replies.js';

export { type Reply, ReplyError, TypedReply } from './resp-replies.js';

/** Text goes out as UTF-8. */
export type Argument = string | Uint8Array | number;

export interface ClientOptions {
  /** Kinds of replies that have no form of their own here are given as a {@link TypedReply}. Default: RESP2 alone, nils alike. */
  readonly exact?: boolean;
  /** Takes what comes without a command, for a client that has subscribed. */
  readonly onMessage?: (message: Reply) => void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class RespClient {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** A reply cannot be whole before this many bytes are here: big bulks are not parsed again for every packet. */
  #wantedBytes = 1;

  readonly #options: ClientOptions;

  private constructor(socket: Socket, options: ClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static connect(port: number, options: ClientOptions = {}): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RespClient(socket, options));
      });
    });
  }

  /** May be called again before the reply is here: commands are pipelined. */
  send(...args: readonly Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection is closed'));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCommand(args));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes < this.#wantedBytes) return;
    const bytes = Buffer.concat(this.#chunks);
    const cursor = { bytes, pos: 0, wanted: 1, exact: this.#options.exact === true };
    let end = 0;
    for (let reply = decodeReply(cursor); reply !== undefined; reply = decodeReply(cursor)) {
      end = cursor.pos;
      if (this.#isMessage(reply)) {
        this.#options.onMessage!(reply);
        continue;
      }
      const waiting = this.#waiting.shift();
      if (reply instanceof ReplyError) waiting?.reject(reply);
      else waiting?.resolve(reply);
    }
    this.#chunks = [bytes.subarray(end)];
    this.#bufferedBytes = bytes.length - end;
    this.#wantedBytes = Math.max(cursor.wanted - end, this.#bufferedBytes + 1);
  }

  #isMessage(reply: Reply): boolean {
    return this.#options.onMessage !== undefined && Array.isArray(reply) && String(reply[0]) === 'pmessage';
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** `['GET', 'a']` as the bytes of one command. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
