/** What is on disk takes the place of what is in memory (DEBUG RELOAD, DEBUG LOADAOF). */
import { expect, it } from 'vitest';
import { LOG_DIRECTORY, StoreSite } from '../support/store-site.js';

it('saves a dump and reads it again, with nothing of it in the log', async () => {
  const site = await new StoreSite().open({ appendonly: true });
  site.run('SET a 1', 'SELECT 3', 'RPUSH l x y', 'SET e 1 PX 100000', 'FUNCTION FLUSH');
  const { digest } = site;
  const log = site.text(`${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`);
  await site.store.reload();
  expect([site.digest, site.store.status.changesSinceLastSave]).toEqual([digest, 0]);
  site.store.flush();
  expect(site.text(`${LOG_DIRECTORY}/appendonly.aof.1.incr.aof`)).toBe(log);
  site.run('SET b 2');
  await site.store.reload({ isSaved: false });
  expect([site.digest, site.run('GET b')]).toEqual([digest, null]);
  site.run('SET b 2');
  await site.store.reload({ isSaved: false, isEmptied: false });
  expect(site.run('GET b')).toBe('2');
});

it('reads the log again, what waited to be written included', async () => {
  const site = await new StoreSite().open({ appendonly: true });
  site.run('SET a 1');
  site.client.execute(['INCR', 'n']);
  await site.store.reloadLog();
  expect([site.run('GET n'), site.run('GET a'), site.store.status.changesSinceLastSave]).toEqual(['1', '1', 0]);
  site.run('INCR n');
  site.store.abandon();
  await site.open({ appendonly: true });
  expect(site.run('GET n')).toBe('2');
});

it('lets keys stay that nobody looks at, where that is asked for', async () => {
  const site = await new StoreSite().open({ activeExpire: false });
  site.run('SET a 1 PX 10');
  site.nowMs += 1000;
  site.store.cron();
  expect(site.run('DBSIZE')).toBe(1);
  site.store.configure({ activeExpire: true });
  site.store.cron();
  expect(site.run('DBSIZE')).toBe(0);
});
