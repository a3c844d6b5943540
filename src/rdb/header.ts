/**
 * The first nine bytes: `REDIS` and four digits, or `VALKEY` and three (rdb-format.md §2).
 *
 *     52 45 44 49 53 30 30 31 30    REDIS0010: version 10, written by Redis 7.0
 */
import { FormatError, TruncatedError } from '../bytes/errors.js';
import type { HeaderEntry } from './model.js';

export const HEADER_SIZE = 9;

const MAGICS = { REDIS: [0x52, 0x45, 0x44, 0x49, 0x53], VALKEY: [0x56, 0x41, 0x4c, 0x4b, 0x45, 0x59] } as const;

/**
 * Throws NOT_RDB for other magics, TRUNCATED where `[pos, end)` is a beginning of a header and no more, BAD_VERSION where the
 * digits are not digits or all zero: a flipped bit there must not turn the file into an older one without a checksum.
 */
export function decodeHeader(bytes: Uint8Array, pos: number, end: number): HeaderEntry {
  const magic = bytes[pos] === MAGICS.VALKEY[0] ? 'VALKEY' : 'REDIS';
  const letters: readonly number[] = MAGICS[magic];
  for (let at = 0; at < letters.length; at++) {
    if (pos + at >= end) throw new TruncatedError('the input ends inside the header', pos + at);
    if (bytes[pos + at] !== letters[at])
      throw new FormatError('NOT_RDB', 'neither REDIS nor VALKEY stands at the start', pos);
  }
  let version = 0;
  for (let at = pos + letters.length; at < pos + HEADER_SIZE; at++) {
    if (at >= end) throw new TruncatedError('the input ends inside the header', at);
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9)
      throw new FormatError('BAD_VERSION', 'the version holds something other than digits', at);
    version = version * 10 + digit;
  }
  if (version === 0) throw new FormatError('BAD_VERSION', 'version 0 was never written', pos + letters.length);
  return { kind: 'header', magic, version };
}

export function encodeHeader(header: Pick<HeaderEntry, 'magic' | 'version'>): Uint8Array {
  const digits = String(header.version).padStart(HEADER_SIZE - header.magic.length, '0');
  return Uint8Array.from(header.magic + digits, (char) => char.charCodeAt(0));
}
