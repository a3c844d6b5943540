import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { toRdb } from '../../src/engine/snapshot.js';
import { fromRdb } from '../../src/engine/values/from-rdb.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import type { ArrayValue } from '../../src/rdb/model.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, elements: string, changes: number];

const LAST = '18446744073709551614';
const START = '0=a 1=b 5=c';
const CASES: readonly Case[] = [
  ['ARSET a 4 x y z', 2, '0=a 1=b 4=x 5=y 6=z', 3],
  ['ARSET none 4 x', 1, START, 1],
  [`ARSET a ${LAST} x`, 1, `${START} ${LAST}=x`, 1],
  [`ARSET a ${LAST} x y`, '-ERR array index overflow', START, 0],
  ['ARSET a 18446744073709551615 x', '-ERR invalid array index', START, 0],
  ['ARSET a -1 x', '-ERR invalid array index', START, 0],
  ['ARSET list 1 x', '-WRONGTYPE Operation against a key holding the wrong kind of value', START, 0],
  ['ARMSET a 9 x 0 y', 1, '0=y 1=b 5=c 9=x', 2],
  ['ARMSET a 9 x 0', "-ERR wrong number of arguments for 'armset' command", START, 0],
  ['ARINSERT a x y', 1, '0=x 1=y 5=c next=2', 2],
  ['ARDEL a 1 2 1', 1, '0=a 5=c', 1],
  ['ARDEL a 0 1 5', 3, '', 3],
  ['ARDEL none 1', 0, START, 0],
  ['ARDELRANGE a 5 1', 2, '0=a', 2],
  [`ARDELRANGE a 0 0 2 ${LAST}`, 2, '1=b', 2],
  ['ARDELRANGE a 0', "-ERR wrong number of arguments for 'ardelrange' command", START, 0],
  ['ARSEEK a 3', 1, `${START} next=3`, 1],
  ['ARSEEK none 3', 0, START, 0],
  // A ring of two, made of one of six: the last of its six positions, and before that a hole.
  ['ARRING a 2 x', 1, '0=c 1=x next=2', 1],
  ['ARRING a 0 x', '-ERR size must be positive', START, 0],
  ['ARRING a x x', '-ERR invalid size', START, 0],
];

describe('commands on arrays', () => {
  it.each(CASES)('%s', (command, reply, elements, changes) => {
    const { engine, run, runner } = testEngine({ target: 'redis:8.8' });
    run('ARMSET', 'a', 0, 'a', 1, 'b', 5, 'c');
    run('RPUSH', 'list', 'element');
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    expect(shown(engine)).toBe(elements);
  });

  it('write around a ring, and change its size', () => {
    const { engine, run } = testEngine({ target: 'redis:8.8' });
    expect(run('ARRING', 'a', 3, 'a', 'b', 'c', 'd')).toBe(0);
    expect(shown(engine)).toBe('0=d 1=b 2=c next=1');
    expect(run('ARRING', 'a', 5, 'e')).toBe(3);
    expect(shown(engine)).toBe('0=b 1=c 2=d 3=e next=4');
    expect(run('ARRING', 'a', 2, 'f')).toBe(0);
    expect(shown(engine)).toBe('0=f 1=e next=1');
  });

  it('stop at the last index', () => {
    const { engine, run } = testEngine({ target: 'redis:8.8' });
    run('ARSET', 'a', 0, 'a');
    run('ARSEEK', 'a', LAST);
    expect(run('ARINSERT', 'a', 'x', 'y')).toBe('-ERR insert index overflow');
    expect(run('ARINSERT', 'a', 'x')).toBe(18446744073709551614n);
    expect(run('ARINSERT', 'a', 'y')).toBe('-ERR insert index overflow');
    expect(shown(engine)).toBe(`0=a ${LAST}=x next=18446744073709551615`);
  });

  it('come back from a dump', () => {
    const { engine, run } = testEngine({ target: 'redis:8.8' });
    run('ARINSERT', 'a', '1', '2.5', 'text', '01', '9'.repeat(30), '');
    const value = toRdb(engine.database(0).get('a')!, engine.settings);
    const dump = encodeDump(value, { target: findTarget('redis:8.8')! });
    const again = fromRdb(decodeDump(dump).value, engine.settings);
    expect(toRdb(again, engine.settings)).toEqual(value);
    expect(toRdb((again as unknown as { copy(): typeof again }).copy(), engine.settings)).toEqual(value);
  });
});

function shown(engine: TestEngine['engine']): string {
  const stored = engine.database(0).get('a');
  if (stored === undefined) return '';
  const { elements, insertIndex } = toRdb(stored, engine.settings) as ArrayValue;
  const items = elements.map(({ index, value }) => `${index}=${toByteString(value)}`);
  return [...items, ...(insertIndex === undefined ? [] : [`next=${insertIndex + 1n}`])].join(' ');
}
