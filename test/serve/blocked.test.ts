/** Clients that wait, without sockets. What a real server makes of such scenes is compared in test/live/serve-protocol.test.ts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openServer, type TestServer } from './commands-server.js';

const ONE = '*2\r\n$1\r\nk\r\n$1\r\n1\r\n';

async function started(target = 'redis:7.0'): Promise<TestServer> {
  return await openServer({ target });
}

describe('a wait', () => {
  it('ends in the order in which clients came, and the commands behind it are run then', async () => {
    const { connect, server } = await started();
    const [first, second, other] = [connect(), connect(), connect()];
    first.feed('BLPOP k 0', 'PING');
    second.feed('BLPOP k 0');
    expect(server.blocked.size).toBe(2);
    expect(await other.send('RPUSH k 1')).toBe(':1\r\n');
    expect(await first.take()).toBe(`${ONE}+PONG\r\n`);
    expect(await second.take()).toBe('');
    expect(await other.send('RPUSH k 2')).toBe(':1\r\n');
    expect(await second.take()).toBe(ONE.replace('1\r\n1', '1\r\n2').replace(/1\r\n$/, '2\r\n'));
    expect(server.blocked.size).toBe(0);
  });

  it('is over before the next command of whoever ended it', async () => {
    const { connect } = await started();
    const [waiting, other] = [connect(), connect()];
    waiting.feed('BLPOP k 0');
    expect(await other.send('RPUSH k 1', 'LLEN k', 'LPOP k')).toBe(':1\r\n:0\r\n$-1\r\n');
    expect(await waiting.take()).toBe(ONE);
  });

  it('counts as a change, and stands in the log as what was done', async () => {
    const { connect, site } = await openServer({ target: 'redis:7.0', appendonly: true });
    const [waiting, other] = [connect(), connect()];
    waiting.feed('BLMOVE a b LEFT RIGHT 0');
    await other.send('RPUSH a x');
    expect(site.lines('d/appendonlydir/appendonly.aof.1.incr.aof')).toEqual([
      'SELECT 0',
      'RPUSH a x',
      'LMOVE a b LEFT RIGHT',
    ]);
    expect(site.store.status.changesSinceLastSave).toBe(2);
  });

  it('ends for nobody who has gone, and leaves nothing behind', async () => {
    const { connect, server } = await started();
    const [gone, other] = [connect(), connect()];
    gone.feed('BLPOP k l 0');
    gone.connection.close();
    expect(server.blocked.size).toBe(0);
    expect((server.blocked as unknown as { waiting: Map<string, unknown> }).waiting.size).toBe(0);
    expect(await other.send('RPUSH k 1', 'LLEN k')).toBe(':1\r\n:1\r\n');
  });

  it('ends where a stream has expired by itself', async () => {
    const { connect, site } = await started();
    const [waiting, other] = [connect(), connect()];
    await other.send('XGROUP CREATE s g $ MKSTREAM', 'PEXPIRE s 10');
    waiting.feed('XREADGROUP GROUP g me BLOCK 0 STREAMS s >');
    site.nowMs += 11;
    site.store.cron();
    expect(await waiting.take()).toBe('-UNBLOCKED the stream key no longer exists\r\n');
  });

  it('goes on while nothing may be run', async () => {
    const { connect, server, site } = await started();
    const [waiting, other] = [connect(), connect()];
    await other.send('XGROUP CREATE s g $ MKSTREAM', 'PEXPIRE s 10');
    waiting.feed('XREADGROUP GROUP g me BLOCK 0 STREAMS s >');
    let letGo: () => void = () => {};
    server.hold(new Promise((resolve) => (letGo = resolve)));
    site.nowMs += 11;
    site.store.cron();
    expect(await waiting.take()).toBe('');
    other.feed('PING');
    expect(await other.take()).toBe('');
    letGo();
    expect(await other.take()).toBe('+PONG\r\n');
    expect(await waiting.take()).toBe('-UNBLOCKED the stream key no longer exists\r\n');
  });

  it('that fails by a mistake of ours is answered, and whoever brought the key does not notice', async () => {
    const { connect } = await started();
    const [waiting, other] = [connect(), connect()];
    waiting.feed('BLPOP k 0', 'PING');
    vi.spyOn(waiting.connection.session.runner, 'execute').mockImplementationOnce(() => {
      throw new TypeError('a mistake');
    });
    expect(await other.send('RPUSH k 1', 'LLEN k')).toBe(':1\r\n:1\r\n');
    expect(await waiting.take()).toBe('-ERR internal error\r\n+PONG\r\n');
  });
});

describe('servers from 7.2 on', () => {
  it('run the command again, whichever key has come', async () => {
    const { connect } = await started('redis:7.2');
    const [waiting, other] = [connect(), connect()];
    waiting.feed('BLPOP one two 0');
    await other.send('MULTI', 'RPUSH two b', 'RPUSH one a', 'EXEC');
    expect(await waiting.take()).toBe('*2\r\n$3\r\none\r\n$1\r\na\r\n');
  });

  it('say of a group that is gone what they always say', async () => {
    const { connect } = await started('redis:7.2');
    const [waiting, other] = [connect(), connect()];
    await other.send('XGROUP CREATE s g $ MKSTREAM');
    waiting.feed('XREADGROUP GROUP g me BLOCK 0 STREAMS s >');
    await other.send('SET s text');
    expect(await waiting.take()).toMatch(/^-WRONGTYPE /);
    await other.send('DEL s', 'XGROUP CREATE s g $ MKSTREAM');
    waiting.feed('XREADGROUP GROUP g me BLOCK 0 STREAMS s >');
    await other.send('DEL s');
    expect(await waiting.take()).toMatch(/^-NOGROUP No such key 's' or consumer group 'g'/);
  });
});

describe('the time of a wait', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('ends it with nil, and not before', async () => {
    const { connect } = await started();
    const client = connect();
    client.feed('BLPOP k 1.5', 'PING');
    vi.advanceTimersByTime(1499);
    expect(await client.take()).toBe('');
    vi.advanceTimersByTime(1);
    expect(await client.take()).toBe('*-1\r\n+PONG\r\n');
  });

  it('may be longer than a timer of the machine', async () => {
    const { connect, server } = await started();
    const client = connect();
    client.feed('BLPOP k 3000000');
    vi.advanceTimersByTime(2_999_999_999);
    expect(server.blocked.size).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await client.take()).toBe('*-1\r\n');
  });

  it('is over when the client has been served', async () => {
    const { connect } = await started();
    const [client, other] = [connect(), connect()];
    client.feed('BLPOP k 1');
    await other.send('RPUSH k 1');
    expect(await client.take()).toBe(ONE);
    expect(vi.getTimerCount()).toBe(0);
  });
});
