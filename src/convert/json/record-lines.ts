/**
 * The lines of `--all` beside those of keys: one per record of the file, each with `record` as its first member.
 *
 *     header {magic, version}                  aux {name, value}                slot-info {slot, keys, expires}
 *     db {db, keys, expires}                   function {code, name?, engine?}  module-aux {module, version, when, items}
 *     end {checksum}                           "ok", "absent", "disabled", or "unchecked" where nobody compared it
 *
 * `db` is one line for the selection of a database and the sizes that follow it; without sizes (RDB 6 and before) it has
 * no `keys` and `expires`. Three records that ndjson.md does not name are written in the same manner:
 *
 *     slot-import {job, ranges: [[start,end],…]}   hash-template {id, fields}   command {db, args}
 */
import { assertNever } from '../../bytes/errors.js';
import type { RdbRecord } from '../../rdb/model.js';
import type { JsonWriter } from './json-writer.js';
import { ItemWriter } from './module-value.js';

export class RecordWriter {
  private readonly items: ItemWriter;

  constructor(private readonly out: JsonWriter) {
    this.items = new ItemWriter(out);
  }

  /** The object of one record, without a line end. A `select-db` is the `db` line of a database without sizes. */
  write(record: RdbRecord): void {
    const { out } = this;
    out.ascii(`{"record":"${record.kind === 'select-db' || record.kind === 'resize-db' ? 'db' : record.kind}"`);
    this.writeMembers(record);
    out.ascii('}');
  }

  private writeMembers(record: RdbRecord): void {
    const { out } = this;
    switch (record.kind) {
      case 'header':
        return out.ascii(`,"magic":"${record.magic}","version":${record.version}`);
      case 'aux':
        this.bytes('name', record.name);
        return this.bytes('value', record.value);
      case 'select-db':
        return this.number('db', record.db);
      case 'resize-db':
        this.number('db', record.db);
        this.number('keys', record.keys);
        return this.number('expires', record.expires);
      case 'slot-info':
        this.number('slot', record.slot);
        this.number('keys', record.keys);
        return this.number('expires', record.expires);
      case 'slot-import':
        this.bytes('job', record.job);
        return out.ascii(`,"ranges":[${record.ranges.map(({ start, end }) => `[${start},${end}]`).join(',')}]`);
      case 'function':
        this.bytes('code', record.code);
        this.text('name', record.name);
        return this.text('engine', record.engine);
      case 'module-aux':
        this.text('module', record.module);
        this.number('version', record.version);
        this.number('when', record.when);
        out.ascii(',"items":[');
        this.items.begin();
        for (const item of record.items) this.items.item(item);
        return out.ascii(']');
      case 'hash-template':
        this.number('id', record.id);
        return this.list('fields', record.fields);
      case 'command':
        this.number('db', record.db);
        return this.list('args', record.args);
      case 'end':
        return out.ascii(`,"checksum":"${record.checksum}"`);
      default:
        return assertNever(record);
    }
  }

  private number(name: string, value: number): void {
    this.out.ascii(`,"${name}":${value}`);
  }

  private text(name: string, text: string | undefined): void {
    if (text === undefined) return;
    this.out.ascii(`,"${name}":`);
    this.out.text(text);
  }

  private bytes(name: string, bytes: Uint8Array): void {
    this.out.ascii(`,"${name}":`);
    this.out.string(bytes, 0, bytes.length);
  }

  private list(name: string, items: readonly Uint8Array[]): void {
    const { out } = this;
    out.ascii(`,"${name}":[`);
    items.forEach((item, index) => {
      out.comma(index);
      out.string(item, 0, item.length);
    });
    out.ascii(']');
  }
}
