/** From a value of a dump to what a key holds, in the encoding that the server would choose. */
import { toByteString } from '../../bytes/byte-string.js';
import { assertNever } from '../../bytes/errors.js';
import type { RdbValue } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import { ArrayObject } from './array-object.js';
import { HashObject } from './hash-object.js';
import { ListObject } from './list-object.js';
import { OpaqueObject } from './opaque-object.js';
import { SetObject } from './set-object.js';
import type { StoredValue } from './stored-value.js';
import { StreamObject } from './stream-object.js';
import { ZsetObject } from './zset-object.js';

export function fromRdb(value: RdbValue, settings: EngineSettings): StoredValue {
  switch (value.type) {
    case 'string':
      return toByteString(value.value);
    case 'list':
      return ListObject.fromRdb(value, settings);
    case 'set':
      return SetObject.fromRdb(value, settings);
    case 'zset':
      return ZsetObject.fromRdb(value, settings);
    case 'hash':
      return HashObject.fromRdb(value, settings);
    case 'stream':
      return StreamObject.fromRdb(value, settings);
    case 'array':
      return ArrayObject.fromRdb(value, settings);
    case 'module':
    case 'pathhash':
    case 'cron':
      return new OpaqueObject(value);
    default:
      return assertNever(value);
  }
}
