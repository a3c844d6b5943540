/** OBJECT ENCODING of strings, which depends on the server and, in newer ones, on what is kept beside the value. */
import type { ByteString } from '../../bytes/byte-string.js';
import { type EngineSettings, isSince } from '../settings.js';
import { isInt64Text } from './int64-text.js';
import type { RawString } from './raw-string.js';

/** OBJ_ENCODING_EMBSTR_SIZE_LIMIT since 3.2; servers before had 39. */
const EMBEDDED_BYTES = 44;
const EARLY_EMBEDDED_BYTES = 39;
/** Where the key lies in the same block of 64 bytes, key and value together (seen on Redis 8.6.3 and Valkey 8.1.1). */
const WITH_KEY_BYTES = 41;
/** The same in a block of 128 bytes, and with the longer header of keys from 32 bytes on (seen on Valkey 9.1.2). */
const WITH_KEY_BYTES_OF_128 = 113;
const LONG_KEY_BYTES = 32;
const LONG_KEY_HEADER = 2;
/** Valkey keeps the expiry there too. */
const EXPIRY_BYTES = 8;

/**
 * For a key of `keyBytes` bytes. What newer servers keep of the time before a key had its expiry is not known here: for
 * them the answer is that of a key that was just set.
 */
export function stringEncoding(
  value: ByteString | RawString,
  settings: EngineSettings,
  keyBytes: number,
  hasExpiry: boolean,
): 'int' | 'embstr' | 'raw' {
  if (typeof value !== 'string' && value.encoding === 'raw') return 'raw';
  if (typeof value === 'string' && isInt64Text(value)) return 'int';
  return value.length <= embeddedBytes(settings, keyBytes, hasExpiry) ? 'embstr' : 'raw';
}

function embeddedBytes({ target }: EngineSettings, keyBytes: number, hasExpiry: boolean): number {
  if (isSince(target, { valkey: '9.0' })) {
    const header = keyBytes < LONG_KEY_BYTES ? 0 : LONG_KEY_HEADER;
    return WITH_KEY_BYTES_OF_128 - header - keyBytes - (hasExpiry ? EXPIRY_BYTES : 0);
  }
  if (isSince(target, { valkey: '8.1' })) return WITH_KEY_BYTES - keyBytes - (hasExpiry ? EXPIRY_BYTES : 0);
  if (isSince(target, { redis: '8.2' })) return WITH_KEY_BYTES - keyBytes;
  if (isSince(target, { redis: '3.2', valkey: '7.2' })) return EMBEDDED_BYTES;
  return isSince(target, { redis: '3.0' }) ? EARLY_EMBEDDED_BYTES : -1;
}
