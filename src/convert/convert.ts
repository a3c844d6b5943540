/** One dump in, another out: for a different server, with some of its keys, other databases, other expiries. */

import type { Limits } from '../bytes/limits.js';
import { copyBytes } from '../bytes/slice.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver } from '../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../rdb/filter.js';
import type { HeaderEntry, RdbWarning } from '../rdb/model.js';
import { openRdbSource } from '../rdb/open.js';
import type { Target } from '../rdb/versions.js';
import { ConvertHandler } from './convert-handler.js';
import type { DbPairs } from './db-map.js';
import type { ExpiryAction } from './expiry-action.js';
import { takesHeader } from './loadable.js';
import type { ChangeCount, LossCount, LossEntry, OmittedKind, UnsupportedPolicy } from './loss.js';

export interface ConvertOptions {
  /** Default: the oldest target that writes the version of the source. See findTarget. */
  readonly target?: Target;
  /** What to do about what the target cannot hold. Default: `error`. */
  readonly onUnsupported?: UnsupportedPolicy;
  /** Keys to be written. */
  readonly filter?: KeyFilter;
  /** Databases that get another number. */
  readonly dbMap?: DbPairs;
  /** What to do with expiries of keys and of hash fields. Default: keep. */
  readonly setTtl?: ExpiryAction;
  /** Keys and hash fields that expired before this are left out, Unix ms. Default: none. */
  readonly skipExpiredBeforeMs?: number;
  /** Leave out values, data and key metadata of modules. Default: false. */
  readonly dropModules?: boolean;
  /** Compare the CRC-64 of the source. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (warning: RdbWarning) => void;
  /** Hears of every single loss. */
  readonly onLoss?: (entry: LossEntry) => void;
  readonly signal?: AbortSignal;
  /** What counts as now, Unix ms. Default: the clock. */
  readonly nowMs?: number;
}

/** What a conversion did, or would do. */
export interface ConvertSummary {
  readonly source: Pick<HeaderEntry, 'magic' | 'version'>;
  /** `redis:7.0` */
  readonly target: string;
  readonly keysRead: number;
  readonly keysWritten: number;
  /** Of those written: encoded anew instead of copied. */
  readonly keysRewritten: number;
  readonly bytesWritten: number;
  readonly lost: readonly LossCount[];
  /** Values and records in another form, without loss. */
  readonly changes: readonly ChangeCount[];
  /** What was left out without being missed, or as asked. */
  readonly omitted: Readonly<Partial<Record<OmittedKind, number>>>;
  readonly needs: ServerNeeds;
}

/** What the target server must have beside its version. */
export interface ServerNeeds {
  /** Modules whose data is in the file. */
  readonly modules: readonly string[];
  /** Setting `databases`, at the least. */
  readonly databases: number;
}

/** Whether a server loads a dump. */
export interface Compatibility extends ConvertSummary {
  /** As it is, without a conversion. */
  readonly loads: boolean;
  /** What a conversion would do: nothing is missed, parts of keys or records are, whole keys are. */
  readonly convertible: 'lossless' | 'loss' | 'drops keys';
}

/**
 * Converts a dump. `write` takes the new one in pieces, valid during the call; where it returns a promise, that is waited
 * for before more is read.
 *
 * Throws what readRdb throws; EncodeError for losses under the policy `error`, at the end and with their counts, for
 * databases that collide, and for a rebase without `ctime`. What was written before an error is no complete dump.
 */
export async function convertRdb(
  input: RdbInput | ByteSource,
  write: (bytes: Uint8Array) => void | Promise<void>,
  options: ConvertOptions = {},
): Promise<ConvertSummary> {
  const source = await openRdbSource(input, options.signal === undefined ? {} : { signal: options.signal });
  try {
    let waiting: Promise<void>[] = [];
    const handler = createHandler(source, options, (bytes, start, end) => {
      const pending = write(copyBytes(bytes, start, end));
      if (pending !== undefined) waiting.push(pending);
    });
    const driver = startDriver(source, handler, options);
    while ((await drive(source, driver)) === 'pause') {
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
    handler.finish();
    return summarizeConversion(handler);
  } finally {
    await source.close();
  }
}

/** What of a dump `target` does not load. Nothing is written. Throws what readRdb throws. */
export async function checkCompatibility(
  input: RdbInput,
  target: Target,
  options: Omit<ConvertOptions, 'target' | 'onUnsupported'> = {},
): Promise<Compatibility> {
  const source = await openRdbSource(input, options.signal === undefined ? {} : { signal: options.signal });
  try {
    const handler = createHandler(source, { ...options, target, onUnsupported: 'convert' }, undefined);
    const driver = startDriver(source, handler, options);
    while ((await drive(source, driver)) === 'pause');
    return summarizeCompatibility(handler);
  } finally {
    await source.close();
  }
}

/** Of a handler that has read everything. */
export function summarizeConversion(handler: ConvertHandler): ConvertSummary {
  const { context, ledger, keysRead, keysWritten, keysRewritten, bytesWritten } = handler;
  const { header, target, needs } = context!;
  return {
    source: { magic: header.magic, version: header.version },
    target: target.name,
    keysRead,
    keysWritten,
    keysRewritten,
    bytesWritten,
    lost: ledger.lost,
    changes: ledger.changes,
    omitted: ledger.omitted,
    needs: { modules: [...needs.modules].sort(), databases: needs.databases },
  };
}

/** Of a handler without output that has read everything under the policy `convert`. */
export function summarizeCompatibility(handler: ConvertHandler): Compatibility {
  const summary = summarizeConversion(handler);
  const { header, target } = handler.context!;
  const { lost, changes } = summary;
  const blocks = lost.length > 0 || changes.length > 0;
  const losesKeys = lost.some(({ scope }) => scope === 'key');
  return {
    ...summary,
    loads: !blocks && takesHeader(header, target),
    convertible: losesKeys ? 'drops keys' : lost.length > 0 ? 'loss' : 'lossless',
  };
}

function createHandler(source: ByteSource, options: ConvertOptions, write: WriteBytes | undefined): ConvertHandler {
  const { filter, nowMs = Date.now() } = options;
  const handler = new ConvertHandler({
    ...options,
    nowMs,
    filter: filter && compileFilter(filter, nowMs, source),
    write,
  });
  handler.source = source;
  return handler;
}

function startDriver(source: ByteSource, handler: ConvertHandler, options: ConvertOptions): RdbDriver {
  const window = Window.for(source.sizeBytes);
  const { checksum = true, limits } = options;
  const driver = new RdbDriver(window, handler, { checksum, ...(limits && { limits }) });
  handler.driver = driver;
  return driver;
}
