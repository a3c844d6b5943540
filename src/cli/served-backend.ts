/** What a server that the command line started stands on: the data directory of its settings, or a source that is only read. */

import { join } from 'node:path';
import { ChecksumError, RedisFileError } from '../bytes/errors.js';
import { nodeFiles } from '../bytes/files-node.js';
import { decodeHeader } from '../rdb/header.js';
import type { RdbWarning } from '../rdb/model.js';
import {
  type Backend,
  DumpBackend,
  type DumpOptions,
  type OpenedDump,
  openDump,
  openLog,
  SERVE_COMMANDS,
  type ServerConfig,
  StoreBackend,
} from '../serve/index.js';
import { openStore } from '../store/index.js';
import { isSystemError } from './exit-codes.js';
import { inSource, withHint } from './failures.js';
import { standInProcess } from './job-process.js';
import { loadFailureLines } from './load-failure.js';
import { logOpener } from './log-source.js';
import { isAof } from './recognize.js';
import type { ServedSource } from './served-start.js';
import type { ServerLog } from './server-log.js';
import { about } from './session.js';
import { openAny } from './source.js';

export interface ServedBackend {
  readonly backend: Backend;
  /** Lets go of what was only read. */
  close(): void | Promise<void>;
}

/** Loads the files of the data directory. Throws what openStore throws. */
export async function openDirectory(config: ServerConfig, log: ServerLog): Promise<ServedBackend> {
  const startedAt = performance.now();
  try {
    const store = await openStore({
      ...config.storeOptions,
      least: { redis: '7.0' },
      onBackground: standInProcess,
      onNotice: ({ level, text, cause }) => log.tell(level, text, cause),
    });
    const what = store.settings.appendonly ? 'append only file' : 'disk';
    log.notice(`DB loaded from ${what}: ${secondsSince(startedAt)} seconds`);
    config.attach({ engine: store.engine, store, files: nodeFiles });
    return { backend: new StoreBackend(store, SERVE_COMMANDS), close: () => undefined };
  } catch (error) {
    const isLog = config.isYes('appendonly');
    for (const line of loadFailureLines(error, isLog)) log.warning(line);
    const dir = config.pathOf('dir');
    throw ofSource(error, isLog ? dir : join(dir, config.pathOf('dbfilename')));
  }
}

/** Opens what was named. Throws what opening and reading it throw, as errors about this source. */
export async function openSource(
  { spec, opened }: ServedSource,
  { config, log, signal }: { readonly config: ServerConfig; readonly log: ServerLog; readonly signal: AbortSignal },
): Promise<ServedBackend> {
  const startedAt = performance.now();
  const options = {
    ...config.engineOptions,
    checksum: config.isYes('rdbchecksum'),
    onWarning: ({ message }: RdbWarning) => log.warning(`${spec.name}: ${message}`),
  };
  let dump: OpenedDump;
  try {
    dump = await openKeys({ spec, opened }, options, signal);
  } catch (error) {
    throw error instanceof RedisFileError || isSystemError(error) ? ofSource(error, spec.name) : error;
  }
  const { engine, loadedBecause } = dump;
  const how =
    loadedBecause === undefined ? 'keys are decoded when they are asked for' : `loaded, since ${loadedBecause}`;
  log.notice(`Opened ${spec.name} read-only in ${secondsSince(startedAt)} seconds: ${how}`);
  config.attach({ engine, store: undefined, files: nodeFiles });
  return { backend: new DumpBackend(dump, SERVE_COMMANDS), close: () => dump.close() };
}

async function openKeys(
  { spec, opened }: ServedSource,
  options: DumpOptions,
  signal: AbortSignal,
): Promise<OpenedDump> {
  const known = opened === undefined ? logOpener(spec, signal) : undefined;
  if (known !== undefined) return await openLog(known(), options);
  const { source, head } = opened ?? (await openAny(spec, signal));
  const log = isAof(head) ? logOpener(spec, signal, { source, head }) : undefined;
  if (log === undefined) {
    checkHead(head, spec.name);
    return await openDump(source, options);
  }
  const dump = await openLog(log(), options);
  return { ...dump, close: () => source.close() };
}

/** What is no log is to be a dump; of nothing at all whoever opens it says so. */
function checkHead(head: Uint8Array, name: string): void {
  try {
    if (head.length > 0) decodeHeader(head, 0, head.length);
  } catch (error) {
    throw about(error, name, head);
  }
}

function ofSource(error: unknown, name: string): unknown {
  return inSource(
    error instanceof ChecksumError ? withHint(error, '--rdbchecksum no serves it all the same') : error,
    name,
  );
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(3);
}
