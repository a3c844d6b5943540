/** What the keys of a whole server take: MEMORY USAGE of each, what that leaves out, and the tables (memory-model.md §8). */

import { chainedEntries, presizedBuckets } from '../../memory/hash-table.js';
import { valkeyBuckets } from '../../memory/valkey-table.js';
import type { RdbRecord } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import type { MemoryModel } from './memory-model.js';

export interface MemoryTotals {
  readonly keys: number;
  readonly expires: number;
  /** Sum of MEMORY USAGE. */
  readonly usageBytes: number;
  /** What `used_memory` has for the same keys beyond that; may be negative. */
  readonly correctionBytes: number;
  /** Main tables and tables of expiries, of all databases. */
  readonly tableBytes: number;
  /** All three: what the dataset adds to the `used_memory` of an empty server. */
  readonly datasetBytes: number;
  /** Sum of the `used-mem` of the files, as their servers counted when they wrote them; undefined where one does not say. */
  readonly usedMemoryBytes: number | undefined;
}

/** Adds up keys; give it the model that measures them. Each file is a server of its own. */
export class DatasetMemory implements FactCollector {
  private usage = 0;
  private correction = 0;
  private tables = 0;
  private keys = 0;
  private expires = 0;
  private files = 0;
  private usedMemory = 0;
  private filesThatSay = 0;
  private readonly dbs = new Map<number, { keys: number; expires: number }>();

  constructor(private readonly model: MemoryModel) {}

  record(record: RdbRecord): void {
    if (record.kind === 'header') this.files++;
    else if (record.kind === 'end') this.closeFile();
    else if (record.kind === 'aux' && decoder.decode(record.name) === 'used-mem') {
      const bytes = Number(decoder.decode(record.value));
      if (!Number.isSafeInteger(bytes)) return;
      this.usedMemory += bytes;
      this.filesThatSay++;
    }
  }

  key({ db, memoryBytes, memoryExtraBytes, expireAt }: KeyFacts): void {
    this.usage += memoryBytes;
    this.correction += memoryExtraBytes;
    let counts = this.dbs.get(db);
    if (counts === undefined) {
      counts = { keys: 0, expires: 0 };
      this.dbs.set(db, counts);
    }
    counts.keys++;
    if (expireAt !== undefined) counts.expires++;
  }

  totals(): MemoryTotals {
    this.closeFile();
    const { keys, expires, usage, tables, files, filesThatSay, usedMemory } = this;
    const correctionBytes = Math.round(this.correction);
    const tableBytes = Math.round(tables);
    return {
      keys,
      expires,
      usageBytes: usage,
      correctionBytes,
      tableBytes,
      datasetBytes: usage + correctionBytes + tableBytes,
      usedMemoryBytes: files > 0 && files === filesThatSay ? usedMemory : undefined,
    };
  }

  private closeFile(): void {
    for (const { keys, expires } of this.dbs.values()) {
      this.keys += keys;
      this.expires += expires;
      this.tables += this.tablesOf(keys, expires);
    }
    this.dbs.clear();
  }

  private tablesOf(keys: number, expires: number): number {
    switch (this.model.model().server.layout) {
      case 'robj':
        return presizedBuckets(keys) + presizedBuckets(expires) + 32 * expires;
      case 'kvobj':
        return presizedBuckets(keys) + presizedBuckets(expires) + 16 * (chainedEntries(keys) + chainedEntries(expires));
      case 'valkey8':
      case 'valkey9':
        return valkeyBuckets(keys) + valkeyBuckets(expires);
    }
  }
}

const decoder = new TextDecoder();
