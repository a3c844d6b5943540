/** Times of a log, which has them in Unix seconds. */

/** The last second that a date can say. */
const MAX_SECONDS = 8_640_000_000_000;

/** `2026-01-31T12:00:00Z`; undefined where there is none, the number itself where it is beyond every date. */
export function isoSeconds(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  if (seconds > MAX_SECONDS) return String(seconds);
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
