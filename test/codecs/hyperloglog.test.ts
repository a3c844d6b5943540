import { describe, expect, it } from 'vitest';
import { HLL_REGISTERS, HyperLogLog } from '../../src/codecs/hyperloglog.js';
import { formatRuns } from '../../src/codecs/hyperloglog-sparse.js';
import { random } from '../support/random.js';

const HEADER = 16;

describe('HyperLogLog', () => {
  it('begins as one run of zeros', () => {
    const { bytes } = HyperLogLog.create();
    expect(Buffer.from(bytes).toString('hex')).toBe('48594c4c01000000' + '0000000000000000' + '7fff');
  });

  it.each<[bytes: string, isOne: boolean]>([
    ['48594c4c010000000000000000000000', true],
    ['48594c4c0100000000000000000000', false],
    ['48594c4c000000000000000000000000', false],
    ['48594c4c020000000000000000000000', false],
    ['58594c4c010000000000000000000000', false],
  ])('%s', (hex, isOne) => {
    expect(HyperLogLog.of(Buffer.from(hex, 'hex')) !== undefined).toBe(isOne);
  });

  it.each([1, 2])('holds the same registers in both forms, seed %i', (seed) => {
    const next = random(seed);
    const registers = new Uint8Array(HLL_REGISTERS);
    const sparse = HyperLogLog.create();
    const dense = HyperLogLog.create();
    dense.toDense();
    for (let round = 0; round < 800; round++) {
      const index = Math.floor(next() * (next() < 0.5 ? 40 : HLL_REGISTERS));
      const value = 1 + Math.floor(next() * 4);
      const changed = value > registers[index]!;
      registers[index] = Math.max(registers[index]!, value);
      expect([sparse.set(index, value), dense.set(index, value)]).toEqual([changed, changed]);
    }
    expect([sparse.isSparse, dense.isSparse]).toEqual([true, false]);
    expect(sparse.count()).toBe(dense.count());
    for (const hll of [sparse, dense]) {
      const merged = new Uint8Array(HLL_REGISTERS);
      expect(hll.mergeInto(merged)).toBe(true);
      expect(merged).toEqual(registers);
    }
    sparse.toDense();
    expect(sparse.bytes.subarray(HEADER)).toEqual(dense.bytes.subarray(HEADER));
  });

  it('becomes dense for a register that is too high, and beyond 3000 bytes', () => {
    const high = HyperLogLog.create();
    expect([high.set(7, 33), high.isSparse, high.register(7)]).toEqual([true, false, 33]);
    const large = HyperLogLog.create();
    let index = 0;
    for (; large.isSparse; index += 2) large.set(index, 1 + (index % 7));
    expect(large.register(index - 2)).toBe(1 + ((index - 2) % 7));
  });

  it('joins registers that are alike', () => {
    const hll = HyperLogLog.create();
    for (const index of [0, 1, 2, 3, 4, 100]) hll.set(index, 5);
    hll.set(2, 6);
    expect(formatRuns(hll.bytes, HEADER)).toMatch(/^v:5,2 v:6,1 v:5,/);
  });

  it('does not take a run apart of which half is missing', () => {
    const hll = HyperLogLog.of(Buffer.from('48594c4c0100000000000000000000807fff40', 'hex').subarray(0, -2))!;
    expect([hll.set(0, 1), hll.bytes.length]).toEqual([undefined, HEADER + 1]);
  });

  it.each(['', '7f', '7ffe', '7fff00', '80'])('tells that runs are not whole: %s', (runs) => {
    const hex = `48594c4c010000000000000000000080${runs}`;
    const corrupt = (): HyperLogLog => HyperLogLog.of(Buffer.from(hex, 'hex'))!;
    expect([corrupt().count(), corrupt().toDense(), corrupt().mergeInto(new Uint8Array(HLL_REGISTERS))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
