/** `doctor` for programs. */
import type { DoctorFinding, DoctorReport } from '../../inspect/doctor/doctor.js';
import { jsonBytes } from './bytes-text.js';

export function doctorJson(sources: readonly string[], { ok, findings }: DoctorReport): Record<string, unknown> {
  return { schema: 'rdb-inspect/doctor@1', sources, ok, findings: findings.map(findingJson) };
}

export function findingJson({ rule, status, value, unit, about, limit, key, isLeast }: DoctorFinding): unknown {
  return {
    rule,
    status,
    value: Number(value.toPrecision(15)),
    unit,
    ...(limit !== undefined && { limit }),
    ...(key !== undefined && { db: key.db, key: jsonBytes(key.key) }),
    ...(isLeast && { least: true }),
    about,
  };
}
