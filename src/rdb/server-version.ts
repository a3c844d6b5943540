/** Versions of servers, compared within their family. */
import type { Target } from './versions.js';

/** Whether the target is this version of its family or a later one; `versions` has one per family that has the thing at all. */
export function isSince(target: Target, versions: { readonly redis?: string; readonly valkey?: string }): boolean {
  const isValkey = target.family === 'valkey';
  const since = isValkey ? versions.valkey : versions.redis;
  if (since === undefined) return false;
  // Some commands ask this each time that they run.
  return numberOf(target.name) >= numberOf(since);
}

/** Of names and versions that occur in code: few. */
const numbers = new Map<string, number>();

/** `7.4` and `redis:7.4` as a number that ascends with versions. */
function numberOf(text: string): number {
  let number = numbers.get(text);
  if (number === undefined) {
    const [major = 0, minor = 0] = text
      .slice(text.indexOf(':') + 1)
      .split('.')
      .map(Number);
    number = major * 1000 + minor;
    numbers.set(text, number);
  }
  return number;
}
