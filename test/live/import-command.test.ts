/** `import` and `verify` as a person uses them: exit codes, what is said, and what the server has afterwards. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cli, jsonLines, temporaryDirectory } from '../cli/run-cli.js';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');
const KEYS = 238;
const PASSWORD = 'geheim';
/** In databases 0 and 3. */
const two = rdbFile(
  'REDIS0009',
  [0xfe, 0, keyRecord(0, 'a', str('1')), keyRecord(0, 'b:1', str('2'))],
  [0xfe, 3, keyRecord(0, 'c', str('3'))],
);

let server: LiveServer;
let locked: LiveServer;
let cluster: LiveServer;

beforeAll(async () => {
  server = await startServer({ args: ['--databases', '256'] });
  locked = await startServer({ args: ['--unixsocket', directory.path('socket')] });
  // Who is in already stays in.
  await locked.send('CONFIG', 'SET', 'requirepass', PASSWORD);
  cluster = await startServer({ args: ['--cluster-enabled', 'yes'] });
  await cluster.send('CLUSTER', 'ADDSLOTS', ...[...Array(16_384).keys()].map(String));
});

afterAll(async () => {
  for (const one of [server, locked, cluster]) await one?.stop();
});

beforeEach(async () => {
  for (const one of [server, locked, cluster]) await one.send('FLUSHALL');
  await server.send('FUNCTION', 'FLUSH').catch(() => undefined);
});

const at = ({ port }: LiveServer): string[] => ['-p', String(port)];

describe('import', () => {
  it('writes everything, and says what', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const { code, stdout, stderr } = await cli(['import', types, '--to', url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${types} → 127\\.0\\.0\\.1:${server.port} \\(\\w+ [\\d.]+\\)\n`));
    expect(stdout).toContain(`  sent       ${KEYS} by RESTORE`);
    expect(await server.send('EXISTS', 'str:appended')).toBe(1);
  });

  it('leaves nothing of a key that the server has, without being told to', async () => {
    await server.send('SET', 'a', 'mine');
    const file = directory.write('two.rdb', two);
    const report = directory.path('failed.json.gz');
    const failing = await cli(['import', file, ...at(server), '--json', '--report', report]);
    expect(failing.code).toBe(4);
    expect(JSON.parse(failing.stdout)).toMatchObject({
      schema: 'rdb-inspect/import@1',
      counts: { keys: 3, sent: 2, failed: 1 },
      failures: [{ kind: 'key', db: 0, key: 'a', code: 'BUSYKEY' }],
    });
    expect(jsonLines(failing.stderr)).toMatchObject([{ failure: { key: 'a', code: 'BUSYKEY' } }]);
    expect(JSON.parse(gunzipSync(fs.readFileSync(report)).toString())).toMatchObject({
      losses: [{ kind: 'key', key: 'a' }],
      counts: { failed: 1 },
    });
    expect(String(await server.send('GET', 'a'))).toBe('mine');
    const skipping = await cli(['import', file, ...at(server), '--on-exists', 'skip']);
    expect(skipping).toMatchObject({ code: 0, stdout: expect.stringContaining('3 that the server has') });
    const replacing = await cli(['import', file, ...at(server), '--on-exists', 'replace', '-q']);
    expect(replacing).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(String(await server.send('GET', 'a'))).toBe('1');
  });

  it('lists failures key by key with -v', async () => {
    await server.send('SET', 'a', 'mine');
    const { code, stderr } = await cli(['import', '-', ...at(server), '-v'], { input: two });
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: 'rdb-inspect: db 0, key a: the key exists (BUSYKEY)\n',
    });
  });

  it('chooses, moves and renames', async () => {
    const file = directory.write('two.rdb', two);
    const args = ['-n', '0', '-k', 'b:*', '--db-map', '0:9', '--rename', 'b:(.*)=x:$1', '-o', directory.path('out')];
    expect(await cli(['import', file, ...at(server), ...args])).toMatchObject({ code: 0, stdout: '' });
    expect(fs.readFileSync(directory.path('out'), 'utf8')).toContain('sent       1 by RESTORE');
    expect(await server.cli('-n', '9', 'KEYS', '*')).toBe('x:1');
  });

  it('plans without writing', async () => {
    const { code, stdout } = await cli(['import', types, ...at(server), '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/dry run {4}nothing was written; 238 keys and \d function librar\w+ would be\n/);
    expect(stdout).toMatch(/^ +199 +4$/m);
    expect(await server.send('DBSIZE')).toBe(0);
    const json = await cli(['import', types, ...at(server), '--dry-run', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      plan: { databases: expect.any(Array), requests: expect.any(Number) },
    });
  });

  it('as commands', async () => {
    const { code, stdout } = await cli(['import', types, ...at(server), '--mode', 'commands']);
    expect(code).toBe(0);
    expect(stdout).toContain(`sent       ${KEYS} as commands`);
  });
});

describe('logins', () => {
  const url = (login: string): string[] => ['--to', `redis://${login}127.0.0.1:${locked.port}`];
  const file = (): string => directory.write('two.rdb', two);

  it('that are missing or wrong exit with 5', async () => {
    for (const args of [at(locked), url(':wrong@')]) {
      const { code, stderr } = await cli(['import', file(), ...args, '--retry', '0']);
      expect(code).toBe(5);
      expect(stderr).toMatch(/hint: give --user and -a, or --askpass, or REDISCLI_AUTH in the environment\n$/);
      expect(stderr).not.toContain('wrong@');
    }
  });

  it('come from options, the URL and the environment', async () => {
    for (const args of [url(`:${PASSWORD}@`), [...at(locked), '-a', PASSWORD], [...url(':wrong@'), '--pass', PASSWORD]])
      expect(await cli(['import', file(), ...args, '--on-exists', 'replace'])).toMatchObject({ code: 0 });
    const env = { REDISCLI_AUTH: PASSWORD };
    const { code, stderr } = await cli(['import', file(), ...at(locked), '--on-exists', 'replace'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('and a socket', async () => {
    const env = { REDISCLI_AUTH: PASSWORD };
    const args = ['import', file(), '-s', directory.path('socket')];
    expect(await cli(args, { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('→ unix:/') });
  });
});

describe('what goes wrong', () => {
  it('databases that a cluster does not have', async () => {
    const file = directory.write('two.rdb', two);
    const { code, stderr } = await cli(['import', file, ...at(cluster)]);
    expect(code).toBe(3);
    expect(stderr).toContain('--db-map 3:0');
    const moved = await cli(['import', file, ...at(cluster), '-n', '3', '--db-map', '3:0']);
    expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining('a cluster') });
    expect(String(await cluster.send('GET', 'c'))).toBe('3');
  });

  it('a source that is damaged, after a part of it was written', async () => {
    const file = directory.write('cut.rdb', readFixture('redis-7.0/types').subarray(0, 60_000));
    const { code, stdout, stderr } = await cli(['import', file, ...at(server)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${file}: `);
    expect(stderr).toContain('TRUNCATED');
  });

  it('the state of another import', async () => {
    const state = directory.path('state.json');
    expect((await cli(['import', '-', ...at(server), '--resume', state], { input: two })).code).toBe(0);
    const other = await cli(['import', types, ...at(server), '--resume', state]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: name another file for --resume') });
    const again = await cli(['import', '-', ...at(server), '--resume', state, '--json'], { input: two });
    expect(JSON.parse(again.stdout)).toMatchObject({ resumed: true, counts: { sent: 3 }, requests: 0 });
  });

  it('Ctrl-C, after which the same command goes on', async () => {
    const state = directory.path('interrupted.json');
    const many = rdbFile('REDIS0009', ...[...Array(30_000).keys()].map((index) => keyRecord(0, `k${index}`, str('v'))));
    const args = ['import', directory.write('many.rdb', many), ...at(server), '--resume', state];
    const stopped = await cli([...args, '--rate', '2000'], {
      running: (child) => {
        const stop = setInterval(() => {
          if (!fs.existsSync(state)) return;
          clearInterval(stop);
          setTimeout(() => child.kill('SIGINT'), 300);
        }, 50);
        child.on('close', () => clearInterval(stop));
      },
    });
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toContain(`the same command goes on where it ended, by ${state}\n`);
    const { code, stdout } = await cli([...args, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { keys: 30_000, sent: 30_000, failed: 0 }, resumed: true });
    expect(await server.send('DBSIZE')).toBe(30_000);
  });

  it('memory that is not there', async () => {
    await server.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      const { code, stderr } = await cli(['import', types, ...at(server), '--retry', '0']);
      expect([4, 5]).toContain(code);
      expect(stderr).toContain(code === 5 ? 'hint: raise its maxmemory' : '');
    } finally {
      await server.send('CONFIG', 'SET', 'maxmemory', '0');
    }
  });
});

describe('verify', () => {
  const args = ['import', types, '--on-exists', 'replace'];

  it('finds no difference after an import', async () => {
    expect(await cli([...args, ...at(server), '--verify'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: no difference\n {2}238 keys compared by /),
    });
    const { code, stdout } = await cli(['verify', types, '--with', `redis://127.0.0.1:${server.port}`, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'rdb-inspect/verify@1',
      same: true,
      counts: { keys: KEYS, same: KEYS, missing: 0, different: 0 },
      extra: 0,
    });
  });

  it('says what differs, and exits with 1', async () => {
    await cli([...args, ...at(server), '-q']);
    await server.send('DEL', 'str:appended');
    await server.send('SET', 'str:int:128', 'another');
    await server.send('SET', 'mine', '1');
    const { code, stdout, stderr } = await cli(['verify', types, ...at(server), '-v']);
    expect(code).toBe(1);
    expect(stdout).toContain('1 missing, 1 different, 1 on the server alone');
    expect(stderr).toContain('db 0, key str:appended');
    const json = await cli(['verify', types, ...at(server), '--json', '--no-extra']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ same: false, counts: { missing: 1, different: 1 }, extra: null });
    expect(jsonLines(json.stderr)).toHaveLength(2);
  });

  it('after an import is 1 as well, and finds nothing in keys that were there before', async () => {
    await server.send('SET', 'str:appended', 'mine');
    await server.send('SET', 'other', 'mine');
    const { code, stdout } = await cli(['import', types, ...at(server), '--on-exists', 'skip', '--verify', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { skipped: 1 },
      verify: { counts: { different: 1, missing: 0 }, extra: null },
    });
  });
});
