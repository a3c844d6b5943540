/** What a key takes beside the parts of its value (memory-model.md §3, §4, §6). */
import type { SizeClass } from './allocator.js';
import type { MemoryServer } from './memory-server.js';
import { sdsBytes, wideSdsBytes } from './sds.js';

/** Bytes of an object's header. */
export const ROBJ = 16;
const DICT_ENTRY = 24;
/** Longer strings are apart from their object, where key and object are. */
const EMBEDDED_STRING = 44;
const KV_EMBEDDED = 64;
const VALKEY9_EMBEDDED = 128;
/** From this length on the name of a key needs room for its size. */
const LONG_KEY = 128;
/** Bytes of an expiry, or of what modules attach, in a kvobj. */
const SLOT = 8;

/** A key, and its object where that is no embedded string; parts of the value are not in it. */
export function keyWithObject(server: MemoryServer, size: SizeClass, keyLength: number, expires: boolean): number {
  switch (server.layout) {
    case 'robj':
      return nameInTable(server, size, keyLength) + ROBJ;
    case 'valkey8':
      // The allocation that holds the key is not counted.
      return ROBJ;
    case 'kvobj':
    case 'valkey9':
      return size(objectRequest(keyLength, expires));
  }
}

/** What `valkey8` leaves out of {@link keyWithObject}. */
export function uncountedObject(size: SizeClass, keyLength: number, expires: boolean): number {
  return size(objectRequest(keyLength, expires)) - ROBJ;
}

/** A key whose value is a string of `length` within its object; undefined where the string is too long for that. */
export function keyWithString(
  server: MemoryServer,
  size: SizeClass,
  keyLength: number,
  expires: boolean,
  length: number,
): number | undefined {
  switch (server.layout) {
    case 'robj':
      if (length > EMBEDDED_STRING) return undefined;
      return nameInTable(server, size, keyLength) + embeddedString(server, size, length);
    case 'kvobj':
      if (ROBJ + keyLength + 3 + 4 + length > KV_EMBEDDED) return undefined;
      return size(objectRequest(keyLength, expires) + 3 + length + 1);
    case 'valkey8':
      return valkey8String(size, keyLength, expires, length);
    case 'valkey9':
      return valkey9String(size, keyLength, expires, length);
  }
}

function nameInTable({ embedsKeys, exactSds, wideNames }: MemoryServer, size: SizeClass, keyLength: number): number {
  if (embedsKeys) return size(17 + sdsBytes(keyLength));
  if (wideNames) return wideSdsBytes(keyLength) + DICT_ENTRY;
  return (exactSds ? sdsBytes(keyLength) : size(sdsBytes(keyLength))) + DICT_ENTRY;
}

function embeddedString({ allocatesEmbedded }: MemoryServer, size: SizeClass, length: number): number {
  return allocatesEmbedded ? size(ROBJ + 3 + length + 1) : ROBJ + 2 + length;
}

function objectRequest(keyLength: number, expires: boolean): number {
  return ROBJ + (expires || keyLength >= LONG_KEY ? SLOT : 0) + 1 + sdsBytes(keyLength);
}

function valkey8String(size: SizeClass, keyLength: number, expires: boolean, length: number): number | undefined {
  const plain = ROBJ + keyLength + 3 + 4 + length;
  const request = ROBJ + 1 + sdsBytes(keyLength) + 4 + length;
  if (plain > KV_EMBEDDED) return undefined;
  if (!expires) return size(request);
  const fits = plain + SLOT <= KV_EMBEDDED || size(request) - request >= SLOT;
  return fits ? size(request + SLOT) : undefined;
}

function valkey9String(size: SizeClass, keyLength: number, expires: boolean, length: number): number | undefined {
  const sum = 8 + 1 + sdsBytes(keyLength) + 4 + length;
  const request = 8 + 1 + sdsBytes(keyLength) + Math.max(8, 4 + length);
  if (sum > VALKEY9_EMBEDDED) return undefined;
  if (!expires) return size(request);
  const fits = sum + SLOT <= VALKEY9_EMBEDDED || size(request) - request >= SLOT;
  return fits ? size(request + SLOT) : undefined;
}
