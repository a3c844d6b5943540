/**
 * Fields with values, in the order in which fields came. A few stand in one array, name and value in turn, which takes half
 * the memory of a map and no longer to search; more of them in a map.
 */
import type { ByteString } from '../../bytes/byte-string.js';

export type FieldTable = ByteString[] | Map<ByteString, ByteString>;

const MOST_IN_ARRAY = 16;

export function fieldCount(table: FieldTable): number {
  return table instanceof Map ? table.size : table.length >> 1;
}

export function hasField(table: FieldTable, field: ByteString): boolean {
  return table instanceof Map ? table.has(field) : indexOf(table, field) >= 0;
}

/** Undefined where there is no such field. */
export function fieldValue(table: FieldTable, field: ByteString): ByteString | undefined {
  if (table instanceof Map) return table.get(field);
  const index = indexOf(table, field);
  return index < 0 ? undefined : table[index + 1];
}

/** Sets a field; one that is there keeps its place. Returns the table to go on with. */
export function withField(table: FieldTable, field: ByteString, value: ByteString): FieldTable {
  if (table instanceof Map) return table.set(field, value);
  const index = indexOf(table, field);
  if (index >= 0) {
    table[index + 1] = value;
    return table;
  }
  return table.length < MOST_IN_ARRAY * 2 ? extended(table, field, value) : mapOf(table).set(field, value);
}

/** False where it was not there. */
export function deleteField(table: FieldTable, field: ByteString): boolean {
  if (table instanceof Map) return table.delete(field);
  const index = indexOf(table, field);
  if (index < 0) return false;
  table.splice(index, 2);
  return true;
}

/** Every field with its value. */
export function* fieldPairs(table: FieldTable): Generator<readonly [ByteString, ByteString], void, void> {
  if (table instanceof Map) yield* table;
  else for (let at = 0; at < table.length; at += 2) yield [table[at]!, table[at + 1]!];
}

export function copyFields(table: FieldTable): FieldTable {
  return table instanceof Map ? new Map(table) : table.slice();
}

/** −1 where there is none. */
function indexOf(pairs: readonly ByteString[], field: ByteString): number {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === field) return at;
  return -1;
}

/** Of exactly the size: an array that grows by itself takes room for sixteen more, and most hashes get no more fields. */
function extended(pairs: readonly ByteString[], field: ByteString, value: ByteString): ByteString[] {
  const size = pairs.length;
  const grown = new Array<ByteString>(size + 2);
  for (let at = 0; at < size; at++) grown[at] = pairs[at]!;
  grown[size] = field;
  grown[size + 1] = value;
  return grown;
}

function mapOf(pairs: readonly ByteString[]): Map<ByteString, ByteString> {
  const map = new Map<ByteString, ByteString>();
  for (let at = 0; at < pairs.length; at += 2) map.set(pairs[at]!, pairs[at + 1]!);
  return map;
}
