/** The files of `serve`: a data directory that is damaged, cut or missing, its log file, its pid file and its sockets. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../support/fixtures.js';
import { freePort } from '../support/free-port.js';
import { serve, serveInVain } from '../support/served-command.js';
import { until } from '../support/until.js';
import { temporaryDirectory } from './run-cli.js';

const tmp = temporaryDirectory();
const LOG = 'appendonlydir/appendonly.aof.1.incr.aof';
const CUT_COMMAND = '*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$100\r\nhalf of';

function directory(name: string): string {
  fs.mkdirSync(tmp.path(name), { recursive: true });
  return tmp.path(name);
}

/** Names and bytes of everything below. */
function contentOf(dir: string): Record<string, string> {
  const names = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(path.join(dir, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(dir, name), 'latin1')]));
}

/** A data directory whose log has one key. */
async function loggedDirectory(name: string): Promise<string> {
  const dir = directory(name);
  const { send, end } = await serve(['--dir', dir, '--appendonly', 'yes', '--save', '']);
  expect(await send('SET', 'a', '1')).toBe('OK');
  expect(await end()).toMatchObject({ code: 0, stderr: '' });
  return dir;
}

describe('a data directory', () => {
  it('is gone on with', async () => {
    const dir = directory('gone-on');
    fs.writeFileSync(path.join(dir, 'dump.rdb'), readFixture('redis-7.0/types'));
    const first = await serve(['--dir', dir, '--databases', '200']);
    expect(first.log()).toContain('DB loaded from disk');
    expect(await first.send('DBSIZE')).toBe(214);
    expect(await first.send('SET', 'one more', '1')).toBe('OK');
    expect(await first.end()).toMatchObject({ code: 0, stderr: '' });
    const second = await serve(['--dir', dir, '--databases', '200']);
    expect(await second.send('DBSIZE')).toBe(215);
    expect(await second.end()).toMatchObject({ code: 0, stderr: '' });
  });

  it('with a dump in which a bit is flipped ends with 1, says where, and stays as it is', async () => {
    const dir = directory('flipped');
    const bytes = readFixture('redis-7.0/types');
    bytes[5000]! ^= 1;
    fs.writeFileSync(path.join(dir, 'dump.rdb'), bytes);
    const before = contentOf(dir);
    const damaged = await serveInVain(['--dir', dir, '--port', String(await freePort())]);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(/^rdb-inspect: .*dump\.rdb: .* \([A-Z_]+ at offset \d+(, db 0, key "[^"]+")?\)\n/);
    expect(damaged.stdout).toMatch(/ # .*\boffset \d+/);
    expect(contentOf(dir)).toEqual(before);
  });

  it('whose dump has another checksum is loaded where that does not matter', async () => {
    const dir = directory('checksum');
    const bytes = readFixture('redis-7.0/lists');
    bytes[bytes.length - 1]! ^= 1;
    fs.writeFileSync(path.join(dir, 'dump.rdb'), bytes);
    const damaged = await serveInVain(['--dir', dir, '--port', String(await freePort())]);
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining('CHECKSUM_MISMATCH at offset') });
    expect(damaged.stderr).toContain('hint: --rdbchecksum no serves it all the same');
    const { send, end } = await serve(['--dir', dir, '--rdbchecksum', 'no', '--save', '']);
    expect(await send('DBSIZE')).toBe(55);
    expect(await end()).toMatchObject({ code: 0 });
  });

  it('whose log ends in half of a command is cut, which is said', async () => {
    const dir = await loggedDirectory('tail');
    const log = path.join(dir, LOG);
    const whole = fs.readFileSync(log);
    fs.appendFileSync(log, CUT_COMMAND);
    const refused = await serveInVain(['--dir', dir, '--appendonly', 'yes', '--aof-load-truncated', 'no']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`(TRUNCATED at offset ${whole.length}, `);
    expect(refused.stderr).toContain(LOG);
    expect(fs.statSync(log).size).toBe(whole.length + CUT_COMMAND.length);

    const { send, log: said, end } = await serve(['--dir', dir, '--appendonly', 'yes']);
    expect(said()).toMatch(new RegExp(` # .* it was cut to ${whole.length} bytes\n`));
    expect(fs.readFileSync(log).equals(whole)).toBe(true);
    expect(await send('DBSIZE')).toBe(1);
    expect(await end()).toMatchObject({ code: 0, stderr: '' });
  });

  it('whose log is damaged in its middle ends with 1, says where, and stays as it is', async () => {
    const dir = await loggedDirectory('middle');
    const log = path.join(dir, LOG);
    fs.appendFileSync(log, '*1\r\nPING\r\n*1\r\n$4\r\nPING\r\n');
    const before = contentOf(dir);
    const damaged = await serveInVain(['--dir', dir, '--appendonly', 'yes', '--port', String(await freePort())]);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(/\(BAD_COMMAND at offset \d+, .*appendonly\.aof\.1\.incr\.aof\)/);
    expect(contentOf(dir)).toEqual(before);
  });

  it('that is not there ends with 3', async () => {
    for (const dir of [tmp.path('missing'), tmp.write('file', 'x')]) {
      const missing = await serveInVain(['--dir', dir, '--port', String(await freePort())]);
      expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining(`${dir} is no directory`) });
    }
  });

  it('is not touched where the port is taken, which ends with 5', async () => {
    const dir = await loggedDirectory('port');
    fs.appendFileSync(path.join(dir, LOG), CUT_COMMAND);
    const before = contentOf(dir);
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as net.AddressInfo;
    expect(await serveInVain(['--dir', dir, '--appendonly', 'yes', '--port', String(port)])).toMatchObject({
      code: 5,
      stderr:
        `rdb-inspect: cannot listen on port ${port} of 127.0.0.1: address already in use\n` +
        'hint: --port <n> chooses another one\n',
    });
    expect(contentOf(dir)).toEqual(before);
    taken.close();
  });
});

describe('logfile and pidfile', () => {
  it('are written, counted from the data directory', async () => {
    const dir = directory('papers');
    const { pid, send, log, end } = await serve(['--dir', dir, '--logfile', 'server.log', '--pidfile', 'run.pid']);
    const said = (): string => fs.readFileSync(path.join(dir, 'server.log'), 'utf8');
    expect(said()).toMatch(new RegExp(`^${pid}:M \\d\\d \\w{3} \\d{4} [\\d:.]{12} \\* rdb-inspect .* is starting`));
    expect(said()).toContain('Ready to accept connections');
    expect(fs.readFileSync(path.join(dir, 'run.pid'), 'utf8')).toBe(`${pid}\n`);
    expect(await send('CONFIG', 'SET', 'loglevel', 'warning')).toBe('OK');
    expect(await end()).toMatchObject({ code: 0, stderr: '' });
    expect(said()).not.toContain('bye bye');
    expect(log()).toBe('');
    expect(fs.existsSync(path.join(dir, 'run.pid'))).toBe(false);
  });

  it('may not be to be had: without the one nothing starts, without the other everything does', async () => {
    const dir = directory('no-papers');
    expect(await serveInVain(['--dir', dir, '--logfile', 'nowhere/server.log'])).toMatchObject({
      code: 70,
      stderr: `rdb-inspect: cannot write the log file ${dir}/nowhere/server.log: no such file or directory\n`,
    });
    const { log, end } = await serve(['--dir', dir, '--pidfile', 'nowhere/run.pid']);
    expect(log()).toContain(`# Failed to write PID file ${dir}/nowhere/run.pid: no such file or directory`);
    expect(await end()).toMatchObject({ code: 0 });
  });
});

/** What the server at a socket in the file system answers to PING. */
function ping(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath, () => socket.write('PING\r\n'));
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(String(bytes));
    });
  });
}

describe('unixsocket', () => {
  it('is one more way in, and goes with the server', async () => {
    const dir = directory('socket');
    const socket = path.join(dir, 'redis.sock');
    const { end } = await serve(['--dir', dir, '--unixsocket', 'redis.sock', '--unixsocketperm', '700']);
    expect(await ping(socket)).toBe('+PONG\r\n');
    expect(fs.statSync(socket).mode & 0o777).toBe(0o700);
    expect(await end()).toMatchObject({ code: 0 });
    expect(fs.existsSync(socket)).toBe(false);
  });

  it('may be the only one, and one that a killed server left is no hindrance', async () => {
    const socket = path.join(directory('stale'), 'redis.sock');
    const words = ['--dir', path.dirname(socket), '--unixsocket', socket];
    const killed = await serve(words);
    await killed.end('SIGKILL');
    expect(fs.existsSync(socket)).toBe(true);
    const alone = serveInVain([...words, '--port', '0', '--pidfile', 'run.pid']);
    expect(await until(() => ping(socket).catch(() => undefined))).toBe('+PONG\r\n');
    process.kill(Number(fs.readFileSync(path.join(path.dirname(socket), 'run.pid'), 'utf8')), 'SIGINT');
    expect(await alone).toMatchObject({ code: 0, stderr: '' });
  });

  it('of another server is left alone, which ends with 5', async () => {
    const socket = path.join(directory('in-use'), 'redis.sock');
    const words = ['--dir', path.dirname(socket), '--unixsocket', socket];
    const { end } = await serve(words);
    const second = await serveInVain([...words, '--port', '0']);
    expect(second).toMatchObject({
      code: 5,
      stderr: `rdb-inspect: cannot listen at ${socket}: address already in use\n`,
    });
    expect(await ping(socket)).toBe('+PONG\r\n');
    expect(await end()).toMatchObject({ code: 0 });
  });

  it('may not be longer than the system has it, and needs a directory', async () => {
    const long = await serveInVain(['--dir', directory('s'), '--port', '0', '--unixsocket', 'x'.repeat(200)]);
    expect(long).toMatchObject({ code: 2, stderr: expect.stringContaining('a socket has at most 103 bytes') });
    const lost = await serveInVain(['--dir', directory('s'), '--port', '0', '--unixsocket', '/nowhere/x']);
    expect(lost).toMatchObject({ code: 5, stderr: expect.stringContaining('cannot listen at /nowhere/x: ') });
  });
});
