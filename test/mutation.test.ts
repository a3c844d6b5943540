/** Every single-bit flip of one file per type and encoding: found with the checksum, harmless without. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/bytes/errors.js';
import { type ReadOptions, readRdbSync } from '../src/rdb/read.js';
import { smallFiles } from './support/records.js';

/** What a reader may hold of a broken file of two kilobytes. */
const LIMITS = { maxBlobBytes: 1024 * 1024 };

function outcome(file: Uint8Array, options: ReadOptions): 'read' | 'refused' {
  try {
    let left = 100_000;
    for (const entry of readRdbSync(file, { ...options, limits: LIMITS })) {
      if (entry.kind === 'end' && entry.trailing !== undefined) return 'refused'; // `check` calls this damage as well.
      if (left-- === 0) throw new Error('more records than bytes');
    }
    return 'read';
  } catch (error) {
    if (error instanceof FormatError && error.offset >= 0 && error.offset <= file.length) return 'refused';
    throw error;
  }
}

describe.each(smallFiles())('$name', ({ bytes }) => {
  it('finds every flip by the checksum', () => {
    const missed: string[] = [];
    forEachFlip(bytes, (flipped, where) => {
      if (outcome(flipped, {}) === 'read') missed.push(where);
    });
    expect(missed).toEqual([]);
  });

  it.each([false, true])('gives typed errors or values without the checksum, deep: %s', (deep) => {
    forEachFlip(bytes, (flipped) => void outcome(flipped, { checksum: false, deep }));
  });
});

function forEachFlip(bytes: Uint8Array, visit: (flipped: Uint8Array, where: string) => void): void {
  const flipped = bytes.slice();
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      flipped[at] = bytes[at]! ^ (1 << bit);
      visit(flipped, `byte ${at}, bit ${bit}`);
    }
    flipped[at] = bytes[at]!;
  }
}
