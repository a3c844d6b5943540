/** What commands of a server do to its clients: between clients, in time, and where a real server is not asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCommand } from '../../src/aof/command-table.js';
import { isMonitored, isTimed, withoutSecrets } from '../../src/serve/told-commands.js';
import { openServer, type TestClient, type TestServer } from './commands-server.js';

let test: TestServer;
let client: TestClient;

beforeEach(async () => {
  test = await openServer({ save: '' });
  client = test.connect();
});

afterEach(() => test.site.store.abandon());

describe('a password', () => {
  beforeEach(() => {
    test.config.password = 'secret';
    client = test.connect();
  });

  it('is asked for, and let in with', async () => {
    expect(await client.send('GET a')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await client.send('HELLO 3')).toMatch(/^-NOAUTH HELLO must be called with the client already authenticated/);
    expect(await client.send('AUTH wrong')).toBe('-WRONGPASS invalid username-password pair or user is disabled.\r\n');
    expect(await client.send('AUTH other secret')).toMatch(/^-WRONGPASS/);
    expect(await client.send('GET a')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await client.send('AUTH secret', 'GET a')).toBe('+OK\r\n$-1\r\n');
  });

  it('may come with HELLO, which changes nothing where it is wrong', async () => {
    expect(await client.send('HELLO 3 AUTH default wrong SETNAME me')).toMatch(/^-WRONGPASS/);
    expect(client.connection.writer.protocol).toBe(2);
    expect(await client.send('HELLO 3 AUTH default secret SETNAME me')).toMatch(/^%7\r\n/);
    expect(await client.send('CLIENT GETNAME')).toBe('$2\r\nme\r\n');
  });

  it('is needed again after RESET', async () => {
    expect(await client.send('AUTH default secret', 'RESET', 'GET a')).toBe(
      '+OK\r\n+RESET\r\n-NOAUTH Authentication required.\r\n',
    );
  });

  it('is shown by its hash only, and refusals are kept', async () => {
    await client.send('AUTH bob x', 'AUTH bob y', 'AUTH secret');
    const hash = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
    expect(await client.send('ACL LIST')).toContain(`user default on #${hash} ~* &* +@all`);
    const log = await client.send('ACL LOG');
    expect(log).toMatch(/^\*1\r\n\*14\r\n\$5\r\ncount\r\n:2\r\n\$6\r\nreason\r\n\$4\r\nauth\r\n/);
    expect(log).toContain('$3\r\nbob\r\n');
    expect(await client.send('ACL LOG RESET', 'ACL LOG')).toBe('+OK\r\n*0\r\n');
  });

  it('is not changed by ACL SETUSER', async () => {
    await client.send('AUTH secret');
    expect(await client.send('ACL SETUSER default nopass')).toMatch(/^-ERR Error in ACL SETUSER modifier 'nopass': /);
    expect(await client.send('ACL SETUSER default >other')).toMatch(/^-ERR Error in ACL SETUSER modifier '>other': /);
    expect(await client.send('ACL SETUSER bob on')).toMatch(/^-ERR this server has no other user/);
  });
});

describe('RESET', () => {
  it('lets go of everything that a client has asked for', async () => {
    await client.send('HELLO 3', 'SELECT 5', 'CLIENT SETNAME me', 'SUBSCRIBE a', 'PSUBSCRIBE b', 'WATCH k', 'MONITOR');
    expect(await client.send('RESET')).toBe('+RESET\r\n');
    const { connection } = client;
    expect([connection.writer.protocol, connection.name, connection.subscriptions, connection.isMonitor]).toEqual([
      2,
      '',
      0,
      false,
    ]);
    expect(connection.session.runner.db.index).toBe(0);
    const other = test.connect();
    expect(await other.send('PUBLISH a x', 'SET k 1')).toBe(':0\r\n+OK\r\n');
    expect(await client.send('MULTI', 'EXEC')).toBe('+OK\r\n*0\r\n');
  });
});

describe('clients', () => {
  it('are listed, each on its line', async () => {
    const other = test.connect();
    await other.send('SELECT 3', 'SUBSCRIBE a b', 'PSUBSCRIBE c');
    test.site.nowMs += 12_000;
    const list = await client.send('CLIENT LIST');
    const [first, second] = list.split('\n').slice(1);
    expect(first).toMatch(/^id=1 addr=127\.0\.0\.1:50001 .* idle=0 flags=N db=0 .* cmd=client\|list user=default /);
    expect(second).toMatch(/^id=2 .* age=12 idle=12 flags=P db=3 sub=2 psub=1 ssub=0 .* cmd=psubscribe /);
    expect(await client.send('CLIENT LIST TYPE pubsub')).toContain('id=2 ');
    expect(await client.send('CLIENT LIST TYPE normal')).not.toContain('id=2 ');
    expect(await client.send('CLIENT LIST ID 2 1 7')).toMatch(/\nid=2 .*\nid=1 /);
  });

  it('are flagged by what they do', async () => {
    const transaction = test.connect();
    const blocked = test.connect();
    const monitor = test.connect();
    await transaction.send('MULTI');
    await blocked.send('BLPOP l 0');
    await monitor.send('MONITOR');
    await client.send('CLIENT NO-EVICT ON');
    const flags = [...(await client.send('CLIENT LIST')).matchAll(/ flags=(\S+)/g)].map(([, letters]) => letters);
    expect(flags).toEqual(['e', 'x', 'b', 'O']);
  });

  it('are ended by address and by number; itself after the reply', async () => {
    const [first, second, third] = [test.connect(), test.connect(), test.connect()];
    expect(await client.send(`CLIENT KILL ${first.address}`)).toBe('+OK\r\n');
    expect(await client.send('CLIENT KILL ID 3')).toBe(':1\r\n');
    expect([first.isEnded, second.isEnded, third.isEnded]).toEqual([true, true, false]);
    expect(await client.send('CLIENT KILL ADDR 127.0.0.1:50004 TYPE pubsub')).toBe(':0\r\n');
    expect(await client.send('CLIENT KILL TYPE normal')).toBe(':1\r\n');
    expect([third.isEnded, client.isEnded]).toEqual([true, false]);
    expect(await client.send('CLIENT KILL TYPE normal SKIPME no')).toBe(':1\r\n');
    expect(client.isEnded).toBe(true);
    expect(test.server.clients.size).toBe(0);
  });

  it('are woken from waiting', async () => {
    const other = test.connect();
    await other.send('BLPOP l 0');
    expect(await client.send('CLIENT UNBLOCK 2')).toBe(':1\r\n');
    expect(await other.take()).toBe('*-1\r\n');
    await other.send('BLPOP l 0');
    expect(await client.send('CLIENT UNBLOCK 2 ERROR', 'CLIENT UNBLOCK 2')).toBe(':1\r\n:0\r\n');
    expect(await other.take()).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n');
    await other.send('WAIT 1 0');
    expect(await client.send('CLIENT UNBLOCK 2')).toBe(':1\r\n');
    expect(await other.take()).toBe(':0\r\n');
  });

  it('say what library they are where the server asks for it', async () => {
    const newer = await openServer({ save: '', target: 'redis:7.2' });
    const own = newer.connect();
    expect(await own.send('CLIENT SETINFO LIB-NAME mine', 'CLIENT SETINFO LIB-VER 1.2')).toBe('+OK\r\n+OK\r\n');
    expect(await own.send('CLIENT INFO')).toContain(' lib-name=mine lib-ver=1.2\n');
    expect(await own.send('CLIENT SETINFO lib-name "a b"')).toBe(
      '-ERR lib-name cannot contain spaces, newlines or special characters.\r\n',
    );
    newer.site.store.abandon();
  });
});

describe('CLIENT PAUSE', () => {
  it('puts off what writes, in the order in which it came', async () => {
    const pause = test.server.pause;
    expect(await client.send('CLIENT PAUSE 100000 WRITE')).toBe('+OK\r\n');
    const [first, second] = [test.connect(), test.connect()];
    expect(pause.postpones(first.connection, ['GET', 'a'])).toBe(false);
    expect(pause.postpones(first.connection, ['APPEND', 'a', '1'])).toBe(true);
    expect(pause.postpones(second.connection, ['APPEND', 'a', '2'])).toBe(true);
    first.feed('GET a');
    expect(await first.take()).toBe('');
    expect(await client.send('CLIENT UNPAUSE')).toBe('+OK\r\n');
    expect(await first.take()).toBe(':1\r\n$1\r\n1\r\n');
    expect(await second.take()).toBe(':2\r\n');
    expect(pause.postpones(first.connection, ['APPEND', 'a', '1'])).toBe(false);
  });

  it('puts off everything where nothing is said, until its end', async () => {
    const pause = test.server.pause;
    await client.send('CLIENT PAUSE 1');
    const other = test.connect();
    expect(pause.postpones(other.connection, ['PING'])).toBe(true);
    expect(await other.next()).toBe('+PONG\r\n');
  });

  it('puts a transaction off at its EXEC', async () => {
    const pause = test.server.pause;
    await client.send('MULTI', 'SET a 1');
    const other = test.connect();
    await other.send('CLIENT PAUSE 100000 WRITE');
    expect(pause.postpones(client.connection, ['SET', 'b', '1'])).toBe(false);
    expect(pause.postpones(client.connection, ['EXEC'])).toBe(true);
    await other.send('CLIENT UNPAUSE');
    expect(await client.take()).toBe('*1\r\n+OK\r\n');
  });
});

describe('messages', () => {
  it('reach channels, patterns and shards', async () => {
    const listener = test.connect();
    await listener.send('SUBSCRIBE news', 'PSUBSCRIBE n*', 'SSUBSCRIBE news');
    expect(await client.send('PUBLISH news hi', 'SPUBLISH news ho', 'PUBLISH old x')).toBe(':2\r\n:1\r\n:0\r\n');
    expect(await listener.take()).toBe(
      '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n' +
        '*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$2\r\nhi\r\n' +
        '*3\r\n$8\r\nsmessage\r\n$4\r\nnews\r\n$2\r\nho\r\n',
    );
  });

  it('are listened to from within a transaction: its array of replies stays whole', async () => {
    await client.send('MULTI', 'SUBSCRIBE a b', 'PING');
    expect(await client.send('EXEC')).toBe(
      '*2\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n' +
        '*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n',
    );
  });

  it('are for nobody who has gone', async () => {
    const listener = test.connect();
    await listener.send('SUBSCRIBE a');
    listener.connection.gone();
    expect(await client.send('PUBLISH a x', 'PUBSUB CHANNELS')).toBe(':0\r\n*0\r\n');
  });
});

describe('watching the server', () => {
  it('MONITOR shows commands of a transaction when they are run', async () => {
    const monitor = test.connect();
    await monitor.send('MONITOR');
    await client.send('MULTI', 'SET a 1', 'DISCARD', 'MULTI', 'GET a', 'EXEC');
    const shown = (await monitor.take()).match(/"[A-Z]+"/g);
    expect(shown).toEqual(['"MULTI"', '"DISCARD"', '"MULTI"', '"GET"', '"EXEC"']);
  });

  it('MONITOR shows what others do', async () => {
    const monitor = test.connect();
    await monitor.send('MONITOR');
    await client.send('SET a "x y"', 'AUTH secret');
    expect(await monitor.take()).toBe(
      '+1700000000.000000 [0 127.0.0.1:50001] "SET" "a" "x y"\r\n' +
        '+1700000000.000000 [0 127.0.0.1:50001] "AUTH" "(redacted)"\r\n',
    );
  });

  it('SLOWLOG keeps what is slower than the limit, the latest first', async () => {
    test.config.slowerThanUsec = 0;
    await client.send('CLIENT SETNAME me', 'SET a 1', `SET b ${'x'.repeat(200)}`);
    test.config.slowerThanUsec = -1;
    const log = await client.send('SLOWLOG GET 2');
    expect(log).toMatch(/^\*2\r\n\*6\r\n:2\r\n:1700000000\r\n:\d+\r\n\*3\r\n\$3\r\nSET\r\n\$1\r\nb\r\n/);
    expect(log).toContain(`${'x'.repeat(128)}... (72 more bytes)`);
    expect(log).toContain('$15\r\n127.0.0.1:50001\r\n$2\r\nme\r\n');
    expect(await client.send('SLOWLOG LEN', 'SLOWLOG RESET', 'SLOWLOG LEN')).toBe(':3\r\n+OK\r\n:0\r\n');
  });

  it('LATENCY tells of what took longer than the threshold', async () => {
    const latency = test.server.latency;
    latency.ran('get', 5000, true);
    expect(await client.send('LATENCY LATEST')).toBe('*0\r\n');
    test.config.latencyThresholdMs = 10;
    latency.ran('debug', 20_000, false);
    latency.ran('debug', 9_000, false);
    latency.ran('debug', 15_000, false);
    test.site.nowMs += 1000;
    latency.ran('debug', 12_000, false);
    expect(await client.send('LATENCY LATEST')).toBe('*1\r\n*4\r\n$7\r\ncommand\r\n:1700000001\r\n:12\r\n:20\r\n');
    expect(await client.send('LATENCY HISTORY command')).toBe(
      '*2\r\n*2\r\n:1700000000\r\n:20\r\n*2\r\n:1700000001\r\n:12\r\n',
    );
    expect(await client.send('LATENCY GRAPH command')).toContain('command - high 20 ms, low 12 ms');
    expect(await client.send('LATENCY DOCTOR')).toContain('command: 2 times, 16 ms on average, 20 ms at most');
    expect(await client.send('LATENCY HISTOGRAM get debug')).toBe(
      '*4\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:8192\r\n:1\r\n' +
        '$5\r\ndebug\r\n*4\r\n$5\r\ncalls\r\n:4\r\n$14\r\nhistogram_usec\r\n*4\r\n:16384\r\n:3\r\n:32768\r\n:4\r\n',
    );
    expect(await client.send('LATENCY RESET command', 'LATENCY LATEST')).toBe(':1\r\n*0\r\n');
  });
});

describe('DEBUG', () => {
  it('SLEEP answers at its end, and nobody is answered before', async () => {
    const other = test.connect();
    const before = performance.now();
    client.feed('DEBUG SLEEP 0.02', 'PING');
    other.feed('PING');
    expect(performance.now() - before).toBeGreaterThan(15);
    expect(await client.take()).toBe('+OK\r\n+PONG\r\n');
    expect(await other.take()).toBe('+PONG\r\n');
  });

  it('RELOAD reads the dump that it writes, or the one that is there', async () => {
    await client.send('SET a 1');
    expect((await client.send('DEBUG RELOAD')) || (await client.next())).toBe('+OK\r\n');
    await client.send('SET a 2', 'SET b 2');
    expect((await client.send('DEBUG RELOAD NOSAVE NOFLUSH')) || (await client.next())).toBe('+OK\r\n');
    expect(await client.send('MGET a b')).toBe('*2\r\n$1\r\n1\r\n$1\r\n2\r\n');
    expect((await client.send('DEBUG RELOAD NOSAVE')) || (await client.next())).toBe('+OK\r\n');
    expect(await client.send('MGET a b')).toBe('*2\r\n$1\r\n1\r\n$-1\r\n');
  });

  it('RELOAD says where there is nothing to be read', async () => {
    test.site.files.nodes.set('d/dump.rdb', Buffer.from('REDIS00'));
    client.feed('DEBUG RELOAD NOSAVE', 'PING');
    expect(await client.next()).toBe('-ERR Error trying to load the RDB dump\r\n+PONG\r\n');
    expect(test.warnings).toEqual(['ERR Error trying to load the RDB dump']);
  });

  it('LOADAOF reads the log again', async () => {
    const logged = await openServer({ save: '', appendonly: true });
    const own = logged.connect();
    await own.send('SET a 1', 'INCR a');
    expect((await own.send('DEBUG LOADAOF')) || (await own.next())).toBe('+OK\r\n');
    expect(await own.send('GET a')).toBe('$1\r\n2\r\n');
    logged.site.store.abandon();
  });

  it('SET-ACTIVE-EXPIRE leaves expired keys until somebody looks', async () => {
    await client.send('DEBUG SET-ACTIVE-EXPIRE 0', 'SET a 1 PX 10');
    test.site.nowMs += 1000;
    test.site.store.cron();
    expect(await client.send('DBSIZE', 'DEBUG SET-ACTIVE-EXPIRE 1')).toBe(':1\r\n+OK\r\n');
    test.site.store.cron();
    expect(await client.send('DBSIZE')).toBe(':0\r\n');
  });

  it('HTSTATS has the form that tests of servers look for', async () => {
    await client.send('SADD s a b c', 'SET e 1 EX 100');
    expect(await client.send('DEBUG HTSTATS-KEY s')).toContain(
      'Hash table 0 stats (main hash table):\n table size: 4\n number of elements: 3\n',
    );
    expect(await client.send('DEBUG HTSTATS 0')).toMatch(
      /\[Dictionary HT\]\n.*\n table size: 4\n number of elements: 2\n[^[]*\[Expires HT\]\n.*\n table size: 4\n number of elements: 1\n/,
    );
  });
});

it('what speaks to other servers is refused', async () => {
  for (const line of ['REPLICAOF 127.0.0.1 6379', 'PSYNC ? -1', 'SYNC', 'MODULE LOAD x', 'FAILOVER'])
    expect(await client.send(line), line).toMatch(/^-ERR /);
  for (const line of ['CLIENT TRACKING ON', 'SCRIPT DEBUG YES'])
    expect(await client.send(line), line).toMatch(/^-ERR /);
  expect(await client.send('PING')).toBe('+PONG\r\n');
});

it.each([
  ['redis:8.0', 'redis', 'hgetex'],
  ['valkey:8.1', 'valkey', 'client|setinfo'],
])('%s is described by what it has', async (target, server, command) => {
  const other = await openServer({ save: '', target });
  const own = other.connect();
  expect(await own.send('HELLO 3')).toContain(`$6\r\nserver\r\n$${server.length}\r\n${server}\r\n`);
  const count = Number(/^:(\d+)/.exec(await own.send('COMMAND COUNT'))?.[1]);
  expect(count).toBeGreaterThan(220);
  expect(await own.send('COMMAND')).toMatch(new RegExp(`^\\*${count}\r\n`));
  expect(await own.send('COMMAND DOCS')).toMatch(new RegExp(`^%${count}\r\n`));
  const known = (await own.send('COMMAND LIST')).includes(`\r\n${command}\r\n`);
  expect(known).toBe(true);
  other.site.store.abandon();
});

describe('what others are told of a command', () => {
  it.each([
    ['AUTH secret', 'AUTH (redacted)'],
    ['auth default secret', 'auth (redacted) (redacted)'],
    ['HELLO 3 AUTH default secret SETNAME me', 'HELLO 3 AUTH (redacted) (redacted) SETNAME me'],
    ['HELLO 3', 'HELLO 3'],
    ['ACL SETUSER default >secret', 'ACL SETUSER (redacted) (redacted)'],
    ['CONFIG SET maxmemory 0 requirepass secret', 'CONFIG SET maxmemory 0 requirepass (redacted)'],
    ['CONFIG GET requirepass', 'CONFIG GET requirepass'],
    ['MIGRATE h 1 k 0 0 AUTH2 default secret', 'MIGRATE h 1 k 0 0 AUTH2 (redacted) (redacted)'],
    ['SET AUTH secret', 'SET AUTH secret'],
  ])('%s is %s', (line, shown) => expect(withoutSecrets(line.split(' ')).join(' ')).toBe(shown));

  it('leaves out what servers leave out', () => {
    const monitored = ['GET', 'MULTI', 'SUBSCRIBE', 'CONFIG GET', 'CLIENT LIST', 'DEBUG', 'EXEC', 'EVAL'].filter(
      (name) => isMonitored(findCommand(name)!),
    );
    expect(monitored).toEqual(['GET', 'MULTI', 'SUBSCRIBE', 'EXEC', 'EVAL']);
    expect(['GET', 'EXEC', 'EVAL'].filter((name) => isTimed(findCommand(name)!))).toEqual(['GET', 'EVAL']);
  });
});
