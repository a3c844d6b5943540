/** Rows to units: which keys are sent, and whether with RESTORE or as commands. */
import type { LossEntry } from '../../convert/loss.js';
import type { CommandRows } from '../../convert/rdb-to-commands/command-rows.js';
import { type CommandForms, hasCommandsFor } from '../../convert/rdb-to-commands/forms.js';
import type { RestoreHandler } from '../../convert/rdb-to-commands/restore-handler.js';
import type { RewriteHandler } from '../../convert/rdb-to-commands/rewrite-handler.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord, RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import type { UnitCollector } from './unit-collector.js';

/** Whether a unit is sent: it has been done, or nobody has sent it yet, or somebody may have. */
export type Wanted = 'no' | 'fresh' | 'owned';

export interface ImportRowsOptions {
  /** Undefined: nothing is sent with RESTORE. */
  readonly restore: RestoreHandler | undefined;
  /** Undefined: nothing is sent as commands. */
  readonly rewrite: RewriteHandler | undefined;
  readonly forms: CommandForms;
  /** The largest payload where both are possible, and the largest value. */
  readonly maxPayloadBytes: number;
  readonly collector: UnitCollector;
  readonly filter: RowFilter | undefined;
  readonly takesFunctions: boolean;
  readonly wants: (ordinal: number) => Wanted;
  readonly onWarning: (warning: RdbWarning) => void;
  readonly onRecordLoss: (loss: LossEntry) => void;
}

export class ImportRows implements RowHandler {
  /** Units so far: keys that pass the filter, and function libraries. */
  units = 0;
  /** Keys that were written as commands although RESTORE was to be tried first. */
  asCommands = 0;
  private reader!: RdbDriver;
  private readonly main: CommandRows;
  private current: CommandRows;
  private isInLarge = false;

  constructor(private readonly options: ImportRowsOptions) {
    this.main = (options.restore ?? options.rewrite)!;
    this.current = this.main;
  }

  set driver(driver: RdbDriver) {
    const { restore, rewrite } = this.options;
    if (restore !== undefined) restore.driver = driver;
    if (rewrite !== undefined) rewrite.driver = driver;
    this.reader = driver;
  }

  record(record: RdbRecord): void {
    const { restore, rewrite, takesFunctions } = this.options;
    switch (record.kind) {
      case 'header':
        restore?.record(record);
        rewrite?.record(record);
        break;
      case 'function':
        if (takesFunctions && this.begin(false)) this.use(this.main).record(record);
        break;
      case 'command':
        this.options.onRecordLoss({
          what: 'command',
          db: undefined,
          key: undefined,
          policy: 'drop',
          detail: 'a command inside the dump',
        });
        break;
      default:
        this.main.record(record);
    }
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { filter, restore, maxPayloadBytes } = this.options;
    if (filter?.accepts(this.reader, row) === false) return;
    if (!this.begin(false)) return;
    const isLong = rows.end[row]! - rows.valuePos[row]! > maxPayloadBytes;
    const isBuilt = restore === undefined || (isLong && this.hasCommands(rows, row));
    this.choose(isBuilt).key(rows, row, bytes);
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    const { filter, restore, collector } = this.options;
    if (filter?.acceptsLarge(this.reader, row) === false || !this.begin(true)) return { level: 'skip', sink: NO_SINK };
    const isBuilt = restore === undefined || this.hasCommands(rows, row);
    const request = this.choose(isBuilt).largeStart(rows, row, bytes);
    this.isInLarge = this.current.isInLarge;
    if (!this.isInLarge) collector.isLarge = false;
    return request;
  }

  largeEnd(): void {
    if (this.isInLarge) this.current.largeEnd();
    this.isInLarge = false;
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning(warning);
  }

  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && !this.isInLarge;
  }

  full(): boolean {
    return this.isFinished || this.options.collector.isFull(this.current.pendingBytes);
  }

  /** Ends the batch in hand. */
  cut(): void {
    if (!this.isInLarge) this.current.flush();
    this.options.collector.cut();
  }

  /** Counts a unit. False: it is not sent. */
  private begin(isLarge: boolean): boolean {
    const { collector, wants } = this.options;
    const ordinal = this.units++;
    const wanted = wants(ordinal);
    if (wanted === 'no') collector.pass(ordinal);
    collector.ordinal = ordinal;
    collector.isOwned = wanted === 'owned';
    collector.isBuilt = false;
    collector.isLarge = isLarge && wanted !== 'no';
    return wanted !== 'no';
  }

  private choose(isBuilt: boolean): CommandRows {
    const { restore, rewrite, collector } = this.options;
    collector.isBuilt = isBuilt;
    if (isBuilt && restore !== undefined) this.asCommands++;
    return this.use(isBuilt ? rewrite! : restore!);
  }

  private hasCommands(rows: RowTable, row: number): boolean {
    const { rewrite, forms } = this.options;
    return rewrite !== undefined && hasCommandsFor(rows.codecOf(row).type, forms);
  }

  /** What one has written is handed over before another one writes. */
  private use(handler: CommandRows): CommandRows {
    if (handler !== this.current) this.current.flush();
    this.current = handler;
    return handler;
  }
}
