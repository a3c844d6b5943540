import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource, type RdbInput } from '../../src/bytes/source.js';
import { openSourceSync } from '../../src/bytes/source-sync.js';
import { asyncChunksOf, chunksOf, expectSame, joined, readAll, readAllSync, sampleBytes } from './source-reading.js';

const data = sampleBytes(3_000_001);
let folder = '';
let path = '';

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'rdb-inspect-source-'));
  path = join(folder, 'data.bin');
  await fs.writeFile(path, data);
});
afterAll(() => fs.rm(folder, { recursive: true }));

function webStream(bytes: Uint8Array, size: number, onCancel?: () => void): ReadableStream<Uint8Array> {
  const chunks = chunksOf(bytes, size);
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: onCancel ?? (() => undefined),
  });
}

describe('every kind of input gives the same bytes', () => {
  const kinds: Record<string, (size: number) => RdbInput> = {
    'a path': () => path,
    'a file: URL': () => pathToFileURL(path),
    'a Uint8Array': () => data,
    'a view into a larger buffer': () => joined([Uint8Array.of(1, 2, 3), data, Uint8Array.of(4)]).subarray(3, -1),
    'a Buffer': () => Buffer.from(data),
    'an ArrayBuffer': () => data.slice().buffer,
    'a web stream': (size) => webStream(data, size),
    'a Node stream': (size) => Readable.from(chunksOf(data, size)),
    'a Node file stream': (size) => Readable.from(chunksOf(data, size), { objectMode: false }),
    'an async iterable': (size) => asyncChunksOf(data, size),
    'an iterable': (size) => chunksOf(data, size),
    'an array of chunks': (size) => [...chunksOf(data, size)],
  };
  for (const [kind, make] of Object.entries(kinds)) {
    it.each([997, 65_536, 5_000_000])(`${kind}, in chunks of %d`, async (size) => {
      expectSame(await readAll(await openSource(make(size)), 100_003), data);
      expectSame(await readAll(await openSource(make(size), { signal: new AbortController().signal }), 1 << 20), data);
    });
  }

  it('chunk by chunk of one byte, with empty ones between', async () => {
    const small = data.subarray(0, 2000);
    const withEmpty = function* (): Generator<Uint8Array> {
      for (const chunk of chunksOf(small, 1)) {
        yield new Uint8Array(0);
        yield chunk;
      }
      yield new Uint8Array(0);
    };
    expectSame(await readAll(await openSource(withEmpty()), 7), small);
    expectSame(await readAll(await openSource(Readable.from(withEmpty())), 7), small);
  });

  it('nothing at all is an end at once', async () => {
    for (const empty of [new Uint8Array(0), [], webStream(new Uint8Array(0), 1), [new Uint8Array(0)]]) {
      expect((await readAll(await openSource(empty))).length).toBe(0);
    }
  });
});

describe('facts about a source', () => {
  it('knows sizes of files and bytes, and moves no position with readAt', async () => {
    for (const input of [path, data]) {
      const source = await openSource(input);
      expect([source.sizeBytes, source.totalBytes, source.consumedBytes]).toEqual([data.length, data.length, 0]);
      const buffer = new Uint8Array(100);
      expect(source.read(buffer, 0, 10)).toBe(10);
      expect(source.readAt?.(data.length - 5, buffer, 20, 50)).toBe(5);
      expectSame(buffer.subarray(20, 25), data.subarray(-5));
      expect(source.readAt?.(data.length + 1, buffer, 0, 50)).toBe(0);
      expect(source.consumedBytes).toBe(10);
      expect(source.read(buffer, 0, 10)).toBe(10);
      expectSame(buffer.subarray(0, 10), data.subarray(10, 20));
      expect(source.compression).toBeUndefined();
      await source.close();
    }
  });

  it('names its input', async () => {
    expect((await openSource(path)).name).toBe(path);
    expect((await openSource(data)).name).toBe('bytes');
    expect((await openSource([])).name).toBe('stream');
  });

  it('counts what came out of a stream, whose size is unknown', async () => {
    const source = await openSource(chunksOf(data, 1000));
    expect([source.sizeBytes, source.totalBytes, source.readAt]).toEqual([undefined, undefined, undefined]);
    await readAll(source);
    expect(source.consumedBytes).toBe(data.length);
  });
});

describe('streams that misbehave', () => {
  it.each([
    ['a string', ['text'], 'a string'],
    ['null', [null], 'null'],
    ['an array', [[1, 2]], 'class Array'],
    ['another view', [new Uint16Array(2)], 'class Uint16Array'],
  ])('a chunk that is %s is a TypeError', async (_name, chunks, words) => {
    const opening = async (): Promise<unknown> => readAll(await openSource(chunks as Iterable<Uint8Array>));
    await expect(opening()).rejects.toThrow(TypeError);
    await expect(opening()).rejects.toThrow(words);
  });

  it('what is no input at all is a TypeError', async () => {
    for (const input of [17, null, undefined, {}, true]) {
      await expect(openSource(input as unknown as string)).rejects.toThrow(TypeError);
    }
  });

  it('errors pass through, again and again, after the bytes before them', async () => {
    const failure = new Error('the line went dead');
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield data.subarray(0, 1000);
      throw failure;
    };
    for (const input of [failing(), Readable.from(failing())]) {
      const source = await openSource(input);
      const buffer = new Uint8Array(1000);
      let size = 0;
      while (size < 1000) size += await source.read(buffer, size, 1000 - size);
      const reading = async (): Promise<unknown> => source.read(buffer, 0, 1);
      await expect(reading()).rejects.toBe(failure);
      await expect(reading()).rejects.toBe(failure);
      await source.close();
    }
  });
});

describe('close before the end', () => {
  it('cancels web streams, destroys Node streams and returns iterators', async () => {
    const seen: string[] = [];
    const endless = function* (label: string): Generator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(100);
      } finally {
        seen.push(label);
      }
    };
    const node = Readable.from(endless('node'));
    const inputs = [webStream(data, 1000, () => seen.push('web')), node, endless('iterator')];
    for (const input of inputs) {
      const source = await openSource(input);
      await source.read(new Uint8Array(10), 0, 10);
      await source.close();
      await source.close();
      await expect((async () => source.read(new Uint8Array(99), 0, 99))()).rejects.toThrow('closed');
    }
    expect(node.destroyed).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.sort()).toEqual(['iterator', 'node', 'web']);
  });

  it('leaves alone what was read to its end', async () => {
    let cancelled = false;
    const stream = webStream(data, 100_000, () => {
      cancelled = true;
    });
    await readAll(await openSource(stream));
    expect([cancelled, stream.locked]).toEqual([false, false]);
  });
});

describe('abort', () => {
  const reason = new Error('enough');

  it('ends a read that waits for ever, and destroys what it waits for', async () => {
    const stuck = new Readable({ read() {} });
    stuck.push(data.subarray(0, 100));
    const stuckWeb = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(20)) });
    const never = {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(20);
        await new Promise(() => undefined);
      },
    };
    for (const input of [stuck, stuckWeb, never]) {
      const controller = new AbortController();
      const source = await openSource(input, { signal: controller.signal });
      const reading = readAll(source);
      setTimeout(() => controller.abort(reason), 20);
      await expect(reading).rejects.toBe(reason);
      await source.close();
    }
    expect(stuck.destroyed).toBe(true);
  });

  it('ends an open that waits for the first bytes', async () => {
    const controller = new AbortController();
    const opening = openSource(new Readable({ read() {} }), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(opening).rejects.toBe(reason);
  });

  it('refuses later reads of every kind, and opening', async () => {
    for (const input of [path, data, chunksOf(data, 10), webStream(data, 10)]) {
      const controller = new AbortController();
      const source = await openSource(input, { signal: controller.signal });
      await source.read(new Uint8Array(5), 0, 5);
      controller.abort(reason);
      expect(() => source.read(new Uint8Array(5), 0, 5)).toThrow(reason);
      if (source.readAt !== undefined) expect(() => source.readAt?.(0, new Uint8Array(5), 0, 5)).toThrow(reason);
      await source.close();
    }
    await expect(openSource(data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('the synchronous form', () => {
  it('reads files and bytes', () => {
    for (const input of [path, data, data.slice().buffer]) {
      const source = openSourceSync(input);
      expect(source.sizeBytes).toBe(data.length);
      expectSame(readAllSync(source, 99_999), data);
    }
  });

  it('refuses other inputs', () => {
    expect(() => openSourceSync([data] as unknown as Uint8Array)).toThrow(TypeError);
  });
});

it('loads no node: module before an input needs one', () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, isType, from] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';/gms)) {
      if (isType !== undefined) continue;
      expect(from, file).toMatch(/^\./);
      visit(resolve(dirname(file), from!.replace(/\.js$/, '.ts')));
    }
  };
  visit(resolve(import.meta.dirname, '../../src/bytes/source.ts'));
  expect(seen.size).toBeGreaterThan(4);
});
