/** Counts elements and finds the largest: every value but strings is decoded for it. */
import type { Slice } from '../../bytes/slice.js';
import { stringLength } from '../../codecs/string.js';
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { StreamState } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { MutableKeyFacts } from './key-facts.js';
import type { ValueMeasure } from './value-measure.js';

/** The largest element is a string, an item, a member, a field or its value; of a module value, a string in it. */
export class LargestElementMeasure implements ValueMeasure {
  private readonly largest = new LargestElement();
  private readonly counter = new ElementCounter();
  private isString = false;

  record(): void {}

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    if (facts.type === 'string') {
      facts.elements = 1;
      facts.largestElementBytes = lengthOfString(driver, row);
      return;
    }
    const { largest } = this;
    largest.reset();
    driver.readValue(row, 'element', largest.sink);
    facts.largestElementBytes = largest.bytes;
    // Of a stream the decoder has told the length, of other types a second look at the head is cheap.
    facts.elements = facts.type === 'stream' ? largest.streamLength : countElements(driver, row, this.counter);
  }

  largeStart(driver: RdbDriver, row: number, { type }: MutableKeyFacts): LargeRequest {
    const { largest } = this;
    largest.reset();
    this.isString = type === 'string';
    if (this.isString) largest.bytes = lengthOfString(driver, row);
    largest.countsAll = type !== 'module' && !this.isString;
    largest.elements = largest.countsAll ? 0 : 1;
    return { level: this.isString ? 'skip' : 'element', sink: largest.sink };
  }

  largeEnd(facts: MutableKeyFacts): void {
    const { largest } = this;
    facts.largestElementBytes = largest.bytes;
    facts.elements = facts.type === 'stream' ? largest.streamLength : largest.elements;
  }
}

class LargestElement {
  bytes = 0;
  elements = 0;
  streamLength = 0;
  countsAll = true;
  readonly sink: ValueSink & LargeRequest['sink'] = {
    ...IGNORE_VALUE,
    string: (value) => this.see(value),
    listItem: (item) => this.element(item),
    setMember: (member) => this.element(member),
    zsetMember: (member) => this.element(member),
    hashField: (field, value) => {
      this.element(field);
      this.see(value);
    },
    streamField: (field, value) => {
      this.see(field);
      this.see(value);
    },
    streamState: (state: StreamState) => {
      this.streamLength = state.length;
    },
    moduleString: (value) => this.see(value),
    arrayElement: (_index, value) => this.element(value),
    blob: () => undefined,
    raw: () => undefined,
  };

  reset(): void {
    this.bytes = 0;
    this.elements = 0;
    this.streamLength = 0;
    this.countsAll = true;
  }

  private element(slice: Slice): void {
    if (this.countsAll) this.elements++;
    this.see(slice);
  }

  private see({ start, end }: Slice): void {
    if (end - start > this.bytes) this.bytes = end - start;
  }
}

/** Nothing is expanded: a compressed string says how long it is. */
function lengthOfString({ window, rows }: RdbDriver, row: number): number {
  return stringLength(window.bytes, rows.valuePos[row]!, window.end);
}
