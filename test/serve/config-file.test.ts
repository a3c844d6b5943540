/** redis.conf and redis-server's command line: the settings that they come to, and what is wrong with them where. */
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfigArguments, readConfigFile, type StartConfig } from '../../src/serve/config/config-file.js';
import { ConfigFileError } from '../../src/serve/config/config-file-error.js';
import { MemoryFiles } from '../support/memory-files.js';
import { ConfiguredServer } from './config-server.js';

let files: MemoryFiles;

beforeEach(() => {
  files = new MemoryFiles();
  files.makeDirectory('c');
});

const write = (path: string, ...lines: string[]): void =>
  void files.nodes.set(path, Buffer.from(`${lines.join('\n')}\n`, 'latin1'));

const settings = (): Record<string, string> => Object.fromEntries(readConfigFile('c/r.conf', files));

const start = (args: readonly string[], input = ''): StartConfig =>
  readConfigArguments(args, { files, readInput: () => Buffer.from(input) });

const startValues = (args: readonly string[], input = ''): Record<string, string> =>
  Object.fromEntries(start(args, input).values);

function failure(act: () => unknown): ConfigFileError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a file', () => {
  it('is read line by line, comments, blanks and quotes included', () => {
    write(
      'c/r.conf',
      '# a comment',
      '',
      '  PORT\t7777 ',
      "requirepass 'a # b'",
      'logfile "x\\x00\\n"',
      'maxmemory 2gb\r',
    );
    expect(settings()).toEqual({ port: '7777', requirepass: 'a # b', logfile: 'x\0\n', maxmemory: '2147483648' });
  });

  it('has the last of several values, but save points add up', () => {
    write('c/r.conf', 'timeout 1', 'timeout 2', 'save 900 1', 'save 300 10 60 100');
    expect(settings()).toEqual({ timeout: '2', save: '900 1 300 10 60 100' });
  });

  it('takes save points back', () => {
    write('c/r.conf', 'save 900 1', 'save ""');
    expect(settings()).toEqual({ save: '' });
    write('c/r.conf', 'save ""', 'save 5 6');
    expect(settings()).toEqual({ save: '5 6' });
  });

  it('adds limits of one class after the other', () => {
    write('c/r.conf', 'client-output-buffer-limit replica 1mb 2mb 3', 'client-output-buffer-limit pubsub 4 5 6');
    expect(settings()['client-output-buffer-limit']).toBe('normal 0 0 0 slave 1048576 2097152 3 pubsub 4 5 6');
  });

  it('knows settings by either name', () => {
    write('c/r.conf', 'hash-max-ziplist-entries 5', 'slave-read-only no', 'list-max-ziplist-value 64');
    expect(settings()).toEqual({ 'hash-max-listpack-entries': '5', 'replica-read-only': 'no' });
  });

  it('includes others where it says so, by pattern as well', () => {
    write('c/r.conf', 'timeout 1', 'include c/more.conf', 'include c/d/*.conf', 'hz 20');
    write('c/more.conf', 'timeout 2', 'hz 5');
    write('c/d/b.conf', 'maxclients 2');
    write('c/d/a.conf', 'maxclients 1', 'timeout 3');
    files.makeDirectory('c/d');
    expect(settings()).toEqual({ timeout: '3', hz: '20', maxclients: '2' });
  });

  it('may have the user that CONFIG REWRITE of a server leaves behind', () => {
    write('c/r.conf', 'user default on nopass ~* &* +@all');
    expect(settings()).toEqual({});
    write('c/r.conf', `user default on #${'a'.repeat(64)} ~* &* +@all`, 'requirepass x');
    expect(settings()).toEqual({ requirepass: 'x' });
  });
});

describe('what is wrong in a file', () => {
  it.each([
    ['nosuch 1', 'BAD_DIRECTIVE', 'Bad directive or wrong number of arguments'],
    ['list-max-ziplist-entries 1 2', 'BAD_DIRECTIVE', 'Bad directive or wrong number of arguments'],
    ['timeout', 'BAD_VALUE', 'wrong number of arguments'],
    ['timeout 1 2', 'BAD_VALUE', 'wrong number of arguments'],
    ['timeout x', 'BAD_VALUE', "argument couldn't be parsed into an integer"],
    ['save 1', 'BAD_VALUE', 'Invalid save parameters'],
    ['appenddirname a/b', 'BAD_VALUE', "appenddirname can't be a path, just a dirname"],
    ['appendfilename ""', 'BAD_VALUE', "appendfilename can't be empty"],
    ['requirepass "a', 'UNBALANCED_QUOTES', 'Unbalanced quotes in configuration line'],
    ['include c/nosuch', 'UNREADABLE', "can't open config file 'c/nosuch'"],
    ['include c/r.conf', 'UNREADABLE', 'files include each other without end'],
    ['rename-command FLUSHALL ""', 'UNSUPPORTED', 'rename-command'],
    ['cluster-enabled yes', 'UNSUPPORTED', 'cluster'],
    ['tls-port 1', 'UNSUPPORTED', 'TLS'],
    ['replicaof a 1', 'UNSUPPORTED', 'replica'],
    ['loadmodule x.so', 'UNSUPPORTED', 'modules'],
    ['user someone on nopass', 'UNSUPPORTED', 'users'],
    ['user default on nopass ~a:*', 'UNSUPPORTED', 'users'],
  ])('%s', (line, code, message) => {
    write('c/r.conf', '# first', 'timeout 5', line);
    const error = failure(settings);
    expect(error).toMatchObject({ code, place: { path: 'c/r.conf', line: 3, text: line } });
    expect(error.message).toContain(message);
  });

  it('is said of the file that it stands in', () => {
    write('c/r.conf', 'include c/more.conf');
    write('c/more.conf', '', 'hz x');
    expect(failure(settings).place).toEqual({ path: 'c/more.conf', line: 2, text: 'hz x' });
  });

  it('may be what other servers are told that change nothing here', () => {
    write('c/r.conf', 'cluster-enabled no', 'tls-port 0', 'replicaof no one', 'aclfile ""');
    expect(settings()).toMatchObject({ 'cluster-enabled': 'no', replicaof: '' });
  });
});

describe('a command line', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['nothing', [], {}],
    ['options', ['--port', '7', '--appendonly', 'yes'], { port: '7', appendonly: 'yes' }],
    ['names in any letters', ['--PORT', '7'], { port: '7' }],
    ['an option in one word', ['--port 7', '--timeout', '3'], { port: '7', timeout: '3' }],
    ['several words', ['--bind', '127.0.0.1', '-::1', '--port', '0'], { bind: '127.0.0.1 -::1', port: '0' }],
    ['several words in one', ['--save', '10 20', '--port', '1'], { save: '10 20', port: '1' }],
    ['no save points', ['--save', '', '--port', '1'], { save: '', port: '1' }],
    ['no save points in front of an option', ['--save', '--port', '1'], { save: '', port: '1' }],
    ['no save points at the end', ['--port', '1', '--save'], { save: '', port: '1' }],
    ['save points that add up', ['--save', '1', '2', '--save', '3', '4'], { save: '1 2 3 4' }],
    ['a value that looks like an option', ['--requirepass', '--port'], { requirepass: '--port' }],
    ['bytes beyond ASCII', ['--requirepass', 'é'], { requirepass: 'Ã©' }],
  ])('with %s', (_, args, values) => {
    expect(startValues(args)).toEqual(values);
  });

  it('begins with a file, which its options override', () => {
    write('c/r.conf', 'port 1', 'timeout 2', 'save 5 6');
    expect(start(['c/r.conf', '--port', '3', '--save', '7', '8'])).toEqual({
      path: 'c/r.conf',
      values: new Map([
        ['port', '3'],
        ['timeout', '2'],
        ['save', '5 6 7 8'],
      ]),
    });
  });

  it('reads the standard input behind the file, in front of options', () => {
    write('c/r.conf', 'port 1', 'timeout 2');
    expect(startValues(['c/r.conf', '--port', '4', '-'], 'timeout 3\nport 2\n')).toEqual({ port: '4', timeout: '3' });
    expect(startValues(['-', '--port', '4'], 'timeout 3\n')).toEqual({ port: '4', timeout: '3' });
  });

  it('is wrong at a line of its own, as to the server', () => {
    expect(failure(() => start(['--port', '1', '--hz', '--port', '2']))).toMatchObject({
      code: 'BAD_VALUE',
      message: 'wrong number of arguments',
      place: { path: undefined, line: 3, text: 'hz "--port" "2"' },
    });
    write('c/r.conf', 'port 1', 'timeout 2');
    expect(failure(() => start(['c/r.conf', '--foo', '1'])).place).toMatchObject({ line: 4, text: 'foo "1"' });
    expect(failure(() => start(['c/none.conf']))).toMatchObject({ code: 'UNREADABLE' });
    expect(failure(() => start(['--sentinel']))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('CONFIG REWRITE', () => {
  async function rewritten(lines: readonly string[], ...changes: readonly string[][]): Promise<string[]> {
    write('c/r.conf', ...lines);
    const test = await ConfiguredServer.open({ values: readConfigFile('c/r.conf', files), path: 'c/r.conf' });
    test.config.attach({ engine: test.site.store.engine, store: test.site.store, files });
    test.client.connection.isAuthenticated = true;
    for (const [name, value] of changes) expect(await test.send('CONFIG', 'SET', name!, value!)).toBe('OK');
    expect(await test.send('CONFIG', 'REWRITE')).toBe('OK');
    test.close();
    return Buffer.from(files.nodes.get('c/r.conf')!).toString('latin1').split('\n').slice(0, -1);
  }

  it('leaves a file as it is of which nothing has changed', async () => {
    const lines = [
      '# mine',
      'port 1',
      '',
      '# more',
      'include c/d.conf',
      'save 5 6',
      'requirepass "x y"',
      'maxmemory 100mb',
    ];
    write('c/d.conf', '');
    expect(await rewritten(lines)).toEqual(lines);
  });

  it('changes settings where they stand, and adds others at the end', async () => {
    const lines = ['# mine', 'timeout 1', 'timeout 2', '# save', 'save 900 1', 'hash-max-ziplist-entries 9', 'hz 10'];
    const changes = [
      ['timeout', '3'],
      ['save', '1 2 3 4'],
      ['notify-keyspace-events', 'KEA'],
      ['maxmemory-clients', '5%'],
      ['proto-max-bulk-len', '5mb'],
      ['client-output-buffer-limit', 'pubsub 1kb 0 3'],
    ];
    expect(await rewritten(lines, ...changes)).toEqual([
      '# mine',
      'timeout 3',
      '# save',
      'save 1 2',
      'hash-max-listpack-entries 9',
      'hz 10',
      '',
      '# Generated by CONFIG REWRITE',
      'client-output-buffer-limit pubsub 1kb 0 3',
      'proto-max-bulk-len 5mb',
      'save 3 4',
      'maxmemory-clients 5%',
      'notify-keyspace-events "AKE"',
    ]);
  });

  it('can be read again, and rewritten to the same', async () => {
    const lines = ['save ""', 'requirepass "a\\"b"', 'bind 127.0.0.1 -::1', 'oom-score-adj-values 1 2 3'];
    const once = await rewritten(lines, ['masterauth', 'é " \\ x\n'], ['client-output-buffer-limit', 'normal 1 2 3']);
    const values = readConfigFile('c/r.conf', files);
    expect(values.get('masterauth')).toBe('é " \\ x\n');
    expect(await rewritten(once)).toEqual(once);
    expect(readConfigFile('c/r.conf', files)).toEqual(values);
  });

  it('replaces the file as a whole', async () => {
    files.steps.length = 0;
    await rewritten(['port 6379']);
    expect(files.steps).toEqual([
      'create c/r.conf.rewrite.tmp',
      expect.stringMatching(/^write c\/r.conf.rewrite.tmp/),
      'sync c/r.conf.rewrite.tmp',
      ...files.steps.slice(3, -2),
      'rename c/r.conf.rewrite.tmp c/r.conf',
      'syncdir c',
    ]);
  });

  it('leaves the file as it was where it cannot write, and says so', async () => {
    write('c/r.conf', 'port 6379');
    const test = await ConfiguredServer.open({ values: readConfigFile('c/r.conf', files), path: 'c/r.conf' });
    test.config.attach({ engine: test.site.store.engine, store: test.site.store, files });
    files.refuse = (step) => step.startsWith('sync ');
    expect(await test.send('CONFIG', 'REWRITE')).toMatch(/^-ERR Rewriting config file: /);
    test.close();
    expect(Buffer.from(files.nodes.get('c/r.conf')!).toString()).toBe('port 6379\n');
  });

  it('is refused where there is no file', async () => {
    const test = await ConfiguredServer.open();
    expect(await test.send('CONFIG', 'REWRITE')).toBe('-ERR The server is running without a config file');
    test.close();
  });
});
