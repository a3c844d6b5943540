/** Recognises the software whose keys a data set holds. */
import { compileGlob, type Glob } from '../../bytes/glob.js';
import type { ValueType } from '../../rdb/model.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { KEY_LAYOUTS, type KeyLayout, type KeyLayoutPart } from './key-layouts.js';
import { addFacts, COUNTS, countsAt, KEYS, type PrefixCounts } from './prefix-counts.js';

/** What one layout takes. */
export interface KeyLayoutUse extends PrefixCounts {
  readonly layout: KeyLayout;
  /** Parts with keys, those of one role together, in the order of the layout. */
  readonly roles: readonly KeyRoleUse[];
}

export interface KeyRoleUse extends PrefixCounts {
  readonly role: string;
}

interface CompiledPart {
  readonly layout: number;
  /** Number of its counts. */
  readonly index: number;
  readonly type: ValueType;
  readonly glob: Glob;
  /** Literal bytes that the glob begins with: enough to turn most keys away. */
  readonly head: Uint8Array;
}

export class LayoutCounter {
  /** By the first two bytes of a key: one more than the number of the parts in `buckets` that may fit, or 0. */
  private readonly byHead = new Uint16Array(1 << 16);
  private readonly buckets: CompiledPart[][] = [];
  private readonly parts: { readonly layout: number; readonly part: KeyLayoutPart }[];
  private readonly counts: Float64Array;

  constructor(private readonly layouts: readonly KeyLayout[] = KEY_LAYOUTS) {
    this.parts = layouts.flatMap(({ parts }, layout) => parts.map((part) => ({ layout, part })));
    this.counts = new Float64Array(this.parts.length * COUNTS);
    for (const [index, { layout, part }] of this.parts.entries()) {
      const compiled = { layout, index, type: part.type, glob: compileGlob(part.glob), head: headOf(part.glob) };
      for (const head of headsOf(compiled.head)) this.put(head, compiled);
    }
  }

  key(facts: KeyFacts): void {
    const { bytes, start, end } = facts.key;
    if (end - start < 2) return;
    const bucket = this.byHead[(bytes[start]! << 8) | bytes[start + 1]!]!;
    if (bucket !== 0) this.count(this.buckets[bucket - 1]!, facts);
  }

  /** The layouts that were recognised, the one with the most keys first. */
  report(): KeyLayoutUse[] {
    const proved = new Set(
      this.parts.flatMap(({ layout, part }, index) =>
        part.isProof && this.counts[index * COUNTS + KEYS]! > 0 ? [layout] : [],
      ),
    );
    const names = new Set([...proved].map((index) => this.layouts[index]!.name));
    return [...proved]
      .filter((index) => !names.has(this.layouts[index]!.yieldsTo ?? ''))
      .map((index) => this.use(index))
      .sort((a, b) => b.keys - a.keys);
  }

  private count(bucket: readonly CompiledPart[], facts: KeyFacts): void {
    const { bytes, start, end } = facts.key;
    let counted = -1;
    for (let at = 0; at < bucket.length; at++) {
      const part = bucket[at]!;
      if (part.layout === counted || part.type !== facts.type || !beginsWith(bytes, start, end, part.head)) continue;
      if (!part.glob.matches(bytes, start, end)) continue;
      addFacts(this.counts, part.index * COUNTS, facts);
      counted = part.layout;
    }
  }

  private put(head: number, part: CompiledPart): void {
    const known = this.byHead[head]!;
    if (known > 0) this.buckets[known - 1]!.push(part);
    else this.byHead[head] = this.buckets.push([part]);
  }

  private use(layout: number): KeyLayoutUse {
    const total = new Float64Array(COUNTS);
    const roles = new Map<string, Float64Array>();
    for (const [index, { layout: owner, part }] of this.parts.entries()) {
      if (owner !== layout || this.counts[index * COUNTS + KEYS] === 0) continue;
      const sum = roles.get(part.role) ?? new Float64Array(COUNTS);
      roles.set(part.role, sum);
      for (let at = 0; at < COUNTS; at++) {
        sum[at]! += this.counts[index * COUNTS + at]!;
        total[at]! += this.counts[index * COUNTS + at]!;
      }
    }
    return {
      layout: this.layouts[layout]!,
      ...countsAt(total, 0),
      roles: [...roles].map(([role, counts]) => ({ role, ...countsAt(counts, 0) })),
    };
  }
}

function headOf(glob: string): Uint8Array {
  return new TextEncoder().encode(/^[^*?[\\]*/.exec(glob)![0]);
}

/** The first two bytes that a key may have. */
function headsOf(head: Uint8Array): number[] {
  if (head.length > 1) return [(head[0]! << 8) | head[1]!];
  return Array.from({ length: 256 }, (_, second) => (head[0]! << 8) | second);
}

function beginsWith(bytes: Uint8Array, start: number, end: number, head: Uint8Array): boolean {
  if (end - start < head.length) return false;
  for (let at = 0; at < head.length; at++) if (bytes[start + at] !== head[at]) return false;
  return true;
}
