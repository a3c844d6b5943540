import { describe, expect, it } from 'vitest';
import type { KeyFilter } from '../../src/rdb/filter.js';
import { Sample } from '../../src/rdb/sample.js';
import { readKeys } from '../support/brute-filter.js';
import { bytesOf, str } from '../support/file-builder.js';

const KEYS = Array.from({ length: 20_000 }, (_, index) => new TextEncoder().encode(`user:${index}`));

function chosen(sample: Sample, db = 0): boolean[] {
  return KEYS.map((key) => sample.includes(db, key, 0, key.length));
}

function count(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length;
}

describe('a sample', () => {
  it.each([0.001, 0.01, 0.1, 0.5, 0.9])('of %d takes about that share', (fraction) => {
    const expected = KEYS.length * fraction;
    const deviation = Math.sqrt(expected * (1 - fraction));
    for (let seed = 0; seed < 10; seed++) {
      expect(Math.abs(count(chosen(new Sample({ fraction, seed }))) - expected)).toBeLessThan(5 * deviation);
    }
  });

  it('of 0 takes nothing, of 1 everything', () => {
    expect(count(chosen(new Sample({ fraction: 0 })))).toBe(0);
    expect(count(chosen(new Sample({ fraction: 1 })))).toBe(KEYS.length);
  });

  it('holds every smaller one of its seed', () => {
    const small = chosen(new Sample({ fraction: 0.05, seed: 3 }));
    const large = chosen(new Sample({ fraction: 0.2, seed: 3 }));
    expect(small.every((is, index) => !is || large[index])).toBe(true);
  });

  it.each<[string, boolean[]]>([
    ['another seed', chosen(new Sample({ fraction: 0.1, seed: 1 }))],
    ['another seed in the upper half', chosen(new Sample({ fraction: 0.1, seed: 1n << 40n }))],
    ['a negative seed', chosen(new Sample({ fraction: 0.1, seed: -1 }))],
    ['another database', chosen(new Sample({ fraction: 0.1 }), 1)],
  ])('of %s is another sample', (_name, other) => {
    const both = chosen(new Sample({ fraction: 0.1 })).filter((is, index) => is && other[index]).length;
    // 1 % by chance.
    expect(both).toBeGreaterThan(100);
    expect(both).toBeLessThan(300);
  });

  it('tells keys apart that differ in zero bytes only', () => {
    const answers = Array.from({ length: 200 }, (_, size) =>
      new Sample({ fraction: 0.5 }).includes(0, new Uint8Array(size), 0, size),
    );
    expect(Math.abs(count(answers) - 100)).toBeLessThan(40);
  });

  it('looks at the key and nothing around it', () => {
    const sample = new Sample({ fraction: 0.5, seed: 9n });
    for (const key of KEYS.slice(0, 500)) {
      const around = bytesOf('xyz', key, 'xyz');
      expect(sample.includes(0, around, 3, 3 + key.length)).toBe(sample.includes(0, key, 0, key.length));
    }
  });

  /** Changing the hash would silently change every sample that somebody took before. */
  it('stays what it was', () => {
    const names = (options: ConstructorParameters<typeof Sample>[0], db: number): number[] =>
      chosen(new Sample(options), db).flatMap((is, index) => (is ? [index] : []));
    expect(names({ fraction: 0.0005 }, 0)).toEqual([
      1479, 2022, 4053, 5838, 5847, 6360, 7061, 9538, 14840, 16023, 19925,
    ]);
    expect(names({ fraction: 0.0005, seed: 42 }, 3)).toEqual([
      35, 272, 534, 1045, 3251, 3916, 7345, 8564, 12567, 16269, 17395, 17899, 18733,
    ]);
  });
});

it('is the same for a key however it is stored, and in every file', () => {
  const plain = Array.from({ length: 100 }, (_, index) => bytesOf(0, str(String(index)), str('v')));
  const integer = Array.from({ length: 100 }, (_, index) => bytesOf(0, 0xc0, index, str('v')));
  const sample: KeyFilter = { sample: { fraction: 0.3, seed: 5 } };
  const names = (records: Uint8Array[]): string[] =>
    readKeys(bytesOf('REDIS0004', records, 0xff), sample).map(({ key }) => Buffer.from(key).toString());
  expect(names(plain).length).toBeGreaterThan(10);
  expect(names(integer)).toEqual(names(plain));
  expect(names(plain.slice(50))).toEqual(names(plain).filter((name) => Number(name) >= 50));
});
