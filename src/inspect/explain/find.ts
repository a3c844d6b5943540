/** Finds the record at an offset, or of a key. */

import { ChecksumError, FormatError } from '../../bytes/errors.js';
import type { Limits } from '../../bytes/limits.js';
import { copyBytes } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { FIRST_CHECKSUM_VERSION } from '../../rdb/constants.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { FOOTER_SIZE } from '../../rdb/ending.js';
import { Finder, type FoundRecord, type Where } from './finder.js';
import type { FileFacts } from './values.js';

/** Bytes that are shown of what follows the end of the RDB. */
const TAIL_BYTES = 64 * 1024;

export interface Finding {
  readonly found: FoundRecord | undefined;
  readonly file: FileFacts;
}

/**
 * Reads from the start to the record that is wanted; undefined where there is none. Throws FormatError and its kin for
 * a file that cannot be read so far, unless it is the record itself that is broken.
 */
export async function findRecord(source: ByteSource, where: Where, limits: Partial<Limits>): Promise<Finding> {
  const window = Window.for(source.sizeBytes);
  const finder = new Finder(where);
  // Only who looks at an offset may look at the checksum.
  const driver = new RdbDriver(window, finder, { checksum: 'offset' in where, limits });
  finder.driver = driver;
  const error = await run(source, driver);
  let found = error === undefined ? finder.found : finder.broken(error, source.sizeBytes);
  if (error !== undefined && found === undefined) throw error;
  if (found === undefined && 'offset' in where) found = await findBehind(source, finder, where.offset);
  const { dialect, version, templates } = driver.cursor.context;
  return { found, file: { dialect, version, templates } };
}

/** EOF has been read, and the window stands behind it. */
async function findBehind(source: ByteSource, finder: Finder, target: number): Promise<FoundRecord | undefined> {
  const { driver, reached: offset } = finder;
  const { window } = driver;
  const footerSize = driver.header!.version < FIRST_CHECKSUM_VERSION ? 0 : FOOTER_SIZE;
  const eof = copyBytes(window.bytes, window.pos - (window.offset - offset), window.pos);
  await fillTo(source, window, footerSize + TAIL_BYTES);
  const footerEnd = Math.min(window.end, window.pos + footerSize);
  const bytes = new Uint8Array([...eof, ...window.bytes.subarray(window.pos, footerEnd)]);
  const tail = copyBytes(window.bytes, footerEnd, Math.min(window.end, footerEnd + TAIL_BYTES));
  const error = await run(source, driver);
  const tailOffset = offset + bytes.length;
  if (target < tailOffset) {
    const checksum = error instanceof ChecksumError ? 'wrong' : finder.end?.checksum;
    return { kind: 'end', offset, size: bytes.length, bytes, checksum, error };
  }
  const known = source.sizeBytes === undefined ? tail.length : source.sizeBytes - tailOffset;
  const size = finder.end?.trailingBytes ?? known;
  return target < tailOffset + size ? { kind: 'tail', offset: tailOffset, size, bytes: tail, error } : undefined;
}

/** Runs to the next pause or to the end; returns what there is against the file. */
async function run(source: ByteSource, driver: RdbDriver): Promise<FormatError | undefined> {
  try {
    await drive(source, driver);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

async function fillTo(source: ByteSource, window: Window, wanted: number): Promise<void> {
  while (window.available < wanted && !window.ended) {
    const room = window.room(wanted);
    const count = await source.read(window.bytes, window.end, room);
    if (count === 0) window.ended = true;
    else window.filled(count);
  }
}
