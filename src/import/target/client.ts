/**
 * Questions to a server by `@redis/client`, which is loaded with the first of them.
 *
 * It is for the few commands before and between: what the server is, who serves which slot. The data does not go through
 * it, since it makes a promise and several objects for each command; see pipe.ts.
 */
import type { RedisClientOptions, RedisFunctions, RedisModules, RedisScripts } from '@redis/client';
import { type Endpoint, formatAddress } from './endpoint.js';
import { connectFailure, tlsOptions } from './socket.js';
import { replyError, TargetError } from './target-error.js';

/** How long questions may take. */
export interface AskOptions {
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Without a byte from the server; default 60 s. */
  readonly replyTimeoutMs?: number;
}

/** A connection for questions. Replies are those of RESP2: strings, numbers, null and arrays of them. */
export interface Questions {
  readonly endpoint: Endpoint;
  /** @throws TargetError, also for an error reply */
  ask(...args: readonly string[]): Promise<unknown>;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_REPLY_TIMEOUT_MS = 60_000;

/**
 * Connects, logs in, lets `use` ask, and ends the connection. The database of the endpoint is left alone.
 *
 * @throws TargetError (CONNECT, TLS, AUTH, LOST …), and whatever `use` throws
 */
export async function withQuestions<T>(
  endpoint: Endpoint,
  options: AskOptions,
  use: (questions: Questions) => Promise<T>,
): Promise<T> {
  const { createClient, ErrorReply, SocketTimeoutError, TimeoutError } = await import('@redis/client');
  const address = formatAddress(endpoint);
  const client = createClient(clientOptions(endpoint, options));
  let broken: Error | undefined;
  // Without a listener its errors would end the process; those that matter also reject what is being asked.
  client.on('error', (error: Error) => {
    broken = error;
  });
  const failure = (error: unknown, isConnected: boolean): unknown => {
    if (error instanceof ErrorReply) return isConnected ? replyError(error.message, address) : refusal(error, address);
    if (!(error instanceof Error)) return error;
    const cause = broken ?? error;
    if (cause instanceof TimeoutError || cause instanceof SocketTimeoutError)
      return new TargetError('TIMEOUT', cause.message, address, { cause });
    if (!isConnected) return connectFailure(endpoint, cause);
    return new TargetError('LOST', `the connection broke: ${cause.message}`, address, { cause });
  };
  try {
    await client.connect().catch((error: unknown) => {
      throw failure(error, false);
    });
    const ask = (...args: readonly string[]): Promise<unknown> =>
      client.sendCommand(args).catch((error: unknown) => {
        throw failure(error, true);
      });
    return await use({ endpoint, ask });
  } finally {
    if (client.isOpen) client.destroy();
  }
}

type ClientOptions = RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, 2>;

/** Servers without a password and servers before users (6.0) refuse a login with a plain ERR. */
function refusal(error: Error, address: string): TargetError {
  const found = replyError(error.message, address);
  if (found.code !== 'REPLY') return found;
  return new TargetError('AUTH', 'the server does not accept this login', address, { cause: found });
}

function clientOptions(endpoint: Endpoint, options: AskOptions): ClientOptions {
  const { username, password } = endpoint;
  return {
    // No HELLO, no CLIENT SETINFO: old servers do not know them, and a user may not be allowed to send them.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: socketOptions(endpoint, options),
    commandOptions: { timeout: options.replyTimeoutMs ?? DEFAULT_REPLY_TIMEOUT_MS },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function socketOptions(endpoint: Endpoint, options: AskOptions): NonNullable<RedisClientOptions['socket']> {
  const { host, port, socketPath: path, tls } = endpoint;
  const patience = {
    connectTimeout: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    socketTimeout: options.replyTimeoutMs ?? DEFAULT_REPLY_TIMEOUT_MS,
    // Whoever asks decides whether to ask again.
    reconnectStrategy: false as const,
  };
  if (path !== undefined) return { path, tls: false, ...patience };
  if (tls === undefined) return { host, port, ...patience };
  return { host, port, tls: true, ...tlsOptions(endpoint), ...patience };
}
