/** A connected socket to an endpoint: plain, by a path, or with TLS; what keeps it from coming about is a TargetError. */
import { isIP, type NetConnectOpts, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { type Endpoint, formatAddress } from './endpoint.js';
import { TargetError } from './target-error.js';

const KEEP_ALIVE_MS = 30_000;
/** How much a socket takes before its write() answers false. */
const WRITE_HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Connects within `timeoutMs`, the handshake of TLS included.
 *
 * @throws TargetError (CONNECT, TLS), or the reason of `signal`
 */
export function openSocket(endpoint: Endpoint, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  const address = formatAddress(endpoint);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let isReached = false;
    const socket = startSocket(endpoint);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
    };
    const giveUp = (error: unknown): void => {
      settle();
      // A second error, of a socket that has been given up, is not told.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const onError = (error: Error): void => giveUp(connectFailure(endpoint, error));
    const timer = setTimeout(() => {
      const hint = isReached && endpoint.tls !== undefined ? ' (does it speak TLS?)' : '';
      giveUp(new TargetError('CONNECT', `no connection within ${timeoutMs} ms${hint}`, address));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.once('connect', () => {
      isReached = true;
    });
    socket.once(endpoint.tls === undefined ? 'connect' : 'secureConnect', () => {
      settle();
      resolve(socket);
    });
  });
}

function startSocket(endpoint: Endpoint): Socket {
  const { host, port, socketPath: path, tls } = endpoint;
  const tuning = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  const water = { writableHighWaterMark: WRITE_HIGH_WATER_BYTES };
  const place: NetConnectOpts = path === undefined ? { host, port, ...tuning, ...water } : { path, ...water };
  if (tls === undefined) return netConnect(place);
  return tlsConnect({ ...place, ...tlsOptions(endpoint) });
}

/** What Node's TLS is told for an endpoint. */
export function tlsOptions({ host, tls }: Endpoint): ConnectionOptions {
  if (tls === undefined) return {};
  const { servername = isIP(host) === 0 ? host : undefined, ca, cert, key, rejectUnauthorized } = tls;
  return {
    rejectUnauthorized,
    ...(servername !== undefined && { servername }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** What made a connection fail: the network, or the handshake of TLS. */
export function connectFailure(endpoint: Endpoint, error: Error): TargetError {
  const address = formatAddress(endpoint);
  const { code } = error as NodeJS.ErrnoException;
  // An attempt at several addresses of a name fails with an error that has a code and no message.
  const why = error.message || (code ?? error.name);
  const isTls = endpoint.tls !== undefined && code !== undefined && !isNetworkError(error, code);
  if (isTls) return new TargetError('TLS', `TLS failed: ${why}`, address, { cause: error });
  return new TargetError('CONNECT', `no connection: ${why}`, address, { cause: error });
}

/** Errors of the system name their call; those of OpenSSL and of Node's checks of certificates do not. */
function isNetworkError(error: Error, code: string): boolean {
  if (code === 'EPROTO') return false;
  return 'syscall' in error || error instanceof AggregateError || code === 'ECONNRESET';
}
