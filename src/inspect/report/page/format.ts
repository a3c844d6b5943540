/** Numbers and times as people read them. */
import type { ReportCount, ReportData } from '../report-data.js';

/** What is compared. */
export type Metric = keyof ReportCount;

export const METRIC_NAMES: Readonly<Record<Metric, string>> = { memory: 'Memory', bytes: 'In file', keys: 'Keys' };

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `1.4 MB`: base 1024. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = -1;
  while (Math.abs(value) >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : formatCount(Math.round(value))} ${UNITS[unit]}`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** `1 key`, `2 keys`. */
export function formatKeys(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'key' : 'keys'}`;
}

export function formatMetric(count: ReportCount, metric: Metric): string {
  return metric === 'keys' ? formatCount(count.keys) : formatBytes(count[metric]);
}

/** `37 %`, `0.4 %`; 0 of nothing is 0 %. */
export function formatShare(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  return `${percent < 9.95 && percent > 0 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** `2026-01-31 23:59:58 UTC`; what no calendar holds as it is. */
export function formatTime(ms: number): string {
  if (Math.abs(ms) > 8.64e15) return `${ms} ms`;
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** What sizes are: memory where it was measured. */
export function sizeMetric({ memoryModel }: ReportData): Metric {
  return memoryModel === undefined ? 'bytes' : 'memory';
}

/** Those that the report has, that of sizes first. */
export function metricsOf(data: ReportData): readonly Metric[] {
  return sizeMetric(data) === 'memory' ? ['memory', 'bytes', 'keys'] : ['bytes', 'keys'];
}
