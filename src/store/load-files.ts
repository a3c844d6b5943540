/** What a server loads at its start: the log where it is switched on, else the dump (aof-format.md §4.4). */
import { type AofDirectoryFacts, openServerLog } from '../aof/directory/directory.js';
import type { Manifest } from '../aof/model.js';
import { TruncatedError } from '../bytes/errors.js';
import type { Files } from '../bytes/files.js';
import { joinPath } from '../bytes/path.js';
import { Window } from '../bytes/window.js';
import type { Engine } from '../engine/engine.js';
import { replayLog } from '../engine/replay-log.js';
import { ReplayState } from '../engine/replay-state.js';
import type { EngineOptions } from '../engine/settings.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver } from '../rdb/driver.js';
import type { RdbRecord, RdbWarning } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import type { StoreSettings } from './store-options.js';

export interface LoadedStore {
  readonly engine: Engine;
  /** Data of modules that dumps of it are to have again. */
  readonly moduleData: readonly RdbRecord[];
  /** Keys changed by commands of the log. */
  readonly changes: number;
  readonly counts: LoadedCounts;
  /** Undefined where a dump was loaded, or nothing. */
  readonly log: LoadedLog | undefined;
}

/** Keys of a dump, or of one at the head of a log. */
export interface LoadedCounts {
  readonly keys: number;
  /** Those that were left out. */
  readonly expired: number;
}

export interface LoadedLog {
  readonly situation: AofDirectoryFacts['situation'];
  readonly manifest: Manifest | undefined;
  /** Bytes of the base. */
  readonly baseBytes: number;
  /** Where the last file is to be cut; undefined where it is whole. */
  readonly wholeBytes: number | undefined;
}

export interface LoadOptions {
  readonly files: Files;
  readonly engineOptions: EngineOptions;
  /** What is filled, in the place of a new one. */
  readonly into?: Engine;
  readonly onWarning: (warning: RdbWarning) => void;
}

/**
 * Changes no file. Throws what reading a log throws: MISSING_FILE for one that is listed, BAD_MANIFEST, TRUNCATED or
 * OPEN_TRANSACTION for a file that ends early and is not the last, or where that is not allowed, UNKNOWN_COMMAND.
 */
export async function loadLog(settings: StoreSettings, options: LoadOptions): Promise<LoadedStore> {
  const { dir, appenddirname, appendfilename, aofLoadTruncated, rdbchecksum } = settings;
  const { files, engineOptions, onWarning, into } = options;
  const place = { dataDirectory: dir, directoryName: appenddirname, fileName: appendfilename };
  const log = openServerLog(place, files);
  const { engine, records, counts, cut, unendedOffset, loadedKeys } = await replayLog(log, {
    ...engineOptions,
    onTruncated: aofLoadTruncated ? 'stop' : 'error',
    checksum: rdbchecksum,
    onWarning,
    ...(into !== undefined && { into }),
  });
  if (unendedOffset !== undefined && !aofLoadTruncated)
    throw new TruncatedError('the log ends inside an annotation', unendedOffset);
  const [first] = log.files;
  return {
    engine,
    moduleData: records.filter(({ kind }) => kind === 'module-aux'),
    changes: counts.changes,
    counts: { keys: loadedKeys, expired: 0 },
    log: {
      situation: log.facts.situation,
      manifest: log.manifest,
      baseBytes: first?.role === 'incr' ? 0 : (first?.sizeBytes ?? 0),
      wholeBytes: cut?.okUpTo ?? unendedOffset,
    },
  };
}

/** An engine without keys where there is no dump. Keys that have expired are left out. Throws what reading a dump throws. */
export async function loadDump(settings: StoreSettings, options: LoadOptions): Promise<LoadedStore> {
  const { files, engineOptions, onWarning, into } = options;
  const path = joinPath(settings.dir, settings.dbfilename);
  const state = new ReplayState(engineOptions, onWarning, into);
  if (files.stat(path) !== undefined) {
    const source = await openRdbSource(files.open(path));
    try {
      const driver = new RdbDriver(Window.for(source.sizeBytes), state.head, {
        checksum: settings.rdbchecksum && into?.skipsChecksums !== true,
        // An engine holds every value: nothing is read in parts.
        limits: { largeValueBytes: Infinity },
      });
      state.head.driver = driver;
      while ((await drive(source, driver)) !== 'done');
    } finally {
      await source.close();
    }
  }
  const { engine, head } = state;
  const expired = dropExpired(engine);
  engine.isLoading = false;
  const counts = { keys: head.keys - expired, expired };
  return { engine, moduleData: head.moduleAux, changes: 0, counts, log: undefined };
}

/** Nobody is told, and no log has them. Returns how many there were. */
function dropExpired(engine: Engine): number {
  engine.isLoading = false;
  engine.tick();
  let dropped = 0;
  for (const db of engine.inUse()) {
    if (db.keys.expiring === 0) continue;
    for (const key of db.keys.keys()) {
      if (!db.isExpired(key)) continue;
      db.delete(key);
      dropped++;
    }
  }
  return dropped;
}
