/** Listpacks: the header, and of each entry its encoding, data and backlen (codecs/listpack.ts has the layout). */
import { FormatError } from '../../bytes/errors.js';
import { readUint32Le } from '../../bytes/int64.js';
import { LAYOUTS } from '../../bytes/layout.js';
import { SLICE_INT, Slice } from '../../bytes/slice.js';
import {
  checkListpack,
  decodeListpackEntry,
  LISTPACK_END,
  LISTPACK_HEADER_SIZE,
  skipListpackEntry,
} from '../../codecs/listpack.js';
import type { Annotator } from './annotator.js';
import { annotateFixed } from './fixed.js';
import type { PackedWalk } from './strings.js';
import { claimText, quotedText, sizeText } from './text.js';

/** What entry number `index` is for, such as `field`, and how its content reads where not as text or number. */
export interface EntryRole {
  readonly name: string;
  readonly describe?: (content: Slice) => string;
}

export type RoleOf = (index: number) => EntryRole | undefined;

/** Throws FormatError for what is wrong with `bytes[start, end)`. */
export type DeepCheck = (bytes: Uint8Array, start: number, end: number) => unknown;

const COUNT_UNKNOWN = 0xffffn;
const INT_FORMS = ['int16 LE', 'int24 LE', 'int32 LE', 'int64 LE'];
const INT_SIZES = [2, 3, 4, 8];

/** A walk over the entries, each with its role. */
export function listpackWalk(roleOf: RoleOf = () => undefined): PackedWalk {
  return (ann) => {
    annotateListpack(ann, () => {
      for (let index = 0; !atListpackEnd(ann); index++) annotateListpackEntry(ann, index, roleOf(index));
    });
  };
}

/**
 * A listpack from the position to the end: header, what `walk` makes of the entries, terminator. What the deep check
 * has against it becomes a span `error` in the end.
 */
export function annotateListpack(ann: Annotator, walk: () => void, check: DeepCheck = checkListpack): void {
  const { bytes, pos: start, end } = ann;
  const size = end - start;
  if (size < LISTPACK_HEADER_SIZE + 1) throw bad(`too short, ${sizeText(size)}`, start);
  const walkAll = (): void => {
    annotateFixed(ann, LAYOUTS.listpackHeader, {
      totalBytes: (value) => claimText(Number(value), size, `there are ${size}`),
      count: (value) => (value === COUNT_UNKNOWN ? '65535 (unknown: scan)' : String(value)),
    });
    walk();
    ann.leaf('end', ann.pos + 1, 'FF');
    if (ann.pos < end) throw bad('bytes follow its terminator', ann.pos);
    if (!ann.passing) check(bytes, start, end);
  };
  ann.bounded('listpack', end, walkAll, sizeText(size));
}

/** True at the terminator. Throws where the bytes end without one. */
export function atListpackEnd(ann: Annotator): boolean {
  if (ann.pos >= ann.end) throw bad('it ends without its terminator', ann.pos);
  return ann.bytes[ann.pos] === LISTPACK_END;
}

/** The entry at the position. */
export function annotateListpackEntry(ann: Annotator, index: number, role?: EntryRole): void {
  const { bytes, pos, end } = ann;
  const next = skipListpackEntry(bytes, pos, end);
  if (ann.passesOver(next)) {
    ann.leaf('entry', next);
    return;
  }
  const content = new Slice();
  decodeListpackEntry(bytes, pos, end, content);
  const { encoding, headSize, dataSize } = entryForm(bytes, pos);
  const text = contentText(content);
  ann.open(
    role === undefined ? `entry ${index}` : `entry ${index} (${role.name})`,
    () => role?.describe?.(content) ?? text,
  );
  ann.leaf(
    'encoding',
    pos + headSize,
    dataSize === 0 && content.form === SLICE_INT ? `${encoding}: ${text}` : encoding,
  );
  ann.leaf('data', pos + headSize + dataSize, text);
  const size = headSize + dataSize;
  ann.leaf('backlen', next, () =>
    claimText(backlenValue(bytes, pos + size, next), size, `the entry has ${size} bytes`),
  );
  ann.close();
}

/** A string quoted, an integer as it is. */
export function contentText(content: Slice): string {
  const { bytes, start, end, form } = content;
  if (form === SLICE_INT) return String.fromCharCode(...bytes.subarray(start, end));
  return quotedText(bytes, start, end);
}

interface EntryForm {
  readonly encoding: string;
  /** Bytes of the encoding, and of the length or the bits of the number in it. */
  readonly headSize: number;
  readonly dataSize: number;
}

/** Of an entry that has been found to be in bounds. */
function entryForm(bytes: Uint8Array, pos: number): EntryForm {
  const lead = bytes[pos]!;
  if (lead < 0x80) return { encoding: 'uint7', headSize: 1, dataSize: 0 };
  if (lead < 0xc0) return stringForm(1, lead & 0x3f);
  if (lead < 0xe0) return { encoding: 'int13', headSize: 2, dataSize: 0 };
  if (lead < 0xf0) return stringForm(2, ((lead & 0x0f) << 8) | bytes[pos + 1]!);
  if (lead === 0xf0) return stringForm(5, readUint32Le(bytes, pos + 1));
  return { encoding: INT_FORMS[lead - 0xf1]!, headSize: 1, dataSize: INT_SIZES[lead - 0xf1]! };
}

function stringForm(headSize: number, dataSize: number): EntryForm {
  return { encoding: `string of ${sizeText(dataSize)}`, headSize, dataSize };
}

/** Seven bits per byte, most significant first. */
function backlenValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let pos = start; pos < end; pos++) value = value * 128 + (bytes[pos]! & 0x7f);
  return value;
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_LISTPACK', `listpack: ${what}`, pos);
}
