import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc64, crc64 } from '../../src/bytes/crc64.js';
import { ascii, hex } from '../support/packed.js';

const POLYNOMIAL = 0x95ac9329ac4bc9b5n;

/** Bit by bit, as the definition says. */
function reference(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n;
  }
  return crc;
}

describe('CRC-64/Jones', () => {
  it('gives the check value', () => expect(crc64(ascii('123456789'))).toBe(0xe9c6d914c4b8d9can));

  it.each([
    ['nothing', '', 0n],
    ['zeros', '00'.repeat(100), 0n],
    ['the DUMP of a string', '00 05 68656c6c6f 0a00', 0x0a20346576df7263n],
    ['the DUMP of a hash', '10 0d 0d0000000200 816602 817602 ff 0a00', 0x9d085423443df120n],
    ['the DUMP of an intset', '0b 14 04000000 03000000 fdffffff 01000000 70110100 0a00', 0xd78622afdd4d8d7bn],
    ['the DUMP of a set', '02 01 0161 0a00', 0x6d1ad2447ee99662n],
  ])('of %s', (_, bytes, value) => expect(crc64(hex(bytes))).toBe(value));

  it('counts from start to end', () => {
    expect(crc64(ascii('xx123456789yyy'), 2, 11)).toBe(0xe9c6d914c4b8d9can);
  });

  it('equals its definition at every size and alignment', () => {
    const buffer = Uint8Array.from({ length: 400 }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24);
    for (let offset = 0; offset < 9; offset++) {
      for (const size of [0, 1, 7, 8, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 79, 80, 200, 391]) {
        const view = new Uint8Array(buffer.buffer, offset, 400 - offset);
        expect(crc64(view, 0, size)).toBe(reference(view.subarray(0, size)));
        expect(crc64(buffer, offset, offset + size)).toBe(reference(buffer.subarray(offset, offset + size)));
      }
    }
  });

  it('is the same however the bytes are split', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 700 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 6 }),
        (bytes, cuts) => {
          const crc = new Crc64();
          const ends = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          let start = 0;
          for (const end of ends) {
            crc.update(bytes, start, end);
            start = end;
          }
          expect(crc.value()).toBe(reference(bytes));
        },
      ),
    );
  });

  it('goes on over other buffers, and starts anew', () => {
    const whole = Uint8Array.from({ length: 300 }, (_, index) => index * 7);
    const crc = new Crc64();
    crc.update(whole.slice(0, 100), 0, 100);
    crc.update(whole.slice(100, 203), 0, 103);
    crc.update(whole, 203, 300);
    expect(crc.value()).toBe(reference(whole));
    crc.reset();
    expect(crc.value()).toBe(0n);
    crc.update(whole, 0, 300);
    expect(crc.value()).toBe(reference(whole));
  });

  it('compares halves, signed or not', () => {
    const crc = new Crc64();
    crc.update(ascii('123456789'), 0, 9);
    expect(crc.equals(0xe9c6d914, 0xc4b8d9ca)).toBe(true);
    expect(crc.equals(0xe9c6d914 | 0, 0xc4b8d9ca | 0)).toBe(true);
    expect([crc.hi, crc.lo]).toEqual([0xe9c6d914 | 0, 0xc4b8d9ca | 0]);
    expect(crc.equals(0xe9c6d914, 0xc4b8d9cb)).toBe(false);
    expect(crc.equals(0xe9c6d915, 0xc4b8d9ca)).toBe(false);
  });
});
