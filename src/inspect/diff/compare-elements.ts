/** Compares values whose elements have names: members, fields, entries, array elements. Their order does not count. */
import { LimitError } from '../../bytes/errors.js';
import { BUCKETS } from '../../rdb/keyed-hash.js';
import type { PartDifference } from './difference.js';
import { type Element, ElementSink, type Fact, isSameState } from './element-sink.js';
import type { ValuePair } from './value-pair.js';

/** Differences per piece that is handed out. */
const PIECE = 1000;
/** No byte looks like this. */
const REPEATED = '\u0101';

/**
 * What differs, in pieces. In one pass the elements of the first value are held and those of the second looked up; where
 * they take more than `maxPartBytes`, each pass compares one share of the names.
 */
export function* compareElements(pair: ValuePair): Generator<PartDifference[], void, void> {
  let from = 0;
  let to = BUCKETS;
  for (let isFirst = true; from < BUCKETS; isFirst = false) {
    const held = new HeldElements(from, Math.min(to, BUCKETS), pair.options.maxPartBytes);
    const facts: Fact[] = [];
    yield* readAll(pair, 'before', {
      wants: (bucket) => held.covers(bucket),
      take: (element) => held.add(element),
      facts: (found) => facts.push(...found),
    });
    let parts: PartDifference[] = [];
    const sink = new ElementSink(pair.type, pair.options, {
      wants: (bucket) => held.covers(bucket),
      take: (element) => held.compare(element, parts),
      facts: (found) => {
        if (isFirst) compareFacts(facts, found, parts);
      },
    });
    for (const _ of pair.read('after', sink)) {
      yield parts;
      parts = [];
    }
    yield parts;
    yield* held.rest();
    from = held.to;
    to = held.to + (held.to - held.from);
  }
}

/** What stands in both, and what in one of them only; in the order of the second, then what it lacks. */
export function compareFacts(before: readonly Fact[], after: readonly Fact[], parts: PartDifference[]): void {
  const name = ({ what, path }: Fact): string => `${what} ${path.join('\u0100')}`;
  const old = new Map(before.map((fact) => [name(fact), fact]));
  for (const fact of after) {
    const match = old.get(name(fact));
    old.delete(name(fact));
    if (match === undefined || !isSameState(match.state, fact.state)) parts.push(partDifference(match, fact));
  }
  for (const fact of old.values()) parts.push(partDifference(fact, undefined));
}

/** One of the two must be there. */
export function partDifference(before: Fact | undefined, after: Fact | undefined): PartDifference {
  const { what, path } = (after ?? before)!;
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return { kind: 'part', change, what, path, before: before?.state, after: after?.state };
}

function* readAll(
  pair: ValuePair,
  side: 'before' | 'after',
  taker: ConstructorParameters<typeof ElementSink>[2],
): Generator<PartDifference[], void, void> {
  for (const _ of pair.read(side, new ElementSink(pair.type, pair.options, taker))) yield [];
}

/** The elements of one value, by name, as far as their buckets are covered. */
class HeldElements {
  private readonly byName = new Map<string, Element>();
  private bytes = 0;
  /** How often an element came again, at the most. */
  private repeats = 0;

  constructor(
    readonly from: number,
    public to: number,
    private readonly maxBytes: number,
  ) {}

  covers(bucket: number): boolean {
    return bucket >= this.from && bucket < this.to;
  }

  add(element: Element): void {
    let { name } = element;
    // Servers refuse an element that occurs twice; here it is one more.
    for (let times = 1; this.byName.has(name); times++) {
      name += REPEATED;
      this.repeats = Math.max(this.repeats, times);
    }
    this.byName.set(name, element);
    this.bytes += element.size;
    if (this.bytes > this.maxBytes) this.narrow();
  }

  /** Holds an element of the other value against the one of the same name. */
  compare(element: Element, parts: PartDifference[]): void {
    const { name, old } = this.find(element.name);
    if (old === undefined) {
      parts.push(partDifference(undefined, element));
      return;
    }
    this.byName.delete(name);
    if (!isSameState(old.state, element.state)) parts.push(partDifference(old, element));
  }

  /** What the other value lacks. */
  *rest(): Generator<PartDifference[], void, void> {
    let parts: PartDifference[] = [];
    for (const element of this.byName.values()) {
      parts.push(partDifference(element, undefined));
      if (parts.length < PIECE) continue;
      yield parts;
      parts = [];
    }
    yield parts;
  }

  private find(wanted: string): { name: string; old: Element | undefined } {
    let name = wanted;
    for (let times = 0; times < this.repeats && !this.byName.has(name); times++) name += REPEATED;
    return { name, old: this.byName.get(name) };
  }

  private narrow(): void {
    const width = this.to - this.from;
    if (width === 1) {
      if (this.bytes <= 2 * this.maxBytes) return;
      throw new LimitError('LIMIT_MEMORY', `the parts of one value take more than ${this.maxBytes} bytes`, 0);
    }
    this.to = this.from + Math.ceil(width / 2);
    for (const [name, element] of this.byName) {
      if (this.covers(element.bucket)) continue;
      this.byName.delete(name);
      this.bytes -= element.size;
    }
  }
}
