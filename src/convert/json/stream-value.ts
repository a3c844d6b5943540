/**
 * Streams: the entries as they come, then everything else that the version of the file records (ndjson.md).
 *
 *     {"entries":[{"id":"1-0","fields":[bytes,bytes,…]},…],"length":n,"lastId":"1-0",
 *      "firstId":"1-0","maxDeletedId":"0-0","entriesAdded":n,                            versions 2 and later
 *      "groups":[{"name":bytes,"lastId":"1-0","entriesRead":n or null,                   versions 2 and later
 *        "pending":[{"id":"1-0","consumer":bytes or null,"deliveredAt":ms,"deliveries":n},…],
 *        "consumers":[{"name":bytes,"seenAt":ms,"activeAt":ms or null},…],               activeAt: versions 3 and later
 *        "nacked":["1-0",…]},…],                                                         version 5
 *      "idmp":{"duration":seconds,"maxEntries":n,                                        versions 4 and later
 *        "producers":[{"id":bytes,"entries":[{"iid":bytes,"id":"1-0"},…]},…],"added":n,"duplicates":n}}
 *
 * Null: `entriesRead` that the server did not know, `activeAt` of a consumer that never was, the consumer of an entry
 * that nobody owns.
 */
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamConsumer, StreamGroup, StreamId, StreamIdmp, StreamPending, StreamState } from '../../rdb/model.js';
import type { JsonWriter } from './json-writer.js';
import { literal } from './literal.js';
import { ValueWriter } from './value-writer.js';

const ENTRIES = literal('{"entries":[');
const FIRST_ENTRY = literal('{"id":');
const NEXT_ENTRY = literal(',{"id":');
const FIELDS = literal(',"fields":[');
const ENTRY_END = literal(']}');

const COMMA = 0x2c;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

export class StreamWriter extends ValueWriter {
  private entries = 0;
  private fields = 0;

  begin(): void {
    this.entries = 0;
    this.out.literal(ENTRIES);
  }

  override streamEntry(id: StreamIdSlot): void {
    const { out } = this;
    out.literal(this.entries++ === 0 ? FIRST_ENTRY : NEXT_ENTRY);
    out.streamId(id);
    out.literal(FIELDS);
    this.fields = 0;
  }

  override streamField(field: Slice, value: Slice): void {
    const { out } = this;
    if (this.fields++ > 0) out.byte(COMMA);
    out.slice(field);
    out.byte(COMMA);
    out.slice(value);
  }

  override streamEntryEnd(): void {
    this.out.literal(ENTRY_END);
  }

  override streamState(state: StreamState): void {
    const { out } = this;
    out.byte(CLOSE_ARRAY);
    out.ascii(',"length":');
    out.count(state.length);
    writeId(out, ',"lastId":', state.lastId);
    if (state.firstId !== undefined) writeId(out, ',"firstId":', state.firstId);
    if (state.maxDeletedId !== undefined) writeId(out, ',"maxDeletedId":', state.maxDeletedId);
    if (state.entriesAdded !== undefined) writeBigint(out, ',"entriesAdded":', state.entriesAdded);
    out.ascii(',"groups":[');
    writeList(out, state.groups, writeGroup);
    if (state.idmp !== undefined) writeIdmp(out, state.idmp);
  }

  end(): boolean {
    this.out.byte(CLOSE_OBJECT);
    return true;
  }
}

function writeGroup(out: JsonWriter, group: StreamGroup): void {
  out.ascii('{"name":');
  writeBytes(out, group.name);
  writeId(out, ',"lastId":', group.lastId);
  if (group.entriesRead === -1n) out.ascii(',"entriesRead":null');
  else if (group.entriesRead !== undefined) writeBigint(out, ',"entriesRead":', group.entriesRead);
  out.ascii(',"pending":[');
  writeList(out, group.pending, writePending);
  out.ascii(',"consumers":[');
  writeList(out, group.consumers, writeConsumer);
  if (group.nacked !== undefined) {
    out.ascii(',"nacked":[');
    writeList(out, group.nacked, (to, id) => writeId(to, '', id));
  }
  out.byte(CLOSE_OBJECT);
}

function writePending(out: JsonWriter, entry: StreamPending): void {
  writeId(out, '{"id":', entry.id);
  out.ascii(',"consumer":');
  if (entry.consumer === undefined) out.ascii('null');
  else writeBytes(out, entry.consumer);
  out.ascii(',"deliveredAt":');
  out.number(entry.deliveredAtMs);
  writeBigint(out, ',"deliveries":', entry.deliveries);
  out.byte(CLOSE_OBJECT);
}

function writeConsumer(out: JsonWriter, consumer: StreamConsumer): void {
  out.ascii('{"name":');
  writeBytes(out, consumer.name);
  out.ascii(',"seenAt":');
  out.number(consumer.seenAtMs);
  const { activeAtMs } = consumer;
  if (activeAtMs !== undefined) {
    out.ascii(',"activeAt":');
    if (activeAtMs === -1) out.ascii('null');
    else out.number(activeAtMs);
  }
  out.byte(CLOSE_OBJECT);
}

function writeIdmp(out: JsonWriter, idmp: StreamIdmp): void {
  out.ascii(',"idmp":{"duration":');
  out.count(idmp.durationSeconds);
  out.ascii(',"maxEntries":');
  out.count(idmp.maxEntries);
  out.ascii(',"producers":[');
  writeList(out, idmp.producers, (to, producer) => {
    to.ascii('{"id":');
    writeBytes(to, producer.id);
    to.ascii(',"entries":[');
    writeList(to, producer.entries, writeProducerEntry);
    to.byte(CLOSE_OBJECT);
  });
  writeBigint(out, ',"added":', idmp.iidsAdded);
  writeBigint(out, ',"duplicates":', idmp.iidsDuplicates);
  out.byte(CLOSE_OBJECT);
}

function writeProducerEntry(out: JsonWriter, entry: { readonly iid: Uint8Array; readonly id: StreamId }): void {
  out.ascii('{"iid":');
  writeBytes(out, entry.iid);
  writeId(out, ',"id":', entry.id);
  out.byte(CLOSE_OBJECT);
}

/** The items and the bracket that closes them. */
function writeList<T>(out: JsonWriter, items: readonly T[], write: (out: JsonWriter, item: T) => void): void {
  items.forEach((item, index) => {
    out.comma(index);
    write(out, item);
  });
  out.byte(CLOSE_ARRAY);
}

function writeBytes(out: JsonWriter, bytes: Uint8Array): void {
  out.string(bytes, 0, bytes.length);
}

function writeId(out: JsonWriter, name: string, id: StreamId): void {
  out.ascii(`${name}"${id.ms}-${id.seq}"`);
}

function writeBigint(out: JsonWriter, name: string, value: bigint): void {
  out.ascii(name);
  out.bigint(value);
}
