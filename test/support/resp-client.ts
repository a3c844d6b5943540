/** A RESP2 client for tests: bytes in, bytes out, one connection, replies in the order of the commands. */
import { connect, type Socket } from 'node:net';

/** Text goes out as UTF-8. */
export type Argument = string | Uint8Array | number;

/** A status is a string, a bulk string its bytes; an integer is a bigint only where a number would lose digits. */
export type Reply = string | number | bigint | Buffer | ReplyError | null | Reply[];

/** An error reply; thrown where it answers a command, a value where it stands inside an array. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
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

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static connect(port: number, host = '127.0.0.1'): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RespClient(socket));
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
    const cursor = { bytes, pos: 0, wanted: 1 };
    let end = 0;
    for (let reply = decodeReply(cursor); reply !== undefined; reply = decodeReply(cursor)) {
      end = cursor.pos;
      const waiting = this.#waiting.shift();
      if (reply instanceof ReplyError) waiting?.reject(reply);
      else waiting?.resolve(reply);
    }
    this.#chunks = [bytes.subarray(end)];
    this.#bufferedBytes = bytes.length - end;
    this.#wantedBytes = Math.max(cursor.wanted - end, this.#bufferedBytes + 1);
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

interface ReplyCursor {
  readonly bytes: Buffer;
  pos: number;
  /** How many bytes must be there before it is worth another try. */
  wanted: number;
}

/** The next whole reply, or undefined where it is not all there yet; then `pos` means nothing. */
function decodeReply(cursor: ReplyCursor): Reply | undefined {
  const lineEnd = cursor.bytes.indexOf('\r\n', cursor.pos);
  if (lineEnd < 0) return undefined;
  const line = cursor.bytes.toString('utf8', cursor.pos + 1, lineEnd);
  const kind = String.fromCharCode(cursor.bytes[cursor.pos] ?? 0);
  cursor.pos = lineEnd + 2;
  if (kind === '+') return line;
  if (kind === '-') return new ReplyError(line);
  if (kind === ':') return Number.isSafeInteger(Number(line)) ? Number(line) : BigInt(line);
  if (kind === '$') return decodeBulk(cursor, Number(line));
  if (kind === '*') return decodeArray(cursor, Number(line));
  throw new Error(`not a RESP2 reply: ${kind}${line}`);
}

function decodeBulk(cursor: ReplyCursor, size: number): Buffer | null | undefined {
  if (size < 0) return null;
  const start = cursor.pos;
  cursor.pos = start + size + 2;
  if (cursor.pos > cursor.bytes.length) {
    cursor.wanted = cursor.pos;
    return undefined;
  }
  return cursor.bytes.subarray(start, start + size);
}

function decodeArray(cursor: ReplyCursor, count: number): Reply[] | null | undefined {
  if (count < 0) return null;
  const items: Reply[] = [];
  for (let index = 0; index < count; index++) {
    const item = decodeReply(cursor);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
