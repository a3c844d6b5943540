/** Records that say how many keys follow: wrong in any file that does not hold the same ones, and not needed to load it. */
import type { RdbRecord } from '../rdb/model.js';

/** What Valkey 8 and later write in place of F4. */
const SLOT_INFO = 'slot-info';

export function isSizeHint(record: RdbRecord): boolean {
  if (record.kind === 'aux') return record.name.length === SLOT_INFO.length && latin1.decode(record.name) === SLOT_INFO;
  return record.kind === 'resize-db' || record.kind === 'slot-info';
}

const latin1 = new TextDecoder('latin1');
