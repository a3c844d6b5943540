/**
 * The history of a key: every command of a log that touched it, and what happened to the keys that it was made of.
 *
 * The log is read three times, whatever its size: to find the commands that link keys (history-ancestors.ts), to find
 * which lives of other keys lead to this one (history-lives.ts), and to hand over the events. Without such links, and
 * where none are asked for, once or twice.
 */
import type { ValueEncoding, ValueType } from '../../rdb/model.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { KeyHash } from '../key-hash.js';
import type { AofLog, LogPlace } from '../model.js';
import { SHOWN_BOUNDS, type ShownArgument, type ShownBounds, type ShownCommand } from '../shown-command.js';
import { type LogFailure, readWholeLog, type WholeLogOptions } from '../whole-log.js';
import { LinkCollector, LinkRing, MAX_LINKS, type Until } from './history-ancestors.js';
import type { KeyEffect } from './history-effects.js';
import { EventCollector, type LogEnds } from './history-events.js';
import { type Following, LinkReader } from './history-links.js';
import { LifeCollector, type Segment } from './history-lives.js';
import { isRoot, NameMap, placeOf, positionOf, type RootKey } from './history-names.js';

export type { Following } from './history-links.js';

/** One item that touched the key, or a key that it came from. */
export type HistoryEvent =
  | {
      readonly kind: 'command';
      readonly command: ShownCommand;
      /** One per key of the history that the command touched; never empty. */
      readonly effects: readonly KeyEffect[];
      /** It stands in a transaction that never ended, so it never happened. */
      readonly isVoid: boolean;
    }
  /** The dump at the head of a file holds it. */
  | {
      readonly kind: 'base';
      readonly place: LogPlace;
      readonly db: number;
      readonly key: ShownArgument;
      readonly type: ValueType;
      readonly encoding: ValueEncoding;
      /** In the file; undefined for a value of more than 64 MiB. */
      readonly valueBytes: number | undefined;
      /** Unix ms. */
      readonly expireAtMs: number | undefined;
    };

/** A key whose life became part of the history. */
export interface FollowedKey {
  readonly db: number;
  readonly key: Uint8Array;
  /** The command that began this life; undefined where it began before the log, or with a command like any other. */
  readonly from: LogPlace | undefined;
  /** The command that made another key of it. */
  readonly to: LogPlace;
}

export interface HistoryOptions extends Pick<WholeLogOptions, 'limits' | 'checksum' | 'read'> {
  /** Default: every database. */
  readonly db?: number;
  /**
   * `moves`: what RENAME, RENAMENX, MOVE, COPY and SWAPDB made the key of. `all`: also the sources of values that were
   * computed, as by SUNIONSTORE or SORT. Default: `moves`.
   */
  readonly follow?: Following;
  /** At most so many events, from the first on. */
  readonly limit?: number;
  readonly shown?: ShownBounds;
  /** Hears, before the first event, which keys are followed. */
  readonly onFollowed?: (keys: readonly FollowedKey[]) => void;
  /** Links between keys that are held at a time. Default: 2^20, of 36 bytes each. */
  readonly maxLinks?: number;
}

export interface HistoryResult {
  readonly events: number;
  /** Why nothing behind this was read. */
  readonly failure: LogFailure | undefined;
}

/**
 * Hands over the events in the order of the log, in batches that are waited for. The log is opened several times.
 * Throws what opening and reading throw.
 */
export async function historyOfKey(
  log: AofLog,
  key: Uint8Array,
  onEvents: (batch: readonly HistoryEvent[]) => void | Promise<void>,
  options: HistoryOptions = {},
): Promise<HistoryResult> {
  const { limit = Infinity, shown = SHOWN_BOUNDS, onFollowed } = options;
  const run = new HistoryRun(log, rootOf(key, options.db), options);
  const segments = await run.findSegments();
  onFollowed?.(segments.filter(({ db, lo, hi }) => !isRoot(run.root, db, lo, hi)).map(followedKey));
  const events = new EventCollector(run.root, segments, { ends: run.ends, shown, limit });
  const deliver = async (): Promise<void> => await onEvents(events.take());
  await run.pass((index, driver) => events.startFile(index, driver), {
    onPause: deliver,
    isFinished: () => events.isFinished,
  });
  await deliver();
  return { events: events.count, failure: run.failure };
}

class HistoryRun {
  failure: LogFailure | undefined;
  ends: LogEnds = { end: Infinity, validEnd: Infinity };

  constructor(
    private readonly log: AofLog,
    readonly root: RootKey,
    private readonly options: HistoryOptions,
  ) {}

  /** The lives of other keys that belong to the history. */
  async findSegments(): Promise<Segment[]> {
    const names = new NameMap<Until>();
    const reader = new LinkReader(this.options.follow ?? 'moves');
    let before = Infinity;
    for (let isFirst = true; ; isFirst = false) {
      const ring = new LinkRing(this.options.maxLinks ?? MAX_LINKS);
      const collector = new LinkCollector(reader, ring, before);
      const failure = await this.pass((index, driver) => collector.startFile(index, driver));
      if (isFirst) this.endAt(failure, collector.end);
      ring.trace(this.root, names, this.ends.validEnd);
      if (!ring.isOverflown) break;
      before = ring.firstPosition;
    }
    if (names.all.length === 0) return [];
    const lives = new LifeCollector(this.root, names, reader, this.ends.validEnd);
    await this.pass((index, driver) => lives.startFile(index, driver));
    return lives.segments();
  }

  async pass(
    startFile: (index: number, driver: () => AofDriver) => AofHandler,
    options: Pick<WholeLogOptions, 'onPause' | 'isFinished'> = {},
  ): Promise<LogFailure | undefined> {
    const { limits, checksum, read } = this.options;
    return await readWholeLog(this.log, (_file, index, driver) => startFile(index, driver), {
      ...(limits && { limits }),
      ...(checksum !== undefined && { checksum }),
      ...(read && { read }),
      ...options,
    });
  }

  /** What the first pass has seen is the log, even where it grows meanwhile. */
  private endAt(failure: LogFailure | undefined, end: number): void {
    this.failure = failure;
    const validEnd = failure === undefined ? end : positionOf(failure.file, failure.okUpTo);
    this.ends = { end, validEnd };
  }
}

function rootOf(key: Uint8Array, db: number | undefined): RootKey {
  const hash = new KeyHash();
  hash.set(key, 0, key.length);
  return { key, lo: hash.lo, hi: hash.hi, db };
}

function followedKey({ db, key, from, to, origins }: Segment): FollowedKey {
  return { db, key: key ?? new Uint8Array(0), from: origins.length > 0 ? placeOf(from) : undefined, to: placeOf(to) };
}
