/**
 * The first nine bytes: `REDIS` and four digits, or `VALKEY` and three (rdb-format.md §2).
 *
 *     52 45 44 49 53 30 30 31 30    REDIS0010: version 10, written by Redis 7.0
 */
import { FormatError, TruncatedError } from '../bytes/errors.js';
import { FIRST_VALKEY_VERSION, NEWEST_VERSION } from './constants.js';
import type { HeaderEntry, WarningCode } from './model.js';

export const HEADER_SIZE = 9;

/** What is known of a file by whoever has read it up to some record. */
export interface ResumePoint {
  readonly header: HeaderEntry;
  /** Database of the records that follow. */
  readonly db: number;
}

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

/** What is odd about a header that can be read all the same. */
export function versionWarning({ magic, version }: HeaderEntry): { code: WarningCode; message: string } | undefined {
  const isValkey = magic === 'VALKEY';
  if (version > NEWEST_VERSION[isValkey ? 'valkey' : 'redis']) {
    return {
      code: 'NEWER_VERSION',
      message: `version ${version} is newer than this library; what it knows is read`,
    };
  }
  if (!isValkey || version >= FIRST_VALKEY_VERSION) return undefined;
  return { code: 'ODD_VERSION', message: `no server writes version ${version} under the magic VALKEY` };
}

export function encodeHeader(header: Pick<HeaderEntry, 'magic' | 'version'>): Uint8Array {
  const digits = String(header.version).padStart(HEADER_SIZE - header.magic.length, '0');
  return Uint8Array.from(header.magic + digits, (char) => char.charCodeAt(0));
}
