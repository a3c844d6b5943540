/** What every value type of the format answers: where a value ends, and what it holds. */
import type { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { ValueEncoding, ValueType } from '../model.js';
import type { ValueVisitor } from '../visitor.js';

/** A value's visitor, with the packed form for those who asked for level `blob`. */
export interface ValueSink extends ValueVisitor {
  /** Of a stream, `nodeKey` is the raw id under which the node stands. */
  blob(packed: Slice, nodeKey?: Slice): void;
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

/** A type whose value is a count and `perItem` strings for each. */
export function countedType(
  type: ValueType,
  encoding: ValueEncoding,
  perItem: number,
  read: TypeCodec['read'],
): TypeCodec {
  return { type, encoding, oneString: false, skip: (bytes, pos, end) => skipCounted(bytes, pos, end, perItem), read };
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
