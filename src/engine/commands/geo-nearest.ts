/** What a search found, by distance: all of it, or the first few, ties falling as they fall in the server. */

/** An element that was found. */
export interface Found {
  readonly member: string;
  /** The position as it is stored. */
  readonly score: number;
  /** From the centre of the search, in metres. */
  readonly metres: number;
  readonly longitude: number;
  readonly latitude: number;
}

/** Sorts so that the first `count` elements are in their places. */
export function sortFound(found: Found[], isDescending: boolean, count: number): void {
  const compare = isDescending ? (one: Found, other: Found) => -byDistance(one, other) : byDistance;
  // The C library merges, and is stable; for a part of the whole the server has its own.
  if (count >= found.length) found.sort(compare);
  else sortPart(found, compare, count - 1);
}

type Compare = (one: Found, other: Found) => number;

function byDistance({ metres }: Found, other: Found): number {
  if (metres > other.metres) return 1;
  return metres === other.metres ? 0 : -1;
}

/**
 * Quicksort as Bentley and McIlroy describe it ("Engineering a sort function", 1993), leaving out parts that begin beyond
 * `last`. Which of many equal distances come first is decided by every step of it, and members at one place are common.
 */
function sortPart(items: Found[], compare: Compare, last: number): void {
  let start = 0;
  let size = items.length;
  const pending: [start: number, size: number][] = [];
  for (;;) {
    if (size < 7) {
      insertionSort(items, compare, start, start + size);
    } else {
      const [low, high] = partition(items, compare, start, size);
      const upperStart = start + size - high;
      if (high > 1 && upperStart <= last) pending.push([upperStart, high]);
      if (low > 1) pending.push([start, low]);
    }
    const next = pending.pop();
    if (next === undefined) return;
    [start, size] = next;
  }
}

function insertionSort(items: Found[], compare: Compare, start: number, end: number): void {
  for (let at = start + 1; at < end; at++)
    for (let to = at; to > start && compare(items[to - 1]!, items[to]!) > 0; to--) swap(items, to, to - 1);
}

/** Puts what is equal to a middle item in the middle; returns how many are below and above it. */
function partition(items: Found[], compare: Compare, start: number, size: number): [below: number, above: number] {
  swap(items, start, middleOf(items, compare, start, size));
  const end = start + size;
  let equalLow = start + 1;
  let low = start + 1;
  let high = end - 1;
  let equalHigh = end - 1;
  for (;;) {
    for (let order = 0; low <= high; low++) {
      order = compare(items[low]!, items[start]!);
      if (order > 0) break;
      if (order === 0) swap(items, equalLow++, low);
    }
    for (let order = 0; low <= high; high--) {
      order = compare(items[high]!, items[start]!);
      if (order < 0) break;
      if (order === 0) swap(items, high, equalHigh--);
    }
    if (low > high) break;
    swap(items, low++, high--);
  }
  const below = low - equalLow;
  const above = equalHigh - high;
  swapRuns(items, start, low, Math.min(equalLow - start, below));
  swapRuns(items, low, end, Math.min(above, end - equalHigh - 1));
  return [below, above];
}

/** The middle one; of three for more than seven; of three times three for more than forty. */
function middleOf(items: Found[], compare: Compare, start: number, size: number): number {
  let middle = start + (size >>> 1);
  if (size === 7) return middle;
  let low = start;
  let high = start + size - 1;
  if (size > 40) {
    const step = size >>> 3;
    low = medianOf(items, compare, low, low + step, low + 2 * step);
    middle = medianOf(items, compare, middle - step, middle, middle + step);
    high = medianOf(items, compare, high - 2 * step, high - step, high);
  }
  return medianOf(items, compare, low, middle, high);
}

function medianOf(items: Found[], compare: Compare, a: number, b: number, c: number): number {
  const order = (one: number, other: number): number => compare(items[one]!, items[other]!);
  if (order(a, b) < 0) return order(b, c) < 0 ? b : order(a, c) < 0 ? c : a;
  return order(b, c) > 0 ? b : order(a, c) < 0 ? a : c;
}

/** The `count` items from `start` on and those before `end` change places. */
function swapRuns(items: Found[], start: number, end: number, count: number): void {
  for (let at = 0; at < count; at++) swap(items, start + at, end - count + at);
}

function swap(items: Found[], one: number, other: number): void {
  const kept = items[one]!;
  items[one] = items[other]!;
  items[other] = kept;
}
