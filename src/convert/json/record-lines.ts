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
import type { ModuleItem, RdbRecord } from '../../rdb/model.js';
import type { JsonWriter } from './json-writer.js';
import { writeModuleItem } from './module-value.js';

/** A range of slots as the model has it, or what a module wrote. */
type ListItem = Uint8Array | { readonly start: number; readonly end: number } | ModuleItem;
/** A member whose value is undefined is left out. */
type Member = readonly [name: string, value: number | string | Uint8Array | readonly ListItem[] | undefined];

/** The object of one record, without a line end. A `select-db` is the `db` line of a database without sizes. */
export function writeRecord(out: JsonWriter, record: RdbRecord): void {
  out.ascii(`{"record":"${record.kind === 'select-db' || record.kind === 'resize-db' ? 'db' : record.kind}"`);
  for (const [name, value] of membersOf(record)) {
    if (value === undefined) continue;
    out.ascii(`,"${name}":`);
    if (typeof value === 'number') out.number(value);
    else if (typeof value === 'string') out.text(value);
    else if (value instanceof Uint8Array) out.string(value, 0, value.length);
    else writeList(out, value);
  }
  out.ascii('}');
}

function membersOf(record: RdbRecord): readonly Member[] {
  switch (record.kind) {
    case 'header':
      return pick(record, 'magic', 'version');
    case 'aux':
      return pick(record, 'name', 'value');
    case 'select-db':
      return pick(record, 'db');
    case 'resize-db':
      return pick(record, 'db', 'keys', 'expires');
    case 'slot-info':
      return pick(record, 'slot', 'keys', 'expires');
    case 'slot-import':
      return pick(record, 'job', 'ranges');
    case 'function':
      return pick(record, 'code', 'name', 'engine');
    case 'module-aux':
      return pick(record, 'module', 'version', 'when', 'items');
    case 'hash-template':
      return pick(record, 'id', 'fields');
    case 'command':
      return pick(record, 'db', 'args');
    case 'end':
      return pick(record, 'checksum');
    default:
      return assertNever(record);
  }
}

function pick<Name extends string>(record: Readonly<Record<Name, Member[1]>>, ...names: Name[]): Member[] {
  return names.map((name) => [name, record[name]]);
}

function writeList(out: JsonWriter, list: readonly ListItem[]): void {
  out.ascii('[');
  list.forEach((item, index) => {
    out.comma(index);
    if (item instanceof Uint8Array) out.string(item, 0, item.length);
    else if ('kind' in item) writeModuleItem(out, item);
    else out.ascii(`[${item.start},${item.end}]`);
  });
  out.ascii(']');
}
