import { describe, expect, it } from 'vitest';
import { SHA1_WORDS, sha1 } from '../../src/codecs/sha1.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

/** What Redis 8.0.2 answered to GET. */
const ONE = 'HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80q\xa6\x84NW';
const THREE_COUNTED = 'HYLL\x01\0\0\0\x03\0\0\0\0\0\0\0`\xf3\x80P\xb1\x84K\xfb\x80BZ';
const SHA1_OF_500 = '2a9d61e084be74b7fa38d91b53e180367043b07f';
const SHA1_OF_5000 = 'ab981a9ca691fef0de089e024b11c5ffa4d51986';
const SHA1_OF_MERGED = '533cc659e012e7488853fb0003c1a0bc39849f6a';

const INVALID = '-WRONGTYPE Key is not a valid HyperLogLog string value.';

function addNumbers({ run }: TestEngine, key: string, count: number): void {
  run('PFADD', key, ...Array.from({ length: count }, (_, at) => at + 1));
}

function hashOf({ run }: TestEngine, key: string): string {
  const bytes = Buffer.from(run('GET', key) as string, 'latin1');
  const words = new Int32Array(SHA1_WORDS);
  sha1(bytes, 0, bytes.length, words, 0);
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

describe('HyperLogLogs', () => {
  it('have the bytes of a server', () => {
    const { run, runner } = testEngine();
    expect(run('PFADD', 'k')).toBe(1);
    expect(run('GET', 'k')).toBe(`HYLL\x01${'\0'.repeat(10)}\x80\x7f\xff`);
    expect(run('PFADD', 'k')).toBe(0);
    expect([run('PFADD', 'k', 'a'), run('GET', 'k'), run('OBJECT', 'ENCODING', 'k')]).toEqual([1, ONE, 'raw']);
    expect([run('PFADD', 'k', 'a'), runner.dirty]).toEqual([0, 0]);
    expect([run('PFADD', 'k', 'b', 'c', 'a'), runner.dirty]).toEqual([1, 2]);
    expect([run('PFCOUNT', 'k'), runner.dirty]).toEqual([3, 1]);
    expect([run('PFCOUNT', 'k'), runner.dirty]).toEqual([3, 0]);
    expect(run('GET', 'k')).toBe(THREE_COUNTED);
    expect(run('PFDEBUG', 'DECODE', 'k')).toBe('Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603');
  });

  it('become dense, are counted and merged as on a server', () => {
    const test = testEngine();
    const { run } = test;
    run('PFADD', 'three', 'a', 'b', 'c');
    addNumbers(test, 'sparse', 500);
    addNumbers(test, 'dense', 5000);
    expect(['three', 'sparse', 'dense'].map((key) => run('PFCOUNT', key))).toEqual([3, 503, 4985]);
    expect(run('PFCOUNT', 'three', 'sparse', 'dense', 'none')).toBe(4989);
    expect(run('PFMERGE', 'merged', 'three', 'sparse')).toBe('+OK');
    expect(['sparse', 'dense', 'merged'].map((key) => run('STRLEN', key))).toEqual([1061, 12304, 1065]);
    expect(hashOf(test, 'sparse')).toBe(SHA1_OF_500);
    expect(hashOf(test, 'dense')).toBe(SHA1_OF_5000);
    expect(hashOf(test, 'merged')).toBe(SHA1_OF_MERGED);
    expect([run('PFDEBUG', 'ENCODING', 'sparse'), run('PFDEBUG', 'ENCODING', 'dense')]).toEqual(['+sparse', '+dense']);
    run('PFMERGE', 'sparse', 'dense');
    expect([run('PFDEBUG', 'TODENSE', 'sparse'), run('PFCOUNT', 'sparse')]).toEqual([0, 4985]);
  });

  it.each([
    ['redis:3.2', 'dense'],
    ['redis:4.0', 'sparse'],
    ['valkey:8.0', 'sparse'],
  ])('of %s are %s once they are merged', (target, encoding) => {
    const { run } = testEngine({ target });
    run('PFADD', 'k', 'a', 'b');
    run('PFMERGE', 'merged', 'k');
    expect([run('PFDEBUG', 'ENCODING', 'merged'), run('PFCOUNT', 'merged')]).toEqual([`+${encoding}`, 2]);
  });

  it.each([
    ['PFADD s a', INVALID],
    ['PFCOUNT s', INVALID],
    ['PFMERGE none s', INVALID],
    ['PFADD list a', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['PFCOUNT none list', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['PFADD corrupt a', '-INVALIDOBJ Corrupted HLL object detected'],
    ['PFCOUNT corrupt', '-INVALIDOBJ Corrupted HLL object detected'],
    ['PFCOUNT none', 0],
    ['PFDEBUG ENCODING none', '-ERR The specified key does not exist'],
    ['PFDEBUG NONE k', "-ERR Unknown PFDEBUG subcommand 'NONE'"],
    ['PFDEBUG TODENSE k', 1],
  ])('%s', (command, reply) => {
    const { run } = testEngine();
    run('PFADD', 'k', 'a');
    run('SET', 's', 'HYLK');
    run('RPUSH', 'list', 'x');
    run('SET', 'corrupt', `HYLL\x01${'\0'.repeat(10)}\x80`);
    expect(run(...command.split(' '))).toEqual(reply);
  });
});
