/** One run of an import, once it is known where from, where to and how. */
import type { LossEntry } from '../convert/loss.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import type { ImportMode, ImportOptions, ImportResult } from './model.js';
import { Plan } from './plan.js';
import type { Lanes } from './send/lanes.js';
import type { Patience } from './send/patience.js';
import { RateLimit } from './send/rate-limit.js';
import { Sender } from './send/sender.js';
import type { KeySource } from './source/key-source.js';
import { Tally } from './tally.js';
import { TargetError } from './target/target-error.js';
import type { Wanted } from './units/import-rows.js';
import type { TemporaryNames } from './units/temporary-name.js';
import { UNIT, type UnitBatch } from './units/unit-batch.js';
import { UnitReader } from './units/unit-reader.js';

export interface ImportRunOptions {
  readonly source: KeySource;
  readonly lanes: Lanes;
  readonly patience: Patience;
  readonly names: TemporaryNames;
  readonly mode: ImportMode;
  /** All keys go to this database; undefined: to that of the same number. */
  readonly db: number | undefined;
  readonly checkpoint: Checkpoint | undefined;
  /** By `performance.now()`. */
  readonly startedMs: number;
  readonly options: ImportOptions;
}

const BATCH_BYTES = 256 * 1024;
const BATCH_UNITS = 4096;
/** Each batch costs a write to disk that is waited for. */
const CHECKED_BATCH_BYTES = 2 * 1024 * 1024;
const CHECKED_BATCH_UNITS = 16_384;
const PROGRESS_MS = 250;
/** How often a large value is begun. */
const MAX_STREAM_ATTEMPTS = 20;

export class ImportRun {
  private readonly tally: Tally;
  private readonly rate: RateLimit;
  private readonly sender: Sender;
  private reader!: UnitReader;
  private readonly lost = new Map<number, TargetError>();
  private lossCounts: ImportResult['lost'] = [];
  private toldMs = 0;

  constructor(private readonly setup: ImportRunOptions) {
    const { lanes, patience, names, mode, checkpoint, options } = setup;
    this.tally = new Tally(options.onFailure);
    this.rate = new RateLimit(options.rate ?? {});
    this.sender = new Sender({
      lanes,
      patience,
      target: lanes.servers.target,
      mode,
      onExists: options.onExists ?? 'error',
      names,
      tally: this.tally,
      checkpoint,
      release: (batch) => this.reader.pool.give(batch),
      abandon: (ordinal, isLost) => this.reader.abandon(ordinal, isLost),
      onLostStream: (ordinal, error) => this.lost.set(ordinal, error),
      onUnconfirmed: (address) =>
        options.onRetry?.(new TargetError('NOREPLICAS', 'no replica confirms what was sent', address), 0),
    });
  }

  /** Sends everything. */
  async sendAll(): Promise<ImportResult> {
    const { checkpoint } = this.setup;
    if (checkpoint?.state.counts !== undefined) this.tally.add(checkpoint.state.counts);
    if (checkpoint?.state.isFinished !== true) {
      await this.pass((unit) => wantedBy(checkpoint, unit), true);
      await this.sendLostStreams();
      checkpoint?.write(true);
    }
    return this.result(undefined);
  }

  /** Reads everything, and asks the target which keys it has. */
  async plan(): Promise<ImportResult> {
    const plan = new Plan(this.setup.lanes);
    await this.openReader(() => 'fresh');
    try {
      for (let batch = await this.reader.pull(); batch !== undefined; batch = await this.reader.pull()) {
        plan.add(batch);
        this.foresee(batch, await this.sender.check(batch));
        this.reader.pool.give(batch);
        this.tell();
      }
      this.tally.add(this.reader.rest);
      this.tally.expired += this.reader.expired;
      return this.result(await plan.finish(this.setup.options.rate ?? {}));
    } finally {
      await this.closeReader(true);
    }
  }

  /** Reads the source once and sends what is wanted. */
  private async pass(wants: (unit: number) => Wanted, isFirst: boolean): Promise<void> {
    const { signal } = this.setup.options;
    await this.openReader(wants);
    try {
      let waiting: { readonly batch: UnitBatch; readonly existing: Promise<readonly number[]> } | undefined;
      for (;;) {
        signal?.throwIfAborted();
        const batch = await this.reader.pull();
        const existing = batch && this.sender.check(batch);
        // It is waited for later; until then nobody else looks after it.
        existing?.catch(() => undefined);
        if (waiting !== undefined) {
          await this.rate.pass(waiting.batch.count, waiting.batch.size, signal);
          await this.sender.send(waiting.batch, await waiting.existing);
        }
        this.tell();
        if (batch === undefined || existing === undefined) break;
        waiting = { batch, existing };
      }
      await this.sender.settle();
      this.tally.add(this.reader.rest);
      if (isFirst) this.tally.expired += this.reader.expired;
    } finally {
      await this.closeReader(isFirst);
    }
  }

  /** Large values that broke off are read once more. */
  private async sendLostStreams(): Promise<void> {
    const { source, patience } = this.setup;
    for (let attempt = 1; this.lost.size > 0; attempt++) {
      const [error] = this.lost.values();
      if (!source.isRepeatable || attempt > MAX_STREAM_ATTEMPTS) throw error;
      await patience.afterFailure(error);
      this.tally.retries += this.lost.size;
      const again = new Set(this.lost.keys());
      this.lost.clear();
      await this.pass((unit) => (again.has(unit) ? 'owned' : 'no'), false);
    }
  }

  private async openReader(wants: (unit: number) => Wanted): Promise<void> {
    const { source, lanes, names, mode, db, checkpoint, options } = this.setup;
    const { servers } = lanes;
    const isChecked = checkpoint !== undefined;
    const servings = servers.kind === 'cluster' ? servers.primaries().length : 1;
    this.reader = await UnitReader.open(source, {
      keys: options,
      mode,
      target: servers.target,
      replaces: options.onExists === 'replace',
      onUnsupported: options.onUnsupported ?? 'convert',
      names,
      isCluster: servers.kind === 'cluster',
      databases: servers.databases,
      db,
      maxBulkBytes: servers.maxBulkBytes,
      maxBatchBytes: this.rate.batchBytes((isChecked ? CHECKED_BATCH_BYTES : BATCH_BYTES) * servings),
      maxBatchUnits: this.rate.batchUnits((isChecked ? CHECKED_BATCH_UNITS : BATCH_UNITS) * servings),
      wants,
      onLoss: (loss) => this.lose(loss),
    });
  }

  /** What was read once more is not counted once more. */
  private async closeReader(isFirst: boolean): Promise<void> {
    if (isFirst) this.lossCounts = this.reader.lost;
    if (isFirst) this.tally.asCommands += this.reader.asCommands;
    await this.reader.close();
  }

  /** A key, a part of one, or a record that the target cannot have. */
  private lose(loss: LossEntry): void {
    const { onLoss, db } = { ...this.setup.options, db: this.setup.db };
    const isKey = loss.key !== undefined && loss.policy === 'drop';
    if (isKey || loss.what === 'function') {
      const kind = isKey ? UNIT.KEY : UNIT.FUNCTION;
      this.tally.tell(kind, db ?? loss.db ?? 0, loss.key ?? new Uint8Array(0), 'UNSUPPORTED', loss.detail);
    }
    onLoss?.(loss);
  }

  private foresee(batch: UnitBatch, existing: readonly number[]): void {
    const { tally } = this;
    const { onExists = 'error' } = this.setup.options;
    const kinds = batch.continues ? [] : batch.kinds.slice(0, batch.count);
    const refused = onExists === 'replace' ? 0 : existing.length;
    tally.functions += kinds.filter((kind) => kind === UNIT.FUNCTION).length;
    tally.sent += kinds.filter((kind) => kind === UNIT.KEY).length - refused;
    if (onExists === 'replace') tally.replaced += existing.length;
    else if (onExists === 'skip') tally.skipped += refused;
    tally.otherFunctions += batch.unsupportedFunctions;
    tally.failed += batch.unsupported + (onExists === 'error' ? refused : 0);
    tally.expired += batch.expired;
  }

  private tell(): void {
    const { options, startedMs } = this.setup;
    const now = performance.now();
    if (options.onProgress === undefined || now - this.toldMs < PROGRESS_MS) return;
    this.toldMs = now;
    const { readBytes, totalBytes } = this.reader;
    const { plain: counts, sentBytes } = this.tally;
    options.onProgress({ readBytes, totalBytes, counts, sentBytes, elapsedMs: now - startedMs });
  }

  private result(plan: ImportResult['plan']): ImportResult {
    const { lanes, mode, checkpoint, startedMs } = this.setup;
    const { family, version, kind } = lanes.servers;
    const { plain: counts, failures, sentBytes, requests, retries, asCommands } = this.tally;
    return {
      server: `${family} ${version}`,
      kind,
      mode,
      counts,
      failures,
      lost: this.lossCounts.filter(({ scope, what }) => scope !== 'key' && what !== 'function'),
      asCommands,
      sentBytes,
      requests,
      retries,
      elapsedMs: performance.now() - startedMs,
      isResumed: checkpoint?.isResumed ?? false,
      plan,
    };
  }
}

function wantedBy(checkpoint: Checkpoint | undefined, unit: number): Wanted {
  const progress = checkpoint?.progressOf(unit) ?? 'none';
  return progress === 'done' ? 'no' : progress === 'inFlight' ? 'owned' : 'fresh';
}
