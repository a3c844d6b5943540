/** Two sinks for one value. */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { StreamState } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';

type LargeSink = LargeRequest['sink'];

/** Each gets everything but packed structures, in turn. */
export class SinkPair implements LargeSink {
  constructor(
    private readonly one: ValueSink,
    private readonly other: ValueSink,
  ) {}

  string(value: Slice): void {
    this.one.string(value);
    this.other.string(value);
  }

  listItem(item: Slice): void {
    this.one.listItem(item);
    this.other.listItem(item);
  }

  setMember(member: Slice): void {
    this.one.setMember(member);
    this.other.setMember(member);
  }

  zsetMember(member: Slice, score: number): void {
    this.one.zsetMember(member, score);
    this.other.zsetMember(member, score);
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    this.one.hashField(field, value, expireAt);
    this.other.hashField(field, value, expireAt);
  }

  streamEntry(id: StreamIdSlot, fieldCount: number): void {
    this.one.streamEntry(id, fieldCount);
    this.other.streamEntry(id, fieldCount);
  }

  streamField(field: Slice, value: Slice): void {
    this.one.streamField(field, value);
    this.other.streamField(field, value);
  }

  streamEntryEnd(): void {
    this.one.streamEntryEnd();
    this.other.streamEntryEnd();
  }

  streamState(state: StreamState): void {
    this.one.streamState(state);
    this.other.streamState(state);
  }

  moduleStart(module: string, version: number): void {
    this.one.moduleStart(module, version);
    this.other.moduleStart(module, version);
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.one.moduleInteger(kind, value);
    this.other.moduleInteger(kind, value);
  }

  moduleNumber(kind: 'float' | 'double', value: number): void {
    this.one.moduleNumber(kind, value);
    this.other.moduleNumber(kind, value);
  }

  moduleString(value: Slice): void {
    this.one.moduleString(value);
    this.other.moduleString(value);
  }

  arrayStart(insertIndex: Int64 | undefined): void {
    this.one.arrayStart(insertIndex);
    this.other.arrayStart(insertIndex);
  }

  arrayElement(index: Int64, value: Slice): void {
    this.one.arrayElement(index, value);
    this.other.arrayElement(index, value);
  }

  pathStart(path: Slice): void {
    this.one.pathStart(path);
    this.other.pathStart(path);
  }

  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    this.one.cronStart(script, start, interval, keys);
    this.other.cronStart(script, start, interval, keys);
  }

  blob(): void {}
  raw(): void {}
}
