/**
 * Types 29–32: template hashes (Redis 8.10), which keep their field names apart from their values.
 *
 *     30  a listpack: template id, value …                   32  len id, value strings      (files: names from opcode F2)
 *     29  names, a listpack as in 30 (id ignored)            31  names, value strings       (DUMP: names inside)
 *     names = len form; form 0: a listpack of names, form 1: len count, count × string
 *
 * Worked example of type 31: `01 02 06"field1" 06"field2" C001 C002` is {field1: 1, field2: 2} (rdb-format.md §7.11).
 * The layout rests on upstream tests, not on the serializer's source.
 */

import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import {
  checkListpack,
  decodeListpackEntry,
  decodeListpackInteger,
  isListpackInteger,
  LISTPACK_HEADER_SIZE,
} from '../../codecs/listpack.js';
import { readString, skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import { packedType, readPacked } from './packed.js';
import { skipCounted, type TypeCodec, type ValueReading, type ValueSink } from './type-codec.js';

const FORM_LISTPACK = 0;
const FORM_STRINGS = 1;

export const HASH_TMPL_LP_REF = packedType('hash', 'listpack', walkReferringValues);

export const HASH_TMPL_LP: TypeCodec = {
  type: 'hash',
  encoding: 'listpack',
  oneString: false,
  skip: (bytes, pos, end) => skipThen(bytes, skipNames(bytes, pos, end), end),
  read: readNamedListpack,
};

/** Its number of values is that of the template, which only a reader of the whole file knows: see {@link skipTemplateArrayRef}. */
export const HASH_TMPL_ARRAY: TypeCodec = {
  type: 'hash',
  encoding: 'hashtable',
  oneString: false,
  skip: skipNamedStrings,
  read: readNamedStrings,
};

/** Type 32 for a file whose templates are `templates`. */
export function templateArrayRef(templates: ReadonlyMap<number, readonly Uint8Array[]>): TypeCodec {
  return {
    type: 'hash',
    encoding: 'hashtable',
    oneString: false,
    skip: (bytes, pos, end) => skipTemplateArrayRef(bytes, pos, end, templates),
    read: readReferringStrings,
  };
}

/** True where names stand in the order that templates need: by length, then by bytes, none twice. */
export function areTemplateNamesSorted(names: readonly Uint8Array[]): boolean {
  for (let i = 1; i < names.length; i++) {
    const before = names[i - 1]!;
    const name = names[i]!;
    let at = 0;
    while (at < name.length && before[at] === name[at]) at++;
    if (
      before.length > name.length ||
      (before.length === name.length && !(at < name.length && before[at]! < name[at]!))
    )
      return false;
  }
  return true;
}

function skipThen(bytes: Uint8Array, pos: number, end: number): number {
  return pos > end ? pos : skipString(bytes, pos, end);
}

function skipTemplateArrayRef(
  bytes: Uint8Array,
  pos: number,
  end: number,
  templates: ReadonlyMap<number, readonly Uint8Array[]>,
): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  const names = templates.get(decodeLength(bytes, pos));
  if (names === undefined)
    throw new FormatError('BAD_TEMPLATE', `no template ${decodeLength(bytes, pos)} in this file`, pos);
  for (let left = names.length; left > 0 && next <= end; left--) next = skipString(bytes, next, end);
  return next;
}

function* readReferringStrings(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let id = cursor.length();
  for (; id < 0; id = cursor.length()) yield;
  yield* readValues(cursor, sink, templateNames(cursor, id));
}

function* readNamedStrings(cursor: ValueCursor, sink: ValueSink): ValueReading {
  const names = yield* readNames(cursor);
  yield* readValues(cursor, sink, names);
}

function* readValues(cursor: ValueCursor, sink: ValueSink, names: readonly Uint8Array[]): ValueReading {
  for (const name of names) {
    while (!cursor.string(cursor.b)) yield;
    if (!cursor.decoding) continue;
    cursor.a.set(name, 0, name.length);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
}

function* readNamedListpack(cursor: ValueCursor, sink: ValueSink): ValueReading {
  const names = yield* readNames(cursor);
  yield* readPacked(cursor, sink, (inner, packed, to) => walkValues(inner, packed, to, names));
}

function walkReferringValues(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  walkValues(cursor, packed, sink, undefined);
}

const templateId = new Int64();

/** `names` undefined: the first entry names the template. */
function walkValues(
  cursor: ValueCursor,
  packed: Slice,
  sink: ValueSink,
  names: readonly Uint8Array[] | undefined,
): void {
  const { bytes, start, end } = packed;
  const count = checkListpack(bytes, start, end);
  let pos = start + LISTPACK_HEADER_SIZE;
  if (bytes[pos] === 0xff || !isListpackInteger(bytes, pos))
    cursor.fail('BAD_TEMPLATE', 'values that do not begin with a template id', pos);
  pos = decodeListpackInteger(bytes, pos, end, templateId);
  const fields = names ?? templateNames(cursor, templateId.toNumber());
  if (count !== fields.length + 1) cursor.fail('BAD_TEMPLATE', `${count - 1} values for ${fields.length} fields`, pos);
  for (const name of fields) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.b);
    cursor.a.set(name, 0, name.length);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
}

function templateNames(cursor: ValueCursor, id: number): readonly Uint8Array[] {
  return cursor.context.templates.get(id) ?? cursor.fail('BAD_TEMPLATE', `no template ${id} in this file`);
}

/** The names of types 29 and 31: read whole, they head the value and are few. Decoded at every level, since they count the values. */
function* readNames(cursor: ValueCursor): Generator<undefined, Uint8Array[], void> {
  let end = skipNames(cursor.bytes, cursor.pos, cursor.end);
  while (end > cursor.end) {
    cursor.wanted = end;
    yield;
    end = skipNames(cursor.bytes, cursor.pos, cursor.end);
  }
  cursor.hold(end - cursor.pos);
  const names = decodeNames(cursor.bytes, cursor.pos, end, cursor.context.limits.maxBlobBytes);
  if (names.length === 0 || !areTemplateNamesSorted(names))
    cursor.fail('BAD_TEMPLATE', 'field names that are missing or out of order');
  cursor.pos = end;
  return names;
}

function skipNames(bytes: Uint8Array, pos: number, end: number): number {
  const next = skipLength(bytes, pos, end);
  if (next > end) return next;
  const form = decodeLength(bytes, pos);
  if (form > FORM_STRINGS) throw new FormatError('BAD_TEMPLATE', `${form} is no form of field names`, pos);
  return form === FORM_LISTPACK ? skipString(bytes, next, end) : skipCounted(bytes, next, end, 1);
}

function decodeNames(bytes: Uint8Array, pos: number, end: number, maxBytes: number): Uint8Array[] {
  const slice = new Slice();
  const names: Uint8Array[] = [];
  let next = skipLength(bytes, pos, end);
  if (decodeLength(bytes, pos) === FORM_STRINGS) {
    const count = decodeLength(bytes, next);
    next = skipLength(bytes, next, end);
    for (let i = 0; i < count; i++) {
      next = readString(bytes, next, end, slice, maxBytes);
      names.push(slice.copy());
    }
    return names;
  }
  const packed = new Slice();
  readString(bytes, next, end, packed, maxBytes);
  checkListpack(packed.bytes, packed.start, packed.end);
  for (let at = packed.start + LISTPACK_HEADER_SIZE; packed.bytes[at] !== 0xff; ) {
    at = decodeListpackEntry(packed.bytes, at, packed.end, slice);
    names.push(slice.copy());
  }
  return names;
}

function skipNamedStrings(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipNames(bytes, pos, end);
  if (next > end) return next;
  // The names say how many values follow; DUMP payloads are short, so decoding them here costs little.
  for (let left = decodeNames(bytes, pos, next, Infinity).length; left > 0 && next <= end; left--)
    next = skipString(bytes, next, end);
  return next;
}
