/** A dump whose keys go through somebody's hands, as the dump that this leaves. */
import { type ByteSource, openSource } from '../../bytes/source.js';
import type { RdbEntry } from '../../rdb/model.js';
import { readRdb } from '../../rdb/read.js';
import { writeRdb } from '../../rdb/write.js';
import type { KeyOptions, TransformKey } from './key-options.js';

/** Reading it reads as much of `inner` as is asked for. Its errors are those of reading, of `transform`, and of writing. */
export async function transformedSource(
  inner: ByteSource,
  transform: TransformKey,
  options: KeyOptions,
): Promise<ByteSource> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // What goes wrong aborts the stream, and so is thrown where it is read.
  writeRdb(transformed(inner, transform, options), writable).catch(() => undefined);
  return await openSource(readable, { decompress: false });
}

async function* transformed(
  inner: ByteSource,
  transform: TransformKey,
  options: KeyOptions,
): AsyncGenerator<RdbEntry, void, void> {
  const { filter, nowMs, checksum, limits, onWarning } = options;
  const entries = readRdb(bytesOf(inner), {
    ...(filter && { filter }),
    ...(nowMs !== undefined && { nowMs }),
    ...(checksum !== undefined && { checksum }),
    ...(limits && { limits }),
    ...(limits?.largeValueBytes !== undefined && { maxEntryBytes: limits.largeValueBytes }),
    ...(onWarning && { onWarning }),
  });
  for await (const entry of entries) {
    if (entry.kind === 'function' && filter !== undefined) continue;
    // Sizes of databases and slots no longer hold, and the writer makes the end anew.
    if (entry.kind === 'resize-db' || entry.kind === 'slot-info') continue;
    const result = entry.kind === 'key' ? await transform(entry) : entry;
    if (result !== undefined) yield result;
  }
}

async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  const size = 64 * 1024;
  for (;;) {
    const piece = new Uint8Array(size);
    const count = await source.read(piece, 0, size);
    if (count === 0) return;
    yield piece.subarray(0, count);
  }
}
