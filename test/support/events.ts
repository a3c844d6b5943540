/** A visitor that writes down everything it is told, as text: two runs are equal when their texts are. */
import type { Int64 } from '../../src/bytes/int64.js';
import type { Slice } from '../../src/bytes/slice.js';
import type { Level, RdbVisitor } from '../../src/rdb/visitor.js';

export class EventLog implements RdbVisitor {
  readonly events: string[] = [];

  constructor(private readonly level: Level = 'element') {}

  record: RdbVisitor['record'] = (record) => void this.events.push(JSON.stringify(record, plain));
  key: RdbVisitor['key'] = (info) => {
    const { db, rdbType, type, encoding, idleSeconds, freq, offset, valueBytes } = info;
    this.events.push(
      JSON.stringify({
        db,
        rdbType,
        type,
        encoding,
        idleSeconds,
        freq,
        offset,
        valueBytes,
        at: int(info.expireAt),
        key: text(info.key),
      }),
    );
    return this.level;
  };
  keyEnd: RdbVisitor['keyEnd'] = () => void this.events.push('end of key');
  raw: RdbVisitor['raw'] = (chunk) => {
    // Pieces may differ: what counts is their sum.
    const last = this.events.length - 1;
    if (this.events[last]?.startsWith('raw ')) this.events[last] += text(chunk);
    else this.events.push(`raw ${text(chunk)}`);
  };
  blob: RdbVisitor['blob'] = (packed) => void this.events.push(`blob ${text(packed)}`);
  warning: RdbVisitor['warning'] = (warning) => void this.events.push(JSON.stringify(warning));
  string: RdbVisitor['string'] = (value) => void this.events.push(`string ${text(value)}`);
  listItem: RdbVisitor['listItem'] = (item) => void this.events.push(`item ${text(item)}`);
  setMember: RdbVisitor['setMember'] = (member) => void this.events.push(`member ${text(member)}`);
  zsetMember: RdbVisitor['zsetMember'] = (member, score) =>
    void this.events.push(`scored ${text(member)} ${Object.is(score, -0) ? '-0' : score}`);
  hashField: RdbVisitor['hashField'] = (field, value, at) =>
    void this.events.push(`field ${text(field)} ${text(value)} ${int(at)}`);
  streamEntry: RdbVisitor['streamEntry'] = (id, count) =>
    void this.events.push(`entry ${id.ms.unsigned()}-${id.seq.unsigned()} ${count}`);
  streamField: RdbVisitor['streamField'] = (field, value) =>
    void this.events.push(`pair ${text(field)} ${text(value)}`);
  streamEntryEnd: RdbVisitor['streamEntryEnd'] = () => void this.events.push('end of entry');
  streamState: RdbVisitor['streamState'] = (state) => void this.events.push(JSON.stringify(state, plain));
  moduleStart: RdbVisitor['moduleStart'] = (module, version) => void this.events.push(`module ${module} ${version}`);
  moduleInteger: RdbVisitor['moduleInteger'] = (kind, value) => void this.events.push(`${kind} ${int(value)}`);
  moduleNumber: RdbVisitor['moduleNumber'] = (kind, value) => void this.events.push(`${kind} ${value}`);
  moduleString: RdbVisitor['moduleString'] = (value) => void this.events.push(`string ${text(value)}`);
  arrayStart: RdbVisitor['arrayStart'] = (index) => void this.events.push(`array ${int(index)}`);
  arrayElement: RdbVisitor['arrayElement'] = (index, value) =>
    void this.events.push(`element ${int(index)} ${text(value)}`);
  pathStart: RdbVisitor['pathStart'] = (path) => void this.events.push(`path ${text(path)}`);
  cronStart: RdbVisitor['cronStart'] = (script, start, interval, keys) =>
    this.events.push(`cron ${text(script)} ${int(start)} ${int(interval)} ${keys}`);
}

function text(slice: Slice): string {
  return Buffer.from(slice.bytes.buffer, slice.bytes.byteOffset + slice.start, slice.length).toString('latin1');
}

function int(value: Int64 | undefined): string | undefined {
  return value?.signed().toString();
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}
