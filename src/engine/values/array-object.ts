/** TODO: owner writes this file. */
import type { ArrayValue } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import type { StoredObject } from './stored-object.js';

export class ArrayObject implements StoredObject {
  readonly type = 'array';

  static fromRdb(_value: ArrayValue, _settings: EngineSettings): ArrayObject {
    throw new TypeError('not written yet');
  }

  encoding(_settings: EngineSettings): string {
    throw new TypeError('not written yet');
  }

  toRdb(_settings: EngineSettings): ArrayValue {
    throw new TypeError('not written yet');
  }

  copy(): ArrayObject {
    throw new TypeError('not written yet');
  }
}
