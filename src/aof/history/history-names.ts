/** Names of keys, in their databases, that a history is about: looked up for every key of a log. */

/** A key in a database, by its hash. */
export interface TrackedName<T> {
  readonly db: number;
  readonly lo: number;
  readonly hi: number;
  readonly facts: T;
}

/** Bits of `lo` that decide at once that a key is not tracked, as most are not. */
const SIEVE_BITS = 16;
const SIEVE_MASK = (1 << SIEVE_BITS) - 1;

export class NameMap<T> {
  private readonly sieve = new Uint8Array(1 << SIEVE_BITS);
  private readonly byLo = new Map<number, TrackedName<T>[]>();
  private readonly names: TrackedName<T>[] = [];

  get all(): readonly TrackedName<T>[] {
    return this.names;
  }

  /** Whether keys with this half of a hash may be tracked in some database. */
  mayHave(lo: number): boolean {
    return this.sieve[lo & SIEVE_MASK] !== 0;
  }

  find(db: number, lo: number, hi: number): TrackedName<T> | undefined {
    if (this.sieve[lo & SIEVE_MASK] === 0) return undefined;
    const names = this.byLo.get(lo);
    if (names === undefined) return undefined;
    for (const name of names) if (name.hi === hi && name.db === db) return name;
    return undefined;
  }

  /** A name that is not there yet. */
  add(db: number, lo: number, hi: number, facts: T): TrackedName<T> {
    const name: TrackedName<T> = { db, lo, hi, facts };
    this.sieve[lo & SIEVE_MASK] = 1;
    const names = this.byLo.get(lo);
    if (names === undefined) this.byLo.set(lo, [name]);
    else names.push(name);
    this.names.push(name);
    return name;
  }

  /** Lets keys with this half of a hash through {@link mayHave}, though none is there yet. */
  admit(lo: number): void {
    this.sieve[lo & SIEVE_MASK] = 1;
  }
}

/** The key whose history is asked for. */
export interface RootKey {
  readonly key: Uint8Array;
  readonly lo: number;
  readonly hi: number;
  /** Undefined for any database. */
  readonly db: number | undefined;
}

export function isRoot(root: RootKey, db: number, lo: number, hi: number): boolean {
  return lo === root.lo && hi === root.hi && (root.db === undefined || root.db === db);
}

/** Room for files of 8 TiB, and for a thousand of them, in one number that grows with the log. */
const FILE_STEP = 2 ** 43;

/** Where an item stands in the whole log. */
export function positionOf(file: number, offset: number): number {
  return file * FILE_STEP + offset;
}

export function placeOf(position: number): { readonly file: number; readonly offset: number } {
  return { file: Math.floor(position / FILE_STEP), offset: position % FILE_STEP };
}
