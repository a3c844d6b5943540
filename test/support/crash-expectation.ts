/** What a store must come to that is opened on what a power cut left (aof-format.md §4.6, §4.7). */
import type { Mark, Operation, Recording } from './crash-journal.js';
import { DATA_DIRECTORY } from './crash-reference.js';

export interface Expectation {
  /** The log is what counts; else the dump. */
  readonly isLog: boolean;
  /** How many commands may have left their effect: all of these, and the first of those behind them. */
  readonly floor: number;
  readonly most: number;
  /** The state is that of one of these moments. */
  readonly dumps: readonly number[];
}

/** Where the power is cut after so many operations. */
export function expectationAt({ journal }: Recording, prefix: number): Expectation {
  const reader = new JournalReader();
  for (let at = 0; at < prefix; at++) reader.take(journal[at]!, at);
  return reader;
}

class JournalReader implements Expectation {
  isLog = false;
  floor = 0;
  most = 0;
  /** The last one that was reported, what there was at the beginning while there is none, and those that came after. */
  dumps: number[] = [0];
  private policy: 'always' | 'everysec' | 'no' = 'always';
  private acknowledged = 0;
  /** What would be there for certain if the log that is being switched on counted. */
  private waiting = 0;
  /** What was acknowledged when a sync was begun, by the index of that. */
  private readonly begun = new Map<number, number>();
  /** Files, by number, that commands were written to. */
  private readonly logs = new Set<number>();
  private readonly created = new Map<number, number>();

  take(operation: Operation, index: number): void {
    this.most = operation.moment;
    switch (operation.kind) {
      case 'mark':
        this.mark(operation.mark);
        return;
      case 'create':
        this.created.set(operation.node, operation.moment);
        return;
      case 'rename':
        if (operation.path === `${DATA_DIRECTORY}/dump.rdb`) this.dumps.push(this.created.get(operation.node)!);
        return;
      case 'write':
        if (isIncrement(operation.path)) this.logs.add(operation.node);
        return;
      case 'asideBegin':
        this.begun.set(index, this.acknowledged);
        return;
      case 'asideEnd':
        this.synced(operation.node, this.begun.get(operation.begin)!);
        return;
      case 'sync':
      case 'syncData':
        this.synced(operation.node, this.acknowledged);
    }
  }

  private mark(mark: Mark): void {
    switch (mark.kind) {
      case 'acknowledged':
        this.acknowledged = this.most;
        if (this.policy === 'always') this.floor = this.acknowledged;
        return;
      case 'policy':
        this.policy = mark.appendfsync;
        return;
      case 'log':
        this.isLog = mark.isOn;
        this.floor = Math.max(mark.moment, this.waiting, this.policy === 'always' ? this.acknowledged : 0);
        this.waiting = 0;
        return;
      case 'saved':
        this.dumps = this.dumps.slice(this.dumps.lastIndexOf(mark.moment));
    }
  }

  /** A sync that was begun when so many were acknowledged is over. */
  private synced(node: number, acknowledged: number): void {
    if (!this.logs.has(node)) return;
    if (this.isLog) this.floor = Math.max(this.floor, acknowledged);
    else this.waiting = Math.max(this.waiting, acknowledged);
  }
}

/** Also one that is not listed yet. */
export function isIncrement(path: string): boolean {
  return /\.incr(\.aof)?$/.test(path);
}
