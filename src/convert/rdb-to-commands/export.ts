/** A dump as commands, for those who do not drive the reading themselves. */

import type { Limits } from '../../bytes/limits.js';
import { copyBytes } from '../../bytes/slice.js';
import type { RdbInput } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import type { RdbWarning } from '../../rdb/model.js';
import { openRdbSource } from '../../rdb/open.js';
import type { Target } from '../../rdb/versions.js';
import type { LossEntry, UnsupportedPolicy } from '../loss.js';
import { RestoreHandler } from './restore-handler.js';
import { RewriteHandler } from './rewrite-handler.js';

export interface CommandExportOptions {
  /** `resp`: the commands of an AOF rewrite; `restore`: RESTORE with payloads. Default: `resp`. */
  readonly format?: 'resp' | 'restore';
  /** The server that will read the commands: see findTarget. Default: that which wrote the dump. */
  readonly target?: Target;
  /** Keys and libraries that are there already are replaced. Default: false. */
  readonly replace?: boolean;
  /** What happens to what commands cannot say: stop; leave the key out; say what can be said. Default: `error`. */
  readonly onUnsupported?: UnsupportedPolicy;
  /** Hears of each loss under `drop` and `convert`. */
  readonly onLoss?: (loss: LossEntry) => void;
  /** Keys to be written. With a filter, function libraries are left out. */
  readonly filter?: KeyFilter;
  /** Compare the CRC-64 at the end. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (warning: RdbWarning) => void;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Worker threads (of Node) that decode and write; the output is the same for any number. It pays from some 200 MB on. Not
   * with `filter.limit`, which one thread keeps. Default: 1, which is none.
   */
  readonly jobs?: number;
  /** What counts as now, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
}

/**
 * The commands that fill an empty server with what a dump holds, as RESP, in pieces whose borders mean nothing.
 *
 * ```ts
 * for await (const bytes of exportCommands('dump.rdb')) socket.write(bytes);
 * ```
 *
 * Throws what readRdb throws, and EncodeError where something cannot be said. The pieces before an error are whole commands.
 */
export async function* exportCommands(
  input: RdbInput,
  options: CommandExportOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const { signal, filter, limits, checksum, nowMs = Date.now(), jobs = 1 } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    if (jobs > 1 && filter?.limit === undefined) {
      const { exportCommandsBySeveral } = await import('./export-parallel.js');
      yield* exportCommandsBySeveral(source, jobs, nowMs, options);
      return;
    }
    let pieces: Uint8Array[] = [];
    const settings = {
      ...options,
      nowMs,
      filter: filter && compileFilter(filter, nowMs, source),
      write: (bytes: Uint8Array, start: number, end: number) => pieces.push(copyBytes(bytes, start, end)),
    };
    const handler = options.format === 'restore' ? new RestoreHandler(settings) : new RewriteHandler(settings);
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, handler, { checksum: checksum ?? true, ...(limits && { limits }) });
    handler.driver = driver;
    for (let isOpen = true; isOpen; ) {
      let failure: { readonly error: unknown } | undefined;
      const progress = await drive(source, driver).catch((error: unknown) => {
        failure = { error };
        return 'done' as const;
      });
      isOpen = progress === 'pause' && !handler.isFinished;
      if (!isOpen) handler.flush();
      const ready = pieces;
      pieces = [];
      yield* ready;
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    await source.close();
  }
}
