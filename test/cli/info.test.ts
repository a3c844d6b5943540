/** `info`. */
import { describe, expect, it } from 'vitest';
import { bytesOf, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';
import { cli, jsonLines, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const dump = fixturePath('redis-7.0/types');

describe('info --json', () => {
  it('has the members of info@1', async () => {
    const { code, stdout, stderr } = await cli(['info', '--json', dump]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [info] = jsonLines(stdout);
    expect(info).toMatchObject({
      schema: 'rdb-inspect/info@1',
      source: dump,
      format: 'rdb',
      magic: 'REDIS',
      version: 10,
      types: { string: 157, stream: 21 },
      checksum: 'ok',
      keys: 238,
      modules: [],
    });
    expect(info!.aux).toMatchObject({
      'redis-ver': '7.0.15',
      'redis-bits': '64',
      ctime: expect.stringMatching(/^\d+$/),
    });
    expect((info!.dbs as unknown[])[0]).toEqual({ db: 0, keys: 214, expires: 12 });
    expect((info!.functions as unknown[])[0]).toEqual({ name: 'mylib', engine: 'lua', bytes: 239 });
  });

  it('has one line per source, in their order', async () => {
    const paths = listFixtures().map(({ path }) => path);
    const infos = jsonLines((await cli(['info', '--json', ...paths])).stdout);
    expect(infos.map(({ source }) => source)).toEqual(paths);
    for (const info of infos) expect(['ok', 'absent', 'disabled']).toContain(info.checksum);
  });

  it('goes on where one source cannot be read, and ends with the worst code', async () => {
    const { code, stdout, stderr } = await cli(['info', '--json', dump, 'nothing.rdb', dump]);
    expect(code).toBe(3);
    expect(jsonLines(stdout)).toHaveLength(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ENOENT', source: 'nothing.rdb', offset: null } });
  });

  it('keeps bytes that are no text', async () => {
    const file = directory.write(
      'aux.rdb',
      rdbFile('REDIS0010', [0xfa, str('x'), str([0xff, 0])], [0xfa, str([0xfe]), str('y')]),
    );
    const [info] = jsonLines((await cli(['info', '--json', file])).stdout);
    expect(info!.aux).toEqual({ x: { $b64: '/wA=' }, þ: 'y' });
  });

  it('tells what follows the dump, and how it was wrapped', async () => {
    const { gzipSync } = await import('node:zlib');
    const file = directory.write(
      'tail.rdb.gz',
      gzipSync(bytesOf(readFixture('redis-7.0/types'), '*1\r\n$4\r\nPING\r\n')),
    );
    const [info] = jsonLines((await cli(['info', '--json', file])).stdout);
    expect(info).toMatchObject({ compression: 'gzip', trailing: { kind: 'aof', bytes: 14 }, bytes: 165_147 });
  });
});

describe('info for people', () => {
  it('shows what matters, line by line', async () => {
    const { code, stdout } = await cli(['info', dump]);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([dump, '  format       RDB version 10 (REDIS), the format of Redis 7.0']);
    expect(stdout).toContain('  written by   Redis 7.0.15, 64 bit\n');
    expect(stdout).toMatch(/^ {2}created {6}2026-\d\d-\d\dT[\d:]+Z, when the server used 2\.7 MB$/m);
    expect(stdout).toContain('  keys         238 keys in 7 databases, 18 with expiry\n');
    expect(stdout).toContain('  checksum     ok\n');
    expect(stdout).toMatch(/^ +0 +214 +12$/m);
    expect(stdout).toMatch(/^ {2}list +quicklist +19 +29 KB +18\.9%$/m);
    expect(stdout).toMatch(/^ {2}mylib +lua +239 B$/m);
    expect(stdout).not.toContain('\x1b');
  });

  it('never lets the file move the cursor', async () => {
    const file = directory.write(
      'evil.rdb',
      rdbFile('REDIS0010', [0xfa, str('redis-ver'), str('7\x1b[2J')], [0xfa, str('a\r'), str('b')]),
    );
    const { stdout } = await cli(['info', file]);
    expect(stdout).toContain('Redis "7\\x1b[2J"');
    for (const control of ['\x1b', '\r']) expect(stdout).not.toContain(control);
  });

  it('has colours where they are asked for', async () => {
    expect((await cli(['info', dump, '--color', 'always'])).stdout).toContain('\x1b[32mok\x1b[39m');
    expect((await cli(['info', dump, '--color', 'always'], { env: { NO_COLOR: '1' } })).stdout).toContain('\x1b[');
  });

  it('counts what the filters let through', async () => {
    const file = directory.write(
      'few.rdb',
      rdbFile('REDIS0010', keyRecord(0, 'a:1', str('v')), keyRecord(0, 'b:1', str('v'))),
    );
    expect((await cli(['info', file, '-k', 'a:*'])).stdout).toContain('1 key in 1 database');
  });

  it('reads a module dump and a cluster dump', async () => {
    expect((await cli(['info', fixturePath('redis-7.0/module')])).stdout).toMatch(/^ {2}module +version +keys/m);
    expect((await cli(['info', fixturePath('redis-7.4/cluster')])).stdout).toMatch(/cluster slots/);
  });
});
