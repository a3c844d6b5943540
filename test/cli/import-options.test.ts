/** What the options of `import` and `verify` mean, without a server. */
import { describe, expect, it } from 'vitest';
import { parseRate } from '../../src/cli/import-options.js';
import { createProgram } from '../../src/cli/program.js';
import { retryNotes } from '../../src/cli/retry-notes.js';
import { FilterTextError } from '../../src/rdb/filter-text.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');

/** What commander makes of a command line. */
function optionsOf(name: 'import' | 'verify', ...args: string[]): Record<string, unknown> {
  const program = createProgram({ signal: new AbortController().signal, nowMs: 0, exitCode: 0 }, [name]);
  const command = program.commands.find((one) => one.name() === name)!;
  command.exitOverride().parseOptions(args);
  return command.opts();
}

describe('rates', () => {
  it.each([
    ['5000', { keysPerSecond: 5000 }],
    ['20MB', { bytesPerSecond: 20 * 1024 ** 2 }],
    ['20MB/s', { bytesPerSecond: 20 * 1024 ** 2 }],
    ['5000,1.5kb', { keysPerSecond: 5000, bytesPerSecond: 1536 }],
    ['512B, 7/s', { keysPerSecond: 7, bytesPerSecond: 512 }],
  ])('%s', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it.each(['', '0', '0B', '5k', '-1', '1.5', '5,6', '1MB,2MB', '5000,', '20 MB per second'])(
    '%j says nothing',
    (text) => {
      expect(() => parseRate(text)).toThrow(FilterTextError);
    },
  );
});

describe('letters', () => {
  it('of a connection are those of redis-cli', () => {
    const line = ['-h', 'host', '-p', '7', '-s', '/s', '-a', '-secret', '-u', 'redis://x', '-n', '3', '--user', 'me'];
    for (const name of ['import', 'verify'] as const)
      expect(optionsOf(name, ...line)).toMatchObject({
        host: 'host',
        port: 7,
        socket: '/s',
        pass: '-secret',
        uri: 'redis://x',
        db: [3],
        user: 'me',
        authWarning: true,
      });
  });

  it('have defaults that change nothing', () => {
    expect(optionsOf('import')).toMatchObject({
      mode: 'auto',
      onExists: 'error',
      onUnsupported: 'convert',
      checksum: true,
    });
    expect(optionsOf('verify')).toMatchObject({ extra: true, checksum: true });
  });

  it('of the flow and of keys', () => {
    const line = [
      '--rename',
      'a=b',
      '--rename',
      'c=d',
      '--retry',
      '5m',
      '--wait',
      '2',
      '--db-map',
      '0:3',
      '--rate',
      '9',
    ];
    expect(optionsOf('import', ...line, '--skip-expired', '--no-auth-warning')).toMatchObject({
      rename: ['a=b', 'c=d'],
      retry: 300_000,
      wait: 2,
      dbMap: new Map([[0, 3]]),
      rate: { keysPerSecond: 9 },
      skipExpired: true,
      authWarning: false,
    });
    expect(optionsOf('verify', '--ttl-tolerance', '250ms', '--no-extra', '--sample', '1%')).toMatchObject({
      ttlTolerance: 250,
      extra: false,
      sample: { fraction: 0.01 },
    });
  });
});

describe('a slip exits with 2 before anything is asked', () => {
  it.each<[string, string[], string]>([
    ['no URL', ['--to', 'localhost:6379'], 'it must begin with redis://'],
    ['two URLs', ['--to', 'redis://a', '-u', 'redis://b'], 'name one server'],
    ['a socket with a port', ['-s', '/s', '-p', '1'], 'which has neither host nor port'],
    ['a port', ['-p', '65536'], "'65536' is no port"],
    ['TLS that is not wanted', ['--sni', 'x'], '--sni is for TLS'],
    ['an authority', ['--tls', '--cacert', 'nothing.pem'], '--cacert nothing.pem: no such file or directory'],
    ['a user alone', ['--user', 'me'], '--user is the user that a password is of'],
    ['nobody to ask', ['--askpass'], 'standard input is none\nhint: REDISCLI_AUTH'],
    ['a rename', ['--rename', 'old'], "--rename: 'old' renames nothing"],
    ['a policy', ['--on-exists', 'keep'], 'Allowed choices are error, skip, replace'],
    ['nothing to verify', ['--dry-run', '--verify'], '--dry-run writes nothing that --verify could look at'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(['import', types, ...args], { env: { REDISCLI_AUTH: '' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('a report over the state', async () => {
    const state = directory.write('state.json', '{}');
    const { code, stderr } = await cli(['import', types, '-p', '1', '--resume', state, '--report', state]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('state.json') });
  });
});

describe('a server that is not there exits with 5', () => {
  it.each(['import', 'verify'])('%s', async (name) => {
    const { code, stdout, stderr } = await cli([name, types, '-p', '1', '--retry', '0']);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toMatch(/^rdb-inspect: 127\.0\.0\.1:1: no connection: .*ECONNREFUSED.*\nhint: -h and -p, /);
  });

  it('and says so to programs', async () => {
    const { code, stderr } = await cli(['import', types, '--to', 'redis://:pw@127.0.0.1:1', '--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'CONNECT', hint: expect.any(String) } });
    expect(stderr).not.toContain('pw');
  });

  it('with a word about passwords that everybody sees, where that is wanted', async () => {
    const said = async (...args: string[]): Promise<boolean> =>
      (await cli(['import', types, '-p', '1', ...args])).stderr.includes('warning: a password in -a');
    expect(await said('-a', 'pw')).toBe(true);
    expect(await said('-a', 'pw', '--no-auth-warning')).toBe(false);
    expect(await said('-a', 'pw', '-q')).toBe(false);
    expect(await said()).toBe(false);
  });
});

it('a server that is tried again is told of once in a second', () => {
  const told: string[] = [];
  let nowMs = 0;
  const onRetry = retryNotes({ note: (text) => told.push(text) }, () => nowMs);
  for (; nowMs < 2500; nowMs += 100) onRetry(new Error(`gone ${nowMs}`), 400);
  onRetry(new Error('not confirmed'), 0);
  nowMs = 9000;
  onRetry(new Error('not confirmed'), 0);
  expect(told).toEqual([
    'gone 0; trying again in 0.4 s',
    'gone 1000; trying again in 0.4 s',
    'gone 2000; trying again in 0.4 s',
    'not confirmed',
  ]);
});
