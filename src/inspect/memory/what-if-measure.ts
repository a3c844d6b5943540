/** Two models of the same values: what another server, or another configuration, would take. */
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { MutableKeyFacts } from '../facts/key-facts.js';
import type { ValueMeasure } from '../facts/value-measure.js';
import type { MemoryModel } from './memory-model.js';

type Sink = LargeRequest['sink'];

/** The facts are those of `base`; `whatIfBytes` and `whatIfExtraBytes` come from `other`. */
export class WhatIfMeasure implements ValueMeasure {
  constructor(
    readonly base: MemoryModel,
    readonly other: MemoryModel,
  ) {}

  record(record: RdbRecord): void {
    this.base.record(record);
    this.other.record(record);
  }

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    this.other.row(driver, row, facts);
    keepAsWhatIf(facts);
    this.base.row(driver, row, facts);
  }

  largeStart(driver: RdbDriver, row: number, facts: MutableKeyFacts): LargeRequest {
    const other = this.other.largeStart(driver, row, facts);
    keepAsWhatIf(facts);
    const base = this.base.largeStart(driver, row, facts);
    // Both look at a value of one type in the same way.
    return base.level === 'skip' ? base : { level: base.level, sink: both(base.sink, other.sink) };
  }

  largeEnd(facts: MutableKeyFacts): void {
    if (facts.type === 'string') return;
    this.other.largeEnd(facts);
    keepAsWhatIf(facts);
    this.base.largeEnd(facts);
  }
}

function keepAsWhatIf(facts: MutableKeyFacts): void {
  facts.whatIfBytes = facts.memoryBytes;
  facts.whatIfExtraBytes = facts.memoryExtraBytes;
}

/** A sink that tells two. */
function both(one: Sink, other: Sink): Sink {
  const names = Object.keys(NO_SINK) as (keyof Sink)[];
  const calls = names.map((name) => {
    const first = one[name] as (...args: unknown[]) => void;
    const second = other[name] as (...args: unknown[]) => void;
    const call = (...args: unknown[]): void => {
      first(...args);
      second(...args);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(calls) as unknown as Sink;
}
