/** What an explanation consists of, and the list that an annotator fills within its budget. */

/**
 * A range of bytes and what it means.
 *
 * Spans come in reading order, a container directly before its parts, which are one level deeper. A span without parts
 * is a leaf: the leaves that are not `inner` tile the record, without gaps and without overlaps.
 */
export interface Span {
  /** In the file; where `inner`, in the decompressed string that the nearest span before it which is not inner holds. */
  readonly offset: number;
  readonly size: number;
  /** 0 for the parts of the record itself. */
  readonly depth: number;
  /** `type`, `key`, `listpack`, `entry 3`, `encoding`, `data`, `backlen`, `error`, `… 4711 more bytes` … */
  readonly label: string;
  /** What the bytes say, for people: `HASH_LISTPACK (16)`, `"user:1"`, `36`, `2030-01-01T00:00:00.000Z`. */
  readonly value?: string;
  /** The bytes; of the span that stands for the rest of a large value only those that were held. */
  readonly bytes: Uint8Array;
  readonly inner: boolean;
  /** The innermost span that contains the offset that was asked for. */
  readonly hit?: boolean;
}

/** A span under construction: a container learns its size when its last part is known. */
export interface OpenSpan {
  offset: number;
  size: number;
  readonly depth: number;
  readonly label: string;
  value?: string;
  bytes: Uint8Array;
  readonly inner: boolean;
  hit?: boolean;
}

/** Label of a span that says what is wrong. */
export const ERROR_LABEL = 'error';

/** Used where the caller says nothing. */
export const DEFAULT_MAX_SPANS = 2000;

/** How close to the offset that was asked for spans are kept although much stands before it. */
const MAX_CONTEXT_BYTES = 256;

/**
 * Spans in order, up to a budget. Where an offset was asked for, half of the budget is kept for its surroundings: what
 * stands before them is passed over once the other half is used.
 */
export class SpanList {
  readonly spans: OpenSpan[] = [];
  private readonly contextBytes: number;

  constructor(
    private readonly maxSpans: number,
    /** File offset that was asked for. */
    private readonly target: number | undefined,
  ) {
    this.contextBytes = Math.min(MAX_CONTEXT_BYTES, maxSpans >> 3);
  }

  /** True where `count` more spans fit; `early` where they stand before what was asked for. */
  hasRoom(count: number, early: boolean): boolean {
    return this.spans.length + count <= (early ? this.maxSpans >> 1 : this.maxSpans);
  }

  /** True where what was asked for lies behind this file offset. */
  isAhead(offset: number): boolean {
    return this.target !== undefined && this.target >= offset;
  }

  /** True where bytes that end at this file offset are so far before the target that they are passed over. */
  passesOver(endOffset: number): boolean {
    return !this.hasRoom(1, true) && this.isAhead(endOffset + this.contextBytes);
  }

  /** Marks the leaf that contains the target. */
  markHit(): void {
    const { target, spans } = this;
    if (target === undefined) return;
    let hit: OpenSpan | undefined;
    // Containers come before their parts, so the last that contains it is the innermost.
    for (const span of spans) {
      if (!span.inner && span.offset <= target && target < span.offset + span.size) hit = span;
    }
    if (hit !== undefined) hit.hit = true;
  }
}
