/** A value that the engine carries but does not understand: of a module, or of a kind whose commands it does not have. */

import type { CronValue, ModuleValue, PathHashValue } from '../../rdb/model.js';
import type { StoredObject } from './stored-object.js';

export class OpaqueObject implements StoredObject {
  readonly type = 'opaque';
  constructor(readonly value: ModuleValue | PathHashValue | CronValue) {}

  encoding(): string {
    return this.value.type === 'module' ? 'raw' : this.value.type;
  }

  toRdb(): ModuleValue | PathHashValue | CronValue {
    return this.value;
  }

  copy(): OpaqueObject {
    return this;
  }

  /** As TYPE answers. */
  get typeName(): string {
    return this.value.type === 'module' ? this.value.module : this.value.type;
  }
}
