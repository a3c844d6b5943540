/** What the source tests share: data, reading to the end, cutting into chunks. */
import { expect } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { type ByteSource, openSource, type RdbInput, type SyncByteSource } from '../../src/bytes/source.js';

/** Bytes that repeat now and then, from a linear congruential generator: the same in every run. */
export function sampleBytes(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[i] = (i & 1024) === 0 ? state >>> 16 : 0x61;
  }
  return bytes;
}

/** Reads to the end with a buffer of `size` bytes, and closes. */
export async function readAll(source: ByteSource, size = 64 * 1024): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(size + 2);
  for (;;) {
    const got = await source.read(buffer, 1, size);
    if (got === 0) break;
    parts.push(buffer.slice(1, 1 + got));
  }
  expect(await source.read(buffer, 1, size)).toBe(0);
  expect([buffer[0], buffer[size + 1]]).toEqual([0, 0]);
  await source.close();
  return joined(parts);
}

export function readAllSync(source: SyncByteSource, size = 64 * 1024): Uint8Array {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(size);
  for (let got = source.read(buffer, 0, size); got > 0; got = source.read(buffer, 0, size)) {
    parts.push(buffer.slice(0, got));
  }
  source.close();
  return joined(parts);
}

/** Opens and reads to the end or to an error, which it tells with what was read before. */
export async function readUntilError(
  input: RdbInput,
  open: (input: RdbInput) => Promise<ByteSource> = openSource,
): Promise<{ bytes: Uint8Array; error: unknown }> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  let source: ByteSource | undefined;
  let error: unknown;
  try {
    source = await open(input);
    for (;;) {
      const got = await source.read(buffer, 0, buffer.length);
      if (got === 0) break;
      parts.push(buffer.slice(0, got));
    }
  } catch (caught) {
    error = caught;
  }
  await source?.close();
  return { bytes: joined(parts), error };
}

export function joined(parts: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...parts]));
}

export function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function* asyncChunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (const chunk of chunksOf(bytes, size)) {
    await null;
    yield chunk;
  }
}

export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'none';
}

/** Equality of large arrays without the runner's element-wise report. */
export function expectSame(found: Uint8Array, expected: Uint8Array): void {
  expect(found.length).toBe(expected.length);
  expect(Buffer.compare(found, expected)).toBe(0);
}
