/** Compressed output: what comes out of the file is what went in, and a name decides. */
import fs from 'node:fs';
import path from 'node:path';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, openCompressed } from '../../src/cli/output-compressed.js';
import { openFileSink } from '../../src/cli/output-file.js';
import { GZIP_BLOCK_BYTES, GzipSink } from '../../src/cli/output-gzip.js';
import { ZstdSink } from '../../src/cli/output-zstd.js';
import type { FileSink } from '../../src/cli/sink.js';
import { openRdbSource } from '../../src/index.js';
import { fixturePath } from '../support/fixtures.js';
import { random } from '../support/random.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const dump = fixturePath('redis-7.0/types');
const hasZstd = 'createZstdCompress' in zlib;

/** A file in memory. `room`: how many bytes fit. */
class MemoryFile implements FileSink {
  readonly isBehind = false;
  readonly isFinal = false;
  readonly pieces: Buffer[] = [];
  readonly calls: string[] = [];
  private size = 0;

  constructor(private readonly room = Infinity) {}

  write(bytes: Uint8Array, start: number, end: number): void {
    this.size += end - start;
    if (this.size > this.room) throw new Error('full');
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  async drain(): Promise<void> {}

  async seal(): Promise<void> {
    this.calls.push('seal');
  }

  async commit(): Promise<void> {
    this.calls.push('commit');
  }

  discard(): void {
    this.calls.push('discard');
  }

  takeBack(): void {
    this.calls.push('takeBack');
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

/** Words in random order: compresses, and reaches back over the bounds of blocks. */
function wordy(size: number): Uint8Array {
  const next = random(size);
  const words = Array.from({ length: 500 }, () => Buffer.from(`${next().toString(36)} `));
  const bytes = new Uint8Array(size);
  for (let pos = 0; pos < size; ) {
    const word = words[Math.floor(next() * words.length)]!;
    bytes.set(word.subarray(0, size - pos), pos);
    pos += word.length;
  }
  return bytes;
}

async function gzipped(bytes: Uint8Array, step: number, drains: boolean): Promise<Buffer> {
  const file = new MemoryFile();
  const sink = new GzipSink(file);
  for (let pos = 0; pos < bytes.length; pos += step) {
    sink.write(bytes, pos, Math.min(bytes.length, pos + step));
    if (drains) await sink.drain();
  }
  await sink.commit();
  expect(file.calls).toEqual(['seal', 'commit']);
  return file.bytes;
}

describe('gzip', () => {
  const B = GZIP_BLOCK_BYTES;
  it.each([0, 1, 70_000, B - 1, B, B + 1, 3 * B, 40 * B + 5])(
    'of %d bytes is one member that holds them',
    async (size) => {
      const bytes = wordy(size);
      const stored = await gzipped(bytes, 65_536, true);
      const { buffer, engine } = zlib.gunzipSync(stored, { info: true }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      expect(buffer.equals(bytes)).toBe(true);
      expect(engine.bytesWritten).toBe(stored.length);
    },
  );

  it('is the same bytes with and without draining, and in pieces of any size', async () => {
    const bytes = wordy(40 * B + 5);
    const stored = await gzipped(bytes, 65_536, true);
    expect((await gzipped(bytes, 65_536, false)).equals(stored)).toBe(true);
    expect((await gzipped(bytes, bytes.length, false)).equals(stored)).toBe(true);
    expect((await gzipped(bytes, 100_003, true)).equals(stored)).toBe(true);
  });

  it('is hardly larger than what one run makes', async () => {
    const bytes = wordy(10 * B);
    expect((await gzipped(bytes, 65_536, true)).length).toBeLessThan(zlib.gzipSync(bytes).length * 1.005);
  });

  it('hands on what it has where nobody drains: memory is bounded', () => {
    const file = new MemoryFile();
    const sink = new GzipSink(file);
    // Nothing below waits, so no thread can have handed anything back.
    const bytes = wordy(B);
    for (let block = 0; block < 100; block++) sink.write(bytes, 0, B);
    expect(file.pieces.length).toBeGreaterThan(100 - 25);
    sink.discard();
  });

  it('takes what it was given at once: the caller may write over it', async () => {
    const file = new MemoryFile();
    const sink = new GzipSink(file);
    const bytes = new Uint8Array(2 * B).fill(1);
    sink.write(bytes, 0, bytes.length);
    bytes.fill(2);
    await sink.commit();
    expect(new Set(zlib.gunzipSync(file.bytes))).toEqual(new Set([1]));
  });

  it.each([0, 500_000])('ends with the failure of a file with room for %d bytes, which is not sealed', async (room) => {
    const file = new MemoryFile(room);
    const sink = new GzipSink(file);
    const next = random(1);
    const bytes = Uint8Array.from({ length: 8 * B }, () => Math.floor(next() * 256));
    await expect(
      (async () => {
        for (let pos = 0; pos < bytes.length; pos += B) {
          sink.write(bytes, pos, pos + B);
          await sink.drain();
        }
        await sink.commit();
      })(),
    ).rejects.toThrow('full');
    sink.discard();
    expect(file.calls).toEqual(['discard']);
  });
});

describe.runIf(hasZstd)('zstd', () => {
  it.each([0, 1, 300_000, 9_000_000])('of %d bytes is one frame that holds them', async (size) => {
    const bytes = wordy(size);
    const file = new MemoryFile();
    const sink = new ZstdSink(file);
    for (let pos = 0; pos < size; pos += 65_536) {
      sink.write(bytes, pos, Math.min(size, pos + 65_536));
      await sink.drain();
      expect(sink.isBehind).toBe(false);
    }
    await sink.commit();
    expect(file.calls).toEqual(['seal', 'commit']);
    // Stops behind the first frame.
    const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync: (bytes: Uint8Array) => Buffer };
    expect(zstdDecompressSync(file.bytes).equals(bytes)).toBe(true);
  });

  it('ends with the failure of the file', async () => {
    const file = new MemoryFile(0);
    const sink = new ZstdSink(file);
    sink.write(Uint8Array.of(1), 0, 1);
    await expect(sink.commit()).rejects.toThrow('full');
    sink.discard();
    expect(file.calls).toEqual(['discard']);
  });
});

it.each([
  ['a.gz', 'gzip'],
  ['dir.d/A.RDB.GZ', 'gzip'],
  ['a.zst', 'zstd'],
  ['a.gz.txt', undefined],
  ['gz', undefined],
  ['dir.gz/a', undefined],
])('%s asks for %s', (name, compression) => {
  expect(compressionOf(name)).toBe(compression);
});

it('opens no file where it cannot compress', () => {
  let opened = 0;
  const open = (): FileSink => {
    opened++;
    return new MemoryFile();
  };
  openCompressed('a.txt', open);
  openCompressed('a.gz', open).discard();
  expect(opened).toBe(2);
  if (hasZstd) openCompressed('a.zst', open).discard();
  else expect(() => openCompressed('a.zst', open)).toThrow('gzip works here');
  expect(opened).toBe(hasZstd ? 3 : 2);
});

describe('commands', () => {
  it.each<[string, string[]]>([
    ['ndjson', ['export', '-f', 'ndjson']],
    ['json', ['export', '-f', 'json']],
    ['resp', ['export', '-f', 'resp', '--on-unsupported', 'drop']],
    ['csv', ['export', '-f', 'csv', '--table', 'keys']],
    ['keys', ['keys']],
    ['memory', ['memory', '-f', 'csv']],
    ['stats', ['stats']],
    ['prefix', ['prefix']],
    ['check', ['check']],
    ['digest', ['digest', '--per-key']],
    ['rdb', ['convert']],
    ['aof', ['convert', '--to', 'aof']],
  ])('write what they print: %s', async (name, [command, ...args]) => {
    const target = directory.path(`out.${name}.gz`);
    const written = await cli([command!, dump, ...args, '-o', target]);
    const printed = await cli([command!, dump, ...args]);
    expect(written.code).toBe(printed.code);
    expect(printed.bytes.length).toBeGreaterThan(0);
    expect(zlib.gunzipSync(fs.readFileSync(target)).equals(printed.bytes)).toBe(true);
    expect(leftovers(`out.${name}.gz`)).toEqual([`out.${name}.gz`]);
  });

  it('read their own backups', async () => {
    const target = directory.path('backup.rdb.gz');
    expect((await cli(['convert', dump, '-o', target])).code).toBe(0);
    expect(fs.readFileSync(target).subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
    expect((await cli(['check', '--deep', target])).code).toBe(0);
    expect((await cli(['diff', dump, target])).code).toBe(0);
  });

  it('copy a log into one compressed file, which they read', async () => {
    const source = path.join(path.dirname(fixturePath('redis-7.0/aof-rewritten')), 'appendonlydir');
    const target = directory.path('log.aof.gz');
    const plain = directory.path('log.aof');
    expect(await cli(['aof', 'convert', source, '-o', target])).toMatchObject({ code: 0 });
    expect(await cli(['aof', 'convert', source, '-o', plain])).toMatchObject({ code: 0 });
    expect(zlib.gunzipSync(fs.readFileSync(target)).equals(fs.readFileSync(plain))).toBe(true);
    expect((await cli(['aof', 'check', target])).code).toBe(0);
  });

  it('write several tables, each compressed', async () => {
    const target = directory.path('tables/{table}.csv.gz');
    const { code, stdout } = await cli(['export', dump, '-f', 'csv', '-o', target, '--json']);
    expect(code).toBe(0);
    const { tables } = JSON.parse(stdout) as { tables: { name: string; bytes: number }[] };
    expect(tables).toHaveLength(7);
    for (const { name, bytes } of tables) expect(fs.statSync(name).size).toBe(bytes);
    const keys = await cli(['export', dump, '-f', 'csv', '--table', 'keys']);
    expect(zlib.gunzipSync(fs.readFileSync(directory.path('tables/keys.csv.gz'))).equals(keys.bytes)).toBe(true);
  });

  it('write the losses of a conversion, compressed', async () => {
    const report = directory.path('lost.json.gz');
    const args = [
      'convert',
      dump,
      '--target',
      'redis:2.6',
      '--on-unsupported',
      'drop',
      '-o',
      directory.path('old.rdb'),
    ];
    expect((await cli([...args, '--report', report])).code).toBe(4);
    const { losses } = JSON.parse(zlib.gunzipSync(fs.readFileSync(report)).toString()) as { losses: object[] };
    expect(losses.length).toBeGreaterThan(0);
    expect(await cli([...args, '--report', directory.path('lost.json.zst')])).toMatchObject({ code: 2 });
  });

  it.each([
    ['Parquet', ['export', dump, '-f', 'parquet', '--table', 'keys', '-o', 'keys.parquet.gz'], 'Parquet is compressed'],
    ['tables without a place', ['export', dump, '-f', 'csv', '-o', 'tables.gz'], 'several tables'],
    ['a repaired log', ['aof', 'fix', 'x.aof', '-o', 'fixed.aof.gz'], 'uncompressed'],
    ['a cut log', ['aof', 'truncate', 'x.aof', '--to-offset', '0', '-o', 'cut.aof.zst'], 'uncompressed'],
  ])('refuse to compress %s', async (_, args, words) => {
    const { code, stderr } = await cli(args, { cwd: path.dirname(directory.write('here/file', '')) });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('hint: -o ');
    expect(fs.readdirSync(directory.path('here'))).toEqual(['file']);
  });

  it.runIf(!hasZstd)('name gzip where Node has no zstd, and leave nothing behind', async () => {
    const target = directory.path('all.ndjson.zst');
    const { code, stderr } = await cli(['export', dump, '-o', target]);
    expect(code).toBe(3);
    expect(stderr).toContain('gzip works here (UNSUPPORTED_OUTPUT)\nhint: -o ');
    expect(stderr).toContain('all.ndjson.gz\n');
    expect(leftovers('all.ndjson')).toEqual([]);
    const json = JSON.parse((await cli(['export', dump, '-o', target, '--json'])).stderr) as { error: object };
    expect(json.error).toMatchObject({ code: 'UNSUPPORTED_OUTPUT' });
  });

  it.runIf(hasZstd)('write zstd, which they read', async () => {
    const target = directory.path('backup.rdb.zst');
    expect((await cli(['convert', dump, '-o', target])).code).toBe(0);
    const source = await openRdbSource(target);
    expect(source.compression).toBe('zstd');
    await source.close();
    expect((await cli(['diff', dump, target])).code).toBe(0);
  });

  it('leave a compressed file as it was when reading fails', async () => {
    const target = directory.write('stays.gz', 'old');
    const broken = directory.write('broken.rdb', fs.readFileSync(dump).subarray(0, 50_000));
    expect((await cli(['export', broken, '-o', target])).code).toBe(1);
    expect(fs.readFileSync(target, 'utf8')).toBe('old');
    expect(leftovers('stays.gz')).toEqual(['stays.gz']);
  });

  it.runIf(process.platform === 'linux')('say so where there is no room', async () => {
    // A device is written to directly: gzip in front of it meets the failure in a thread's answer, or at the end.
    fs.symlinkSync('/dev/full', directory.path('full.gz'));
    expect((await cli(['export', dump, '-o', directory.path('full.gz')])).code).toBe(70);
  });
});

it('a sealed file is not written anew when it is committed', async () => {
  const sink = openFileSink(directory.path('sealed.gz'), []);
  sink.write(Uint8Array.of(1, 2, 3), 0, 3);
  await sink.seal();
  expect(fs.existsSync(directory.path('sealed.gz'))).toBe(false);
  await sink.commit();
  expect([...zlib.gunzipSync(fs.readFileSync(directory.path('sealed.gz')))]).toEqual([1, 2, 3]);
});

function leftovers(name: string): string[] {
  return fs.readdirSync(directory.path('')).filter((entry) => entry.includes(name));
}
