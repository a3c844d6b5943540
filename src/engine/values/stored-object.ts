/** What every object that a key holds can do, beside what its commands need. */
import type { RdbValue } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';

export interface StoredObject {
  /** As OBJECT ENCODING answers on the server that `settings` stand for, with the history that this object has had. */
  encoding(settings: EngineSettings): string;
  /** As a dump holds it, in the order in which that server writes its elements. */
  toRdb(settings: EngineSettings): RdbValue;
  /** An independent copy. */
  copy(): StoredObject;
}
