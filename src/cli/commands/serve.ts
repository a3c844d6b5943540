/** `serve`: a server in the place of redis-server, from its start to its end. */
import { resolve } from 'node:path';
import { fromByteString, toByteString } from '../../bytes/byte-string.js';
import { decodePath, encodePath } from '../../bytes/path.js';
import { HeapRoom, type Listener, Server, ServerConfig } from '../../serve/index.js';
import { LogLostError, type Store } from '../../store/index.js';
import { EXIT, isSystemError } from '../exit-codes.js';
import { OutputError, StoppedBySignal } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { openDirectory, openSource, type ServedBackend } from '../served-backend.js';
import { type ServedStart, startOf } from '../served-start.js';
import { listenTo, writePidFile } from '../server-listener.js';
import { type LogLevel, ServerLog } from '../server-log.js';
import { VERSION } from '../version.js';

/** Returns when the server has ended. `words`: those behind the name of the command. */
export async function runServe(words: readonly string[], { signal }: Invocation): Promise<number> {
  const notes: string[] = [];
  const start = await startOf(words, (text) => notes.push(text), signal);
  const config = configOf(start);
  const log = new ServerLog(pathIn(config, 'logfile'), () => config.text('loglevel') as LogLevel);
  const paths = { unixSocket: pathIn(config, 'unixsocket'), pidFile: pathIn(config, 'pidfile') };
  log.notice(`rdb-inspect ${VERSION} is starting`);
  for (const note of notes) log.notice(note);
  if (config.isYes('daemonize')) log.warning('daemonize is not heeded: the server stays in the foreground');
  // Before any file is touched: two servers of one configuration have one port.
  const listener = await listenTo(config, paths, log);
  const removePidFile = writePidFile(paths, log);
  try {
    log.notice(`Server initialized, port=${config.number('port')}, PID: ${process.pid}.`);
    const { source } = start;
    const served = source ? await openSource(source, { config, log, signal }) : await openDirectory(config, log);
    await untilItEnds(served, { config, listener, log, signal });
    log.notice('rdb-inspect is now ready to exit, bye bye...');
    return EXIT.OK;
  } finally {
    await listener.close();
    removePidFile();
  }
}

interface Running {
  readonly config: ServerConfig;
  readonly listener: Listener;
  readonly log: ServerLog;
  readonly signal: AbortSignal;
}

/** Throws what ended the server where nobody asked for it. */
async function untilItEnds(served: ServedBackend, { config, listener, log, signal }: Running): Promise<void> {
  const { backend } = served;
  const heap = new HeapRoom();
  try {
    await new Promise<void>((resolve, reject) => {
      const server = new Server({
        backend,
        config,
        heap,
        clock: Date.now,
        onEnd: (failure) => (failure === undefined ? resolve() : reject(ofOutput(failure))),
        onWarning: (text, cause) => log.warning(text, cause),
      });
      const stop = (): void => {
        log.notice(
          `Received ${signal.reason instanceof StoppedBySignal ? signal.reason.signal : 'a signal'}: shutting down`,
        );
        if (shutDown(backend.store, log)) server.end();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      listener.serve(server);
      log.notice('Ready to accept connections');
    });
  } finally {
    heap.close();
    await served.close();
  }
}

/** False where it has to go on: what was acknowledged could not be made durable. */
function shutDown(store: Store | undefined, log: ServerLog): boolean {
  try {
    store?.shutdown();
    return true;
  } catch {
    log.warning('There were errors trying to shut down, and the server goes on; a second signal ends it as it is.');
    return false;
  }
}

function ofOutput(failure: unknown): unknown {
  if (!(failure instanceof LogLostError) || !isSystemError(failure.cause)) return failure;
  return new OutputError('the append-only file', failure.cause);
}

/** Paths in it are absolute: what is told of them holds wherever one stands. */
function configOf({ config: { values, path } }: ServedStart): ServerConfig {
  const dir = decodePath(fromByteString(values.get('dir') ?? '.'));
  const absolute = new Map(values).set('dir', toByteString(encodePath(resolve(dir))));
  return new ServerConfig({ values: absolute, ...(path !== undefined && { path: resolve(path) }) });
}

function pathIn(config: ServerConfig, name: string): string {
  const path = config.pathOf(name);
  return path === '' ? '' : resolve(config.pathOf('dir'), path);
}
