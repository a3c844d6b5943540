/** The target of an import: connections in bulk, and what servers, sentinels and clusters say about themselves. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress, parseEndpoint, parsePlace } from '../../src/import/target/endpoint.js';
import { Pipe } from '../../src/import/target/pipe.js';
import { ErrorReply, type Reply } from '../../src/import/target/reply-parser.js';
import { openTargetServers } from '../../src/import/target/servers.js';
import { TargetError } from '../../src/import/target/target-error.js';
import { keySlot } from '../../src/rdb/key-slot.js';
import { freePort } from '../support/free-port.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { ascii } from '../support/packed.js';
import { encodeCommand } from '../support/resp-client.js';
import { until } from '../support/until.js';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function pipeTo(url: string, options: Parameters<typeof Pipe.connect>[1] = {}): Promise<Pipe> {
  const pipe = await Pipe.connect(parseEndpoint(url), options);
  opened.push(() => pipe.destroy());
  return pipe;
}

async function serverWith(args: readonly string[] = []): Promise<LiveServer> {
  const server = await startServer({ args });
  opened.push(() => server.stop());
  return server;
}

const open = (url: string, tls = {}) => openTargetServers(parsePlace(url, tls), { connectTimeoutMs: 3000 });

/** The TargetError that `promise` ends with. */
async function failure(promise: Promise<unknown>): Promise<TargetError> {
  const outcome = await promise.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(TargetError);
  return outcome as TargetError;
}

describe('one server', () => {
  let server: LiveServer;
  let url: string;
  beforeAll(async () => {
    server = await startServer({ args: ['--proto-max-bulk-len', '2097152', '--databases', '20'] });
    url = `redis://127.0.0.1:${server.port}`;
  });
  afterAll(() => server.stop());

  it('takes 200,000 commands in order, errors in between', async () => {
    const pipe = await pipeTo(`${url}/3`, { maxPendingBytes: 1 << 20 });
    await pipe.ask('SET', 'text', 'no number');
    const fails = encodeCommand(['INCR', 'text']);
    const sends: Promise<void>[] = [];
    let errors = 0;
    let mostPending = 0;
    const wrong: Reply[] = [];
    for (let batch = 0; batch < 100; batch++) {
      const commands = Array.from({ length: 2000 }, (_, index) =>
        index % 500 === 7 ? fails : encodeCommand(['SET', `key:${batch}:${index}`, 'value']),
      );
      await pipe.drained();
      let next = 0;
      const take = (reply: Reply, index: number): void => {
        const isRight =
          index % 500 === 7
            ? reply instanceof ErrorReply && reply.text.startsWith('ERR value is not an integer')
            : reply === 'OK';
        if (index !== next++ || !isRight) wrong.push(reply);
        if (reply instanceof ErrorReply) errors++;
      };
      sends.push(pipe.send(Buffer.concat(commands), commands.length, take));
      mostPending = Math.max(mostPending, pipe.pendingBytes);
    }
    await Promise.all(sends);
    expect(wrong).toEqual([]);
    expect([errors, pipe.pendingBytes]).toEqual([400, 0]);
    expect(mostPending).toBeLessThan(2 << 20);
    expect(await pipe.ask('DBSIZE')).toBe(200_000 - 400 + 1);
    await pipe.ask('FLUSHALL');
    await pipe.close();
    expect((await failure(pipe.ask('PING'))).code).toBe('CLOSED');
  });

  it('carries large values and all kinds of replies', async () => {
    const pipe = await pipeTo(url);
    const value = new Uint8Array(2_000_000).fill(0xff);
    expect(await pipe.ask('SET', 'big', value)).toBe('OK');
    // Not toEqual(), which goes byte by byte.
    const isValue = (reply: Reply | undefined): boolean =>
      reply instanceof Uint8Array && Buffer.compare(reply, value) === 0;
    expect(isValue(await pipe.ask('GET', 'big'))).toBe(true);
    expect(await pipe.ask('GET', 'none')).toBeNull();
    const [none, big] = (await pipe.ask('MGET', 'none', 'big')) as Reply[];
    expect([none, isValue(big)]).toEqual([null, true]);
    expect(await Promise.all([pipe.ask('DEL', 'big'), pipe.ask('ECHO', 'x')])).toEqual([1, ascii('x')]);
    expect(await failure(pipe.ask('AUTHX', 'hunter2'))).toMatchObject({
      code: 'REPLY',
      message: `127.0.0.1:${server.port}: ERR unknown command 'AUTHX'`,
    });
  });

  it('hands on what a taker throws, and stays in step', async () => {
    const pipe = await pipeTo(url);
    const pings = Buffer.concat([encodeCommand(['PING']), encodeCommand(['PING'])]);
    const thrown = new Error('from the taker');
    const sent = pipe.send(pings, 2, () => {
      throw thrown;
    });
    await expect(sent).rejects.toBe(thrown);
    expect(await pipe.ask('ECHO', 'next')).toEqual(ascii('next'));
  });

  it('says what it is', async () => {
    const servers = await open(url);
    expect(servers).toMatchObject({ kind: 'standalone', role: 'primary', databases: 20, maxBulkBytes: 2_097_152 });
    const info = String(await server.send('INFO', 'server'));
    const [, family, version] = /^(valkey)_version:(\S+)/m.exec(info) ?? /^(redis)_version:(\S+)/m.exec(info)!;
    expect([servers.family, servers.version]).toEqual([family, version]);
    expect(servers.target.name).toBe(`${family}:${version!.split('.').slice(0, 2).join('.')}`);
    expect(servers.maxMemoryBytes).toBeUndefined();
    expect(servers.primaries()).toEqual([parseEndpoint(url)]);
    expect(servers.nodeOfSlot(16383)).toEqual(parseEndpoint(url));
    await servers.refresh();
    servers.close();
    expect((await failure(servers.refresh())).code).toBe('CLOSED');
  });

  it('lets in whom it knows', async () => {
    await server.send('ACL', 'SETUSER', 'ann', 'on', '>p@ss/1', '~*', '+@all', '-config', '-flushall', '-ping');
    const ann = `redis://ann:p%40ss%2F1@127.0.0.1:${server.port}`;
    expect(await (await pipeTo(ann)).ask('ACL', 'WHOAMI')).toEqual(ascii('ann'));
    expect(await failure((await pipeTo(ann)).ask('FLUSHALL'))).toMatchObject({ code: 'NOPERM', isTransient: false });
    expect(await open(ann)).toMatchObject({ databases: 16, maxBulkBytes: 512 * 1024 * 1024 });
    const wrong = `redis://ann:hunter2@127.0.0.1:${server.port}`;
    for (const error of [await failure(pipeTo(wrong)), await failure(open(wrong))]) {
      expect(error).toMatchObject({ code: 'AUTH', isTransient: false, address: `127.0.0.1:${server.port}` });
      expect(error.message).not.toContain('hunter2');
    }
    const nobody = `redis://:hunter2@127.0.0.1:${server.port}`;
    expect((await failure(pipeTo(nobody))).code).toBe('AUTH');
    expect((await failure(open(nobody))).code).toBe('AUTH');
  });

  it('knows no database beyond its own', async () => {
    expect((await failure(pipeTo(`${url}/20`))).code).toBe('NO_DATABASE');
  });

  it('has no room for more', async () => {
    await server.send('CONFIG', 'SET', 'maxclients', '1');
    try {
      expect(await failure(pipeTo(url))).toMatchObject({ code: 'BUSY', isTransient: true });
    } finally {
      await server.send('CONFIG', 'SET', 'maxclients', '1000');
    }
  });

  it('wants a password', async () => {
    await server.send('CONFIG', 'SET', 'requirepass', 'secret');
    expect(await failure(pipeTo(url))).toMatchObject({ code: 'AUTH' });
    expect(await failure(open(url))).toMatchObject({ code: 'AUTH' });
    const withPassword = `redis://:secret@127.0.0.1:${server.port}`;
    expect(await (await pipeTo(withPassword)).ask('PING')).toBe('PONG');
    expect((await open(withPassword)).kind).toBe('standalone');
  });
});

describe('a connection that fails', () => {
  it('says how many replies had come', async () => {
    const server = await serverWith();
    const pipe = await pipeTo(`redis://127.0.0.1:${server.port}`);
    const sets = Array.from({ length: 100_000 }, (_, index) => encodeCommand(['SET', `k${index}`, 'v']));
    sets[50_000] = encodeCommand(['DEBUG', 'SLEEP', '20']);
    let taken = 0;
    const first = pipe.send(Buffer.concat(sets), sets.length, () => {
      if (taken++ === 0) process.kill(server.pid, 'SIGKILL');
    });
    const second = pipe.ask('PING');
    const error = await failure(first);
    expect(error).toMatchObject({ code: 'LOST', isTransient: true, replies: taken });
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(50_000);
    expect(await failure(second)).toMatchObject({ code: 'LOST', replies: 0 });
    expect((await failure(pipe.ask('PING'))).code).toBe('LOST');
    expect((await failure(pipe.drained())).code).toBe('LOST');
    expect(pipe.isOpen).toBe(false);
    expect((await failure(pipeTo(`redis://127.0.0.1:${server.port}`))).code).toBe('CONNECT');
    expect(await failure(open(`redis://127.0.0.1:${server.port}`))).toMatchObject({
      code: 'CONNECT',
      isTransient: true,
    });
  });

  it('does not wait for ever', async () => {
    const server = await serverWith();
    const pipe = await pipeTo(`redis://127.0.0.1:${server.port}`, { replyTimeoutMs: 300 });
    await sleep(600);
    expect(await pipe.ask('PING')).toBe('PONG');
    expect(await failure(pipe.ask('BLPOP', 'none', '0'))).toMatchObject({ code: 'TIMEOUT', replies: 0 });
    const silent = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    opened.push(() => void silent.close());
    const url = `redis://127.0.0.1:${port}`;
    expect((await failure(pipeTo(url, { connectTimeoutMs: 200 }))).code).toBe('CONNECT');
    const reason = new Error('enough');
    await expect(pipeTo(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('is refused by what does not speak the protocol', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await freePort();
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    opened.push(() => void web.close());
    expect((await failure(pipeTo(`redis://127.0.0.1:${port}`))).code).toBe('PROTOCOL');
  });
});

it('comes in by a socket and with TLS', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-tls-'));
  opened.push(() => rmSync(dir, { recursive: true, force: true }));
  const [cert, key, socket] = [join(dir, 'cert.pem'), join(dir, 'key.pem'), join(dir, 'redis sock')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...names];
  execFileSync('openssl', ['req', ...made], { stdio: 'ignore' });
  const port = await freePort();
  const tlsArgs = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key];
  const server = await serverWith([...tlsArgs, '--tls-ca-cert-file', cert, '--unixsocket', socket]);

  const byPath = `unix://${socket.replace(' ', '%20')}?db=2`;
  await (await pipeTo(byPath)).ask('SET', 'a', '1');
  expect((await open(byPath)).primaries()[0]?.socketPath).toBe(socket);

  const pem = { ca: readFileSync(cert, 'utf8'), cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  for (const host of ['localhost', '127.0.0.1']) {
    const endpoint = parseEndpoint(`rediss://${host}:${port}/2`, pem);
    const pipe = await Pipe.connect(endpoint);
    expect(await pipe.ask('GET', 'a')).toEqual(ascii('1'));
    const sets = Array.from({ length: 20_000 }, (_, index) => encodeCommand(['SET', `k${index}`, 'v'.repeat(50)]));
    await pipe.send(Buffer.concat(sets), sets.length);
    await pipe.drained();
    await pipe.close();
    expect((await open(`rediss://${host}:${port}`, pem)).kind).toBe('standalone');
  }
  const { ca: _, ...untrusting } = pem;
  const untrusted = parseEndpoint(`rediss://localhost:${port}`, untrusting);
  expect(await failure(Pipe.connect(untrusted))).toMatchObject({ code: 'TLS', isTransient: false });
  expect((await failure(open(`rediss://localhost:${port}`, untrusting))).code).toBe('TLS');
  await (
    await Pipe.connect(parseEndpoint(`rediss://localhost:${port}`, { ...pem, ca: '', rejectUnauthorized: false }))
  ).close();
  // TLS to a plain port, which waits for the rest of a line; plain to a port with TLS.
  const plainPort = parseEndpoint(`rediss://localhost:${server.port}`, pem);
  expect(await failure(Pipe.connect(plainPort, { connectTimeoutMs: 300 }))).toMatchObject({
    code: 'CONNECT',
    message: expect.stringContaining('does it speak TLS?'),
  });
  expect((await failure(pipeTo(`redis://localhost:${port}`))).code).toBe('CONNECT');
});

it('finds the primaries of a cluster', async () => {
  const nodes = await Promise.all(
    [1, 2, 3].map(async () => serverWith(['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())])),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const created = await nodes[0]!.cli('--cluster', 'create', ...addresses, '--cluster-yes');
  expect(created).toContain('All 16384 slots covered');
  await until(async () =>
    String(await nodes[2]!.send('CLUSTER', 'INFO')).includes('cluster_state:ok') ? true : undefined,
  );
  await nodes[1]!.send('CONFIG', 'SET', 'proto-max-bulk-len', '1048576');

  const servers = await open(`redis://${addresses[2]}`);
  expect(servers).toMatchObject({ kind: 'cluster', databases: 1, maxBulkBytes: 1_048_576, role: 'primary' });
  expect(servers.primaries().map(formatAddress).sort()).toEqual([...addresses].sort());
  for (const name of ['a', 'b', '{tag}x', 'foo', 'bar']) {
    const key = ascii(name);
    const slot = keySlot(key, 0, key.length);
    const owner = servers.nodeOfSlot(slot);
    const other = servers.primaries().find((node) => node.port !== owner.port)!;
    const [home, away] = [await Pipe.connect(owner), await Pipe.connect(other)];
    expect(await home.ask('SET', name, '1')).toBe('OK');
    const moved = await failure(away.ask('SET', name, '1'));
    expect(moved).toMatchObject({ code: 'MOVED', redirect: { slot, host: owner.host, port: owner.port } });
    await Promise.all([home.close(), away.close()]);
  }

  const slot = keySlot(ascii('foo'), 0, 3);
  const from = servers.nodeOfSlot(slot);
  const to = nodes.find(({ port }) => port !== from.port)!;
  const id = String(await to.send('CLUSTER', 'MYID'));
  await nodes.find(({ port }) => port === from.port)!.send('DEL', 'foo');
  await to.send('CLUSTER', 'SETSLOT', slot, 'NODE', id);
  for (const node of nodes) if (node !== to) await node.send('CLUSTER', 'SETSLOT', slot, 'NODE', id);
  await servers.refresh();
  expect(servers.nodeOfSlot(slot).port).toBe(to.port);
});

it('refuses a replica, and follows sentinels', async () => {
  const primary = await serverWith();
  const replica = await serverWith(['--replicaof', `127.0.0.1 ${primary.port}`, '--repl-diskless-sync-delay', '0']);
  const url = `redis://127.0.0.1:${replica.port}`;
  await until(async () => (String(await replica.send('INFO')).includes('master_link_status:up') ? true : undefined));
  expect(await failure(open(url))).toMatchObject({ code: 'READONLY', isTransient: false });
  expect(await failure((await pipeTo(url)).ask('SET', 'a', '1'))).toMatchObject({
    code: 'READONLY',
    isTransient: true,
  });
  await replica.send('CONFIG', 'SET', 'replica-read-only', 'no');
  expect((await open(url)).role).toBe('replica');
  await replica.send('CONFIG', 'SET', 'replica-read-only', 'yes');

  const sentinelPort = await startSentinel(primary.port);
  const place = `redis-sentinel://127.0.0.1:1,127.0.0.1:${sentinelPort}/mine`;
  expect((await failure(open(place.replace('mine', 'other')))).code).toBe('SENTINEL');
  const servers = await open(place);
  expect(servers.primaries().map(formatAddress)).toEqual([`127.0.0.1:${primary.port}`]);
  const sentinel = await pipeTo(`redis://127.0.0.1:${sentinelPort}`);
  await until(async () => {
    const replicas = (await sentinel.ask('SENTINEL', 'REPLICAS', 'mine')) as Reply[];
    return replicas.length > 0 ? true : undefined;
  });
  await sleep(1000);
  process.kill(primary.pid, 'SIGKILL');
  await until(async () => {
    await servers.refresh().catch((error: unknown) => expect(error).toMatchObject({ isTransient: true }));
    return servers.primaries()[0]!.port === replica.port ? true : undefined;
  });
  expect(await (await Pipe.connect(servers.primaries()[0]!)).ask('SET', 'a', '1')).toBe('OK');
});

async function startSentinel(primaryPort: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-sentinel-'));
  const port = await freePort();
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `sentinel monitor mine 127.0.0.1 ${primaryPort} 1`,
    'sentinel down-after-milliseconds mine 500',
    'sentinel failover-timeout mine 3000',
  ];
  const conf = join(dir, 'sentinel.conf');
  writeFileSync(conf, `${lines.join('\n')}\n`);
  const child: ChildProcess = spawn(process.env.REDIS_SERVER!, [conf, '--sentinel'], { cwd: dir, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  opened.push(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  await until(async () => {
    const pipe = await Pipe.connect(parseEndpoint(`redis://127.0.0.1:${port}`)).catch(() => undefined);
    await pipe?.close();
    return pipe === undefined ? undefined : true;
  });
  return port;
}
