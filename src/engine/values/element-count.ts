/** How many elements a value of a dump has: no server keeps one without any, and none keeps one twice. */
import type { RdbValue } from '../../rdb/model.js';
import { HashObject } from './hash-object.js';
import { SetObject } from './set-object.js';
import type { StoredValue } from './stored-value.js';
import { ZsetObject } from './zset-object.js';

/** Undefined for types that may have none. */
export function elementCount(value: RdbValue): number | undefined {
  switch (value.type) {
    case 'list':
      return value.items.length;
    case 'set':
    case 'zset':
      return value.members.length;
    case 'hash':
      return value.fields.length;
    default:
      return undefined;
  }
}

/** Whether a member or field of the value came twice: what was made of it has fewer. */
export function hasDuplicates(value: RdbValue, stored: StoredValue): boolean {
  if (!(stored instanceof HashObject || stored instanceof SetObject || stored instanceof ZsetObject)) return false;
  return stored.size !== elementCount(value);
}
