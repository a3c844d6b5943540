/** Counts elements: most values say how many they have without being decoded. */
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { MutableKeyFacts } from './key-facts.js';
import type { ValueMeasure } from './value-measure.js';

export class ElementMeasure implements ValueMeasure {
  private readonly counter = new ElementCounter();

  record(): void {}

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    facts.elements = driver.rows.kind[row] === TYPE.STRING ? 1 : countElements(driver, row, this.counter);
  }

  largeStart({ rows }: RdbDriver, row: number, { type }: MutableKeyFacts): LargeRequest {
    const { counter } = this;
    const level = counter.start(rows.codecOf(row), rows.kind[row]!);
    if (type !== 'string' && type !== 'module') return { level, sink: counter };
    counter.count = 1;
    return { level: 'skip', sink: counter };
  }

  largeEnd(facts: MutableKeyFacts): void {
    facts.elements = this.counter.count;
  }
}
