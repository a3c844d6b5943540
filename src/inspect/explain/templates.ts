/** Template hashes: values here, field names elsewhere (rdb-format.md §7.11). */
import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import {
  decodeListpackEntry,
  decodeListpackInteger,
  LISTPACK_END,
  LISTPACK_HEADER_SIZE,
} from '../../codecs/listpack.js';
import type { Annotator } from './annotator.js';
import { type EntryRole, listpackWalk } from './listpack.js';
import { annotateLength, annotateString, peekString } from './strings.js';
import { quotedText } from './text.js';

/** Field names of the templates in the file so far, by id. */
export type Templates = ReadonlyMap<number, readonly Uint8Array[]>;

const FORM_LISTPACK = 0;
const FORM_STRINGS = 1;
const FORMS = ['0 (a listpack)', '1 (strings)'];

/** Type 30: a listpack of template id and values. */
export function annotateReferringListpack(ann: Annotator, templates: Templates): void {
  const names = templates.get(templateIdIn(peekString(ann))) ?? [];
  annotateString(ann, 'value', { packed: listpackWalk((index) => valueRole(names, index)) });
}

/** Type 32: a template id, and one string per field. */
export function annotateReferringStrings(ann: Annotator, templates: Templates): void {
  const { pos } = ann;
  const id = annotateLength(ann, 'template id');
  const names = templates.get(id);
  if (names === undefined) throw new FormatError('BAD_TEMPLATE', `no template ${id} in this file`, pos);
  annotateValues(ann, names);
}

/** Type 29: names, and a listpack of an id and values. */
export function annotateNamedListpack(ann: Annotator): void {
  const names = annotateNames(ann);
  annotateString(ann, 'values', { packed: listpackWalk((index) => valueRole(names, index)) });
}

/** Type 31: names, and one string per field. */
export function annotateNamedStrings(ann: Annotator): void {
  annotateValues(ann, annotateNames(ann));
}

function annotateValues(ann: Annotator, names: readonly Uint8Array[]): void {
  for (const name of names) annotateString(ann, `value of ${quotedText(name)}`);
}

function annotateNames(ann: Annotator): Uint8Array[] {
  const { pos } = ann;
  const form = annotateLength(ann, 'form', (value) => FORMS[value] ?? String(value));
  if (form > FORM_STRINGS) throw new FormatError('BAD_TEMPLATE', `${form} is no form of field names`, pos);
  if (form === FORM_LISTPACK) {
    const packed = peekString(ann);
    annotateString(ann, 'names', { packed: listpackWalk(() => ({ name: 'field' })) });
    return listpackNames(packed);
  }
  const names: Uint8Array[] = [];
  const count = annotateLength(ann, 'count');
  for (let index = 0; index < count; index++) {
    names.push(peekString(ann).copy());
    annotateString(ann, `field ${index}`);
  }
  return names;
}

function listpackNames({ bytes, start, end }: Slice): Uint8Array[] {
  const names: Uint8Array[] = [];
  const name = new Slice();
  for (let pos = start + LISTPACK_HEADER_SIZE; pos < end && bytes[pos] !== LISTPACK_END; ) {
    pos = decodeListpackEntry(bytes, pos, end, name);
    names.push(name.copy());
  }
  return names;
}

/** −1 where the listpack does not begin with one. */
function templateIdIn({ bytes, start, end }: Slice): number {
  const id = new Int64();
  try {
    decodeListpackInteger(bytes, start + LISTPACK_HEADER_SIZE, end, id);
    return id.toNumber();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return -1; // The walk over the listpack says what is wrong with it.
  }
}

function valueRole(names: readonly Uint8Array[], index: number): EntryRole {
  if (index === 0) return { name: 'template id' };
  const name = names[index - 1];
  return { name: name === undefined ? 'value' : `value of ${quotedText(name)}` };
}
