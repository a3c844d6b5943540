/** Counts by type and encoding, and the sizes of each type as histograms. */
import type { ValueType } from '../../rdb/model.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { COUNT_WIDTH } from './key-counts.js';
import { LogHistogram } from './log-histogram.js';

/** Values of one type in one encoding. */
export interface Kind {
  readonly type: ValueType;
  readonly encoding: string;
  readonly counts: Float64Array;
  /** That of its type. */
  readonly shape: TypeShape;
}

/** How large the values of a type are. */
export class TypeShape {
  readonly keyBytes = new LogHistogram();
  readonly valueBytes = new LogHistogram();
  readonly elements = new LogHistogram();
  readonly memoryBytes = new LogHistogram();

  constructor(
    readonly type: ValueType,
    private readonly measuresMemory: boolean,
  ) {}

  add(facts: KeyFacts): void {
    const { key } = facts;
    this.keyBytes.add(key.end - key.start);
    this.valueBytes.add(facts.valueBytes);
    // Of a string it is known: one.
    if (this.type !== 'string') this.elements.add(facts.elements);
    if (this.measuresMemory) this.memoryBytes.add(facts.memoryBytes);
  }
}

export class KindCounts {
  /** As they were met. A type has a handful of encodings, so there are few. */
  readonly all: Kind[] = [];
  /** Where the kind of a type byte was found last. */
  private readonly recent: (Kind | undefined)[] = new Array(256).fill(undefined);

  constructor(private readonly memory: boolean) {}

  /** By the encoding on the server that is modelled, where memory is measured, else by the encoding in the file. */
  of(facts: KeyFacts): Kind {
    const { type, rdbType } = facts;
    const encoding = this.memory ? facts.memoryEncoding : facts.encoding;
    const recent = this.recent[rdbType];
    if (recent !== undefined && recent.encoding === encoding && recent.type === type) return recent;
    const kind = this.all.find((one) => one.encoding === encoding && one.type === type) ?? this.start(type, encoding);
    this.recent[rdbType] = kind;
    return kind;
  }

  private start(type: ValueType, encoding: string): Kind {
    const shape = this.all.find((kind) => kind.type === type)?.shape ?? new TypeShape(type, this.memory);
    const kind = { type, encoding, counts: new Float64Array(COUNT_WIDTH), shape };
    this.all.push(kind);
    return kind;
  }
}
