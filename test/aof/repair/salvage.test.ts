/** Damage in the middle: where reading goes on, what is cut, and that nothing inside of a value is taken for a command. */
import { describe, expect, it } from 'vitest';
import { keptRanges } from '../../../src/aof/repair/repair.js';
import { type SalvageResult, salvage } from '../../../src/aof/repair/salvage.js';
import type { Confidence } from '../../../src/aof/repair/salvage-resume.js';
import { BytesSource } from '../../../src/bytes/source-plain.js';
import { joined, logged, text } from '../../support/aof-files.js';
import { plainItems } from '../../support/aof-load.js';
import { random } from '../../support/random.js';

const SEED = 20261125;

const A = logged('SET', 'a', '1');
const B = logged('SET', 'b', 'two');
const C = logged('RPUSH', 'c', 'x', 'y');
const D = logged('DEL', 'b');
const MULTI = logged('MULTI');
const EXEC = logged('EXEC');
/** A value that is a log itself. */
const INNER = joined(logged('SET', 'evil', '1'), logged('FLUSHALL'));
const CARRIER = logged('SET', 'v', INNER);
/** The same, its last line end missing: that of the argument stands in its place. */
const TIGHT = logged('SET', 'v', INNER.subarray(0, INNER.length - 2));

/** What is kept of a log that is put together of pieces, each kept whole or not: their indexes. */
interface Case {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
  readonly kept: readonly number[];
  readonly reasons: readonly string[];
  readonly confidence?: Confidence;
}

const cases: readonly Case[] = [
  { name: 'a tail', pieces: [A, B, C.subarray(0, 9)], kept: [0, 1], reasons: ['tail'] },
  {
    name: 'a broken argument',
    pieces: [A, flip(B, '$3\r\ntwo', '$4'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'a size that swallows the head of the next command',
    pieces: [A, text('*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$9\r\n1\r\n'), B, C],
    kept: [0, 2, 3],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'a size that is none',
    pieces: [A, flip(B, '$3\r\ntwo', '$x'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'a line end behind an argument',
    pieces: [A, flip(B, 'two\r', 'two\x0c'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'high',
  },
  {
    name: 'too many arguments',
    pieces: [A, flip(B, '*3', '*4'), C, D],
    kept: [0, 2, 3],
    reasons: ['damage'],
    confidence: 'high',
  },
  {
    name: 'too few arguments',
    pieces: [A, flip(B, '*3', '*2'), C, D],
    kept: [0, 2, 3],
    reasons: ['damage'],
    confidence: 'high',
  },
  {
    name: 'a cut transaction that begins with the first SELECT, as Redis 8 writes it',
    pieces: [MULTI, logged('SELECT', '0'), A],
    kept: [],
    reasons: ['transaction'],
  },
  {
    name: 'the same, and a server that has started on it',
    pieces: [MULTI, logged('SELECT', '0'), A, logged('SELECT', '0'), B, MULTI, C, EXEC],
    kept: [3, 4, 5, 6, 7],
    reasons: ['half-transaction'],
  },
  {
    name: 'junk, and a command right behind it',
    pieces: [A, text('junk'), D, B, C],
    kept: [0, 2, 3, 4],
    reasons: ['damage'],
    confidence: 'medium',
  },
  { name: 'no star', pieces: [A, flip(B, '*3', ':3'), C, D], kept: [0, 2, 3], reasons: ['damage'], confidence: 'high' },
  {
    name: 'zeros',
    pieces: [A, new Uint8Array(4096), C, D],
    kept: [0, 2, 3],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'text',
    pieces: [A, text('what is this\r\ndoing here\r\n'), C, D],
    kept: [0, 2, 3],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'two places',
    pieces: [A, flip(B, '$3\r\ntwo', '$4'), C, flip(B, '*3', '*4'), D],
    kept: [0, 2, 4],
    reasons: ['damage', 'damage'],
    confidence: 'medium',
  },
  {
    name: 'a broken size around commands',
    pieces: [A, flip(CARRIER, '$48', '$49'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'a broken size around tight commands',
    pieces: [A, flip(TIGHT, '$46', '$66'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'medium',
  },
  {
    name: 'no size around commands',
    pieces: [A, flip(CARRIER, '$48', '%48'), C],
    kept: [0, 2],
    reasons: ['damage'],
    confidence: 'high',
  },
  {
    name: 'a name that is gone before commands',
    pieces: [A, flip(CARRIER, '$3\r\nSET', '??????????'), C],
    kept: [0, 2],
    reasons: ['damage'],
  },
  {
    name: 'everything before commands in a value',
    pieces: [A, blank(CARRIER, CARRIER.length - INNER.length - 2), C, D],
    kept: [0, 2, 3],
    reasons: ['damage', 'inside-value', 'damage'],
  },
  {
    name: 'a transaction with damage',
    pieces: [A, MULTI, flip(B, '*3', '*4'), C, EXEC, D],
    kept: [0, 5],
    reasons: ['transaction', 'damage', 'transaction'],
  },
  {
    name: 'a MULTI that is gone',
    pieces: [A, new Uint8Array(64), C, EXEC, D],
    kept: [0, 4],
    reasons: ['damage', 'transaction'],
  },
  {
    name: 'an EXEC that is gone',
    pieces: [A, MULTI, B, flip(EXEC, '*1', '?1'), C, MULTI, D, EXEC],
    kept: [0, 4, 5, 6, 7],
    reasons: ['transaction', 'damage'],
  },
  { name: 'an open MULTI', pieces: [A, MULTI, B], kept: [0], reasons: ['transaction'] },
  {
    name: 'a MULTI in a transaction',
    pieces: [A, MULTI, B, MULTI, C, EXEC],
    kept: [0, 1, 2, 4, 5],
    reasons: ['nested-multi'],
  },
  { name: 'an EXEC outside', pieces: [A, EXEC, B], kept: [0, 2], reasons: ['stray-exec'] },
  {
    name: 'half a transaction before a restart',
    pieces: [logged('SELECT', '0'), MULTI, B, logged('SELECT', '0'), C, D],
    kept: [0, 3, 4, 5],
    reasons: ['half-transaction'],
  },
  {
    name: 'half a transaction, a restart with its time, and a whole one',
    pieces: [logged('SELECT', '0'), MULTI, B, text('#TS:1700000000\r\n'), logged('SELECT', '0'), MULTI, C, EXEC],
    kept: [0, 3, 4, 5, 6, 7],
    reasons: ['half-transaction'],
  },
  { name: 'an annotation without end', pieces: [A, text('#TS:17')], kept: [0], reasons: ['annotation'] },
  {
    name: 'a command with too few arguments',
    pieces: [A, logged('SET', 'x'), C],
    kept: [0, 2],
    reasons: ['unloadable'],
  },
];

describe('what is kept', () => {
  it.each(cases)('of $name', async ({ pieces, kept, reasons, confidence }) => {
    const { sizeBytes, cuts } = await run(joined(...pieces));
    const wanted = kept.map((index) => pieces[index]!);
    const log = joined(...pieces);
    const left = keptRanges(sizeBytes, cuts).map(({ start, end }) => log.subarray(start, end));
    expect(String.fromCharCode(...joined(...left))).toBe(String.fromCharCode(...joined(...wanted)));
    expect(cuts.map(({ reason }) => reason)).toEqual(reasons);
    if (confidence !== undefined) expect(cuts.map((cut) => cut.confidence)).toEqual(reasons.map(() => confidence));
  });

  it('goes on only where it is sure enough', async () => {
    const log = joined(A, new Uint8Array(100), C, D);
    const { cuts } = await run(log, 'high');
    expect(cuts).toMatchObject([{ start: A.length, end: log.length, reason: 'tail' }]);
  });

  it('says where a SELECT may be lost', async () => {
    const broken = flip(logged('SELECT', '3'), '*2', '*4');
    expect((await run(joined(A, broken, C))).cuts).toMatchObject([{ reason: 'damage', mayHideSelect: true }]);
    expect((await run(joined(A, flip(B, '*3', '*4'), C))).cuts).toMatchObject([
      { reason: 'damage', mayHideSelect: false },
    ]);
  });
});

describe(`damage at random (seed ${SEED})`, () => {
  /** What a round does to the log; what it takes away may be more than a byte. */
  const damages: readonly [string, number, (log: Uint8Array, at: number, next: () => number) => Uint8Array][] = [
    ['a bit flipped', 1500, (log, at, next) => changed(log, at, 1, (byte) => byte ^ (1 << Math.floor(next() * 8)))],
    ['a byte changed', 1500, (log, at, next) => changed(log, at, 1, () => Math.floor(next() * 256))],
    ['a byte gone', 500, (log, at) => joined(log.subarray(0, at), log.subarray(at + 1))],
    [
      'a byte added',
      500,
      (log, at, next) => joined(log.subarray(0, at), Uint8Array.of(next() * 256), log.subarray(at)),
    ],
    ['zeros', 500, (log, at, next) => changed(log, at, 1 + Math.floor(next() * 400), () => 0)],
    ['noise', 500, (log, at, next) => changed(log, at, 1 + Math.floor(next() * 400), () => Math.floor(next() * 256))],
  ];

  it.each(damages)('%s: what is kept was there, unless it says so', async (what, rounds, damage) => {
    const next = random(SEED);
    let doubtful = 0;
    for (let round = 0; round < rounds; round++) {
      const log = carrierLog(next);
      const at = Math.floor(next() * log.length);
      const damaged = damage(log, at, next);
      const { sizeBytes, cuts } = await run(damaged);
      const before = boundaries(log);
      const shift = damaged.length - log.length;
      // Behind the damage boundaries are where they were, moved by what is gone or new.
      const after = new Set([...before].filter((offset) => offset > at).map((offset) => offset + shift));
      for (const { start, end } of keptRanges(sizeBytes, cuts)) {
        if (start === 0 || before.has(start) || after.has(start)) continue;
        const { confidence } = cuts.find((cut) => cut.end === start)!;
        if (confidence === 'medium' || confidence === 'low') doubtful++;
        else expect({ what, round, at, start, end, cuts }).toBe('at a boundary');
      }
      const lost = cuts.reduce((sum, { start, end }) => sum + end - start, 0);
      if (what === 'a bit flipped' || what === 'a byte changed')
        expect(lost, `${what}, round ${round}`).toBeLessThan(2500);
    }
    // The rounds in which a command inside of a value was taken, and called uncertain.
    console.log(`${what}: ${doubtful} of ${rounds} rounds went on inside of a value, and said so`);
    expect(doubtful).toBeLessThan(rounds / 4);
  });
});

async function run(log: Uint8Array, minConfidence: Confidence = 'medium'): Promise<SalvageResult> {
  return await salvage(new BytesSource(log), { minConfidence, startOffset: 0 });
}

/** Commands of which many carry whole commands in their values, at every place, with and without the last line end. */
function carrierLog(next: () => number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let count = 20 + Math.floor(next() * 20); count > 0; count--) {
    const inner = joined(
      ...Array.from({ length: 1 + Math.floor(next() * 3) }, () => logged('SET', 'evil', `${next()}`)),
    );
    const value = next() < 0.5 ? inner : inner.subarray(0, inner.length - 2);
    switch (Math.floor(next() * 5)) {
      case 0:
        pieces.push(logged('SET', 'key', value));
        break;
      case 1:
        pieces.push(logged('HSET', 'hash', value, 'plain', 'field', value));
        break;
      case 2:
        pieces.push(MULTI, logged('INCR', 'n'), logged('SET', value, 'x'), EXEC);
        break;
      case 3:
        pieces.push(text('#TS:1700000000\r\n'), logged('RPUSH', 'list', 'a\r\nb', 'c'));
        break;
      default:
        pieces.push(logged('SET', `k${Math.floor(next() * 1000)}`, 'x'.repeat(Math.floor(next() * 120))));
    }
  }
  return joined(...pieces);
}

function boundaries(log: Uint8Array): Set<number> {
  return new Set(plainItems(log).flatMap(({ start, end }) => [start, end]));
}

function changed(log: Uint8Array, at: number, size: number, change: (byte: number) => number): Uint8Array {
  const copy = log.slice();
  for (let pos = at; pos < Math.min(log.length, at + size); pos++) copy[pos] = change(copy[pos]!);
  return copy;
}

function flip(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const old = String.fromCharCode(...bytes);
  const at = old.indexOf(from);
  if (at < 0) throw new Error(`${from} is not in ${old}`);
  return Uint8Array.from(old.slice(0, at) + to + old.slice(at + to.length), (char) => char.charCodeAt(0));
}

function blank(bytes: Uint8Array, count: number): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0, 0, count);
  return copy;
}
