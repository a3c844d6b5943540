/** What the tests of packed structures share: bytes in hex, values that hit every boundary, damaged copies. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { type ErrorCode, FormatError } from '../../src/bytes/errors.js';
import type { Slice } from '../../src/bytes/slice.js';

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** The slice's bytes, one character each. */
export function sliceText(slice: Slice): string {
  return Buffer.from(slice.copy()).toString('latin1');
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Reads a blob that lies in `[start, end)` of a larger array. */
export type Reader<T> = (bytes: Uint8Array, start: number, end: number) => T;

/** Runs a reader on a blob with strange bytes around it. */
export function readInside<T>(blob: Uint8Array, read: Reader<T>, around = 0xa5, before = 3): T {
  const bytes = new Uint8Array(before + blob.length + 16).fill(around);
  bytes.set(blob, before);
  return read(bytes, before, before + blob.length);
}

/** Expects a FormatError with this code, and with this position counted from the start of the blob if given. */
export function expectError(blob: Uint8Array, read: Reader<unknown>, code: ErrorCode, pos?: number): void {
  const error = failure(() => readInside(blob, read));
  expect(error?.code).toBe(code);
  if (pos !== undefined) expect(error?.offset).toBe(3 + pos);
}

/**
 * Every prefix and every single-bit flip of the blob: a result or a FormatError with one of the codes, at a position
 * inside the blob, and the same one whatever bytes lie beyond its end.
 */
export function expectRobust(blob: Uint8Array, read: Reader<unknown>, codes: readonly ErrorCode[]): void {
  for (const damaged of [...prefixes(blob), ...bitFlips(blob)]) {
    const outcomes = [0x00, 0x61, 0xff, 0xfe].map((around) => outcome(damaged, read, codes, around));
    expect(new Set(outcomes).size, `what lies beyond the end matters: ${toHex(damaged)} ${outcomes.join(' | ')}`).toBe(
      1,
    );
  }
}

export function* prefixes(blob: Uint8Array): Generator<Uint8Array> {
  for (let size = 0; size < blob.length; size++) yield blob.slice(0, size);
}

export function* bitFlips(blob: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < blob.length * 8; bit++) {
    const damaged = blob.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    yield damaged;
  }
}

function outcome(blob: Uint8Array, read: Reader<unknown>, codes: readonly ErrorCode[], around: number): string {
  let result: unknown;
  const error = failure(() => {
    result = readInside(blob, read, around);
  });
  if (error === undefined) return JSON.stringify(result) ?? 'nothing';
  expect(codes).toContain(error.code);
  expect(error.offset).toBeGreaterThanOrEqual(3);
  expect(error.offset).toBeLessThanOrEqual(3 + blob.length);
  return `${error.code} at ${error.offset}`;
}

/** The FormatError that `action` throws; every other error passes through and fails the test. */
function failure(action: () => unknown): FormatError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** Both sides of each integer width of ziplists and listpacks, and of the largest exact double. */
export const INTEGER_BOUNDARIES: readonly bigint[] = [0n, 1n, 10n, 12n, 13n, 127n, 4095n, 4096n, 9_999n]
  .concat([7, 8, 12, 15, 16, 23, 24, 31, 32, 53, 62].map((bits) => 1n << BigInt(bits)))
  .concat([10n ** 9n, 10n ** 15n, 10n ** 16n, 10n ** 18n, (1n << 63n) - 1n])
  .flatMap((value) => [value - 1n, value, value + 1n, -value - 1n, -value, -value + 1n])
  .filter((value) => BigInt.asIntN(64, value) === value);

/** Texts that look like integers and are none of the kind that packed structures store. */
export const ALMOST_INTEGERS: readonly string[] = [
  ...[
    '',
    '-',
    '+1',
    '-0',
    '00',
    '01',
    '-01',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x10',
    '١',
    '--1',
    '1-',
    '9223372036854775808',
  ],
  ...['-9223372036854775809', '9999999999999999999', '10000000000000000000', '99999999999999999999', '1'.repeat(21)],
];

const LENGTHS = [0, 1, 62, 63, 64, 65, 125, 126, 127, 128, 252, 253, 254, 255, 256, 4093, 4094, 4095, 4096, 4097];

/** A value that is likely to sit on a boundary: of an integer width, of a length form, or plain noise. */
export function hostileValue(): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.constantFrom(...INTEGER_BOUNDARIES).map((value) => ascii(String(value))),
    fc.constantFrom(...ALMOST_INTEGERS).map(ascii),
    fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map((value) => ascii(String(value))),
    fc.integer({ min: -70000, max: 70000 }).map((value) => ascii(String(value))),
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom(...LENGTHS), fc.integer({ min: 0, max: 255 }))
      .map(([length, byte]) => new Uint8Array(length).fill(byte)),
  );
}
