/** The start of a store: what there is, is loaded, and made fit to be gone on with (aof-format.md §4.4). */
import { openServerLog } from '../aof/directory/directory.js';
import { UnsupportedError } from '../bytes/errors.js';
import type { Files } from '../bytes/files.js';
import { AppendLog } from './append-log.js';
import { Background } from './background.js';
import { DumpSaver } from './dump-saver.js';
import { type LoadedLog, loadDump, loadLog } from './load-files.js';
import { LogDirectory } from './log-directory.js';
import type { StoreContent } from './snapshot-plan.js';
import { Store } from './store.js';
import { type StoreNotice, type StoreOptions, storeSettings } from './store-options.js';

/**
 * An engine with Redis's persistence on the files of a data directory.
 *
 * ```ts
 * const store = await openStore({ dir: 'data', appendonly: true, appendfsync: 'always' });
 * const client = store.client();
 * await client.send(['SET', 'greeting', 'hello']); // durable by now
 * store.shutdown();
 * ```
 *
 * With `appendonly` the log is loaded, and a dump is not looked at; without it, the dump. A log that ends in half of a command
 * or of a transaction is cut in front of that (`aofLoadTruncated`), in its last file only; the file of a server before 7.0 moves
 * into the directory. Nothing is changed before all is loaded. The server that the engine stands for is that which wrote the
 * files, where no `target` is given and they say so.
 *
 * Throws RangeError for settings that the server refuses, UnsupportedError where `dir` is no directory, what reading the files
 * throws (see replayLog, readRdb), and the system's errors.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const settings = storeSettings(options);
  const files = options.files ?? (await import('../bytes/files-node.js')).nodeFiles;
  const { clock = Date.now, onNotice: tell = ignore, timers = true } = options;
  if (!files.stat(settings.dir)?.isDirectory)
    throw new UnsupportedError('UNSUPPORTED_INPUT', `${settings.dir} is no directory`, 0);
  const load = settings.appendonly ? loadLog : loadDump;
  const onWarning = ({ message }: { readonly message: string }): void => tell({ level: 'warning', text: message });
  const {
    engine,
    moduleData,
    changes,
    counts,
    log: loaded,
  } = await load(settings, { files, engineOptions: options, onWarning });
  const content: StoreContent = { engine, files, settings, moduleData };
  const saver = new DumpSaver(content, () => Math.floor(clock() / 1000));
  saver.changes = changes;
  const directory = directoryOf(content, files, loaded);
  directory.keepsHistory = settings.aofDisableAutoGc;
  const log: AppendLog = new AppendLog(content, directory, clock, () => background.kind !== undefined);
  const background: Background = new Background(saver, log, clock, tell, options.onBackground);
  if (loaded !== undefined) {
    takeOver(directory, loaded, tell);
    log.baseBytes = loaded.baseBytes;
    log.open();
  }
  const store = new Store({ content, saver, log, background, counts, tell });
  if (timers) store.startTimers();
  return store;
}

function directoryOf({ settings }: StoreContent, files: Files, loaded: LoadedLog | undefined): LogDirectory {
  const { dir, appenddirname, appendfilename } = settings;
  const place = { dataDirectory: dir, directoryName: appenddirname, fileName: appendfilename };
  // A log that is not loaded is still what a rewrite takes the place of.
  const { manifest } = loaded ?? openServerLog(place, files);
  return new LogDirectory({ ...place, files }, manifest);
}

/** The old file of a server before 7.0, and what stands behind the last whole command. */
function takeOver(
  directory: LogDirectory,
  { situation, wholeBytes }: LoadedLog,
  tell: (notice: StoreNotice) => void,
): void {
  if (situation === 'upgrade') {
    directory.adopt();
    tell({ level: 'notice', text: `the log of an older server was moved into ${directory.path}` });
  }
  if (wholeBytes === undefined) return;
  directory.cut(wholeBytes);
  tell({
    level: 'warning',
    text: `the log ended in half of a command or transaction; it was cut to ${wholeBytes} bytes`,
  });
}

function ignore(): void {}
