/** From a log to the engine that a server would have in memory once it has loaded it. */
import { AofDriver } from '../aof/driver.js';
import { openTransaction } from '../aof/log-state.js';
import type { AofLog, LogFile } from '../aof/model.js';
import { FormatError, TruncatedError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import type { RdbRecord, RdbWarning } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';
import type { Engine } from './engine.js';
import { generationOf, type LogWriter, needsOf } from './generation.js';
import { ReplayHandler, type UnknownPolicy } from './replay.js';
import { type ReplayCounts, ReplayState } from './replay-state.js';
import type { EngineOptions } from './settings.js';
import { WriterSearch } from './writer-search.js';

export interface ReplayOptions extends EngineOptions {
  /**
   * The server that the engine stands for. Default: the one that wrote the log. A dump at its head says who that is; without
   * one it is inferred from the first megabytes of the log, and is `redis:7.0` where nothing says more.
   */
  readonly target?: Target | string;
  /** What is filled, in the place of a new one; `target` and the other settings are its own then. */
  readonly into?: Engine;
  /** Who probably wrote the log, by what lies beside it. Heeded where there is no dump at its head and no sign against it. */
  readonly likely?: Target | undefined;
  /** What becomes of scripts and of commands that are not known. Default: `error`. */
  readonly onUnknown?: UnknownPolicy;
  /**
   * `error`: a last file that ends inside a command or a transaction throws TRUNCATED or OPEN_TRANSACTION. `stop`: it
   * ends there, as for a server with `aof-load-truncated yes`. Default: `error`. Earlier files may never end so.
   */
  readonly onTruncated?: 'error' | 'stop';
  /** Compare the CRC-64 of a dump at the head. Default: true. */
  readonly checksum?: boolean;
  /** `maxBlobBytes` bounds one command, and one value of a dump at the head. */
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly onWarning?: (warning: RdbWarning) => void;
  /** Opens a file and closes it behind `run`. Default: as it is. */
  readonly read?: <T>(file: LogFile, run: (source: ByteSource) => Promise<T>) => Promise<T>;
  /** Ends the replay with its reason. */
  readonly signal?: AbortSignal;
}

export interface Replay {
  readonly engine: Engine;
  readonly counts: ReplayCounts;
  /** The oldest server, from the one on that the engine stands for, whose dump has room for everything that the log holds. */
  readonly generation: Target;
  /** How it is known who wrote the log. */
  readonly writer: LogWriter;
  /** What a dump at the head held beside keys and functions, for a dump of the result: aux fields and data of modules. */
  readonly records: readonly RdbRecord[];
  /** Keys that the dump at the head had. */
  readonly loadedKeys: number;
  /** Of the last `#TS` annotation, Unix seconds. */
  readonly timeSeconds: number | undefined;
  /** Where the last file ends early, where that was allowed; `okUpTo`: behind its last whole item outside a transaction. */
  readonly cut: { readonly file: LogFile; readonly error: FormatError; readonly okUpTo: number } | undefined;
  /**
   * Where the last file ends in an annotation without its line end, the offset of that. Loaders let it pass; what is written
   * behind it makes the file unreadable.
   */
  readonly unendedOffset: number | undefined;
}

/**
 * Replays every file of a log, in order. While it lasts nothing expires; the engine is then as after the load of a server:
 * what has expired is there until somebody looks.
 *
 * ```ts
 * const { engine } = await replayLog(openAofLog('appendonlydir', nodeFiles));
 * await writeRdb(snapshot(engine), createWriteStream('dump.rdb'));
 * ```
 *
 * Throws what reading a log throws (see readAof), with the name of the file in the trail where there are several; FormatError
 * (UNKNOWN_COMMAND) for what is not replayed, with the offset of the command; RangeError for a target that nobody knows.
 */
export async function replayLog(log: AofLog, options: ReplayOptions = {}): Promise<Replay> {
  const { onTruncated = 'error', onWarning = ignore } = options;
  const read = options.read ?? readerOf(log);
  const search = new WriterSearch(log, options);
  const state = new ReplayState(search.engineOptions, onWarning, options.into);
  let timeSeconds: number | undefined;
  let cut: Replay['cut'];
  let unendedOffset = -1;
  for (const [index, file] of log.files.entries()) {
    const mayEnd = onTruncated === 'stop' && index === log.files.length - 1;
    const { driver, error } = await read(file, async (source) =>
      replayFile(await search.look(source, file), state, mayEnd, options),
    );
    timeSeconds = driver.state.timeSeconds ?? timeSeconds;
    unendedOffset = driver.state.unendedOffset;
    if (error !== undefined) cut = { file, error, okUpTo: driver.state.okUpTo };
  }
  const { engine, counts, head } = state;
  engine.isLoading = false;
  const needs = needsOf(engine, state.seen);
  return {
    engine,
    counts,
    generation: generationOf(engine.settings.target, needs),
    writer: search.result(needs, engine),
    records: [...head.aux, ...head.moduleAux],
    loadedKeys: head.keys,
    timeSeconds,
    cut,
    unendedOffset: unendedOffset < 0 ? undefined : unendedOffset,
  };
}

async function replayFile(
  source: ByteSource,
  state: ReplayState,
  mayEnd: boolean,
  options: ReplayOptions,
): Promise<{ driver: AofDriver; error: FormatError | undefined }> {
  const { limits, checksum = true, signal, onUnknown = 'error' } = options;
  const window = Window.for(source.sizeBytes);
  const driver = new AofDriver(window, new ReplayHandler(state, onUnknown), {
    holding: { maxArgumentBytes: Infinity, maxBytes: Infinity, isStrict: true },
    // An engine holds every value: nothing is read in parts.
    limits: { ...limits, largeValueBytes: Infinity },
    checksum,
  });
  try {
    while ((await drive(source, driver)) !== 'done') {
      if (signal === undefined) continue;
      // Reading a file never waits, and a program that never waits hears no signals.
      await new Promise<void>((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
    }
    if (driver.state.inTransaction) throw openTransaction(driver.state);
    return { driver, error: undefined };
  } catch (error) {
    if (mayEnd && isCut(error, driver)) return { driver, error };
    throw error;
  }
}

/** A dump at the head that is cut is damage to every server. */
function isCut(error: unknown, { rdb, rdbBytes }: AofDriver): error is FormatError {
  if (rdb !== undefined && rdbBytes === 0) return false;
  return error instanceof TruncatedError || (error instanceof FormatError && error.code === 'OPEN_TRANSACTION');
}

function readerOf({ files }: AofLog): NonNullable<ReplayOptions['read']> {
  return async (file, run) => {
    const source = await file.open();
    try {
      return await run(source);
    } catch (error) {
      throw error instanceof FormatError && files.length > 1 ? error.under(file.name) : error;
    } finally {
      await source.close();
    }
  };
}

function ignore(): void {}
