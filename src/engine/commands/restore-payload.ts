/** What RESTORE is given: a payload that anybody may have written, of which only what is sound becomes a value. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { crc64 } from '../../bytes/crc64.js';
import { type ErrorCode, FormatError, LimitError, RedisFileError, UnsupportedError } from '../../bytes/errors.js';
import { FIRST_VALKEY_VERSION } from '../../rdb/constants.js';
import { DUMP_FOOTER_SIZE, type DumpValue, decodeDump, inValue } from '../../rdb/dump.js';
import type { KeyMeta, RdbValue } from '../../rdb/model.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import type { Target } from '../../rdb/versions.js';
import type { Engine } from '../engine.js';
import { CommandError } from '../reply.js';
import { isSince } from '../settings.js';
import { elementCount, hasDuplicates } from '../values/element-count.js';
import { fromRdb } from '../values/from-rdb.js';
import type { StoredValue } from '../values/stored-value.js';
import { disorderOf } from '../values/stream-object-rdb.js';

export interface Restored {
  readonly stored: StoredValue;
  readonly meta: readonly KeyMeta[] | undefined;
}

/**
 * Throws CommandError as the server answers, with the reason as its cause. Of a client every rule is asked, as by servers with
 * `sanitize-dump-payload yes`, and those that make the value safe to work with, which servers do not ask.
 *
 * In the replay of a log a payload is taken as it is, since the server that wrote it had the value: what this library cannot read
 * ends the replay. Redis 8.4 takes a checksum of zero for none; a log of any server may hold one.
 */
export function restoredFrom(payload: ByteString, engine: Engine): Restored {
  const { isLoading, skipsChecksums, settings } = engine;
  const takesZero = isLoading || isSince(settings.target, { redis: '8.4' });
  const checksum = skipsChecksums ? 'never' : takesZero ? 'unless-zero' : 'always';
  if (!isLoading && isTooNew(versionOf(payload), settings.target)) throw wrongPayload();
  try {
    const decoded = decodeDump(fromByteString(payload), { checksum, deep: !isLoading });
    const { value, meta } = decoded;
    if (!isLoading) checkKnown(decoded, settings.target);
    if (elementCount(value) === 0) throw unsound('BAD_COLLECTION', 'no elements', value);
    const stored = fromRdb(value, settings);
    if (!isLoading) checkSound(value, stored);
    return { stored, meta };
  } catch (error) {
    if (!(error instanceof RedisFileError)) throw error;
    if (error.code === 'BAD_DUMP' && isBare(payload, skipsChecksums)) throw badData(error);
    if (error.code === 'BAD_DUMP' || error.code === 'CHECKSUM_MISMATCH') throw wrongPayload();
    if (isLoading && (error instanceof UnsupportedError || error instanceof LimitError)) throw error;
    throw badData(error);
  }
}

/** A footer that is right, with nothing in front of it. */
function isBare(payload: ByteString, skipsChecksum: boolean): boolean {
  const bytes = fromByteString(payload);
  if (bytes.length !== DUMP_FOOTER_SIZE) return false;
  if (skipsChecksum) return true;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(2, true) === crc64(bytes, 0, 2);
}

/** What a server does not know it could not write into its files. */
function checkKnown({ rdbType, meta, value }: DumpValue, { types, records, name }: Target): void {
  if (!types.has(rdbType)) throw unsound('UNKNOWN_TYPE', `${name} has no type ${rdbType}`, value);
  if (meta !== undefined && !records.keyMeta) throw unsound('UNKNOWN_TYPE', `${name} has no key metadata`, value);
  // The one module that is part of servers.
  if (value.type === 'module' && value.module !== VECTORSET_MODULE)
    throw unsound('UNSUPPORTED_TYPE', `the module ${value.module} is not there`, value);
}

/** As the footer says; 0 where there is none. */
function versionOf(payload: ByteString): number {
  const at = payload.length - DUMP_FOOTER_SIZE;
  return at < 0 ? 0 : payload.charCodeAt(at) | (payload.charCodeAt(at + 1) << 8);
}

/** Valkey 9 also refuses what versions of Redis wrote that it does not know. */
function isTooNew(version: number, target: Target): boolean {
  const isForeign = version >= FIRST_FOREIGN_VERSION && version < FIRST_VALKEY_VERSION;
  return version > target.version || (target.version >= FIRST_VALKEY_VERSION && isForeign);
}

const FIRST_FOREIGN_VERSION = 12;

/** `stored` is what was made of the value. */
function checkSound(value: RdbValue, stored: StoredValue): void {
  if (hasDuplicates(value, stored)) throw unsound('DUPLICATE_ELEMENT', 'an element occurs twice', value);
  const disorder = value.type === 'stream' ? disorderOf(value) : undefined;
  if (disorder !== undefined) throw unsound('BAD_STREAM', disorder, value);
}

function unsound(code: ErrorCode, message: string, { type, encoding }: RdbValue): FormatError {
  return inValue(new FormatError(code, message, 0), type, encoding);
}

function wrongPayload(): CommandError {
  return new CommandError('ERR DUMP payload version or checksum are wrong');
}

function badData(cause: RedisFileError): CommandError {
  return new CommandError('ERR Bad data format', { cause });
}
