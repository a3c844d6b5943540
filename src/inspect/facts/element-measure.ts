/** Counts elements. */
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { MutableKeyFacts } from './key-facts.js';
import type { ValueMeasure } from './value-measure.js';

export class ElementMeasure implements ValueMeasure {
  private readonly counter = new ElementCounter();

  record(): void {}

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    facts.elements = countElements(driver, row, this.counter);
  }

  largeStart(_driver: RdbDriver, _row: number, facts: MutableKeyFacts): LargeRequest {
    this.counter.count = 0;
    if (facts.type === 'string' || facts.type === 'module') this.counter.count = 1;
    return { level: levelOf(facts.type), sink: this.counter };
  }

  largeEnd(facts: MutableKeyFacts): void {
    facts.elements = this.counter.count;
  }
}

/** A stream keeps its length behind its nodes; strings and module values count as one. */
function levelOf(type: MutableKeyFacts['type']): LargeRequest['level'] {
  if (type === 'string' || type === 'module') return 'skip';
  return type === 'stream' ? 'blob' : 'element';
}
