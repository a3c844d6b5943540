/** Numbers in a configuration: integers as the server's string2ll takes them, and amounts of memory such as `64mb`. */
import type { ByteString } from '../../bytes/byte-string.js';

export const MOST_LONG = 2n ** 63n - 1n;
export const MOST_UNSIGNED = 2n ** 64n - 1n;

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/** Digits and nothing else, a minus before them at the most, in 64 bits; undefined for anything else. */
export function parseInteger(word: ByteString): bigint | undefined {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(word)) return undefined;
  const value = BigInt(word);
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

/** Bytes; what does not fit 64 bits is the most that does. The empty text is 0, as to the server. Undefined for anything else. */
export function parseSize(word: ByteString): bigint | undefined {
  const [, digits, unit] = /^(\d*)([a-z]*)$/i.exec(word) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined || digits.length > 127) return undefined;
  const count = digits === '' ? 0n : BigInt(digits);
  return BigInt.asUintN(64, (count > MOST_UNSIGNED ? MOST_UNSIGNED : count) * factor);
}

/** In the largest unit that it is a whole number of, as CONFIG REWRITE writes it. */
export function formatSize(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    const factor = UNITS[unit]!;
    if (bytes >= factor && bytes % factor === 0n) return `${bytes / factor}${unit}`;
  }
  return bytes.toString();
}
