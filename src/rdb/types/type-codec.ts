/** What every value type of the format answers: where a value ends, and what it holds. */
import type { ErrorCode } from '../../bytes/errors.js';
import type { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { ValueEncoding, ValueType } from '../model.js';
import type { ValueVisitor } from '../visitor.js';

/** A value's visitor, with the packed form for those who asked for level `blob`. */
export interface ValueSink extends ValueVisitor {
  blob(packed: Slice): void;
}

/**
 * A reader of one value: it yields when the window is short of `cursor.wanted` and is resumed after a refill.
 * Over a complete value it never yields.
 */
export type ValueReading = Generator<undefined, void, void>;

export interface TypeCodec {
  readonly type: ValueType;
  /** For strings the encoding depends on the first byte of the value; this one then stands for `raw`. */
  readonly encoding: ValueEncoding;
  /** The whole value is one string: it can be passed over without being held. */
  readonly oneString: boolean;
  /** Position after the value, looking at bounds only; beyond `end` when the bytes are short. */
  readonly skip: (bytes: Uint8Array, pos: number, end: number) => number;
  readonly read: (cursor: ValueCursor, sink: ValueSink) => ValueReading;
}

/** `perItem` strings for each of a leading count. */
export function skipCounted(bytes: Uint8Array, pos: number, end: number, perItem: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos) * perItem; left > 0; left--) {
    next = skipString(bytes, next, end);
    if (next > end) return next;
  }
  return next;
}

/** Reads one packed structure and hands its elements to `walk`, or the structure itself at level `blob`. */
export function* readPacked(
  cursor: ValueCursor,
  sink: ValueSink,
  walk: (cursor: ValueCursor, packed: Slice, sink: ValueSink) => void,
): ValueReading {
  while (!cursor.string(cursor.packed)) yield;
  if (cursor.level === 'element') walkPacked(cursor, sink, walk);
  else if (cursor.level === 'blob') sink.blob(cursor.packed);
}

/** {@link readPacked} for a structure that has been read already. */
export function walkPacked(
  cursor: ValueCursor,
  sink: ValueSink,
  walk: (cursor: ValueCursor, packed: Slice, sink: ValueSink) => void,
): void {
  try {
    walk(cursor, cursor.packed, sink);
  } catch (error) {
    throw cursor.locate(error, cursor.packed);
  }
}

/** A walk that meets a terminator before the end has lost elements, even where no rule but that one is broken. */
export function checkWalked(cursor: ValueCursor, pos: number, end: number, code: ErrorCode): void {
  if (pos !== end - 1) cursor.fail(code, 'bytes follow its terminator', pos);
}
