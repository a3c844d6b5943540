/**
 * Where keys are cut into parts: at separators that somebody names, or at those that a sample of the keys shows.
 *
 * Separators stand in groups. A key is cut by the first group of which it has one, so that `user_profile:1` is cut at its
 * colon alone, and `job_17` of the same data set at its underscore.
 */
import { CanonicalPart, idLengthAt } from './id-patterns.js';
import type { KeySample } from './key-sample.js';

/** What the bytes of a part are, for telling what needs a closer look. */
export const PART_DIGIT = 1;
export const PART_OTHER = 2;
/** An `@`, or a byte that is no printable ASCII. */
export const PART_ODD = 4;
export const CUT = 128;

/** One group, ready for cutting. */
export class SeparatorTable {
  /** PART_… of every byte, and CUT where a separator may begin. */
  readonly classes = new Uint8Array(256);
  /** UUIDs and dates have such characters, and are not cut. */
  readonly cutsIds: boolean;
  /** Separators of several bytes, the longest first; those of one byte need no look. */
  private readonly long: readonly Uint8Array[];
  private readonly isShort = new Uint8Array(256);

  constructor(readonly separators: readonly Uint8Array[]) {
    for (let byte = 0; byte < 256; byte++) {
      const isDigit = byte >= 0x30 && byte <= 0x39;
      const isOdd = byte < 0x20 || byte >= 0x7f || byte === 0x40;
      this.classes[byte] = isDigit ? PART_DIGIT : isOdd ? PART_ODD : PART_OTHER;
    }
    for (const separator of separators) {
      this.classes[separator[0]!]! |= CUT;
      if (separator.length === 1) this.isShort[separator[0]!] = 1;
    }
    this.long = separators.filter(({ length }) => length > 1).sort((a, b) => b.length - a.length);
    this.cutsIds = separators.some((separator) => separator.length === 1 && IN_IDS.has(separator[0]!));
  }

  /** Bytes of the separator at `pos`, where a class has CUT; 0 where none is there after all. */
  lengthAt(bytes: Uint8Array, pos: number, end: number): number {
    const { long } = this;
    for (let index = 0; index < long.length; index++) {
      const separator = long[index]!;
      let at = 0;
      while (at < separator.length && pos + at < end && bytes[pos + at] === separator[at]) at++;
      if (at === separator.length) return at;
    }
    return this.isShort[bytes[pos]!]!;
  }

  /** Whether one of the separators is in `[start, end)`. */
  cuts(bytes: Uint8Array, start: number, end: number): boolean {
    const { classes } = this;
    for (let pos = start; pos < end; pos++) {
      if (classes[bytes[pos]!]! >= CUT && this.lengthAt(bytes, pos, end) > 0) return true;
    }
    return false;
  }
}

/** The groups in their order. */
export class Separators {
  private readonly tables: readonly SeparatorTable[];
  private readonly last: SeparatorTable;

  /** Throws RangeError for a separator of no bytes. */
  constructor(readonly groups: readonly (readonly Uint8Array[])[]) {
    if (groups.flat().some(({ length }) => length === 0)) throw new RangeError('a separator has at least one byte');
    this.tables = groups.map((group) => new SeparatorTable(group));
    this.last = this.tables.at(-1) ?? new SeparatorTable([]);
  }

  /** The group that cuts this key. */
  tableFor(bytes: Uint8Array, start: number, end: number): SeparatorTable {
    const { tables, last } = this;
    for (let index = 0; index < tables.length - 1; index++) {
      if (tables[index]!.cuts(bytes, start, end)) return tables[index]!;
    }
    return last;
  }
}

/** What may separate, with a weight: `:` hardly ever means anything else, `_` and `-` often join words. */
const CANDIDATES: readonly (readonly [char: string, weight: number])[] = [
  [':', 4],
  ['/', 3],
  ['|', 3],
  ['#', 3],
  ['~', 2],
  ['.', 2],
  [';', 2],
  [',', 2],
  ['-', 1],
  ['_', 1],
];
const CANDIDATE_BYTES = CANDIDATES.map(([char]) => char.charCodeAt(0));
/** The bit of each byte in the masks of keys. */
const CANDIDATE_BITS = Int32Array.from({ length: 256 }, (_, byte) => {
  const candidate = CANDIDATE_BYTES.indexOf(byte);
  return candidate < 0 ? 0 : 1 << candidate;
});
/** Candidates that stand in UUIDs, dates and times. */
const IN_IDS: ReadonlySet<number> = new Set([...'-_./'].map((char) => char.charCodeAt(0)));
const COLON = CANDIDATE_BYTES[0]!;
const DOUBLE_COLON = new TextEncoder().encode('::');

const MAX_GROUPS = 3;
/** A separator cuts at least this share of the sample. */
const LEAST_SHARE = 0.05;
/** A weak one is taken for one where what stands before it comes back: this share of the keys may begin differently. */
const MOST_DIFFERENT = 0.5;

/**
 * The separators that most keys of a sample have, the best first; at most three groups. Every key counts for the first
 * group that cuts it.
 */
export function learnSeparators(sample: KeySample): Separators {
  const masks = Int32Array.from({ length: sample.count }, (_, index) => maskOf(sample, index));
  const least = Math.max(2, Math.ceil(sample.count * LEAST_SHARE));
  const groups: Uint8Array[][] = [];
  const left = new Set(CANDIDATES.keys());
  while (groups.length < MAX_GROUPS) {
    const best = bestOf(left, masks, least);
    if (best === undefined) break;
    left.delete(best);
    const bit = 1 << best;
    const isStrong = CANDIDATES[best]![1] > 1;
    if (!isStrong && !comesBack(sample, masks, best)) continue;
    groups.push(groupOf(sample, masks, best));
    for (let index = 0; index < masks.length; index++) if ((masks[index]! & bit) !== 0) masks[index] = 0;
  }
  return new Separators(groups);
}

function bestOf(left: ReadonlySet<number>, masks: Int32Array, least: number): number | undefined {
  let best: number | undefined;
  let bestScore = 0;
  for (const candidate of left) {
    let count = 0;
    for (const mask of masks) count += (mask >> candidate) & 1;
    const score = count * CANDIDATES[candidate]![1];
    if (count < least || score <= bestScore) continue;
    best = candidate;
    bestScore = score;
  }
  return best;
}

/** Which candidates a key has outside of its ids: a bit for each. */
function maskOf(sample: KeySample, index: number): number {
  const { bytes } = sample;
  const end = sample.endOf(index);
  let mask = 0;
  // Ids begin where a word does.
  let isWord = false;
  for (let pos = sample.startOf(index); pos < end; pos++) {
    const bit = CANDIDATE_BITS[bytes[pos]!]!;
    if (bit === 0 && !isWord) pos += Math.max(0, idLengthAt(bytes, pos, end) - 1);
    isWord = bit === 0;
    mask |= bit;
  }
  return mask;
}

function comesBack(sample: KeySample, masks: Int32Array, candidate: number): boolean {
  const beginnings = new Set<string>();
  const part = new CanonicalPart();
  const separator = CANDIDATE_BYTES[candidate]!;
  let count = 0;
  for (const [index, mask] of masks.entries()) {
    if (((mask >> candidate) & 1) === 0) continue;
    count++;
    const start = sample.startOf(index);
    const end = sample.bytes.indexOf(separator, start);
    part.length = 0;
    if (end > start) part.read(sample.bytes, start, end);
    beginnings.add(String.fromCharCode(...part.bytes.subarray(0, part.length)));
  }
  return beginnings.size <= count * MOST_DIFFERENT;
}

/** `::` is a separator of its own where it occurs: caches write `name::key`. */
function groupOf(sample: KeySample, masks: Int32Array, candidate: number): Uint8Array[] {
  const byte = CANDIDATE_BYTES[candidate]!;
  const single = Uint8Array.of(byte);
  if (byte !== COLON) return [single];
  let count = 0;
  let double = 0;
  for (const [index, mask] of masks.entries()) {
    if ((mask & 1) === 0) continue;
    count++;
    if (hasDouble(sample, index)) double++;
  }
  return double > 0 && double * 100 >= count ? [DOUBLE_COLON, single] : [single];
}

function hasDouble(sample: KeySample, index: number): boolean {
  const { bytes } = sample;
  const last = sample.endOf(index) - 1;
  for (let pos = sample.startOf(index); pos < last; pos++) {
    if (bytes[pos] === COLON && bytes[pos + 1] === COLON) return true;
  }
  return false;
}
