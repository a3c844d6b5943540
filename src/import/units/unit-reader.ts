/** Reads a source into batches of units, as much at a time as somebody asks for. */
import { Slice } from '../../bytes/slice.js';
import { Window } from '../../bytes/window.js';
import type { LossCount, LossEntry } from '../../convert/loss.js';
import type { CommandRows } from '../../convert/rdb-to-commands/command-rows.js';
import { commandForms } from '../../convert/rdb-to-commands/forms.js';
import { RestoreHandler } from '../../convert/rdb-to-commands/restore-handler.js';
import { RewriteHandler } from '../../convert/rdb-to-commands/rewrite-handler.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import type { Target } from '../../rdb/versions.js';
import type { ImportMode } from '../model.js';
import type { KeyOptions } from '../source/key-options.js';
import { type KeySource, leavesFunctionsOut, type OpenedKeys, openKeys } from '../source/key-source.js';
import type { Counts } from '../tally.js';
import { BatchPool } from './batch-pool.js';
import { ImportRows, type Wanted } from './import-rows.js';
import type { TemporaryNames } from './temporary-name.js';
import type { UnitBatch } from './unit-batch.js';
import { UnitCollector } from './unit-collector.js';

export interface UnitReaderOptions {
  readonly keys: KeyOptions;
  /** `auto`: with RESTORE, and as commands what is too large for that. */
  readonly mode: ImportMode;
  readonly target: Target;
  readonly replaces: boolean;
  readonly onUnsupported: 'drop' | 'convert';
  readonly names: TemporaryNames;
  readonly isCluster: boolean;
  /** Of the target. */
  readonly databases: number;
  /** All keys go to this database; undefined: to that of the same number. */
  readonly db: number | undefined;
  /** The largest argument that the target takes. */
  readonly maxBulkBytes: number;
  readonly maxBatchBytes: number;
  readonly maxBatchUnits: number;
  readonly wants: (ordinal: number) => Wanted;
  readonly onLoss: (loss: LossEntry) => void;
}

/** Values beyond this are streamed, and sent as commands where there is a choice: a RESTORE keeps a server busy. */
const LARGE_VALUE_BYTES = 16 * 1024 * 1024;
/** Of a payload, beside the value. */
const PAYLOAD_OVERHEAD = 64;

export class UnitReader {
  readonly pool: BatchPool;
  private readonly rows: ImportRows;
  private readonly collector: UnitCollector;
  private readonly driver: RdbDriver;
  private readonly handlers: readonly CommandRows[];
  private isEnded = false;

  private constructor(
    private readonly opened: OpenedKeys,
    options: UnitReaderOptions,
  ) {
    const { keys, mode, target, names, maxBatchBytes } = options;
    this.pool = new BatchPool(maxBatchBytes + (maxBatchBytes >> 2));
    this.collector = new UnitCollector(
      {
        ...options,
        pool: this.pool,
        renamer: opened.renamer,
        maxBytes: maxBatchBytes,
        maxUnits: options.maxBatchUnits,
        nowMs: () => Date.now(),
      },
      new Slice(),
    );
    const { restore, rewrite } = this.createHandlers(options);
    this.handlers = [restore, rewrite].filter((one) => one !== undefined);
    this.rows = new ImportRows({
      restore: mode === 'commands' ? undefined : restore,
      rewrite: mode === 'restore' ? undefined : rewrite,
      forms: commandForms(target),
      maxPayloadBytes: Math.min(LARGE_VALUE_BYTES, options.maxBulkBytes - PAYLOAD_OVERHEAD),
      collector: this.collector,
      filter: opened.filter,
      takesFunctions: !leavesFunctionsOut(keys),
      wants: options.wants,
      onWarning: (warning) => keys.onWarning?.(warning),
      onRecordLoss: options.onLoss,
    });
    const limits = { largeValueBytes: Math.min(LARGE_VALUE_BYTES, options.maxBulkBytes), ...keys.limits };
    const { source } = opened;
    this.driver = new RdbDriver(Window.for(source.sizeBytes), this.rows, { checksum: keys.checksum ?? true, limits });
    this.rows.driver = this.driver;
    names.ordinal = 0;
  }

  static async open(source: KeySource, options: UnitReaderOptions): Promise<UnitReader> {
    return new UnitReader(await openKeys(source, options.keys), options);
  }

  /** Units that have been read, those that were not wanted included. */
  get units(): number {
    return this.rows.units;
  }

  /** Keys that had expired and are in no batch. */
  get expired(): number {
    return this.opened.expired();
  }

  /** What became of units behind the last batch, which are in none, at the end. */
  get rest(): Counts {
    return this.collector.rest;
  }

  get asCommands(): number {
    return this.rows.asCommands;
  }

  /** Of the source as it is stored. */
  get readBytes(): number {
    return this.opened.source.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.opened.source.totalBytes;
  }

  get lost(): readonly LossCount[] {
    return this.handlers.flatMap(({ ledger }) => ledger.lost);
  }

  /** The next batch, which is to be given back to {@link pool}; undefined at the end. Throws what reading a dump throws. */
  async pull(): Promise<UnitBatch | undefined> {
    const { collector, rows } = this;
    while (collector.ready.length === 0 && !this.isEnded) {
      const progress = await drive(this.opened.source, this.driver);
      this.isEnded = progress === 'done' || rows.isFinished;
      rows.cut();
    }
    return collector.ready.shift();
  }

  /** The rest of a streamed unit is not wanted. */
  abandon(ordinal: number, isLost: boolean): void {
    this.collector.abandon(ordinal, isLost);
    const { ready } = this.collector;
    for (let index = ready.length - 1; index >= 0; index--)
      if (ready[index]!.ordinals[0] === ordinal && ready[index]!.continues) this.pool.give(ready.splice(index, 1)[0]!);
  }

  async close(): Promise<void> {
    await this.opened.close();
  }

  private createHandlers(options: UnitReaderOptions): { restore: RestoreHandler | undefined; rewrite: RewriteHandler } {
    const { target, replaces, onUnsupported, names, maxBulkBytes, onLoss } = options;
    const { collector } = this;
    const shared = {
      target,
      onUnsupported,
      onLoss: (loss: LossEntry) => {
        if (loss.key !== undefined && loss.policy === 'drop') collector.lose();
        else if (loss.what === 'function') collector.loseFunction();
        onLoss(loss);
      },
      write: collector.write,
      units: collector,
      onSelect: () => undefined,
      replace: replaces,
    };
    const rewrite = new RewriteHandler({ ...shared, placement: names });
    if (!commandForms(target).restore) return { restore: undefined, rewrite };
    const maxPayloadBytes = maxBulkBytes - PAYLOAD_OVERHEAD;
    return { restore: new RestoreHandler({ ...shared, maxPayloadBytes }), rewrite };
  }
}
