import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMetaClass,
  decodeModuleId,
  encodeMetaClass,
  encodeModuleId,
  META_ALLOW_IGNORE,
} from '../../src/codecs/module-id.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function decode(id: bigint): { name: string; version: number } {
  return decodeModuleId(Number(BigInt.asIntN(32, id >> 32n)), Number(BigInt.asIntN(32, id)));
}

function encode(name: string, version: number): bigint {
  const { hi, lo } = encodeModuleId(name, version);
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

describe('module ids', () => {
  it('the worked example', () => {
    expect(decode(0xbde72da2bb1eb400n)).toEqual({ name: 'vectorset', version: 0 });
    expect(encode('vectorset', 0)).toBe(0xbde72da2bb1eb400n);
  });

  it.each([
    [0x45e25238df912c03n, 'ReJSON-RL', 3],
    [0n, 'AAAAAAAAA', 0],
    [0xffffffffffffffffn, '_________', 1023],
  ])('%s is %s %d', (id, name, version) => {
    expect(decode(id)).toEqual({ name, version });
    expect(encode(name, version)).toBe(id);
  });

  it('takes halves of either sign', () => {
    expect(decodeModuleId(0xbde72da2, 0xbb1eb400)).toEqual({ name: 'vectorset', version: 0 });
  });

  it.each([
    ['short', 0],
    ['muchtoolong', 0],
    ['with blank'.slice(0, 9), 0],
    ['vectorset', 1024],
    ['vectorset', -1],
    ['vectorset', 1.5],
  ])('refuses to encode %s %d', (name, version) => expect(() => encodeModuleId(name, version)).toThrow(RangeError));

  it('decode ∘ encode is the identity', () => {
    const name = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(name, fc.nat(1023), (text, version) => {
        expect(decode(encode(text, version))).toEqual({ name: text, version });
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (id) => {
        const { name: text, version } = decode(id);
        expect(encode(text, version)).toBe(id);
      }),
    );
  });
});

describe('metadata classes', () => {
  it.each([
    [0, 'META-AAAA', 0, 0],
    [0xffffffff, 'META-____', 31, 7],
    [(0x00_10_83 << 8) | (2 << 3) | META_ALLOW_IGNORE, 'META-ABCD', 2, 1],
  ])('%d is %s, version %d, flags %d', (spec, name, version, flags) => {
    expect(decodeMetaClass(spec)).toEqual({ name, version, flags });
    expect(decodeMetaClass(spec | 0)).toEqual({ name, version, flags });
    expect(encodeMetaClass({ name, version, flags })).toBe(spec);
  });

  it.each([
    ['ABCD', 0, 0],
    ['META-ABC', 0, 0],
    ['META-ABCDE', 0, 0],
    ['META-A.CD', 0, 0],
    ['META-ABCD', 32, 0],
    ['META-ABCD', 0, 8],
    ['META-ABCD', 0, -1],
  ])('refuses to encode %s %d %d', (name, version, flags) => {
    expect(() => encodeMetaClass({ name, version, flags })).toThrow(RangeError);
  });

  it('encode ∘ decode is the identity', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (spec) => {
        expect(encodeMetaClass(decodeMetaClass(spec))).toBe(spec);
      }),
    );
  });
});
