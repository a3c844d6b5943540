/** The settings of `serve`: redis.conf, standard input, the command line in redis-server's own form; and what is refused. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { type Served, serve, serveInVain } from '../support/served-command.js';
import { cli, temporaryDirectory } from './run-cli.js';

const tmp = temporaryDirectory();

function directory(name: string): string {
  fs.mkdirSync(tmp.path(name), { recursive: true });
  return tmp.path(name);
}

async function setting({ send }: Served, name: string): Promise<string> {
  const [, value] = (await send('CONFIG', 'GET', name)) as Buffer[];
  return String(value);
}

describe('settings', () => {
  it('come from redis.conf', async () => {
    const port = await freePort();
    const dir = directory('conf');
    const conf = tmp.write(
      'redis.conf',
      `# written by hand\nport ${port}\ndir "${dir}"\nappendonly yes\nsave 60 1000\nsave 300 10\nmaxclients 77\n`,
    );
    const running = await serve([conf], { port });
    expect(await setting(running, 'save')).toBe('60 1000 300 10');
    expect(await setting(running, 'maxclients')).toBe('77');
    expect(await setting(running, 'dir')).toBe(dir);
    expect(String(await running.send('INFO', 'server'))).toContain(`config_file:${conf}\r\n`);
    expect(await running.send('CONFIG', 'SET', 'maxclients', '78')).toBe('OK');
    expect(await running.send('CONFIG', 'REWRITE')).toBe('OK');
    expect(await running.end()).toMatchObject({ code: 0, stderr: '' });
    expect(fs.readFileSync(conf, 'utf8')).toMatch(/^# written by hand\n[\s\S]*^maxclients 78$/m);
    expect(fs.readdirSync(dir).sort()).toEqual(['appendonlydir', 'dump.rdb']);
  });

  it('of the command line override those of redis.conf', async () => {
    const conf = tmp.write('override.conf', `port 1\ndir ${directory('override')}\nsave ""\nmaxclients 77\n`);
    const running = await serve([conf, '--maxclients', '78']);
    expect(await setting(running, 'maxclients')).toBe('78');
    expect(await setting(running, 'save')).toBe('');
    expect(await running.end()).toMatchObject({ code: 0 });
  });

  it('include other files, by names and by patterns', async () => {
    tmp.write('more/a.conf', 'maxclients 5\n');
    tmp.write('more/b.conf', 'timeout 6\n');
    const dir = directory('include');
    const conf = tmp.write('include.conf', `include ${tmp.path('more')}/*.conf\ninclude "${tmp.path('one.conf')}"\n`);
    tmp.write('one.conf', `dir ${dir}\ndatabases 3\n`);
    const running = await serve([conf]);
    expect(await setting(running, 'maxclients')).toBe('5');
    expect(await setting(running, 'timeout')).toBe('6');
    await expect(running.send('SELECT', 3)).rejects.toThrow('out of range');
    expect(await running.end()).toMatchObject({ code: 0 });
  });

  it.each([
    ['redirected', (text: string) => tmp.write('stdin.conf', text)],
    ['piped', (text: string) => Buffer.from(text)],
  ])('come from standard input, %s', async (_, inputOf) => {
    const input = inputOf(`dir ${directory('stdin')}\nmaxclients 9\n`);
    const first = await serve(['-', '--timeout', '3'], { input });
    expect([await setting(first, 'maxclients'), await setting(first, 'timeout')]).toEqual(['9', '3']);
    expect(await first.end()).toMatchObject({ code: 0 });

    const port = await freePort();
    const last = await serve(['--port', String(port), '--timeout', '3', '-'], { port, input });
    expect([await setting(last, 'maxclients'), await setting(last, 'timeout')]).toEqual(['9', '3']);
    expect(await last.end()).toMatchObject({ code: 0 });
  });

  it('have the form of redis-server', async () => {
    const dir = directory('form');
    const words = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '60 1000', '--save', '5', '1'];
    const running = await serve(['--dir', dir, ...words, '--MAXCLIENTS 99']);
    expect(await setting(running, 'save')).toBe('60 1000 5 1');
    expect(await setting(running, 'appendfsync')).toBe('always');
    expect(await setting(running, 'maxclients')).toBe('99');
    expect(await running.send('SET', 'a', '1')).toBe('OK');
    expect(await running.end()).toMatchObject({ code: 0 });
    expect(fs.readdirSync(`${dir}/appendonlydir`).sort()).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.1.incr.aof',
      'appendonly.aof.manifest',
    ]);
  });

  it.each([
    ['""', ['--save', '']],
    ['nothing', ['--save']],
  ])('have no save points where --save is %s', async (_, words) => {
    const dir = directory('unsaved');
    const running = await serve(['--dir', dir, ...words]);
    expect(await setting(running, 'save')).toBe('');
    expect(await running.send('SET', 'a', '1')).toBe('OK');
    expect(await running.end()).toMatchObject({ code: 0 });
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it('may say nothing: the data is that of the current directory', async () => {
    const cwd = directory('here');
    const running = await serve([], { cwd });
    expect(await setting(running, 'dir')).toBe(fs.realpathSync(cwd));
    expect(await setting(running, 'save')).toBe('3600 1 300 100 60 10000');
    expect(await running.send('SET', 'a', '1')).toBe('OK');
    expect(await running.end()).toMatchObject({ code: 0 });
    expect(fs.readdirSync(cwd)).toEqual(['dump.rdb']);
  });

  it('may be those of Redis’s own redis.conf that concern others', async () => {
    const running = await serve([
      '--dir',
      directory('others'),
      '--daemonize',
      'yes',
      '--io-threads',
      '4',
      '--hz',
      '20',
    ]);
    expect(running.log()).toContain('daemonize is not heeded: the server stays in the foreground');
    expect(await running.end()).toMatchObject({ code: 0 });
  });
});

interface Refusal {
  readonly name: string;
  readonly words: readonly string[];
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    name: 'an unknown one',
    words: ['--frobnicate', 'yes'],
    says: `Bad directive or wrong number of arguments, in 'frobnicate "yes"'`,
  },
  { name: 'one of this command line', words: ['-v'], says: "Bad directive or wrong number of arguments, in '-v'" },
  { name: 'one without a value', words: ['--requirepass'], says: "wrong number of arguments, in 'requirepass'" },
  {
    name: 'a port that is no number',
    words: ['--port', 'abc'],
    says: `argument couldn't be parsed into an integer, in 'port "abc"'`,
  },
  {
    name: 'a port that is too large',
    words: ['--port', '70000'],
    says: 'argument must be between 0 and 65535 inclusive',
  },
  { name: 'neither yes nor no', words: ['--appendonly', 'maybe'], says: "argument must be 'yes' or 'no'" },
  {
    name: 'a policy that is none',
    words: ['--appendfsync', 'often'],
    says: 'argument(s) must be one of the following',
  },
  { name: 'save points that are none', words: ['--save', 'x y'], says: 'Invalid save parameters' },
  { name: 'a replica', words: ['--replicaof', '127.0.0.1', '6379'], says: 'there is no support for a replica' },
  { name: 'a cluster', words: ['--cluster-enabled', 'yes'], says: 'there is no support for a node of a cluster' },
  { name: 'a module', words: ['--loadmodule', 'x.so'], says: 'there is no support for modules' },
  {
    name: 'nowhere to listen',
    words: ['--port', '0'],
    says: 'there is nowhere to listen: port is 0, and no unixsocket',
  },
];

describe('a setting that cannot be', () => {
  it.each(REFUSALS)('ends with 2: $name', async ({ words, says }) => {
    const refused = await serveInVain(words);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^rdb-inspect: [^\n]+\n(hint: [^\n]+\n)?$/);
    expect(refused.stderr).toContain(says);
  });

  it('is told with its file and line', async () => {
    const conf = tmp.write('bad.conf', 'port 7000\n\nappendonly perhaps\n');
    const refused = await serveInVain([conf]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      `rdb-inspect: ${conf}, line 3: argument must be 'yes' or 'no', in 'appendonly perhaps'\n` +
        'hint: settings are those of redis.conf: rdb-inspect serve --help\n',
    );
  });

  it('is shown without what moves a cursor', async () => {
    const refused = await serveInVain([tmp.write('colour.conf', 'port 7000\n\x1b[31mred 1\n')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      'colour.conf, line 2: Bad directive or wrong number of arguments, in "\\x1b[31mred 1"',
    );
  });

  it('ends with 2 where quotes are open or files include each other', async () => {
    expect(await serveInVain([tmp.write('open.conf', 'save "60\n')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('open.conf, line 1: Unbalanced quotes in configuration line'),
    });
    expect(await serveInVain([tmp.write('loop.conf', `include ${tmp.path('loop.conf')}\n`)])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('files include each other without end'),
    });
  });

  it('ends with 3 where its file is not there', async () => {
    const missing = tmp.path('missing.conf');
    expect(await serveInVain([missing])).toMatchObject({
      code: 3,
      stderr: `rdb-inspect: can't open config file '${missing}': no such file or directory\n`,
    });
    const conf = tmp.write('wants-more.conf', `port 7000\ninclude ${missing}\n`);
    expect(await serveInVain([conf])).toMatchObject({
      code: 3,
      stderr: `rdb-inspect: ${conf}, line 2: can't open config file '${missing}': no such file or directory\n`,
    });
  });

  it('is a line of JSON where that is asked for', async () => {
    const refused = await cli(['serve', '--json']);
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'USAGE' } });
  });
});

describe('an address', () => {
  it.each(['0.0.0.0', '* -::*', '127.0.0.1 10.1.2.3'])('of others is refused without a password: %s', async (bind) => {
    const refused = await serveInVain(['--dir', directory('open'), '--bind', bind]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^rdb-inspect: without a password only this machine may be listened to, not .*\nhint: give --requirepass/,
    );
  });

  it.each(['0.0.0.0', '* -::*'])('of others is listened to with a password: %s', async (bind) => {
    const running = await serve(['--dir', directory('open'), '--bind', bind, '--requirepass', 'secret']);
    await expect(running.send('PING')).rejects.toThrow('NOAUTH');
    expect(await running.send('AUTH', 'secret')).toBe('OK');
    expect(await running.send('PING')).toBe('PONG');
    expect(await running.end()).toMatchObject({ code: 0, stderr: '' });
  });

  it('may be one of several of this machine', async () => {
    const running = await serve(['--dir', directory('several'), '--bind', '127.0.0.1', '-::1', '--save', '']);
    expect(await setting(running, 'bind')).toBe('127.0.0.1 -::1');
    expect(await running.end()).toMatchObject({ code: 0 });
  });

  it('that this machine does not have ends with 5', async () => {
    const refused = await serveInVain(['--dir', directory('open'), '--bind', '203.0.113.1', '--requirepass', 'secret']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toBe('rdb-inspect: cannot listen on port 6379 of 203.0.113.1: address not available\n');
  });
});
