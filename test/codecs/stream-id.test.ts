import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Int64 } from '../../src/bytes/int64.js';
import { encodeRawStreamId, formatStreamId, MAX_STREAM_ID_TEXT, StreamIdSlot } from '../../src/codecs/stream-id.js';
import { hex, toHex } from '../support/packed.js';

const MAX = (1n << 64n) - 1n;

function slot(ms: bigint, seq: bigint): StreamIdSlot {
  const id = new StreamIdSlot();
  id.setRaw(encodeRawStreamId({ ms, seq }), 0);
  return id;
}

function int64(value: bigint): Int64 {
  const out = new Int64();
  out.set(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
  return out;
}

function text(id: StreamIdSlot): string {
  const out = new Uint8Array(MAX_STREAM_ID_TEXT + 2);
  return Buffer.from(out.subarray(2, formatStreamId(id, out, 2))).toString();
}

it('the worked example', () => {
  const id = new StreamIdSlot();
  id.setRaw(hex('AA 0000000000000005 0000000000000001 BB'), 1);
  expect(text(id)).toBe('5-1');
  expect(toHex(encodeRawStreamId({ ms: 5n, seq: 1n }))).toBe('00000000000000050000000000000001');
});

describe('text', () => {
  it.each([
    [0n, 0n, '0-0'],
    [1526919030474n, 55n, '1526919030474-55'],
    [MAX, MAX, '18446744073709551615-18446744073709551615'],
    [1n << 63n, (1n << 32n) - 1n, '9223372036854775808-4294967295'],
  ])('of %d and %d', (ms, seq, expected) => expect(text(slot(ms, seq))).toBe(expected));
});

describe('deltas', () => {
  it.each([
    [5n, 1n, 0n, 0n, '5-1'],
    [5n, 1n, 1n, -1n, '6-0'],
    [0xffffffffn, 0n, 1n, 0n, '4294967296-0'],
    [MAX, MAX, 1n, 2n, '0-1'],
    [0n, 0n, -1n, -2n, '18446744073709551615-18446744073709551614'],
    [1n << 40n, 3n, -(1n << 40n), (1n << 63n) - 1n, '0-9223372036854775810'],
  ])('%d-%d plus %d and %d', (ms, seq, msDelta, seqDelta, expected) => {
    const id = new StreamIdSlot();
    id.addDelta(slot(ms, seq), int64(msDelta), int64(seqDelta));
    expect(text(id)).toBe(expected);
  });
});

describe('order', () => {
  it('is unsigned, ms before seq', () => {
    const ids = [slot(0n, 0n), slot(0n, MAX), slot(1n, 0n), slot(1n, 1n << 63n), slot(1n << 63n, 0n), slot(MAX, MAX)];
    for (const [left, a] of ids.entries()) {
      for (const [right, b] of ids.entries()) expect(Math.sign(a.compare(b))).toBe(Math.sign(left - right));
    }
  });
});

it('copies keep their value', () => {
  const source = slot(5n, 6n);
  const copy = new StreamIdSlot();
  copy.copyFrom(source);
  source.setRaw(new Uint8Array(16), 0);
  expect(text(copy)).toBe('5-6');
});

it('agrees with bigints', () => {
  const half = fc.oneof(fc.bigInt({ min: 0n, max: MAX }), fc.constantFrom(0n, 1n, MAX, 1n << 32n, 1n << 53n));
  fc.assert(
    fc.property(half, half, half, half, (ms, seq, otherMs, otherSeq) => {
      const id = slot(ms, seq);
      expect([id.ms.unsigned(), id.seq.unsigned()]).toEqual([ms, seq]);
      expect(text(id)).toBe(`${ms}-${seq}`);
      const difference = (ms << 64n) + seq - ((otherMs << 64n) + otherSeq);
      expect(Math.sign(id.compare(slot(otherMs, otherSeq)))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0);
      const sum = new StreamIdSlot();
      sum.addDelta(id, int64(otherMs), int64(otherSeq));
      expect(text(sum)).toBe(`${(ms + otherMs) & MAX}-${(seq + otherSeq) & MAX}`);
    }),
  );
});
