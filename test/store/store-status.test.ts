/** What a store tells of itself, and the settings that tests of servers look at: keys that take their time, files that stay. */
import { describe, expect, it } from 'vitest';
import { StoreSite } from '../support/store-site.js';

describe('a save whose keys take their time', () => {
  it('tells how far it has come, goes on when they need not any more, and has the moment when it began', async () => {
    const site = await new StoreSite().open({ rdbKeySaveDelay: 60_000_000 });
    site.run('SET a 1', 'SET b 2', 'SET c 3', 'BGSAVE');
    for (let turn = 0; turn < 20; turn++) site.store.work();
    expect(site.store.status).toMatchObject({ isSaveInProgress: true, progress: { keys: 0, totalKeys: 3 } });
    site.run('SET d 4');
    site.nowMs += 7000;
    expect(site.store.status.saveSeconds).toEqual({ last: undefined, current: 7 });
    site.store.configure({ rdbKeySaveDelay: 0 });
    site.settle();
    expect(site.store.status).toMatchObject({ isSaveInProgress: false, progress: undefined, changesSinceLastSave: 1 });
    expect(site.store.status.saveSeconds).toEqual({ last: 7, current: undefined });
    const again = new StoreSite();
    again.files.nodes.set('d/dump.rdb', site.files.nodes.get('d/dump.rdb')!);
    await again.open();
    expect(again.run('DBSIZE')).toBe(3);
  });

  it('is given up with a word in the log', async () => {
    const site = await new StoreSite().open({ rdbKeySaveDelay: 60_000_000, appendonly: true });
    site.run('SET a 1', 'BGREWRITEAOF');
    site.store.configure({ appendonly: false });
    expect(site.notices.map(({ text }) => text)).toContain('Killing AOF child: the rewrite of the log is given up');
  });
});

describe('whoever watches the background', () => {
  it('is told of the beginning and of the end, and may give it up, which is a failure', async () => {
    const told: string[] = [];
    let giveUp: (why: Error) => void = () => undefined;
    const site = await new StoreSite().open({
      save: '1 1',
      onBackground: (kind, give) => {
        giveUp = give;
        told.push(`${kind} begins`);
        return () => told.push(`${kind} ends`);
      },
    });
    site.run('SET a 1', 'BGSAVE');
    giveUp(new Error('ended by SIGKILL'));
    expect(told).toEqual(['save begins', 'save ends']);
    expect(site.store.status).toMatchObject({ isSaveInProgress: false, saves: 0 });
    expect(String(site.store.status.saveFailure)).toContain('SIGKILL');
    expect(site.files.nodes.has('d/temp-1.rdb')).toBe(false);
    expect(site.run('SET b 1')).toMatch(/^MISCONF/);
    site.run('BGSAVE');
    site.settle();
    expect([told.slice(2), site.run('SET b 1')]).toEqual([['save begins', 'save ends'], 'OK']);
    giveUp(new Error('too late'));
    expect(site.store.status.saveFailure).toBeUndefined();
  });
});

describe('keys that were loaded', () => {
  it('are counted, and those that were left out', async () => {
    const site = await new StoreSite().open();
    site.run('SET a 1', 'SET b 2 PX 100', 'SAVE');
    const again = new StoreSite();
    again.files.nodes.set('d/dump.rdb', site.files.nodes.get('d/dump.rdb')!);
    again.nowMs = site.nowMs + 1000;
    await again.open();
    expect(again.store.status.loaded).toEqual({ keys: 1, expired: 1 });
  });
});

describe('aof-disable-auto-gc', () => {
  it('keeps files that a rewrite has taken the place of, until it is switched off', async () => {
    const site = await new StoreSite().open({ appendonly: true, aofDisableAutoGc: true });
    site.run('SET a 1', 'BGREWRITEAOF');
    site.settle();
    const listed = (): string[] => site.text('d/appendonlydir/appendonly.aof.manifest').trim().split('\n');
    expect(listed()).toEqual([
      'file appendonly.aof.2.base.rdb seq 2 type b',
      'file appendonly.aof.1.incr.aof seq 1 type h',
      'file appendonly.aof.1.base.rdb seq 1 type h',
      'file appendonly.aof.2.incr.aof seq 2 type i',
    ]);
    expect(site.files.nodes.has('d/appendonlydir/appendonly.aof.1.base.rdb')).toBe(true);
    site.store.configure({ aofDisableAutoGc: false });
    expect(listed()).toHaveLength(2);
    expect(site.files.nodes.has('d/appendonlydir/appendonly.aof.1.base.rdb')).toBe(false);
  });
});
