/** Lines by the kernel against those of the TypeScript beside it: the same bytes, and the same errors, for any input. */
import { describe, expect, it, vi } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { NdjsonHandler } from '../../src/convert/json/ndjson-handler.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { findTarget } from '../../src/rdb/versions.js';
import { anyRun, exportRun, type RunOptions } from '../convert/export-run.js';
import { encoded } from '../support/encode.js';
import { doubleLe, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { random, randomSizes } from '../support/random.js';
import { string, zset } from '../support/values.js';

const SEED = 20261126;

/** Text and error of a run, the error as what it says. */
function outcome(file: Uint8Array, options: RunOptions): unknown {
  const { text, error } = anyRun(file, options);
  const told = error instanceof FormatError ? { ...error, message: error.message, trail: error.trail } : error;
  return { text, error: told };
}

function expectSame(file: Uint8Array, options: RunOptions = {}): void {
  expect(outcome(file, { ...options, compiled: true })).toEqual(outcome(file, options));
}

/** Keys that were left to TypeScript. */
function leftOver(file: Uint8Array): number {
  const key = vi.spyOn(NdjsonHandler.prototype, 'key');
  exportRun(file, { compiled: true });
  const count = key.mock.calls.length;
  key.mockRestore();
  return count;
}

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);

  it('has the same lines, in every form', () => {
    expectSame(file);
    expectSame(file, { format: 'json' });
    expectSame(file, { all: true, chunk: randomSizes(SEED, 9000) });
  });

  it('has the same lines and errors when it is damaged', () => {
    const next = random(SEED);
    for (let round = 0; round < 10; round++) {
      const damaged = file.slice();
      for (let hits = 1 + Math.floor(next() * 3); hits > 0; hits--) {
        damaged[9 + Math.floor(next() * (file.length - 9))] = Math.floor(next() * 256);
      }
      expectSame(damaged, { checksum: false });
    }
  });

  it('has the same lines under small limits', () => {
    expectSame(file, { limits: { maxBlobBytes: 50 } });
    expectSame(file, { limits: { largeValueBytes: 100 } });
  });
});

const utf8 = new TextEncoder();

/** A dump of these values as `server` would write it. */
function dump(server: string, values: readonly RdbValue[]): Uint8Array {
  return encoded({ target: findTarget(server)! }, (encoder) => {
    values.forEach((value, index) => {
      encoder.key({ kind: 'key', db: index % 3, key: utf8.encode(`key:${index}`), value, rdbType: -1, offset: 0 });
    });
  });
}

/** Doubles of every size, and those whose shortest text is hard to find. */
function doubles(count: number): number[] {
  const next = random(SEED);
  const bits = new DataView(new ArrayBuffer(8));
  const found = [0, -0, 0.1 + 0.2, 1e21, 5e-324, 2 ** 53, 2 ** 53 + 2, 1e15, 1e16, 0.001, 999_999_999_999_999.9];
  for (let index = 0; index < count; index++) {
    bits.setUint32(0, next() * 2 ** 32);
    bits.setUint32(4, next() * 2 ** 32);
    found.push(bits.getFloat64(0));
    found.push(next() * 10 ** Math.floor(next() * 20 - 4));
    found.push(-Math.round(next() * 1e7) / 10 ** Math.floor(next() * 7));
    found.push(Math.floor(next() * 2 ** 54) - 2 ** 53);
    found.push(2 ** Math.floor(next() * 80 - 20));
  }
  return found.filter((value) => !Number.isNaN(value));
}

describe('scores', () => {
  it('have the same text when they are doubles', () => {
    const scores = [...doubles(4000), Infinity, -Infinity];
    const file = rdbFile('REDIS0011', ...scores.map((score) => keyRecord(5, 'z', [len(1), str('m'), doubleLe(score)])));
    expectSame(file);
    // What is rare is left: the extremes of the exponent, the largest numbers, and digits that are not certain.
    expect(leftOver(file)).toBeLessThan(scores.length / 2);
  });

  it.each(['redis:5.0', 'redis:7.0', 'redis:7.2'])(
    'have the same text when they are text, as %s writes it',
    (server) => {
      const scores = doubles(800).filter((score) => Number.isFinite(score));
      expectSame(
        dump(
          server,
          scores.map((score) => zset(['m', score])),
        ),
      );
    },
  );

  it('are left alone where one is not a number', () => {
    const file = rdbFile('REDIS0011', keyRecord(5, 'z', [len(1), str('m'), doubleLe(Number.NaN)]));
    expectSame(file);
    expect(leftOver(rdbFile('REDIS0011', keyRecord(5, 'z', [len(1), str('m'), doubleLe(1)])))).toBe(0);
  });

  it('put members in order, also equal ones and those that are numbers', () => {
    const next = random(SEED);
    for (let round = 0; round < 200; round++) {
      const members = Array.from({ length: 1 + Math.floor(next() * 12) }, () => {
        const name = next() < 0.5 ? `${Math.floor(next() * 300) - 99}` : `m${Math.floor(next() * 30)}`;
        return [str(name), doubleLe(Math.floor(next() * 3))];
      });
      expectSame(rdbFile('REDIS0011', keyRecord(5, 'z', [len(members.length), members])));
    }
    expectSame(dump('redis:6.2', [zset(['10', 1], ['9', 1], ['a', 1], ['b', 2])]));
  });
});

describe('strings', () => {
  it('are escaped alike, whatever is in them', () => {
    const next = random(SEED);
    const pieces = ['\u0000', '"', '\\', '\n', '\u007f', 'é', '€', '𝄞', 'plain text', '\u2028', ' '].map((text) =>
      utf8.encode(text),
    );
    const odd = [
      Uint8Array.of(0xc3),
      Uint8Array.of(0xed, 0xa0, 0x80),
      Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
      Uint8Array.of(0xff),
    ];
    const records = Array.from({ length: 3000 }, (_, index) => {
      const parts = Array.from({ length: Math.floor(next() * 20) }, () => pieces[Math.floor(next() * pieces.length)]!);
      if (index % 5 === 0) parts.push(odd[Math.floor(next() * odd.length)]!);
      return keyRecord(0, parts, str(parts));
    });
    const file = rdbFile('REDIS0009', ...records);
    expectSame(file);
    expect(leftOver(file)).toBe(0);
  });

  it('of any size find their room', () => {
    const sizes = [1, 16_000, 130_000, 600_000, 690_000, 720_000, 1_100_000, 3_000_000, 4_300_000];
    const plain = sizes.map((size) => keyRecord(0, `plain:${size}`, str(new Uint8Array(size).fill(0x61))));
    const escaped = sizes.map((size) => keyRecord(0, `escaped:${size}`, str(new Uint8Array(size).fill(1))));
    const binary = sizes.map((size) => keyRecord(0, `binary:${size}`, str(new Uint8Array(size).fill(0x80))));
    expectSame(rdbFile('REDIS0009', ...plain, ...escaped, ...binary));
    expectSame(
      dump(
        'redis:7.2',
        sizes.map((size) => string('ab'.repeat(size))),
      ),
    );
  });
});

describe('hashes', () => {
  it('are in pairs where an object cannot say the same', () => {
    const files = [['a', 'b', 'a'], ['$b64'], ['$b64', 'b'], ['é'], ['\xff'], ['1', '01'], ['']];
    for (const names of files) {
      const pairs = names.map((name) => [str(name), str('value')]);
      expectSame(rdbFile('REDIS0009', keyRecord(4, 'h', [len(names.length), pairs])));
    }
  });

  it('of many fields are told apart', () => {
    for (const count of [31, 32, 33, 5000, 32_768, 32_769]) {
      const pairs = Array.from({ length: count }, (_, index) => [str(`field:${index}`), str(`${index}`)]);
      const file = rdbFile('REDIS0009', keyRecord(4, 'h', [len(count), pairs]));
      expectSame(file);
      expect(leftOver(file)).toBe(count > 32_768 ? 1 : 0);
    }
  });
});

it('writes all keys of plain types and leaves those alone that it does not know', () => {
  const keys = (name: string): number => leftOver(readFixture(name));
  expect(keys('redis-7.0/types')).toBeLessThan(20);
  expect(keys('valkey-9.1/types')).toBeLessThan(20);
});
