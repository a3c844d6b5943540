/** Transactions and watched keys of a client, as a server handles them. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { CommandError, NULL_ARRAY, OK, QUEUED, type Reply, Status } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';

function start(): {
  run: (line: string) => unknown;
  other: (line: string) => unknown;
  pass: (ms: number) => void;
  session: Session;
} {
  let nowMs = 1_700_000_000_000;
  const engine = new Engine({ clock: () => nowMs });
  const [session, second] = [new Session(engine), new Session(engine)];
  return {
    session,
    run: (line) => plain(session.execute(line.split(' '))),
    other: (line) => plain(second.execute(line.split(' '))),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

function plain(reply: Reply): unknown {
  if (reply instanceof CommandError) return `-${reply.message}`;
  return reply instanceof Status ? `+${reply.text}` : Array.isArray(reply) ? reply.map(plain) : reply;
}

describe('a transaction', () => {
  it('runs at its EXEC, errors and all', () => {
    const { run, other, session } = start();
    expect([run('MULTI'), run('SET a 1'), run('LPUSH a x'), run('GET a')]).toEqual(
      [OK, QUEUED, QUEUED, QUEUED].map(plain),
    );
    expect(other('GET a')).toBeNull();
    const wrong = '-WRONGTYPE Operation against a key holding the wrong kind of value';
    expect(run('EXEC')).toEqual(['+OK', wrong, '1']);
    expect([session.changes, session.inTransaction]).toEqual([1, false]);
  });

  it('is given up by DISCARD, and by what cannot be queued', () => {
    const { run } = start();
    expect([run('EXEC'), run('DISCARD')]).toEqual(['-ERR EXEC without MULTI', '-ERR DISCARD without MULTI']);
    for (const line of ['MULTI', 'SET a 1']) run(line);
    expect([run('DISCARD'), run('GET a')]).toEqual(['+OK', null]);
    for (const [line, error] of [
      ['NONE x', "-ERR unknown command 'NONE', with args beginning with: 'x' "],
      ['GET', "-ERR wrong number of arguments for 'get' command"],
    ] as const) {
      run('MULTI');
      run('SET a 1');
      expect(run(line)).toBe(error);
      expect(run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.');
      expect(run('GET a')).toBeNull();
    }
  });

  it('neither nests nor watches', () => {
    const { run } = start();
    run('MULTI');
    expect(run('MULTI')).toBe('-ERR MULTI calls can not be nested');
    expect(run('WATCH a')).toBe('-ERR WATCH inside MULTI is not allowed');
    expect(run('EXEC')).toEqual([]);
  });

  it('waits for nothing', () => {
    const { run, session } = start();
    run('BLPOP l 0');
    expect(session.wait).toMatchObject({ keys: ['l'], type: 'list', timeoutMs: 0 });
    run('MULTI');
    run('BLPOP l 0');
    expect([run('EXEC'), session.wait]).toEqual([[NULL_ARRAY], undefined]);
  });
});

describe('WATCH', () => {
  /** What is there before, what another client does meanwhile, and whether that breaks the watch of `k`. */
  it.each<[setup: string[], meanwhile: string[], isBroken: boolean]>([
    [[], [], false],
    [['SET k 1'], ['GET k', 'TTL k', 'EXISTS k', 'DEL none', 'SET other 1'], false],
    [['SET k 1'], ['SET k 1'], true],
    [[], ['SET k 1'], true],
    [[], ['DEL k'], false],
    [['SET k 1'], ['DEL k'], true],
    [['SET k 1'], ['EXPIRE k 100'], true],
    [['SET k 1'], ['PERSIST k'], false],
    [['SET k 1'], ['RENAME k other'], true],
    [['SET other 1'], ['RENAME other k'], true],
    [['SET k 1'], ['SETBIT k 0 0'], false],
    [['SET k 1'], ['APPEND k x'], true],
    [['SET k 1'], ['FLUSHDB'], true],
    [[], ['FLUSHALL'], false],
    [['SET k 1'], ['SWAPDB 0 1'], true],
    [['SELECT 1', 'SET k 1', 'SELECT 0'], ['SWAPDB 0 1'], true],
    [[], ['SWAPDB 0 1'], false],
    [[], ['SELECT 1', 'SET k 1'], false],
    [['SET k 1'], ['COPY k other'], false],
    [['SET other 1'], ['COPY other k'], true],
    [['SET k 1'], ['MOVE k 1'], true],
    [['RPUSH k 1 2'], ['LTRIM k 0 -1'], true],
    [['RPUSH k 1 2'], ['LRANGE k 0 -1'], false],
    [['RPUSH k 1 2'], ['LPOP k'], true],
    [['SADD k a'], ['SADD k a'], false],
    [['SADD k a'], ['SADD k b'], true],
    [['HSET k f v'], ['HDEL k g'], false],
    [['ZADD k 1 a'], ['ZADD k 1 a'], false],
    [['ZADD k 1 a'], ['ZINCRBY k 1 a'], true],
    [['XADD k 1-1 f v'], ['XADD k 2-1 f v'], true],
    [['RPUSH other 1'], ['LMOVE other k LEFT RIGHT'], true],
    [['SADD other 1'], ['SUNIONSTORE k other'], true],
    [['PFADD k a'], ['PFADD k a'], false],
  ])('after %j, meanwhile %j: broken %j', (setup, meanwhile, isBroken) => {
    const { run, other } = start();
    setup.forEach(other);
    run('WATCH k none2');
    meanwhile.forEach(other);
    run('MULTI');
    run('PING');
    expect(run('EXEC')).toEqual(isBroken ? NULL_ARRAY : ['+PONG']);
  });

  /** A key that has expired, and is still there, is as good as none: there before, there now, or both. */
  it.each<[before: string[], now: string[], isBroken: boolean]>([
    [[], ['SET k 1 PX 1'], false],
    [['SET k 1 PX 1'], [], false],
    [['SET k 1 PX 1'], ['SET k 1 PX 1'], false],
    [['SET k 1 PX 1'], ['SET k 1'], true],
    [['SET k 1'], ['SET k 1 PX 1'], true],
  ])('SWAPDB, before %j, now %j: broken %j', (before, now, isBroken) => {
    const { run, other, pass } = start();
    before.forEach(other);
    other('SELECT 1');
    now.forEach(other);
    pass(5);
    run('WATCH k');
    other('SWAPDB 0 1');
    run('MULTI');
    expect(run('EXEC')).toEqual(isBroken ? NULL_ARRAY : []);
  });

  it('is broken by an expiry, if the key was there', () => {
    const { run, other, pass } = start();
    other('SET k 1 PX 50');
    run('WATCH k');
    pass(100);
    run('MULTI');
    expect(run('EXEC')).toBe(NULL_ARRAY);
    other('SET k 1 PX 50');
    pass(100);
    run('WATCH k');
    other('GET k');
    run('MULTI');
    expect(run('EXEC')).toEqual([]);
  });

  it('ends with UNWATCH, DISCARD, EXEC and the client', () => {
    for (const end of ['UNWATCH', 'MULTI DISCARD', 'MULTI EXEC']) {
      const { run, other, session } = start();
      run('WATCH k');
      end.split(' ').forEach(run);
      expect(session.engine.watches.isEmpty).toBe(true);
      other('SET k 1');
      run('MULTI');
      expect(run('EXEC')).toEqual([]);
    }
    const { run, session } = start();
    run('WATCH k');
    session.close();
    expect(session.engine.watches.isEmpty).toBe(true);
  });
});
