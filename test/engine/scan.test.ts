/** SCAN and its relatives: whoever goes on to the end has seen what was there all the time. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { Keyspace } from '../../src/engine/keyspace.js';
import { Session } from '../../src/engine/session.js';
import { random } from '../support/random.js';

function start(): (...args: (string | number)[]) => unknown {
  const session = new Session(new Engine());
  return (...args) => session.execute(args.map(String));
}

/** All that a scan gives, step by step; `between` is run after each. */
function scanAll(step: (cursor: string) => unknown, between: () => void = () => undefined): string[] {
  const seen: string[] = [];
  let cursor = '0';
  for (let count = 0; ; count++) {
    const [next, found] = step(cursor) as [string, string[]];
    seen.push(...found);
    if (next === '0') return seen;
    if (count > 100_000) throw new Error('a scan without an end');
    cursor = next;
    between();
  }
}

const SEEDS = [1, 2, 3];

describe('SCAN', () => {
  it.each(SEEDS)('sees what stays while keys come and go and the table grows and shrinks, seed %i', (seed) => {
    const next = random(seed);
    const run = start();
    const staying = Array.from({ length: 500 }, (_, at) => `stay:${at}`);
    for (const key of staying) run('SET', key, 'v');
    let made = 0;
    const seen = scanAll(
      (cursor) => run('SCAN', cursor, 'COUNT', 1 + Math.floor(next() * 20)),
      () => {
        const isGrowing = made < 3000 && next() < 0.5;
        for (let left = 200; left > 0; left--) {
          if (isGrowing) run('SET', `go:${made++}`, 'v');
          else run('DEL', `go:${Math.floor(next() * (made + 1))}`);
        }
      },
    );
    expect(new Set(seen)).toEqual(new Set([...seen, ...staying]));
  });

  it('gives each key once where nothing changes', () => {
    const run = start();
    const keys = Array.from({ length: 1000 }, (_, at) => `key:${at}`);
    for (const key of keys) run('SET', key, 'v');
    expect(scanAll((cursor) => run('SCAN', cursor)).sort()).toEqual([...keys].sort());
    expect(scanAll((cursor) => run('SCAN', cursor, 'MATCH', 'key:1?')).sort()).toEqual(keys.slice(10, 20).sort());
  });

  it('goes by type, and leaves out what has expired', () => {
    const run = start();
    run('SET', 's', 1);
    run('RPUSH', 'l', 1);
    run('SET', 'gone', 1, 'PXAT', 1);
    expect(run('SCAN', 0, 'TYPE', 'LIST')).toEqual(['0', ['l']]);
    expect(run('SCAN', 0, 'COUNT', 100)).toEqual(['0', expect.arrayContaining(['l', 's'])]);
    expect(run('DBSIZE')).toBe(2);
  });

  it('takes a cursor that a larger or a smaller table has given', () => {
    const keys = new Keyspace();
    for (let at = 0; at < 100; at++) keys.set(String(at), 'v');
    for (const cursor of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
      const seen: string[] = [];
      for (let next = cursor; ; ) {
        next = keys.scan(next, (key) => seen.push(key));
        if (next === 0) break;
      }
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
});

describe.each([
  ['SSCAN', 'SADD', (member: string) => [member]],
  ['HSCAN', 'HSET', (member: string) => [member, 'v']],
  ['ZSCAN', 'ZADD', (member: string) => ['1', member]],
] as const)('%s', (scan, add, args) => {
  const remove = { SSCAN: 'SREM', HSCAN: 'HDEL', ZSCAN: 'ZREM' }[scan];
  const step = scan === 'SSCAN' ? 1 : 2;

  it.each(SEEDS)('sees what stays while members come and go, seed %i', (seed) => {
    const next = random(seed);
    const run = start();
    const staying = Array.from({ length: 700 }, (_, at) => `stay:${at}`);
    for (const member of staying) run(add, 'k', ...args(member));
    let made = 0;
    const seen = scanAll(
      (cursor) => run(scan, 'k', cursor, 'COUNT', 1 + Math.floor(next() * 20)),
      () => {
        for (let left = 20; left > 0; left--) {
          if (next() < 0.5) run(add, 'k', ...args(`go:${made++}`));
          else run(remove, 'k', `go:${Math.floor(next() * (made + 1))}`);
        }
        // Somebody else begins, and ends.
        if (next() < 0.1) run(scan, 'k', 0, 'COUNT', next() < 0.5 ? 5 : 100_000);
      },
    ).filter((_, at) => at % step === 0);
    const stayed = seen.filter((member) => member.startsWith('stay:'));
    expect(new Set(stayed)).toEqual(new Set(staying));
    expect(stayed.length).toBe(staying.length);
  });

  it('gives small ones at once, and nothing of what is not there', () => {
    const run = start();
    for (const member of ['1', '2']) run(add, 'k', ...args(member));
    const [cursor, found] = run(scan, 'k', 0, 'COUNT', 1) as [string, string[]];
    expect([cursor, found.length]).toEqual(['0', 2 * step]);
    expect(run(scan, 'none', 0)).toEqual(['0', []]);
    expect(run(scan, 'k', 0, 'MATCH', 'x*')).toEqual(['0', []]);
  });
});
