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

import { EncodeError, FormatError } from '../../bytes/errors.js';
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
import { TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { HashField, HashValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { packedType, readPacked } from './packed.js';
import { writeListpack } from './packed-output.js';
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

/**
 * Types 29 and 31, which carry their field names: of DUMP payloads. Fields are put in the order that templates need.
 * Throws EncodeError for a hash without fields, with a field twice, or with a field expiry.
 */
export function writeTemplateHash(to: ValueOutput, value: HashValue, rdbType: 29 | 31): void {
  const fields = inTemplateOrder(value.fields);
  const names = fields.map(({ field }) => field);
  const packs = names.every((name) => name.length <= to.target.settings.hashMaxPackedValue);
  to.length(packs ? FORM_LISTPACK : FORM_STRINGS);
  if (packs) writeListpack(to, names);
  else writeStrings(to, names, names.length);
  const values = fields.map((field) => field.value);
  // The receiver makes a template of its own: the id says nothing.
  if (rdbType === TYPE.HASH_TMPL_LP) writeListpack(to, [decimal(0), ...values]);
  else writeStrings(to, values, undefined);
}

/** Types 30 and 32, of files: `fields` are those of template `id`, in its order, which the file must hold before. */
export function writeTemplateReference(
  to: ValueOutput,
  fields: readonly HashField[],
  rdbType: 30 | 32,
  id: number,
): void {
  checkTemplateFields(fields);
  const values = fields.map((field) => field.value);
  if (rdbType === TYPE.HASH_TMPL_LP_REF) {
    writeListpack(to, [decimal(id), ...values]);
    return;
  }
  to.length(id);
  writeStrings(to, values, undefined);
}

/** A copy in the order of templates: by length of the name, then by its bytes. Throws as {@link writeTemplateHash}. */
export function inTemplateOrder(fields: readonly HashField[]): HashField[] {
  const sorted = [...fields].sort((a, b) => compareNames(a.field, b.field));
  checkTemplateFields(sorted);
  return sorted;
}

/** True where names stand in the order that templates need: by length, then by bytes, none twice. */
export function areTemplateNamesSorted(names: readonly Uint8Array[]): boolean {
  return names.every((name, at) => at === 0 || compareNames(names[at - 1]!, name) < 0);
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

function compareNames(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at < a.length ? a[at]! - b[at]! : 0;
}

function checkTemplateFields(fields: readonly HashField[]): void {
  if (fields.length === 0) throw new EncodeError('no template hash is without fields');
  if (fields.some((field) => field.expireAtMs !== undefined))
    throw new EncodeError('a template hash has no field expiry');
  if (!areTemplateNamesSorted(fields.map(({ field }) => field)))
    throw new EncodeError('the fields of a template hash are out of order, or one is there twice');
}

/** `count` goes first where the reader does not know it. */
function writeStrings(to: ValueOutput, strings: readonly Uint8Array[], count: number | undefined): void {
  if (count !== undefined) to.length(count);
  for (const text of strings) to.string(text);
}

function decimal(value: number): Uint8Array {
  return new TextEncoder().encode(String(value));
}
