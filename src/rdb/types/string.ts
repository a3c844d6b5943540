/** Type 0: a string. Integers and LZF are encodings of the RDB string itself (codecs/string.ts). */
import type { Slice } from '../../bytes/slice.js';
import { SLICE_INT, SLICE_LZF } from '../../bytes/slice.js';
import { STR_INT8, STR_LZF, skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { StringValue, ValueEncoding } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

export const STRING: TypeCodec = {
  type: 'string',
  encoding: 'raw',
  oneString: true,
  skip: skipString,
  read: readStringValue,
};

/** How the string whose first byte is `lead` stands in the file. */
export function stringEncoding(lead: number): ValueEncoding {
  return lead < STR_INT8 ? 'raw' : lead === STR_LZF ? 'lzf' : 'int';
}

/** As {@link stringEncoding}, for a string that has been read. */
export function sliceEncoding(slice: Slice): ValueEncoding {
  return slice.form === SLICE_INT ? 'int' : slice.form === SLICE_LZF ? 'lzf' : 'raw';
}

/** Writes a string as the servers do: as an integer, as LZF, or plain. */
export function writeStringValue(to: ValueOutput, value: StringValue): void {
  to.string(value.value);
}

function* readStringValue(cursor: ValueCursor, sink: ValueSink): ValueReading {
  while (!cursor.string(cursor.a)) yield;
  if (cursor.decoding) sink.string(cursor.a);
}
