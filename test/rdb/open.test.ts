import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TruncatedError } from '../../src/bytes/errors.js';
import { encodeVkcs } from '../../src/codecs/vkcs.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { openRdbSourceSync } from '../../src/rdb/open-sync.js';
import {
  asyncChunksOf,
  codeOf,
  expectSame,
  joined,
  readAll,
  readAllSync,
  readUntilError,
  sampleBytes,
} from '../bytes/source-reading.js';

const data = joined([sampleBytes(700_000, 9), new Uint8Array(3_000_000)]);

describe.each([true, false])('VKCS, block checksums %s', (blockChecksums) => {
  const wrapped = encodeVkcs(data, { blockChecksums });

  it.each([1, 7, 65_536, 10_000_000])('is taken off in chunks of %d', async (size) => {
    const [stored, expected] =
      size === 1 ? [encodeVkcs(data.subarray(0, 2000), { blockChecksums }), data.subarray(0, 2000)] : [wrapped, data];
    const source = await openRdbSource(asyncChunksOf(stored, size));
    expect([source.compression, source.sizeBytes]).toEqual(['vkcs', undefined]);
    expectSame(await readAll(source, 1 << 20), expected);
  });

  it('is taken off synchronously, and inside gzip', async () => {
    expectSame(readAllSync(openRdbSourceSync(wrapped), 1 << 20), data);
    const zipped = new Uint8Array(gzipSync(wrapped));
    expectSame(readAllSync(openRdbSourceSync(zipped), 1 << 20), data);
    const source = await openRdbSource(zipped);
    expect(source.compression).toBe('gzip');
    expectSame(await readAll(source), data);
  });

  it('is TRUNCATED at any cut behind its magic', async () => {
    const small = encodeVkcs(data.subarray(0, 500), { blockChecksums });
    for (let cut = 4; cut < small.length; cut++) {
      const { error } = await readUntilError(small.subarray(0, cut), openRdbSource);
      expect(error, `cut at ${cut}`).toBeInstanceOf(TruncatedError);
      expect(error).toMatchObject({ offset: cut });
    }
  });
});

describe('damaged VKCS', () => {
  const wrapped = encodeVkcs(data.subarray(0, 500), { blockChecksums: true });
  it.each([
    ['another version', 4, 2, 'UNSUPPORTED_VERSION', 4],
    ['another codec', 5, 2, 'UNSUPPORTED_INPUT', 5],
    ['an unknown flag', 6, 3, 'BAD_LZ4', 6],
    ['another kind of stream', 7, 1, 'UNSUPPORTED_INPUT', 7],
    ['no LZ4 magic', 8, 0, 'BAD_LZ4', 8],
  ])('%s', async (_name, at, value, code, offset) => {
    const bad = wrapped.slice();
    bad[at] = value;
    const { error } = await readUntilError(bad, openRdbSource);
    expect(error).toMatchObject({ code, offset });
    expect(await codeOf(() => readAllSync(openRdbSourceSync(bad)))).toBe(code);
  });

  it('bytes behind the frame, at their place in the file', async () => {
    const { error } = await readUntilError(joined([wrapped, Uint8Array.of(0)]), openRdbSource);
    expect(error).toMatchObject({ code: 'BAD_LZ4', offset: wrapped.length });
  });
});

/** What is loaded together with a source file, by its static imports. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  if (!file.startsWith('/')) return loaded;
  const text = readFileSync(file, 'utf8');
  for (const [, names, specifier] of text.matchAll(/^(?:im|ex)port ([^;']*?)from '([^']+)';/gms)) {
    if (names!.startsWith('type ')) continue;
    const isOurs = specifier!.startsWith('.');
    loadedWith(isOurs ? join(dirname(file), specifier!.replace(/\.js$/, '.ts')) : specifier!, loaded);
  }
  return loaded;
}

it('loads no decompressor before one is needed', () => {
  const of = (name: string) => loadedWith(fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url)));
  const packages = (name: string) => [...of(name)].filter((file) => !file.startsWith('/'));
  expect(packages('rdb/open')).toEqual([]);
  // The check sees them where they are.
  expect(packages('rdb/open-sync')).toEqual(expect.arrayContaining(['node:zlib', 'fzstd']));
});
