/** Filters applied the slow way, to entries that have been decoded: what the pushed-down ones are held against. */
import { compileGlob } from '../../src/bytes/glob.js';
import type { KeyFilter } from '../../src/rdb/filter.js';
import type { KeyEntry, RdbValue } from '../../src/rdb/model.js';
import type { Range } from '../../src/rdb/range.js';
import { readRdbSync } from '../../src/rdb/read.js';

export function readKeys(file: Uint8Array, filter?: KeyFilter, nowMs?: number): KeyEntry[] {
  const entries = readRdbSync(file, { ...(filter && { filter }), ...(nowMs !== undefined && { nowMs }) });
  return [...entries].filter((entry) => entry.kind === 'key');
}

/** All of {@link KeyFilter} but slots and samples. */
export function passes(entry: KeyEntry, filter: KeyFilter, nowMs: number): boolean {
  const { key, value } = entry;
  const fits = (pattern: string | Uint8Array): boolean => compileGlob(pattern).matches(key, 0, key.length);
  return (
    (filter.dbs?.includes(entry.db) ?? true) &&
    (filter.types?.includes(value.type) ?? true) &&
    !filter.notTypes?.includes(value.type) &&
    (filter.match === undefined || [filter.match].flat().some(fits)) &&
    (filter.notMatch === undefined || ![filter.notMatch].flat().some(fits)) &&
    (filter.keyRegex === undefined || textOf(key).search(filter.keyRegex) >= 0) &&
    within(entry.valueBytes, filter.sizeBytes) &&
    within(countElements(value), filter.elements) &&
    passesTtl(entry.expireAtMs, filter.ttl, nowMs) &&
    within(entry.idleSeconds, filter.idleSeconds) &&
    within(entry.freq, filter.freq)
  );
}

export function countElements(value: RdbValue): number {
  switch (value.type) {
    case 'list':
      return value.items.length;
    case 'set':
    case 'zset':
      return value.members.length;
    case 'hash':
      return value.fields.length;
    case 'stream':
      return value.entries.length;
    case 'array':
      return value.elements.length;
    case 'pathhash':
      return value.paths.reduce((sum, path) => sum + path.fields.length, 0);
    case 'cron':
      return value.keys.length + value.args.length;
    case 'string':
    case 'module':
      return 1;
  }
}

export function textOf(key: Uint8Array): string {
  const text = Buffer.from(key).toString('utf8');
  return Buffer.from(text, 'utf8').equals(key) ? text : Buffer.from(key).toString('latin1');
}

function within(value: number | undefined, range: Range | undefined): boolean {
  if (range === undefined) return true;
  return value !== undefined && value >= (range.min ?? -Infinity) && value <= (range.max ?? Infinity);
}

function passesTtl(expireAtMs: number | undefined, ttl: KeyFilter['ttl'], nowMs: number): boolean {
  if (ttl === undefined) return true;
  if (ttl === 'none') return expireAtMs === undefined;
  if (expireAtMs === undefined) return false;
  if (ttl === 'any') return true;
  if (ttl === 'expired') return expireAtMs < nowMs;
  return within(expireAtMs - nowMs, { min: ttl.minMs ?? 0, max: ttl.maxMs ?? Infinity });
}
