/** Third step of a history: every item that touched the key, or a life that it came from. */
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import { keySlot } from '../../rdb/key-slot.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { type CommandSpec, findCommand, lookupCommand } from '../command-table.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { KeyHash } from '../key-hash.js';
import { KeyPositions } from '../key-positions.js';
import { type ShownArgument, type ShownBounds, showCommand } from '../shown-command.js';
import type { HistoryEvent } from './history.js';
import { dbOfKey, effectOf, type KeyEffect, shownKey } from './history-effects.js';
import { decodeDb } from './history-links.js';
import type { Segment } from './history-lives.js';
import { isRoot, NameMap, positionOf, type RootKey, type TrackedName } from './history-names.js';

/** When a name belongs to the history, and what is known of it so far. */
interface Times {
  /** Starts and ends in turn, both included, in order and apart from each other; undefined for always. */
  readonly spans: readonly number[] | undefined;
  key: ShownArgument | undefined;
  /** It may exist: a flush is of interest. */
  mayExist: boolean;
}

/** Positions in the log. */
export interface LogEnds {
  /** Behind everything that is looked at. */
  readonly end: number;
  /** Commands from here on are in a transaction that never ended. */
  readonly validEnd: number;
}

export interface EventOptions {
  readonly ends: LogEnds;
  readonly shown: ShownBounds;
  readonly limit: number;
}

const BATCH = 256;

export class EventCollector implements AofHandler {
  count = 0;
  private batch: HistoryEvent[] = [];
  private readonly names = new NameMap<Times>();
  private readonly positions = new KeyPositions();
  private readonly hash = new KeyHash();
  private readonly flushes: ReadonlyMap<number, FlushForm>;
  private file = 0;
  private driver!: () => AofDriver;
  private baseRows: BaseRows | undefined;

  constructor(
    private readonly root: RootKey,
    segments: readonly Segment[],
    private readonly options: EventOptions,
  ) {
    for (const { db, lo, hi, spans } of spansOf(segments)) {
      if (!isRoot(root, db, lo, hi)) this.names.add(db, lo, hi, { spans, key: undefined, mayExist: false });
    }
    this.names.admit(root.lo);
    this.flushes = new Map(FLUSHES.map(([name, form]) => [findCommand(name)!.id, form]));
  }

  get isFinished(): boolean {
    return this.count >= this.options.limit;
  }

  startFile(index: number, driver: () => AofDriver): this {
    this.file = index;
    this.driver = driver;
    return this;
  }

  rdbHead(): RowHandler {
    this.baseRows = new BaseRows((info) => this.baseKey(info));
    return this.baseRows;
  }

  rdbOpened(driver: RdbDriver): void {
    this.baseRows!.driver = driver;
  }

  command(view: CommandView): void {
    if (view.control !== CONTROL.NONE || this.isFinished) return;
    const spec = lookupCommand(view);
    const position = positionOf(this.file, view.offset);
    if (position >= this.options.ends.end) return;
    const { db } = this.driver().state;
    let effects: KeyEffect[] | undefined;
    if (spec === undefined) effects = this.unknownEffects(view, db, position);
    else if (spec.keys.length > 0) effects = this.keyEffects(view, spec, db, position);
    else if (this.flushes.has(spec.id)) effects = this.flushEffects(view, this.flushes.get(spec.id)!, db, position);
    if (effects === undefined) return;
    this.emit({
      kind: 'command',
      command: showCommand(view, this.driver().state, this.file, this.options.shown),
      effects,
      isVoid: position >= this.options.ends.validEnd,
    });
  }

  annotation(): void {
    // The state of the log has its time.
  }

  full(): boolean {
    return this.batch.length >= BATCH || this.isFinished;
  }

  take(): HistoryEvent[] {
    const { batch } = this;
    this.batch = [];
    return batch;
  }

  private emit(event: HistoryEvent): void {
    this.count++;
    this.batch.push(event);
  }

  private keyEffects(view: CommandView, spec: CommandSpec, db: number, position: number): KeyEffect[] | undefined {
    const { positions } = this;
    const count = positions.locate(view, spec);
    let effects: KeyEffect[] | undefined;
    for (let at = 0; at < count; at++) {
      const index = positions.index[at]!;
      const name = view.isElided(index)
        ? undefined
        : this.nameAt(view, index, dbOfKey(view, spec, index, db), position);
      if (name !== undefined) {
        const effect = effectOf(view, spec, positions, at, db);
        name.facts.key ??= effect.key;
        name.facts.mayExist = !GONE.has(effect.kind);
        effects = [...(effects ?? []), effect];
      }
      if (spec.name === 'MOVE') effects = this.moveTarget(view, db, position, effects);
    }
    return effects;
  }

  /** MOVE names one key, which is another one in the other database. */
  private moveTarget(
    view: CommandView,
    db: number,
    position: number,
    effects: KeyEffect[] | undefined,
  ): KeyEffect[] | undefined {
    const target = decodeDb(view, 2);
    const name = target < 0 || view.isElided(1) ? undefined : this.nameAt(view, 1, target, position);
    if (name === undefined) return effects;
    const key = shownKey(view, 1);
    name.facts.key ??= key;
    name.facts.mayExist = true;
    return [...(effects ?? []), { db: target, key, kind: 'moved-from', others: [{ db, key }] }];
  }

  private flushEffects(view: CommandView, form: FlushForm, db: number, position: number): KeyEffect[] | undefined {
    const left = form === 'swap' ? decodeDb(view, 1) : db;
    const right = form === 'swap' ? decodeDb(view, 2) : -1;
    if (form === 'swap') this.admitSwapped(left, right);
    const existing = new Set(this.names.all.filter(({ facts }) => facts.mayExist));
    const effects: KeyEffect[] = [];
    for (const name of this.names.all) {
      const { db: own, facts } = name;
      const isMeant =
        form === 'all' ||
        (form === 'slots'
          ? facts.key !== undefined && isInSlots(view, facts.key.bytes)
          : own === left || own === right);
      if (!isMeant) continue;
      const other = own === left ? right : left;
      const partner = form === 'swap' ? this.names.find(other, name.lo, name.hi) : undefined;
      facts.mayExist = partner !== undefined && existing.has(partner);
      facts.key ??= partner?.facts.key;
      if (!existing.has(name) || facts.key === undefined || !isWithin(facts.spans, position)) continue;
      const { key } = facts;
      if (form === 'swap') effects.push({ db: own, key, kind: 'swapped', others: [{ db: other, key }] });
      else effects.push({ db: own, key, kind: 'flushed', others: [] });
    }
    return effects.length > 0 ? effects : undefined;
  }

  /** The root comes into a database that it was never named in. */
  private admitSwapped(left: number, right: number): void {
    const { names, root } = this;
    for (const { db, lo, hi, facts } of [...names.all]) {
      if (db !== left && db !== right) continue;
      const other = db === left ? right : left;
      if (!facts.mayExist || !isRoot(root, other, lo, hi) || names.find(other, lo, hi) !== undefined) continue;
      names.add(other, lo, hi, { spans: undefined, key: facts.key, mayExist: false });
    }
  }

  /** Most commands of modules have their key first. */
  private unknownEffects(view: CommandView, db: number, position: number): KeyEffect[] | undefined {
    const name = view.isElided(1) ? undefined : this.nameAt(view, 1, db, position);
    if (name === undefined) return undefined;
    const key = shownKey(view, 1);
    name.facts.key ??= key;
    name.facts.mayExist = true;
    return [{ db, key, kind: 'named', others: [] }];
  }

  private baseKey(info: RowKeyInfo): void {
    const { key, db, type, encoding, offset, valueBytes, expireAt } = info;
    const { hash, file } = this;
    if (this.isFinished) return;
    hash.set(key.bytes, key.start, key.end);
    const name = this.nameOf(db, positionOf(file, offset));
    if (name === undefined) return;
    const shown = { bytes: key.copy(), sizeBytes: key.length };
    name.facts.key ??= shown;
    name.facts.mayExist = true;
    const expireAtMs = expireAt?.toNumber();
    const place = { file, offset };
    this.emit({ kind: 'base', place, db, key: shown, type, encoding, valueBytes, expireAtMs });
  }

  private nameAt(view: CommandView, index: number, db: number, position: number): TrackedName<Times> | undefined {
    this.hash.set(view.bytes, view.start(index), view.end(index));
    return this.names.mayHave(this.hash.lo) ? this.nameOf(db, position) : undefined;
  }

  /** By the hash that was set last. */
  private nameOf(db: number, position: number): TrackedName<Times> | undefined {
    const { names, hash, root } = this;
    const name = names.find(db, hash.lo, hash.hi);
    if (name !== undefined) return isWithin(name.facts.spans, position) ? name : undefined;
    if (!isRoot(root, db, hash.lo, hash.hi)) return undefined;
    return names.add(db, hash.lo, hash.hi, { spans: undefined, key: undefined, mayExist: false });
  }
}

type FlushForm = 'all' | 'db' | 'swap' | 'slots';

const FLUSHES: readonly (readonly [string, FlushForm])[] = [
  ['FLUSHALL', 'all'],
  ['FLUSHDB', 'db'],
  ['SWAPDB', 'swap'],
  ['CLUSTER FLUSHSLOT', 'slots'],
  ['TRIMSLOTS', 'slots'],
  ['SFLUSH', 'slots'],
];

const GONE: ReadonlySet<string> = new Set(['deleted', 'renamed-to', 'moved-to']);

/** CLUSTER FLUSHSLOT slot · TRIMSLOTS RANGES n start end… · SFLUSH start end… */
function isInSlots(view: CommandView, key: Uint8Array): boolean {
  const slot = keySlot(key, 0, key.length);
  if (view.is(0, 'CLUSTER')) return decodeDb(view, 2) === slot;
  for (let at = view.is(0, 'TRIMSLOTS') ? 3 : 1; at + 1 < view.held; at += 2) {
    const start = decodeDb(view, at);
    if (start >= 0 && start <= slot && slot <= decodeDb(view, at + 1)) return true;
  }
  return false;
}

/** The rows of a dump at the head of a file. */
class BaseRows implements RowHandler {
  private readonly info = new RowKeyInfo();
  driver!: RdbDriver;

  constructor(private readonly onKey: (info: RowKeyInfo) => void) {}

  record(): void {}

  key(_rows: RowTable, row: number): void {
    this.info.read(this.driver, row, false);
    this.onKey(this.info);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    this.info.read(this.driver, row, true);
    this.onKey(this.info);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(): void {}

  full(): boolean {
    return false;
  }
}

/** The times of all segments of each name, joined where they overlap. */
function spansOf(segments: readonly Segment[]): { db: number; lo: number; hi: number; spans: number[] }[] {
  const ordered = [...segments].sort((a, b) => a.db - b.db || a.lo - b.lo || a.hi - b.hi || a.from - b.from);
  const joined: { db: number; lo: number; hi: number; spans: number[] }[] = [];
  for (const { db, lo, hi, from, to } of ordered) {
    const last = joined.at(-1);
    if (last === undefined || last.db !== db || last.lo !== lo || last.hi !== hi) {
      joined.push({ db, lo, hi, spans: [from, to] });
    } else if (from <= last.spans.at(-1)!) {
      last.spans[last.spans.length - 1] = Math.max(last.spans.at(-1)!, to);
    } else {
      last.spans.push(from, to);
    }
  }
  return joined;
}

function isWithin(spans: readonly number[] | undefined, position: number): boolean {
  if (spans === undefined) return true;
  let low = 0;
  let high = spans.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle * 2 + 1]! < position) low = middle + 1;
    else high = middle;
  }
  return low < spans.length / 2 && spans[low * 2]! <= position;
}
