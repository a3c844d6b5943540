import { describe, expect, it } from 'vitest';
import { fzstdSource, hasNativeZstd, nativeZstdSource } from '../../src/bytes/decompress.js';
import { Xxh64 } from '../../src/bytes/decompress-xxh64.js';
import { FormatError, TruncatedError } from '../../src/bytes/errors.js';
import { openSource, type RdbInput } from '../../src/bytes/source.js';
import { openSourceSync } from '../../src/bytes/source-sync.js';
import { chunksOf, codeOf, expectSame, joined, readAll, readAllSync, readUntilError } from './source-reading.js';
import {
  ZSTD_EMPTY,
  ZSTD_SHORT,
  ZSTD_SHORT_STREAM,
  ZSTD_TEXT,
  ZSTD_TEXT_NO_HASH,
  ZSTD_ZEROS,
  zstdText,
} from './source-zstd-samples.js';

const text = zstdText();
const short = new TextEncoder().encode('REDIS0011');
const zeros = new Uint8Array(300_000);
const skippable = hex('54 2A 4D 18  05 00 00 00  01 02 03 04 05');

// Both ways where this Node has both; `npm test` on a newer Node covers the second.
const ways: [string, (input: RdbInput) => Promise<Awaited<ReturnType<typeof openSource>>>][] = [
  ['fzstd', async (input) => fzstdSource(await openSource(input, { decompress: false }))],
];
if (hasNativeZstd()) {
  ways.push(['node:zlib', async (input) => nativeZstdSource(await openSource(input, { decompress: false }))]);
}

describe.each(ways)('zstd by %s', (_way, open) => {
  it.each([
    ['the example of the layout', hex('28 B5 2F FD  20  02  11 00 00  48 69'), new TextEncoder().encode('Hi')],
    ['text with size and hash', ZSTD_TEXT, text],
    ['text without hash', ZSTD_TEXT_NO_HASH, text],
    ['zeros', ZSTD_ZEROS, zeros],
    ['a short frame', ZSTD_SHORT, short],
    ['a short frame of unknown size', ZSTD_SHORT_STREAM, short],
    ['an empty frame', ZSTD_EMPTY, new Uint8Array(0)],
    ['a skippable frame first', joined([skippable, ZSTD_SHORT]), short],
    ['only a skippable frame', skippable, new Uint8Array(0)],
    [
      'many frames',
      joined([ZSTD_SHORT, skippable, ZSTD_EMPTY, ZSTD_TEXT, ZSTD_SHORT_STREAM, ZSTD_ZEROS, skippable]),
      joined([short, text, short, zeros]),
    ],
    [
      'a frame of tiny raw blocks',
      tinyBlocks('one by one, and more than 18 bytes'),
      utf8('one by one, and more than 18 bytes'),
    ],
    ['a frame of fewer tiny raw blocks', tinyBlocks('few'), utf8('few')],
  ])('reads %s', async (_name, stored, expected) => {
    for (const size of [1, 3, 1000, 1 << 20]) {
      expectSame(await readAll(await open(chunksOf(stored, size)), 50_000), expected);
    }
    expectSame(await readAll(await open(stored), 100), expected);
  });

  it('is TRUNCATED at any cut inside a frame', async () => {
    const stored = joined([ZSTD_SHORT_STREAM, skippable, ZSTD_TEXT]);
    const whole = [0, ZSTD_SHORT_STREAM.length, ZSTD_SHORT_STREAM.length + skippable.length];
    for (let cut = 0; cut < stored.length; cut += cut < 80 || cut > stored.length - 20 ? 1 : 61) {
      const { bytes, error } = await readUntilError(stored.subarray(0, cut), open);
      if (whole.includes(cut)) expect(error).toBeUndefined();
      else {
        expect(error, `cut at ${cut}`).toBeInstanceOf(TruncatedError);
        expect(error).toMatchObject({ offset: cut });
      }
      expectSame(bytes, joined([short, text]).subarray(0, bytes.length));
    }
  });

  it('is a typed error at any flipped bit, since the hash covers all content', async () => {
    for (let bit = 0; bit < ZSTD_TEXT.length * 8; bit += bit < 400 ? 1 : 197) {
      const bad = ZSTD_TEXT.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const { bytes, error } = await readUntilError(bad, open);
      // Bit 4 of the frame descriptor is free, and a wider window changes nothing.
      if (error === undefined) expectSame(bytes, text);
      else expect(['BAD_COMPRESSION', 'TRUNCATED', 'UNSUPPORTED_INPUT']).toContain((error as FormatError).code);
      expect(error, `bit ${bit}`).toSatisfy((value) => value === undefined || value instanceof FormatError);
    }
  });

  it.each([
    ['a wrong hash', flipped(ZSTD_SHORT, ZSTD_SHORT.length - 1), 'BAD_COMPRESSION'],
    ['a wrong content size', hex('28 B5 2F FD  20  03  11 00 00  48 69'), 'BAD_COMPRESSION'],
    ['more content than the size', hex('28 B5 2F FD  60 00 00  03 04 00  41'), 'BAD_COMPRESSION'],
    ['a block of the reserved type', hex('28 B5 2F FD  20  02  17 00 00  48 69'), 'BAD_COMPRESSION'],
    ['a block larger than the window', hex('28 B5 2F FD  00  00  03 40 00  41'), 'BAD_COMPRESSION'],
    ['an empty compressed block', hex('28 B5 2F FD  20  02  05 00 00'), 'BAD_COMPRESSION'],
    ['a reserved bit', hex('28 B5 2F FD  28  02  11 00 00  48 69'), 'BAD_COMPRESSION'],
    ['a dictionary', hex('28 B5 2F FD  21  07  02  11 00 00  48 69'), 'UNSUPPORTED_INPUT'],
    ['a window of 1 GiB', hex('28 B5 2F FD  00  A0  11 00 00  48 69'), 'UNSUPPORTED_INPUT'],
    ['a single segment of 2^63', hex('28 B5 2F FD  E0  00 00 00 00 00 00 00 80  11 00 00  48 69'), 'UNSUPPORTED_INPUT'],
    ['other bytes behind', joined([ZSTD_SHORT, utf8('REDIS')]), 'BAD_COMPRESSION'],
  ])('refuses %s', async (_name, stored, code) => {
    expect(await codeOf(async () => readAll(await open(stored)))).toBe(code);
  });

  it('tells where the damage lies', async () => {
    const { error } = await readUntilError(joined([ZSTD_SHORT, skippable, utf8('REDIS')]), open);
    expect(error).toMatchObject({ offset: ZSTD_SHORT.length + skippable.length });
  });

  it('does not hang on Huffman weights without an end', async () => {
    // Literals of 4 streams with a tree whose weights are FSE-coded by one value of full probability: at once, and
    // after values of probability 0.
    for (const weights of ['08 F0 03 FF FF FF FF FF 01', '09 10 FC 0F FF FF FF FF FF 01']) {
      const content = hex(`06 C0 00 ${weights} 00 00 00 00 00 00 00 00`);
      const header = (content.length << 3) | 5;
      const frame = joined([hex('28 B5 2F FD 00 00'), Uint8Array.of(header & 255, header >> 8, 0), content]);
      expect(await codeOf(async () => readAll(await open(frame)))).toBe('BAD_COMPRESSION');
    }
  });
});

describe('zstd by its first bytes', () => {
  it('is recognised, also behind a skippable frame and inside gzip', async () => {
    for (const stored of [ZSTD_TEXT, joined([skippable, ZSTD_TEXT])]) {
      const source = await openSource(stored);
      expect([source.compression, source.sizeBytes, source.totalBytes]).toEqual(['zstd', undefined, stored.length]);
      expectSame(await readAll(source), text);
      const { gzipSync } = await import('node:zlib');
      const nested = await openSource(new Uint8Array(gzipSync(stored)));
      expect(nested.compression).toBe('gzip');
      expectSame(await readAll(nested), text);
    }
  });

  it('is read synchronously', async () => {
    const source = openSourceSync(joined([ZSTD_TEXT, ZSTD_ZEROS]));
    expect([source.compression, source.readAt]).toEqual(['zstd', undefined]);
    expectSame(readAllSync(source, 3333), joined([text, zeros]));
    expect(await codeOf(() => readAllSync(openSourceSync(ZSTD_TEXT.subarray(0, 2000))))).toBe('TRUNCATED');
  });

  it('aborts', async () => {
    const controller = new AbortController();
    const source = await openSource(ZSTD_TEXT, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect((async () => source.read(new Uint8Array(9), 0, 9))()).rejects.toThrow('enough');
    await source.close();
  });
});

describe('Xxh64', () => {
  it.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
    ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
  ])('of %j', (input, expected) => {
    const bytes = utf8(input);
    for (const size of [1, 5, 100]) {
      const hash = new Xxh64();
      for (const chunk of chunksOf(bytes, size)) hash.push(chunk, 0, chunk.length);
      expect(hash.digest()).toBe(expected);
    }
  });

  it('of text is the hash that zstd wrote', () => {
    const hash = new Xxh64();
    for (const chunk of chunksOf(text, 4097)) hash.push(chunk, 0, chunk.length);
    const stored = new DataView(ZSTD_TEXT.buffer, ZSTD_TEXT.byteOffset).getUint32(ZSTD_TEXT.length - 4, true);
    expect(Number(hash.digest() & 0xffffffffn)).toBe(stored);
  });
});

function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}

function utf8(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 0xff;
  return copy;
}

/** One raw block per byte, and an empty last one. */
function tinyBlocks(words: string): Uint8Array {
  const blocks = [...utf8(words)].map((byte) => Uint8Array.of(1 << 3, 0, 0, byte));
  return joined([hex('28 B5 2F FD 00 00'), ...blocks, hex('01 00 00')]);
}
