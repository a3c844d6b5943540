/** Turns an error with a position in the window into one with a file offset, and says where in the file that is. */
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';

/** The key's name is cut to this many bytes in a trail. */
const MAX_TRAIL_KEY_BYTES = 64;

/** Returns the same error, for throwing on. `base` is the file offset of the window's first byte; `db` −1: not known. */
export function locate(error: unknown, base: number, db = -1, key?: Uint8Array): unknown {
  if (!(error instanceof FormatError)) return error;
  error.shift(base);
  if (key !== undefined) error.under(`key ${formatQuoted(key, 0, key.length, MAX_TRAIL_KEY_BYTES)}`);
  if (db >= 0) error.under(`db ${db}`);
  return error;
}
