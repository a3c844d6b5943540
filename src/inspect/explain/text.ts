/** How the values of spans read. */
import type { FormatError } from '../../bytes/errors.js';
import type { Int64 } from '../../bytes/int64.js';
import { formatQuoted } from '../../bytes/quote.js';
import { formatStreamId, MAX_STREAM_ID_TEXT, type StreamIdSlot } from '../../codecs/stream-id.js';

/** Strings are cut to this many bytes. */
const MAX_QUOTED_BYTES = 64;
/** The furthest time that a Date holds. */
const MAX_DATE_MS = 8.64e15;

/** `"user:1"`, with redis-cli's escapes, cut to 64 bytes. */
export function quotedText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return formatQuoted(bytes, start, end, MAX_QUOTED_BYTES);
}

/** Unix ms as `2030-01-01T00:00:00.000Z`; beyond what a Date holds, `9223372036854775807 ms`. */
export function timeText(ms: Int64): string {
  const value = ms.toNumber();
  if (ms.isSafe() && Math.abs(value) <= MAX_DATE_MS) return new Date(value).toISOString();
  return `${ms.signed()} ms`;
}

/** As {@link timeText}, where −1 stands for no time at all. */
export function timeOrNone(ms: Int64, none: string): string {
  return ms.isAllOnes() ? `-1 (${none})` : timeText(ms);
}

export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

export function idText(id: StreamIdSlot): string {
  const out = new Uint8Array(MAX_STREAM_ID_TEXT);
  return String.fromCharCode(...out.subarray(0, formatStreamId(id, out, 0)));
}

/** `1 byte`, `2 bytes`. */
export function sizeText(size: number): string {
  return countText(size, 'byte');
}

/** `1 entry`, `2 entries`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `0A`. */
export function hexText(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** `expected` where both agree, else what was found and what it contradicts: `36 (but there are 40 bytes)`. */
export function claimText(stored: number, actual: number, remark: string): string {
  return stored === actual ? String(stored) : `${stored} (but ${remark})`;
}

/** The text of an error span: `BAD_LISTPACK: listpack: an entry reaches beyond its end`. */
export function errorText(error: FormatError): string {
  return `${error.code}: ${error.message}`;
}
