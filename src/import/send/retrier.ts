/** Sends units once more until each has arrived or has failed for good. */
import { concat } from '../../bytes/concat.js';
import { encodeCommand } from '../../codecs/resp.js';
import { type Endpoint, formatAddress } from '../target/endpoint.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import { replyError, TargetError } from '../target/target-error.js';
import { restoreToCommands } from '../units/restore-to-commands.js';
import { UNIT } from '../units/unit-batch.js';
import type { BatchEnd } from './batch-end.js';
import { type Lane, waitCommand } from './lane.js';
import { type RetryBytes, type RetryUnit, retryBytes } from './retry-unit.js';
import { redirected, type SenderOptions } from './sender.js';
import { hasVanished, isFatal, isRefusedPayload, reasonOf } from './verdict.js';

export class Retrier {
  constructor(private readonly options: SenderOptions) {}

  /** Throws what ends the import. `onEnd` hears of each unit that has arrived or failed. */
  async run(units: readonly RetryUnit[], onEnd: (end: BatchEnd) => void): Promise<void> {
    let left = await this.judge(units, onEnd);
    while (left.length > 0) {
      const { patience, tally } = this.options;
      await patience.afterFailure(worst(left).error);
      tally.retries += left.length;
      const failed: RetryUnit[] = [];
      for (const [endpoint, group] of this.byServer(left, failed)) {
        failed.push(...(await this.sendGroup(endpoint, group, onEnd)));
      }
      if (failed.length < left.length) patience.succeeded();
      left = await this.judge(failed, onEnd);
    }
  }

  /** Those that are worth another attempt; the others are settled. */
  private async judge(units: readonly RetryUnit[], onEnd: (end: BatchEnd) => void): Promise<RetryUnit[]> {
    const { tally } = this.options;
    const left: RetryUnit[] = [];
    for (const unit of units) {
      const { error, kind, db, key, batch } = unit;
      if (isFatal(error)) throw error;
      const other = isRefusedPayload(error) ? this.asCommands(unit) : undefined;
      if (error.isTransient) {
        left.push(unit);
      } else if (other !== undefined) {
        tally.asCommands++;
        left.push(other);
      } else {
        await this.sweep(unit);
        if (hasVanished(error)) {
          batch.expired++;
        } else if (isBusy(error, kind) && this.options.onExists === 'skip') {
          batch.leave(kind);
        } else {
          batch.fail(kind);
          tally.tell(kind, db, key, isBusy(error, kind) ? 'BUSYKEY' : error.code, reasonOf(error));
        }
        onEnd(batch);
      }
    }
    return left;
  }

  /** Where RESTORE is refused and commands are allowed. */
  private asCommands(unit: RetryUnit): RetryUnit | undefined {
    const { mode, target, names } = this.options;
    if (mode !== 'auto' || unit.kind !== UNIT.KEY) return undefined;
    const commands = restoreToCommands(unit.bytes, unit.ordinal, target, names);
    if (commands === undefined) return undefined;
    const error = new TargetError('TRYAGAIN', unit.error.message, unit.error.address);
    return { ...unit, ...commands, error };
  }

  private byServer(units: readonly RetryUnit[], failed: RetryUnit[]): [Endpoint, RetryUnit[]][] {
    const groups = new Map<string, [Endpoint, RetryUnit[]]>();
    for (const unit of units) {
      let endpoint: Endpoint;
      try {
        endpoint = this.serverOf(unit);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        failed.push({ ...unit, error });
        continue;
      }
      const address = `${formatAddress(endpoint)} ${unit.db}`;
      const group = groups.get(address);
      if (group === undefined) groups.set(address, [endpoint, [unit]]);
      else group[1].push(unit);
    }
    return [...groups.values()];
  }

  private serverOf({ asked, server, slot }: RetryUnit): Endpoint {
    const { servers } = this.options.lanes;
    if (asked !== undefined) return asked;
    if (server === undefined) return servers.nodeOfSlot(Math.max(0, slot));
    // A function library: where its server is no more, its place has been taken by one that has the library.
    return servers.primaries().find((one) => formatAddress(one) === formatAddress(server)) ?? servers.nodeOfSlot(0);
  }

  /** Units that failed once more. */
  private async sendGroup(
    endpoint: Endpoint,
    units: readonly RetryUnit[],
    onEnd: (end: BatchEnd) => void,
  ): Promise<RetryUnit[]> {
    const results: (Reply | undefined)[] = [];
    let failure: TargetError | undefined;
    let replicas = 0;
    try {
      const lane = await this.options.lanes.to(endpoint);
      replicas = lane.replicas;
      const built: (Reply | undefined)[] = [];
      const pieces = units.map((unit) => retryBytes(unit, this.clearing(unit)));
      await this.exchange(lane, units[0]!.db, pieces, built).finally(() => {
        // A key that is built has not arrived.
        for (const [place, { isMoved }] of units.entries())
          if (!isMoved || built[place] instanceof ErrorReply) results[place] = built[place];
      });
      await this.nameKeys(lane, units, results);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failure = error;
    }
    const failed: RetryUnit[] = [];
    for (const [place, unit] of units.entries()) {
      const result = failure !== undefined && replicas > 0 ? undefined : results[place];
      const error = result instanceof ErrorReply ? replyError(result.text, formatAddress(endpoint)) : failure;
      if (result === undefined || result instanceof ErrorReply) failed.push(failedAgain(unit, error!, endpoint));
      else await this.arrived(unit, result, onEnd);
    }
    return failed;
  }

  /** Sends requests; the last reply to each piece, or its first error, goes into `results` as it comes. */
  private async exchange(
    lane: Lane,
    db: number,
    pieces: readonly RetryBytes[],
    results: (Reply | undefined)[],
  ): Promise<void> {
    const { tally } = this.options;
    const wait = waitCommand(lane.replicas);
    const bytes = concat([...pieces.map((piece) => piece.bytes), wait]);
    const requests = pieces.reduce((sum, piece) => sum + piece.requests, wait.length > 0 ? 1 : 0);
    tally.sentBytes += bytes.length;
    tally.requests += requests;
    await lane.send(db, bytes, requests, collect(pieces, results));
  }

  /** Keys that are built get their names, once it is known that nothing of them is missing. */
  private async nameKeys(lane: Lane, units: readonly RetryUnit[], results: (Reply | undefined)[]): Promise<void> {
    const places = units.flatMap(({ isMoved }, place) => (isMoved && results[place] === undefined ? [place] : []));
    if (places.length === 0) return;
    const named: (Reply | undefined)[] = [];
    const pieces = places.map((place) => {
      const { key, ordinal, asked } = units[place]!;
      return retryBytes({ bytes: this.options.names.renameCommand(key, ordinal), asked }, []);
    });
    try {
      await this.exchange(lane, units[0]!.db, pieces, named);
    } finally {
      for (const [index, place] of places.entries()) results[place] = named[index];
    }
  }

  private async arrived(unit: RetryUnit, result: Reply, onEnd: (end: BatchEnd) => void): Promise<void> {
    const { kind, db, key, batch } = unit;
    const { tally, onExists } = this.options;
    const isRefused = result === 0 || result === null;
    if (isRefused) await this.sweep(unit);
    if (!isRefused) {
      batch.done(kind);
    } else if (onExists === 'skip') {
      batch.leave(kind);
    } else {
      batch.fail(kind);
      tally.tell(kind, db, key, 'BUSYKEY', 'the key exists');
    }
    onEnd(batch);
  }

  /** Takes away what was built of a key that will not arrive; nothing depends on it. */
  private async sweep(unit: RetryUnit): Promise<void> {
    if (!unit.isMoved) return;
    const { lanes, names } = this.options;
    const command = encodeCommand(['DEL', names.of(unit.key, unit.ordinal)]);
    try {
      await (await lanes.to(this.serverOf(unit))).send(unit.db, command, 1, () => undefined);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
    }
  }

  /** What an earlier attempt may have left goes first. The key was not there, or is to be replaced. */
  private clearing({ kind, key, ordinal }: RetryUnit): readonly Uint8Array[] {
    if (kind !== UNIT.KEY) return [];
    const { names } = this.options;
    const temporary = encodeCommand(['DEL', names.of(key, ordinal)]);
    return names.replaces ? [temporary] : [encodeCommand(['DEL', key]), temporary];
  }
}

/** A failure that needs the longest wait stands for all. */
function worst(units: readonly RetryUnit[]): RetryUnit {
  return units.find(({ error }) => error.code !== 'MOVED' && error.code !== 'ASK') ?? units[0]!;
}

function failedAgain(unit: RetryUnit, error: TargetError, endpoint: Endpoint): RetryUnit {
  const asked = error.code === 'ASK' && error.redirect ? redirected(endpoint, error.redirect) : undefined;
  return { ...unit, error, asked };
}

function isBusy({ code, message }: TargetError, kind: RetryUnit['kind']): boolean {
  return code === 'BUSYKEY' || (kind === UNIT.FUNCTION && /already exists/.test(message));
}

/** Gathers the last reply of each piece, or its first error. */
function collect(
  pieces: readonly { readonly requests: number }[],
  results: (Reply | undefined)[],
): (reply: Reply) => void {
  let place = 0;
  let left = pieces[0]?.requests ?? 0;
  let error: ErrorReply | undefined;
  return (reply) => {
    if (place >= pieces.length) return;
    if (reply instanceof ErrorReply) error ??= reply;
    if (--left > 0) return;
    results[place++] = error ?? reply;
    error = undefined;
    left = pieces[place]?.requests ?? 0;
  };
}
