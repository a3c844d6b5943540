/** LZF by the kernel against its twin: the same bytes, the same refusals, and nothing written where nobody asked for it. */
import { describe, expect, it, vi } from 'vitest';

// Both sides are compared, whatever the environment says.
vi.hoisted(() => vi.stubEnv('RDB_INSPECT_KERNEL', ''));

import { FormatError } from '../../src/bytes/errors.js';
import { compressLzf, compressTwin, decompressLzf, decompressTwin } from '../../src/codecs/lzf.js';
import { compressCompiled, decompressCompiled } from '../../src/codecs/lzf-kernel.js';
import { SCRATCH } from '../../src/kernels/memory-map.js';
import { openWorkspace } from '../../src/kernels/workspace.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { ascii, bitFlips, prefixes } from '../support/packed.js';
import { random } from '../support/random.js';

const SEED = 20261127;
const FILLER = 0xee;

const { kernels, bytes: memory } = openWorkspace()!;
/** Where the input lies in the memory, and the output behind what must not be read or written. */
const INPUT = SCRATCH;
const OUTPUT = SCRATCH + 0x8_0000;
const MARGIN = 16;

/** What the twin makes of a stream; undefined where it refuses it. */
function twin(stream: Uint8Array, length: number): Uint8Array | undefined {
  const out = new Uint8Array(length + 40);
  try {
    decompressTwin(stream, 0, stream.length, out, length);
  } catch (error) {
    if (error instanceof FormatError && error.code === 'BAD_LZF') return undefined;
    throw error;
  }
  return out.slice(0, length);
}

/** The same by the kernel, which stays within its bounds: 16 bytes behind the output, none before it. */
function compiled(stream: Uint8Array, length: number): Uint8Array | undefined {
  memory.set(stream, INPUT);
  memory.fill(FILLER, OUTPUT - 64, OUTPUT + length + 64);
  const size = kernels.lzfDecompress(INPUT, INPUT + stream.length, OUTPUT, length);
  if (!isFiller(OUTPUT - 64, OUTPUT) || !isFiller(OUTPUT + length + MARGIN, OUTPUT + length + 64))
    throw new Error(`written beyond the output of ${length} bytes`);
  if (size === -1) return undefined;
  expect(size).toBe(length);
  return memory.slice(OUTPUT, OUTPUT + length);
}

function isFiller(from: number, to: number): boolean {
  return memory.subarray(from, to).every((byte) => byte === FILLER);
}

/** Not toEqual, which takes a step for every byte. */
function expectEqual(found: Uint8Array | undefined, expected: Uint8Array | undefined): void {
  const isSame = found === expected || (found && expected && Buffer.compare(found, expected) === 0);
  if (!isSame) expect(found).toEqual(expected);
}

function expectSame(stream: Uint8Array, length: number): boolean {
  const expected = twin(stream, length);
  expectEqual(compiled(stream, length), expected);
  return expected !== undefined;
}

function packed(text: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * text.length + 8);
  return out.slice(0, compressTwin(text, 0, text.length, out, out.length));
}

/** Text of words, noise and runs. */
function sample(next: () => number, size: number): Uint8Array {
  const text = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const form = next();
    const stop = Math.min(size, at + 1 + Math.floor(next() ** 3 * 700));
    const distance = 1 + Math.floor(next() ** 4 * Math.min(at, 9000));
    for (; at < stop; at++) {
      if (form < 0.4) text[at] = next() * 256;
      else if (form < 0.6) text[at] = 0x61 + next() * 4;
      else text[at] = text[at - distance] ?? 0x7a;
    }
  }
  return text;
}

/** Items of every kind and distance, most of them sound. */
function hostile(next: () => number, items: number): { stream: Uint8Array; length: number } {
  const stream: number[] = [];
  let length = 0;
  for (let item = 0; item < items; item++) {
    if (length === 0 || next() < 0.4) {
      const run = 1 + Math.floor(next() ** 2 * 32);
      stream.push(run - 1);
      for (let left = run; left > 0; left--) stream.push(next() * 256);
      length += run;
      continue;
    }
    // Now and then one that refers to before the start.
    const most = Math.min(8192, length + (next() < 0.02 ? 5 : 0));
    const distance = Math.floor(next() ** 3 * most);
    const size = 3 + Math.floor(next() ** 2 * 262);
    if (size < 9) stream.push(((size - 2) << 5) | (distance >> 8), distance & 0xff);
    else stream.push(0xe0 | (distance >> 8), size - 9, distance & 0xff);
    length += size;
  }
  return { stream: Uint8Array.from(stream), length };
}

/** Every kind of item, overlaps by 1 to 20 bytes among them. */
const SHAPES = ascii(
  Array.from({ length: 20 }, (_, size) => `${'abcdefghijklmnopqrst'.slice(0, size + 1).repeat(9 + size)}|`).join(''),
);

describe('decompressing', () => {
  it('gives every prefix and every damage of a stream as the twin does', () => {
    const stream = packed(SHAPES);
    expect(expectSame(stream, SHAPES.length)).toBe(true);
    for (const damaged of [...prefixes(stream), ...bitFlips(stream)]) expectSame(damaged, SHAPES.length);
  });

  it('refuses a last item that is cut, also where its other bytes lie behind the input', () => {
    for (const [item, size] of [
      [[0xe0, 0x57, 0x00], 96],
      [[0xa0, 0x00], 7],
      [[2, 0x61, 0x62, 0x63], 3],
    ] as const) {
      const stream = Uint8Array.from([0, 0x61, ...item]);
      expect(expectSame(stream, 1 + size)).toBe(true);
      for (let cut = 0; cut < stream.length; cut++) {
        memory.set(stream, INPUT);
        expect(kernels.lzfDecompress(INPUT, INPUT + cut, OUTPUT, 1 + size)).toBe(-1);
        expect(twin(stream.subarray(0, cut), 1 + size)).toBeUndefined();
      }
    }
  });

  it('wants exactly the size', () => {
    const stream = packed(SHAPES);
    for (let length = SHAPES.length - 300; length < SHAPES.length + 300; length++)
      expect(expectSame(stream, length)).toBe(length === SHAPES.length);
    expect(expectSame(new Uint8Array(0), 0)).toBe(true);
    expect(expectSame(Uint8Array.of(0, 1), 0)).toBe(false);
  });

  it('overlaps at every distance and size', () => {
    for (let distance = 1; distance <= 40; distance++) {
      for (let size = 3; size <= 264; size++) {
        const literals = Uint8Array.from({ length: distance }, (_, at) => at * 7);
        const head = distance <= 32 ? [distance - 1, ...literals] : [31, ...literals.slice(0, 32), distance - 33];
        const rest = distance <= 32 ? [] : literals.slice(32);
        const low = distance - 1;
        const item = size < 9 ? [(size - 2) << 5, low] : [0xe0, size - 9, low];
        expect(expectSame(Uint8Array.from([...head, ...rest, ...item]), distance + size)).toBe(true);
      }
    }
  });

  it(`agrees on random items (seed ${SEED})`, () => {
    const next = random(SEED);
    let sound = 0;
    for (let round = 0; round < 3000; round++) {
      const { stream, length } = hostile(next, 1 + Math.floor(next() * 60));
      if (expectSame(stream, length)) sound++;
      const damaged = stream.slice();
      damaged[Math.floor(next() * stream.length)] = next() * 256;
      expectSame(damaged, length);
    }
    expect(sound).toBeGreaterThan(1500);
    expect(sound).toBeLessThan(3000);
  });

  it(`agrees on bytes that mean nothing (seed ${SEED})`, () => {
    const next = random(SEED);
    for (let round = 0; round < 5000; round++) {
      const stream = Uint8Array.from({ length: Math.floor(next() * 60) }, () => next() * 256);
      expectSame(stream, Math.floor(next() * 600));
    }
  });

  it('says what is wrong where the twin does', () => {
    const stream = packed(SHAPES);
    const bad = new Uint8Array([...stream.slice(0, 30), 0x3f, 0xff, ...stream.slice(30)]);
    const out = new Uint8Array(SHAPES.length + 3);
    const run = (decompress: typeof decompressTwin) => (): void =>
      decompress(bad, 0, bad.length, out, SHAPES.length + 3);
    expect(run(decompressLzf)).toThrow(FormatError);
    expect(offsetOf(run(decompressLzf))).toBe(offsetOf(run(decompressTwin)));
  });

  it('leaves alone what does not fit its memory', () => {
    const size = 5 * 1024 * 1024;
    const text = new Uint8Array(size).fill(0x61);
    const out = new Uint8Array(size);
    const stream = packed(text);
    expect(decompressCompiled(stream, 0, stream.length, out, size)).toBe(false);
    decompressLzf(stream, 0, stream.length, out, size);
    expectEqual(out, text);
    expect(compressCompiled(text, 0, size, out, size)).toBe(-1);
    const again = new Uint8Array(size);
    expectEqual(again.slice(0, compressLzf(text, 0, size, again, size)), stream);
  });

  it('is what the codec uses, wherever the bytes lie', () => {
    const stream = packed(SHAPES);
    const around = new Uint8Array(stream.length + 9);
    around.set(stream, 4);
    const out = new Uint8Array(SHAPES.length + 5).fill(FILLER);
    expect(decompressCompiled(around, 4, 4 + stream.length, out, SHAPES.length)).toBe(true);
    expect(out.subarray(0, SHAPES.length)).toEqual(SHAPES);
    expect(out.subarray(SHAPES.length).every((byte) => byte === FILLER)).toBe(true);
  });
});

describe('compressing', () => {
  /** At every limit that matters, and in memory that was used before. */
  function expectSameSize(text: Uint8Array): void {
    const whole = packed(text);
    const limits = [2 * text.length + 8, text.length, text.length - 4, whole.length + 5];
    for (let limit = whole.length - 2; limit < whole.length + 5; limit++) limits.push(limit);
    for (const limit of limits.filter((one) => one >= 0)) {
      const out = new Uint8Array(limit);
      const expected = compressTwin(text, 0, text.length, out, limit);
      const found = new Uint8Array(limit);
      const size = compressCompiled(text, 0, text.length, found, limit);
      expect(size).toBe(expected);
      expectEqual(found.subarray(0, size), out.subarray(0, size));
    }
  }

  it('makes the choices of the twin at every size', () => {
    for (let size = 0; size <= SHAPES.length; size++) expectSameSize(SHAPES.subarray(SHAPES.length - size));
    for (let size = 0; size < 300; size++) expectSameSize(new Uint8Array(size).fill(0x61));
  });

  it(`makes the choices of the twin for random text (seed ${SEED})`, () => {
    const next = random(SEED);
    for (let round = 0; round < 300; round++) expectSameSize(sample(next, Math.floor(next() ** 3 * 30_000)));
  });

  it('makes the choices of the twin for what servers have written', () => {
    for (const { name } of listFixtures()) {
      const file = readFixture(name);
      for (const size of [100, 1000, 30_000])
        for (let pos = 0; pos < Math.min(file.length, 100_000); pos += 20 * size)
          expectSameSize(file.subarray(pos, pos + size));
    }
  });
});

function offsetOf(run: () => void): number | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError) return error.offset;
  }
  return undefined;
}
