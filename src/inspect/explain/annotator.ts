/**
 * The pen that walks over bytes and writes spans: a position, the containers that are open, and the budget.
 *
 * A container is written down when its first part is, so nothing is ever left standing without parts. Three things end a
 * walk early: a FormatError, which becomes a span; the budget; and the end of what is held of a value too large to hold.
 * {@link Annotator.within} deals with them, so that the walks themselves read as the format does.
 */
import { FormatError, TruncatedError } from '../../bytes/errors.js';
import { ERROR_LABEL, type OpenSpan, type SpanList } from './spans.js';
import { errorText, sizeText } from './text.js';

/** What a span says: a function where finding out costs something, called only for spans that are kept. */
export type Text = string | (() => string);

/** Where the bytes of an annotator lie. */
export interface Area {
  /** Offset of `bytes[0]`: in the file, or 0 in a decompressed string. */
  readonly base: number;
  readonly inner: boolean;
  /** Depth of the outermost containers. */
  readonly depth: number;
  /** The bytes end before what they are part of does: running out of them is no error. */
  readonly cut: boolean;
  /** Decompressed bytes of a string before the offset that was asked for: they get half of the budget. */
  readonly early: boolean;
}

interface Frame {
  readonly label: string;
  readonly start: number;
  value: Text | undefined;
  span: OpenSpan | undefined;
}

/** Ends the walk: no span fits any more, or no more bytes are held. */
class NoMore extends Error {}

export class Annotator {
  pos: number;
  private readonly frames: Frame[] = [];
  /** Where the bytes begin that are passed over, since they stand far before the target; −1 where none are. */
  private gapStart = -1;

  constructor(
    readonly list: SpanList,
    readonly bytes: Uint8Array,
    start: number,
    public end: number,
    private readonly area: Area,
  ) {
    this.pos = start;
  }

  /** Depth of the next span. */
  get depth(): number {
    return this.area.depth + this.frames.length;
  }

  /** True where the last leaf was passed over: nobody needs what belongs to it. */
  get passing(): boolean {
    return this.gapStart >= 0;
  }

  /** Opens a container at the position. */
  open(label: string, value?: Text): void {
    this.frames.push({ label, start: this.pos, value, span: undefined });
  }

  /** Closes the innermost container; `value` where it is known only now. */
  close(value?: Text): void {
    const frame = this.frames.pop()!;
    if (frame.span === undefined) return;
    frame.span.size = this.pos - frame.start;
    frame.span.bytes = this.bytes.subarray(frame.start, this.pos);
    if (value !== undefined) setValue(frame.span, value);
  }

  /** A container whose parts `walk` writes. */
  group(label: string, walk: () => void, value?: Text): void {
    this.open(label, value);
    walk();
    this.close();
  }

  /** A container that ends at `end`, where `walk` must end too: see {@link within}. */
  bounded(label: string, end: number, walk: () => void, value?: Text): void {
    this.open(label, value);
    this.within(end, walk);
    this.close();
  }

  /** A leaf from the position to `end`, which becomes the position. Nothing for no bytes. */
  leaf(label: string, end: number, value?: Text): void {
    this.need(end, label);
    if (end === this.pos) return;
    if (this.passesOver(end)) {
      this.passOver(end);
      return;
    }
    this.reserve();
    this.settle();
    this.push(label, this.pos, end, this.depth, value);
    this.pos = end;
  }

  /** True where bytes up to `end` are not written down, since they stand far before the target. */
  passesOver(end: number): boolean {
    return !this.area.inner && this.list.passesOver(this.area.base + end);
  }

  /** Throws where the bytes end before `end`. */
  need(end: number, what: string): void {
    if (end <= this.end) return;
    if (this.area.cut && this.end === this.bytes.length) throw new NoMore();
    throw new TruncatedError(`the bytes end inside ${what}`, this.pos);
  }

  /**
   * Runs `walk`, which must end at `end` exactly. Where it breaks on the way the rest up to `end` becomes a span `error`
   * and reading goes on behind it: the bounds of what is broken were known. Where the budget ends the rest becomes
   * `… n more bytes`, and the end is passed on outwards.
   */
  within(end: number, walk: () => void): void {
    if (!this.run(end, end, walk)) throw new NoMore();
  }

  /** The outermost {@link within}, which ends there. The whole reaches to `size`, maybe behind the bytes that are held. */
  whole(size: number, walk: () => void): void {
    this.run(this.end, size, walk);
  }

  /** Inside `within` or `whole`: what is being walked turns out to end at the position. */
  endHere(): void {
    this.end = this.pos;
  }

  /** A span `error` from the position to `end`: no bytes where everything could be read and is wrong all the same. */
  fail(error: FormatError, end = this.pos): void {
    if (this.passesOver(end)) {
      this.passOver(end);
      return;
    }
    this.settle();
    this.push(ERROR_LABEL, this.pos, end, this.depth, errorText(error));
    this.pos = end;
  }

  /** Runs `walk` with an annotator for the bytes that the leaf before stands for. */
  inside(blob: Uint8Array, walk: (inside: Annotator) => void): void {
    const early = this.list.isAhead(this.area.base + this.pos);
    const area = { base: 0, inner: true, depth: this.depth + 1, cut: false, early };
    const inside = new Annotator(this.list, blob, 0, blob.length, area);
    inside.whole(blob.length, () => walk(inside));
  }

  /** False where the walk was ended for want of room or bytes. `restEnd`: where that leaves the rest to end. */
  private run(end: number, restEnd: number, walk: () => void): boolean {
    const outerEnd = this.end;
    const depth = this.frames.length;
    this.end = end;
    try {
      walk();
      if (this.pos < this.end) {
        throw new FormatError('BAD_LENGTH', `${sizeText(this.end - this.pos)} that belong to nothing`, this.pos);
      }
      if (this.end === end) this.rest(restEnd);
      return true;
    } catch (error) {
      if (!(error instanceof FormatError) && !(error instanceof NoMore)) throw error;
      while (this.frames.length > depth) this.close();
      if (error instanceof FormatError) this.fail(error, end);
      this.rest(restEnd);
      return error instanceof FormatError;
    } finally {
      this.end = outerEnd;
    }
  }

  private passOver(end: number): void {
    if (this.gapStart < 0) this.gapStart = this.pos;
    this.pos = end;
  }

  private rest(end: number): void {
    if (end <= this.pos) return;
    this.settle();
    this.push(`… ${end - this.pos} more ${end - this.pos === 1 ? 'byte' : 'bytes'}`, this.pos, end, this.depth);
    this.pos = end;
  }

  /** Makes sure that the next leaf fits, with the containers and the gap that must be written before it. */
  private reserve(): void {
    const pending = this.frames.reduce((count, frame) => count + (frame.span === undefined ? 1 : 0), 0);
    const gaps = this.gapStart < 0 ? 0 : pending + 1;
    if (!this.list.hasRoom(pending + gaps + 1, this.area.early)) throw new NoMore();
  }

  /** Writes the open containers that have not been written, and what was passed over before and inside them. */
  private settle(): void {
    this.frames.forEach((frame, index) => {
      if (frame.span !== undefined) return;
      this.settleGap(frame.start, this.area.depth + index);
      frame.span = this.push(frame.label, frame.start, frame.start, this.area.depth + index, frame.value);
    });
    this.settleGap(this.pos, this.depth);
    this.gapStart = -1;
  }

  private settleGap(to: number, depth: number): void {
    if (this.gapStart < 0 || this.gapStart >= to) return;
    this.push(`… ${sizeText(to - this.gapStart)} passed over`, this.gapStart, to, depth);
    this.gapStart = to;
  }

  private push(label: string, start: number, end: number, depth: number, value?: Text): OpenSpan {
    const { base, inner } = this.area;
    const span: OpenSpan = {
      offset: base + start,
      size: end - start,
      depth,
      label,
      bytes: this.bytes.subarray(start, end),
      inner,
    };
    if (value !== undefined) setValue(span, value);
    this.list.spans.push(span);
    return span;
  }
}

function setValue(span: OpenSpan, value: Text): void {
  span.value = typeof value === 'string' ? value : value();
}
