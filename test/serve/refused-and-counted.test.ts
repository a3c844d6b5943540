/** What a server refuses though it could be run, and what it counts of what was run. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type TestClient, type TestServer } from './commands-server.js';

let test: TestServer;
let client: TestClient;

beforeEach(async () => {
  test = await openServer({ save: '' });
  client = test.connect();
});

afterEach(() => test.site.store.abandon());

describe('what keeps a client from writing', () => {
  it('maxmemory refuses what may take memory, in a transaction as well, and nothing else', async () => {
    await client.send('SET a 1');
    test.config.maxMemoryBytes = 1;
    const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    expect(await client.send('SET a 2', 'GET a', 'DEL none')).toBe(`${oom}$1\r\n1\r\n:0\r\n`);
    expect(await client.send('MULTI', 'GET a', 'EXEC')).toBe('+OK\r\n+QUEUED\r\n*1\r\n$1\r\n1\r\n');
    expect(await client.send('MULTI', 'SET a 2', 'EXEC')).toBe(
      `+OK\r\n${oom}-EXECABORT Transaction discarded because of previous errors.\r\n`,
    );
    test.config.maxMemoryBytes = 0;
    await client.send('MULTI', 'SET a 2');
    test.config.maxMemoryBytes = 1;
    expect(await client.send('EXEC')).toBe(
      "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n",
    );
    test.config.refusesBeyondMemory = false;
    expect(await client.send('SET a 3')).toBe('+OK\r\n');
  });

  it('min-replicas-to-write wants replicas, which there are none of', async () => {
    test.config.wantsReplicas = true;
    expect(await client.send('SET a 1', 'GET a')).toBe('-NOREPLICAS Not enough good replicas to write.\r\n$-1\r\n');
  });
});

describe('what is counted', () => {
  it('keys that were found and missed, by commands that read', async () => {
    await client.send('SET a 1', 'GET a', 'GET none', 'EXISTS a none', 'MULTI', 'GET a', 'EXEC', 'INCR a');
    const { keyspaceHits, keyspaceMisses, commands } = test.server.stats;
    expect([keyspaceHits, keyspaceMisses, commands]).toEqual([3, 2, 8]);
  });

  it('commands by name, those that failed and those that were refused, and errors by their code', async () => {
    await client.send('SET a x', 'INCR a', 'GET', 'NONE', 'MULTI', 'LPUSH a 1', 'EXEC');
    const { calls, errors } = test.server.stats;
    expect(calls.get('incr')).toMatchObject({ calls: 1, failed: 1, rejected: 0 });
    expect(calls.get('exec')).toMatchObject({ calls: 1, failed: 0 });
    expect(calls.get('lpush')).toMatchObject({ calls: 1, failed: 1 });
    expect(Object.fromEntries(errors)).toEqual({ ERR: 3, WRONGTYPE: 1 });
  });

  it('a command that has waited once, when it began, and as slow when it is served', async () => {
    const other = test.connect();
    test.config.slowerThanUsec = 0;
    client.feed('BLPOP l 0');
    expect([test.server.stats.calls.get('blpop')?.calls, test.server.slowlog.entries]).toEqual([1, []]);
    await other.send('RPUSH l x');
    expect(test.server.stats.calls.get('blpop')?.calls).toBe(1);
    expect(test.server.slowlog.entries.map(({ args }) => args.join(' ')).sort()).toEqual(['BLPOP l 0', 'RPUSH l x']);
    expect(await client.take()).toBe('*2\r\n$1\r\nl\r\n$1\r\nx\r\n');
  });
});
