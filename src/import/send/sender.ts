/**
 * Sends batches and finds out what became of their units.
 *
 * What fails for the moment is kept, and sent again before anything else is: so a source is read no faster than a target
 * takes it, and what is kept is no more than what was under way.
 */
import { concat } from '../../bytes/concat.js';
import { encodeCommand } from '../../codecs/resp.js';
import type { Target } from '../../rdb/versions.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { ExistingPolicy, ImportMode } from '../model.js';
import type { Tally } from '../tally.js';
import { type Endpoint, endpointAt, formatAddress } from '../target/endpoint.js';
import { replyError, TargetError } from '../target/target-error.js';
import type { TemporaryNames } from '../units/temporary-name.js';
import { UNIT, type UnitBatch } from '../units/unit-batch.js';
import { BatchEnd } from './batch-end.js';
import { BrokenStreams } from './broken-streams.js';
import { findExisting } from './existing-keys.js';
import { type Lane, waitCommand } from './lane.js';
import type { Lanes } from './lanes.js';
import { OUTCOME, PartReplies } from './part-replies.js';
import type { Patience } from './patience.js';
import { Retrier } from './retrier.js';
import { type RetryUnit, retryUnitOf } from './retry-unit.js';
import { isFatal, reasonOf } from './verdict.js';

export interface SenderOptions {
  readonly lanes: Lanes;
  readonly patience: Patience;
  readonly target: Target;
  readonly mode: ImportMode;
  readonly onExists: ExistingPolicy;
  readonly names: TemporaryNames;
  readonly tally: Tally;
  readonly checkpoint: Checkpoint | undefined;
  /** Nobody needs the batch any more. */
  readonly release: (batch: UnitBatch) => void;
  /** The rest of a streamed unit is not wanted. */
  readonly abandon: (ordinal: number, isLost: boolean) => void;
  /** A streamed unit did not arrive as a whole: it has to be read once more. */
  readonly onLostStream: (ordinal: number, error: TargetError) => void;
  /** No replica has confirmed in time what was sent to this server. */
  readonly onUnconfirmed: (address: string) => void;
}

/** Units of a batch for one server. */
interface Part {
  readonly endpoint: Endpoint;
  /** Undefined: all. */
  readonly units: readonly number[] | undefined;
}

export class Sender {
  private readonly underWay = new Set<Promise<void>>();
  private readonly again: RetryUnit[] = [];
  /** What ends the import. */
  private failure: unknown;
  private readonly streams = new BrokenStreams();
  private readonly retrier: Retrier;

  constructor(private readonly options: SenderOptions) {
    this.retrier = new Retrier(options);
  }

  /** Which units of the batch are not sent or replace something, since their keys are there. Throws TargetError. */
  async check(batch: UnitBatch): Promise<readonly number[]> {
    const { lanes, patience, checkpoint } = this.options;
    const known = checkpoint?.isResumed === true ? ownedExisting(batch, checkpoint) : [];
    const found = await patience.keepTrying(() => findExisting(batch, lanes));
    return known.length === 0 ? found : [...known, ...found].sort((one, other) => one - other);
  }

  /** Sends a batch; resolves when the next one may come. `existing` is what {@link check} has said. */
  async send(batch: UnitBatch, existing: readonly number[]): Promise<void> {
    const { checkpoint } = this.options;
    if (this.again.length > 0 || this.failure !== undefined) await this.settle();
    const keys = existing.map((unit) => ({ unit: batch.ordinals[unit]!, key: batch.keyOf(unit) }));
    checkpoint?.claim(batch.from, Math.max(batch.to, batch.ordinals[0]! + 1), batch.db, keys);
    const end = new BatchEnd(batch.from, batch.to);
    end.expired = batch.expired;
    end.failed = batch.unsupported;
    end.otherFunctions = batch.unsupportedFunctions;
    const units = this.chooseUnits(batch, existing, end);
    if (units?.length === 0) {
      this.finish(end);
      this.options.release(batch);
      return;
    }
    const parts = this.split(batch, units);
    end.left = parts.length;
    let open = parts.length;
    const release = (): void => {
      if (--open === 0) this.options.release(batch);
    };
    for (const part of parts) await this.sendPart(batch, part, end, release);
  }

  /** Waits for everything that is under way, and sends what failed once more. Throws what ends the import. */
  async settle(): Promise<void> {
    for (;;) {
      await Promise.all(this.underWay);
      if (this.failure !== undefined) throw this.failure;
      const units = this.again.splice(0);
      if (units.length === 0) return;
      await this.retrier.run(units, (end) => this.unitEnded(end));
    }
  }

  /** Undefined: all of them. What is not sent is settled here. */
  private chooseUnits(batch: UnitBatch, existing: readonly number[], end: BatchEnd): number[] | undefined {
    const { onExists, tally } = this.options;
    if (!batch.continues) this.streams.begin(batch.ordinals[0]!);
    else if (this.streams.has(batch.ordinals[0]!)) return [];
    const isReplaced = onExists === 'replace';
    if (isReplaced) end.replaced += existing.length;
    const isAll = (isReplaced || existing.length === 0) && !batch.kinds.includes(UNIT.TOO_LARGE);
    if (isAll) return undefined;
    const found = new Set(isReplaced ? [] : existing);
    const units: number[] = [];
    for (let unit = 0; unit < batch.count; unit++) {
      const kind = batch.kinds[unit]!;
      if (found.has(unit)) {
        this.exists(batch, unit, end);
      } else if (kind === UNIT.TOO_LARGE) {
        const { maxBulkBytes } = this.options.lanes.servers;
        const why = `a part of it is larger than ${maxBulkBytes} bytes, the largest argument that the target takes`;
        end.fail(kind);
        tally.tell(kind, batch.db, batch.keyOf(unit), 'UNSUPPORTED', why);
        if (batch.requests[unit]! > 0) units.push(unit);
      } else {
        units.push(unit);
      }
    }
    return units;
  }

  private exists(batch: UnitBatch, unit: number, end: BatchEnd): void {
    const { onExists, tally } = this.options;
    if (batch.isOpen) this.drop(batch.ordinals[unit]!, false);
    if (onExists !== 'error') {
      end.leave(batch.kinds[unit]!);
      return;
    }
    end.fail(batch.kinds[unit]!);
    tally.tell(batch.kinds[unit]!, batch.db, batch.keyOf(unit), 'BUSYKEY', 'the key exists');
  }

  /** The rest of a streamed unit is not sent. */
  private drop(ordinal: number, isLost: boolean): void {
    this.streams.break(ordinal, isLost);
    this.options.abandon(ordinal, isLost);
  }

  private split(batch: UnitBatch, units: readonly number[] | undefined): Part[] {
    const { servers } = this.options.lanes;
    if (servers.kind === 'standalone') return [{ endpoint: servers.nodeOfSlot(0), units }];
    if (batch.kinds[0] === UNIT.FUNCTION) return servers.primaries().map((endpoint) => ({ endpoint, units }));
    const parts = new Map<string, { endpoint: Endpoint; units: number[] }>();
    const count = units?.length ?? batch.count;
    for (let place = 0; place < count; place++) {
      const unit = units === undefined ? place : units[place]!;
      const endpoint = servers.nodeOfSlot(batch.slots[unit]!);
      const address = formatAddress(endpoint);
      const part = parts.get(address);
      if (part === undefined) parts.set(address, { endpoint, units: [unit] });
      else part.units.push(unit);
    }
    return [...parts.values()];
  }

  private async sendPart(batch: UnitBatch, part: Part, end: BatchEnd, release: () => void): Promise<void> {
    const { lanes, tally } = this.options;
    const replies = new PartReplies(batch, part.units);
    let lane: Lane;
    try {
      lane = await lanes.to(part.endpoint);
      await lane.drained();
    } catch (error) {
      this.partEnded(batch, part, replies, error, 0, end);
      release();
      return;
    }
    const wait = waitCommand(lane.replicas);
    const bytes = bytesOf(batch, part.units, wait);
    const requests = requestsOf(batch, part.units) + (wait.length > 0 ? 1 : 0);
    tally.sentBytes += bytes.length;
    tally.requests += requests;
    const sending = lane
      .send(batch.db, bytes, requests, replies.take)
      .then(() => this.nameKeys(batch, part, replies, lane))
      .then(
        () => this.partEnded(batch, part, replies, undefined, lane.replicas, end),
        (error: unknown) => this.partEnded(batch, part, replies, error, lane.replicas, end),
      );
    const done = sending.finally(() => {
      this.underWay.delete(done);
      release();
    });
    this.underWay.add(done);
  }

  /** Keys that are built get their names, once it is known that nothing of them is missing. */
  private async nameKeys(batch: UnitBatch, { endpoint }: Part, replies: PartReplies, lane: Lane): Promise<void> {
    if (replies.waited !== undefined && replies.waited < lane.replicas) this.unconfirmed(lane);
    const { names, tally } = this.options;
    const places: number[] = [];
    for (let place = 0; place < replies.count; place++) {
      const unit = replies.unitAt(place);
      if (replies.outcomes[place] !== OUTCOME.BUILT || batch.kinds[unit] !== UNIT.KEY) continue;
      if (batch.continues && this.streams.has(batch.ordinals[unit]!)) continue;
      places.push(place);
    }
    if (places.length === 0) return;
    const wait = waitCommand(lane.replicas);
    const commands = places.map((place) => {
      const unit = replies.unitAt(place);
      return names.renameCommand(batch.keyOf(unit), batch.ordinals[unit]!);
    });
    const bytes = concat([...commands, wait]);
    const requests = places.length + (wait.length > 0 ? 1 : 0);
    tally.sentBytes += bytes.length;
    tally.requests += requests;
    await lane.send(batch.db, bytes, requests, (reply, index) => {
      if (index < places.length) replies.takeName(places[index]!, reply);
      else if (typeof reply === 'number' && reply < lane.replicas) this.unconfirmed(lane);
    });
    for (const place of places)
      if (replies.outcomes[place] === OUTCOME.EXISTS) this.sweep(batch, replies.unitAt(place), endpoint);
  }

  /** A replica that is away would cost a second for each batch. */
  private unconfirmed(lane: Lane): void {
    this.options.onUnconfirmed(lane.address);
    lane.replicas = 0;
  }

  /** All replies are there, or as many as there will be. */
  private partEnded(
    batch: UnitBatch,
    { endpoint }: Part,
    replies: PartReplies,
    failure: unknown,
    replicas: number,
    end: BatchEnd,
  ): void {
    const { patience } = this.options;
    const error = failure === undefined ? undefined : asTargetError(failure, endpoint);
    if (error === undefined) patience.succeeded();
    else if (!(error instanceof TargetError) || isFatal(error)) this.failure ??= error;
    end.left--;
    if (batch.continues && this.streams.isLost(batch.ordinals[0]!)) end.left++;
    for (let place = 0; place < replies.count; place++) {
      const unit = replies.unitAt(place);
      if (batch.continues && this.streams.has(batch.ordinals[unit]!)) continue;
      let outcome = replies.outcomes[place] ?? OUTCOME.OPEN;
      // What no replica is known to have may be lost together with the server.
      if (outcome === OUTCOME.DONE && error !== undefined && replicas > 0) outcome = OUTCOME.OPEN;
      const kind = batch.kinds[unit]!;
      if (outcome === OUTCOME.DONE) {
        if (!batch.isOpen && (kind === UNIT.KEY || kind === UNIT.FUNCTION)) end.done(kind);
      } else if (kind === UNIT.KEY || kind === UNIT.FUNCTION) {
        const text = replies.errors.get(place);
        const cause = text === undefined ? error : replyError(text, formatAddress(endpoint));
        if (outcome === OUTCOME.EXISTS) this.exists(batch, unit, end);
        else if (cause instanceof TargetError) this.unitFailed(batch, unit, cause, endpoint, end);
        else this.failure ??= cause ?? new Error(`unit ${batch.ordinals[unit]} of the import has no outcome`);
      }
    }
    if (end.left === 0) this.finish(end);
  }

  private unitFailed(batch: UnitBatch, unit: number, error: TargetError, server: Endpoint, end: BatchEnd): void {
    if (isFatal(error)) {
      this.failure ??= error;
      if (batch.moved[unit] === 1 || batch.isOpen) this.sweep(batch, unit, server);
      // It is never finished.
      end.left++;
      return;
    }
    if (batch.isOpen || batch.continues) {
      const ordinal = batch.ordinals[unit]!;
      if (this.streams.has(ordinal)) return;
      this.drop(ordinal, error.isTransient);
      if (error.isTransient) {
        end.left++;
        this.options.onLostStream(ordinal, error);
      } else {
        end.fail(batch.kinds[unit]!);
        this.options.tally.tell(batch.kinds[unit]!, batch.db, batch.keyOf(unit), error.code, reasonOf(error));
        this.sweep(batch, unit, server);
      }
      return;
    }
    end.left++;
    const asked = error.code === 'ASK' && error.redirect ? redirected(server, error.redirect) : undefined;
    this.again.push(
      retryUnitOf(batch, unit, {
        error,
        asked,
        server: batch.kinds[unit] === UNIT.FUNCTION ? server : undefined,
        batch: end,
      }),
    );
  }

  /** Takes away what was built of a key that nobody goes on with; nothing depends on it. */
  private sweep(batch: UnitBatch, unit: number, server: Endpoint): void {
    const { lanes, names } = this.options;
    const name = encodeCommand(['DEL', names.of(batch.keyOf(unit), batch.ordinals[unit]!)]);
    const sweeping = lanes
      .to(server)
      .then((lane) => lane.send(batch.db, name, 1, () => undefined))
      .catch(() => undefined)
      .finally(() => this.underWay.delete(sweeping));
    this.underWay.add(sweeping);
  }

  private unitEnded(end: BatchEnd): void {
    if (--end.left === 0) this.finish(end);
  }

  private finish(end: BatchEnd): void {
    const { tally, checkpoint } = this.options;
    const { from, to } = end;
    tally.add(end);
    if (from < to) checkpoint?.finish(from, to, tally.plain);
  }
}

export function redirected(from: Endpoint, { host, port }: { readonly host: string; readonly port: number }): Endpoint {
  return endpointAt(from, host || from.host, port);
}

function asTargetError(error: unknown, endpoint: Endpoint): unknown {
  if (error instanceof TargetError || !(error instanceof Error)) return error;
  return 'syscall' in error ? new TargetError('LOST', error.message, formatAddress(endpoint), { cause: error }) : error;
}

function ownedExisting(batch: UnitBatch, checkpoint: Checkpoint): number[] {
  const found: number[] = [];
  for (let unit = 0; unit < batch.count; unit++) {
    if (batch.owned[unit] === 1 && !batch.continues && checkpoint.hadBefore(batch.db, batch.keyOf(unit)))
      found.push(unit);
  }
  return found;
}

function bytesOf(batch: UnitBatch, units: readonly number[] | undefined, wait: Uint8Array): Uint8Array {
  const all = batch.bytes.subarray(0, batch.size);
  if (units === undefined) return wait.length === 0 ? all : concat([all, wait]);
  const pieces = units.map((unit) => all.subarray(batch.starts[unit]!, batch.endOf(unit)));
  return concat([...pieces, wait]);
}

function requestsOf(batch: UnitBatch, units: readonly number[] | undefined): number {
  let count = 0;
  if (units === undefined) for (const requests of batch.requests) count += requests;
  else for (const unit of units) count += batch.requests[unit]!;
  return count;
}
