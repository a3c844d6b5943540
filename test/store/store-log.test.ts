/** A store's log from its start to its end: what it writes, and what it finds again. */
import { describe, expect, it } from 'vitest';
import { LOG_DIRECTORY, StoreSite } from '../support/store-site.js';

describe('the log', () => {
  it('begins with a base and an increment, and is found again', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    expect(site.files.list(LOG_DIRECTORY)).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.1.incr.aof',
      'appendonly.aof.manifest',
    ]);
    site.run('SET a 1', 'SELECT 3', 'RPUSH l x y', 'MULTI', 'INCR n', 'INCR n', 'EXEC');
    expect(site.lines(`${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`)).toEqual([
      'SELECT 0',
      'SET a 1',
      'SELECT 3',
      'RPUSH l x y',
      'MULTI',
      'INCR n',
      'INCR n',
      'EXEC',
    ]);
    const { digest } = site;
    site.store.abandon();
    await site.open({ appendonly: true });
    expect(site.digest).toBe(digest);
    expect(site.store.status.changesSinceLastSave).toBe(5);
  });

  it('is rewritten while commands go on, each of them counted once', async () => {
    for (const aofUseRdbPreamble of [true, false]) {
      const site = await new StoreSite().open({ appendonly: true, aofUseRdbPreamble });
      for (let at = 0; at < 3000; at++) site.run(`SET key:${at} ${at}`, 'INCR n');
      expect(site.run('BGREWRITEAOF')).toBe('Background append only file rewriting started');
      for (let at = 0; at < 100; at++) {
        site.run('INCR n', `APPEND key:${at * 30} x`);
        site.store.work();
      }
      site.settle();
      const base = `appendonly.aof.2.base.${aofUseRdbPreamble ? 'rdb' : 'aof'}`;
      expect(site.files.list(LOG_DIRECTORY)).toEqual([base, 'appendonly.aof.2.incr.aof', 'appendonly.aof.manifest']);
      const { digest } = site;
      site.store.abandon();
      await site.open({ appendonly: true });
      expect(site.digest).toBe(digest);
      expect(site.run('GET n')).toBe('3100');
    }
  });
});

describe('the start', () => {
  const LOG = `${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`;

  async function written(...lines: string[]): Promise<StoreSite> {
    const site = await new StoreSite().open({ appendonly: true });
    site.run(...lines);
    site.store.abandon();
    return site;
  }

  it('cuts a last file in front of half a command, or of an open transaction', async () => {
    for (const tail of [
      '*3\r\n$3\r\nSET\r\n$1\r',
      '*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n',
      '*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nIN',
    ]) {
      const site = await written('SET a 1');
      const whole = site.text(LOG);
      site.files.nodes.set(LOG, Buffer.from(whole + tail, 'latin1'));
      await expect(site.open({ appendonly: true, aofLoadTruncated: false })).rejects.toThrow();
      expect(site.text(LOG)).toBe(whole + tail);
      await site.open({ appendonly: true });
      expect([site.text(LOG), site.notices.at(-1)?.level]).toEqual([whole, 'warning']);
      site.run('INCR n');
      site.store.abandon();
      await site.open({ appendonly: true });
      expect([site.run('GET n'), site.run('GET a')]).toEqual(['1', '1']);
    }
  });

  it('cuts an annotation that is not whole', async () => {
    const site = await written('SET a 1');
    const whole = site.text(LOG);
    for (const tail of ['#', '#TS:17000', '#TS:1700000000\r']) {
      site.files.nodes.set(LOG, Buffer.from(whole + tail, 'latin1'));
      await expect(site.open({ appendonly: true, aofLoadTruncated: false })).rejects.toMatchObject({
        code: 'TRUNCATED',
      });
      await site.open({ appendonly: true });
      expect(site.text(LOG)).toBe(whole);
      site.store.abandon();
    }
  });

  it('refuses a log of which an earlier file ends early, and touches nothing', async () => {
    const site = await written('SET a 1');
    await site.open({ appendonly: true });
    site.run('BGREWRITEAOF');
    site.store.abandon();
    const before = site.text(LOG);
    site.files.nodes.set(LOG, Buffer.from(before.slice(0, -3), 'latin1'));
    const steps = site.files.steps.length;
    await expect(site.open({ appendonly: true })).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect([site.text(LOG), site.files.steps.length]).toEqual([before.slice(0, -3), steps]);
  });

  it('refuses a log of which a file is missing', async () => {
    const site = await written('SET a 1');
    site.files.nodes.delete(LOG);
    await expect(site.open({ appendonly: true })).rejects.toMatchObject({ code: 'MISSING_FILE' });
  });

  it('takes the file of an older server over', async () => {
    const site = new StoreSite();
    site.files.nodes.set('d/appendonly.aof', Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSET'));
    await site.open({ appendonly: true });
    expect([site.run('GET a'), site.files.list('d')]).toEqual(['1', ['appendonlydir']]);
    site.run('SET b 2');
    site.store.abandon();
    await site.open({ appendonly: true });
    expect(site.run('GET b')).toBe('2');
    expect(site.text(`${LOG_DIRECTORY}/appendonly.aof.manifest`)).toBe(
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    site.run('BGREWRITEAOF');
    site.settle();
    expect(site.files.list(LOG_DIRECTORY)).toEqual([
      'appendonly.aof.2.base.rdb',
      'appendonly.aof.2.incr.aof',
      'appendonly.aof.manifest',
    ]);
  });

  it('does not look at a dump where the log is on, and not at the log where it is off', async () => {
    const site = await new StoreSite().open();
    site.run('SET a dump', 'SAVE');
    site.store.abandon();
    await site.open({ appendonly: true });
    expect(site.run('DBSIZE')).toBe(0);
    site.run('SET a log');
    site.store.abandon();
    await site.open();
    expect(site.run('GET a')).toBe('dump');
  });

  it('leaves keys of a dump out that have expired, and keeps those of a log until they are looked for', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    site.run('SET a 1 PX 1000', 'SET b 2', 'SAVE');
    site.store.abandon();
    site.nowMs += 2000;
    await site.open();
    expect(site.run('DBSIZE')).toBe(1);
    site.store.abandon();
    await site.open({ appendonly: true });
    expect(site.run('DBSIZE')).toBe(2);
    site.store.cron();
    expect([site.run('DBSIZE'), site.lines(LOG).at(-1)]).toEqual([1, 'DEL a']);
  });

  it('names its own refusals', async () => {
    const site = new StoreSite();
    await expect(site.open({ save: '60' })).rejects.toThrow(RangeError);
    await expect(site.open({ dbfilename: 'x/y' })).rejects.toThrow(RangeError);
    await expect(site.open({ dir: 'nowhere' })).rejects.toMatchObject({ code: 'UNSUPPORTED_INPUT' });
  });
});

describe('the log, switched at run time', () => {
  it('is on when its first rewrite has ended, and holds what was done meanwhile', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1', 'SET n 5');
    site.store.configure({ appendonly: true });
    site.run('INCR n');
    expect([site.store.status.log.state, site.files.list(LOG_DIRECTORY)]).toEqual([
      'waiting',
      ['temp-appendonly.aof.incr'],
    ]);
    site.settle();
    expect(site.store.status.log.state).toBe('on');
    site.run('INCR n');
    site.store.abandon();
    await site.open({ appendonly: true });
    expect([site.run('GET n'), site.run('GET a')]).toEqual(['7', '1']);
  });

  it('tries again where the first rewrite fails, from that moment on', async () => {
    const site = await new StoreSite().open();
    site.run('SET n 5');
    site.files.refuse = (step) => step === 'sync d/temp-rewriteaof-bg-1.aof';
    site.store.configure({ appendonly: true });
    site.run('INCR n');
    while (site.store.work());
    site.files.catchUp();
    expect(site.store.status.log).toMatchObject({ state: 'waiting', isRewriteScheduled: true, consecutiveFailures: 1 });
    site.files.refuse = () => false;
    site.run('INCR n');
    site.settle();
    expect(site.store.status.log).toMatchObject({ state: 'on', consecutiveFailures: 0 });
    site.run('INCR n');
    site.store.abandon();
    await site.open({ appendonly: true });
    expect([site.run('GET n'), site.files.list('d')]).toEqual(['8', ['appendonlydir']]);
  });

  it('is left whole where it is switched off, and made anew where it is switched on again', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    site.run('SET n 5');
    site.store.configure({ appendonly: false });
    site.run('INCR n');
    expect([
      site.store.status.log.state,
      site.text(`${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`).endsWith('n\r\n$1\r\n5\r\n'),
    ]).toEqual(['off', true]);
    site.store.configure({ appendonly: true });
    site.settle();
    expect(site.files.list(LOG_DIRECTORY)).toEqual([
      'appendonly.aof.2.base.rdb',
      'appendonly.aof.2.incr.aof',
      'appendonly.aof.manifest',
    ]);
    site.store.abandon();
    await site.open({ appendonly: true });
    expect(site.run('GET n')).toBe('6');
  });
});

describe('rewrites of the log', () => {
  it('begin by themselves when it has grown, and not too soon after failures', async () => {
    const site = await new StoreSite().open({ appendonly: true, autoAofRewriteMinSize: 1000, appendfsync: 'no' });
    const fill = (): void => {
      for (let at = 0; at < 40; at++) site.run(`SET key value:${at}`);
    };
    const hasBegun = (): boolean => {
      const before = site.notices.length;
      site.store.cron();
      while (site.store.work());
      site.files.catchUp();
      return site.notices.slice(before).some(({ text }) => text === 'a rewrite of the log has begun');
    };
    fill();
    expect(hasBegun()).toBe(true);
    expect(site.store.status.log).toMatchObject({ rewrites: 1, sizeBytes: site.store.status.log.baseBytes });
    expect(hasBegun()).toBe(false);
    fill();
    site.files.refuse = (step) => step === 'create d/temp-rewriteaof-bg-1.aof';
    expect([hasBegun(), hasBegun(), hasBegun()]).toEqual([true, true, true]);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(hasBegun()).toBe(false);
      site.nowMs += minutes * 60_000 - 1000;
      expect(hasBegun()).toBe(false);
      site.nowMs += 1000;
      expect(hasBegun()).toBe(true);
    }
    expect(site.store.status.log.consecutiveFailures).toBe(11);
    site.files.refuse = () => false;
    expect(hasBegun()).toBe(false);
    site.nowMs += 3_600_000;
    expect(hasBegun()).toBe(true);
    expect(site.store.status.log).toMatchObject({ consecutiveFailures: 0, rewriteFailure: undefined });
  });

  it('leave base and every increment in force where they fail', async () => {
    const site = await new StoreSite().open({ appendonly: true });
    site.run('SET n 1');
    site.files.refuse = (step) => step.startsWith('sync d/temp-rewriteaof');
    for (let round = 0; round < 3; round++) {
      site.run('BGREWRITEAOF', 'INCR n');
      site.settle();
    }
    expect([site.store.status.log.consecutiveFailures, site.files.list('d')]).toEqual([3, ['appendonlydir']]);
    expect(site.files.list(LOG_DIRECTORY).length).toBe(6);
    site.store.abandon();
    site.files.refuse = () => false;
    await site.open({ appendonly: true });
    expect(site.run('GET n')).toBe('4');
    site.run('BGREWRITEAOF');
    site.settle();
    expect(site.files.list(LOG_DIRECTORY).length).toBe(3);
  });

  it('say the time where that is asked for', async () => {
    const site = await new StoreSite().open({ appendonly: true, aofTimestampEnabled: true, aofUseRdbPreamble: false });
    site.run('SET a 1', 'SET b 2');
    site.nowMs += 1000;
    site.run('SET c 3');
    const log = site.text(`${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`);
    expect(log.match(/#TS:\d+/g)).toEqual(['#TS:1700000000', '#TS:1700000001']);
    expect(site.text(`${LOG_DIRECTORY}/appendonly.aof.1.base.aof`)).toBe('#TS:1700000000\r\n');
  });
});
