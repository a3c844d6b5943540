/**
 * Second step of a history: of each name that may be an ancestor, which of its lives became part of the key. A life begins
 * where the key is created, or made out of another, and ends where it is deleted or becomes another.
 */
import { type CommandSpec, findCommand, KEY_ROLE, lookupCommand } from '../command-table.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { KeyHash } from '../key-hash.js';
import { KeyPositions } from '../key-positions.js';
import type { Until } from './history-ancestors.js';
import { type KeyLink, LINK, type LinkReader } from './history-links.js';
import { isRoot, NameMap, positionOf, type RootKey, type TrackedName } from './history-names.js';

/** A life of a key that ended in another one. */
export interface Segment {
  readonly db: number;
  readonly lo: number;
  readonly hi: number;
  /** Known as soon as a command has named it. */
  key: Uint8Array | undefined;
  /** Positions of the commands that belong to it, both included; `to` is that of the command that made another key of it. */
  readonly from: number;
  readonly to: number;
  /** What this life was made of. */
  readonly origins: readonly Segment[];
}

interface Life {
  from: number;
  origins: Segment[];
}

interface Facts {
  /** Commands from here on are of no interest; Infinity for the root. */
  readonly until: number;
  life: Life;
}

/** Reads the log up to the end, then {@link segments} has all that belongs to the key, beside the key itself. */
export class LifeCollector implements AofHandler {
  private readonly names = new NameMap<Facts>();
  private readonly origins: Segment[] = [];
  private readonly positions = new KeyPositions();
  private readonly hash = new KeyHash();
  private readonly flushAll = findCommand('FLUSHALL')!.id;
  private readonly flushDb = findCommand('FLUSHDB')!.id;
  private file = 0;
  private driver!: () => AofDriver;

  constructor(
    private readonly root: RootKey,
    candidates: NameMap<Until>,
    private readonly reader: LinkReader,
    private readonly end: number,
  ) {
    for (const { db, lo, hi, facts } of candidates.all)
      this.names.add(db, lo, hi, { until: facts.until, life: { from: -1, origins: [] } });
    this.names.admit(root.lo);
  }

  startFile(index: number, driver: () => AofDriver): this {
    this.file = index;
    this.driver = driver;
    return this;
  }

  command(view: CommandView): void {
    if (view.control !== CONTROL.NONE) return;
    const spec = lookupCommand(view);
    if (spec === undefined) return;
    const position = positionOf(this.file, view.offset);
    if (position >= this.end) return;
    const { db } = this.driver().state;
    const links = this.reader.read(view, spec, db);
    if (links > 0) {
      for (let at = 0; at < links; at++) this.applyLink(view, this.reader.links[at]!, position);
    } else if (spec.id === this.flushAll || spec.id === this.flushDb) {
      for (const { db: theirs, facts } of this.names.all)
        if (spec.id === this.flushAll || theirs === db) facts.life = { from: position + 1, origins: [] };
    } else {
      this.endDeleted(view, spec, db, position);
    }
  }

  annotation(): void {
    // Lives have no need of time.
  }

  full(): boolean {
    return false;
  }

  /** Each once, before what it was made of. */
  segments(): Segment[] {
    const seen = new Set<Segment>(this.origins);
    for (const segment of seen) {
      for (const origin of segment.origins) {
        // A swap names no keys, and leaves them their names.
        if (origin.key === undefined && origin.lo === segment.lo && origin.hi === segment.hi) origin.key = segment.key;
        seen.add(origin);
      }
    }
    return [...seen];
  }

  private endDeleted(view: CommandView, spec: CommandSpec, db: number, position: number): void {
    if (!spec.isWrite) return;
    const { positions, names, hash } = this;
    const count = positions.locate(view, spec);
    for (let at = 0; at < count; at++) {
      const index = positions.index[at]!;
      if (positions.role[at] !== KEY_ROLE.DELETE || view.isElided(index)) continue;
      hash.set(view.bytes, view.start(index), view.end(index));
      const name = names.find(db, hash.lo, hash.hi);
      if (name !== undefined) name.facts.life = { from: position + 1, origins: [] };
    }
  }

  private applyLink(view: CommandView, link: KeyLink, position: number): void {
    const { kind, sourceDb, sourceIndex, targetDb, targetIndex } = link;
    if (kind === LINK.SWAP) {
      this.swap(sourceDb, targetDb, position);
      return;
    }
    const source = this.nameAt(view, sourceIndex, sourceDb);
    const target = this.nameAt(view, targetIndex, targetDb);
    if (target !== undefined && source !== undefined && source !== target && position < target.facts.until) {
      const key = view.copy(sourceIndex);
      const segment = segmentOf(source, key, position);
      const isNew = kind !== LINK.ADD && target.facts.life.from !== position;
      if (isNew) target.facts.life = { from: position, origins: [] };
      this.join(target, segment);
    } else if (target !== undefined && source === undefined && kind !== LINK.ADD) {
      target.facts.life = { from: position, origins: [] };
    }
    if (kind === LINK.RENAME && source !== undefined && source !== target)
      source.facts.life = { from: position + 1, origins: [] };
  }

  private join(target: TrackedName<Facts>, segment: Segment): void {
    target.facts.life.origins.push(segment);
    if (isRoot(this.root, target.db, target.lo, target.hi)) this.origins.push(segment);
  }

  private nameAt(view: CommandView, index: number, db: number): TrackedName<Facts> | undefined {
    const { hash, names, root } = this;
    hash.set(view.bytes, view.start(index), view.end(index));
    const name = names.find(db, hash.lo, hash.hi);
    if (name !== undefined || !isRoot(root, db, hash.lo, hash.hi)) return name;
    return names.add(db, hash.lo, hash.hi, { until: Infinity, life: { from: -1, origins: [] } });
  }

  /** Every name that is followed in one of the two databases goes on with what was under it in the other. */
  private swap(left: number, right: number, position: number): void {
    const { names, root } = this;
    for (const db of [left, right]) {
      if (isRoot(root, db, root.lo, root.hi) && names.find(db, root.lo, root.hi) === undefined)
        names.add(db, root.lo, root.hi, { until: Infinity, life: { from: -1, origins: [] } });
    }
    const affected = names.all.filter(({ db }) => db === left || db === right);
    const lives = affected.map((name) => {
      const source = names.find(name.db === left ? right : left, name.lo, name.hi);
      return source && segmentOf(source, this.keyOf(name), position);
    });
    for (const [at, name] of affected.entries()) {
      name.facts.life = { from: position, origins: [] };
      const segment = lives[at];
      if (segment !== undefined && position < name.facts.until) this.join(name, segment);
    }
  }

  private keyOf({ lo, hi }: TrackedName<Facts>): Uint8Array | undefined {
    return lo === this.root.lo && hi === this.root.hi ? this.root.key : undefined;
  }
}

function segmentOf({ db, lo, hi, facts }: TrackedName<Facts>, key: Uint8Array | undefined, to: number): Segment {
  return { db, lo, hi, key, from: facts.life.from, to, origins: [...facts.life.origins] };
}
