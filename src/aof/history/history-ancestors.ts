/**
 * First step of a history: which names the key, and what it came from, may have had, and until when.
 *
 * Links are collected going forward and looked at going backward, so that one pass over the log finds chains of any
 * length. Only the last links before a position are kept; where there were more, another pass collects those before.
 */
import { lookupCommand } from '../command-table.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { KeyHash } from '../key-hash.js';
import { LINK, type LinkReader } from './history-links.js';
import { isRoot, type NameMap, positionOf, type RootKey } from './history-names.js';

/** What an ancestor is worth: commands before this position may be part of the history. */
export interface Until {
  until: number;
}

/** Links at the most that are held at a time: 40 bytes each. */
export const MAX_LINKS = 1 << 20;

const INTS = 7;

/** The last links of a log before a position. */
export class LinkRing {
  /** Links before the last {@link capacity} were dropped: those from {@link firstPosition} on are there. */
  isOverflown = false;
  private ints = new Int32Array(1024 * INTS);
  private positions = new Float64Array(1024);
  private count = 0;
  private next = 0;

  constructor(private readonly capacity: number) {}

  add(kind: number, position: number, sourceDb: number, source: KeyHash, targetDb: number, target: KeyHash): void {
    if (this.count === this.positions.length && this.count < this.capacity) this.grow();
    const slot = this.next;
    const at = slot * INTS;
    this.ints[at] = kind;
    this.ints[at + 1] = sourceDb;
    this.ints[at + 2] = source.lo;
    this.ints[at + 3] = source.hi;
    this.ints[at + 4] = targetDb;
    this.ints[at + 5] = target.lo;
    this.ints[at + 6] = target.hi;
    this.positions[slot] = position;
    if (this.count === this.capacity) this.isOverflown = true;
    else this.count++;
    this.next = (slot + 1) % this.capacity;
  }

  get firstPosition(): number {
    return this.positions[(this.next - this.count + this.capacity) % this.capacity]!;
  }

  /** Goes from the last link to the first, and adds to `names` what leads to a name that is there at the time. */
  trace(root: RootKey, names: NameMap<Until>, before: number): void {
    const { ints, positions, capacity } = this;
    for (let back = 1; back <= this.count; back++) {
      const slot = (this.next - back + capacity) % capacity;
      const position = positions[slot]!;
      if (position >= before) continue;
      const at = slot * INTS;
      const sourceDb = ints[at + 1]!;
      const targetDb = ints[at + 4]!;
      if (ints[at] === LINK.SWAP) {
        traceSwap(root, names, position, sourceDb, targetDb);
        continue;
      }
      const lo = ints[at + 5]!;
      const hi = ints[at + 6]!;
      const target = names.find(targetDb, lo, hi);
      if (isRoot(root, targetDb, lo, hi) || (target !== undefined && position < target.facts.until))
        track(root, names, sourceDb, ints[at + 2]!, ints[at + 3]!, position);
    }
  }

  private grow(): void {
    const size = Math.min(this.count * 2, this.capacity);
    const ints = new Int32Array(size * INTS);
    const positions = new Float64Array(size);
    ints.set(this.ints);
    positions.set(this.positions);
    this.ints = ints;
    this.positions = positions;
  }
}

/** Collects the links before a position. */
export class LinkCollector implements AofHandler {
  /** Behind the last command. */
  end = 0;
  private file = 0;
  private driver!: () => AofDriver;
  private readonly source = new KeyHash();
  private readonly target = new KeyHash();

  constructor(
    private readonly reader: LinkReader,
    readonly ring: LinkRing,
    private readonly before: number,
  ) {}

  startFile(index: number, driver: () => AofDriver): this {
    this.file = index;
    this.driver = driver;
    this.end = positionOf(index, 0);
    return this;
  }

  command(view: CommandView): void {
    this.end = positionOf(this.file, view.endOffset);
    if (view.control !== CONTROL.NONE) return;
    const spec = lookupCommand(view);
    if (spec === undefined) return;
    const { reader, source, target } = this;
    const count = reader.read(view, spec, this.driver().state.db);
    if (count === 0) return;
    const position = positionOf(this.file, view.offset);
    if (position >= this.before) return;
    for (let at = 0; at < count; at++) {
      const { kind, sourceDb, sourceIndex, targetDb, targetIndex } = reader.links[at]!;
      if (kind !== LINK.SWAP) {
        source.set(view.bytes, view.start(sourceIndex), view.end(sourceIndex));
        target.set(view.bytes, view.start(targetIndex), view.end(targetIndex));
      }
      this.ring.add(kind, position, sourceDb, source, targetDb, target);
    }
  }

  annotation(): void {
    // Links have no need of time.
  }

  full(): boolean {
    return false;
  }
}

function track(root: RootKey, names: NameMap<Until>, db: number, lo: number, hi: number, until: number): void {
  // All of the root's history is told anyhow.
  if (isRoot(root, db, lo, hi)) return;
  const known = names.find(db, lo, hi);
  if (known === undefined) names.add(db, lo, hi, { until });
  else known.facts.until = Math.max(known.facts.until, until);
}

function traceSwap(root: RootKey, names: NameMap<Until>, position: number, left: number, right: number): void {
  const otherOf = (db: number): number => (db === left ? right : db === right ? left : -1);
  if (root.db !== undefined && otherOf(root.db) >= 0) track(root, names, otherOf(root.db), root.lo, root.hi, position);
  for (const { db, lo, hi, facts } of [...names.all]) {
    if (otherOf(db) >= 0 && position < facts.until) track(root, names, otherOf(db), lo, hi, position);
  }
}
