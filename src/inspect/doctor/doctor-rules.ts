/**
 * What is looked at, and the conditions that people set (`--fail-on`):
 *
 *     maxKey>100MB,noTtl>50%,keys<1000000       a name, > >= < or <=, and a size, a share, a number or a ratio
 */
import { FilterTextError, parseCount, parseSize } from '../../rdb/filter-text.js';

/** What a rule's number is: bytes, a part of 1, a whole number, or a ratio. */
export type RuleUnit = 'bytes' | 'share' | 'count' | 'ratio';

export interface DoctorRule {
  readonly name: string;
  readonly unit: RuleUnit;
  /** What the number is, for people. */
  readonly about: string;
  /** More than this is a warning where nobody has said anything else. */
  readonly warnAbove?: number;
}

const MB = 1024 * 1024;
/** From here on a key is a big one. */
export const BIG_KEY_BYTES = 10 * MB;

export const DOCTOR_RULES = [
  { name: 'keys', unit: 'count', about: 'keys' },
  { name: 'dbs', unit: 'count', about: 'databases with keys' },
  { name: 'memory', unit: 'bytes', about: 'memory of all keys' },
  { name: 'size', unit: 'bytes', about: 'all values in the file' },
  { name: 'maxKey', unit: 'bytes', about: 'memory of the largest key', warnAbove: 100 * MB },
  { name: 'maxValue', unit: 'bytes', about: 'largest value in the file', warnAbove: 100 * MB },
  { name: 'maxElements', unit: 'count', about: 'elements of the longest collection', warnAbove: 1_000_000 },
  { name: 'maxName', unit: 'bytes', about: 'longest name of a key', warnAbove: 1024 },
  { name: 'bigKeys', unit: 'count', about: 'keys of 10 MB and more', warnAbove: 10 },
  { name: 'noTtl', unit: 'share', about: 'keys that never expire' },
  { name: 'expired', unit: 'share', about: 'keys that had expired when the dump was made', warnAbove: 0.25 },
  { name: 'cliffs', unit: 'count', about: 'collections just too long to be packed', warnAbove: 1000 },
  { name: 'duplicates', unit: 'count', about: 'keys that come twice', warnAbove: 0 },
  { name: 'scripts', unit: 'count', about: 'Lua scripts stored with the data', warnAbove: 0 },
  { name: 'functions', unit: 'count', about: 'function libraries' },
  { name: 'modules', unit: 'count', about: 'keys and records of modules' },
  { name: 'slotSkew', unit: 'ratio', about: 'largest slot of a cluster, as a multiple of the mean' },
  { name: 'maxSlot', unit: 'share', about: 'part of the data in the largest slot of a cluster' },
] as const satisfies readonly DoctorRule[];

export type DoctorRuleName = (typeof DOCTOR_RULES)[number]['name'];

export type Comparison = '>' | '>=' | '<' | '<=';

/** It holds where something is wrong. */
export interface DoctorCondition {
  readonly rule: DoctorRuleName;
  readonly comparison: Comparison;
  readonly than: number;
  /** As it was written. */
  readonly text: string;
}

/** Rules for which every key's slot is computed. */
const SLOT_RULES: ReadonlySet<string> = new Set<DoctorRuleName>(['slotSkew', 'maxSlot']);

/** Conditions with commas between them. Throws FilterTextError, which lists the rules where one is not known. */
export function parseConditions(text: string): DoctorCondition[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map(parseCondition);
}

export function holds({ comparison, than }: DoctorCondition, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > than;
    case '>=':
      return value >= than;
    case '<':
      return value < than;
    case '<=':
      return value <= than;
  }
}

export function needsSlots(conditions: readonly DoctorCondition[]): boolean {
  return conditions.some(({ rule }) => SLOT_RULES.has(rule));
}

function parseCondition(text: string): DoctorCondition {
  const match = /^([A-Za-z]+)\s*([<>]=?)\s*(.+)$/.exec(text);
  if (match === null) throw new FilterTextError(`'${text}' is no condition: write maxKey>100MB or noTtl>=50%`);
  const [, name, comparison, value] = match as unknown as [string, string, Comparison, string];
  const rule = DOCTOR_RULES.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (rule === undefined) {
    const names = DOCTOR_RULES.map((one) => one.name).join(', ');
    throw new FilterTextError(`there is no rule '${name}'; there are ${names}`);
  }
  return { rule: rule.name, comparison, than: parseThreshold(value, rule.unit), text };
}

function parseThreshold(text: string, unit: RuleUnit): number {
  switch (unit) {
    case 'bytes':
      return parseSize(text);
    case 'count':
      return parseCount(text);
    case 'share':
      return parseShare(text);
    case 'ratio':
      return parseRatio(text);
  }
}

function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(%?)$/.exec(text);
  const share = Number(match?.[1] ?? NaN) / (match?.[2] ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw new FilterTextError(`'${text}' is no share: write 50% or 0.5`);
  return share;
}

function parseRatio(text: string): number {
  if (!/^(\d+(?:\.\d*)?|\.\d+)$/.test(text)) throw new FilterTextError(`'${text}' is no number: write 3 or 1.5`);
  return Number(text);
}
