/**
 * Vector sets for servers before 8.6: each node says which version it has, and in version 1 every list of links is followed
 * by one word about the worst of them (rdb-format.md §8.9). Redis 8.0 refuses such nodes; without that word and without
 * their version they are what it writes itself, and nothing is lost: newer servers work the word out again.
 */
import type { ModuleItem, ModuleValue } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';

/** The first version whose servers are known to read version 1. */
const FIRST_VERSION = 13;
const HEADER_ITEMS = 4;
const HAS_PROJECTION = 1n;
const HAS_ATTRIBUTES = 2n;
const LEVEL_MASK = 0xffn;
const NODE_VERSION_SHIFT = 24n;

export function takesVersionedNodes(target: Target): boolean {
  return target.version >= FIRST_VERSION;
}

/**
 * The same vector set with nodes of version 0: the value itself where it has no others, undefined where it is not laid out
 * as it should be.
 */
export function withPlainNodes(value: ModuleValue): ModuleValue | undefined {
  const { items } = value;
  const [, count, , flags] = items;
  if (count?.kind !== 'uint' || flags?.kind !== 'uint') return undefined;
  let at = HEADER_ITEMS + (flags.value & HAS_PROJECTION ? 2 : 0);
  const plain = items.slice(0, at);
  let isChanged = false;
  for (let left = count.value; left > 0n; left--) {
    const paramsAt = at + (flags.value & HAS_ATTRIBUTES ? 3 : 2);
    const params = paramsOf(items, paramsAt);
    if (params === undefined) return undefined;
    const simpler = plainParams(params);
    if (simpler === undefined) return undefined;
    if (simpler !== params) isChanged = true;
    plain.push(...items.slice(at, paramsAt), uint(BigInt(simpler.length)), ...simpler.map(uint));
    at = paramsAt + 1 + params.length;
  }
  if (at !== items.length) return undefined;
  return isChanged ? { ...value, items: plain } : value;
}

function paramsOf(items: readonly ModuleItem[], at: number): readonly bigint[] | undefined {
  const count = items[at];
  if (count?.kind !== 'uint' || count.value > BigInt(items.length - at - 1)) return undefined;
  const params: bigint[] = [];
  for (const item of items.slice(at + 1, at + 1 + Number(count.value))) {
    if (item.kind !== 'uint') return undefined;
    params.push(item.value);
  }
  return params;
}

/** `id, version and level, per layer (links, most links, link …, worst), range and norm`, without what version 1 added. */
function plainParams(params: readonly bigint[]): readonly bigint[] | undefined {
  const [id, levelWord] = params;
  const last = params.at(-1);
  if (id === undefined || levelWord === undefined || last === undefined || params.length < 3) return undefined;
  const version = levelWord >> NODE_VERSION_SHIFT;
  if (version === 0n) return params;
  if (version > 1n) return undefined;
  const level = levelWord & LEVEL_MASK;
  const plain = [id, level];
  let at = 2;
  for (let layer = 0n; layer <= level; layer++) {
    const links = params[at];
    if (links === undefined || links > BigInt(params.length)) return undefined;
    const end = at + 2 + Number(links);
    plain.push(...params.slice(at, end));
    at = end + 1;
  }
  if (at !== params.length - 1) return undefined;
  plain.push(last);
  return plain;
}

function uint(value: bigint): ModuleItem {
  return { kind: 'uint', value };
}
