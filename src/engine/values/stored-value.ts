/**
 * What a key holds. A string is a byte string and nothing else, which is what makes a million of them small; everything
 * else is an object of its class, known by `type`.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { ArrayObject } from './array-object.js';
import type { HashObject } from './hash-object.js';
import type { ListObject } from './list-object.js';
import type { OpaqueObject } from './opaque-object.js';
import type { RawString } from './raw-string.js';
import type { SetObject } from './set-object.js';
import type { StreamObject } from './stream-object.js';
import type { ZsetObject } from './zset-object.js';

export type StoredValue =
  | ByteString
  | RawString
  | ListObject
  | SetObject
  | ZsetObject
  | HashObject
  | StreamObject
  | ArrayObject
  | OpaqueObject;

/** The classes by their type's name. */
export interface ObjectTypes {
  list: ListObject;
  set: SetObject;
  zset: ZsetObject;
  hash: HashObject;
  stream: StreamObject;
  array: ArrayObject;
}

/** As TYPE names it; modules by their own names. */
export function typeOf(value: StoredValue): string {
  if (typeof value === 'string' || value.type === 'string') return 'string';
  return value.type === 'opaque' ? value.typeName : value.type;
}
