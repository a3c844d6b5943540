/** Counts what a comparison finds, by database and type. */
import { VALUE_TYPES } from '../../rdb/filter.js';
import type { ValueType } from '../../rdb/model.js';
import type { Change, DiffSummary, KeyAspect, TypeDiff } from './difference.js';

type Counter = 'before' | 'after' | Change;

export class DiffCounts {
  private readonly dbs = new Map<number, Map<ValueType, Record<Counter, number>>>();
  private readonly aspects: Record<KeyAspect, number> = { type: 0, value: 0, expiry: 0, metadata: 0 };
  private readonly functions: Record<Change, number> = { added: 0, removed: 0, changed: 0 };

  add(counter: Counter, db: number, type: ValueType): void {
    this.countsOf(db, type)[counter]++;
  }

  addAspects(aspects: readonly KeyAspect[]): void {
    for (const aspect of aspects) this.aspects[aspect]++;
  }

  addFunction(change: Change): void {
    this.functions[change]++;
  }

  summary(stopped: boolean): DiffSummary {
    const types = this.types();
    const sum = (counter: Counter): number => types.reduce((total, counts) => total + counts[counter], 0);
    const changes = { added: sum('added'), removed: sum('removed'), changed: sum('changed') };
    const differences = [...Object.values(changes), ...Object.values(this.functions)];
    return {
      same: differences.every((count) => count === 0),
      before: sum('before'),
      after: sum('after'),
      ...changes,
      aspects: { ...this.aspects },
      types,
      functions: { ...this.functions },
      stopped,
    };
  }

  private countsOf(db: number, type: ValueType): Record<Counter, number> {
    let types = this.dbs.get(db);
    if (types === undefined) {
      types = new Map();
      this.dbs.set(db, types);
    }
    let counts = types.get(type);
    if (counts === undefined) {
      counts = { before: 0, after: 0, added: 0, removed: 0, changed: 0 };
      types.set(type, counts);
    }
    return counts;
  }

  private types(): TypeDiff[] {
    return [...this.dbs.entries()]
      .sort(([left], [right]) => left - right)
      .flatMap(([db, types]) =>
        [...types.entries()]
          .sort(([left], [right]) => VALUE_TYPES.indexOf(left) - VALUE_TYPES.indexOf(right))
          .map(([type, counts]) => ({ db, type, ...counts })),
      );
  }
}
