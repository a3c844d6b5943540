/** `digest`: the dataset's, that of each key, for other servers, at other times, and what cannot be known. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { logged } from '../support/aof-files.js';
import { bytesOf, doubleLe, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { FIXTURES, fixturePath, fromBase64, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const NOTHING = '0'.repeat(40);
const text = new TextDecoder();

function truthOf(name: string): ReturnType<typeof readTruth> {
  return readTruth(listFixtures().find((fixture) => fixture.name === name)!);
}

function digestOf(...args: string[]): Promise<string> {
  return cli(['digest', ...args]).then(({ stdout, stderr, code }) => {
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout.trimEnd();
  });
}

it.each(['redis-2.4/types', 'redis-7.0/types', 'redis-8.6/vset', 'redis-8.6/hfe', 'valkey-9.1/hfe'])(
  '%s: what the server said',
  async (name) => {
    expect(await cli(['digest', fixturePath(name)])).toMatchObject({
      code: 0,
      stdout: `${truthOf(name).digest}\n`,
      stderr: '',
    });
  },
);

it('is zeros for a dump without keys', async () => {
  expect(await digestOf(directory.write('empty.rdb', rdbFile('REDIS0010')))).toBe(NOTHING);
});

it('says with --json whose digest it is', async () => {
  const { stdout, code } = await cli(['digest', '--json', fixturePath('redis-7.0/types')]);
  const { digest, keys } = truthOf('redis-7.0/types');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    schema: 'rdb-inspect/digest@1',
    source: fixturePath('redis-7.0/types'),
    digest,
    server: 'redis:7.0',
    keys: keys.length,
    comparable: true,
  });
});

describe('--per-key', () => {
  const fixture = fixturePath('redis-7.0/types');
  const { keys } = truthOf('redis-7.0/types');

  it('has a line per key, the key as keys prints it', async () => {
    const lines = linesOf((await cli(['digest', '--per-key', fixture])).stdout);
    const names = linesOf((await cli(['keys', fixture])).stdout);
    expect(lines.map((line) => line.replace(/^\S+ \d+ /, ''))).toEqual(names);
    const told = keys.map(({ digest, db }) => `${digest} ${db}`);
    expect(lines.map((line) => line.split(' ', 2).join(' ')).sort()).toEqual(told.sort());
  });

  it('is NDJSON with --json', async () => {
    const { stdout } = await cli(['digest', '--per-key', '--json', '--encoding', 'base64', fixture, '-t', 'zset']);
    const lines = jsonLines<{ db: number; key: { $b64: string } | string; type: string; digest: string }>(stdout);
    expect(lines.length).toBeGreaterThan(10);
    for (const { db, key, type, digest } of lines) {
      const name = typeof key === 'string' ? key : key.$b64;
      expect(keys.find((told) => told.db === db && told.key === name)).toMatchObject({ digest, type });
    }
  });
});

describe('filters', () => {
  const fixture = fixturePath('redis-7.0/types');

  it('choose keys, and the digest is that of a dataset of those', async () => {
    const [db] = truthOf('redis-7.0/types')
      .keys.map((key) => key.db)
      .sort((a, b) => b - a);
    const part = directory.path('part.rdb');
    await cli(['convert', fixture, '-o', part, '-n', String(db)]);
    expect(await digestOf(fixture, '-n', String(db))).toBe(await digestOf(part));
    expect(await digestOf(fixture, '-n', '12345')).toBe(NOTHING);
  });

  it('end the reading at their limit', async () => {
    const { stdout } = await cli(['digest', '--json', fixture, '-l', '3']);
    expect(JSON.parse(stdout)).toMatchObject({ keys: 3 });
  });
});

describe('--target', () => {
  const file = (value: number): string =>
    directory.write('zset.rdb', rdbFile('REDIS0010', keyRecord(5, 'z', bytesOf(len(1), str('m'), doubleLe(value)))));

  it('says what that server says', async () => {
    const path = file(1.1);
    const own = await digestOf(path);
    expect(await digestOf(path, '--target', 'redis:6.2')).toBe(own);
    expect(await digestOf(path, '--target', 'redis:8.0')).not.toBe(own);
    expect(await digestOf(path, '--target', 'redis:8.0')).toBe(await digestOf(path, '--target', 'valkey:9.1'));
  });

  it('is a server that has loaded the dump: what it packs has no −0', async () => {
    const zero = await digestOf(file(0));
    const path = file(-0);
    expect(await digestOf(path)).not.toBe(zero);
    expect(await digestOf(path, '--target', 'redis:7.0')).toBe(zero);
    expect(await digestOf(path, '--target', 'redis:6.2')).not.toBe(zero);
  });

  it('must be known', async () => {
    expect(await cli(['digest', file(1), '--target', 'redis:99'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('--at', () => {
  const path = (): string =>
    directory.write(
      'expiring.rdb',
      rdbFile(
        'REDIS0010',
        [0xfc, ...int64Le(1_700_000_000_000n)],
        keyRecord(0, 'a', str('1')),
        keyRecord(0, 'b', str('2')),
      ),
    );

  it('leaves out what had expired then', async () => {
    const all = await digestOf(path());
    const rest = await digestOf(path(), '-k', 'b');
    expect(await digestOf(path(), '--at', '1700000000000')).toBe(all);
    expect(await digestOf(path(), '--at', '1700000000001')).toBe(rest);
    expect(await digestOf(path(), '--at', '2023-11-14')).toBe(all);
    expect(await digestOf(path(), '--at', 'now')).toBe(rest);
    const { stdout } = await cli(['digest', '--json', '--at', 'now', path()]);
    expect(JSON.parse(stdout)).toMatchObject({ digest: rest, keys: 1, expired: 1 });
    expect(linesOf((await cli(['digest', '--per-key', '--at', 'now', path()])).stdout)).toHaveLength(1);
  });

  it('is a time', async () => {
    const { code, stderr } = await cli(['digest', path(), '--at', 'noon']);
    expect(code).toBe(2);
    expect(stderr).toContain("'noon' is no time");
  });
});

describe('values that only a module could digest', () => {
  const fixture = fixturePath('redis-7.0/module');

  it('are named, and the exit code is that of a loss', async () => {
    const { code, stdout, stderr } = await cli(['digest', fixture]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringMatching(/^[0-9a-f]{40}\n$/) as string });
    expect(linesOf(stderr)).toEqual([
      `rdb-inspect: ${fixture}: the digest is not comparable, since only the server could say what goes in for 5 values of the module test__rdb, 5 values of the module test___dt, 3 values of the module mem_alloc`,
    ]);
    expect((await cli(['digest', fixture, '-q'])).stderr).toBe('');
  });

  it('are named in JSON', async () => {
    const { code, stdout, stderr } = await cli(['digest', '--json', fixture]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      comparable: false,
      unknown: expect.arrayContaining([{ what: 'values of the module test__rdb', count: 5 }]) as unknown[],
    });
  });

  it('have no digest of their own', async () => {
    const { code, stdout } = await cli(['digest', '--per-key', fixture, '-t', 'module']);
    expect(code).toBe(4);
    expect(linesOf(stdout).every((line) => line.startsWith(`${'?'.repeat(40)} `))).toBe(true);
    const json = await cli(['digest', '--per-key', '--json', fixture, '-t', 'module,string']);
    const { keys } = truthOf('redis-7.0/module');
    for (const { key, type, digest } of jsonLines<{ key: string; type: string; digest: string | null }>(json.stdout)) {
      const told = keys.find((one) => text.decode(fromBase64(one.key)) === key)!;
      expect(digest).toBe(type === 'module' ? null : told.digest);
    }
  });
});

it('names every dump of a directory', async () => {
  for (const name of ['one', 'two'])
    directory.write(`dir/${name}.rdb`, rdbFile('REDIS0010', keyRecord(0, name, str('v'))));
  const lines = linesOf((await cli(['digest', directory.path('dir')])).stdout);
  expect(lines.map((line) => line.slice(40))).toEqual(
    ['one', 'two'].map((name) => `  ${directory.path(`dir/${name}.rdb`)}`),
  );
});

it('of a damaged dump is none', async () => {
  const file = rdbFile('REDIS0010', keyRecord(0, 'a', str('1')));
  const path = directory.write('cut.rdb', file.subarray(0, file.length - 12));
  expect(await cli(['digest', path])).toMatchObject({ code: 1, stdout: '' });
});

describe('of a log', () => {
  const OLD = 'redis:7.0';
  const log = new Uint8Array(Buffer.concat([logged('SELECT', '0'), logged('ZADD', 'z', '0.1', 'a')]));

  it.each([
    ['redis-2.4/aof-rewritten', 'appendonly.aof'],
    ['redis-6.2/aof-rewritten', 'appendonly.aof'],
    ['redis-7.0/aof-rewritten', 'appendonlydir'],
    ['redis-8.6/aof-rewritten', 'appendonlydir'],
    ['valkey-9.1/aof-rewritten', 'appendonlydir'],
    ['valkey-9.1/aof-preamble', 'appendonlydir'],
  ])('%s is what the server said', async (name, place) => {
    const source = path.join(FIXTURES, name, place);
    const { digest, server } = truthOf(name);
    expect(await digestOf(source)).toBe(digest);
    expect(await digestOf(source, '--target', server.name.replace('-', ':'))).toBe(digest);
  });

  it('says so where it is a guess, and is told better', async () => {
    const file = directory.write('guess.aof', log);
    const { stdout, stderr, code } = await cli(['digest', file]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^rdb-inspect: \S+guess\.aof: .* which server wrote it: .* redis:7\.0, and --target .*\n$/);
    expect(stdout.trimEnd()).toBe(await digestOf(file, '--target', OLD));
    expect(stdout.trimEnd()).not.toBe(await digestOf(file, '--target', 'redis:8.0'));
    expect((await cli(['digest', file, '-q'])).stderr).toBe('');
    expect(await digestOf(directory.write('plain.aof', logged('SET', 'a', '1')))).toMatch(/^[0-9a-f]{40}$/);
  });

  it('asks the dump beside it, in a data directory', async () => {
    directory.write('data/appendonly.aof', log);
    const file = directory.path('data/appendonly.aof');
    for (const [dump, server] of [
      ['valkey-9.1/types', 'valkey:9.1'],
      ['redis-6.2/types', 'redis:6.2'],
    ] as const) {
      directory.write('data/dump.rdb', readFixture(dump));
      const { stdout } = await cli(['digest', directory.path('data'), '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ server, digest: await digestOf(file, '--target', server) });
    }
    directory.write('data/dump.rdb', new TextEncoder().encode('no dump'));
    const { stderr } = await cli(['digest', directory.path('data')]);
    expect(stderr).toContain('which server wrote it');
  });

  it('of another server is what that has once it has loaded the log', async () => {
    const zeros = new Uint8Array(Buffer.concat([logged('SELECT', '0'), logged('ZADD', 'z', '-0', 'a')]));
    const file = directory.write('zeros.aof', zeros);
    expect(await digestOf(file, '--target', 'redis:6.2')).not.toBe(await digestOf(file, '--target', OLD));
    const fields = [logged('HSET', 'h', 'f', 'v'), logged('HPEXPIREAT', 'h', '4102444800000', 'FIELDS', '1', 'f')];
    const newer = directory.write('fields.aof', new Uint8Array(Buffer.concat(fields)));
    const [plain, marked] = [
      await digestOf(newer, '--target', 'redis:7.2'),
      await digestOf(newer, '--target', 'redis:7.4'),
    ];
    expect(plain).not.toBe(marked);
  });
});
