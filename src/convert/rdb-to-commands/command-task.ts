/** Commands of ranges: the task of worker threads, and of the main thread for what it keeps. */
import type { WriteBytes } from '../../bytes/writer.js';
import { encodeCommand } from '../../codecs/resp.js';
import { compileFilter, type KeyFilter, type RowFilter } from '../../rdb/filter.js';
import type { RdbRecord } from '../../rdb/model.js';
import { findTarget } from '../../rdb/versions.js';
import { memoryOf, Pieces } from '../../workers/pieces.js';
import type { Task } from '../../workers/task.js';
import type { LossEntry, LossLedger, UnsupportedPolicy } from '../loss.js';
import { RestoreHandler } from './restore-handler.js';
import { RewriteHandler } from './rewrite-handler.js';

/** Data only: it goes to another thread. */
export interface CommandTaskOptions {
  readonly format: 'resp' | 'restore';
  /** Name of the target. */
  readonly target: string | undefined;
  readonly replace: boolean | undefined;
  readonly onUnsupported: UnsupportedPolicy | undefined;
  readonly filter: KeyFilter | undefined;
  readonly nowMs: number;
}

/** Whole commands, or the number of the database that those behind it are for. */
export type CommandPart = Uint8Array | number;

export interface CommandResult {
  readonly parts: readonly CommandPart[];
  readonly losses: readonly LossEntry[];
}

export class CommandTask implements Task<CommandResult> {
  readonly handler: RewriteHandler | RestoreHandler;
  private readonly pieces = new Pieces();
  private parts: CommandPart[] = [];
  private losses: LossEntry[] = [];
  /** A record of another thread is being looked at. */
  private isLearning = false;

  /** `shared`: in place of the filter of the options, where it is shared with others. */
  constructor({ format, filter, target, ...rest }: CommandTaskOptions, shared?: RowFilter) {
    const settings = {
      ...rest,
      target: target === undefined ? undefined : findTarget(target),
      filter: shared ?? (filter && compileFilter(filter, rest.nowMs)),
      write: (bytes: Uint8Array, start: number, end: number) => {
        if (!this.isLearning) this.pieces.write(bytes, start, end);
      },
      onSelect: (db: number) => {
        if (!this.isLearning) this.parts.push(...this.pieces.take(), db);
      },
      onLoss: (loss: LossEntry) => {
        if (!this.isLearning) this.losses.push(loss);
      },
    };
    this.handler = format === 'restore' ? new RestoreHandler(settings) : new RewriteHandler(settings);
  }

  /** Header and aux fields say which server the commands are for; what becomes commands is the other thread's. */
  learn(record: RdbRecord): void {
    this.isLearning = true;
    try {
      this.handler.record(record);
      this.handler.flush();
      this.handler.forgetSelected();
    } finally {
      this.isLearning = false;
    }
  }

  lend(memory: ArrayBuffer): void {
    this.pieces.lend(memory);
  }

  take(hasFailed: boolean): CommandResult {
    const { handler } = this;
    // In the middle of a large value a command is not whole, and must not be dropped.
    if (!handler.isInLarge || hasFailed) {
      handler.flush();
      handler.forgetSelected();
    }
    const parts = [...this.parts, ...this.pieces.take()];
    const { losses } = this;
    this.parts = [];
    this.losses = [];
    return { parts, losses };
  }

  memoryOf({ parts }: CommandResult): ArrayBuffer[] {
    return memoryOf(parts.filter((part) => typeof part !== 'number'));
  }
}

/** Puts results together, in the order of the file: databases are selected where that is not the one selected last. */
export class CommandJoiner {
  private selected = -1;

  constructor(
    private readonly write: WriteBytes,
    private readonly ledger: LossLedger,
  ) {}

  add({ parts, losses }: CommandResult): void {
    for (const part of parts) {
      if (typeof part !== 'number') this.write(part, 0, part.length);
      else if (part !== this.selected) {
        this.selected = part;
        const select = encodeCommand(['SELECT', String(part)]);
        this.write(select, 0, select.length);
      }
    }
    for (const loss of losses) this.ledger.add(loss);
  }
}
