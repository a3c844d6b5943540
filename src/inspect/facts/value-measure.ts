/** How much of a value is looked at for a report: nothing, its elements, or its memory. */
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { MutableKeyFacts } from './key-facts.js';

/** Completes the facts of keys, one key after another; it may be used for several files in turn. */
export interface ValueMeasure {
  /** Every record that is no key, the header first: it says which server wrote the file. */
  record(record: RdbRecord): void;
  /** The facts of a whole row. `facts` has what the row says. Throws FormatError. */
  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void;
  /** The value is streamed; {@link largeEnd} comes when it is over, `facts.valueBytes` being known then. */
  largeStart(driver: RdbDriver, row: number, facts: MutableKeyFacts): LargeRequest;
  largeEnd(facts: MutableKeyFacts): void;
}

/** Looks at no value: what the row says is enough. */
export const NO_MEASURE: ValueMeasure = {
  record() {},
  row() {},
  largeStart: () => ({ level: 'skip', sink: NO_SINK }),
  largeEnd() {},
};
