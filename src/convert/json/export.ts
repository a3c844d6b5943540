/** A dump as JSON, for those who do not drive the reading themselves. */

import type { Limits } from '../../bytes/limits.js';
import { copyBytes } from '../../bytes/slice.js';
import type { RdbInput } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import type { RdbWarning } from '../../rdb/model.js';
import { openRdbSource } from '../../rdb/open.js';
import type { JsonEncoding } from './json-writer.js';
import { type JsonFormat, NdjsonHandler } from './ndjson-handler.js';

export interface JsonExportOptions {
  /** `ndjson`: one object per line; `json`: one array of the same objects. Default: `ndjson`. */
  readonly format?: JsonFormat;
  /** The form of byte strings. Default: `auto`. */
  readonly encoding?: JsonEncoding;
  /** With the records that are no keys. Default: false. */
  readonly all?: boolean;
  /** Keys to be written. */
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
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
}

/**
 * The UTF-8 text of a dump as JSON, in pieces of about a MiB; their borders mean nothing.
 *
 * ```ts
 * for await (const bytes of exportJson('dump.rdb')) out.write(bytes);
 * ```
 *
 * Throws what readRdb throws. The pieces before an error end with a whole line, and an array then lacks its bracket;
 * only the line of a value larger than `limits.largeValueBytes` may have been begun.
 */
export async function* exportJson(
  input: RdbInput,
  options: JsonExportOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const { signal, filter, nowMs, limits, checksum, jobs = 1 } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    if (jobs > 1 && filter?.limit === undefined) {
      // Browsers never come here, and have no worker threads of this kind.
      const { exportJsonBySeveral } = await import('./export-parallel.js');
      yield* exportJsonBySeveral(source, jobs, options);
      return;
    }
    let pieces: Uint8Array[] = [];
    const handler = new NdjsonHandler({
      ...options,
      filter: filter && compileFilter(filter, nowMs ?? Date.now(), source),
      write: (bytes, start, end) => pieces.push(copyBytes(bytes, start, end)),
    });
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, handler, { checksum: checksum ?? true, ...(limits && { limits }) });
    handler.driver = driver;
    for (;;) {
      let failure: unknown;
      const progress = await drive(source, driver).catch((error: unknown) => {
        failure = error;
        handler.flush();
        return 'failed' as const;
      });
      if (progress === 'done') handler.finish();
      const ready = pieces;
      pieces = [];
      yield* ready;
      if (progress === 'failed') throw failure;
      if (progress === 'done') return;
    }
  } finally {
    await source.close();
  }
}
