/** Elements to rows: each element of a key becomes a row of the table of its type. */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { formatStreamId, MAX_STREAM_ID_TEXT, type StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamState, ValueType } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import { isText, NameText } from './name-text.js';
import { MAX_TIME_MS, type TableName } from './schema.js';
import type { TableSink } from './table-sink.js';

/** The table that holds the elements of a type. */
const TABLE_OF: Partial<Record<ValueType, TableName>> = {
  string: 'strings',
  list: 'list_items',
  set: 'set_members',
  zset: 'zset_members',
  hash: 'hash_fields',
  stream: 'stream_entries',
};

export type TableSinks = Partial<Record<TableName, TableSink>>;

/** Undefined for a type whose elements have no table. */
export function tableOf(type: ValueType): TableName | undefined {
  return TABLE_OF[type];
}

/** A sink of values, for keys whose type has a table that is wanted: {@link ElementRows.begin}, then the value. */
export class ElementRows implements ValueSink {
  /** Elements of the key so far, as LLEN and its kin count. */
  count = 0;
  private db = 0;
  private keyName!: NameText;
  private table!: TableSink;
  private readonly name = new NameText();
  private readonly id = new Uint8Array(MAX_STREAM_ID_TEXT);
  private idEnd = 0;
  private idMs = 0;
  private idSeq = 0;
  private fieldIndex = 0;

  /** `key` must stay as it is until the value has been read. */
  begin(db: number, key: NameText, table: TableSink): void {
    this.db = db;
    this.keyName = key;
    this.table = table;
    this.count = 0;
  }

  string(value: Slice): void {
    this.startRow();
    this.value(value);
  }

  listItem(item: Slice): void {
    const index = this.count;
    const table = this.startRow();
    table.int(index);
    this.value(item);
  }

  setMember(member: Slice): void {
    const { name } = this;
    const table = this.startRow();
    name.set(member);
    table.text(name.bytes, name.start, name.end);
    this.nameBytes(member);
    table.endRow();
  }

  zsetMember(member: Slice, score: number): void {
    const { name } = this;
    const table = this.startRow();
    name.set(member);
    table.text(name.bytes, name.start, name.end);
    table.double(score);
    this.nameBytes(member);
    table.endRow();
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { name } = this;
    const table = this.startRow();
    name.set(field);
    table.text(name.bytes, name.start, name.end);
    const isValid = this.textOrNull(value);
    writeTime(table, expireAt);
    this.nameBytes(field);
    this.bytesUnless(isValid, value);
    table.endRow();
  }

  streamEntry(id: StreamIdSlot): void {
    this.idEnd = formatStreamId(id, this.id, 0);
    this.idMs = halfOf(id.ms);
    this.idSeq = halfOf(id.seq);
    this.fieldIndex = 0;
  }

  streamField(field: Slice, value: Slice): void {
    const { name } = this;
    const table = this.startRow();
    name.set(field);
    table.text(this.id, 0, this.idEnd);
    table.int(this.idMs);
    table.int(this.idSeq);
    table.int(this.fieldIndex++);
    table.text(name.bytes, name.start, name.end);
    const isValid = this.textOrNull(value);
    this.nameBytes(field);
    this.bytesUnless(isValid, value);
    table.endRow();
  }

  streamState(state: StreamState): void {
    this.count = state.length;
  }

  streamEntryEnd(): void {}
  moduleStart(): void {}
  moduleInteger(): void {}
  moduleNumber(): void {}
  moduleString(): void {}
  arrayStart(): void {}
  arrayElement(): void {}
  pathStart(): void {}
  cronStart(): void {}
  blob(_packed: Slice): void {}
  raw(_chunk: Slice): void {}

  private startRow(): TableSink {
    const { table } = this;
    this.count++;
    table.int(this.db);
    table.key(this.keyName);
    return table;
  }

  /** The columns `value` and `value_bytes`, which end a row. */
  private value(value: Slice): void {
    this.bytesUnless(this.textOrNull(value), value);
    this.table.endRow();
  }

  private textOrNull({ bytes, start, end }: Slice): boolean {
    const isValid = isText(bytes, start, end);
    if (isValid) this.table.text(bytes, start, end);
    else this.table.null();
    return isValid;
  }

  private nameBytes(name: Slice): void {
    this.bytesUnless(this.name.isExact, name);
  }

  private bytesUnless(isValid: boolean, { bytes, start, end }: Slice): void {
    if (isValid) this.table.null();
    else this.table.bytes(bytes, start, end);
  }
}

/** An instant, kept within ±MAX_TIME_MS; null for undefined. */
export function writeTime(table: TableSink, time: Int64 | undefined): void {
  if (time === undefined) table.null();
  else table.time(Math.max(-MAX_TIME_MS, Math.min(MAX_TIME_MS, time.toNumber())));
}

/** Half of a stream's id, which is unsigned. */
function halfOf(half: Int64): number {
  return half.isSafe() && half.hi >= 0 ? half.toNumber() : Number.MAX_SAFE_INTEGER;
}
