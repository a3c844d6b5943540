import { describe, expect, it } from 'vitest';
import { fromByteString } from '../../src/bytes/byte-string.js';
import type { Engine } from '../../src/engine/engine.js';
import { DoubleReply, NULL_ARRAY, PairsReply, type Reply } from '../../src/engine/reply.js';
import { fromRdb } from '../../src/engine/values/from-rdb.js';
import type { ZsetObject } from '../../src/engine/values/zset-object.js';
import type { ValueEncoding, ZsetMember } from '../../src/rdb/model.js';
import { testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, state: Readonly<Record<string, string>>, changes: number];

/** Keys and what is in them: scores and members in their order. */
const START = { a: '1 x 2 y 3 z', b: '1.5 y 5 w', inf: '-inf n inf p', l: '0 a 0 ab 0 b 0 c' };
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_A_FLOAT = '-ERR value is not a valid float';
const CASES: readonly Case[] = [
  ['ZADD a 4 w 1 x', 1, { a: '1 x 2 y 3 z 4 w' }, 1],
  ['ZADD a CH 4 w 9 x', 2, { a: '2 y 3 z 4 w 9 x' }, 2],
  ['ZADD a NX 9 x 0 new', 1, { a: '0 new 1 x 2 y 3 z' }, 1],
  ['ZADD a XX CH 9 x 0 new', 1, { a: '2 y 3 z 9 x' }, 1],
  ['ZADD a GT CH 0 x 9 y 7 new', 2, { a: '1 x 3 z 7 new 9 y' }, 2],
  ['ZADD a lt ch 0 x 9 y', 1, { a: '0 x 2 y 3 z' }, 1],
  ['ZADD a 7 q 8 q', 1, { a: '1 x 2 y 3 z 8 q' }, 2],
  ['ZADD a INCR 2.5 x', 3.5, { a: '2 y 3 z 3.5 x' }, 1],
  ['ZADD a XX INCR 1 new', null, {}, 0],
  ['ZADD a NX INCR 1 x', null, {}, 0],
  ['ZADD a GT INCR -1 x', null, {}, 0],
  ['ZADD none XX 1 x', 0, {}, 0],
  ['ZADD new 0x10 x', 1, { new: '16 x' }, 1],
  ['ZADD new -infinity x +inf y .5 z', 3, { new: '-inf x 0.5 z inf y' }, 3],
  ['ZADD a NX XX 1 x', '-ERR XX and NX options at the same time are not compatible', {}, 0],
  ['ZADD a GT LT 1 x', '-ERR GT, LT, and/or NX options at the same time are not compatible', {}, 0],
  ['ZADD a INCR 1 x 2 y', '-ERR INCR option supports a single increment-element pair', {}, 0],
  ['ZADD a NX 1', '-ERR syntax error', {}, 0],
  ['ZADD a 1 x 2', '-ERR syntax error', {}, 0],
  ['ZADD a 1 x nan y', NOT_A_FLOAT, {}, 0],
  ['ZADD a 1e400 x', NOT_A_FLOAT, {}, 0],
  ['ZADD a 1e-400 x', NOT_A_FLOAT, {}, 0],
  ['ZADD str 1 x', WRONG_TYPE, {}, 0],
  ['ZINCRBY a 1e2 z', 103, { a: '1 x 2 y 103 z' }, 1],
  ['ZINCRBY new -2 m', -2, { new: '-2 m' }, 1],
  ['ZINCRBY inf -inf p', '-ERR resulting score is not a number (NaN)', {}, 0],
  ['ZREM a x q x', 1, { a: '2 y 3 z' }, 1],
  ['ZREM a x y z q', 3, { a: '' }, 3],
  ['ZREMRANGEBYRANK a 0 -2', 2, { a: '3 z' }, 2],
  ['ZREMRANGEBYRANK a -100 100', 3, { a: '' }, 3],
  ['ZREMRANGEBYRANK a 2 1', 0, {}, 0],
  ['ZREMRANGEBYSCORE a (1 3', 2, { a: '1 x' }, 2],
  ['ZREMRANGEBYSCORE a 3 1', 0, {}, 0],
  ['ZREMRANGEBYSCORE a x 1', '-ERR min or max is not a float', {}, 0],
  ['ZREMRANGEBYLEX l [ab (c', 2, { l: '0 a 0 c' }, 2],
  ['ZREMRANGEBYLEX l a c', '-ERR min or max not valid string range item', {}, 0],
  ['ZRANGESTORE new a 1 -1', 2, { new: '2 y 3 z' }, 1],
  ['ZRANGESTORE a a (1 +inf BYSCORE LIMIT 1 5', 1, { a: '3 z' }, 1],
  ['ZRANGESTORE new l + (a BYLEX REV LIMIT 0 2', 2, { new: '0 b 0 c' }, 1],
  ['ZRANGESTORE a none 0 -1', 0, { a: '' }, 1],
  ['ZRANGESTORE none a 5 9', 0, {}, 0],
  ['ZRANGESTORE new a 0 1 WITHSCORES', '-ERR syntax error', {}, 0],
  [
    'ZRANGESTORE new a 0 1 LIMIT 0 1',
    '-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    {},
    0,
  ],
  ['ZUNIONSTORE new 2 a b', 4, { new: '1 x 3 z 3.5 y 5 w' }, 1],
  ['ZUNIONSTORE new 2 a b WEIGHTS 2 -1 AGGREGATE MAX', 4, { new: '-5 w 2 x 4 y 6 z' }, 1],
  ['ZUNIONSTORE new 3 a b s AGGREGATE COUNT', 5, { new: '1 s 1 w 1 x 1 z 3 y' }, 1],
  ['ZUNIONSTORE new 2 s a', 4, { new: '1 s 1 x 3 y 3 z' }, 1],
  ['ZINTERSTORE new 2 a b AGGREGATE min', 1, { new: '1.5 y' }, 1],
  ['ZINTERSTORE a 2 a none', 0, { a: '' }, 1],
  ['ZUNIONSTORE new 2 inf inf WEIGHTS 1 -1', 2, { new: '0 n 0 p' }, 1],
  ['ZDIFFSTORE new 2 a s', 2, { new: '1 x 3 z' }, 1],
  ['ZDIFFSTORE a 2 a a', 0, { a: '' }, 1],
  ['ZDIFFSTORE new 1 a WEIGHTS 1', '-ERR syntax error', {}, 0],
  ['ZUNIONSTORE new 0 a', "-ERR at least 1 input key is needed for 'zunionstore' command", {}, 0],
  ['ZUNIONSTORE new 3 a b', '-ERR syntax error', {}, 0],
  ['ZUNIONSTORE new 2 a str', WRONG_TYPE, {}, 0],
  ['ZUNIONSTORE new 1 a WEIGHTS x', '-ERR weight value is not a float', {}, 0],
  ['ZINTERCARD 2 a b LIMIT 5', 1, {}, 0],
  ['ZINTERCARD 1 a LIMIT 2', 2, {}, 0],
  ['ZINTERCARD 1 a LIMIT -1', "-ERR LIMIT can't be negative", {}, 0],
  ['ZPOPMIN a', ['x', 1], { a: '2 y 3 z' }, 1],
  [
    'ZPOPMAX a 2',
    [
      ['z', 3],
      ['y', 2],
    ],
    { a: '1 x' },
    2,
  ],
  [
    'ZPOPMIN a 9',
    [
      ['x', 1],
      ['y', 2],
      ['z', 3],
    ],
    { a: '' },
    3,
  ],
  ['ZPOPMIN a 0', [], {}, 0],
  ['ZPOPMIN a -1', '-ERR value is out of range, must be positive', {}, 0],
  ['BZPOPMAX none a 0', ['a', 'z', 3], { a: '1 x 2 y' }, 1],
  ['ZPOPMIN none', [], {}, 0],
  ['BZPOPMIN none 0.5', NULL_ARRAY, {}, 0],
  ['BZPOPMIN a -1', '-ERR timeout is negative', {}, 0],
  ['BZPOPMIN a x', '-ERR timeout is not a float or out of range', {}, 0],
  [
    'ZMPOP 2 none a MIN COUNT 2',
    [
      'a',
      [
        ['x', 1],
        ['y', 2],
      ],
    ],
    { a: '3 z' },
    2,
  ],
  ['BZMPOP 0 1 a max', ['a', [['z', 3]]], { a: '1 x 2 y' }, 1],
  ['ZMPOP 1 none MIN', NULL_ARRAY, {}, 0],
  ['ZMPOP 0 a MIN', '-ERR numkeys should be greater than 0', {}, 0],
  ['ZMPOP 1 a MIN COUNT 0', '-ERR count should be greater than 0', {}, 0],
  ['ZMPOP 1 a MID', '-ERR syntax error', {}, 0],
  [
    'ZRANGE a 0 -1 REV WITHSCORES',
    [
      ['z', 3],
      ['y', 2],
      ['x', 1],
    ],
    {},
    0,
  ],
  ['ZREVRANGEBYSCORE a +inf (1 LIMIT 1 -1', ['y'], {}, 0],
  ['ZRANGEBYLEX l - [b LIMIT 1 5', ['ab', 'b'], {}, 0],
  ['ZREVRANGEBYLEX l (c [ab', ['b', 'ab'], {}, 0],
  ['ZRANGE a 0 1 BYLEX WITHSCORES', '-ERR syntax error, WITHSCORES not supported in combination with BYLEX', {}, 0],
  ['ZCOUNT a 2 inf', 2, {}, 0],
  ['ZLEXCOUNT l - +', 4, {}, 0],
  ['ZREVRANK a z', 0, {}, 0],
  ['ZRANK a none', null, {}, 0],
  ['ZMSCORE a x none z', [1, null, 3], {}, 0],
  [
    'ZUNION 2 a b WITHSCORES',
    [
      ['x', 1],
      ['z', 3],
      ['y', 3.5],
      ['w', 5],
    ],
    {},
    0,
  ],
];

describe('commands of sorted sets', () => {
  it.each(CASES)('%s', (command, reply, state, changes) => {
    const { engine, run, runner } = testEngine();
    for (const [key, pairs] of Object.entries(START)) run('ZADD', key, ...pairs.split(' '));
    run('SADD', 's', 's', 'y');
    run('RPUSH', 'str', 'x');
    expect(plain(run(...command.split(' ')))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    for (const [key, pairs] of Object.entries({ ...START, ...state })) {
      expect(pairsOf(engine, key), key).toBe(pairs);
      expect(engine.database(0).has(key), key).toBe(pairs !== '');
    }
  });

  it('read scores as the server does that they stand for', () => {
    const hexadecimal = ['redis:7.0', 'redis:8.0', 'valkey:8.1', 'valkey:9.0'].map((target) => {
      const { run } = testEngine({ target });
      return [run('ZADD', 'z', '0x1p4', 'm'), run('ZCOUNT', 'z', '0x1', ' inf')];
    });
    const bound = '-ERR min or max is not a float';
    expect(hexadecimal).toEqual([
      [1, 1],
      [1, bound],
      [1, 1],
      ['-ERR value is not a valid float', bound],
    ]);
  });

  it('take nothing at all, and what a zero byte ends, as bounds', () => {
    const { run } = testEngine();
    run('ZADD', 'z', -1, 'a', 0, 'b', 1, 'c');
    expect(run('ZCOUNT', 'z', '', '1\0x')).toBe(2);
    expect(run('ZCOUNT', 'z', '(', '+inf')).toBe(1);
    expect(run('ZCOUNT', 'z', '-1e400', '1e-400')).toBe(2);
  });
});

describe('the form of a sorted set', () => {
  const encoding = { zsetMaxPackedEntries: 3, zsetMaxPackedValue: 4 };

  it.each([
    ['redis:2.2', 'skiplist', 'skiplist'],
    ['redis:6.2', 'ziplist', 'skiplist'],
    ['redis:7.0', 'listpack', 'skiplist'],
    ['valkey:9.0', 'listpack', 'skiplist'],
  ])('%s', (target, small, large) => {
    const { engine, run } = testEngine({ target, encoding });
    run('ZADD', 'z', 1, 'a', 2, 'b', 3, 'c');
    expect(formOf(engine, 'z')).toBe(small);
    run('ZADD', 'z', 4, 'd');
    run('ZREM', 'z', 'a', 'b', 'c');
    expect(formOf(engine, 'z')).toBe(large);
    run('ZADD', 'long', 1, 'abcde');
    expect(formOf(engine, 'long')).toBe(large);
    run('ZRANGESTORE', 'again', 'z', 0, -1);
    expect(formOf(engine, 'again')).toBe(small);
  });

  it('counts the members of a command from 7.2 on, and measures all of them in Valkey', () => {
    const forms = ['redis:7.0', 'redis:7.2', 'valkey:8.0'].map((target) => {
      const { engine, run } = testEngine({ target, encoding });
      run('ZADD', 'same', 1, 'a', 2, 'a', 3, 'a', 4, 'a');
      run('ZADD', 'z', 1, 'a');
      run('ZADD', 'z', 'XX', 1, 'not-there');
      return [formOf(engine, 'same'), formOf(engine, 'z')];
    });
    expect(forms).toEqual([
      ['listpack', 'listpack'],
      ['skiplist', 'listpack'],
      ['skiplist', 'skiplist'],
    ]);
  });

  it('loses the sign of a zero when it is packed, from 7.0 on', () => {
    const signs = ['redis:6.2', 'redis:7.0'].map((target) => {
      const { engine, run } = testEngine({ target, encoding });
      run('ZADD', 'z', '-0', 'a');
      const packed = plain(run('ZSCORE', 'z', 'a'));
      run('ZADD', 'z', 1, 'b', 2, 'c', 3, 'd', '-0', 'e');
      const expanded = plain(run('ZSCORE', 'z', 'e'));
      run('ZUNIONSTORE', 'u', 1, 'z');
      run('ZREMRANGEBYSCORE', 'z', 1, 'inf');
      run('ZUNIONSTORE', 'p', 1, 'z');
      return [packed, expanded, plain(run('ZSCORE', 'u', 'e')), plain(run('ZSCORE', 'p', 'e')), formOf(engine, 'p')];
    });
    expect(signs).toEqual([
      [-0, -0, -0, -0, 'ziplist'],
      [0, -0, -0, 0, 'listpack'],
    ]);
  });

  it.each<[ValueEncoding, number, number, string]>([
    ['skiplist', 3, 1, 'listpack'],
    ['skiplist', 4, 1, 'skiplist'],
    ['skiplist', 1, 5, 'skiplist'],
    ['listpack', 3, 9, 'listpack'],
    ['ziplist', 4, 1, 'skiplist'],
  ])('is loaded from a %s of %d members, the longest of %d bytes, as %s', (stored, count, size, form) => {
    const { settings } = testEngine({ encoding }).engine;
    const members: ZsetMember[] = Array.from({ length: count }, (_, at) => ({
      member: fromByteString(`${at}`.padEnd(size, 'x')),
      score: -0,
    }));
    const zset = fromRdb({ type: 'zset', encoding: stored, members }, settings) as ZsetObject;
    expect(zset.encoding(settings)).toBe(form);
    const isKept = form === 'skiplist' || stored !== 'skiplist';
    expect(Object.is(zset.score('0'.padEnd(size, 'x')), -0)).toBe(isKept);
  });

  it('is saved ascending when packed, and descending otherwise', () => {
    const { engine, run } = testEngine({ encoding });
    run('ZADD', 'p', 2, 'b', 1, 'c', 2, 'a');
    run('ZADD', 'e', 2, 'b', 1, 'c', 2, 'a', -1, 'd');
    const membersOf = (key: string): string[] =>
      zsetOf(engine, key)!
        .toRdb(engine.settings)
        .members.map(({ member }) => Buffer.from(member).toString());
    expect(membersOf('p')).toEqual(['c', 'a', 'b']);
    expect(membersOf('e')).toEqual(['b', 'a', 'c', 'd']);
  });

  it('is copied with its history', () => {
    const { engine, run } = testEngine({ encoding });
    run('ZADD', 'z', 1, 'a', 2, 'b', 3, 'c', 4, 'd');
    run('ZREM', 'z', 'b', 'c', 'd');
    const copy = zsetOf(engine, 'z')!.copy();
    run('ZADD', 'z', 9, 'a');
    expect([copy.encoding(engine.settings), copy.score('a'), copy.size]).toEqual(['skiplist', 1, 1]);
  });
});

function zsetOf(engine: Engine, key: string): ZsetObject | undefined {
  return engine.database(0).getObject(key, 'zset');
}

function formOf(engine: Engine, key: string): string {
  return zsetOf(engine, key)!.encoding(engine.settings);
}

/** As in {@link START}; empty where there is no key. */
function pairsOf(engine: Engine, key: string): string {
  const zset = zsetOf(engine, key);
  if (zset === undefined) return '';
  const { members, scores } = zset.slice(0, zset.size);
  return members.map((member, at) => `${String(scores[at]).replace('Infinity', 'inf')} ${member}`).join(' ');
}

/** Doubles as numbers, pairs as arrays. */
function plain(reply: Reply): unknown {
  if (reply instanceof DoubleReply) return reply.value;
  if (reply instanceof PairsReply) return reply.pairs.map(([member, score]) => [member, plain(score)]);
  return Array.isArray(reply) ? reply.map(plain) : reply;
}
