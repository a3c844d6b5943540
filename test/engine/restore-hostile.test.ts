/** RESTORE of payloads that no server has written: what is taken is sound, everything else is refused with its reason. */
import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { RedisFileError } from '../../src/bytes/errors.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { CommandError } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { encodeRawDump } from '../../src/rdb/dump.js';
import { testEngine } from '../support/engine-run.js';
import { bytesOf, doubleLe, int64Le, len, type Piece, rawId, str } from '../support/file-builder.js';
import { commandOn, contradiction, damaged, diceOf, soundPayloads } from '../support/hostile-traffic.js';
import { random } from '../support/random.js';

const REFUSED = '-ERR Bad data format';

function payloadOf(rdbType: number, value: Piece, version = 10): string {
  const bytes = bytesOf(value);
  return toByteString(encodeRawDump(rdbType, bytes, 0, bytes.length, version));
}

function listpackOf(...entries: readonly string[]): Uint8Array {
  return encodeListpack(entries.map((entry) => bytesOf(entry)));
}

/** A node with one entry per `ms` delta, each of the field `a`. */
function nodeOf(...deltas: readonly number[]): Uint8Array {
  return listpackOf(
    ...[String(deltas.length), '0', '1', 'a', '0'],
    ...deltas.flatMap((delta) => ['2', String(delta), '0', 'x', '4']),
  );
}

const NO_GROUPS = len(0);

/** Of version 1: nodes by their master id, then the length and the last id. */
function streamOf(nodes: readonly [ms: number, node: Uint8Array][], lastMs: number, groups: Piece = NO_GROUPS): Piece {
  const length = nodes.reduce((sum, [, node]) => sum + node[6]!, 0);
  const written = nodes.map(([ms, node]) => [str(rawId(ms, 0)), str(node)]);
  return [len(nodes.length), written, len(length), len(lastMs), len(0), groups];
}

const TWICE_PENDING: Piece = [
  [len(1), str('g'), len(0), len(0)],
  [len(3), [5, 6, 5].map((ms) => [rawId(ms, 0), int64Le(1n), len(1)])],
  [len(1), str('c'), int64Le(1n), len(3), rawId(5, 0), rawId(6, 0), rawId(5, 0)],
];

/** What a client is told is the same of all of them; the reason is for the server's log. */
const UNSOUND: readonly [name: string, payload: string, code: string, message: RegExp][] = [
  ['a field twice', payloadOf(4, [len(2), ...['f', 'v', 'f', 'w'].map(str)]), 'DUPLICATE_ELEMENT', /twice/],
  ['a packed field twice', payloadOf(16, str(listpackOf('f', 'v', 'f', 'w'))), 'DUPLICATE_ELEMENT', /twice/],
  ['a member twice', payloadOf(2, [len(2), str('m'), str('m')]), 'DUPLICATE_ELEMENT', /twice/],
  [
    'a scored member twice',
    payloadOf(5, [len(2), str('m'), doubleLe(1), str('m'), doubleLe(2)]),
    'DUPLICATE_ELEMENT',
    /twice/,
  ],
  ['no element', payloadOf(2, len(0)), 'BAD_COLLECTION', /no elements/],
  ['a packed score that is no number', payloadOf(17, str(listpackOf('m', 'x'))), 'BAD_SCORE', /not a number/],
  ['half a pair', payloadOf(16, str(listpackOf('f', 'v', 'g'))), 'BAD_COLLECTION', /no value/],
  ['entries that go back', payloadOf(15, streamOf([[5, nodeOf(1, 0)]], 9)), 'BAD_STREAM', /not behind the one before/],
  [
    'nodes that go back',
    payloadOf(
      15,
      streamOf(
        [
          [5, nodeOf(0)],
          [4, nodeOf(0)],
        ],
        9,
      ),
    ),
    'BAD_STREAM',
    /not behind the one before/,
  ],
  ['an entry behind the last id', payloadOf(15, streamOf([[5, nodeOf(0, 1)]], 5)), 'BAD_STREAM', /behind its last id/],
  [
    'a node twice, with another between',
    payloadOf(
      15,
      streamOf(
        [
          [5, nodeOf(0)],
          [7, nodeOf(0)],
          [5, nodeOf(0)],
        ],
        9,
      ),
    ),
    'BAD_STREAM',
    /node key that occurs twice/,
  ],
  ['a pending entry twice', payloadOf(15, streamOf([], 9, TWICE_PENDING)), 'BAD_STREAM', /occurs twice in its group/],
  [
    'a type of a newer server',
    payloadOf(24, [int64Le(0n), len(1), len(0), str('f'), str('v')]),
    'UNKNOWN_TYPE',
    /redis:7.0 has no type 24/,
  ],
  ['a module', payloadOf(7, [0x81, int64Le(0n), len(0)]), 'UNSUPPORTED_TYPE', /module A{9} is not there/],
];

describe('refuses', () => {
  it.each(UNSOUND)('%s', (_name, payload, code, message) => {
    const { engine, run } = testEngine();
    expect(run('RESTORE', 'k', 0, payload)).toBe(REFUSED);
    const reply = new Session(engine).execute(['RESTORE', 'k', '0', payload]);
    const cause = reply instanceof CommandError ? reply.cause : undefined;
    expect(cause).toEqual(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(run('DBSIZE')).toBe(0);
  });
});

it('takes from a log what is in disorder, and brings it into order', () => {
  const { engine, run } = testEngine();
  engine.isLoading = true;
  const value = streamOf(
    [
      [7, nodeOf(1, 0)],
      [5, nodeOf(0)],
    ],
    5,
  );
  expect(run('RESTORE', 'k', 0, payloadOf(15, value))).toBe('+OK');
  engine.isLoading = false;
  expect((run('XRANGE', 'k', '-', '+') as [string][]).map(([id]) => id)).toEqual(['5-0', '7-0', '8-0']);
  expect(run('XADD', 'k', '8-0', 'a', 'b')).toMatch(/^-ERR The ID specified in XADD is equal or smaller/);
});

it('says of what came with a log that the server could not write it', () => {
  const { engine, run } = testEngine();
  engine.isLoading = true;
  run('RESTORE', 'k', 0, payloadOf(24, [int64Le(4_000_000_000_000n), len(1), len(2), str('f'), str('v')], 12));
  engine.isLoading = false;
  expect([run('HGET', 'k', 'f'), run('DUMP', 'k')]).toEqual([
    'v',
    '-ERR cannot encode, because redis:7.0 has no field expiry',
  ]);
});

describe('the checksum', () => {
  const wrong = (payload: string): string => `${payload.slice(0, -1)}${payload.endsWith('x') ? 'y' : 'x'}`;

  it('is not looked at where that is asked for, and everything else is', () => {
    const { engine, run } = testEngine();
    const payload = payloadOf(0, str('v'));
    expect(run('RESTORE', 'k', 0, wrong(payload))).toMatch(/checksum are wrong$/);
    engine.skipsChecksums = true;
    expect([run('RESTORE', 'k', 0, wrong(payload)), run('GET', 'k')]).toEqual(['+OK', 'v']);
    expect(run('RESTORE', 'n', 0, wrong(payloadOf(0, str('v'), 11)))).toMatch(/checksum are wrong$/);
    expect(run('RESTORE', 'n', 0, payload.slice(-10))).toBe(REFUSED);
    expect(run('RESTORE', 'n', 0, payload.slice(-9))).toMatch(/checksum are wrong$/);
  });
});

const ROUNDS = 1500;
const COMMANDS = 8;

describe.each(['redis:7.0', 'redis:5.0', 'valkey:9.1'])('damaged payloads for %s', (target) => {
  it.each([false, true])('are refused, or values like any other; from a log: %s', (isLoading) => {
    const seed = 20_261_127;
    const next = random(seed);
    const test = testEngine({ target, random: next, encoding: { hashMaxPackedEntries: 5, streamNodeMaxEntries: 5 } });
    const { engine, run } = test;
    const payloads = [...soundPayloads(test)];
    const dice = diceOf(next);
    engine.skipsChecksums = true;
    let taken = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [key, payload] = dice.pick(payloads);
      const hostile = damaged(payload, dice);
      const where = `seed ${seed}, round ${round}, ${key}: ${Buffer.from(hostile, 'latin1').toString('hex')}`;
      try {
        if (!isTaken(test, hostile, isLoading)) continue;
        taken++;
        const own = run('DUMP', 'k') as string;
        if (!isLoading)
          expect([run('RESTORE', 'again', 0, own, 'REPLACE'), run('DUMP', 'again')], where).toEqual(['+OK', own]);
        expect(contradiction(run, 'k'), where).toBeUndefined();
        const type = String(run('TYPE', 'k')).slice(1);
        for (let left = COMMANDS; left > 0; left--) run(...commandOn(type, dice));
      } catch (error) {
        throw new Error(where, { cause: error });
      } finally {
        run('DEL', 'k', 'out', 'out2');
      }
    }
    expect(taken).toBeGreaterThan(ROUNDS / 4);
  });
});

/** What a log holds and cannot be read is thrown; of modules nothing is known. */
function isTaken({ engine, run }: ReturnType<typeof testEngine>, payload: string, isLoading: boolean): boolean {
  engine.isLoading = isLoading;
  try {
    return run('RESTORE', 'k', 0, payload) === '+OK';
  } catch (error) {
    if (isLoading && error instanceof RedisFileError) return false;
    throw error;
  } finally {
    engine.isLoading = false;
  }
}
