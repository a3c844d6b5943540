/** Memory by type, and what it would be on another server or with other settings. */
import type { ValueType } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';

/** Keys whose memory was measured. */
export interface Saving {
  readonly keys: number;
  readonly elements: number;
  /** Of the values in the file. */
  readonly valueBytes: number;
  /** As MEMORY USAGE counts. */
  readonly memoryBytes: number;
  /** What the keys add to `used_memory`, tables aside: servers differ in what MEMORY USAGE leaves out or counts twice. */
  readonly usedBytes: number;
  /** Both with the other server or settings; 0 where there are none. */
  readonly whatIfMemoryBytes: number;
  readonly whatIfUsedBytes: number;
  /** Keys that would use less, and more. */
  readonly lessKeys: number;
  readonly moreKeys: number;
}

export interface SavingReport extends Saving {
  /** Most memory first. */
  readonly types: readonly (Saving & { readonly type: ValueType })[];
}

const WIDTH = 9;

export class SavingCollector implements FactCollector {
  private readonly byType = new Map<ValueType, Float64Array>();
  /** Those of the key before: the next one often is of the same type. */
  private type: ValueType | undefined;
  private counts: Float64Array = new Float64Array(WIDTH);

  record(): void {}

  key(facts: KeyFacts): void {
    const { type, memoryBytes, whatIfBytes } = facts;
    if (type !== this.type) this.select(type);
    const { counts } = this;
    const used = memoryBytes + facts.memoryExtraBytes;
    const whatIfUsed = whatIfBytes + facts.whatIfExtraBytes;
    counts[0]! += 1;
    counts[1]! += facts.elements;
    counts[2]! += facts.valueBytes;
    counts[3]! += memoryBytes;
    counts[4]! += used;
    counts[5]! += whatIfBytes;
    counts[6]! += whatIfUsed;
    if (whatIfUsed < used) counts[7]! += 1;
    else if (whatIfUsed > used) counts[8]! += 1;
  }

  report(): SavingReport {
    const all = new Float64Array(WIDTH);
    for (const counts of this.byType.values()) for (let at = 0; at < WIDTH; at++) all[at]! += counts[at]!;
    const types = [...this.byType].map(([type, counts]) => ({ type, ...savingOf(counts) }));
    types.sort((a, b) => b.memoryBytes - a.memoryBytes || (a.type < b.type ? -1 : 1));
    return { ...savingOf(all), types };
  }

  private select(type: ValueType): void {
    this.type = type;
    this.counts = this.byType.get(type) ?? new Float64Array(WIDTH);
    this.byType.set(type, this.counts);
  }
}

function savingOf(counts: Float64Array): Saving {
  return {
    keys: counts[0]!,
    elements: counts[1]!,
    valueBytes: counts[2]!,
    memoryBytes: counts[3]!,
    usedBytes: Math.round(counts[4]!),
    whatIfMemoryBytes: counts[5]!,
    whatIfUsedBytes: Math.round(counts[6]!),
    lessKeys: counts[7]!,
    moreKeys: counts[8]!,
  };
}
