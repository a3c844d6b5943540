import { describe, expect, it } from 'vitest';
import { TruncatedError, UnsupportedError } from '../../src/bytes/errors.js';
import { Lz4FrameDecoder } from '../../src/codecs/lz4-frame.js';
import { decodeVkcsHeader, encodeVkcs, isVkcs, VKCS_HEADER_SIZE, VKCS_MAGIC } from '../../src/codecs/vkcs.js';
import { ascii, expectError, expectRobust, hex, latin1, toHex } from '../support/packed.js';

const EXAMPLE = hex('564B4353 01 01 01 00');
const decode = (bytes: Uint8Array, start: number, end: number): boolean =>
  decodeVkcsHeader(bytes.subarray(0, end), start).blockChecksums;

describe('the worked example', () => {
  it('decodes', () => expect(decodeVkcsHeader(EXAMPLE, 0)).toEqual({ blockChecksums: true }));
  it('encodes', () => {
    expect(toHex(encodeVkcs(ascii('REDIS'), { blockChecksums: true }).subarray(0, VKCS_HEADER_SIZE))).toBe(
      toHex(EXAMPLE),
    );
  });
});

describe('the header', () => {
  it.each([
    ['another magic', '564B4354 01 01 01 00', 'BAD_LZ4', 0],
    ['another version', '564B4353 02 01 01 00', 'UNSUPPORTED_VERSION', 4],
    ['another codec', '564B4353 01 02 01 00', 'UNSUPPORTED_INPUT', 5],
    ['another flag', '564B4353 01 01 03 00', 'BAD_LZ4', 6],
    ['another kind of stream', '564B4353 01 01 00 01', 'UNSUPPORTED_INPUT', 7],
  ] as const)('%s is refused', (_, bytes, code, pos) => expectError(hex(bytes), decode, code, pos));

  it('has typed errors', () => {
    expect(() => decodeVkcsHeader(hex('564B4353 02 01 01 00'), 0)).toThrow(UnsupportedError);
    expect(() => decodeVkcsHeader(hex('564B4353 01 01 01'), 0)).toThrow(TruncatedError);
  });

  it('stays typed when damaged', () => {
    expectRobust(EXAMPLE, decode, ['BAD_LZ4', 'TRUNCATED', 'UNSUPPORTED_VERSION', 'UNSUPPORTED_INPUT']);
  });

  it('is known by its first four bytes', () => {
    expect(isVkcs(EXAMPLE, 0, 4)).toBe(true);
    expect(isVkcs(EXAMPLE, 0, 3)).toBe(false);
    expect(isVkcs(ascii('REDIS'), 0, 5)).toBe(false);
    expect(Buffer.from(VKCS_MAGIC).toString()).toBe('VKCS');
  });
});

describe('the envelope', () => {
  it.each([true, false])('holds a whole dump, block checksums %s', (blockChecksums) => {
    const content = `REDIS0011${'key value '.repeat(20000)}`;
    const file = encodeVkcs(ascii(content), { blockChecksums });
    expect(decodeVkcsHeader(file, 0)).toEqual({ blockChecksums });
    // FLG: version 1, independent blocks, the checksums as the envelope says; no content checksum.
    expect(file[VKCS_HEADER_SIZE + 4]).toBe(blockChecksums ? 0x70 : 0x60);
    const parts: string[] = [];
    const decoder = new Lz4FrameDecoder((bytes, start, end) => parts.push(latin1(bytes.subarray(start, end))));
    decoder.push(file, VKCS_HEADER_SIZE, file.length);
    decoder.finish();
    expect(parts.join('') === content).toBe(true);
  });
});
