/** `check`: the verdict in text and as JSON, and the exit code. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { bytesOf, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const dump = fixturePath('redis-7.0/types');
const half = keyRecord(16, 'half', str(encodeListpack([bytesOf('f')])));

describe('a sound file', () => {
  it('is said to be one', async () => {
    const { code, stdout, stderr } = await cli(['check', dump]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual([
      `[offset 0] ${dump}: RDB version 10 (REDIS), written by Redis 7.0.15`,
      `[offset 165147] RDB looks OK: ${dump}, 238 keys, 161 KB, checksum ok`,
    ]);
  });

  it('has the members of check@1', async () => {
    const [report] = jsonLines((await cli(['check', '--json', dump])).stdout);
    expect(report).toEqual({
      schema: 'rdb-inspect/check@1',
      source: dump,
      ok: true,
      format: 'rdb',
      version: 10,
      keys: 238,
      checksum: 'ok',
      bytes: 165_147,
      warnings: [],
      deep: false,
      magic: 'REDIS',
    });
  });

  it('is silent with -q', async () => {
    expect(await cli(['check', '-q', '--deep', dump])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('without a checksum says so, and what to do', async () => {
    expect((await cli(['check', fixturePath('redis-2.4/types')])).stdout).toContain(
      'this version has no checksum: --deep finds more of what may be wrong',
    );
    expect((await cli(['check', '--deep', fixturePath('redis-7.0/nocomp-nocrc')])).stdout).toMatch(
      /the writer left the checksum out\n/,
    );
    expect((await cli(['check', '--no-checksum', dump])).stdout).toContain('checksum not compared');
  });

  it('stands among all fixtures, deep', async () => {
    const paths = listFixtures().map(({ path }) => path);
    const { code, stdout } = await cli(['check', '--deep', '--json', ...paths]);
    expect(code).toBe(0);
    const reports = jsonLines(stdout);
    expect(reports.map(({ source }) => source)).toEqual(paths);
    expect(reports.filter(({ ok, deep }) => !ok || !deep)).toEqual([]);
  });
});

describe('a damaged file', () => {
  it('is placed in both channels', async () => {
    const file = directory.write('cut.rdb', readFixture('redis-7.0/types').subarray(0, 1000));
    const { code, stdout, stderr } = await cli(['check', file]);
    expect(code).toBe(1);
    expect(linesOf(stdout).slice(1)).toEqual([
      '[offset 485] error: the input ends at 1000 inside a value (TRUNCATED, db 0, key "s:diff")',
      `[offset 485] RDB is not OK: ${file}, 2 keys read before the error`,
    ]);
    expect(stderr).toContain(
      `rdb-inspect: ${file}: the input ends at 1000 inside a value (TRUNCATED at offset 485, db 0, key "s:diff")`,
    );
  });

  it('is an error in JSON, in both channels', async () => {
    const file = directory.write('bad.rdb', rdbFile('REDIS0010', half, keyRecord(0, 'k', str('v')), half));
    const { code, stdout, stderr } = await cli(['check', '--json', '--deep', file]);
    expect(code).toBe(1);
    const [report] = jsonLines(stdout);
    expect(report).toMatchObject({
      ok: false,
      keys: 3,
      checksum: 'ok',
      error: {
        code: 'BAD_COLLECTION',
        db: 0,
        key: 'half',
        offset: expect.any(Number),
        hint: expect.stringContaining('explain'),
      },
      errorCount: 3,
    });
    expect((report!.errors as { code: string }[]).map(({ code: one }) => one)).toEqual([
      'BAD_COLLECTION',
      'BAD_COLLECTION',
      'DUPLICATE_KEY',
    ]);
    expect(JSON.parse(stderr)).toEqual({ error: report!.error });
  });

  it('with bytes behind its footer is not sound', async () => {
    const file = directory.write('behind.rdb', bytesOf(readFixture('redis-7.0/types'), 'x'));
    expect((await cli(['check', file])).code).toBe(1);
    expect((await cli(['info', file])).code).toBe(0);
  });

  it.each([
    ['nothing at all', '', 3, 'EMPTY_INPUT'],
    ['something else', 'hello, world', 3, 'NOT_RDB'],
    ['the beginning of a magic', 'REDI', 1, 'TRUNCATED'],
  ])('%s', async (_, content, expected, errorCode) => {
    const { code, stdout } = await cli(['check', '--json', directory.write('other.rdb', content)]);
    expect(code).toBe(expected);
    expect(jsonLines(stdout)).toMatchObject([
      { ok: false, format: null, version: null, checksum: null, error: { code: errorCode } },
    ]);
  });

  it('does not keep others from being checked; the worst code counts', async () => {
    const broken = directory.write('broken.rdb', readFixture('redis-7.0/types').subarray(0, 1000));
    const { code, stdout } = await cli(['check', '--json', broken, 'nothing.rdb', dump]);
    expect(code).toBe(3);
    expect(jsonLines(stdout).map(({ ok }) => ok)).toEqual([false, true]);
    expect((await cli(['check', broken, dump])).code).toBe(1);
    directory.write('no-dump/notes.txt', 'x');
    const behind = await cli(['check', directory.path('no-dump'), dump]);
    expect(behind).toMatchObject({ code: 3, stdout: expect.stringContaining('RDB looks OK') });
  });
});
