/** `diff`: its three levels, as text and as JSON, and its exit codes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf, doubleLe, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const UNTIL_2100 = [0xfc, int64Le(4102444800000n)];

const BEFORE = rdbFile(
  'REDIS0011',
  [0xf5, str('#!lua name=lib\nold')],
  keyRecord(0, 'same', str('v')),
  keyRecord(0, 'text', str('old "1"')),
  keyRecord(0, [0xff, 0x0a], str('v'), UNTIL_2100),
  keyRecord(4, 'hash', [len(2), str('a'), str('1'), str('b'), str('2')]),
  keyRecord(5, 'scores', [len(1), str('m'), doubleLe(1.5)]),
  keyRecord(0, 'gone', str('v')),
);
const AFTER = rdbFile(
  'REDIS0011',
  [0xf5, str('#!lua name=lib\nnew')],
  keyRecord(0, 'same', str('v')),
  keyRecord(0, 'text', str('new\x1b')),
  keyRecord(0, [0xff, 0x0a], str('v')),
  keyRecord(4, 'hash', [len(2), str('a'), str('x'), str('c'), str('3')]),
  keyRecord(5, 'scores', [len(1), str('m'), doubleLe(-0)]),
  [0xfe, 2],
  keyRecord(2, 'new', [len(1), str('m')]),
);

function files(): [string, string] {
  return [directory.write('before.rdb', BEFORE), directory.write('after.rdb', AFTER)];
}

describe('text', () => {
  it('a summary, unless something else is asked for', async () => {
    const [before, after] = files();
    const { code, stdout } = await cli(['diff', before, after]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        `${before} → ${after}`,
        '  6 keys before, 6 after: 1 added, 1 removed, 4 changed (value 3, expiry 1)',
        '  function libraries: 1 changed',
        '',
        '  db  type    before  after  added  removed  changed',
        '   0  string       4      3      0        1        2',
        '   0  zset         1      1      0        0        1',
        '   0  hash         1      1      0        0        1',
        '   2  set          0      1      1        0        0',
        '',
      ].join('\n'),
    );
    expect(await cli(['diff', '--summary', before, after])).toMatchObject({ code, stdout });
  });

  it('keys', async () => {
    expect(await cli(['diff', '--keys', ...files()])).toMatchObject({
      code: 1,
      stdout: [
        '~ db0 string(value) text',
        '~ db0 string(expiry) "\\xff\\n"',
        '~ db0 hash(value) hash',
        '~ db0 zset(value) scores',
        '+ db2 set new',
        '~ function lib',
        '- db0 string gone',
        '',
      ].join('\n'),
    });
  });

  it('fields, escaped', async () => {
    expect((await cli(['diff', '--fields', ...files()])).stdout).toBe(
      [
        '~ db0 string(value) text',
        '    ~ string: "old \\"1\\"" → "new\\x1b"',
        '~ db0 string(expiry) "\\xff\\n"',
        '    ~ expiry: 2100-01-01T00:00:00Z → none',
        '~ db0 hash(value) hash',
        '    ~ field a: "1" → "x"',
        '    + field c: "3"',
        '    - field b: "2"',
        '~ db0 zset(value) scores',
        '    ~ member m: 1.5 → -0',
        '+ db2 set new',
        '~ function lib',
        '- db0 string gone',
        '',
      ].join('\n'),
    );
  });

  it('long values are cut', async () => {
    const [before, after] = ['x', 'y'].map((letter, index) =>
      directory.write(`long-${index}.rdb`, rdbFile('REDIS0009', keyRecord(0, 'k', str(letter.repeat(3000))))),
    ) as [string, string];
    const [, line] = linesOf((await cli(['diff', '--fields', before, after])).stdout);
    expect(line).toBe(`    ~ string: "${'x'.repeat(200)}…" 3,000 bytes → "${'y'.repeat(200)}…" 3,000 bytes`);
  });
});

describe('JSON', () => {
  it('a summary', async () => {
    const [before, after] = files();
    const { code, stdout } = await cli(['diff', '--json', before, after]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'rdb-inspect/diff@1',
      same: false,
      before: { source: before, keys: 6 },
      after: { source: after, keys: 6 },
      added: 1,
      removed: 1,
      changed: 4,
      aspects: { type: 0, value: 3, expiry: 1, metadata: 0 },
      functions: { added: 0, removed: 0, changed: 1 },
    });
  });

  it('a line per key, with its parts', async () => {
    const { stdout } = await cli(['diff', '--json', '--fields', ...files()]);
    const string = { type: 'string' };
    const [text, binary, hash, scores, ...rest] = jsonLines(stdout);
    expect(text).toEqual({
      change: 'changed',
      db: 0,
      key: 'text',
      differs: ['value'],
      before: string,
      after: string,
      parts: [
        { change: 'changed', what: 'string', path: [], before: { value: 'old "1"' }, after: { value: 'new\x1b' } },
      ],
    });
    expect(binary).toMatchObject({
      key: { $b64: '/wo=' },
      differs: ['expiry'],
      before: { type: 'string', expireAt: 4102444800000 },
    });
    expect(hash).toMatchObject({
      parts: [
        { change: 'changed', what: 'field', path: ['a'], before: { value: '1' }, after: { value: 'x' } },
        { change: 'added', what: 'field', path: ['c'], after: { value: '3' } },
        { change: 'removed', what: 'field', path: ['b'], before: { value: '2' } },
      ],
    });
    expect(scores).toMatchObject({ parts: [{ path: ['m'], before: { score: 1.5 }, after: { score: -0 } }] });
    expect(rest).toEqual([
      { change: 'added', db: 2, key: 'new', after: { type: 'set' } },
      { change: 'changed', function: 'lib' },
      { change: 'removed', db: 0, key: 'gone', before: string },
    ]);
    expect(jsonLines((await cli(['diff', '--json', '--keys', ...files()])).stdout)[0]).not.toHaveProperty('parts');
  });
});

describe('inputs', () => {
  const types = fixturePath('redis-7.0/types');

  it('that are the same', async () => {
    expect(await cli(['diff', types, types])).toMatchObject({
      code: 0,
      stdout: `${types} → ${types}\n  the same: 238 keys\n`,
    });
    expect(await cli(['diff', '--fields', types, types])).toMatchObject({ code: 0, stdout: '' });
  });

  it('that are piped or compressed, and read twice all the same', async () => {
    const [before, after] = files();
    const packed = directory.write('after.rdb.gz', gzipSync(AFTER));
    const expected = (await cli(['diff', '--keys', before, after])).stdout;
    expect(await cli(['diff', '--keys', '-', packed], { input: BEFORE })).toMatchObject({ code: 1, stdout: expected });
  });

  it('filters, a limit, expiry left out', async () => {
    const [before, after] = files();
    expect((await cli(['diff', '--keys', before, after, '-t', 'hash'])).stdout).toBe('~ db0 hash(value) hash\n');
    expect(linesOf((await cli(['diff', '--keys', before, after, '-l', '2'])).stdout)).toHaveLength(2);
    expect((await cli(['diff', '--keys', before, after, '--ignore-ttl'])).stdout).not.toContain('\\xff');
  });

  it('that are broken: the error names the file', async () => {
    const [before] = files();
    const bad = directory.write('bad.rdb', bytesOf('REDIS0011', 0x2a));
    for (const args of [
      [bad, before],
      [before, bad],
    ]) {
      const { code, stderr } = await cli(['diff', ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain(`rdb-inspect: ${bad}: 0x2a is neither an opcode nor a value type here`);
    }
    expect(await cli(['diff', before, directory.path('missing.rdb')])).toMatchObject({ code: 3 });
  });

  it('usage', async () => {
    expect(await cli(['diff', 'a', 'b', '--keys', '--fields'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('one of --summary, --keys and --fields at the most'),
    });
    expect(await cli(['diff', '-', '-'])).toMatchObject({ code: 2 });
  });
});
