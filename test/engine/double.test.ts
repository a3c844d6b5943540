import { describe, expect, it } from 'vitest';
import { cString, parseDouble } from '../../src/engine/double.js';
import { NULL_ARRAY } from '../../src/engine/reply.js';
import { findTarget } from '../../src/rdb/versions.js';
import { testEngine } from '../support/engine-run.js';

const REDIS = findTarget('redis:7.0')!;
const VALKEY = findTarget('valkey:9.0')!;

describe('doubles', () => {
  it.each<[text: string, value: number]>([
    ['0', 0],
    ['-0', -0],
    ['123456789012345', 123456789012345],
    ['1200000000000000000', 1.2e18],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['5e-324', 5e-324],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['0x10', 16],
    ['-0x.8p1', -1],
  ])('%s is %d', (text, value) => expect(parseDouble(text, REDIS)).toBe(value));

  it.each([
    '',
    ' 1',
    '1 ',
    '\t1',
    '1\0',
    'nan',
    '-nan',
    '.',
    'e1',
    '1e',
    '--1',
    '+',
    '0x',
    '1_0',
    '１',
    '1e400',
    '1e-400',
  ])('%j is none', (text) => expect(parseDouble(text, REDIS)).toBeNaN());

  it('are not hexadecimal to Valkey 9', () => expect(parseDouble('0x10', VALKEY)).toBeNaN());

  it('end at a NUL where they are C strings', () => {
    expect(cString(' 1\x002', false)).toBe('1');
    expect(cString(' 1\x002', true)).toBe(' 1');
  });
});

describe('timeouts', () => {
  const TOO_LONG = '-ERR timeout is out of range';
  const NEGATIVE = '-ERR timeout is negative';
  const NONE = '-ERR timeout is not a float or out of range';

  // As redis-server 7.0.15 answers BLPOP and BZPOPMIN.
  it.each<[text: string, reply: unknown]>([
    ['0', null],
    ['-0.0001', null],
    ['0x10', null],
    ['.5', null],
    ['9223372036854775.807', null],
    ['9223372036854776', NEGATIVE],
    ['1e400', NEGATIVE],
    ['inf', NEGATIVE],
    ['-inf', NEGATIVE],
    ['-1', NEGATIVE],
    ['1e5000', NONE],
    ['1e-5000', NONE],
    ['nan', NONE],
    ['', NONE],
    [' 1', NONE],
  ])('of %j', (text, reply) => {
    const { run } = testEngine();
    for (const command of ['BLPOP', 'BZPOPMIN']) expect(run(command, 'none', text)).toEqual(reply ?? NULL_ARRAY);
  });

  it('may be too long to newer servers', () => {
    const { run } = testEngine({ target: 'redis:7.2' });
    expect(run('BLPOP', 'none', '9223372036854776')).toBe(TOO_LONG);
    expect(run('BLMOVE', 'none', 'other', 'LEFT', 'LEFT', 'inf')).toBe(TOO_LONG);
  });
});
