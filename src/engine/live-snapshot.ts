/**
 * A dump of an engine as it was at one moment, taken piece by piece while commands go on.
 *
 * What a fork does for a server with pages of memory is done here with keys: before a command changes a key that has not
 * been written yet, it is written, ahead of its turn. So nothing is copied; the price is a bit for each key, places of
 * deleted keys that stay open meanwhile, and that the first change of a large key waits until it has been encoded. Keys that
 * expire meanwhile, and that nobody has written, are missing: whoever loads the dump would find them expired.
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import type { RdbEntry } from '../rdb/model.js';
import { changesKeys, forEachChangedKey } from './changed-keys.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { Keys } from './keys.js';
import { keyEntry } from './snapshot.js';
import type { StoredValue } from './values/stored-value.js';

/** Takes the entries of the dump: header, functions, and key by key. Called from within commands, too. */
export type EntrySink = (entry: RdbEntry) => void;

/** Takes a key with its value as they are held, so that nothing need be made for them. False: it wants an entry of this one. */
export type StoredSink = (db: Database, key: ByteString, value: StoredValue) => boolean;

interface Part {
  readonly db: Database;
  readonly keys: Keys;
  /** Keys that came later are not in the dump. */
  readonly end: number;
  /** A bit for each that was written ahead of its turn. */
  readonly ahead: Uint8Array;
  /** Where its turn is. */
  next: number;
}

export class LiveSnapshot {
  /** Keys that were written before their turn, since a command was about to change them. */
  writtenAhead = 0;
  private readonly parts: Part[];
  private turn = 0;
  private isOpen = true;

  /** The moment is now: the sink gets all but the keys at once. Of keys it gets those that `stored` does not take. */
  constructor(
    private readonly engine: Engine,
    private readonly sink: EntrySink,
    head: Iterable<RdbEntry>,
    private readonly stored: StoredSink = () => false,
  ) {
    this.parts = Array.from(engine.inUse(), (db): Part => {
      const view = db.view();
      const { keys } = view;
      keys.hold();
      return { db: view, keys, end: keys.arrived, ahead: new Uint8Array((keys.arrived + 7) >> 3), next: 0 };
    });
    for (const entry of head) sink(entry);
    engine.liveSnapshots.add(this);
  }

  /** Writes up to so many keys. True when all are written, and nobody has to tell of commands any more. */
  step(count: number): boolean {
    for (let left = count; left > 0; left--) if (!this.writeNext()) break;
    if (this.turn === this.parts.length) this.close();
    return !this.isOpen;
  }

  /** A command is about to run. */
  before(spec: CommandSpec, args: readonly ByteString[], db: Database): void {
    if (!changesKeys(spec)) return;
    forEachChangedKey(spec, args, (key) => {
      // COPY may go to any database.
      if (spec.name === 'COPY') for (const part of this.parts) this.writeAhead(part, key);
      else for (const part of this.parts) if (part.keys === db.keys) this.writeAhead(part, key);
    });
  }

  /** It is given up, or at its end. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.engine.liveSnapshots.delete(this);
    for (const { keys } of this.parts) keys.letGo();
  }

  /** False at the end. */
  private writeNext(): boolean {
    for (; this.turn < this.parts.length; this.turn++) {
      const part = this.parts[this.turn]!;
      for (;;) {
        const key = part.keys.keyFrom(part.next, part.end);
        if (key === undefined) break;
        const place = part.keys.arrivalOf(key);
        part.next = place + 1;
        if (isAhead(part, place)) continue;
        this.write(part, key);
        return true;
      }
    }
    return false;
  }

  private writeAhead(part: Part, key: ByteString): void {
    const place = part.keys.arrivalOf(key);
    if (place < part.next || place >= part.end || isAhead(part, place)) return;
    part.ahead[place >> 3]! |= 1 << (place & 7);
    this.writtenAhead++;
    this.write(part, key);
  }

  private write({ db, keys }: Part, key: ByteString): void {
    const value = keys.get(key)!;
    if (!this.stored(db, key, value)) this.sink(keyEntry(db, key, value, this.engine.settings));
  }
}

function isAhead({ ahead }: Part, place: number): boolean {
  return (ahead[place >> 3]! & (1 << (place & 7))) !== 0;
}
