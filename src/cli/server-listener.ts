/** Where a server that the command line started is to be reached, and what tells others of it. */
import * as fs from 'node:fs';
import { type Listener, listen, type ServerConfig, UnsafeAddressError } from '../serve/index.js';
import { isSystemError } from './exit-codes.js';
import { ListenError, systemMessage, UsageError, withHint } from './failures.js';
import type { ServerLog } from './server-log.js';

export interface ServerPaths {
  /** Empty: none. */
  readonly unixSocket: string;
  readonly pidFile: string;
}

/** Throws UsageError for an address that is not safe, ListenError for one that cannot be had. */
export async function listenTo(config: ServerConfig, { unixSocket }: ServerPaths, log: ServerLog): Promise<Listener> {
  const port = config.number('port');
  const bind = config
    .text('bind')
    .split(' ')
    .filter((word) => word !== '');
  if (port === 0 && unixSocket === '') throw new UsageError('there is nowhere to listen: port is 0, and no unixsocket');
  removeStaleSocket(unixSocket);
  try {
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
    throw explained(error, port, log);
  }
}

function explained(error: unknown, port: number, log: ServerLog): unknown {
  if (error instanceof UnsafeAddressError)
    return withHint(new UsageError(error.message, { cause: error }), 'give --requirepass <password>, or no --bind');
  if (!isSystemError(error)) return error;
  log.warning(`Could not create a listening socket: ${systemMessage(error)}`);
  log.warning(`Failed listening on port ${port} (tcp), aborting.`);
  const hint = error.code === 'EADDRINUSE' ? '--port <n> chooses another one' : undefined;
  return withHint(new ListenError(`cannot listen on port ${port}: ${systemMessage(error)}`, { cause: error }), hint);
}

/** A server that was killed leaves its socket behind. */
function removeStaleSocket(path: string): void {
  if (path !== '' && fs.statSync(path, { throwIfNoEntry: false })?.isSocket()) fs.unlinkSync(path);
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
