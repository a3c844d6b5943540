/** Compares values whose elements have an order and no names: lists, and the items of modules. */
import { compareFacts, partDifference } from './compare-elements.js';
import type { DiffSide, PartDifference } from './difference.js';
import { markEdits } from './edit-script.js';
import { type Element, ElementSink, type Fact, isSameState } from './element-sink.js';
import type { ValuePair } from './value-pair.js';

/** Differences per piece that is handed out. */
const PIECE = 1000;

/**
 * What differs, in pieces: the fewest items that were removed and added, where both values can be held (`maxPartBytes`);
 * otherwise items at the same index are compared.
 */
export function* compareSequence(pair: ValuePair): Generator<PartDifference[], void, void> {
  const before = new Sequence(pair, 'before');
  const after = new Sequence(pair, 'after');
  yield* before.load();
  if (before.isWhole) yield* after.load();
  if (!before.isWhole || !after.isWhole) {
    yield* compareByIndex(pair);
    return;
  }
  const facts: PartDifference[] = [];
  compareFacts(before.facts, after.facts, facts);
  yield facts;
  yield* compareWhole(before.items, after.items);
}

function* compareWhole(before: readonly Element[], after: readonly Element[]): Generator<PartDifference[], void, void> {
  const numbers = new Map<string, number>();
  const { removed, added } = markEdits(numbered(before, numbers), numbered(after, numbers));
  let parts: PartDifference[] = [];
  for (let left = 0, right = 0; left < before.length || right < after.length; ) {
    // Runs of removed and added items that stand side by side are items that changed.
    if (removed[left] === 1 && added[right] === 1) {
      parts.push(itemDifference(before[left++], after[right], right++));
    } else if (removed[left] === 1) {
      parts.push(itemDifference(before[left], undefined, left++));
    } else if (added[right] === 1) {
      parts.push(itemDifference(undefined, after[right], right++));
    } else {
      left++;
      right++;
    }
    if (parts.length < PIECE) continue;
    yield parts;
    parts = [];
  }
  yield parts;
}

function numbered(items: readonly Element[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(items, ({ name }) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
}

/** Reads both values side by side. Only what one is ahead of the other is held. */
function* compareByIndex(pair: ValuePair): Generator<PartDifference[], void, void> {
  const before = new Sequence(pair, 'before', Infinity);
  const after = new Sequence(pair, 'after', Infinity);
  let index = 0;
  for (let isFirst = true; ; ) {
    if (before.items.length === 0) before.step();
    if (after.items.length === 0) after.step();
    const parts: PartDifference[] = [];
    if (isFirst && before.items.length > 0 && after.items.length > 0) {
      // Facts stand before the items.
      compareFacts(before.facts, after.facts, parts);
      isFirst = false;
    }
    const isLast = before.isDone && after.isDone;
    const shorter = Math.min(before.items.length, after.items.length);
    const count = isLast ? Math.max(before.items.length, after.items.length) : shorter;
    for (let at = 0; at < count; at++, index++) {
      const old = before.items[at];
      const item = after.items[at];
      if (old === undefined || item === undefined || !isSameState(old.state, item.state)) {
        parts.push(itemDifference(old, item, index));
      }
    }
    before.items.splice(0, count);
    after.items.splice(0, count);
    if (before.isDone && !after.isDone && before.items.length === 0) index = flush(after, false, index, parts);
    if (after.isDone && !before.isDone && after.items.length === 0) index = flush(before, true, index, parts);
    yield parts;
    if (isLast) return;
  }
}

/** The other value has ended: what this one still has was removed or added. */
function flush(sequence: Sequence, isOld: boolean, from: number, parts: PartDifference[]): number {
  let index = from;
  for (const item of sequence.items.splice(0)) {
    parts.push(isOld ? itemDifference(item, undefined, index) : itemDifference(undefined, item, index));
    index++;
  }
  return index;
}

function itemDifference(before: Element | undefined, after: Element | undefined, index: number): PartDifference {
  return { ...partDifference(before, after), path: [String(index)] };
}

/** The items of one value. */
class Sequence {
  readonly items: Element[] = [];
  readonly facts: Fact[] = [];
  /** All of it has been read and is held. */
  isWhole = false;
  isDone = false;
  private bytes = 0;
  private readonly reading: Generator<undefined, void, void>;

  constructor(
    pair: ValuePair,
    side: DiffSide,
    private readonly maxBytes = pair.options.maxPartBytes / 2,
  ) {
    const sink = new ElementSink(pair.type, pair.options, {
      wants: () => true,
      take: (element) => {
        this.items.push(element);
        this.bytes += element.size;
      },
      facts: (facts) => this.facts.push(...facts),
    });
    this.reading = pair.read(side, sink);
  }

  *load(): Generator<PartDifference[], void, void> {
    while (!this.isDone && this.bytes <= this.maxBytes) {
      this.step();
      yield [];
    }
    this.isWhole = this.isDone;
  }

  step(): void {
    if (!this.isDone) this.isDone = this.reading.next().done === true;
  }
}
