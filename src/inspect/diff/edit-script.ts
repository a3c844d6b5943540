/** Which items of two sequences differ: the fewest removals and additions, where that can be found with bounded work. */

/** One byte per item, 1 where it was removed from the first or added to the second. */
export interface EditMarks {
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
}

/** Edits that are looked for, at the most: their trace takes 16 MB. */
const MAX_EDITS = 2000;
/** Comparisons, at the most. */
const MAX_STEPS = 50_000_000;

/**
 * Equal numbers stand for equal items. Where more than some thousand edits lie between the two, items at the same
 * distance from the first difference are held against each other.
 */
export function markEdits(before: Int32Array, after: Int32Array): EditMarks {
  const marks = { removed: new Uint8Array(before.length), added: new Uint8Array(after.length) };
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const left = before.subarray(head, before.length - tail);
  const right = after.subarray(head, after.length - tail);
  const removed = marks.removed.subarray(head);
  const added = marks.added.subarray(head);
  if (!markFewest(left, right, removed, added)) markByPosition(left, right, removed, added);
  return marks;
}

/** The greedy algorithm of Myers (1986): the furthest point that `edits` edits reach on each diagonal, for 0, 1, 2 … */
function markFewest(left: Int32Array, right: Int32Array, removed: Uint8Array, added: Uint8Array): boolean {
  const most = Math.min(left.length + right.length, MAX_EDITS);
  const furthest = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const trace: Int32Array[] = [];
  let steps = 0;
  for (let edits = 0; edits <= most && steps < MAX_STEPS; edits++) {
    trace.push(furthest.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = middle + diagonal;
      const isAddition = diagonal === -edits || (diagonal !== edits && furthest[at - 1]! < furthest[at + 1]!);
      let x = isAddition ? furthest[at + 1]! : furthest[at - 1]! + 1;
      const start = x;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x++;
      steps += x - start + 1;
      furthest[at] = x;
      if (x < left.length || x - diagonal < right.length) continue;
      backtrack(trace, x, x - diagonal, removed, added);
      return true;
    }
  }
  return false;
}

function backtrack(
  trace: readonly Int32Array[],
  endX: number,
  endY: number,
  removed: Uint8Array,
  added: Uint8Array,
): void {
  let x = endX;
  let y = endY;
  for (let edits = trace.length - 1; edits > 0; edits--) {
    // What `edits - 1` edits had reached; diagonal d stands at d + edits + 1.
    const furthest = trace[edits]!;
    const diagonal = x - y;
    const at = diagonal + edits + 1;
    const isAddition = diagonal === -edits || (diagonal !== edits && furthest[at - 1]! < furthest[at + 1]!);
    x = isAddition ? furthest[at + 1]! : furthest[at - 1]!;
    y = x - (isAddition ? diagonal + 1 : diagonal - 1);
    if (isAddition) added[y] = 1;
    else removed[x] = 1;
  }
}

function markByPosition(left: Int32Array, right: Int32Array, removed: Uint8Array, added: Uint8Array): void {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at++) {
    if (left[at] === right[at]) continue;
    removed[at] = 1;
    added[at] = 1;
  }
  removed.fill(1, shorter, left.length);
  added.fill(1, shorter, right.length);
}
