/** Which server wrote a log, and which server's dump has room for what it holds. */
import { allCommands } from '../aof/command-table.js';
import { MAX_FIELD_EXPIRE_MS } from '../rdb/constants.js';
import { TARGETS, type Target } from '../rdb/versions.js';
import { digestRules } from './digest-rules.js';
import type { Engine } from './engine.js';
import { isTellingScore } from './log-signs.js';
import { isSince } from './settings.js';
import type { StoredValue } from './values/stored-value.js';

/** First versions with a thing; a family that has it in none is missing. */
type Since = Parameters<typeof isSince>[1];

/** What a log, and what is left of it, asks of a server. */
export interface LogNeeds {
  /** Whether a server has every command that was run, and its dump every kind of value. */
  isMetBy(target: Target): boolean;
  /** There are fields of hashes that expire. */
  readonly hasFieldExpiry: boolean;
}

/** `seen` by the `id` of a CommandSpec. */
export function needsOf(engine: Engine, seen: Uint8Array): LogNeeds {
  const needs = new Set<Since>();
  for (const { id, since, isModule } of allCommands()) if (seen[id] === 1 && !isModule) needs.add(since);
  if (engine.functions.size > 0) needs.add(FUNCTIONS);
  let isKeyDb = false;
  for (const db of engine.inUse()) {
    if (db.hasMeta) needs.add(KEY_META);
    for (const [, value] of db.keys.entries()) {
      const need = needOf(value);
      if (need === KEYDB) isKeyDb = true;
      else if (need !== undefined) needs.add(need);
    }
  }
  return {
    isMetBy: (target) =>
      isKeyDb ? target.family === 'keydb' : [...needs].every((versions) => isSince(target, versions)),
    hasFieldExpiry: needs.has(FIELD_EXPIRY) || needs.has(FAR_FIELD_EXPIRY),
  };
}

/**
 * A server, or the first one after it that meets the needs: a log goes on where a server is replaced by a later one, and a log
 * without a dump does not say who wrote it.
 */
export function generationOf(target: Target, { isMetBy }: LogNeeds): Target {
  return candidatesFrom(target).find(isMetBy) ?? target;
}

/** Who wrote a log, and how that is known. */
export interface LogWriter {
  /**
   * `told`: whoever asked said so. `dump`: by the dump at the head. `beside`: by another dump of the same server. `signs`: by
   * what stands in the log. `nothing`: it is taken for the server that stands in where nothing says more.
   */
  readonly by: 'told' | 'dump' | 'beside' | 'signs' | 'nothing';
  /** Other servers could have written it, too, whose digest would be another one. */
  readonly isGuess: boolean;
}

/** Of the writers that are possible, whether they would give different digests of what the engine holds (digest.md §6). */
export function isAmbiguous(candidates: readonly Target[], needs: LogNeeds, engine: Engine): boolean {
  const rules = candidates.filter(needs.isMetBy).map((target) => digestRules(target));
  const differ = (rule: 'hasOldScores' | 'marksFieldExpiry'): boolean =>
    new Set(rules.map((one) => one[rule])).size > 1;
  return (needs.hasFieldExpiry && differ('marksFieldExpiry')) || (differ('hasOldScores') && hasTellingScore(engine));
}

/** Whether a score has one text up to 7.0 and another one since. */
function hasTellingScore(engine: Engine): boolean {
  for (const db of engine.inUse()) {
    for (const [, value] of db.keys.entries()) {
      if (typeof value === 'string' || value.type !== 'zset') continue;
      for (const [, score] of value.entries()) if (isTellingScore(score)) return true;
    }
  }
  return false;
}

const FUNCTIONS: Since = { redis: '7.0', valkey: '7.2' };
const MODULES: Since = { redis: '4.0', valkey: '7.2' };
const STREAMS: Since = { redis: '5.0', valkey: '7.2' };
const FIELD_EXPIRY: Since = { redis: '7.4', valkey: '9.0' };
/** Beyond what Redis has room for. */
const FAR_FIELD_EXPIRY: Since = { valkey: '9.0' };
const KEY_META: Since = { redis: '8.6' };
const ARRAYS: Since = { redis: '8.8' };
const PATH_HASHES: Since = { valkey: '9.2' };
const KEYDB: Since = {};

function needOf(value: StoredValue): Since | undefined {
  if (typeof value === 'string') return undefined;
  switch (value.type) {
    case 'stream':
      return STREAMS;
    case 'hash':
      if (!value.hasExpiries) return undefined;
      return value.expiresAfter(MAX_FIELD_EXPIRE_MS) ? FAR_FIELD_EXPIRY : FIELD_EXPIRY;
    case 'array':
      return ARRAYS;
    case 'opaque':
      return value.value.type === 'module' ? MODULES : value.value.type === 'pathhash' ? PATH_HASHES : KEYDB;
    default:
      return undefined;
  }
}

/** The target, the later ones of its family, then those of the other one, then KeyDB. */
function candidatesFrom(target: Target): Target[] {
  const isOwn = ({ family }: Target): boolean => family === target.family;
  const later = TARGETS.slice(TARGETS.indexOf(target)).filter(isOwn);
  const others = TARGETS.filter((one) => !isOwn(one));
  return [...later, ...others];
}
