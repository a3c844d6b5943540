import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError, TruncatedError } from '../../src/bytes/errors.js';
import { type ByteSource, openSourceWith, type RdbInput, type Unwrapper } from '../../src/bytes/source.js';
import { openSourceSync } from '../../src/bytes/source-sync.js';
import {
  asyncChunksOf,
  codeOf,
  expectSame,
  joined,
  readAll,
  readAllSync,
  readUntilError,
  sampleBytes,
} from './source-reading.js';

/** A wrapping of our own: `VKCS`, then pairs of a count in KiB and the byte that it repeats; count 0 is damage. */
const RUNS: Unwrapper = {
  name: 'vkcs',
  magicBytes: 4,
  matches: (bytes, end) => end >= 4 && Buffer.from(bytes.subarray(0, 4)).toString() === 'VKCS',
  create(write) {
    let at = 0;
    let count = 0;
    const run = new Uint8Array(255 * 1024);
    return {
      push(bytes, start, end) {
        for (let pos = start; pos < end; pos++, at++) {
          if (at < 4) continue;
          if (at % 2 === 0) {
            count = bytes[pos]! * 1024;
            if (count === 0) throw new FormatError('BAD_LZ4', 'a run of nothing', at);
          } else {
            run.fill(bytes[pos]!);
            write(run, 0, count);
          }
        }
      },
      finish() {
        if (at % 2 === 1) throw new TruncatedError('half a pair', at);
      },
    };
  },
};

const magic = new TextEncoder().encode('VKCS');
const pairs = sampleBytes(400, 5).map((byte) => byte || 1);
const wrapped = joined([magic, pairs]);
const plain = joined(
  Array.from({ length: pairs.length / 2 }, (_, i) => new Uint8Array(pairs[i * 2]! * 1024).fill(pairs[i * 2 + 1]!)),
);

function open(input: RdbInput): Promise<ByteSource> {
  return openSourceWith(input, { unwrappers: [RUNS] });
}

describe('a wrapping that the caller knows', () => {
  it.each([1, 1000, 100_000, 1 << 20, 1 << 25])('is taken off for readers of %d bytes', async (size) => {
    const small = size === 1 ? joined([magic, Uint8Array.of(3, 65, 1, 66)]) : wrapped;
    const expected = size === 1 ? joined([new Uint8Array(3072).fill(65), new Uint8Array(1024).fill(66)]) : plain;
    expectSame(await readAll(await open(small), size), expected);
    expectSame(await readAll(await open(asyncChunksOf(small, 3)), size), expected);
    expectSame(readAllSync(openSourceSync(small, { unwrappers: [RUNS] }), size), expected);
  });

  it('never waits above bytes', async () => {
    const source = await open(wrapped);
    const buffer = new Uint8Array(1 << 20);
    let size = 0;
    for (let got = source.read(buffer, 0, buffer.length); got !== 0; got = source.read(buffer, 0, buffer.length)) {
      expect(typeof got).toBe('number');
      size += got as number;
    }
    expect([size, source.compression, source.sizeBytes]).toEqual([plain.length, 'vkcs', undefined]);
    expect([source.consumedBytes, source.totalBytes]).toEqual([wrapped.length, wrapped.length]);
  });

  it('may lie inside gzip, and gzip inside it', async () => {
    const outer = new Uint8Array(gzipSync(wrapped));
    const source = await open(outer);
    expect(source.compression).toBe('gzip');
    expectSame(await readAll(source), plain);
    expectSame(readAllSync(openSourceSync(outer, { unwrappers: [RUNS] })), plain);
  });

  it('is left on where decompression is off, or nobody knows it', async () => {
    const off = await openSourceWith(wrapped, { unwrappers: [RUNS], decompress: false });
    expectSame(await readAll(off), wrapped);
    expectSame(readAllSync(openSourceSync(wrapped)), wrapped);
  });

  it('has its errors told after the bytes before them, and again', async () => {
    const bad = joined([wrapped, Uint8Array.of(0, 0)]);
    const { bytes, error } = await readUntilError(bad, open);
    expectSame(bytes, plain);
    expect(error).toMatchObject({ code: 'BAD_LZ4', offset: wrapped.length });
    const cut = await readUntilError(wrapped.subarray(0, -1), open);
    expect(cut.error).toBeInstanceOf(TruncatedError);
    const source = await open(bad);
    const reading = async (): Promise<unknown> => {
      const buffer = new Uint8Array(1 << 20);
      while ((await source.read(buffer, 0, buffer.length)) > 0);
      return undefined;
    };
    expect(await codeOf(reading)).toBe('BAD_LZ4');
    expect(await codeOf(reading)).toBe('BAD_LZ4');
  });

  it('has the stream below closed with it', async () => {
    let returned = false;
    const endless = (function* (): Generator<Uint8Array> {
      try {
        yield magic;
        for (;;) yield Uint8Array.of(200, 1);
      } finally {
        returned = true;
      }
    })();
    const source = await open(endless);
    await source.read(new Uint8Array(10), 0, 10);
    await source.close();
    expect(returned).toBe(true);
  });
});
