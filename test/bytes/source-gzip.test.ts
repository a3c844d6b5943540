import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateWhole } from '../../src/bytes/decompress.js';
import { type FormatError, TruncatedError } from '../../src/bytes/errors.js';
import { openSource } from '../../src/bytes/source.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { openSourceSync } from '../../src/bytes/source-sync.js';
import {
  asyncChunksOf,
  chunksOf,
  codeOf,
  expectSame,
  joined,
  readAll,
  readAllSync,
  readUntilError,
  sampleBytes,
} from './source-reading.js';

const data = sampleBytes(2_500_000, 11);
const zipped = new Uint8Array(gzipSync(data));

describe('gzip is taken off', () => {
  it.each([1, 1000, 65_536, 10_000_000])('from chunks of %d', async (size) => {
    const part = size === 1 ? new Uint8Array(gzipSync(data.subarray(0, 3000))) : zipped;
    const source = await openSource(asyncChunksOf(part, size));
    expect([source.compression, source.sizeBytes, source.readAt]).toEqual(['gzip', undefined, undefined]);
    expectSame(await readAll(source), size === 1 ? data.subarray(0, 3000) : data);
  });

  it('with small reads, and with progress in stored bytes', async () => {
    const source = await openSource(zipped);
    expect(source.totalBytes).toBe(zipped.length);
    expectSame(await readAll(source, 777), data);
    expect(source.consumedBytes).toBe(zipped.length);
  });

  it('of many members, at any cut', async () => {
    const members = [...chunksOf(data.subarray(0, 40_000), 1700)].map((part) => new Uint8Array(gzipSync(part)));
    members.splice(3, 0, new Uint8Array(gzipSync(new Uint8Array(0))));
    for (const size of [1, 17, 1023, 100_000]) {
      expectSame(await readAll(await openSource(chunksOf(joined(members), size))), data.subarray(0, 40_000));
    }
    expectSame(readAllSync(openSourceSync(joined(members))), data.subarray(0, 40_000));
  });

  it('with zero bytes behind it as padding', async () => {
    for (const padding of [1, 100, 200_000]) {
      const padded = joined([zipped, new Uint8Array(padding)]);
      expectSame(await readAll(await openSource(padded)), data);
      expectSame(await readAll(await openSource(chunksOf(padded, 4099))), data);
      expectSame(readAllSync(openSourceSync(padded)), data);
    }
  });

  it('four times over, but not five', async () => {
    let nested: Uint8Array = data;
    for (let i = 0; i < 4; i++) nested = new Uint8Array(gzipSync(nested));
    expectSame(await readAll(await openSource(nested)), data);
    expectSame(readAllSync(openSourceSync(nested)), data);
    const deeper = new Uint8Array(gzipSync(nested));
    expect(await codeOf(() => openSource(deeper))).toBe('UNSUPPORTED_INPUT');
    expect(await codeOf(() => openSourceSync(deeper))).toBe('UNSUPPORTED_INPUT');
  });

  it('not where it is not wanted', async () => {
    expectSame(await readAll(await openSource(zipped, { decompress: false })), zipped);
    expectSame(readAllSync(openSourceSync(zipped, { decompress: false })), zipped);
  });
});

describe('damaged gzip', () => {
  it('is TRUNCATED wherever it is cut, after what came before', async () => {
    const small = new Uint8Array(gzipSync(data.subarray(0, 5000)));
    const cuts = [
      ...Array.from({ length: 30 }, (_, i) => 2 + i),
      ...Array.from({ length: 60 }, (_, i) => small.length - 60 + i),
    ];
    for (const cut of cuts) {
      const { bytes, error } = await readUntilError(small.subarray(0, cut));
      expect(error, `cut at ${cut}`).toBeInstanceOf(TruncatedError);
      expect(error).toMatchObject({ code: 'TRUNCATED', offset: cut });
      expectSame(bytes, data.subarray(0, bytes.length));
      expect(await codeOf(() => openSourceSync(small.subarray(0, cut)))).toBe('TRUNCATED');
    }
  });

  it('gives all bytes before a cut far behind', async () => {
    const { bytes, error } = await readUntilError(zipped.subarray(0, zipped.length - 8));
    expect(error).toBeInstanceOf(TruncatedError);
    expectSame(bytes, data);
  });

  it('is BAD_COMPRESSION or TRUNCATED at any flipped byte, and never other bytes than before it', async () => {
    const small = new Uint8Array(gzipSync(data.subarray(0, 3000)));
    for (let at = 2; at < small.length; at += at < 20 || at > small.length - 20 ? 1 : 37) {
      const bad = small.slice();
      bad[at]! ^= 0xff;
      const { bytes, error } = await readUntilError(bad.subarray(0, bad.length));
      // Name, time and system of the header stand under no checksum.
      if (error === undefined) expectSame(bytes, data.subarray(0, 3000));
      else expect(['BAD_COMPRESSION', 'TRUNCATED']).toContain((error as FormatError).code);
      expect(error === undefined).toBe(at >= 4 && at < 10);
    }
  });

  it('is BAD_COMPRESSION where something else follows', async () => {
    for (const tail of [
      Uint8Array.of(65, 66),
      joined([new Uint8Array(70_000), Uint8Array.of(1)]),
      data.subarray(0, 100),
    ]) {
      const bad = joined([zipped, tail]);
      expect(await codeOf(async () => readAll(await openSource(bad)))).toBe('BAD_COMPRESSION');
      expect(await codeOf(() => openSourceSync(bad))).toBe('BAD_COMPRESSION');
    }
    const bad = joined([zipped, Uint8Array.of(0, 0, 9)]);
    const { error } = await readUntilError(bad);
    expect(error).toMatchObject({ offset: zipped.length + 2 });
  });

  it('an error of the stream below passes through', async () => {
    const failure = new Error('unplugged');
    const failing = function* (): Generator<Uint8Array> {
      yield zipped.subarray(0, 100_000);
      throw failure;
    };
    const { error } = await readUntilError(failing());
    expect(error).toBe(failure);
  });
});

it('aborts between reads', async () => {
  const controller = new AbortController();
  const source = await openSource(zipped, { signal: controller.signal });
  await source.read(new Uint8Array(100), 0, 100);
  controller.abort(new Error('enough'));
  await expect((async () => source.read(new Uint8Array(100), 0, 100))()).rejects.toThrow('enough');
  await source.close();
});

it('inflates synchronously only so much', async () => {
  expect(await codeOf(() => inflateWhole(new BytesSource(zipped), data.length - 1))).toBe('LIMIT_BLOB');
  expect(await codeOf(() => inflateWhole(new BytesSource(zipped), zipped.length - 1))).toBe('LIMIT_BLOB');
  expectSame(inflateWhole(new BytesSource(zipped), data.length), data);
});

it('streams 200 MB of zeros in little memory', async () => {
  const zeros = await zippedZeros(200);
  const path = join(fs.mkdtempSync(join(tmpdir(), 'rdb-inspect-zeros-')), 'zeros.gz');
  fs.writeFileSync(path, zeros);
  const program = `
    import { openSource } from '${new URL('../../src/bytes/source.ts', import.meta.url).href}';
    const before = process.memoryUsage().rss;
    const source = await openSource(${JSON.stringify(path)});
    const buffer = new Uint8Array(1 << 20);
    let size = 0, peak = 0;
    for (let got; (got = await source.read(buffer, 0, buffer.length)) > 0; size += got) {
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    console.log(JSON.stringify({ size, grown: peak - before }));
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  fs.rmSync(path);
  const { size, grown } = JSON.parse(text) as { size: number; grown: number };
  expect(size).toBe(200 * 1024 * 1024);
  expect(grown).toBeLessThan(80 * 1024 * 1024);
});

/** One member of so many MiB of zeros, made piece by piece so that the test itself stays small. */
async function zippedZeros(mebibytes: number): Promise<Uint8Array> {
  const zeros = new Uint8Array(1024 * 1024);
  const pieces = Readable.from(Array.from({ length: mebibytes }, () => zeros));
  const parts: Uint8Array[] = [];
  for await (const part of pieces.pipe(createGzip())) parts.push(part as Uint8Array);
  return joined(parts);
}
