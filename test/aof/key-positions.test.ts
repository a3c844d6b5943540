/** Where keys stand, also in commands that no server would take. What servers say of the same is compared in test/live. */
import { describe, expect, it } from 'vitest';
import { KEY_ROLE, lookupCommand } from '../../src/aof/command-table.js';
import { forEachKey, isWriting, KeyPositions } from '../../src/aof/key-positions.js';
import { keysOf, viewOf } from '../support/command-sample.js';

const LETTERS = ['r', 'o', 'c', 'm', 'x', 'd', 't', 'a'];

/** `d:a o:b`. */
function shown(line: string): string {
  return keysOf(line.split(' '))
    .map(({ key, role }) => `${LETTERS[role]}:${key}`)
    .join(' ');
}

describe('keys and what is done to them', () => {
  it.each([
    ['SET k v PXAT 1', 'o:k'],
    ['INCR k', 'c:k'],
    ['DEL a b a', 'd:a d:b d:a'],
    ['DEL', ''],
    ['MSET a 1 b 2', 'o:a o:b'],
    ['MSET a 1 b', 'o:a o:b'],
    ['MSETEX 2 a 1 b 2 EX 3', 'o:a o:b'],
    ['MSETEX 3 a 1 b 2', ''],
    ['RENAME a b', 'd:a o:b'],
    ['RENAME a', 'd:a'],
    ['COPY a b DB 1', 'r:a o:b'],
    ['ZUNIONSTORE d 2 a b WEIGHTS 1 2', 'o:d r:a r:b'],
    ['ZUNIONSTORE d x a b', 'o:d'],
    ['ZUNIONSTORE d 99999999999999999999 a', 'o:d'],
    ['ZUNIONSTORE d 0 a', 'o:d'],
    ['ZUNIONSTORE d', 'o:d'],
    ['SORT l STORE d', 'r:l o:d'],
    ['SORT l BY STORE STORE d', 'r:l o:d'],
    ['SORT l LIMIT STORE 5', 'r:l'],
    ['SORT l store a STORE b', 'r:l o:b'],
    ['GEORADIUS g 1 2 3 m STOREDIST d', 'r:g o:d'],
    ['GEORADIUS g 1 2 3 m STORE', 'r:g'],
    ['GEORADIUSBYMEMBER g STORE 3 m', 'r:g'],
    ['XREADGROUP GROUP g c STREAMS a b > >', 'm:a m:b'],
    ['XREADGROUP GROUP g c STREAMS a b >', ''],
    ['XGROUP CREATE s g $', 'c:s'],
    ['XGROUP NOPE s g', ''],
    ['EVAL script 2 a b c', 'a:a a:b'],
    ['BLPOP a b 0', 'x:a x:b'],
    ['LMOVE a b LEFT RIGHT', 'x:a c:b'],
    ['MIGRATE h p k 0 1', 'd:k'],
    ['BITOP NOT d s', 'o:d r:s'],
    ['PFMERGE d a b', 'c:d r:a r:b'],
    ['PERSIST k', 't:k'],
    ['FLUSHALL', ''],
    ['TS.MADD a 1 2 b 1 2', 'c:a c:b'],
  ])('%s', (line, keys) => {
    expect(shown(line)).toBe(keys);
  });

  it('MIGRATE with an empty key', () => {
    const of = (...rest: string[]): string[] =>
      keysOf(['MIGRATE', 'h', 'p', '', '0', '1', ...rest]).map(({ key }) => key);
    expect(of('COPY', 'KEYS', 'a', 'b')).toEqual(['a', 'b']);
    expect(of('AUTH', 'KEYS', 'KEYS', 'a')).toEqual(['a']);
    expect(of('AUTH2', 'KEYS', 'KEYS', 'KEYS', 'a')).toEqual(['a']);
    expect(of()).toEqual([]);
  });
});

it('holds as many keys as a command has', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `k${at}`);
  expect(keysOf(['UNLINK', ...names]).map(({ key }) => key)).toEqual(names);
  const found: number[] = [];
  const view = viewOf(['UNLINK', ...names]);
  forEachKey(view, lookupCommand(view)!, (index, role) => found.push(index * 10 + role));
  expect(found).toEqual(names.map((_, at) => (at + 1) * 10 + KEY_ROLE.DELETE));
});

it('looks at no argument that is not held', () => {
  const view = viewOf(['DEL', 'a', 'b', 'c', 'd']);
  view.held = 3;
  expect(new KeyPositions().locate(view, lookupCommand(view)!)).toBe(2);
});

it('knows reading from writing', () => {
  expect(isWriting(KEY_ROLE.READ)).toBe(false);
  expect(isWriting(KEY_ROLE.ANY)).toBe(true);
});
