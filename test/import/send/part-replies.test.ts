/** Replies are counted off against units: what each came to is what its own replies say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOME, type Outcome, PartReplies } from '../../../src/import/send/part-replies.js';
import { ErrorReply, type Reply } from '../../../src/import/target/reply-parser.js';
import { UNIT, UnitBatch } from '../../../src/import/units/unit-batch.js';
import { ascii } from '../../support/packed.js';

/** A batch with units of so many requests; `moved` are built elsewhere. */
function batchOf(requests: readonly number[], moved: readonly number[] = []): UnitBatch {
  const batch = new UnitBatch(16);
  for (const [unit, count] of requests.entries()) {
    const key = ascii(`key:${unit}`);
    batch.add(UNIT.KEY, 100 + unit, 0, 0, key, 0, key.length);
    batch.requests[unit] = count;
    if (moved.includes(unit)) batch.moved[unit] = 1;
  }
  return batch;
}

const OK = 'OK' as unknown as Reply;
const error = (text: string): ErrorReply => new ErrorReply(text);

function take(replies: PartReplies, ...all: Reply[]): PartReplies {
  for (const reply of all) replies.take(reply);
  return replies;
}

describe('the last reply to a unit', () => {
  it.each<[string, Reply, Outcome]>([
    ['a status', OK, OUTCOME.DONE],
    ['a number', 1, OUTCOME.DONE],
    ['a number of elements', 17, OUTCOME.DONE],
    ['nothing moved', 0, OUTCOME.EXISTS],
    ['nothing set', null, OUTCOME.EXISTS],
    ['an error', error('ERR no'), OUTCOME.ERROR],
    ['an error for a key that exists', error('BUSYKEY x'), OUTCOME.ERROR],
  ])('%s', (_, reply, outcome) => {
    const replies = take(new PartReplies(batchOf([2]), undefined), 0, reply);
    expect(replies.outcomes).toEqual([outcome]);
    expect(replies.errors.size).toBe(outcome === OUTCOME.ERROR ? 1 : 0);
  });

  it('says that a key is built where it is to be moved, whatever it was', () => {
    for (const reply of [OK, 0, 1, null]) {
      const replies = take(new PartReplies(batchOf([1], [0]), undefined), reply);
      expect(replies.outcomes).toEqual([OUTCOME.BUILT]);
    }
    expect(take(new PartReplies(batchOf([1], [0]), undefined), error('ERR')).outcomes).toEqual([OUTCOME.ERROR]);
  });

  it('to a part of a value means nothing but that it arrived', () => {
    const batch = batchOf([2]);
    batch.isOpen = true;
    expect(take(new PartReplies(batch, undefined), 0, 0).outcomes).toEqual([OUTCOME.DONE]);
  });
});

it('an error in the middle is the error of its unit alone, and the first of them counts', () => {
  const replies = new PartReplies(batchOf([1, 3, 1]), undefined);
  take(replies, OK, error('ERR first'), error('ERR second'), OK, OK);
  expect(replies.outcomes).toEqual([OUTCOME.DONE, OUTCOME.ERROR, OUTCOME.DONE]);
  expect([...replies.errors]).toEqual([[1, 'ERR first']]);
});

it('units without all of their replies are open', () => {
  const replies = take(new PartReplies(batchOf([1, 2, 1]), undefined), OK, OK);
  expect(replies.outcomes).toEqual([OUTCOME.DONE]);
  expect([replies.outcomes[1] ?? OUTCOME.OPEN, replies.outcomes[2] ?? OUTCOME.OPEN]).toEqual([
    OUTCOME.OPEN,
    OUTCOME.OPEN,
  ]);
});

it('an error that is not the last reply of an open unit is known already', () => {
  const replies = take(new PartReplies(batchOf([3]), undefined), error('OOM'));
  expect([replies.outcomes[0], replies.errors.get(0)]).toEqual([undefined, 'OOM']);
});

describe('the reply to WAIT', () => {
  it.each<[string, Reply, number]>([
    ['says how many replicas there are', 2, 2],
    ['may be none', 0, 0],
    ['may be an error', error('ERR unknown command'), 0],
  ])('%s', (_, reply, expected) => {
    const replies = take(new PartReplies(batchOf([1, 2]), undefined), OK, OK, OK, reply);
    expect([replies.waited, replies.outcomes]).toEqual([expected, [OUTCOME.DONE, OUTCOME.DONE]]);
    expect(replies.errors.size).toBe(0);
  });

  it('is not known before it comes', () => {
    expect(take(new PartReplies(batchOf([1]), undefined), OK).waited).toBeUndefined();
  });
});

it('the reply to a new name', () => {
  const replies = new PartReplies(batchOf([1, 1, 1, 1], [0, 1, 2, 3]), undefined);
  take(replies, OK, OK, OK, OK);
  for (const [place, reply] of [1, 0, error('ERR no such key'), OK].entries()) replies.takeName(place, reply);
  expect(replies.outcomes).toEqual([OUTCOME.DONE, OUTCOME.EXISTS, OUTCOME.ERROR, OUTCOME.DONE]);
  expect([...replies.errors]).toEqual([[2, 'ERR no such key']]);
});

it('any part of any batch has its own replies', () => {
  const unit = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    isMoved: fc.boolean(),
    isSent: fc.boolean(),
    errorAt: fc.integer({ min: 0, max: 9 }),
    last: fc.constantFrom<Reply>(OK, 0, 1, null, 7),
  });
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 20 }), fc.nat(60), (units, cut) => {
      const moved = units.flatMap(({ isMoved }, index) => (isMoved ? [index] : []));
      const sent = units.flatMap(({ isSent }, index) => (isSent ? [index] : []));
      const replies = new PartReplies(
        batchOf(
          units.map(({ count }) => count),
          moved,
        ),
        sent,
      );
      const stream = sent.flatMap((index) => {
        const { count, errorAt, last } = units[index]!;
        const all: Reply[] = Array.from({ length: count }, (_, at) => (at === count - 1 ? last : OK));
        if (errorAt < count) all[errorAt] = error(`ERR ${index}`);
        return all;
      });
      let left = Math.min(cut, stream.length);
      take(replies, ...stream.slice(0, left));
      expect([replies.count, sent.map((_, place) => replies.unitAt(place))]).toEqual([sent.length, sent]);
      for (const [place, index] of sent.entries()) {
        const { count, errorAt, last, isMoved } = units[index]!;
        const isWhole = left >= count;
        const hasError = errorAt < Math.min(count, Math.max(0, left));
        left -= count;
        expect(replies.errors.get(place)).toBe(hasError ? `ERR ${index}` : undefined);
        if (!isWhole) expect(replies.outcomes[place] ?? OUTCOME.OPEN).toBe(OUTCOME.OPEN);
        else if (hasError) expect(replies.outcomes[place]).toBe(OUTCOME.ERROR);
        else if (isMoved) expect(replies.outcomes[place]).toBe(OUTCOME.BUILT);
        else expect(replies.outcomes[place]).toBe(last === 0 || last === null ? OUTCOME.EXISTS : OUTCOME.DONE);
      }
    }),
    { numRuns: 500 },
  );
});
