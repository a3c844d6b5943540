/** The function libraries of both files, by name. */
import type { RdbRecord } from '../../rdb/model.js';
import type { FunctionDifference } from './difference.js';

/** Libraries are few and small: their sources are held. */
export class FunctionTable {
  private readonly before = new Map<string, Uint8Array>();
  private readonly after = new Map<string, Uint8Array>();

  addBefore(record: RdbRecord): void {
    add(this.before, record);
  }

  addAfter(record: RdbRecord): void {
    add(this.after, record);
  }

  /** In the order of the second file, then what it lacks. */
  *compare(): Generator<FunctionDifference, void, void> {
    for (const [name, code] of this.after) {
      const old = this.before.get(name);
      if (old === undefined) yield { kind: 'function', change: 'added', name };
      else if (!isEqual(old, code)) yield { kind: 'function', change: 'changed', name };
    }
    for (const name of this.before.keys()) {
      if (!this.after.has(name)) yield { kind: 'function', change: 'removed', name };
    }
  }
}

function add(table: Map<string, Uint8Array>, record: RdbRecord): void {
  if (record.kind === 'function') table.set(record.name ?? '?', record.code);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
