/** What is in a data set, on one page: how many keys of which kind, how large they are, how long they live. */
import type { RdbRecord } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { TopCollector } from '../top/top-collector.js';
import { TTL_BINS } from '../ttl/ttl-collector.js';
import { FileCollector } from './file-facts.js';
import { addKey, COUNT_WIDTH, EXPIRED, EXPIRED_NOW, WITH_TTL } from './key-counts.js';
import { createKeyStats, type KeyStats } from './key-stats.js';
import { KindCounts } from './kind-counts.js';

export interface StatsOptions {
  /** The clock, Unix ms: what has expired by now, and what the life left counts from where a file does not say when it was made. */
  readonly nowMs: number;
  /** Elements are measured (ElementMeasure, or the memory model). Default: false. */
  readonly elements?: boolean;
  /** Memory is measured: encodings are those of the server that is modelled, and large keys are those of most memory. Default: false. */
  readonly memory?: boolean;
  /** Large keys that are named. Default: 10. */
  readonly largest?: number;
}

const DEFAULT_LARGEST = 10;
/** Databases told apart; keys of more are counted in all sums but these. */
const MAX_DBS = 1024;

/** Counts keys; the memory it takes does not depend on how many there are. Shards add up. */
export class StatsCollector implements FactCollector {
  private readonly files: FileCollector;
  private readonly kinds: KindCounts;
  private readonly byDb = new Map<number, Float64Array>();
  /** Keys and bytes of each TTL bin, the last one for keys without. */
  private readonly lives = new Float64Array(2 * (TTL_BINS.length + 1));
  private readonly largest: TopCollector;
  private readonly nowMs: number;
  private readonly memory: boolean;
  private readonly elements: boolean;
  private db = -1;
  private dbCounts: Float64Array | undefined;

  constructor({ nowMs, elements = false, memory = false, largest = DEFAULT_LARGEST }: StatsOptions) {
    this.nowMs = nowMs;
    this.memory = memory;
    this.elements = elements || memory;
    this.files = new FileCollector(nowMs);
    this.kinds = new KindCounts(memory);
    this.largest = new TopCollector({ by: memory ? 'memory' : 'serialized', limit: largest });
  }

  record(record: RdbRecord): void {
    this.files.record(record);
    this.largest.record(record);
  }

  key(facts: KeyFacts): void {
    const life = this.lifeOf(facts);
    const kind = this.kinds.of(facts);
    this.files.key();
    addKey(kind.counts, facts, life);
    kind.shape.add(facts);
    if (facts.db !== this.db) this.selectDb(facts.db);
    if (this.dbCounts !== undefined) addKey(this.dbCounts, facts, life);
    this.largest.key(facts);
  }

  /** What has been counted so far. */
  report(): KeyStats {
    const { files, kinds, byDb, lives, elements, memory } = this;
    return createKeyStats({
      files: files.all,
      kinds: kinds.all,
      byDb,
      lives,
      largest: this.largest.report().top,
      elements,
      memory,
    });
  }

  /** Counts the key's life left, and says which of the counts about it the key belongs to. */
  private lifeOf(facts: KeyFacts): number {
    const { lives } = this;
    const { expireAt } = facts;
    let bin: number = TTL_BINS.length;
    let life = 0;
    // A stored −1 is no expiry (rdb-format.md §6.1).
    if (expireAt !== undefined && !expireAt.isAllOnes()) {
      const ms = expireAt.toNumber();
      const left = ms - this.files.atMs;
      bin = 0;
      while (left >= TTL_BINS[bin]!.untilMs) bin++;
      life = WITH_TTL | (bin === 0 ? EXPIRED : 0) | (ms < this.nowMs ? EXPIRED_NOW : 0);
    }
    lives[2 * bin]! += 1;
    lives[2 * bin + 1]! += facts.valueBytes;
    return life;
  }

  private selectDb(db: number): void {
    this.db = db;
    this.dbCounts = this.byDb.get(db);
    if (this.dbCounts !== undefined || this.byDb.size === MAX_DBS) return;
    this.dbCounts = new Float64Array(COUNT_WIDTH);
    this.byDb.set(db, this.dbCounts);
  }
}
