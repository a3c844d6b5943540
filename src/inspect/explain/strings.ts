/** The RDB primitives: lengths, strings in their four forms, numbers and times of fixed size. */
import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { DEFAULT_LIMITS } from '../../bytes/limits.js';
import { Slice } from '../../bytes/slice.js';
import { decodeDoubleLe } from '../../codecs/double.js';
import { decodeLength, decodeLength64, skipLength } from '../../codecs/length.js';
import { StreamIdSlot } from '../../codecs/stream-id.js';
import { readString, STR_INT8, STR_LZF, skipString } from '../../codecs/string.js';
import type { Annotator } from './annotator.js';
import { idText, numberText, quotedText, sizeText, timeOrNone, timeText } from './text.js';

/** Walks over the packed structure that a string holds, from the annotator's position to its end. */
export type PackedWalk = (packed: Annotator) => void;

export interface StringOptions {
  /** The string is a packed structure. */
  readonly packed?: PackedWalk | undefined;
  /** What the string says, where its quoted text would say less. Throws nothing. */
  readonly describe?: (content: Slice) => string;
}

const INT_FORMS = ['int8', 'int16 LE', 'int32 LE'];

/** A plain length. Returns its value. */
export function annotateLength(ann: Annotator, label: string, describe?: (value: number) => string): number {
  ann.need(skipLength(ann.bytes, ann.pos, ann.end), label);
  const value = decodeLength(ann.bytes, ann.pos);
  ann.leaf(label, skipLength(ann.bytes, ann.pos, ann.end), () => describe?.(value) ?? String(value));
  return value;
}

/** A length whose 64 bits are data; `describe` in place of the unsigned decimal. */
export function annotateLength64(ann: Annotator, label: string, describe?: (value: Int64) => string): Int64 {
  const next = skipLength(ann.bytes, ann.pos, ann.end);
  ann.need(next, label);
  const value = new Int64();
  decodeLength64(ann.bytes, ann.pos, value);
  ann.leaf(label, next, () => describe?.(value) ?? String(value.unsigned()));
  return value;
}

/** Two lengths that make a stream id. */
export function annotateLengthId(ann: Annotator, label: string): void {
  ann.open(label);
  const id = new StreamIdSlot();
  id.ms.copyFrom(annotateLength64(ann, 'ms'));
  id.seq.copyFrom(annotateLength64(ann, 'seq'));
  ann.close(() => idText(id));
}

/** A raw stream id: 16 bytes. */
export function annotateRawId(ann: Annotator, label: string): void {
  const id = new StreamIdSlot();
  ann.leaf(label, ann.pos + 16, () => {
    id.setRaw(ann.bytes, ann.pos);
    return idText(id);
  });
}

/** Eight bytes, little endian: Unix ms, where −1 may stand for `none`. */
export function annotateTime(ann: Annotator, label: string, none?: string): void {
  ann.leaf(label, ann.pos + 8, () => {
    const value = int64At(ann);
    return none === undefined ? timeText(value) : timeOrNone(value, none);
  });
}

/** Eight bytes, little endian: a signed number. */
export function annotateInt64(ann: Annotator, label: string, unit = ''): void {
  ann.leaf(label, ann.pos + 8, () => `${int64At(ann).signed()}${unit}`);
}

/** Eight bytes: a double. */
export function annotateDouble(ann: Annotator, label: string): void {
  ann.leaf(label, ann.pos + 8, () => numberText(decodeDoubleLe(ann.bytes, ann.pos)));
}

/** A string: `length` and `data`, or `encoding` and what belongs to it, in a container with this label. */
export function annotateString(ann: Annotator, label: string, options: StringOptions = {}): void {
  const { bytes, pos } = ann;
  ann.need(pos + 1, label);
  const next = skipString(bytes, pos, ann.end);
  if (next <= ann.end && ann.passesOver(next)) {
    ann.leaf(label, next);
    return;
  }
  const lead = bytes[pos]!;
  const read = decodedOnce(ann, pos, next);
  ann.open(
    label,
    options.packed === undefined && next <= ann.end ? () => contentText(read(), lead, options) : undefined,
  );
  if (lead < STR_INT8) annotatePlain(ann, next, options);
  else if (lead < STR_LZF) annotateInteger(ann, next, lead, read, options);
  else annotateCompressed(ann, next, read, options);
  ann.close();
}

/** The string at the position as its own bytes; what annotates it comes after. */
export function peekString(ann: Annotator): Slice {
  const slice = new Slice();
  const next = readString(ann.bytes, ann.pos, ann.end, slice, DEFAULT_LIMITS.maxBlobBytes);
  ann.need(next, 'a string');
  return slice;
}

function annotatePlain(ann: Annotator, next: number, options: StringOptions): void {
  const start = skipLength(ann.bytes, ann.pos, ann.end);
  ann.leaf('length', start, () => String(next - start));
  ann.need(next, 'a string');
  const { packed } = options;
  if (packed !== undefined) ann.within(next, () => packed(ann));
  else ann.leaf('data', next, () => quotedText(ann.bytes, start, next));
}

function annotateInteger(ann: Annotator, next: number, lead: number, read: Read, options: StringOptions): void {
  ann.leaf('encoding', ann.pos + 1, INT_FORMS[lead & 3]);
  ann.leaf('data', next, () => contentText(read(), lead, {}));
  if (options.packed !== undefined) annotateInside(ann, read, options);
}

function annotateCompressed(ann: Annotator, next: number, read: Read, options: StringOptions): void {
  ann.leaf('encoding', ann.pos + 1, 'LZF');
  const clen = annotateLength(ann, 'compressed length');
  const ulen = annotateLength(ann, 'length');
  ann.need(next, 'a string');
  ann.leaf('data', next, () => `${sizeText(clen)} that decompress to ${ulen}`);
  annotateInside(ann, read, options);
}

type Read = () => Slice | FormatError;

/** The bytes that the leaf before stands for. */
function annotateInside(ann: Annotator, read: Read, options: StringOptions): void {
  if (ann.passing) return;
  const content = read();
  if (content instanceof FormatError) {
    ann.fail(content);
    return;
  }
  const { packed } = options;
  ann.inside(content.bytes.subarray(content.start, content.end), (inside) => {
    if (packed !== undefined) packed(inside);
    else inside.leaf('decompressed', inside.end, () => quotedText(inside.bytes));
  });
}

/** Decompresses at most once, and not before somebody wants to know. */
function decodedOnce(ann: Annotator, pos: number, next: number): Read {
  let content: Slice | FormatError | undefined;
  return () => {
    if (content === undefined) {
      const slice = new Slice();
      try {
        readString(ann.bytes, pos, next, slice, DEFAULT_LIMITS.maxBlobBytes);
        content = slice;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        content = error;
      }
    }
    return content;
  };
}

function contentText(content: Slice | FormatError, lead: number, { describe }: StringOptions): string {
  if (content instanceof FormatError) return '';
  if (describe !== undefined) return describe(content);
  const isInteger = lead >= STR_INT8 && lead < STR_LZF;
  return isInteger ? plainText(content) : quotedText(content.bytes, content.start, content.end);
}

/** The decimal text of an integer. */
function plainText({ bytes, start, end }: Slice): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function int64At(ann: Annotator): Int64 {
  const value = new Int64();
  value.setLe(ann.bytes, ann.pos);
  return value;
}
