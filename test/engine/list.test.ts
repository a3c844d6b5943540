import { describe, expect, it } from 'vitest';
import { fromByteString, toByteString } from '../../src/bytes/byte-string.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { NULL_ARRAY } from '../../src/engine/reply.js';
import { listpackEntryBytes } from '../../src/engine/values/int64-text.js';
import { ListObject } from '../../src/engine/values/list-object.js';
import type { ListValue } from '../../src/rdb/model.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, elements: string, changes: number];

const LIST = 'a b c b a';
const CASES: readonly Case[] = [
  ['LPUSH l x y', 7, 'y x a b c b a', 2],
  ['RPUSH l x y', 7, 'a b c b a x y', 2],
  ['LPUSHX none x', 0, LIST, 0],
  ['LPOP l', 'a', 'b c b a', 1],
  ['RPOP l 3', ['a', 'b', 'c'], 'a b', 3],
  ['RPOP l 0', [], LIST, 0],
  ['LPOP l 9', ['a', 'b', 'c', 'b', 'a'], '', 5],
  ['LPOP l -1', '-ERR value is out of range, must be positive', LIST, 0],
  ['LPOP l 1 2', "-ERR wrong number of arguments for 'lpop' command", LIST, 0],
  ['LPOP none 3', NULL_ARRAY, LIST, 0],
  ['LINSERT l BEFORE b x', 6, 'a x b c b a', 1],
  ['LINSERT l after b x', 6, 'a b x c b a', 1],
  ['LINSERT l BEFORE z x', -1, LIST, 0],
  ['LINSERT l BESIDE b x', '-ERR syntax error', LIST, 0],
  ['LSET l -1 x', '+OK', 'a b c b x', 1],
  ['LSET l 5 x', '-ERR index out of range', LIST, 0],
  ['LSET l 1.5 x', '-ERR value is not an integer or out of range', LIST, 0],
  ['LSET none 0 x', '-ERR no such key', LIST, 0],
  ['LREM l 0 b', 2, 'a c a', 2],
  ['LREM l -1 a', 1, 'a b c b', 1],
  ['LREM l 1 a', 1, 'b c b a', 1],
  ['LTRIM l 1 -2', '+OK', 'b c b', 2],
  ['LTRIM l 3 1', '+OK', '', 5],
  ['LTRIM l -100 100', '+OK', LIST, 0],
  ['RPOPLPUSH l l', 'a', 'a a b c b', 1],
  ['LMOVE l l LEFT RIGHT', 'a', 'b c b a a', 1],
  ['LMOVE l l UP RIGHT', '-ERR syntax error', LIST, 0],
  ['RPOPLPUSH none l', null, LIST, 0],
  ['LMPOP 2 none l RIGHT COUNT 2', ['l', ['a', 'b']], 'a b c', 2],
  ['LMPOP 0 l LEFT', '-ERR numkeys should be greater than 0', LIST, 0],
  ['BLPOP none l 0', ['l', 'a'], 'b c b a', 1],
  ['BRPOP none 0', NULL_ARRAY, LIST, 0],
  ['BLMPOP 0 1 l LEFT', ['l', ['a']], 'b c b a', 1],
  ['BRPOPLPUSH l l 0', 'a', 'a a b c b', 1],
  ['BLMOVE l l LEFT RIGHT -1', '-ERR timeout is negative', LIST, 0],
  ['LPUSH set x', '-WRONGTYPE Operation against a key holding the wrong kind of value', LIST, 0],
];

describe('list commands', () => {
  it.each(CASES)('%s', (command, reply, elements, changes) => {
    const { engine, run, runner } = testEngine();
    run('RPUSH', 'l', ...LIST.split(' '));
    run('SADD', 'set', 'm');
    runner.dirty = 0;
    expect(run(...command.split(' '))).toEqual(reply);
    expect(elementsOf(engine).join(' ')).toBe(elements);
    expect(engine.database(0).has('l')).toBe(elements !== '');
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
  });

  it('keep their expiry', () => {
    const { engine, run } = testEngine();
    run('RPUSH', 'l', 'a', 'b');
    engine.database(0).setExpiry('l', 5_000_000);
    run('LPOP', 'l');
    run('RPUSH', 'l', 'c');
    expect(engine.database(0).expiryOf('l')).toBe(5_000_000);
  });
});

describe('a long list', () => {
  it('can be filled and emptied at both ends, or as a queue', () => {
    const { engine, run } = testEngine();
    for (let at = 0; at < 3000; at++) run(at % 2 === 0 ? 'LPUSH' : 'RPUSH', 'l', at);
    expect([elementsOf(engine)[0], elementsOf(engine).at(-1)]).toEqual(['2998', '2999']);
    for (let at = 0; at < 5000; at++) {
      run('RPUSH', 'l', `q${at}`);
      run('LPOP', 'l');
    }
    expect(elementsOf(engine)).toEqual(Array.from({ length: 3000 }, (_, at) => `q${2000 + at}`));
  });
});

describe('the encoding of a list', () => {
  it.each([
    ['redis:2.4', 'ziplist', 'linkedlist', 'linkedlist'],
    ['redis:3.2', 'quicklist', 'quicklist', 'quicklist'],
    ['redis:7.0', 'quicklist', 'quicklist', 'quicklist'],
    ['redis:7.2', 'listpack', 'quicklist', 'listpack'],
    ['valkey:9.0', 'listpack', 'quicklist', 'listpack'],
  ])('of %s is %s, after growth %s, after shrinking %s', (target, small, large, again) => {
    const { engine, run } = testEngine({ target });
    run('RPUSH', 'l', 'a');
    expect(encodingOf(engine)).toBe(small);
    for (let at = 0; at < 2000; at++) run('RPUSH', 'l', `element ${at}`);
    expect(encodingOf(engine)).toBe(large);
    run('LTRIM', 'l', 0, 3);
    expect(encodingOf(engine)).toBe(again);
  });

  it('of a copy, and of what a file holds, is that of the list', () => {
    const { engine, run } = testEngine({ target: 'redis:8.0' });
    for (let at = 0; at < 2000; at++) run('RPUSH', 'l', `element ${at}`);
    const list = engine.database(0).getObject('l', 'list')!;
    expect(list.copy().encoding(engine.settings)).toBe('quicklist');
    const value: ListValue = list.toRdb(engine.settings);
    const loaded = ListObject.fromRdb(value, engine.settings);
    expect(loaded.encoding(engine.settings)).toBe('quicklist');
    expect(loaded.toRdb(engine.settings)).toEqual(value);
  });
});

describe('the bytes of an element in a listpack', () => {
  const texts = ['', '0', '127', '128', '-1', '4095', '-4096', '4096', '32767', '-32769', '8388607', '8388608'];
  const more = ['2147483648', '-9223372036854775808', '9223372036854775808', '01', 'x'.repeat(63), 'x'.repeat(64)];
  const long = [125, 126, 127, 4095, 4096, 16370, 16378, 16379, 20000].map((size) => 'x'.repeat(size));

  it.each([...texts, ...more, ...long])('%s', (text) => {
    const alone = encodeListpack([fromByteString(text)]).length - 7;
    expect(listpackEntryBytes(text, false)).toBe(alone);
  });
});

function elementsOf(engine: TestEngine['engine']): string[] {
  const list = engine.database(0).getObject('l', 'list');
  return list === undefined ? [] : list.toRdb(engine.settings).items.map((item) => toByteString(item));
}

function encodingOf(engine: TestEngine['engine']): string {
  return engine.database(0).getObject('l', 'list')!.encoding(engine.settings);
}
