/** What the report points out: rules of the doctor that are broken, and what is worth knowing beside them. */
import type { DoctorFinding, DoctorReport } from '../doctor/doctor.js';
import type { DoctorRuleName } from '../doctor/doctor-rules.js';
import type { PrefixNode, PrefixReport } from '../prefix/prefix-report.js';
import type { ReportWarning } from './report-data.js';

/** Rules whose number is a remark wherever it is not 0, though nothing is wrong with it. */
const REMARKS: ReadonlySet<DoctorRuleName> = new Set<DoctorRuleName>([
  'noTtl',
  'expired',
  'bigKeys',
  'cliffs',
  'functions',
  'modules',
]);

export function reportWarnings(
  { findings }: DoctorReport,
  prefixes: PrefixReport,
  showKey: (key: Uint8Array) => string,
): ReportWarning[] {
  const warnings = findings
    .filter(({ status }) => status !== 'ok')
    .map((finding) => warningOf('warning', finding, showKey));
  const remarks = findings
    .filter(({ rule, status, value }) => status === 'ok' && value > 0 && REMARKS.has(rule))
    .map((finding) => warningOf('remark', finding, showKey));
  if (prefixes.isCapped)
    remarks.push({
      level: 'remark',
      about: 'keys counted under a shorter prefix, since there are too many different ones',
      value: keysInOther(prefixes.root),
      unit: 'count',
    });
  return [...warnings, ...remarks];
}

function warningOf(
  level: ReportWarning['level'],
  { about, value, unit, limit, key, isLeast }: DoctorFinding,
  showKey: (key: Uint8Array) => string,
): ReportWarning {
  return {
    level,
    about: isLeast ? `${about} (at least)` : about,
    value,
    unit,
    ...(typeof limit === 'number' && { limit }),
    ...(key !== undefined && { key: showKey(key.key) }),
  };
}

function keysInOther({ other, children }: PrefixNode): number {
  return children.reduce((sum, child) => sum + keysInOther(child), other.keys);
}
