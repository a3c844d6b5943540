/** MIGRATE between servers of ours, over sockets: what goes, what stays, what is logged, and what others see of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import { type Reply, RespClient } from '../support/resp-client.js';
import { RawClient } from '../support/serve-scenario.js';
import { type SocketServer, type SocketServerOptions, startOurs } from '../support/serve-sockets.js';
import { LOG_DIRECTORY } from '../support/store-site.js';
import { startTarget, type Target } from './migrate-target.js';

const LOG = `${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`;
const WITH_LOG = { appendonly: 'yes', appendfsync: 'always', save: '' };

const open: { stop(): Promise<void> }[] = [];
const clients: RespClient[] = [];
let source: SocketServer;
let client: RespClient;
let target: SocketServer;
let there: RespClient;

async function start(options: SocketServerOptions = {}): Promise<SocketServer> {
  const ours = await startOurs({ config: { save: '' }, ...options });
  open.push(ours);
  return ours;
}

async function connect({ port }: { readonly port: number }): Promise<RespClient> {
  const one = await RespClient.connect(port);
  clients.push(one);
  return one;
}

/** A target that a test plays. */
async function play(...args: Parameters<typeof startTarget>): Promise<Target> {
  const played = await startTarget(...args);
  open.push(played);
  return played;
}

function send(to: RespClient, line: string): Promise<Reply> {
  return to.send(...line.split(' ')).then((reply) => (Buffer.isBuffer(reply) ? reply.toString('latin1') : reply));
}

/** The text of the error that comes of it. */
function failure(line: string, from = client): Promise<string> {
  return send(from, line).then(
    (reply) => `no error but ${String(reply)}`,
    (error: Error) => error.message,
  );
}

/** `MIGRATE <ours> …` at the server that is to give. */
function migrate(rest: string, to: { readonly port: number } = target): string {
  return `MIGRATE 127.0.0.1 ${to.port} ${rest}`;
}

function logged({ site }: SocketServer): string[] {
  return site.lines(LOG);
}

async function cachedSockets(from = client): Promise<number> {
  return Number(/migrate_cached_sockets:(\d+)/.exec(String(await send(from, 'INFO stats')))?.[1]);
}

beforeEach(async () => {
  source = await start({ config: WITH_LOG });
  target = await start({ config: WITH_LOG });
  client = await connect(source);
  there = await connect(target);
});

afterEach(async () => {
  for (const one of clients.splice(0)) one.close();
  for (const { server } of [source, target]) server.migrateSockets.close();
  await Promise.all(open.splice(0).map((one) => one.stop()));
  expect([source, target].map(({ warnings }) => warnings)).toEqual([[], []]);
});

/** A key of every type, packed and not. */
async function fill(to: RespClient): Promise<string[]> {
  const many = Array.from({ length: 600 }, (_, index) => `element:${index}`);
  await send(to, 'SET string text');
  await send(to, 'SET integer 12345');
  await to.send(
    'SET',
    'binary',
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  await to.send('SET', Buffer.from([0, 13, 10, 255]), 'odd name');
  await send(to, `RPUSH list ${many.join(' ')}`);
  await send(to, 'RPUSH short a b');
  await send(to, 'SADD integers 1 2 3');
  await send(to, `SADD set ${many.join(' ')}`);
  await send(to, 'HSET hash a 1 b 2');
  await send(to, `HSET table ${many.map((one) => `${one} x`).join(' ')}`);
  await send(to, 'ZADD zset 1.5 a -inf b');
  await send(to, `ZADD skiplist ${many.map((one, index) => `${index} ${one}`).join(' ')}`);
  await send(to, 'XADD stream 1-1 field value');
  await send(to, 'XADD stream 2-1 field value other value');
  await send(to, 'XGROUP CREATE stream group 0');
  await send(to, 'XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >');
  await send(to, 'PFADD log a b c');
  await to.send('SET', 'large', Buffer.alloc(3_000_000, 'abcdefg'));
  return ((await to.send('KEYS', '*')) as Buffer[]).map((key) => key.toString('latin1'));
}

describe('keys', () => {
  it('of all types arrive as they were, and go here', async () => {
    const keys = await fill(client);
    expect(keys.length).toBe(15);
    await send(client, 'PEXPIRE hash 100000');
    const before = digestEngine(source.server.backend.engine);
    const dumps = await Promise.all(keys.map((key) => client.send('DUMP', Buffer.from(key, 'latin1'))));
    const names = keys.map((key) => Buffer.from(key, 'latin1'));
    const rest = ['', 0, 5000, 'KEYS', ...names] as const;
    expect(await client.send('MIGRATE', '127.0.0.1', target.port, ...rest)).toBe('OK');
    expect(await send(client, 'DBSIZE')).toBe(0);
    expect(await send(there, 'DBSIZE')).toBe(keys.length);
    expect(digestEngine(target.server.backend.engine)).toEqual(before);
    expect(await Promise.all(names.map((name) => there.send('DUMP', name)))).toEqual(dumps);
    expect(await send(there, 'PTTL hash')).toBeLessThanOrEqual(100_000);
    expect(await send(there, 'PTTL hash')).toBeGreaterThan(90_000);
    expect(await send(there, 'PTTL string')).toBe(-1);
  });

  it('may be copied, and put in the place of others', async () => {
    await send(client, 'SET k 1');
    await send(there, 'SELECT 9');
    await send(there, 'SET k 2');
    const busy = 'ERR Target instance replied with error: BUSYKEY Target key name already exists.';
    expect(await failure(migrate('k 9 1000 COPY'))).toBe(busy);
    expect(await failure(migrate('k 9 1000'))).toBe(busy);
    expect(await send(there, 'GET k')).toBe('2');
    expect(await send(client, migrate('k 9 1000 copy replace'))).toBe('OK');
    expect([await send(client, 'GET k'), await send(there, 'GET k')]).toEqual(['1', '1']);
    await send(there, 'SET k 2');
    expect(await send(client, migrate('k 9 1000 REPLACE'))).toBe('OK');
    expect([await send(client, 'GET k'), await send(there, 'GET k')]).toEqual([null, '1']);
  });

  it('that are not there are passed over', async () => {
    await send(client, 'MSET a 1 b 2');
    expect(await send(client, migrate('none 0 1000'))).toBe('NOKEY');
    expect(await send(client, migrate(' 0 1000 KEYS none nobody'))).toBe('NOKEY');
    expect(await send(client, migrate(' 0 1000 KEYS'))).toBe('NOKEY');
    expect(await send(client, migrate(' 0 1000 KEYS none a nobody b none'))).toBe('OK');
    expect([await send(client, 'DBSIZE'), await send(there, 'DBSIZE')]).toEqual([0, 2]);
    await send(client, 'SET c 1 PX 1');
    await sleep(5);
    expect(await send(client, migrate('c 0 1000'))).toBe('NOKEY');
  });

  it('go from the database that is selected, to the one that is named, one after the other', async () => {
    await send(client, 'SELECT 3');
    for (const [key, db] of [
      ['a', 2],
      ['b', 2],
      ['c', 5],
      ['d', 2],
    ]) {
      await send(client, `SET ${key} 1`);
      expect(await send(client, migrate(`${key} ${db} 1000`))).toBe('OK');
    }
    expect(await send(there, 'INFO keyspace')).toMatch(/db2:keys=3,.*\r\ndb5:keys=1,/s);
    expect(await cachedSockets()).toBe(1);
    expect(logged(source).slice(0, 3)).toEqual(['SELECT 3', 'SET a 1', 'DEL a']);
  });

  it('that others watch or listen to are changed', async () => {
    const listener = await RawClient.connect(source.port);
    await send(client, 'CONFIG SET notify-keyspace-events KEA');
    await listener.ask('PSUBSCRIBE __key*');
    const watcher = await connect(source);
    await send(client, 'MSET a 1 b 2');
    await send(watcher, 'WATCH a');
    listener.take();
    expect(await send(client, migrate(' 0 1000 KEYS a b'))).toBe('OK');
    await send(watcher, 'MULTI');
    expect(await send(watcher, 'EXEC')).toBeNull();
    expect(listener.take().match(/__:\S+\r\n\$\d+\r\n\S+/g)).toEqual([
      '__:a\r\n$3\r\ndel',
      '__:del\r\n$1\r\na',
      '__:b\r\n$3\r\ndel',
      '__:del\r\n$1\r\nb',
    ]);
    listener.close();
  });
});

describe('the log', () => {
  it('has the deletion of what was acknowledged, which is counted', async () => {
    await send(client, 'MSET a 1 b 2 c 3 d 4');
    await send(there, 'MSET b _ c _');
    const changes = (): number => source.site.store.status.changesSinceLastSave;
    const before = changes();
    expect(await failure(migrate(' 0 1000 KEYS a b c d'))).toMatch(/^ERR Target instance replied with error: BUSYKEY/);
    expect(changes()).toBe(before + 2);
    expect(await send(client, 'KEYS *').then((keys) => (keys as Buffer[]).map(String).sort())).toEqual(['b', 'c']);
    expect(logged(source)).toEqual(['SELECT 0', 'MSET a 1 b 2 c 3 d 4', 'DEL a d']);
    expect(await send(client, migrate(' 0 1000 COPY REPLACE KEYS b c'))).toBe('OK');
    expect(logged(source).length).toBe(3);
  });

  it('says what it has cost, once', async () => {
    await send(client, 'CONFIG SET slowlog-log-slower-than 0');
    await send(client, 'SET a 1');
    await send(client, 'SLOWLOG RESET');
    expect(await failure(migrate('a 0 1000 AUTH secret'))).toMatch(/^ERR Target instance replied with error: ERR AUTH/);
    await send(client, 'CONFIG SET slowlog-log-slower-than -1');
    const entries = (await client.send('SLOWLOG', 'GET')) as [number, number, number, Buffer[]][];
    expect(entries.map(([, , , words]) => words.join(' ')).reverse()).toEqual([
      'SLOWLOG RESET',
      `MIGRATE 127.0.0.1 ${target.port} a 0 1000 AUTH (redacted)`,
    ]);
    expect(await send(client, 'INFO commandstats')).toMatch(
      /cmdstat_migrate:calls=1,.*,rejected_calls=0,failed_calls=1/,
    );
  });
});

describe('arguments', () => {
  const NUMBER = 'ERR value is not an integer or out of range';
  it.each([
    ['k 0 1000 WHAT', 'ERR syntax error'],
    ['k 0 1000 AUTH', 'ERR syntax error'],
    ['k 0 1000 AUTH2 user', 'ERR syntax error'],
    ['k x 1000', NUMBER],
    ['k 0 x', NUMBER],
    ['k 0 1.5', NUMBER],
    ['k x 1000 WHAT', 'ERR syntax error'],
    ['k 0 1000 KEYS a', 'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string'],
    ['k 0', "ERR wrong number of arguments for 'migrate' command"],
    ['k 16 1000', 'ERR Target instance replied with error: ERR DB index is out of range'],
    ['k -1 1000', 'ERR Target instance replied with error: ERR DB index is out of range'],
    ['k 0 1000 AUTH2 other secret', /^ERR Target instance replied with error: WRONGPASS /],
  ])('%s', async (rest, error) => {
    await send(client, 'SET k 1');
    expect(await failure(migrate(rest))).toMatch(error);
    expect(await send(client, 'GET k')).toBe('1');
    // No key in another database than the one that was meant.
    expect(await send(there, 'DBSIZE')).toBe(0);
  });

  it('a time of 0 is a second', async () => {
    await send(client, 'SET k 1');
    expect(await send(client, migrate('k 0 0'))).toBe('OK');
    await send(client, 'SET k 1');
    expect(await send(client, migrate('k 0 99999999999 REPLACE'))).toBe('OK');
  });

  it.each([
    ['127.0.0.1 1', 'writing to target instance'],
    ['127.0.0.1 port', 'writing to target instance'],
    ['127.0.0.1 65536', 'connecting to the client'],
    ['127.0.0.1 -1', 'connecting to the client'],
    [' 6379', 'connecting to the client'],
    ['no.such.host.invalid 6379', 'connecting to the client'],
    ['no\0host 6379', 'connecting to the client'],
  ])('nobody at %s', async (address, what) => {
    await send(client, 'SET k 1');
    expect(await failure(`MIGRATE ${address} k 0 1000`)).toBe(`IOERR error or timeout ${what}`);
    expect(await send(client, 'GET k')).toBe('1');
    expect(await cachedSockets()).toBe(0);
  });

  it('a password', async () => {
    await send(there, 'CONFIG SET requirepass secret');
    await send(client, 'SET k 1');
    const refused = 'ERR Target instance replied with error:';
    expect(await failure(migrate('k 0 1000'))).toBe(`${refused} NOAUTH Authentication required.`);
    expect(await failure(migrate('k 0 1000 AUTH wrong'))).toContain(`${refused} WRONGPASS`);
    expect(await send(client, migrate('k 0 1000 COPY AUTH secret'))).toBe('OK');
    expect(await send(client, migrate('k 0 1000 REPLACE AUTH2 default secret'))).toBe('OK');
    await send(there, 'AUTH secret');
    expect(await send(there, 'GET k')).toBe('1');
    // Logged in once, it stays so.
    await send(client, 'SET k 2');
    expect(await send(client, migrate('k 0 1000 REPLACE'))).toBe('OK');
  });
});

describe('meanwhile', () => {
  it('others wait, and what was sent behind it', async () => {
    const played = await play(() => undefined);
    await send(client, 'SET k 1');
    const other = await RawClient.connect(source.port);
    const own = await RawClient.connect(source.port);
    own.write(`MIGRATE 127.0.0.1 ${played.port} k 0 5000\r\nGET k\r\nPING\r\n`);
    await until(() => played.received[0]?.includes('SELECT') === true);
    other.send('GET k');
    await sleep(30);
    expect([own.take(), other.take()]).toEqual(['', '']);
    played.sockets[0]!.write('+OK\r\n');
    await until(() => played.received[0]!.includes('RESTORE'));
    played.sockets[0]!.write('+OK\r\n');
    await other.anything();
    expect(other.take()).toBe('$-1\r\n');
    await own.until(() => own.received.includes('PONG'));
    expect(own.take()).toBe('+OK\r\n$-1\r\n+PONG\r\n');
    for (const one of [other, own]) one.close();
  });

  it('the client may go', async () => {
    const played = await play(() => undefined);
    await send(client, 'SET k 1');
    const own = await RawClient.connect(source.port);
    own.write(`MIGRATE 127.0.0.1 ${played.port} k 0 5000\r\n`);
    await until(() => played.received[0]?.includes('SELECT') === true);
    own.close();
    await sleep(10);
    played.sockets[0]!.write('+OK\r\n+OK\r\n');
    expect(await send(client, 'EXISTS k')).toBe(0);
  });

  it('the server may end', async () => {
    const played = await play(() => undefined);
    await send(client, 'SET k 1');
    const reply = failure(migrate('k 0 60000', played));
    await until(() => played.received[0]?.includes('SELECT') === true);
    source.server.end();
    expect(await reply).toMatch(/^IOERR|closed the connection/);
    await until(() => !source.server.isHeld);
    expect(source.server.backend.engine.database(0).has('k')).toBe(true);
    expect(played.sockets.length).toBe(1);
  });

  it('a server that is its own target is too late for itself, and goes on', async () => {
    await send(client, 'SET k 1');
    const begun = performance.now();
    expect(await failure(migrate('k 9 100', source))).toBe('IOERR error or timeout reading to target instance');
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await send(client, 'GET k')).toBe('1');
  });

  it('two servers that give each other a key are both too late', async () => {
    await send(client, 'SET a 1');
    await send(there, 'SET b 1');
    const late = 'IOERR error or timeout reading to target instance';
    const both = [failure(migrate('a 0 100')), failure(migrate('b 0 100', source), there)];
    const replies = await Promise.all(both);
    for (const reply of replies) expect(['no error but OK', late]).toContain(reply);
    expect(await send(client, 'PING')).toBe('PONG');
    expect(await send(there, 'PING')).toBe('PONG');
  });
});

it('is not taken into a transaction, which is not run then', async () => {
  await send(client, 'SET k 1');
  await send(client, 'MULTI');
  expect(await failure(migrate('k 0 1000'))).toBe('ERR MIGRATE is not allowed inside a transaction here');
  expect(await send(client, 'DEL k')).toBe('QUEUED');
  expect(await failure('EXEC')).toBe('EXECABORT Transaction discarded because of previous errors.');
  expect(await send(client, 'GET k')).toBe('1');
});

it('a connection that the other side has closed is made anew', async () => {
  await send(client, 'SET k 1');
  expect(await send(client, migrate('k 0 1000'))).toBe('OK');
  expect(await cachedSockets()).toBe(1);
  await send(there, 'CLIENT KILL TYPE normal SKIPME yes');
  await send(client, 'SET k 2');
  expect(await send(client, migrate('k 0 1000 REPLACE'))).toBe('OK');
  expect(await send(there, 'GET k')).toBe('2');
});

it('where the log is lost nobody is told that the key has gone', async () => {
  await send(client, 'SET k 1');
  source.site.files.refuse = (step) => step.startsWith('write') || step.startsWith('append');
  expect(await failure(migrate('k 0 1000'))).toBe('the server closed the connection');
  expect(logged(source)).toEqual(['SELECT 0', 'SET k 1']);
  expect(await send(there, 'GET k')).toBe('1');
});

async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; !isSo(); round++) {
    if (round > 5000) throw new Error('it has not come to that');
    await sleep(2);
  }
}
