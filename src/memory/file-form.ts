/** How a value stands in a file: packed or not, and at which level it is to be read to know what it takes. */
import { stringLength } from '../codecs/string.js';
import { TYPE } from '../rdb/constants.js';
import type { ValueEncoding, ValueType } from '../rdb/model.js';
import type { EncodingSettings } from '../rdb/versions.js';
import type { PackedForm, ServerMemory } from './server-memory.js';

const PACKED: ReadonlyMap<number, PackedForm> = new Map<number, PackedForm>([
  [TYPE.SET_INTSET, 'intset'],
  [TYPE.SET_LISTPACK, 'listpack'],
  [TYPE.ZSET_ZIPLIST, 'ziplist'],
  [TYPE.ZSET_LISTPACK, 'listpack'],
  [TYPE.HASH_ZIPMAP, 'zipmap'],
  [TYPE.HASH_ZIPLIST, 'ziplist'],
  [TYPE.HASH_LISTPACK, 'listpack'],
  [TYPE.HASH_LISTPACK_EX, 'listpackex'],
]);

/** Bytes of the least expiry before the listpack of type 25. */
const MIN_EXPIRE_SIZE = 8;

/** The packed form of a value; the same byte is a path hash in Valkey. */
export function packedForm(rdbType: number, encoding: ValueEncoding): PackedForm | undefined {
  if (rdbType === TYPE.R_HASH_LISTPACK_EX_PRE_GA) return encoding === 'listpackex' ? 'listpackex' : undefined;
  return PACKED.get(rdbType);
}

/** Loaders look at the sizes of elements only where they were not packed; those of zipmaps they count as such. */
export function isPacked(rdbType: number): boolean {
  return rdbType !== TYPE.HASH_ZIPMAP && PACKED.has(rdbType);
}

/** Bytes of the structure that a value is, once it is read. */
export function packedLength(rdbType: number, bytes: Uint8Array, pos: number, end: number): number {
  return stringLength(bytes, rdbType === TYPE.HASH_LISTPACK_EX ? pos + MIN_EXPIRE_SIZE : pos, end);
}

/** The longest element that is packed; Infinity for what is not packed by the size of elements. */
export function longestPackedValue(settings: EncodingSettings, type: ValueType): number {
  if (type === 'hash') return settings.hashMaxPackedValue;
  if (type === 'set') return settings.setMaxListpackValue;
  return type === 'zset' ? settings.zsetMaxPackedValue : Infinity;
}

/** The sums of `model` begin with a value, which is to be read at the level that is answered. */
export function startSums(model: ServerMemory, type: ValueType, rdbType: number): 'element' | 'blob' {
  const { sums } = model;
  sums.start(longestPackedValue(model.settings, type), rdbType === TYPE.LIST_ZIPLIST);
  if (type === 'stream') return 'blob';
  if (type !== 'list') return 'element';
  // What is not in nodes yet is appended item by item.
  sums.appendsItems = rdbType === TYPE.LIST || rdbType === TYPE.LIST_ZIPLIST;
  sums.hasZiplists = rdbType !== TYPE.LIST_QUICKLIST_2;
  sums.convertsZiplists = sums.hasZiplists && model.server.hasListpacks;
  return sums.appendsItems ? 'element' : 'blob';
}
