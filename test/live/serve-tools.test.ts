/**
 * redis-cli and redis-benchmark at the built command, beside a real server that has loaded the same file: over a data directory,
 * and over the file as it lies.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath, listFixtures, readTruth } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { encodeCommand } from '../support/resp-client.js';
import { type ServeProcess, startServe } from '../support/serve-process.js';
import { questionsOf, TRANSCRIPT } from '../support/serve-process-lines.js';
import { RunningTool, runTool, type ToolRun } from '../support/serve-process-tools.js';
import { until } from '../support/until.js';

const FIXTURE = 'redis-7.0/types';
const NEWER = ['redis-8.6/types', 'redis-8.6/vset', 'redis-8.6/hfe', 'valkey-9.1/types', 'valkey-9.1/hfe'];
/** As in the configuration of the server that wrote the fixture. */
const DATABASES = ['--databases', '200'];
/** Forms in which redis-cli shows replies. */
const FORMS = [['--raw'], ['--no-raw'], ['--json'], ['--csv'], ['-3', '--no-raw'], ['-3', '--json'], ['-2', '--json']];

const folders: string[] = [];
const servers: ServeProcess[] = [];
let live: LiveServer;

afterAll(async () => {
  await live?.stop();
  for (const server of servers) expect(await server.stop()).toEqual({ code: 0, signal: null, stderr: '' });
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function overDirectory(fixture?: string, ...args: string[]): Promise<ServeProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-tools-'));
  folders.push(dir);
  if (fixture !== undefined) copyFileSync(fixturePath(fixture), join(dir, 'dump.rdb'));
  const server = await startServe({ dir, args });
  servers.push(server);
  return server;
}

async function overDump(fixture: string, ...args: string[]): Promise<ServeProcess> {
  const server = await startServe({ source: fixturePath(fixture), args });
  servers.push(server);
  return server;
}

function cli({ port }: { readonly port: number }, args: readonly string[], input?: string): Promise<ToolRun> {
  return runTool('redis-cli', ['-p', String(port), ...args], input);
}

/** What stands behind the title of the summary, without the names of keys: several may be the largest. */
function summaryOf({ code, stdout, stderr }: ToolRun): unknown {
  const [, summary = ''] = stdout.split('-------- summary -------\n');
  const lines = summary.split('\n').map((line) => line.replace(/found '.*' has/s, 'found has'));
  return { code, stderr, summary: lines.sort() };
}

/** Of a type, the bytes of all its keys. */
function bytesByType({ stdout }: ToolRun): Map<string, number> {
  const found = stdout.matchAll(/^\d+ (\w+)s with (\d+) bytes/gm);
  return new Map(Array.from(found, ([, type, bytes]) => [type!, Number(bytes)]));
}

beforeAll(async () => {
  live = await startServer({ rdb: fixturePath(FIXTURE), args: DATABASES });
});

describe.each([
  ['a data directory', overDirectory],
  ['a dump that is only read', overDump],
])('redis-cli at %s', (_name, start) => {
  let ours: ServeProcess;

  beforeAll(async () => {
    ours = await start(FIXTURE, ...DATABASES);
  });

  it.each(FORMS)('reads every key with %s %s', async (...form) => {
    const script = questionsOf(readTruth(listFixtures().find(({ name }) => name === FIXTURE)!).keys);
    const [theirs, own] = await Promise.all([live, ours].map((server) => cli(server, form, script)));
    expect(own!.stdout.split('\n')).toEqual(theirs!.stdout.split('\n'));
    expect(own).toEqual({ ...theirs, code: 0, stderr: '' });
    expect(own!.stdout.length).toBeGreaterThan(300_000);
  });

  it('--bigkeys', async () => {
    for (const db of ['0', '199']) {
      const [theirs, own] = await Promise.all([live, ours].map((server) => cli(server, ['-n', db, '--bigkeys'])));
      expect(summaryOf(own!)).toEqual(summaryOf(theirs!));
      expect([own!.code, own!.stdout]).toEqual([0, expect.stringContaining('Sampled')]);
    }
  });

  it('--memkeys', async () => {
    const args = ['--memkeys', '--memkeys-samples', '0'];
    const [theirs, own] = (await Promise.all([live, ours].map((server) => cli(server, args)))).map(bytesByType);
    expect([...own!.keys()].sort()).toEqual([...theirs!.keys()].sort());
    // Levels of skiplists are drawn, and a server's tables grow by chance: test/live/engine-memory.test.ts is about the bytes.
    for (const [type, bytes] of theirs!) expect(Math.abs(own!.get(type)! / bytes - 1), type).toBeLessThan(0.15);
  });

  it.each([
    ['--scan'],
    ['--scan', '--pattern', 'z*'],
    ['--scan', '--quoted-pattern', '"s\\x74r*"'],
    ['-n', '199', '--scan'],
  ])('%s %s %s', async (...args) => {
    const [theirs, own] = await Promise.all([live, ours].map((server) => cli(server, args)));
    expect(own!.stdout.split('\n').sort()).toEqual(theirs!.stdout.split('\n').sort());
    expect(own!.stdout).not.toBe('');
    expect(own!.code).toBe(0);
  });

  it('SCAN with a type', async () => {
    for (const type of ['string', 'list', 'set', 'zset', 'hash', 'stream']) {
      const args = ['SCAN', '0', 'COUNT', '10000', 'TYPE', type];
      const [theirs, own] = await Promise.all([live, ours].map((server) => cli(server, args)));
      expect(own!.stdout.split('\n').sort()).toEqual(theirs!.stdout.split('\n').sort());
    }
  });

  it('--stat, line by line', async () => {
    const keys = await Promise.all([live, ours].map((server) => rowsOfStat(server.port)));
    expect(keys[1]).toEqual(keys[0]);
  });

  it.each([['--latency'], ['--latency', '--raw'], ['--latency', '--csv'], ['--latency', '-i', '1']])(
    '%s %s %s',
    async (...args) => {
      const { code, stdout } = await cli(ours, args);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+[ ,]\d+[ ,]\d+\.\d\d[ ,]\d+\n/)]);
    },
  );

  it.each([['--rdb'], ['--functions-rdb']])('%s ends with an error that says why', async (option) => {
    const run = await cli(ours, [option, join(ours.dir, 'copy.rdb')]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('SYNC with master failed: -ERR this server takes no replicas');
  });

  it('--replica ends with an error that says why', async () => {
    const run = await cli(ours, ['--replica']);
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('takes no replicas')]);
  });

  it.each([['--hotkeys'], ['CLUSTER', 'INFO'], ['NONSENSE'], ['GET']])(
    '%s %s is refused as by the server',
    async (...args) => {
      const [theirs, own] = await Promise.all([live, ours].map((server) => cli(server, ['--no-raw', ...args])));
      expect(own).toEqual(theirs);
    },
  );

  it.each([
    ['EVAL', 'return 1', '0'],

    ['--eval', '/dev/null'],
  ])('%s %s is refused', async (...args) => {
    const { stdout } = await cli(ours, ['--no-raw', ...args]);
    expect(stdout).toContain('ERR scripts and functions are kept here and not run');
  });

  it('MONITOR shows what others ask', async () => {
    const shown = await Promise.all(
      [live, ours].map(async (server) => {
        const monitor = new RunningTool('redis-cli', ['-p', String(server.port), 'monitor']);
        await monitor.lines(1);
        await cli(server, ['-n', '5', 'GET', 'key "with" \n blanks']);
        const lines = await monitor.lines(2, /OK|"GET"/);
        await monitor.end();
        return lines.map((line) => line.replace(/^\d+\.\d{6} \[5 127\.0\.0\.1:\d+\]/, 'when, who'));
      }),
    );
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[1]).toContain('when, who "GET" "key \\"with\\" \\n blanks"');
  });

  it('SUBSCRIBE and PSUBSCRIBE show messages', async () => {
    const shown = await Promise.all(
      [live, ours].map(async (server) => {
        const all: string[] = [];
        for (const form of [['--no-raw'], ['-3', '--no-raw'], ['--json']]) {
          const tool = new RunningTool('redis-cli', ['-p', String(server.port), ...form, 'PSUBSCRIBE', 'n*', 'o*']);
          await until(async () => (await server.send('PUBSUB', 'NUMPAT')) === 2);
          await server.send('PUBLISH', 'news', 'good');
          await tool.lines(1, /good/);
          all.push((await tool.end()).stdout);
          await until(async () => (await server.send('PUBSUB', 'NUMPAT')) === 0);
        }
        return all;
      }),
    );
    expect(shown[1]).toEqual(shown[0]);
  });
});

/** The heading of --stat, and the column of keys of a few lines. */
async function rowsOfStat(port: number): Promise<string[]> {
  const tool = new RunningTool('redis-cli', ['-p', String(port), '--stat', '-i', '0.05']);
  const lines = await tool.lines(6);
  await tool.end();
  return lines.slice(0, 6).map((line) => (/^\d/.test(line) ? `${line.trim().split(/\s+/)[0]} keys` : line));
}

describe('redis-cli at a dump of a newer server', () => {
  it.each(NEWER)('%s', async (name) => {
    const ours = await overDump(name);
    const { keys } = readTruth(listFixtures().find((fixture) => fixture.name === name)!);
    const here = keys.filter(({ db }) => db === 0);
    const big = await cli(ours, ['--bigkeys']);
    expect(big).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`Sampled ${here.length} keys`) });
    expect((await cli(ours, ['--memkeys'])).stdout).toContain(`Sampled ${here.length} keys`);
    const scanned = await cli(ours, ['--no-raw', '--scan']);
    expect(new Set(scanned.stdout.split('\n').slice(0, -1)).size).toBe(here.length);
    const replies = await cli(ours, ['--no-raw'], questionsOf(keys));
    expect(replies.stdout.split('\n').filter((line) => line.startsWith('(error)'))).toEqual([]);
  });
});

describe('redis-cli writes', () => {
  let empty: LiveServer;
  let ours: ServeProcess;

  beforeAll(async () => {
    empty = await startServer();
    ours = await overDirectory(undefined, '--appendonly', 'yes');
    return () => empty.stop();
  });

  const both = (args: readonly string[], input?: string): Promise<ToolRun[]> =>
    Promise.all([empty, ours].map((server) => cli(server, args, input)));

  it.each(FORMS)('what a person types, with %s %s', async (...form) => {
    await both(['FLUSHALL']);
    const [theirs, own] = await both(form, `${TRANSCRIPT}\n`);
    // HELLO says how many clients there have been.
    const known = ({ stdout }: ToolRun): string[] => stdout.replaceAll(/\bid\b.*?\bmode\b/gs, 'id, mode').split('\n');
    expect(known(own!)).toEqual(known(theirs!));
    expect([own!.code, own!.stderr]).toEqual([theirs!.code, theirs!.stderr]);
    expect(own!.stdout.length).toBeGreaterThan(1000);
  });

  it('-x, -X, -r, -n and -e', async () => {
    for (const [args, input] of [
      [['-x', 'SET', 'from input'], 'bytes\0and\r\nlines\n'],
      [['-X', 'TAG', 'SET', 'TAG', 'value'], 'name\0x'],
      [['-r', '3', '-n', '2', 'RPUSH', 'again', 'x'], ''],
      [['-e', 'HGET', 'again', 'x'], ''],
      [['-n', '2', '--no-raw', 'LRANGE', 'again', '0', '-1'], ''],
      [['--no-raw', 'GET', 'from input'], ''],
      [['--no-raw', 'KEYS', 'name*'], ''],
    ] as const) {
      const [theirs, own] = await both(args, input);
      expect(own).toEqual(theirs);
    }
  });

  it('--pipe takes fifty thousand commands, some of them wrong', async () => {
    const commands = Array.from({ length: 50_000 }, (_, n) =>
      encodeCommand(
        n % 1000 === 7 ? ['LPUSH', 'string', n] : ['SET', n % 2 === 0 ? 'string' : `key:${n}`, `value ${n}`],
      ),
    );
    const [theirs, own] = await both(['--pipe'], Buffer.concat(commands).toString('latin1'));
    expect({ ...own, stderr: '' }).toEqual({ ...theirs, stderr: '' });
    expect(own!.stdout).toContain('errors: 50, replies: 50000');
    expect(await ours.send('DBSIZE')).toBe(await empty.send('DBSIZE'));
    expect(await ours.send('DEBUG', 'DIGEST')).toBe(await empty.send('DEBUG', 'DIGEST'));
  });

  it('a password, by -a, by an address and by the environment', async () => {
    const locked = await overDirectory(undefined, '--requirepass', 'secret');
    const port = String(locked.port);
    const ask = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await runTool('redis-cli', args);
      return stdout + stderr;
    };
    expect(await ask('-p', port, 'PING')).toContain('NOAUTH Authentication required.');
    expect(await ask('-p', port, '--no-auth-warning', '-a', 'secret', 'PING')).toBe('PONG\n');
    expect(await ask('-p', port, '--no-auth-warning', '-a', 'wrong', 'PING')).toContain('WRONGPASS');
    expect(
      await ask('--no-auth-warning', '-u', `redis://default:secret@127.0.0.1:${port}/3`, 'CLIENT', 'INFO'),
    ).toMatch(/ db=3 /);
  });
});

describe('redis-benchmark', () => {
  it.each([
    ['a log that is synced every second', ['--appendonly', 'yes', '--appendfsync', 'everysec']],
    ['no log', ['--appendonly', 'no']],
  ])('runs to its end, with %s', async (_name, args) => {
    const ours = await overDirectory(undefined, ...args);
    const tests = ['-t', 'set,get,lpush,hset,zadd', '-n', '100000', '-P', '16', '-r', '1000', '--csv'];
    const { code, stdout, stderr } = await runTool('redis-benchmark', ['-p', String(ours.port), ...tests]);
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual([
      '"test"',
      '"SET"',
      '"GET"',
      '"LPUSH"',
      '"HSET"',
      '"ZADD"',
    ]);
    expect(stdout).not.toMatch(/error/i);
    expect(await ours.send('LLEN', 'mylist')).toBe(100_000);
    const stats = String(await ours.send('INFO', 'commandstats'));
    for (const name of ['set', 'get', 'lpush', 'hset', 'zadd'])
      expect(stats).toMatch(new RegExp(`cmdstat_${name}:calls=100000,.*,failed_calls=0`));
  });

  it.each([[[]], [['-3']], [['-P', '4', '--threads', '2', '-t', 'ping,set,get']], [['-k', '0', '-t', 'ping,get']]])(
    'runs all of its tests with %s',
    async (how) => {
      const ours = await overDirectory();
      const args = ['-p', String(ours.port), '-n', '1000', '-c', '20', '--csv', ...how];
      const [{ code, stdout, stderr }, theirs] = await Promise.all([
        runTool('redis-benchmark', args),
        runTool('redis-benchmark', ['-p', String(live.port), ...args.slice(2)]),
      ]);
      const tests = (csv: string): string[] => csv.split('\n').map((line) => line.split('",')[0]!);
      expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
      expect(tests(stdout)).toEqual(tests(theirs.stdout));
    },
  );

  it('reads from a dump', async () => {
    const ours = await overDump(FIXTURE);
    const args = ['-p', String(ours.port), '-n', '20000', '-P', '16', '-q', 'HGETALL', 'hash:127'];
    const { code, stdout } = await runTool('redis-benchmark', args);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/HGETALL hash:127: [\d.]+ requests per second/)]);
  });
});
