/** TODO: owner writes this file. */
import type { StreamValue } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import type { StoredObject } from './stored-object.js';

export class StreamObject implements StoredObject {
  readonly type = 'stream';

  static fromRdb(_value: StreamValue, _settings: EngineSettings): StreamObject {
    throw new TypeError('not written yet');
  }

  encoding(_settings: EngineSettings): string {
    throw new TypeError('not written yet');
  }

  toRdb(_settings: EngineSettings): StreamValue {
    throw new TypeError('not written yet');
  }

  copy(): StreamObject {
    throw new TypeError('not written yet');
  }
}
