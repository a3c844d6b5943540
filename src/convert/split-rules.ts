/** Which file a key goes to, by each of the ways to split a dump. */

import { keySlot, SLOT_COUNT } from '../rdb/key-slot.js';
import { plainHash } from '../rdb/keyed-hash.js';
import type { SlotOwner } from '../rdb/slot-owners.js';

/** More files than this are not kept open at once. */
export const MAX_SPLIT_FILES = 256;

export type SplitBy =
  /** One file per owner of slots; keys of slots that nobody owns go to `unassigned`. */
  | { readonly kind: 'slot'; readonly owners: readonly SlotOwner[] }
  /**
   * One per beginning of the key's name up to the first `separator`: the first 256 that come; keys of later ones, and of
   * such that are longer than 256 bytes, go to `other`, those without a separator to `no-prefix`.
   */
  | { readonly kind: 'prefix'; readonly separator: Uint8Array }
  /** One per database: the first 256 that come; keys of later ones go to `other`. */
  | { readonly kind: 'db' }
  /** So many, by a hash of the key's name: the same key goes to the same file in every dump. */
  | { readonly kind: 'count'; readonly count: number };

/** Numbers files as keys come, and names them. */
export interface SplitRouter {
  /** The number of the file that a key belongs to: at most one more than there were. */
  route(db: number, bytes: Uint8Array, start: number, end: number): number;
  /** Names by number, without `.rdb`; safe on every file system, and distinct even where case does not count. */
  readonly names: readonly string[];
  /** Files that are written even where no key goes there. */
  readonly always: number;
}

/** `ranges` equal parts of the slots. */
export function equalSlotOwners(count: number): SlotOwner[] {
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * SLOT_COUNT) / count);
    const end = Math.floor(((index + 1) * SLOT_COUNT) / count) - 1;
    return { name: `slots-${pad(start, 5)}-${pad(end, 5)}`, ranges: [{ start, end }] };
  });
}

/** Throws RangeError for more than 256 files, none, or slots that two owners claim. */
export function createRouter(by: SplitBy): SplitRouter {
  switch (by.kind) {
    case 'slot':
      return new SlotRouter(by.owners);
    case 'prefix':
      return new PrefixRouter(by.separator);
    case 'db':
      return new DbRouter();
    case 'count':
      return new HashRouter(by.count);
  }
}

const OTHER = 'other';
const MAX_NAME = 120;
/** What is longer is no prefix in any sensible sense. */
const MAX_PREFIX = 256;

class SlotRouter implements SplitRouter {
  readonly names: string[];
  readonly always: number;
  /** The owner of each slot. */
  private readonly owners: Int16Array;
  private unassigned = -1;
  private readonly registry = new NameRegistry();

  constructor(owners: readonly SlotOwner[]) {
    checkCount(owners.length, 'owners of slots');
    this.names = owners.map(({ name }) => this.registry.name(safeName(name)));
    this.always = owners.length;
    this.owners = new Int16Array(SLOT_COUNT).fill(-1);
    owners.forEach(({ name, ranges }, index) => {
      for (const { start, end } of ranges) {
        if (!(start >= 0 && start <= end && end < SLOT_COUNT))
          throw new RangeError(`${name}: ${start}-${end} are no slots`);
        for (let slot = start; slot <= end; slot++) {
          const other = this.owners[slot]!;
          if (other >= 0 && other !== index)
            throw new RangeError(`slot ${slot} belongs to ${owners[other]!.name} and to ${name}`);
          this.owners[slot] = index;
        }
      }
    });
  }

  route(_db: number, bytes: Uint8Array, start: number, end: number): number {
    const owner = this.owners[keySlot(bytes, start, end)]!;
    if (owner >= 0) return owner;
    if (this.unassigned < 0) this.unassigned = this.names.push(this.registry.name('unassigned')) - 1;
    return this.unassigned;
  }
}

class PrefixRouter implements SplitRouter {
  readonly names: string[] = [];
  readonly always = 0;
  private readonly files = new Map<string, number>();
  private readonly registry = new NameRegistry();
  private none = -1;
  private other = -1;

  constructor(private readonly separator: Uint8Array) {
    if (separator.length === 0) throw new RangeError('a separator has at least one byte');
  }

  route(_db: number, bytes: Uint8Array, start: number, end: number): number {
    const length = this.prefixLength(bytes, start, end);
    if (length < 0) {
      if (this.none < 0) this.none = this.names.push('no-prefix') - 1;
      return this.none;
    }
    const prefix = length > MAX_PREFIX ? '' : byteText(bytes, start, start + length);
    const known = length > MAX_PREFIX ? undefined : this.files.get(prefix);
    if (known !== undefined) return known;
    if (length > MAX_PREFIX || this.files.size >= MAX_SPLIT_FILES) {
      if (this.other < 0) this.other = this.names.push(OTHER) - 1;
      return this.other;
    }
    const file = this.names.push(this.registry.name(`prefix-${safeName(prefix)}`)) - 1;
    this.files.set(prefix, file);
    return file;
  }

  /** Bytes before the first separator; −1 where there is none. */
  private prefixLength(bytes: Uint8Array, start: number, end: number): number {
    const { separator } = this;
    const last = end - separator.length;
    for (let pos = start; pos <= last; pos++) {
      let at = 0;
      while (at < separator.length && bytes[pos + at] === separator[at]) at++;
      if (at === separator.length) return pos - start;
    }
    return -1;
  }
}

class DbRouter implements SplitRouter {
  readonly names: string[] = [];
  readonly always = 0;
  private readonly files = new Map<number, number>();
  private other = -1;

  route(db: number): number {
    const known = this.files.get(db);
    if (known !== undefined) return known;
    if (this.files.size >= MAX_SPLIT_FILES) {
      if (this.other < 0) this.other = this.names.push(OTHER) - 1;
      return this.other;
    }
    const file = this.names.push(`db-${db}`) - 1;
    this.files.set(db, file);
    return file;
  }
}

class HashRouter implements SplitRouter {
  readonly names: string[];
  readonly always: number;

  constructor(private readonly count: number) {
    checkCount(count, 'files');
    const digits = String(count).length;
    this.names = Array.from({ length: count }, (_, index) => `part-${pad(index + 1, digits)}-of-${count}`);
    this.always = count;
  }

  route(_db: number, bytes: Uint8Array, start: number, end: number): number {
    return plainHash(0, bytes, start, end) % this.count;
  }
}

/** Gives no name twice, not even in another case: some file systems do not tell the two apart. */
class NameRegistry {
  private readonly taken = new Set<string>([OTHER, 'no-prefix']);

  name(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.taken.has(name.toLowerCase()); number++) name = `${wanted}~${number}`;
    this.taken.add(name.toLowerCase());
    return name;
  }
}

/** Letters, digits, `_` and `-` stay, and dots inside; every other byte becomes `%HH`. Long names are cut. */
function safeName(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9_.-]/g, percent).replaceAll(/^\.|\.$/g, percent);
  return safe.length > MAX_NAME ? safe.slice(0, MAX_NAME).replace(/%.?$/, '') : safe;
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
}

function checkCount(count: number, what: string): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_SPLIT_FILES)) {
    throw new RangeError(`${count} ${what}: from 1 to ${MAX_SPLIT_FILES} are possible`);
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** One character U+0000–U+00FF per byte. */
function byteText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
