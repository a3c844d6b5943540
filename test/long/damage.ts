/** Damaged dumps: seeded changes of many bytes at a time, lies about lengths, pieces of other dumps, missing ends. */
import type { Values } from '../support/workload-values.js';

/** What a length field may be made to say: nothing, a little, 2^31, 2^63, all ones; and the other leads of a string. */
const LENGTHS: readonly (readonly number[])[] = [
  [0x00],
  [0x3f],
  [0x7f, 0xff],
  [0x80, 0x00, 0x00, 0x00, 0x00],
  [0x80, 0x7f, 0xff, 0xff, 0xff],
  [0x80, 0xff, 0xff, 0xff, 0xff],
  [0x81, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00],
  [0x81, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x81, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xc0, 0x80],
  [0xc1, 0xff, 0x7f],
  [0xc2, 0x00, 0x00, 0x00, 0x80],
  [0xc3, 0x05, 0x7f, 0xff],
  [0xc3, 0x40, 0x40, 0x80, 0x00, 0x10, 0x00, 0x00],
  [0xc3, 0x80, 0xff, 0xff, 0xff, 0xff, 0x3f],
];

/** A name for each way to damage; several may hit one file. */
const WAYS = ['bit', 'bit', 'byte', 'byte', 'noise', 'length', 'length', 'insert', 'remove', 'repeat'] as const;
const RARE_WAYS = ['splice', 'swap', 'cut', 'zeros', 'ones'] as const;
const MAX_CHANGES = 8;
/** Repeats and splices must not make files that are slow because they are large. */
const MAX_GROWN_BYTES = 64 * 1024;

export interface Damaged {
  readonly bytes: Uint8Array;
  /** What was done, for people. */
  readonly how: string;
}

/** One change, two, or up to eight. `other` is where splices come from. */
export function damage(file: Uint8Array, other: Uint8Array, values: Values): Damaged {
  let bytes = Uint8Array.from(file);
  const how: string[] = [];
  for (let left = 1 + values.below(values.chance(0.6) ? 2 : MAX_CHANGES); left > 0 && bytes.length > 0; left--) {
    const way = values.chance(0.15) ? values.pick(RARE_WAYS) : values.pick(WAYS);
    // The header is the least interesting part: it is hit now and then.
    const first = values.chance(0.02) ? 0 : Math.min(9, bytes.length - 1);
    const at = first + values.below(bytes.length - first);
    bytes = change(way, bytes, at, other, values);
    how.push(`${way}@${at}`);
  }
  return { bytes, how: how.join(' ') };
}

function change(
  way: (typeof WAYS)[number] | (typeof RARE_WAYS)[number],
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  other: Uint8Array,
  values: Values,
): Uint8Array<ArrayBuffer> {
  const size = 1 + values.below(values.chance(0.2) ? 4096 : 16);
  switch (way) {
    case 'bit':
      bytes[at]! ^= 1 << values.below(8);
      return bytes;
    case 'byte':
      bytes[at] = values.below(256);
      return bytes;
    case 'noise':
      return overwrite(bytes, at, values.noise(size));
    case 'zeros':
      return bytes.fill(0, at, at + size);
    case 'ones':
      return bytes.fill(0xff, at, at + size);
    case 'length':
      return overwrite(bytes, at, values.pick(LENGTHS));
    case 'insert':
      return join(bytes.subarray(0, at), Uint8Array.from(values.pick(LENGTHS)), bytes.subarray(at));
    case 'remove':
      return join(bytes.subarray(0, at), bytes.subarray(at + size));
    case 'repeat':
      return join(bytes.subarray(0, at + size), bytes.subarray(at));
    case 'swap':
      return join(bytes.subarray(0, at), bytes.subarray(at + size, at + 2 * size), bytes.subarray(at, at + size));
    case 'cut':
      return bytes.slice(0, at);
    case 'splice':
      return join(bytes.subarray(0, at), piece(other, values), bytes.subarray(at));
  }
}

function piece(other: Uint8Array, values: Values): Uint8Array {
  const start = values.below(other.length);
  return other.subarray(start, start + 1 + values.below(Math.min(other.length - start, MAX_GROWN_BYTES)));
}

function overwrite(bytes: Uint8Array<ArrayBuffer>, at: number, by: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  for (let index = 0; index < by.length && at + index < bytes.length; index++) bytes[at + index] = by[index]!;
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
