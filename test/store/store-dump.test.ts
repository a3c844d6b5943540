/** Dumps of a store: by command, by save points, in the background; and what it refuses while its files are in trouble. */
import { describe, expect, it } from 'vitest';
import { digestRdb } from '../../src/engine/digest.js';
import { findTarget } from '../../src/rdb/versions.js';
import { LogLostError } from '../../src/store/index.js';
import { dumpRefusal } from '../../src/store/misconf.js';
import { StoreSite } from '../support/store-site.js';

const DUMP = 'd/dump.rdb';
const DUMP_REFUSAL = dumpRefusal(findTarget('redis:7.0')!).message;

async function dumpDigest(site: StoreSite): Promise<string> {
  return (await digestRdb(site.files.nodes.get(DUMP)!)).digest;
}

describe('SAVE', () => {
  it('puts a whole dump in place, durable, and counts from there', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1', 'SELECT 2', 'RPUSH l x');
    expect(site.store.status.changesSinceLastSave).toBe(2);
    site.nowMs += 5000;
    site.files.steps.length = 0;
    expect(site.run('SAVE')).toBe('OK');
    expect(site.files.steps).toEqual([
      'create d/temp-1.rdb',
      expect.stringMatching(/^write d\/temp-1.rdb/),
      expect.stringMatching(/^write d\/temp-1.rdb/),
      'sync d/temp-1.rdb',
      'rename d/temp-1.rdb d/dump.rdb',
      'syncdir d',
    ]);
    expect([site.store.status.changesSinceLastSave, site.run('LASTSAVE')]).toEqual([0, 1_700_000_005]);
    expect(await dumpDigest(site)).toBe(site.digest);
  });

  it('leaves the dump of before where it fails', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1', 'SAVE');
    const before = site.text(DUMP);
    for (const failing of ['write d/temp-1.rdb', 'sync d/temp-1.rdb', 'rename']) {
      site.files.refuse = (step) => step.startsWith(failing);
      expect([site.run('SET b 2'), site.run('SAVE')]).toEqual(['OK', 'ERR']);
      expect([site.text(DUMP), site.store.status.changesSinceLastSave > 0]).toEqual([before, true]);
      site.files.refuse = () => false;
    }
    expect(site.run('SAVE')).toBe('OK');
  });
});

describe('BGSAVE', () => {
  it('is a dump of the moment when it began', async () => {
    const site = await new StoreSite().open();
    for (let at = 0; at < 5000; at++) site.run(`SET key:${at} ${at}`);
    const { digest } = site;
    expect(site.run('BGSAVE')).toBe('Background saving started');
    site.run('SET key:4999 other', 'DEL key:4998', 'SET new 1');
    expect(site.run('BGSAVE')).toBe('ERR Background save already in progress');
    expect(site.run('SAVE')).toBe('ERR Background save already in progress');
    site.settle();
    expect([await dumpDigest(site), site.store.status.changesSinceLastSave]).toEqual([digest, 3]);
    expect(site.digest).not.toBe(digest);
  });

  it('waits for a rewrite where it may, and for the end of a transaction', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    site.run('SET a 1', 'BGREWRITEAOF');
    expect(site.run('BGSAVE')).toMatch(/^ERR Another child process is active \(AOF\?\)/);
    expect(site.run('BGSAVE SCHEDULE')).toBe('Background saving scheduled');
    expect(site.files.nodes.has(DUMP)).toBe(false);
    site.settle();
    expect(await dumpDigest(site)).toBe(site.digest);
    expect(site.run('MULTI', 'BGSAVE', 'BGREWRITEAOF', 'EXEC')).toEqual([
      { text: 'Background saving scheduled' },
      { text: 'Background append only file rewriting scheduled' },
    ]);
    site.settle();
    expect(site.store.status).toMatchObject({ saves: 2, log: { rewrites: 2 } });
  });

  it('is called off where Valkey can do that', async () => {
    const site = await new StoreSite().open({ target: 'valkey:8.1' });
    expect(site.run('BGSAVE CANCEL')).toBe('ERR Background saving is currently not in progress or scheduled');
    site.run('SET a 1', 'BGSAVE');
    expect([site.run('BGSAVE CANCEL'), site.files.list('d')]).toEqual(['Background saving cancelled', []]);
    site.run('MULTI', 'BGSAVE', 'EXEC');
    expect(site.run('BGSAVE CANCEL')).toBe('Scheduled background saving cancelled');
    site.settle();
    expect([site.store.status.saves, site.store.status.saveFailure]).toEqual([0, undefined]);
    expect(await new StoreSite().open().then((other) => other.run('BGSAVE CANCEL'))).toBe('ERR syntax error');
  });

  it('is refused in nothing but its arguments', async () => {
    const site = await new StoreSite().open();
    expect([site.run('BGSAVE now'), site.run('BGSAVE SCHEDULE now')]).toEqual(['ERR syntax error', 'ERR syntax error']);
    expect(site.run('MULTI', 'SAVE')).toBe('ERR Command not allowed inside a transaction');
    expect(site.run('EXEC')).toMatch(/^EXECABORT/);
  });
});

describe('save points', () => {
  it('begin a save when enough has changed for long enough', async () => {
    const site = await new StoreSite().open({ save: '60 3 10 5' });
    site.run('SET a 1', 'SET b 2', 'SET c 3');
    const saves = (seconds: number): number => {
      site.nowMs += seconds * 1000;
      site.settle();
      return site.store.status.saves;
    };
    expect([saves(60), saves(1)]).toEqual([0, 1]);
    site.run('MSET a 1 b 2 c 3', 'SADD s x y');
    expect([saves(10), saves(1), saves(600)]).toEqual([1, 2, 2]);
  });

  it('try again after a failure, though not at once, and refuse writes until it is over', async () => {
    const site = await new StoreSite().open({ save: '1 1' });
    site.run('SET a 1');
    site.files.refuse = (step) => step === 'create d/temp-1.rdb';
    site.nowMs += 2000;
    site.settle();
    expect(site.store.status.saveFailure).toBeDefined();
    expect([site.run('SET b 2'), site.run('PING'), site.run('GET a')]).toEqual([DUMP_REFUSAL, DUMP_REFUSAL, '1']);
    expect(site.run('MULTI', 'GET a', 'EXEC')).toEqual(['1']);
    expect(site.run('MULTI', 'SET a 1')).toBe(DUMP_REFUSAL);
    expect(site.run('EXEC')).toMatch(/^EXECABORT Transaction discarded because of/);
    site.store.configure({ stopWritesOnBgsaveError: false });
    expect(site.run('SET b 2')).toBe('OK');
    site.store.configure({ stopWritesOnBgsaveError: true });
    site.files.refuse = () => false;
    site.nowMs += 5000;
    site.settle();
    expect(site.run('SET b 2')).toBe(DUMP_REFUSAL);
    site.nowMs += 1000;
    site.settle();
    expect([site.run('SET b 2'), site.store.status.saveFailure]).toEqual(['OK', undefined]);
  });

  it('empty the dump together with the databases', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1', 'SAVE', 'SET b 2', 'BGSAVE', 'FLUSHALL');
    expect(site.store.status).toMatchObject({ isSaveInProgress: false, changesSinceLastSave: 0 });
    site.store.abandon();
    await site.open();
    expect(site.run('DBSIZE')).toBe(0);
    site.store.configure({ save: '' });
    site.run('SET a 1', 'SAVE', 'FLUSHALL');
    site.store.abandon();
    await site.open();
    expect(site.run('DBSIZE')).toBe(1);
  });
});

describe('a log that cannot be written', () => {
  it('refuses writes under everysec, and goes on when there is room again', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    site.files.refuse = (step) => step.includes('incr.aof') && step.startsWith('write');
    site.files.partOfFailed = 0.5;
    site.run('SET a 1');
    expect(site.run('SET b 2')).toMatch(/^MISCONF Errors writing to the AOF file: Input\/output error$/);
    expect(site.run('GET a')).toBe('1');
    site.files.refuse = () => false;
    site.store.cron();
    expect(site.run('SET b 2')).toBe('OK');
    site.store.abandon();
    await site.open({ appendonly: true });
    expect([site.run('GET a'), site.run('GET b')]).toEqual(['1', '2']);
  });

  it('is the end under always, and nothing of it is acknowledged', async () => {
    for (const failing of ['write', 'syncdata']) {
      const site = await new StoreSite().open({ appendonly: true, appendfsync: 'always' });
      await site.client.send(['SET', 'a', '1']);
      site.files.refuse = (step) => step.startsWith(failing);
      const replies = ['b', 'c'].map((key) => site.client.send(['SET', key, '1']));
      expect((await Promise.allSettled(replies)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(site.store.failure).toBeInstanceOf(LogLostError);
      expect(() => site.client.execute(['GET', 'a'])).toThrow(LogLostError);
      expect(() => site.store.flush()).toThrow(LogLostError);
      site.files.refuse = () => false;
      await site.open({ appendonly: true });
      expect(site.run('GET a')).toBe('1');
    }
  });
});

describe('clients', () => {
  it('are answered together, after one write and one sync', async () => {
    const site = await new StoreSite().open({ appendonly: true, appendfsync: 'always' });
    const others = [site.client, site.store.client(), site.store.client()];
    await others[1]!.send(['SELECT', '5']);
    site.files.steps.length = 0;
    const replies = await Promise.all(others.flatMap((one) => [one.send(['INCR', 'n']), one.send(['INCR', 'n'])]));
    expect(replies).toEqual([1, 2, 1, 2, 3, 4]);
    expect(site.files.steps).toEqual([expect.stringMatching(/^write/), expect.stringMatching(/^syncdata/)]);
  });
});

describe('the end', () => {
  it('saves where there are save points, or as it is told', async () => {
    for (const [save, mode, isSaved] of [
      ['60 1', 'default', true],
      ['60 1', 'nosave', false],
      ['', 'default', false],
      ['', 'save', true],
    ] as const) {
      const site = await new StoreSite().open({ save });
      site.run('SET a 1');
      site.store.shutdown({ save: mode });
      expect([site.files.nodes.has(DUMP), site.store.hasEnded]).toEqual([isSaved, true]);
      expect(() => site.client.execute(['PING'])).toThrow('has ended');
    }
  });

  it('makes the log durable, and gives up what goes on', async () => {
    const site = await new StoreSite().open({ appendonly: true, appendfsync: 'no', save: '' });
    site.run('SET a 1', 'BGREWRITEAOF', 'SET b 2');
    site.client.execute(['SET', 'c', '3']);
    expect(site.client.execute(['SHUTDOWN', 'NOW'])).toMatchObject({ text: 'OK' });
    expect([site.files.steps.at(-1), site.files.list('d')]).toEqual([
      'syncdata d/appendonlydir/appendonly.aof.2.incr.aof',
      ['appendonlydir'],
    ]);
    await site.open({ appendonly: true });
    expect(site.run('DBSIZE')).toBe(3);
  });

  it('does not come where the dump fails, unless it is forced', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1');
    site.files.refuse = (step) => step.startsWith('create');
    expect(site.run('SHUTDOWN')).toBe('ERR Errors trying to SHUTDOWN. Check logs.');
    expect([site.run('GET a'), site.run('SHUTDOWN SAVE NOSAVE'), site.run('SHUTDOWN ABORT')]).toEqual([
      '1',
      'ERR syntax error',
      'ERR No shutdown in progress.',
    ]);
    site.client.execute(['SHUTDOWN', 'FORCE']);
    expect(site.store.hasEnded).toBe(true);
  });

  it('does not come before the first log is there', async () => {
    const site = await new StoreSite().open({ save: '' });
    site.run('SET a 1');
    site.store.configure({ appendonly: true });
    expect(site.run('SHUTDOWN')).toBe('ERR Errors trying to SHUTDOWN. Check logs.');
    site.settle();
    site.client.execute(['SHUTDOWN']);
    await site.open({ appendonly: true });
    expect(site.run('GET a')).toBe('1');
  });
});
