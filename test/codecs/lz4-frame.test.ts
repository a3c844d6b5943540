import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, TruncatedError, UnsupportedError } from '../../src/bytes/errors.js';
import { decodeLz4Block, encodeLz4Block } from '../../src/codecs/lz4-block.js';
import { encodeLz4Frame, Lz4FrameDecoder } from '../../src/codecs/lz4-frame.js';
import { xxHash32 } from '../../src/codecs/xxhash32.js';
import { ascii, bitFlips, expectError, expectRobust, hex, latin1, prefixes, toHex } from '../support/packed.js';

const EXAMPLE = hex('04224D18 60 40 82  03000080 616263  00000000');

/** Pushes `bytes[start, end)` in pieces of `step` and collects what comes out. */
function decodeFrame(bytes: Uint8Array, start: number, end: number, step = end): Uint8Array {
  const parts: Uint8Array[] = [];
  const decoder = new Lz4FrameDecoder((out, from, to) => parts.push(out.slice(from, to)));
  for (let pos = start; pos < end; pos += step) decoder.push(bytes, pos, Math.min(end, pos + step));
  decoder.finish();
  return new Uint8Array(Buffer.concat(parts));
}

/** Errors of the frame count from its own start; moves them to where it lies. */
const whole = (bytes: Uint8Array, start: number, end: number): string => {
  try {
    return toHex(decodeFrame(bytes, start, end));
  } catch (error) {
    throw error instanceof FormatError ? error.shift(start) : error;
  }
};

/** What the frames hold that the `lz4` command, version 1.9.4, wrote. */
const LINES = Array.from(
  { length: 12 },
  (_, index) => `{"id":${(index * 7919) % 1000},"status":"${['active', 'pending', 'closed'][index % 3]}"}\n`,
).join('');
const DIGITS = '0123456789'.repeat(7000);

const WRITTEN_BY_LZ4: readonly [options: string, content: string, base64: string][] = [
  [
    '-B4',
    LINES,
    'BCJNGGRAp5QAAADyDHsiaWQiOjAsInN0YXR1cyI6ImFjdGl2ZSJ9ChsANzkxOR0AdXBlbmRpbmceADc4MzgeAGVjbG9zZWQdADc3NTcdAAtYADc2NzYdAAxYADc1OTUeAAtYADc1MTQdAAtYADc0MzMdAAxYADczNTIeAAtYADcyNzEdAAtYACgxOSUBDFgAKDEwJgGQY2xvc2VkIn0KAAAAAMNcdbs=',
  ],
  [
    '-B4 -BD -BX',
    LINES,
    'BCJNGHRAvZQAAADyDHsiaWQiOjAsInN0YXR1cyI6ImFjdGl2ZSJ9ChsANzkxOR0AdXBlbmRpbmceADc4MzgeAGVjbG9zZWQdADc3NTcdAAtYADc2NzYdAAxYADc1OTUeAAtYADc1MTQdAAtYADc0MzMdAAxYADczNTIeAAtYADcyNzEdAAtYACgxOSUBDFgAKDEwJgGQY2xvc2VkIn0Kd3GcsAAAAADDXHW7',
  ],
  [
    '-B7 --content-size --no-frame-crc',
    LINES,
    'BCJNGGhAXgEAAAAAAAAplAAAAPIMeyJpZCI6MCwic3RhdHVzIjoiYWN0aXZlIn0KGwA3OTE5HQB1cGVuZGluZx4ANzgzOB4AZWNsb3NlZB0ANzc1Nx0AC1gANzY3Nh0ADFgANzU5NR4AC1gANzUxNB0AC1gANzQzMx0ADFgANzM1Mh4AC1gANzI3MR0AC1gAKDE5JQEMWAAoMTAmAZBjbG9zZWQifQoAAAAA',
  ],
  [
    '-B4',
    DIGITS,
    `BCJNGGRApxQBAACvMDEyMzQ1Njc4OQoA${'/'.repeat(341)}95QMTIzNDUlAAAArzY3ODkwMTIzNDUKAP//////////////////////X1A1Njc4OQAAAABBxKnb`,
  ],
  [
    '-B4 -BD -BX',
    DIGITS,
    `BCJNGFRArhQBAACvMDEyMzQ1Njc4OQoA${'/'.repeat(341)}95QMTIzNDWXzzlAGwAAAA/6////////////////////////aVA1Njc4OeWiy+cAAAAAQcSp2w==`,
  ],
  [
    '-B7 --content-size --no-frame-crc',
    DIGITS,
    `BCJNGGhQcBEBAAAAAAA2JgEAAK8wMTIzNDU2Nzg5CgD${'/'.repeat(365)}YFA1Njc4OQAAAAA=`,
  ],
  ['-B4', '', 'BCJNGGRApwAAAAAFXcwC'],
  ['-B4 -BD -BX', '', 'BCJNGHRAvQAAAAAFXcwC'],
  ['-B7 --content-size --no-frame-crc', '', 'BCJNGGBAggAAAAA='],
];

describe('the worked examples', () => {
  it('of the frame', () => expect(latin1(decodeFrame(EXAMPLE, 0, EXAMPLE.length))).toBe('abc'));
  it('of the frame, written', () => expect(toHex(encodeLz4Frame(ascii('abc')))).toBe(toHex(EXAMPLE)));
  it('of the block', () => {
    const out = new Uint8Array(30);
    const end = decodeLz4Block(hex('1B 61 0100 50 6262626262'), 0, 10, out, 0, 0, 30);
    expect(latin1(out.subarray(0, end))).toBe('aaaaaaaaaaaaaaaabbbbb');
  });
  it.each([
    ['', 0x02cc5d05],
    ['616263', 0x32d153ff],
    [Array.from({ length: 101 }, (_, index) => index.toString(16).padStart(2, '0')).join(''), 0x1a20e95b],
  ])('of xxHash32', (bytes, value) => expect(xxHash32(hex(bytes), 0, bytes.length / 2)).toBe(value));
});

describe.each(WRITTEN_BY_LZ4)('lz4 %s', (_, content, base64) => {
  const frame = new Uint8Array(Buffer.from(base64, 'base64'));

  it.each([1, 2, 3, 7, 64, 4096])('decodes in pieces of %d bytes', (step) => {
    expect(latin1(decodeFrame(frame, 0, frame.length, step)) === content).toBe(true);
  });

  it('is truncated at every byte', () => {
    for (const cut of prefixes(frame)) {
      expect(() => decodeFrame(cut, 0, cut.length)).toThrow(TruncatedError);
      expect(() => decodeFrame(cut, 0, cut.length, 5)).toThrow(TruncatedError);
    }
  });

  it('refuses bytes behind its end', () => {
    expectError(new Uint8Array([...frame, 0]), whole, 'BAD_LZ4', frame.length);
    expectError(new Uint8Array([...frame, ...EXAMPLE]), whole, 'BAD_LZ4', frame.length);
  });

  it('may follow skippable frames', () => {
    const skipped = hex('502A4D18 00000000  5F2A4D18 05000000 0102030405');
    const all = new Uint8Array([...skipped, ...frame]);
    for (const step of [1, 4, 9, all.length])
      expect(latin1(decodeFrame(all, 0, all.length, step)) === content).toBe(true);
  });
});

describe('bad frames', () => {
  it.each([
    ['another magic', '04224D19 60 40 82', 'BAD_LZ4', 0],
    ['the legacy magic', '02214C18 60 40 82', 'BAD_LZ4', 0],
    ['another version', '04224D18 A0 40 82', 'UNSUPPORTED_VERSION', 4],
    ['a reserved flag', '04224D18 62 40 82', 'BAD_LZ4', 4],
    ['a reserved bit beside the block size', '04224D18 60 41 82', 'BAD_LZ4', 4],
    ['a block size too small', '04224D18 60 30 82', 'BAD_LZ4', 4],
    ['a block size too large', '04224D18 60 80 82', 'BAD_LZ4', 4],
    ['a wrong header checksum', '04224D18 60 40 83', 'BAD_LZ4', 6],
    ['a block larger than announced', '04224D18 60 40 82  01000100', 'BAD_LZ4', 7],
    ['a stored block larger than announced', '04224D18 60 40 82  01000180', 'BAD_LZ4', 7],
    ['a match before the start', '04224D18 60 40 82  04000000 10610200', 'BAD_LZ4', 13],
    ['a match of offset zero', '04224D18 60 40 82  04000000 10610000', 'BAD_LZ4', 13],
    ['literals beyond the block', '04224D18 60 40 82  02000000 2061', 'BAD_LZ4', 12],
    ['a match at the end', '04224D18 60 40 82  04000000 10610100', 'BAD_LZ4', 15],
  ])('%s', (_, bytes, code, pos) => expectError(hex(bytes), whole, code as 'BAD_LZ4', pos));

  it('cannot do without their dictionary', () => {
    const header = hex('61 40 01000000');
    const frame = new Uint8Array([0x04, 0x22, 0x4d, 0x18, ...header, (xxHash32(header, 0, 6) >>> 8) & 0xff]);
    expect(() => decodeFrame(frame, 0, frame.length)).toThrow(UnsupportedError);
  });

  it('are told by their content size', () => {
    const frame = encodeLz4Frame(ascii('abcdef'), { contentSize: true });
    for (const size of [5, 7]) {
      const header = frame.slice(4, 14);
      header[2] = size;
      const other = new Uint8Array(frame);
      other.set(header, 4);
      other[14] = xxHash32(header, 0, 10) >>> 8;
      expectError(other, whole, 'BAD_LZ4');
    }
  });

  it('accept a stored block of no bytes', () => {
    const frame = hex('04224D18 60 40 82  00000080  03000080 616263  00000000');
    expect(latin1(decodeFrame(frame, 0, frame.length))).toBe('abc');
  });

  it('keep to their bounds when damaged', () => {
    expectRobust(EXAMPLE, whole, ['BAD_LZ4', 'TRUNCATED', 'UNSUPPORTED_VERSION', 'UNSUPPORTED_INPUT']);
  });

  it('are found out by their checksums', () => {
    const frame = encodeLz4Frame(ascii(LINES), { blockChecksums: true, contentChecksum: true });
    for (const damaged of bitFlips(frame)) {
      // The magic may turn into that of a skippable frame, which then is cut.
      expect(() => decodeFrame(damaged, 0, damaged.length)).toThrow(FormatError);
    }
  });

  it('only write within their block', () => {
    const read = (bytes: Uint8Array, start: number, end: number): string => {
      const out = new Uint8Array(400).fill(0xee);
      const stop = decodeLz4Block(bytes, start, end, out, 10, 20, 350);
      expect(out.subarray(350).every((byte) => byte === 0xee) && out[19] === 0xee).toBe(true);
      return toHex(out.subarray(20, stop));
    };
    const block = new Uint8Array(400);
    expectRobust(block.slice(0, encodeLz4Block(ascii(LINES.slice(0, 330)), 0, 330, block, 0, 400)), read, ['BAD_LZ4']);
  });
});

describe('encodeLz4Frame', () => {
  const contents = fc
    .array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(ascii('abcabc'), ascii(LINES))), {
      maxLength: 300,
    })
    .map((parts) => new Uint8Array(Buffer.concat(parts)));

  it('is undone by the decoder', () => {
    const options = { blockChecksums: fc.boolean(), contentChecksum: fc.boolean(), contentSize: fc.boolean() };
    fc.assert(
      fc.property(contents, fc.record(options), fc.integer({ min: 1, max: 70000 }), (content, chosen, step) => {
        const frame = encodeLz4Frame(content, chosen);
        expect(Buffer.compare(decodeFrame(frame, 0, frame.length, step), content)).toBe(0);
      }),
    );
  });

  it.each([1, 12, 13, 65535, 65536, 65537, 131072])('cuts %d bytes into blocks', (size) => {
    const content = new Uint8Array(size).fill(0x61);
    const frame = encodeLz4Frame(content, { blockChecksums: true });
    expect(Buffer.compare(decodeFrame(frame, 0, frame.length), content)).toBe(0);
    expect(frame.length).toBeLessThan(40 + size / 50);
  });

  it('fits its block or says so', () => {
    const content = ascii(LINES);
    const out = new Uint8Array(1000);
    const size = encodeLz4Block(content, 0, content.length, out, 0, 1000);
    const again = new Uint8Array(content.length);
    expect(decodeLz4Block(out, 0, size, again, 0, 0, again.length)).toBe(content.length);
    for (let limit = 0; limit < size; limit++) {
      const short = new Uint8Array(1000);
      expect(encodeLz4Block(content, 0, content.length, short, 0, limit)).toBe(0);
      expect(short.subarray(limit).every((byte) => byte === 0)).toBe(true);
    }
  });
});
