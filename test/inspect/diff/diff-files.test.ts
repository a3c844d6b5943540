/** Comparing whole files: those of servers, more keys and larger values than are held, counts, errors. */
import { describe, expect, it } from 'vitest';
import { RdbDiff } from '../../../src/inspect/diff/diff.js';
import { RdbEncoder } from '../../../src/rdb/encoder.js';
import { openRdbSource } from '../../../src/rdb/open.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { type EncodingSettings, targetOfHeader } from '../../../src/rdb/versions.js';
import { bytesOf } from '../../support/file-builder.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';
import { file, hash, list, MAGIC, set, string } from './diff-records.js';
import { runDiff } from './diff-run.js';

describe('servers that hold the same data', () => {
  const newer = ['redis-5.0', 'redis-6.2', 'redis-7.0rc1', 'redis-7.4', 'redis-7.4rc1', 'redis-8.6', 'valkey-8.0'];

  it.each([...newer, 'valkey-9.1'])('redis-7.0 and %s', async (server) => {
    // Expiry was set relative to the time of writing, and newer servers have keys of their own.
    const filter = { notTypes: ['stream' as const] };
    const { found } = await runDiff(readFixture('redis-7.0/types'), readFixture(`${server}/types`), {
      filter,
      ignoreTtl: true,
    });
    // A listpack keeps no sign of a zero, a ziplist does.
    const scores = ['~ 0 zset value zset:scores', '  ~ member m01:-0: 0 -> -0'];
    const isOlder = ['redis-5.0', 'redis-6.2', 'redis-7.0rc1'].includes(server);
    expect(found.filter((line) => !line.startsWith('+'))).toEqual(isOlder ? scores : []);
  });

  it('a stream whose layout is older than its header says', async () => {
    const filter = { match: 's:ints' };
    const { found } = await runDiff(readFixture('redis-7.0/types'), readFixture('redis-7.0rc1/types'), { filter });
    expect(found).toEqual([]);
  });
});

describe('bounded memory', () => {
  const many = (count: number, change: (index: number) => string): Uint8Array =>
    file(Array.from({ length: count }, (_, index) => string(`key:${index}`, change(index))));

  it('more keys than are held: several passes find the same', async () => {
    const before = many(3000, (index) => `value ${index}`);
    const after = bytesOf(many(2990, (index) => `value ${index % 100 === 7 ? 'x' : index}`));
    const whole = await runDiff(before, after);
    const passes = await runDiff(before, after, { maxKeys: 500 });
    expect(whole.found.length).toBe(30 * 2 + 10);
    expect([...passes.found].sort()).toEqual([...whole.found].sort());
    expect(passes.summary).toEqual(whole.summary);
    // The order does not depend on chance.
    expect((await runDiff(before, after, { maxKeys: 500 })).found).toEqual(passes.found);
  });

  it('a key that comes twice among more new ones than are held is found', async () => {
    const after = bytesOf(many(3000, (index) => `value ${index}`).subarray(0, -9), string('key:2718', 'again'), 0xff);
    const ended = bytesOf(
      after,
      Array.from({ length: 8 }, () => 0),
    );
    for (const maxKeys of [200, 10_000]) {
      await expect(runDiff(file(), ended, { maxKeys })).rejects.toMatchObject({ trail: ['db 0', 'key "key:2718"'] });
      await expect(runDiff(many(1500, String), ended, { maxKeys })).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
    }
    expect((await runDiff(file(), many(3000, String), { maxKeys: 200 })).found).toHaveLength(3000);
  });

  it('large values are compared as they stream', async () => {
    const fields = Array.from({ length: 2000 }, (_, index): [string, string] => [`field:${index}`, `value ${index}`]);
    const changed = fields.map(([field, value], index): [string, string] => [field, index % 500 === 3 ? 'new' : value]);
    const before = file(hash('h', ...fields), list('l', ...fields.map(([field]) => field)));
    const after = file(
      hash('h', ...changed.toReversed()),
      list('l', 'head', ...fields.slice(0, -1).map(([field]) => field)),
    );
    const whole = await runDiff(before, after);
    const [, ...parts] = whole.found;
    expect(parts.slice(0, 4).sort()).toEqual(
      [3, 503, 1003, 1503].map((index) => `  ~ field field:${index}: value ${index} -> new`).sort(),
    );
    expect(whole.found.slice(5)).toEqual(['~ 0 list value l', '  + item 0: head', '  - item 1999: field:1999']);
    const limits = { largeValueBytes: 1000 };
    expect((await runDiff(before, after, { limits })).found).toEqual(whole.found);
    const small = await runDiff(before, after, { limits, maxPartBytes: 100_000 });
    expect(small.found.slice(0, 5).sort()).toEqual(whole.found.slice(0, 5).sort());
    // Too long to be held: items at the same index are compared.
    expect(small.found.length).toBe(6 + 2000);
    expect(small.found.slice(6, 8)).toEqual(['  ~ item 0: field:0 -> head', '  ~ item 1: field:1 -> field:0']);
  });

  it('lists of different lengths that are too long to be held', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => `item ${index}`);
    const long = file(list('l', ...items));
    const short = file(list('l', ...items.slice(0, 997)));
    const options = { maxPartBytes: 1000, limits: { largeValueBytes: 1000 } };
    expect((await runDiff(long, short, options)).found.slice(1)).toEqual(
      [997, 998, 999].map((index) => `  - item ${index}: item ${index}`),
    );
    expect((await runDiff(short, long, options)).found.slice(1)).toEqual(
      [997, 998, 999].map((index) => `  + item ${index}: item ${index}`),
    );
  });

  it('an input that cannot be read twice is refused', async () => {
    const source = await openRdbSource([file()]);
    expect(() => new RdbDiff({ source }, { source })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_INPUT' }));
  });
});

describe('summary', () => {
  it('counts by database and type, at every level', async () => {
    const before = file(string('a', '1'), string('b', '2'), list('c', 'x'), [0xfe, 2], set('d', 'x'), set('e', 'x'));
    const after = file(
      string('a', '1'),
      string('b', '3'),
      [0xfe, 2],
      set('d', 'y'),
      string('e', 'x'),
      string('f', '1'),
    );
    const expected = {
      same: false,
      before: 5,
      after: 5,
      added: 1,
      removed: 1,
      changed: 3,
      aspects: { type: 1, value: 2, expiry: 0, metadata: 0 },
      types: [
        { db: 0, type: 'string', before: 2, after: 2, added: 0, removed: 0, changed: 1 },
        { db: 0, type: 'list', before: 1, after: 0, added: 0, removed: 1, changed: 0 },
        { db: 2, type: 'string', before: 0, after: 2, added: 1, removed: 0, changed: 1 },
        { db: 2, type: 'set', before: 2, after: 1, added: 0, removed: 0, changed: 1 },
      ],
      functions: { added: 0, removed: 0, changed: 0 },
      stopped: false,
    };
    for (const level of ['summary', 'keys', 'fields'] as const) {
      const { found, summary } = await runDiff(before, after, { level });
      expect(summary, level).toEqual(expected);
      expect(found.length).toBe({ summary: 0, keys: 5, fields: 8 }[level]);
    }
  });

  it('a limit ends the comparison', async () => {
    const after = file(string('a', '1'), string('b', '2'), string('c', '3'));
    const { found, summary } = await runDiff(file(), after, { filter: { limit: 2 } });
    expect(found).toEqual(['+ 0 string a', '+ 0 string b']);
    expect(summary).toMatchObject({ same: false, added: 2, stopped: true });
    const removed = await runDiff(after, file(), { filter: { limit: 1 } });
    expect(removed.found).toEqual(['- 0 string a']);
  });

  it('filters choose the keys of each file', async () => {
    const before = file(string('a', '1'), string('b', '1'));
    const after = file(string('a', '2'), string('b', '2'));
    const { found, summary } = await runDiff(before, after, { filter: { match: 'b' } });
    expect(found).toEqual(['~ 0 string value b', '  ~ string: 1 -> 2']);
    expect(summary).toMatchObject({ before: 1, after: 1, changed: 1 });
  });
});

describe('errors', () => {
  it('say which file they are about', async () => {
    const good = file(string('a', '1'));
    const bad = bytesOf(MAGIC, 0x2a);
    for (const [side, before, after] of [
      ['before', bad, good],
      ['after', good, bad],
      ['after', good, bytesOf('nonsense!')],
    ] as const) {
      const diff = new RdbDiff({ source: await openRdbSource(before) }, { source: await openRdbSource(after) });
      await expect(diff.differences().next()).rejects.toThrow();
      expect(diff.reading).toBe(side);
    }
  });

  it('a wrong checksum is one, unless it does not matter', async () => {
    const good = file(string('a', '1'));
    const wrong = good.slice();
    wrong[wrong.length - 1]! ^= 1;
    await expect(runDiff(good, wrong)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect((await runDiff(good, wrong, { checksum: false })).found).toEqual([]);
  });
});

/** The same keys, decoded and encoded anew as the target would write them. */
function encodedAnew(bytes: Uint8Array, settings: Partial<EncodingSettings>): Uint8Array {
  const chunks: Buffer[] = [];
  let encoder: RdbEncoder | undefined;
  for (const entry of readRdbSync(bytes, { checksum: false })) {
    if (entry.kind === 'header') {
      const target = targetOfHeader(entry.magic, entry.version);
      const write = (chunk: Uint8Array, start: number, end: number): void =>
        void chunks.push(Buffer.from(chunk.slice(start, end)));
      encoder = new RdbEncoder(write, { target, settings, compress: false });
    } else if (entry.kind === 'key') {
      encoder!.key(entry);
    } else {
      encoder!.record(entry);
    }
  }
  encoder!.end();
  return new Uint8Array(Buffer.concat(chunks));
}

/** Nothing is packed: every collection gets another encoding. */
const UNPACKED: Partial<EncodingSettings> = {
  hashMaxPackedEntries: 0,
  zsetMaxPackedEntries: 0,
  setMaxIntsetEntries: 0,
  setMaxListpackEntries: 0,
  listMaxNodeSize: 1,
  listMaxPackedEntries: 0,
  streamNodeMaxEntries: 3,
};

describe.each(listFixtures())('$name', (fixture) => {
  const bytes = readFixture(fixture.name);

  it('does not differ from itself', async () => {
    const { found, summary } = await runDiff(bytes, bytes, { checksum: false });
    expect(found).toEqual([]);
    expect(summary.same).toBe(true);
    expect(summary.before).toBe(summary.after);
  });

  it('does not differ from itself in other encodings', async () => {
    for (const settings of [{}, UNPACKED]) {
      const { found, summary } = await runDiff(bytes, encodedAnew(bytes, settings), { checksum: false });
      // Entries give times as numbers: what lies beyond 2^53 ms is not what it was, and that is seen.
      const isExact = (line: string): boolean => !line.endsWith('9007199254740993->9007199254740991');
      expect(found.filter(isExact)).toEqual([]);
      expect(summary.after).toBe(summary.before);
    }
  });
});
