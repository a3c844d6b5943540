/**
 * The tables that a dump becomes: their names, columns and types, as data. CSV and Parquet files, the DDL of `sql` and the
 * README are made from it.
 *
 * **Bytes as text.** Redis stores bytes, tables want text. What names something (a key, a field, a member) is never null:
 * the text itself where its bytes are valid UTF-8, otherwise the bytes quoted as redis-cli does, `"\xff\x00id"`, which `get`
 * and `keys` understand. No two names have the same text, since a text that looks like such a quoted one (it begins and
 * ends with `"` and holds `\x`) is quoted too: tables may be joined by `db` and `key`. What is stored under a name (a
 * `value`) is null where it is not valid UTF-8. The `…_bytes` column beside each holds the bytes wherever the text is not
 * they, and is null otherwise; so nothing is lost, and for most data these columns are empty.
 *
 * **Times** are instants in UTC with ms; one beyond the year 275760, where a JavaScript date ends, becomes that.
 */

export const TABLE_NAMES = [
  'keys',
  'strings',
  'hash_fields',
  'list_items',
  'set_members',
  'zset_members',
  'stream_entries',
] as const;

export type TableName = (typeof TABLE_NAMES)[number];

/**
 * - `int32`, `int64`: whole numbers; `double`: a number, infinities included
 * - `time`: an instant, Unix ms
 * - `word`: text of which there are few different ones
 * - `key`: a name that is the same in all rows of a key
 * - `text`, `bytes`: text, and bytes of any kind
 */
export type ColumnType = 'int32' | 'int64' | 'double' | 'time' | 'word' | 'key' | 'text' | 'bytes';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** What it says, with the unit where it has one. */
  readonly doc: string;
}

export interface TableSchema {
  readonly name: TableName;
  readonly doc: string;
  readonly columns: readonly TableColumn[];
}

/** All of them. Modules, arrays, path hashes and cron jobs have a row in `keys` and none elsewhere. */
export const TABLES: Readonly<Record<TableName, TableSchema>> = {
  keys: table('keys', 'every key, of whatever type', [
    always('db', 'int32', 'database'),
    always('key', 'key', 'its name'),
    always('type', 'word', 'as TYPE names it'),
    always('encoding', 'word', 'how the value stands in the file'),
    always('rdb_type', 'int32', 'type byte in the file'),
    perhaps('expire_at', 'time', 'when it expires'),
    perhaps('idle_seconds', 'int64', 'time since its last use, where the server recorded it'),
    perhaps('freq', 'int32', 'LFU counter 0–255, where the server recorded it'),
    always('size_bytes', 'int64', 'bytes of the value in the file'),
    always('elements', 'int64', 'items, members, fields or entries; 1 for a string or a module'),
    always('slot', 'int32', 'cluster slot'),
    always('source', 'word', 'the file that it was read from'),
    always('file_offset', 'int64', 'where its record begins in that file'),
    perhaps('key_bytes', 'bytes', 'the name, where `key` is quoted'),
  ]),
  strings: table('strings', 'one row per string', [...owner(), ...value()]),
  hash_fields: table('hash_fields', 'one row per field of a hash', [
    ...owner(),
    always('field', 'text', 'name of the field'),
    perhaps('value', 'text', 'its value, where it is UTF-8'),
    perhaps('expire_at', 'time', 'when the field expires'),
    perhaps('field_bytes', 'bytes', 'the name, where `field` is quoted'),
    perhaps('value_bytes', 'bytes', 'the value, where it is not UTF-8'),
  ]),
  list_items: table('list_items', 'one row per item of a list, head to tail', [
    ...owner(),
    always('index', 'int64', 'position in the list, from 0'),
    ...value(),
  ]),
  set_members: table('set_members', 'one row per member of a set', [
    ...owner(),
    always('member', 'text', 'the member'),
    perhaps('member_bytes', 'bytes', 'the member, where `member` is quoted'),
  ]),
  zset_members: table('zset_members', 'one row per member of a sorted set, in the order of the file', [
    ...owner(),
    always('member', 'text', 'the member'),
    always('score', 'double', 'its score'),
    perhaps('member_bytes', 'bytes', 'the member, where `member` is quoted'),
  ]),
  stream_entries: table('stream_entries', 'one row per field of an entry of a stream', [
    ...owner(),
    always('id', 'text', 'id of the entry, `ms-seq`'),
    always('id_ms', 'int64', 'its first half, as a rule Unix ms; 2^53 − 1 where it is more'),
    always('id_seq', 'int64', 'its second half; 2^53 − 1 where it is more'),
    always('field_index', 'int32', 'position of the field in its entry, from 0'),
    always('field', 'text', 'name of the field'),
    perhaps('value', 'text', 'its value, where it is UTF-8'),
    perhaps('field_bytes', 'bytes', 'the name, where `field` is quoted'),
    perhaps('value_bytes', 'bytes', 'the value, where it is not UTF-8'),
  ]),
};

/** `expire_at` and its kin stay within what a Date holds, and within the microseconds of every database. */
export const MAX_TIME_MS = 8.64e15;

function owner(): TableColumn[] {
  return [always('db', 'int32', 'database'), always('key', 'key', 'name of the key')];
}

function value(): TableColumn[] {
  return [
    perhaps('value', 'text', 'the value, where it is UTF-8'),
    perhaps('value_bytes', 'bytes', 'the value, where it is not UTF-8'),
  ];
}

function table(name: TableName, doc: string, columns: readonly TableColumn[]): TableSchema {
  return { name, doc, columns };
}

function always(name: string, type: ColumnType, doc: string): TableColumn {
  return { name, type, nullable: false, doc };
}

function perhaps(name: string, type: ColumnType, doc: string): TableColumn {
  return { name, type, nullable: true, doc };
}
