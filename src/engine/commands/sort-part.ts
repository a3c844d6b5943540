/**
 * Sorting of which only a part is looked at: Bentley and McIlroy's quicksort ("Engineering a Sort Function", 1993), as SORT
 * does it with LIMIT and BY. Elements that compare equal come to lie where that algorithm leaves them, so it has to be that
 * one.
 */
type Compare<T> = (left: T, right: T) => number;

/** So few are sorted by insertion. */
const SMALL = 7;
/** From so many on, the pivot is the median of three medians. */
const LARGE = 40;

/** Puts `items` in order, at least those that belong to [start, end). */
export function sortPart<T>(items: T[], compare: Compare<T>, start: number, end: number): void {
  let low = 0;
  let count = items.length;
  for (;;) {
    if (count < SMALL) {
      insertionSort(items, compare, low, low + count);
      return;
    }
    swap(items, low, pivot(items, compare, low, count));
    const { less, more } = partition(items, compare, low, count);
    if (less > 1 && touches(low, less, start, end)) {
      const part = items.slice(low, low + less);
      sortPart(part, compare, start - low, end - low);
      for (const [at, item] of part.entries()) items[low + at] = item;
    }
    low += count - more;
    count = more;
    if (more <= 1 || !touches(low, more, start, end)) return;
  }
}

function touches(low: number, count: number, start: number, end: number): boolean {
  return start < low + count && end > low;
}

function insertionSort<T>(items: T[], compare: Compare<T>, low: number, high: number): void {
  for (let at = low + 1; at < high; at++)
    for (let to = at; to > low && compare(items[to - 1]!, items[to]!) > 0; to--) swap(items, to, to - 1);
}

function pivot<T>(items: T[], compare: Compare<T>, low: number, count: number): number {
  const middle = low + (count >> 1);
  if (count === SMALL) return middle;
  const last = low + count - 1;
  if (count <= LARGE) return median(items, compare, low, middle, last);
  const step = count >> 3;
  return median(
    items,
    compare,
    median(items, compare, low, low + step, low + 2 * step),
    median(items, compare, middle - step, middle, middle + step),
    median(items, compare, last - 2 * step, last - step, last),
  );
}

function median<T>(items: T[], compare: Compare<T>, a: number, b: number, c: number): number {
  const [first, second, third] = [items[a]!, items[b]!, items[c]!];
  if (compare(first, second) < 0) return compare(second, third) < 0 ? b : compare(first, third) < 0 ? c : a;
  return compare(second, third) > 0 ? b : compare(first, third) < 0 ? a : c;
}

/** Around the first item: how many are less at the beginning, and more at the end. Equal ones are gathered at both ends first. */
function partition<T>(items: T[], compare: Compare<T>, low: number, count: number): { less: number; more: number } {
  const end = low + count;
  let equalLow = low + 1;
  let left = low + 1;
  let right = end - 1;
  let equalHigh = end - 1;
  for (;;) {
    while (left <= right) {
      const order = compare(items[left]!, items[low]!);
      if (order > 0) break;
      if (order === 0) swap(items, equalLow++, left);
      left++;
    }
    while (left <= right) {
      const order = compare(items[right]!, items[low]!);
      if (order < 0) break;
      if (order === 0) swap(items, right, equalHigh--);
      right--;
    }
    if (left > right) break;
    swap(items, left++, right--);
  }
  const less = left - equalLow;
  const more = equalHigh - right;
  swapRuns(items, low, left, Math.min(equalLow - low, less));
  swapRuns(items, left, end, Math.min(more, end - equalHigh - 1));
  return { less, more };
}

/** `count` items from `from` on with as many before `end`. */
function swapRuns<T>(items: T[], from: number, end: number, count: number): void {
  for (let at = 0; at < count; at++) swap(items, from + at, end - count + at);
}

function swap<T>(items: T[], a: number, b: number): void {
  const item = items[a]!;
  items[a] = items[b]!;
  items[b] = item;
}
