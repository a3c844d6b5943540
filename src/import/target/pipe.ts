/**
 * One connection for requests in bulk: bytes that are commands already go out, their replies are counted back in.
 *
 * What limits an import of many small keys should be the server. So there is one promise for a buffer of commands and
 * none for a command, nothing is copied on the way out, and a reply costs one call.
 */
import type { Socket } from 'node:net';
import { encodeCommand } from '../../codecs/resp.js';
import { type Endpoint, formatAddress } from './endpoint.js';
import { ErrorReply, type Reply, ReplyParser } from './reply-parser.js';
import { openSocket } from './socket.js';
import { replyError, TargetError, type TargetErrorCode } from './target-error.js';

export interface PipeOptions {
  /** For the connection, TLS and the login together; default 10 s. */
  readonly connectTimeoutMs?: number;
  /** How long nothing may arrive and nothing may leave while replies are expected; default 60 s. */
  readonly replyTimeoutMs?: number;
  /** {@link Pipe.drained} waits while more bytes than this are without their replies; default 8 MiB. */
  readonly maxPendingBytes?: number;
  /** Of one bulk string in a reply; default 512 MiB. */
  readonly maxBulkBytes?: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
}

/** Called for the reply of each command of a buffer, in order; `index` counts from 0. */
export type ReplyTaker = (reply: Reply, index: number) => void;

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_REPLY_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_PENDING_BYTES = 8 * 1024 * 1024;
/** Smaller writes of one turn leave together: a system call costs more than a copy of them. */
const SMALL_WRITE_BYTES = 64 * 1024;

/** A buffer of commands whose replies are still coming. */
interface Batch {
  readonly sizeBytes: number;
  readonly count: number;
  got: number;
  take: ReplyTaker | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

interface Failure {
  readonly code: TargetErrorCode;
  readonly message: string;
  readonly cause: unknown;
}

/** A connection that is logged in; made by {@link Pipe.connect}. */
export class Pipe {
  /** `host:port`, for messages. */
  readonly address: string;
  private readonly parser: ReplyParser;
  private readonly maxPendingBytes: number;
  private readonly batches: Batch[] = [];
  private readonly draining: Waiter[] = [];
  private idle: (() => void) | undefined;
  private failure: Failure | undefined;
  private isClosing = false;
  private isCorked = false;
  private sentBytes = 0;
  private readonly uncork = (): void => {
    this.isCorked = false;
    this.socket.uncork();
  };

  private constructor(
    private readonly socket: Socket,
    readonly endpoint: Endpoint,
    options: PipeOptions,
  ) {
    this.address = formatAddress(endpoint);
    this.maxPendingBytes = options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
    const sink = { reply: (reply: Reply) => this.receive(reply) };
    const { maxBulkBytes } = options;
    this.parser = new ReplyParser(sink, maxBulkBytes === undefined ? {} : { maxBulkBytes });
    this.listen(options.replyTimeoutMs ?? DEFAULT_REPLY_TIMEOUT_MS);
  }

  /**
   * Connects, logs in and selects the database of the endpoint; the server has answered a PING when it resolves.
   *
   * @throws TargetError (CONNECT, TLS, AUTH, LOADING …)
   */
  static async connect(endpoint: Endpoint, options: PipeOptions = {}): Promise<Pipe> {
    const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
    const deadlineMs = performance.now() + timeoutMs;
    const socket = await openSocket(endpoint, timeoutMs, options.signal);
    const pipe = new Pipe(socket, endpoint, options);
    const onAbort = (): void => pipe.fail('CLOSED', 'the connection was given up');
    const timer = setTimeout(
      () => pipe.fail('CONNECT', `no answer within ${timeoutMs} ms`),
      deadlineMs - performance.now(),
    );
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await pipe.enter();
      return pipe;
    } catch (error) {
      pipe.destroy();
      throw options.signal?.aborted ? options.signal.reason : error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Bytes of the buffers that were sent and have not had all their replies. */
  get pendingBytes(): number {
    return this.sentBytes;
  }

  /** Whether more can be sent. */
  get isOpen(): boolean {
    return this.failure === undefined && !this.isClosing;
  }

  /**
   * Sends `bytes`, which hold `count` whole commands (1 or more), and resolves when as many replies have come. The bytes
   * are not copied: they must stay as they are until then. `take` is given each reply; where it throws, the promise is rejected
   * with that, and the rest of the replies is passed over.
   *
   * It is not held back by what is pending: wait for {@link drained} first.
   *
   * @throws TargetError (LOST, TIMEOUT, CLOSED, PROTOCOL): `replies` says how many had been received; commands beyond
   * those may or may not have been carried out
   */
  send(bytes: Uint8Array, count: number, take?: ReplyTaker): Promise<void> {
    if (count < 1) throw new RangeError('a request without a command has no reply to wait for');
    if (!this.isOpen) return Promise.reject(this.failureAfter(0));
    return new Promise((resolve, reject) => {
      this.batches.push({ sizeBytes: bytes.length, count, got: 0, take, resolve, reject });
      this.sentBytes += bytes.length;
      this.write(bytes);
    });
  }

  /** Resolves when the socket takes more and no more than `maxPendingBytes` are pending. Throws as {@link send} does. */
  drained(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failureAfter(undefined));
    if (this.isDrained()) return Promise.resolve();
    return new Promise((resolve, reject) => this.draining.push({ resolve, reject }));
  }

  /**
   * One command and its reply.
   *
   * @throws TargetError: as {@link send}, and for an error reply
   */
  async ask(...args: readonly (string | Uint8Array)[]): Promise<Reply> {
    let answer: Reply = null;
    await this.send(encodeCommand(args), 1, (reply) => {
      answer = reply;
    });
    return this.orThrow(answer);
  }

  /** Takes no more, waits for the replies that are due, then ends the connection. */
  async close(): Promise<void> {
    this.isClosing = true;
    if (this.failure === undefined && this.batches.length > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
    this.destroy();
  }

  /** Ends the connection at once; whatever waits is rejected with CLOSED. */
  destroy(): void {
    this.fail('CLOSED', 'the connection has been closed');
  }

  private orThrow(reply: Reply): Reply {
    if (reply instanceof ErrorReply) throw replyError(reply.text, this.address);
    return reply;
  }

  /** The login; then a PING, since a server that lets nobody in, or that loads its data, says so at the first command. */
  private async enter(): Promise<void> {
    const { username, password, db } = this.endpoint;
    try {
      if (password !== undefined) await this.authenticate(username, password);
      if (db !== 0) await this.ask('SELECT', String(db));
      await this.ask('PING').catch((error: unknown) => {
        if (!(error instanceof TargetError && error.code === 'NOPERM')) throw error;
      });
    } catch (error) {
      if (!(error instanceof TargetError && error.code === 'LOST')) throw error;
      const why = 'the server ended the connection before it answered (does it expect TLS?)';
      throw new TargetError('CONNECT', why, this.address, { cause: error });
    }
  }

  private async authenticate(username: string | undefined, password: string): Promise<void> {
    try {
      await (username === undefined ? this.ask('AUTH', password) : this.ask('AUTH', username, password));
    } catch (error) {
      // Servers without a password and servers before users (6.0) refuse a login with a plain ERR.
      if (!(error instanceof TargetError) || error.code !== 'REPLY') throw error;
      throw new TargetError('AUTH', 'the server does not accept this login', this.address, { cause: error });
    }
  }

  private listen(replyTimeoutMs: number): void {
    const { socket } = this;
    let cause: Error | undefined;
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('drain', () => this.release());
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('close', () => {
      const why = cause === undefined ? 'the server ended the connection' : `the connection broke: ${cause.message}`;
      this.fail('LOST', why, cause);
    });
    // Node's own timer counts from the last byte in either direction, those of a long write included.
    socket.setTimeout(replyTimeoutMs);
    // Not as the second argument of setTimeout(), which listens once: an idle hour would use that up.
    socket.on('timeout', () => {
      if (this.batches.length > 0) this.fail('TIMEOUT', `nothing has moved for ${replyTimeoutMs} ms`);
    });
  }

  private read(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    try {
      this.parser.write(chunk);
    } catch (error) {
      this.fail('PROTOCOL', error instanceof Error ? error.message : String(error), error);
    }
  }

  private receive(reply: Reply): void {
    const batch = this.batches[0];
    if (batch === undefined) {
      // What nobody has asked for is a refusal: too many clients, or protected mode.
      if (reply instanceof ErrorReply) this.fail(replyError(reply.text, '').code, reply.text);
      return;
    }
    const index = batch.got++;
    if (batch.take !== undefined) {
      giveReply(batch, reply, index);
      if (this.failure !== undefined) return;
    }
    if (batch.got < batch.count) return;
    this.batches.shift();
    this.sentBytes -= batch.sizeBytes;
    batch.resolve();
    this.release();
    if (this.batches.length === 0) this.idle?.();
  }

  private write(bytes: Uint8Array): void {
    if (bytes.length < SMALL_WRITE_BYTES && !this.isCorked) {
      this.isCorked = true;
      this.socket.cork();
      queueMicrotask(this.uncork);
    }
    this.socket.write(bytes);
  }

  private isDrained(): boolean {
    return !this.socket.writableNeedDrain && this.sentBytes <= this.maxPendingBytes;
  }

  private release(): void {
    if (this.draining.length === 0 || !this.isDrained()) return;
    for (const { resolve } of this.draining.splice(0)) resolve();
  }

  private fail(code: TargetErrorCode, message: string, cause?: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { code, message, cause };
    this.socket.destroy();
    for (const batch of this.batches.splice(0)) batch.reject(this.failureAfter(batch.got));
    for (const { reject } of this.draining.splice(0)) reject(this.failureAfter(undefined));
    this.sentBytes = 0;
    this.idle?.();
  }

  private failureAfter(replies: number | undefined): TargetError {
    const { code, message, cause } = this.failure ?? CLOSING;
    return new TargetError(code, message, this.address, { cause, replies });
  }
}

const CLOSING: Failure = { code: 'CLOSED', message: 'the connection is being closed', cause: undefined };

function giveReply(batch: Batch, reply: Reply, index: number): void {
  try {
    batch.take?.(reply, index);
  } catch (error) {
    batch.take = undefined;
    batch.reject(error);
  }
}
