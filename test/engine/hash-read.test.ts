/** What hashes are asked for: values, all of them, random ones, times. */
import { describe, expect, it } from 'vitest';
import { MapReply, PairsReply, type Reply } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { random } from '../support/random.js';

const NOW = 1_000_000;
const DRAWS = 20_000;

const CASES: readonly [command: string, reply: Reply][] = [
  ['HGET h f', '1'],
  ['HGET h x', null],
  ['HGET none f', null],
  ['HMGET h g x f f', ['22', null, '1', '1']],
  ['HMGET none f g', [null, null]],
  ['HLEN h', 3],
  ['HLEN none', 0],
  ['HSTRLEN h g', 2],
  ['HSTRLEN h x', 0],
  ['HEXISTS h f', 1],
  ['HEXISTS h x', 0],
  ['HEXISTS none f', 0],
  ['HKEYS h', ['f', 'g', 'i']],
  ['HKEYS none', []],
  ['HVALS h', ['1', '22', '3']],
  ['HVALS none', []],
  ['HRANDFIELD h 0', []],
  ['HRANDFIELD h 3', ['f', 'g', 'i']],
  ['HRANDFIELD h 99', ['f', 'g', 'i']],
  ['HRANDFIELD none', null],
  ['HRANDFIELD none -3', []],
  ['HGET text f', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
];

describe('what a hash answers', () => {
  it.each(CASES)('%s', (command, reply) => {
    expect(filled('redis:7.0').run(...command.split(' '))).toEqual(reply);
  });

  it('is a map where fields come with values', () => {
    const { run } = filled('redis:7.0');
    const pairs = [
      ['f', '1'],
      ['g', '22'],
      ['i', '3'],
    ];
    expect(run('HGETALL', 'h')).toEqual(new MapReply(pairs as [Reply, Reply][]));
    expect(run('HGETALL', 'none')).toEqual(new MapReply([]));
    expect(run('HRANDFIELD', 'h', 9, 'withvalues')).toEqual(new PairsReply(pairs as [Reply, Reply][]));
  });

  it('is in the order of the times where those are packed', () => {
    const { run } = filled('redis:8.0');
    run('HPEXPIREAT', 'h', 3 * NOW, 'FIELDS', 1, 'f');
    run('HPEXPIREAT', 'h', 2 * NOW, 'FIELDS', 1, 'i');
    expect([run('HKEYS', 'h'), run('HVALS', 'h'), run('HRANDFIELD', 'h', 3)]).toEqual([
      ['i', 'f', 'g'],
      ['3', '1', '22'],
      ['i', 'f', 'g'],
    ]);
  });
});

/** f goes at 1500.499 s, and it is 1000 s. */
const TIMES: readonly [target: string, command: string, reply: Reply][] = [
  ['redis:8.0', 'HTTL h FIELDS 3 f g x', [501, -1, -2]],
  ['redis:8.0', 'HPTTL h FIELDS 1 f', [500_499]],
  ['redis:8.0', 'HEXPIRETIME h FIELDS 2 f f', [1501, 1501]],
  ['redis:8.0', 'HPEXPIRETIME h FIELDS 1 f', [1_500_499]],
  ['redis:8.0', 'HTTL none FIELDS 2 f g', [-2, -2]],
  ['redis:8.0', 'HTTL h FIELDS 2 f', '-ERR The `numfields` parameter must match the number of arguments'],
  ['redis:8.6', 'HTTL h FIELDS 0 f', '-ERR Number of fields must be a positive integer'],
  ['redis:8.6', 'HTTL none FIELD 1 f', '-ERR Mandatory argument FIELDS is missing or not at the right position'],
  ['redis:8.6', 'HTTL text FIELD 1 f', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
  ['valkey:9.1', 'HTTL h FIELDS 3 f g x', [500, -1, -2]],
  ['valkey:9.1', 'HEXPIRETIME h FIELDS 1 f', [1500]],
  ['valkey:9.1', 'HTTL h FIELDS 2 f', '-ERR syntax error'],
  ['valkey:9.1', 'HTTL h FIELDS 0 f', '-ERR syntax error'],
  ['valkey:9.1', 'HTTL h FIELDS x f', '-ERR value is not an integer or out of range'],
  ['valkey:9.1', 'HTTL text FIELD 1 f', '-ERR syntax error'],
];

describe('the times of fields', () => {
  it.each(TIMES)('%s: %s', (target, command, reply) => {
    const { run } = filled(target);
    run('HPEXPIREAT', 'h', 1_500_499, 'FIELDS', 1, 'f');
    expect(run(...command.split(' '))).toEqual(reply);
  });
});

describe('HRANDFIELD', () => {
  it.each([5, 40])('draws each of %d fields as often as another', (size) => {
    const run = withFields(size);
    const times = new Map<string, number>();
    const note = (field: unknown): unknown => times.set(String(field), (times.get(String(field)) ?? 0) + 1);
    for (let at = 0; at < DRAWS; at++) {
      note(run('HRANDFIELD', 'h'));
      for (const field of run('HRANDFIELD', 'h', 2) as string[]) note(field);
      for (const field of run('HRANDFIELD', 'h', -2) as string[]) note(field);
    }
    expect(times.size).toBe(size);
    for (const [field, count] of times) expect(Math.abs((count * size) / (DRAWS * 5) - 1), field).toBeLessThan(0.08);
  });

  it.each([
    [300, 1],
    [300, 299],
    [9, 8],
  ])('takes none of %d twice for a count of %d', (size, count) => {
    const fields = withFields(size)('HRANDFIELD', 'h', count) as string[];
    expect(fields.length).toBe(count);
    expect(new Set(fields).size).toBe(count);
  });

  it('repeats itself for a negative count', () => {
    const fields = withFields(3)('HRANDFIELD', 'h', -500) as string[];
    expect(fields.length).toBe(500);
    expect(new Set(fields)).toEqual(new Set(['f0', 'f1', 'f2']));
  });

  it.each([3, -3, 250, -350])('says the values that the fields have, for a count of %d', (count) => {
    const { pairs } = withFields(300)('HRANDFIELD', 'h', count, 'WITHVALUES') as PairsReply;
    expect(pairs.length).toBe(Math.abs(count));
    for (const [field, value] of pairs) expect(field).toBe(`f${value}`);
  });

  it('knows of fields that have come and gone since', () => {
    const run = withFields(30);
    run('HRANDFIELD', 'h');
    for (let at = 1; at < 30; at++) run('HDEL', 'h', `f${at}`);
    expect(run('HRANDFIELD', 'h')).toBe('f0');
    run('HSET', 'h', 'new', 1);
    expect(new Set(run('HRANDFIELD', 'h', -100) as string[])).toEqual(new Set(['f0', 'new']));
  });
});

function filled(target: string): TestEngine {
  const test = testEngine({ target, clock: () => NOW });
  test.run('HSET', 'h', 'f', 1, 'g', 22, 'i', 3);
  test.run('SET', 'text', 'x');
  return test;
}

function withFields(count: number): TestEngine['run'] {
  const { run } = testEngine({ random: random(50341) });
  for (let at = 0; at < count; at++) run('HSET', 'h', `f${at}`, at);
  return run;
}
