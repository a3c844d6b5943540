/**
 * What the writers of all value types share: they are sinks of a value's reader, and each handles the callbacks of its
 * own type only.
 */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamState } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import type { JsonWriter } from './json-writer.js';

/**
 * How a value is written (ndjson.md):
 *
 * - `object`: as it should be; a hash as an object
 * - `pairs`: a hash whose names cannot be those of an object, as `{"$pairs":…}`
 * - `large`: a value in the middle of its streaming. Nothing is looked for, sorted or held, nothing can be taken back
 */
export type ValueForm = 'object' | 'pairs' | 'large';

export abstract class ValueWriter implements ValueSink {
  constructor(protected readonly out: JsonWriter) {}

  /** Before the value. `elements` is a guess at how many there will be. */
  abstract begin(form: ValueForm, elements: number): void;

  /**
   * After the value: also writes the members of the key's object that follow it.
   * False where form `object` does not do: the caller takes everything back and has the value read again as `pairs`.
   */
  abstract end(): boolean;

  string(_value: Slice): void {}
  listItem(_item: Slice): void {}
  setMember(_member: Slice): void {}
  zsetMember(_member: Slice, _score: number): void {}
  hashField(_field: Slice, _value: Slice, _expireAt: Int64 | undefined): void {}
  streamEntry(_id: StreamIdSlot, _fieldCount: number): void {}
  streamField(_field: Slice, _value: Slice): void {}
  streamEntryEnd(): void {}
  streamState(_state: StreamState): void {}
  moduleStart(_module: string, _version: number): void {}
  moduleInteger(_kind: 'sint' | 'uint', _value: Int64): void {}
  moduleNumber(_kind: 'float' | 'double', _value: number): void {}
  moduleString(_value: Slice): void {}
  arrayStart(_insertIndex: Int64 | undefined): void {}
  arrayElement(_index: Int64, _value: Slice): void {}
  pathStart(_path: Slice): void {}
  cronStart(_script: Slice, _start: Int64, _interval: Int64, _keys: number): void {}
  blob(_packed: Slice): void {}
  raw(_chunk: Slice): void {}
}
