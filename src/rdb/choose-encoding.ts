/** Which type byte a server would write for a value: packed while it is within the thresholds (rdb-format.md §11.1). */
import { assertNever, EncodeError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import { parseDecimal64 } from '../codecs/listpack.js';
import { TYPE } from './constants.js';
import type { HashField, HashValue, ListValue, RdbValue, SetValue, ZsetValue } from './model.js';
import { MAX_PACKED_BYTES } from './types/packed-output.js';
import type { EncodingSettings, Target, TargetTypes } from './versions.js';

/**
 * The type byte that `target` writes for `value` at these settings. Throws EncodeError where it has no type for such a
 * value: streams before 5.0, field expiry before 7.4, arrays, modules, path hashes and cron jobs in most.
 *
 * Other things than the value have their part in a real server, since a collection that was large once stays expanded.
 */
export function chooseType(value: RdbValue, target: Target, settings: EncodingSettings = target.settings): number {
  switch (value.type) {
    case 'string':
      return TYPE.STRING;
    case 'list':
      return chooseList(value, target, settings);
    case 'set':
      return chooseSet(value, target, settings);
    case 'zset':
      return chooseZset(value, target, settings);
    case 'hash':
      return chooseHash(value, target, settings);
    case 'stream':
      return chooseStream(target);
    case 'array':
      return onlyType(TYPE.ARRAY, target, 'arrays');
    case 'module':
      return onlyType(TYPE.MODULE_2, target, 'module values');
    case 'pathhash':
      return target.dialect === 'valkey'
        ? onlyType(TYPE.V_PATH_HASH, target, 'path hashes')
        : refuse(target, 'path hashes');
    case 'cron':
      return onlyType(TYPE.KEYDB_CRON, target, 'cron jobs');
    default:
      return assertNever(value);
  }
}

/**
 * The type byte that `target` writes for a value that it holds in the encoding named by `value.encoding`, however large it
 * is; undefined where the encoding says nothing, or the target has no such type: see {@link chooseType}.
 */
export function typeHeldAs(value: RdbValue, { writes }: Target): number | undefined {
  switch (value.type) {
    case 'list':
      return value.encoding === 'ziplist' ? writes.listPacked : writes.list;
    case 'set':
      if (value.encoding === 'hashtable') return TYPE.SET;
      return value.encoding === 'intset' ? writes.setIntset : writes.setListpack;
    case 'zset':
      return value.encoding === 'skiplist' ? writes.zset : writes.zsetPacked;
    case 'hash':
      return hashHeldAs(value, writes);
    default:
      return undefined;
  }
}

/** A packed hash with room for expiries stays one when the last of them has gone. */
function hashHeldAs({ encoding, fields }: HashValue, writes: TargetTypes): number | undefined {
  if (encoding === 'listpackex') return packedExpiry(fields, writes);
  const expiring = fields.some((field) => field.expireAtMs !== undefined);
  if (encoding === 'hashtable') return expiring ? writes.hashExpiry : TYPE.HASH;
  return expiring ? undefined : writes.hashPacked;
}

function chooseList({ items }: ListValue, { writes }: Target, settings: EncodingSettings): number {
  const { listPacked, list } = writes;
  if (listPacked === undefined || items.length > settings.listMaxPackedEntries) return list;
  return fitsPacked(items, settings.listMaxPackedValue) ? listPacked : list;
}

function chooseSet({ members }: SetValue, { writes }: Target, settings: EncodingSettings): number {
  const { setIntset, setListpack } = writes;
  const count = members.length;
  // No server loads an intset without a member.
  if (count === 0) return TYPE.SET;
  if (setIntset !== undefined && count <= settings.setMaxIntsetEntries && members.every(isInteger)) return setIntset;
  if (setListpack === undefined || count > settings.setMaxListpackEntries) return TYPE.SET;
  return fitsPacked(members, settings.setMaxListpackValue) ? setListpack : TYPE.SET;
}

function chooseZset({ members }: ZsetValue, { writes }: Target, settings: EncodingSettings): number {
  const { zsetPacked, zset } = writes;
  if (zsetPacked === undefined || members.length > settings.zsetMaxPackedEntries) return zset;
  const packer = new PackedFit(settings.zsetMaxPackedValue);
  return members.every(({ member }) => packer.takes(member)) ? zsetPacked : zset;
}

function chooseHash({ fields }: HashValue, target: Target, settings: EncodingSettings): number {
  const { writes } = target;
  const expiring = fields.some((field) => field.expireAtMs !== undefined);
  if (expiring && writes.hashExpiry === undefined) refuse(target, 'field expiry');
  const expanded = expiring ? writes.hashExpiry! : TYPE.HASH;
  const packed = expiring ? packedExpiry(fields, writes) : writes.hashPacked;
  // No server loads a zipmap without a pair.
  if (packed === undefined || fields.length === 0 || fields.length > settings.hashMaxPackedEntries) return expanded;
  const packer = new PackedFit(settings.hashMaxPackedValue);
  return fields.every(({ field, value }) => packer.takes(field) && packer.takes(value)) ? packed : expanded;
}

/** The packed form has a time of 0 for none: a field that expired then fits the expanded one alone. */
function packedExpiry(fields: readonly HashField[], { hashExpiryPacked }: TargetTypes): number | undefined {
  return fields.some(({ expireAtMs }) => expireAtMs === 0) ? undefined : hashExpiryPacked;
}

const STREAM_TYPES = [
  TYPE.STREAM_LISTPACKS,
  TYPE.STREAM_LISTPACKS_2,
  TYPE.STREAM_LISTPACKS_3,
  TYPE.STREAM_LISTPACKS_4,
  TYPE.STREAM_LISTPACKS_5,
] as const;

function chooseStream(target: Target): number {
  const { stream } = target.writes;
  return stream === undefined ? refuse(target, 'streams') : STREAM_TYPES[stream - 1]!;
}

function onlyType(rdbType: number, target: Target, what: string): number {
  return target.types.has(rdbType) ? rdbType : refuse(target, what);
}

function refuse(target: Target, what: string): never {
  throw new EncodeError(`${target.name} has no ${what}`);
}

/** Takes strings while each is short enough, and all of them together can be one packed structure. */
class PackedFit {
  private bytes = 0;

  constructor(private readonly maxValue: number) {}

  takes(value: Uint8Array): boolean {
    this.bytes += value.length;
    return value.length <= this.maxValue && this.bytes <= MAX_PACKED_BYTES;
  }
}

function fitsPacked(values: readonly Uint8Array[], maxValue: number): boolean {
  const packer = new PackedFit(maxValue);
  return values.every((value) => packer.takes(value));
}

const scratch = new Int64();

function isInteger(member: Uint8Array): boolean {
  return parseDecimal64(member, 0, member.length, scratch);
}
