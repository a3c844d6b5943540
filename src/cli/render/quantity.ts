/** Numbers with units, as people read them. */

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `1.4 MB`: base 1024, as Redis tools count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 key`, `2 keys`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `5 s`, `3 min`, `2 h`, `4 days`: the largest unit of which there is at least one and a half. */
export function formatAge(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/** `40 ms`, `1.4 s`, `12 s`, `3 min`: how long something took. */
export function formatElapsed(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : formatAge(ms);
}

/** `81,301 keys/s`. */
export function paceText(keys: number, elapsedMs: number): string {
  return `${formatCount(Math.round((keys * 1000) / Math.max(elapsedMs, 1)))} keys/s`;
}

/** The furthest time that a Date holds. */
const MAX_DATE_MS = 8.64e15;

/** ISO 8601 in UTC, without a fraction that says nothing; beyond what a Date holds, `… ms after 1970`. */
export function formatTime(ms: number | bigint): string {
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) return `${ms} ms after 1970`;
  return new Date(Number(ms)).toISOString().replace('.000Z', 'Z');
}

/** A score as Redis writes it: `1.5`, `-0`, `inf`. */
export function scoreText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
