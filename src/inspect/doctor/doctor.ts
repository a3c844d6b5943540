/** Rules with thresholds over a data set: what stands out, and what somebody has forbidden. */

import { SLOT_COUNT } from '../../rdb/key-slot.js';
import type { RdbRecord } from '../../rdb/model.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { FingerprintSet } from '../fingerprints.js';
import { SlotCollector } from '../slots/slot-collector.js';
import { TtlCollector, type TtlOptions } from '../ttl/ttl-collector.js';
import {
  BIG_KEY_BYTES,
  DOCTOR_RULES,
  type DoctorCondition,
  type DoctorRule,
  type DoctorRuleName,
  holds,
  needsSlots,
  type RuleUnit,
} from './doctor-rules.js';
import { LargestKey, type NamedKey } from './largest-key.js';

/** `fail`: a condition holds that was given; `warn`: more than the rule's own limit; `ok`: neither. */
export type FindingStatus = 'ok' | 'warn' | 'fail';

export interface DoctorFinding {
  readonly rule: DoctorRuleName;
  readonly status: FindingStatus;
  /** In the rule's unit: bytes, a part of 1, a whole number, a ratio. */
  readonly value: number;
  readonly unit: RuleUnit;
  readonly about: string;
  /** The condition that holds, or the rule's own limit that is passed. */
  readonly limit?: string | number;
  /** The key that the number is of. */
  readonly key?: NamedKey;
  /** The number is a lower bound: not all keys could be compared. */
  readonly isLeast?: boolean;
}

export interface DoctorReport {
  /** No condition that was given holds. */
  readonly ok: boolean;
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorOptions extends TtlOptions {
  readonly conditions?: readonly DoctorCondition[];
  /** Memory is measured: `memory`, `maxKey` and `bigKeys` are of it, and of values in the file otherwise. Default: false. */
  readonly memory?: boolean;
}

/** Packed encodings end at so many elements by default, and up to twice as many are just over the edge. */
const PACKED_LIMITS: Readonly<Record<string, number>> = { hash: 512, zset: 128, set: 128 };

/** Needs elements to be counted, and memory to be measured where that is said. */
export class DoctorCollector implements FactCollector {
  private readonly conditions: readonly DoctorCondition[];
  private readonly ttl: TtlCollector;
  private readonly slots: SlotCollector | undefined;
  private readonly known = new FingerprintSet();
  private readonly largestKey = new LargestKey();
  private readonly largestValue = new LargestKey();
  private readonly longest = new LargestKey();
  private readonly longestName = new LargestKey();
  private readonly counts = { keys: 0, bytes: 0, memory: 0, big: 0, cliffs: 0, duplicates: 0 };
  private readonly records = { scripts: 0, functions: 0, modules: 0 };

  constructor(private readonly options: DoctorOptions) {
    this.conditions = options.conditions ?? [];
    this.ttl = new TtlCollector(options);
    this.slots = needsSlots(this.conditions) ? new SlotCollector() : undefined;
  }

  record(record: RdbRecord): void {
    this.ttl.record(record);
    if (record.kind === 'function') this.records.functions++;
    else if (record.kind === 'module-aux') this.records.modules++;
    else if (record.kind === 'aux' && isLua(record.name)) this.records.scripts++;
  }

  key(facts: KeyFacts): void {
    const { counts } = this;
    const { bytes, start, end } = facts.key;
    const size = this.options.memory ? facts.memoryBytes : facts.valueBytes;
    counts.keys++;
    counts.bytes += facts.valueBytes;
    counts.memory += size;
    if (size >= BIG_KEY_BYTES) counts.big++;
    if (isOverTheEdge(facts)) counts.cliffs++;
    if (facts.type === 'module') this.records.modules++;
    if (!this.known.add(facts.db, bytes, start, end)) counts.duplicates++;
    this.largestKey.offer(size, facts);
    this.largestValue.offer(facts.valueBytes, facts);
    this.longest.offer(facts.elements, facts);
    this.longestName.offer(end - start, facts);
    this.ttl.key(facts);
    this.slots?.key(facts);
  }

  report(): DoctorReport {
    const found = this.found();
    const findings = DOCTOR_RULES.flatMap((rule: DoctorRule & { name: DoctorRuleName }) => {
      const fact = found.get(rule.name);
      return fact === undefined ? [] : [this.judge(rule, fact)];
    });
    return { ok: findings.every(({ status }) => status !== 'fail'), findings };
  }

  private judge(rule: DoctorRule & { name: DoctorRuleName }, fact: Fact): DoctorFinding {
    const { name, unit, about, warnAbove } = rule;
    const finding = { rule: name, unit, about, ...fact };
    const broken = this.conditions.find((condition) => condition.rule === name && holds(condition, fact.value));
    if (broken !== undefined) return { ...finding, status: 'fail', limit: broken.text };
    if (warnAbove !== undefined && fact.value > warnAbove) return { ...finding, status: 'warn', limit: warnAbove };
    return { ...finding, status: 'ok' };
  }

  private sizeIs(unmeasured: string): Partial<Pick<DoctorFinding, 'about'>> {
    return this.options.memory ? {} : { about: unmeasured };
  }

  /** The numbers of all rules that have one. */
  private found(): Map<DoctorRuleName, Fact> {
    const { counts, records, ttl, slots } = this;
    const { all, withoutTtl, expired, dbs } = ttl.report();
    const found = new Map<DoctorRuleName, Fact>([
      ['keys', { value: counts.keys }],
      ['dbs', { value: dbs.length }],
      ['size', { value: counts.bytes }],
      ['maxKey', { ...this.largestKey.fact(), ...this.sizeIs('largest key, by its value in the file') }],
      ['maxValue', this.largestValue.fact()],
      ['maxElements', this.longest.fact()],
      ['maxName', this.longestName.fact()],
      ['bigKeys', { value: counts.big, ...this.sizeIs('keys with 10 MB and more in the file') }],
      ['noTtl', { value: withoutTtl.keys / (all.keys || 1) }],
      ['expired', { value: expired.keys / (all.keys || 1) }],
      ['cliffs', { value: counts.cliffs }],
      ['duplicates', { value: counts.duplicates, ...(this.known.bits > 0 && { isLeast: true }) }],
      ['scripts', { value: records.scripts }],
      ['functions', { value: records.functions }],
      ['modules', { value: records.modules }],
    ]);
    if (this.options.memory || this.conditions.some(({ rule }) => rule === 'memory'))
      found.set('memory', { value: counts.memory, ...this.sizeIs('all values in the file: memory was not measured') });
    if (slots === undefined) return found;
    const { skew } = slots.report();
    const { max, mean, maxOverMean } = this.options.memory ? skew.memoryBytes : skew.bytes;
    found.set('slotSkew', { value: maxOverMean });
    found.set('maxSlot', { value: max / (mean * SLOT_COUNT || 1) });
    return found;
  }
}

type Fact = Pick<DoctorFinding, 'value' | 'key' | 'isLeast'> & Partial<Pick<DoctorFinding, 'about'>>;

/** A collection that is not packed for some elements too many. */
function isOverTheEdge({ type, encoding, elements }: KeyFacts): boolean {
  if (encoding !== 'hashtable' && encoding !== 'skiplist') return false;
  const limit = PACKED_LIMITS[type];
  return limit !== undefined && elements > limit && elements <= 2 * limit;
}

function isLua(name: Uint8Array): boolean {
  return name.length === 3 && name[0] === 0x6c && name[1] === 0x75 && name[2] === 0x61;
}
