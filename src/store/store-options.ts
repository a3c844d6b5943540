/** How a store keeps its files: the server's configuration, by its own names. */
import { DEFAULT_DIRECTORY_NAME, DEFAULT_FILE_NAME } from '../aof/directory/manifest-name.js';
import type { Files } from '../bytes/files.js';
import type { EngineOptions } from '../engine/settings.js';
import type { AppendFsync } from './log-appender.js';
import { DEFAULT_SAVE_POINTS, parseSavePoints, type SavePoint } from './save-points.js';

/** Each setting is the server's of that name, hyphens as capitals, with the server's default. */
export interface StoreOptions extends EngineOptions {
  /** The data directory, which must be there. */
  readonly dir: string;
  /** Default: the files of the machine. */
  readonly files?: Files;
  /** Default: `dump.rdb`. */
  readonly dbfilename?: string;
  /** As in `save 3600 1 300 100 60 10000`, which is the default; the empty text is for none. */
  readonly save?: string | readonly SavePoint[];
  /** Writes are refused while the last background save has failed, and there are save points. Default: true. */
  readonly stopWritesOnBgsaveError?: boolean;
  /** Default: true. */
  readonly rdbcompression?: boolean;
  /** Default: true. */
  readonly rdbchecksum?: boolean;
  /** Default: false. With it, the log is what is loaded, and a dump is not looked at. */
  readonly appendonly?: boolean;
  /** Default: `appendonly.aof`. */
  readonly appendfilename?: string;
  /** Default: `appendonlydir`. */
  readonly appenddirname?: string;
  /** Default: `everysec`. */
  readonly appendfsync?: AppendFsync;
  /** Default: false. */
  readonly noAppendfsyncOnRewrite?: boolean;
  /** Growth since the last rewrite, in percent, at which the next one is due; 0: never by itself. Default: 100. */
  readonly autoAofRewritePercentage?: number;
  /** Bytes that a log has before it is rewritten by itself. Default: 64 MiB. */
  readonly autoAofRewriteMinSize?: number;
  /** A log that ends in half of a command or of a transaction is cut in front of that; else it is an error. Default: true. */
  readonly aofLoadTruncated?: boolean;
  /** The base of a rewritten log is a dump; else it is commands. Default: true. */
  readonly aofUseRdbPreamble?: boolean;
  /** Default: false. */
  readonly aofTimestampEnabled?: boolean;
  /** Files that a rewrite has taken the place of are kept, and listed as history. Default: false. */
  readonly aofDisableAutoGc?: boolean;
  /** `rdb-key-save-delay`, µs: so long each key takes in the background, for tests. Default: 0. */
  readonly rdbKeySaveDelay?: number;
  /** Keys whose time has come go without anybody looking: DEBUG SET-ACTIVE-EXPIRE. Default: true. */
  readonly activeExpire?: boolean;
  /**
   * Cron runs ten times a second by itself, and background work between other events. Default: true. False: whoever opened the
   * store calls `cron` and `work`.
   */
  readonly timers?: boolean;
  /**
   * Told when a save or a rewrite begins; what it returns is called at the end of that. `giveUp` ends it at once, as failed, and is
   * not to be called from within a command.
   */
  readonly onBackground?: BackgroundWatch;
  /** Hears what a server writes to its own log. */
  readonly onNotice?: (notice: StoreNotice) => void;
}

export type BackgroundWatch = (kind: 'save' | 'rewrite', giveUp: (why: Error) => void) => () => void;

export interface StoreNotice {
  /** `warning`: something went wrong. */
  readonly level: 'notice' | 'warning';
  readonly text: string;
  readonly cause?: unknown;
}

/** What may change while a store is open: CONFIG SET. */
export interface StoreChanges {
  readonly appendonly?: boolean;
  readonly appendfsync?: AppendFsync;
  readonly save?: string | readonly SavePoint[];
  readonly stopWritesOnBgsaveError?: boolean;
  readonly rdbcompression?: boolean;
  readonly rdbchecksum?: boolean;
  readonly noAppendfsyncOnRewrite?: boolean;
  readonly autoAofRewritePercentage?: number;
  readonly autoAofRewriteMinSize?: number;
  readonly aofUseRdbPreamble?: boolean;
  readonly aofTimestampEnabled?: boolean;
  readonly aofDisableAutoGc?: boolean;
  readonly rdbKeySaveDelay?: number;
  readonly activeExpire?: boolean;
}

/** The settings in force. */
export interface StoreSettings {
  readonly dir: string;
  readonly dbfilename: string;
  save: readonly SavePoint[];
  stopWritesOnBgsaveError: boolean;
  rdbcompression: boolean;
  rdbchecksum: boolean;
  appendonly: boolean;
  readonly appendfilename: string;
  readonly appenddirname: string;
  appendfsync: AppendFsync;
  noAppendfsyncOnRewrite: boolean;
  autoAofRewritePercentage: number;
  autoAofRewriteMinSize: number;
  readonly aofLoadTruncated: boolean;
  aofUseRdbPreamble: boolean;
  aofTimestampEnabled: boolean;
  aofDisableAutoGc: boolean;
  rdbKeySaveDelay: number;
  activeExpire: boolean;
}

/** Throws RangeError for save points that the server refuses, and for names that are paths. */
export function storeSettings(options: StoreOptions): StoreSettings {
  return {
    dir: options.dir,
    dbfilename: plainName('dbfilename', options.dbfilename ?? 'dump.rdb'),
    save: savePointsOf(options.save ?? DEFAULT_SAVE_POINTS),
    stopWritesOnBgsaveError: options.stopWritesOnBgsaveError ?? true,
    rdbcompression: options.rdbcompression ?? true,
    rdbchecksum: options.rdbchecksum ?? true,
    appendonly: options.appendonly ?? false,
    appendfilename: plainName('appendfilename', options.appendfilename ?? DEFAULT_FILE_NAME),
    appenddirname: plainName('appenddirname', options.appenddirname ?? DEFAULT_DIRECTORY_NAME),
    appendfsync: options.appendfsync ?? 'everysec',
    noAppendfsyncOnRewrite: options.noAppendfsyncOnRewrite ?? false,
    autoAofRewritePercentage: options.autoAofRewritePercentage ?? 100,
    autoAofRewriteMinSize: options.autoAofRewriteMinSize ?? 64 * 1024 * 1024,
    aofLoadTruncated: options.aofLoadTruncated ?? true,
    aofUseRdbPreamble: options.aofUseRdbPreamble ?? true,
    aofTimestampEnabled: options.aofTimestampEnabled ?? false,
    aofDisableAutoGc: options.aofDisableAutoGc ?? false,
    rdbKeySaveDelay: options.rdbKeySaveDelay ?? 0,
    activeExpire: options.activeExpire ?? true,
  };
}

/** Throws RangeError for a text that the server refuses. */
export function savePointsOf(save: string | readonly SavePoint[]): readonly SavePoint[] {
  if (typeof save !== 'string') return save;
  const points = parseSavePoints(save);
  if (points === undefined) throw new RangeError(`${save} are no save points: seconds and changes in turn are wanted`);
  return points;
}

function plainName(setting: string, name: string): string {
  if (name === '' || name.includes('/') || name.includes('\\'))
    throw new RangeError(`${setting} ${name}: a file name is wanted, not a path`);
  return name;
}
