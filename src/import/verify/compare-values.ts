/** Two values of the same type: what of the target's differs from the source's. */
import { holdsFieldExpiry } from '../../convert/adapt-hash.js';
import type { ValueType } from '../../rdb/model.js';
import type { Target } from '../../rdb/versions.js';
import { compareStreamStates } from './compare-streams.js';
import type { DifferenceSubject } from './model.js';
import type { ValueFacts } from './value-facts.js';

/** One thing that differs. */
export interface Finding {
  readonly what: DifferenceSubject;
  readonly detail: string;
}

/** What a comparison depends on. */
export interface CompareRules {
  readonly target: Target;
  readonly toleranceMs: number;
  /** What expires by then may be gone: now and the tolerance, Unix ms. */
  readonly horizonMs: number;
}

/** `unknown`: nobody but the module whose value it is can say. */
export type Comparison = readonly Finding[] | 'unknown';

const SAME: readonly Finding[] = [];

/** What one element of a type is called, and several are. */
const ELEMENT_NAMES: Readonly<Record<ValueType, readonly [string, string]>> = {
  string: ['byte', 'bytes'],
  list: ['item', 'items'],
  set: ['member', 'members'],
  zset: ['member', 'members'],
  hash: ['field', 'fields'],
  stream: ['entry', 'entries'],
  array: ['element', 'elements'],
  module: ['item', 'items'],
  pathhash: ['field', 'fields'],
  cron: ['argument', 'arguments'],
};

export function compareValues(source: ValueFacts, target: ValueFacts, rules: CompareRules): Comparison {
  if (source.type !== target.type) return [{ what: 'type', detail: `${target.type}, not ${source.type}` }];
  switch (source.type) {
    case 'hash':
      return compareHashes(source, target, rules);
    case 'stream':
      return [...compareElements(source, target), ...compareStates(source, target, rules)];
    case 'array':
      return source.isOpaque || target.isOpaque ? 'unknown' : compareArrays(source, target);
    case 'module':
    case 'pathhash':
    case 'cron':
      return compareOpaque(source, target);
    default:
      return compareElements(source, target);
  }
}

/** `3 fields, not 4`, or that as many are others. */
export function countDetail(type: ValueType, found: number, wanted: number): string {
  if (found !== wanted) return `${elementsText(type, found)}, not ${wanted}`;
  return `other ${ELEMENT_NAMES[type][1]}, as many as they should be (${wanted})`;
}

/** Whether every field of a hash has an expiry that lies before the horizon: the key may be gone. */
export function mayBeGone({ type, elements, timed, hasTooManyTimed }: ValueFacts, horizonMs: number): boolean {
  if (type !== 'hash' || elements > 0 || timed.size === 0 || hasTooManyTimed) return false;
  for (const { expireAtMs } of timed.values()) if (expireAtMs > horizonMs) return false;
  return true;
}

function elementsText(type: ValueType, count: number): string {
  return `${count} ${ELEMENT_NAMES[type][count === 1 ? 0 : 1]}`;
}

function compareElements(source: ValueFacts, target: ValueFacts): readonly Finding[] {
  if (source.elements === target.elements && source.hasSameWords(target)) return SAME;
  return [{ what: 'value', detail: countDetail(source.type, target.elements, source.elements) }];
}

function compareStates(source: ValueFacts, target: ValueFacts, rules: CompareRules): readonly Finding[] {
  if (source.state === undefined || target.state === undefined) return SAME;
  const { idmp: _, ...rest } = source.state;
  const wanted = target.hasIdempotency ? source.state : rest;
  const details = compareStreamStates(wanted, target.state, source.firstEntry, rules);
  return details === undefined ? SAME : [{ what: 'state', detail: details }];
}

function compareArrays(source: ValueFacts, target: ValueFacts): readonly Finding[] {
  const findings = compareElements(source, target);
  if (source.insertIndex === target.insertIndex) return findings;
  const [found, wanted] = [target.insertIndex ?? 'none', source.insertIndex ?? 'none'];
  return [...findings, { what: 'state', detail: `last insert at ${found}, not ${wanted}` }];
}

/** Modules save what they like in any order: only the same items in the same order say something for sure. */
function compareOpaque(source: ValueFacts, target: ValueFacts): Comparison {
  if (source.module !== target.module)
    return [{ what: 'type', detail: `a value of the module ${target.module}, not of ${source.module}` }];
  if (!source.isOpaque && !target.isOpaque) {
    return source.hasSameWords(target) ? SAME : [{ what: 'value', detail: 'other elements, attributes or vectors' }];
  }
  if (source.hasSameItems(target)) return SAME;
  if (source.type !== 'module' || source.moduleVersion !== target.moduleVersion) return 'unknown';
  return [{ what: 'value', detail: `the module ${source.module} saves it as something else` }];
}

function compareHashes(source: ValueFacts, target: ValueFacts, rules: CompareRules): Comparison {
  if (source.hasTooManyTimed || target.hasTooManyTimed) return 'unknown';
  if (source.elements === target.elements && source.hasSameWords(target)) return compareTimed(source, target, rules);
  const [whole, other] = [livingPart(source, rules), livingPart(target, rules)];
  if (whole.elements !== other.elements || whole.high !== other.high || whole.low !== other.low)
    return [{ what: 'value', detail: countDetail('hash', other.elements, whole.elements) }];
  const why = holdsFieldExpiry(rules.target) ? '' : `: ${rules.target.name} has none`;
  return [
    { what: 'field ttl', detail: `${elementsText('hash', other.timed)} with an expiry, not ${whole.timed}${why}` },
  ];
}

/** The fields with an expiry, those without being the same. */
function compareTimed(source: ValueFacts, target: ValueFacts, rules: CompareRules): readonly Finding[] {
  const { toleranceMs, horizonMs } = rules;
  let gone = 0;
  let added = 0;
  let changed = 0;
  let moved = 0;
  let example = '';
  for (const [name, field] of source.timed) {
    const other = target.timed.get(name);
    if (other === undefined) {
      if (field.expireAtMs > horizonMs) gone++;
    } else if (other.high !== field.high || other.low !== field.low) changed++;
    else if (Math.abs(other.expireAtMs - field.expireAtMs) > toleranceMs && moved++ === 0)
      example = `, the first at ${other.expireAtMs}, not ${field.expireAtMs}`;
  }
  for (const [name, { expireAtMs }] of target.timed) if (expireAtMs > horizonMs && !source.timed.has(name)) added++;
  const findings: Finding[] = [];
  if (gone + added + changed > 0) {
    const detail = `of the fields with an expiry, ${gone} are missing, ${added} too many and ${changed} other values`;
    findings.push({ what: 'value', detail });
  }
  if (moved > 0) {
    const verb = moved === 1 ? 'expires' : 'expire';
    findings.push({ what: 'field ttl', detail: `${elementsText('hash', moved)} ${verb} at another time${example}` });
  }
  return findings;
}

/** A hash without regard to expiries, but for fields that have expired. */
function livingPart(
  { elements, words, timed }: ValueFacts,
  { horizonMs }: CompareRules,
): { elements: number; timed: number; high: number; low: number } {
  let living = 0;
  let { 0: high = 0, 1: low = 0 } = words;
  for (const field of timed.values()) {
    if (field.expireAtMs <= horizonMs) continue;
    living++;
    high ^= field.high;
    low ^= field.low;
  }
  return { elements: elements + living, timed: living, high, low };
}
