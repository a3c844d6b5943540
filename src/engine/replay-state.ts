/** What the files of a log build up together: the engine, and what was met on the way. */
import { CommandLookup } from '../aof/command-lookup.js';
import { commandCount } from '../aof/command-table.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { AuxEntry, ModuleAuxEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { SourceTarget } from '../rdb/source-target.js';
import type { Target } from '../rdb/versions.js';
import { ArgumentReader } from './argument-reader.js';
import { Engine } from './engine.js';
import { LoadHandler } from './load.js';
import type { EngineOptions } from './settings.js';

/** What a replay did beside changing the engine. */
export interface ReplayCounts {
  /** All that were read, MULTI, EXEC and SELECT included. */
  commands: number;
  /** Commands that the server would have refused as well: their error replies go nowhere. */
  refused: number;
  /** Keys changed by commands, as the server counts them for its save points. */
  changes: number;
  /** Scripts and unknown commands that were left out: how many, by name. */
  readonly skipped: Map<string, number>;
}

export class ReplayState {
  readonly counts: ReplayCounts = { commands: 0, refused: 0, changes: 0, skipped: new Map() };
  /** By the `id` of a CommandSpec: 1 for commands that were run. */
  readonly seen = new Uint8Array(commandCount());
  readonly lookup = new CommandLookup();
  readonly reader = new ArgumentReader();
  readonly head: ReplayHead;
  private made: Engine | undefined;

  constructor(
    private readonly options: EngineOptions,
    onWarning: (warning: RdbWarning) => void,
    into?: Engine,
  ) {
    if (into !== undefined) {
      this.made = into;
      into.isLoading = true;
    }
    this.head = new ReplayHead(() => this.engine, onWarning);
  }

  /** Made when it is first asked for. */
  get engine(): Engine {
    if (this.made === undefined) {
      const target = this.options.target ?? this.head.target;
      this.made = new Engine({ ...this.options, ...(target !== undefined && { target }) });
      this.made.isLoading = true;
    }
    return this.made;
  }
}

/** Receives the rows of a dump at the head of a file. */
export class ReplayHead implements RowHandler {
  driver!: RdbDriver;
  /** The records that a dump of the result should have again. */
  readonly aux: AuxEntry[] = [];
  readonly moduleAux: ModuleAuxEntry[] = [];
  private source: SourceTarget | undefined;
  private loader: LoadHandler | undefined;

  constructor(
    private readonly engineOf: () => Engine,
    private readonly onWarning: (warning: RdbWarning) => void,
  ) {}

  /** The server that wrote the first dump; undefined without one. */
  get target(): Target | undefined {
    return this.source?.resolve();
  }

  get keys(): number {
    return this.loader?.keys ?? 0;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') {
      this.source ??= new SourceTarget();
      this.source.start(record);
    } else if (record.kind === 'aux') {
      this.source!.aux(record);
      this.aux.push(record);
    } else if (record.kind === 'module-aux') this.moduleAux.push(record);
    else this.opened().record(record);
  }

  key(rows: RowTable, row: number): void {
    this.opened().key(rows, row);
  }

  largeStart(): LargeRequest {
    return this.opened().largeStart();
  }

  largeEnd(): void {}

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  full(): boolean {
    return false;
  }

  private opened(): LoadHandler {
    this.loader ??= new LoadHandler(this.engineOf());
    this.loader.driver = this.driver;
    return this.loader;
  }
}
