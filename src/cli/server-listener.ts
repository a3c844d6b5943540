/** Where a server that the command line started is to be reached, and what tells others of it. */
import * as fs from 'node:fs';
import { connect } from 'node:net';
import { type Listener, listen, type ServerConfig, UnsafeAddressError } from '../serve/index.js';
import { isSystemError } from './exit-codes.js';
import { ListenError, systemMessage, UsageError, withHint } from './failures.js';
import type { ServerLog } from './server-log.js';

export interface ServerPaths {
  /** Empty: none. */
  readonly unixSocket: string;
  readonly pidFile: string;
}

/** The path of a socket: what is longer is cut by Node, and the socket is elsewhere. */
const MOST_PATH_BYTES = 103;

/** Throws UsageError for an address that is not safe, ListenError for one that cannot be had. */
export async function listenTo(config: ServerConfig, { unixSocket }: ServerPaths, log: ServerLog): Promise<Listener> {
  const port = config.number('port');
  const bind = config
    .text('bind')
    .split(' ')
    .filter((word) => word !== '');
  if (port === 0 && unixSocket === '') throw new UsageError('there is nowhere to listen: port is 0, and no unixsocket');
  if (Buffer.byteLength(unixSocket) > MOST_PATH_BYTES)
    throw new UsageError(`the path of a socket has at most ${MOST_PATH_BYTES} bytes: ${unixSocket}`);
  try {
    await removeStaleSocket(unixSocket);
    const listener = await listen({
      password: config.password,
      backlog: config.number('tcp-backlog'),
      settings: config,
      bind,
      ...(port !== 0 && { port }),
      ...(unixSocket !== '' && { unixSocket }),
    });
    const mode = Number.parseInt(config.text('unixsocketperm'), 8);
    if (unixSocket !== '' && mode > 0) fs.chmodSync(unixSocket, mode);
    return listener;
  } catch (error) {
    throw explained(error, log);
  }
}

/** As Node says where it could not listen; a socket in the file system has the port −1. */
interface Refusal extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

function explained(error: unknown, log: ServerLog): unknown {
  if (error instanceof UnsafeAddressError)
    return withHint(new UsageError(error.message, { cause: error }), 'give --requirepass <password>, or no --bind');
  if (!isSystemError(error)) return error;
  const { address, hostname = address ?? error.path ?? '?', port = -1 } = error as Refusal;
  const at = port < 0 ? `at ${hostname}` : `on port ${port} of ${hostname}`;
  // Node ends it with the place, which is said already.
  const [reason = ''] = systemMessage(error)
    .replace(/^\w+ E[A-Z]+: /, '')
    .split(` ${address}`, 1);
  log.warning(`Could not create a listening socket ${at}: ${reason}`);
  if (port >= 0) log.warning(`Failed listening on port ${port} (tcp), aborting.`);
  const hint = error.code === 'EADDRINUSE' && port >= 0 ? '--port <n> chooses another one' : undefined;
  return withHint(new ListenError(`cannot listen ${at}: ${reason}`, { cause: error }), hint);
}

/** A server that was killed leaves its socket behind. One at which somebody answers is in use, and listening says so. */
async function removeStaleSocket(path: string): Promise<void> {
  if (path === '' || !fs.statSync(path, { throwIfNoEntry: false })?.isSocket() || (await isAnswered(path))) return;
  fs.unlinkSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code !== 'ECONNREFUSED'));
  });
}

/** The number of this process in a file. What cannot be written is told, and does not matter. */
export function writePidFile({ pidFile }: ServerPaths, log: ServerLog): () => void {
  if (pidFile === '') return () => undefined;
  try {
    fs.writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    log.warning(`Failed to write PID file ${pidFile}`, error);
    return () => undefined;
  }
  return () => fs.rmSync(pidFile, { force: true });
}
