/** Which server's dump has room for what an engine holds. */
import { allCommands } from '../aof/command-table.js';
import { TARGETS, type Target } from '../rdb/versions.js';
import type { Engine } from './engine.js';
import { isSince } from './settings.js';
import type { StoredValue } from './values/stored-value.js';

/** First versions with a thing; a family that has it in none is missing. */
type Since = Parameters<typeof isSince>[1];

/**
 * The server that the engine stands for, or the first one after it that has every command that was run (`seen`, by the `id`
 * of a CommandSpec) and every kind of value: a log goes on where a server is replaced by a later one, and a log without a
 * dump does not say who wrote it.
 */
export function generationOf(engine: Engine, seen: Uint8Array): Target {
  const { target } = engine.settings;
  const needs = new Set<Since>();
  for (const { id, since, isModule } of allCommands()) if (seen[id] === 1 && !isModule) needs.add(since);
  if (engine.functions.size > 0) needs.add(FUNCTIONS);
  let isKeyDb = false;
  for (const db of engine.inUse()) {
    for (const [, value] of db.keys.entries()) {
      const need = needOf(value);
      if (need === KEYDB) isKeyDb = true;
      else if (need !== undefined) needs.add(need);
    }
  }
  const holds = (one: Target): boolean => [...needs].every((need) => isSince(one, need));
  if (isKeyDb) return TARGETS.find(({ family }) => family === 'keydb')!;
  return candidates(target).find(holds) ?? target;
}

const FUNCTIONS: Since = { redis: '7.0', valkey: '7.2' };
const MODULES: Since = { redis: '4.0', valkey: '7.2' };
const STREAMS: Since = { redis: '5.0', valkey: '7.2' };
const FIELD_EXPIRY: Since = { redis: '7.4', valkey: '9.0' };
const ARRAYS: Since = { redis: '8.8' };
const PATH_HASHES: Since = { valkey: '9.2' };
const KEYDB: Since = {};

function needOf(value: StoredValue): Since | undefined {
  if (typeof value === 'string') return undefined;
  switch (value.type) {
    case 'stream':
      return STREAMS;
    case 'hash':
      return value.hasExpiries ? FIELD_EXPIRY : undefined;
    case 'array':
      return ARRAYS;
    case 'opaque':
      return value.value.type === 'module' ? MODULES : value.value.type === 'pathhash' ? PATH_HASHES : KEYDB;
    default:
      return undefined;
  }
}

/** The target, the later ones of its family, then those of the other one. */
function candidates(target: Target): Target[] {
  const isOwn = ({ family }: Target): boolean => family === target.family;
  const later = TARGETS.slice(TARGETS.indexOf(target)).filter(isOwn);
  return [...later, ...TARGETS.filter((one) => !isOwn(one) && one.family !== 'keydb')];
}
