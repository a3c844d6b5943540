/**
 * Commands against what servers have written themselves: the RESP base of a rewritten AOF holds the same data as the dump
 * beside it, so for every key both must have the same commands.
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { byKey, type CommandRun, commandRun, commandsOf } from '../support/command-run.js';
import { FIXTURES, listFixtures, readFixture } from '../support/fixtures.js';
import { random, randomSizes } from '../support/random.js';

const SEED = 20261126;
const SERVERS = [
  ...['redis-2.4', 'redis-3.2', 'redis-4.0', 'redis-5.0', 'redis-6.2', 'redis-7.0', 'redis-7.4', 'redis-8.6'],
  'valkey-9.1',
];

/** Commands that only clients have sent: with the first of them the rewritten part of an old log is over. */
const FIRST_OTHER = 'MSET';

interface Log {
  /** What the rewrite emitted. */
  readonly base: readonly string[][];
  /** What clients sent afterwards: the dump has its effect, the base has not. */
  readonly later: readonly string[][];
}

function readLog(server: string): Log {
  const folder = path.join(FIXTURES, server, 'aof-rewritten');
  const read = (name: string): string[][] => commandsOf(new Uint8Array(fs.readFileSync(path.join(folder, name))));
  if (fs.existsSync(path.join(folder, 'appendonlydir'))) {
    const name = 'appendonlydir/appendonly.aof.2';
    return { base: read(`${name}.base.aof`), later: read(`${name}.incr.aof`) };
  }
  const all = read('appendonly.aof');
  const end = all.findIndex(([name]) => name === FIRST_OTHER);
  return { base: all.slice(0, end), later: all.slice(end) };
}

/** Servers that held a value in a table wrote it in the table's order, which no dump has. */
function unordered(commands: readonly string[][] | undefined): unknown {
  return commands
    ?.map(([name, key, ...args]) => [name, key, args.length, ...pairsOf(args).sort()])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

function pairsOf(args: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let at = 0; at < args.length; at += 2) pairs.push(JSON.stringify(args.slice(at, at + 2)));
  return pairs;
}

describe.each(SERVERS)('%s', (server) => {
  const { base, later } = readLog(server);
  const theirs = byKey(base);
  const run = commandRun(readFixture(`${server}/aof-rewritten`));
  const ours = byKey(commandsOf(run.bytes));
  const touched = new Set(later.flat());
  const isSame = (key: string): boolean => JSON.stringify(ours.get(key)) === JSON.stringify(theirs.get(key));
  const wasTouched = (key: string): boolean => touched.has(key.slice(key.indexOf(' ') + 1));

  it('has the commands of the server for every key', () => {
    expect(run.losses).toEqual([]);
    const different = [...theirs.keys()].filter((key) => !isSame(key) && !wasTouched(key));
    const equal = [...theirs.keys()].filter(isSame);
    expect(equal.length).toBeGreaterThan(160);
    for (const key of different) {
      const [[name] = []] = theirs.get(key)!;
      // Sorted sets were written from their table, and so were fields with an expiry of Valkey.
      if (name === 'ZADD' || name === 'HSETEX') expect(unordered(ours.get(key))).toEqual(unordered(theirs.get(key)));
      else expect(key).toBe('0 s:mkstream');
    }
    expect(different.length).toBeLessThanOrEqual(10);
  });

  it('begins with the libraries, and selects a database once', () => {
    const names = commandsOf(run.bytes).map(([name]) => name!);
    const first = names.indexOf('SELECT');
    expect(names.slice(0, first).every((name) => name === 'FUNCTION')).toBe(true);
    expect(names.slice(first).includes('FUNCTION')).toBe(false);
    const selected = commandsOf(run.bytes).flatMap(([name, db]) => (name === 'SELECT' ? db : []));
    expect(new Set(selected).size).toBe(selected.length);
  });
});

it('does better than Redis 5.0 for a stream that never had an entry', () => {
  const key = '0 s:mkstream';
  const theirs = byKey(readLog('redis-5.0').base).get(key)!;
  const ours = byKey(commandsOf(commandRun(readFixture('redis-5.0/aof-rewritten')).bytes)).get(key)!;
  // An entry cannot have the id 0-0: the server that reads this loses the stream.
  expect(theirs[0]).toEqual(['XADD', 's:mkstream', 'MAXLEN', '0', '0-0', 'x', 'y']);
  expect(ours).toEqual([['XADD', 's:mkstream', 'MAXLEN', '0', '0-1', 'x', 'y'], ...theirs.slice(1)]);
});

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);
  const whole = commandRun(file, { onUnsupported: 'convert' });

  it(`gives the same however the bytes arrive (seed ${SEED})`, () => {
    const run = commandRun(file, { onUnsupported: 'convert', chunk: randomSizes(SEED, 3000) });
    expect(Buffer.compare(run.bytes, whole.bytes)).toBe(0);
    expect(run.losses).toEqual(whole.losses);
  });

  it('gives the same when every value is large', () => {
    const run = commandRun(file, {
      onUnsupported: 'convert',
      chunk: randomSizes(SEED, 3000),
      limits: { largeValueBytes: 1 },
    });
    // The bytes that name a module may not be there yet.
    const facts = ({ losses }: CommandRun): unknown[] => losses.map(({ detail: _, ...loss }) => loss);
    expect(facts(run)).toEqual(facts(whole));
    if (!name.startsWith('valkey-9')) expect(Buffer.compare(run.bytes, whole.bytes)).toBe(0);
    else expect(fieldsOf(run.bytes)).toEqual(fieldsOf(whole.bytes));
  });

  it(`leaves whole commands when the reading fails (seed ${SEED})`, () => {
    const next = random(SEED);
    for (let left = 6; left > 0; left--) {
      const cut = file.subarray(0, Math.floor(next() * file.length));
      const limits = left % 2 === 0 ? { largeValueBytes: 1 } : {};
      let before: Uint8Array = new Uint8Array(0);
      expect(() => commandRun(cut, { onUnsupported: 'convert', limits }, (bytes) => (before = bytes))).toThrow();
      expect(whole.bytes.length - before.length).toBeGreaterThanOrEqual(0);
      commandsOf(before);
    }
  });
});

/** The commands of a hash that is streamed come as its fields come, for Valkey. */
function fieldsOf(bytes: Uint8Array): [string, unknown][] {
  return [...byKey(commandsOf(bytes))].map(([key, commands]) => {
    const [[name] = []] = commands;
    if (name !== 'HMSET' && name !== 'HSETEX') return [key, commands];
    const args = commands.flatMap(([verb, , ...rest]) => (verb === 'HMSET' ? pairsOf(rest) : JSON.stringify(rest)));
    return [key, args.sort()];
  });
}
