/** Reading a dump as a sequence of entries: from anything that holds bytes, one entry at a time, in bounded memory. */
import type { Limits } from '../bytes/limits.js';
import { LARGE_VALUE_BYTES } from '../bytes/limits.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive, driveSync } from './drive.js';
import { RdbDriver } from './driver.js';
import { EntryHandler } from './entries.js';
import { compileFilter, type KeyFilter } from './filter.js';
import type { RdbEntry, RdbValue, RdbWarning } from './model.js';
import { openRdbSource } from './open.js';
import { openRdbSourceSync } from './open-sync.js';

export interface ReadOptions {
  /** Keys to be read; the others are passed over without being decoded. Once its limit is reached the reading ends. */
  readonly filter?: KeyFilter;
  /** Compare the CRC-64 at the end. Default: true. */
  readonly checksum?: boolean;
  /** Hold packed structures and streams against every rule of the format. Default: false. */
  readonly deep?: boolean;
  /** Values that take more than this in the file arrive in `parts`. Default: 64 MiB. */
  readonly maxEntryBytes?: number;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly onWarning?: (warning: RdbWarning) => void;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
}

/**
 * Every record of a dump, in file order.
 *
 * ```ts
 * for await (const entry of readRdb('dump.rdb')) {
 *   if (entry.kind === 'key') count(entry.db, entry.key, entry.value.type);
 * }
 * ```
 *
 * Throws FormatError and its kin (see ERROR_CODES), the system's error for a file that cannot be opened, and the signal's
 * reason. A file that ends early is never a success.
 */
export async function* readRdb(input: RdbInput, options: ReadOptions = {}): AsyncGenerator<RdbEntry, void, void> {
  const source = await openRdbSource(input, options.signal === undefined ? {} : { signal: options.signal });
  try {
    yield* entriesOf(source, options);
  } finally {
    await source.close();
  }
}

/**
 * As {@link readRdb}, for bytes in memory or a file that may be read blocking. Values are never split into parts:
 * whoever reads synchronously holds them anyway.
 */
export function* readRdbSync(
  input: string | Uint8Array | ArrayBuffer,
  options: ReadOptions = {},
): Generator<RdbEntry, void, void> {
  const source = openRdbSourceSync(input);
  try {
    const { driver, handler } = createReader(source, options, Infinity, neverInParts);
    for (let progress = driveSync(source, driver); ; progress = driveSync(source, driver)) {
      yield* handler.takeBatch();
      if (progress === 'done' || handler.exhausted) return;
    }
  } finally {
    source.close();
  }
}

async function* entriesOf(source: ByteSource, options: ReadOptions): AsyncGenerator<RdbEntry, void, void> {
  async function* parts(): AsyncGenerator<RdbValue, void, void> {
    while (handler.largeOpen) {
      await drive(source, driver);
      yield handler.takePiece();
    }
  }
  const { driver, handler } = createReader(source, options, options.maxEntryBytes ?? LARGE_VALUE_BYTES, parts);
  for (;;) {
    const progress = await drive(source, driver);
    for (const entry of handler.takeBatch()) yield entry;
    // Pieces that nobody took are passed over before the next entry.
    while (handler.largeOpen) {
      await drive(source, driver);
      handler.takePiece();
    }
    if (progress === 'done' || handler.exhausted) return;
  }
}

function createReader(
  source: ByteSource,
  options: ReadOptions,
  largeValueBytes: number,
  openParts: () => AsyncIterable<RdbValue>,
): { driver: RdbDriver; handler: EntryHandler } {
  const { filter, nowMs, onWarning, limits, checksum, deep } = options;
  const rowFilter = filter && compileFilter(filter, nowMs ?? Date.now(), source);
  const handler = new EntryHandler(rowFilter, onWarning ?? (() => undefined), openParts);
  const window = Window.for(source.sizeBytes);
  const driver = new RdbDriver(window, handler, {
    checksum: checksum ?? true,
    deep: deep ?? false,
    limits: { ...limits, largeValueBytes },
  });
  handler.driver = driver;
  return { driver, handler };
}

function neverInParts(): AsyncIterable<RdbValue> {
  throw new TypeError('a value without a size limit is never split');
}
