/** Dumps of a store and of a real server, each loaded by the other; and when either counts and saves by itself. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import type { Store, StoreClient } from '../../src/store/index.js';
import { checkRdb, checksItself, type LiveServer } from '../support/live-server.js';
import { logLoad } from '../support/log-load.js';
import {
  asServer,
  expectHolding,
  holdingOf,
  runMixed,
  type ServerGeneration,
  serverGeneration,
  serverSettled,
  settled,
} from '../support/store-beside-server.js';
import { bytesIn, SitesBeside } from '../support/store-beside-sites.js';
import { until } from '../support/until.js';
import { DATABASES, fillServer } from '../support/workload.js';

const SEED = 20261127;

let generation: ServerGeneration;
let site: SitesBeside;

beforeAll(async () => {
  generation = await serverGeneration();
});

beforeEach(() => {
  site = new SitesBeside(generation);
});

afterEach(async () => await site.clear());

describe('a dump', () => {
  const server = ['--databases', String(DATABASES), '--sanitize-dump-payload', 'yes'];
  const store = { appendonly: false, databases: DATABASES };

  it.each(['SAVE', 'BGSAVE', 'SHUTDOWN SAVE'])('of ours by %s is the server’s, and back', async (command) => {
    const dir = site.laid('both');
    const ours = await site.open(dir, store);
    const client = ours.client();
    await fillServer(asServer(ours, client, generation), SEED);
    client.execute(command.split(' '));
    // What a dump in the background holds is what there was when it began.
    const { digest } = digestEngine(ours.engine);
    if (command === 'BGSAVE') {
      const between = (): void => void ours.work();
      // FLUSHALL gives up what goes on.
      runMixed(ours, client, generation, { seed: SEED, count: 2000, between, leftOut: /^flushall$/i });
    }
    if (!ours.hasEnded) await settled(ours);
    expect([...bytesIn(dir).keys()]).toEqual(['dump.rdb']);
    const loader = await site.serve(dir, server);
    if (await checksItself(loader)) expect(await checkRdb(path.join(dir, 'dump.rdb'))).toHaveProperty('ok', true);
    expect(String(await loader.send('DEBUG', 'DIGEST'))).toBe(digest);
    const first = await site.open(dir, store);
    await expectHolding(await holdingOf(loader, generation.target), first.engine);
    await logLoad((...words) => loader.send(...words), SEED);
    await loader.send('BGSAVE');
    await serverSettled(loader);
    const second = await site.open(dir, store);
    await expectHolding(await holdingOf(loader, generation.target), second.engine);
  });
});

/** A server and a store that are given the same. */
class Pair {
  readonly client: StoreClient;

  constructor(
    readonly server: LiveServer,
    readonly store: Store,
  ) {
    this.client = store.client();
  }

  async run(line: string): Promise<void> {
    const words = line.split(' ');
    this.client.execute(words);
    this.store.flush();
    await this.server.send(...words).catch(() => undefined);
  }

  /** The same number of changes since the last save. */
  async expectSameChanges(about: string): Promise<void> {
    const info = String(await this.server.send('INFO', 'persistence'));
    const theirs = Number(/rdb_changes_since_last_save:(\d+)/.exec(info)![1]);
    expect(this.store.status.changesSinceLastSave, about).toBe(theirs);
  }
}

const STORY = [
  ...[
    'SET a 1',
    'SET a 1',
    'GET a',
    'DEL nothing',
    'DEL a',
    'MSET a 1 b 2 c 3',
    'RPUSH l 1 2 3',
    'SADD s 1 2 2',
    'SADD s 1',
  ],
  ...[
    'HSET h a 1 b 2',
    'EXPIRE a 1000',
    'EXPIRE nothing 1',
    'PERSIST a',
    'PERSIST a',
    'RENAME b d',
    'MOVE d 1',
    'APPEND c x',
  ],
  ...['MULTI', 'INCR n', 'INCR n', 'RPUSH l 4 5', 'EXEC', 'MULTI', 'INCR n', 'DISCARD', 'MULTI', 'GET a', 'EXEC'],
  ...['INCR l', 'SELECT 9', 'SET x 1', 'FLUSHDB', 'SELECT 0', 'SWAPDB 0 9', 'SWAPDB 9 0', 'SORT l STORE sorted'],
  ...[
    'EXPIRE c -1',
    'SET e 1 PXAT 99999999999999',
    'ZADD z 1 a 2 b',
    'ZADD z 1 a',
    'XADD st 1-1 f v',
    'XGROUP CREATE st g 0',
    'SAVE',
    'SET a 5',
  ],
  ...[
    'BGSAVE',
    'LASTSAVE',
    'INCR n',
    'FLUSHALL',
    'SET a 1',
    'INCR n',
    'MULTI',
    'FLUSHALL',
    'EXEC',
    'SET a 1',
    'FLUSHDB',
  ],
  ...[
    'FLUSHDB',
    'SET a 1',
    'FLUSHALL ASYNC',
    'SET b 1',
    'BGREWRITEAOF',
    'INCR n',
    'COPY b q',
    'COPY b nothing DB 3',
    'PFADD p 1',
  ],
];

describe.each([
  { appendonly: false, save: '' },
  { appendonly: false, save: '900 100000' },
  { appendonly: true, save: '' },
  { appendonly: true, save: '900 100000' },
])('changes with appendonly $appendonly and save points "$save"', ({ appendonly, save }) => {
  it('are counted as the server does, command by command and from start to start', async () => {
    const args = ['--appendonly', appendonly ? 'yes' : 'no', '--save', save];
    let pair = new Pair(
      await site.serve(site.laid('theirs'), args),
      await site.open(site.laid('ours'), { appendonly, save }),
    );
    let isQueueing = false;
    for (const start of [1, 2, 3]) {
      await pair.expectSameChanges(`start ${start}`);
      for (const [at, line] of STORY.entries()) {
        await pair.run(line);
        // Questions would be part of a transaction.
        isQueueing = line === 'MULTI' || (isQueueing && line !== 'EXEC' && line !== 'DISCARD');
        if (isQueueing) continue;
        await serverSettled(pair.server);
        await settled(pair.store);
        await pair.expectSameChanges(`start ${start}, ${STORY.slice(Math.max(0, at - 2), at + 1).join(', ')}`);
      }
      await pair.server.send('SHUTDOWN', 'NOSAVE').catch(() => undefined);
      await pair.server.stop();
      pair.store.shutdown({ save: 'nosave' });
      const { dir } = pair.store.settings;
      const files = [dir, pair.server.dir].map((place) => fs.existsSync(path.join(place, 'dump.rdb')));
      expect(files[0]).toBe(files[1]);
      pair = new Pair(await site.serve(pair.server.dir, args), await site.open(dir, { appendonly, save }));
    }
  });
});

it('what expires by itself counts as with the server', async () => {
  const pair = new Pair(
    await site.serve(site.laid('theirs'), ['--appendonly', 'no']),
    await site.open(site.laid('ours'), { appendonly: false }),
  );
  await pair.server.send('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
  for (let key = 0; key < 10; key++) await pair.run(`SET key:${key} 1 PX 10`);
  await pair.run('SET other 1');
  await until(async () => {
    pair.store.cron();
    return pair.store.engine.database(0).keys.size === 1 && (await pair.server.send('DBSIZE')) === 1;
  });
  await pair.expectSameChanges('expired');
  await pair.run('SET looked 1 PX 10');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await pair.run('GET looked');
  await pair.expectSameChanges('expired when it is looked at');
});

it('a save point is due after as many changes, and not before', async () => {
  const save = '1 5';
  const server = await site.serve(site.laid('theirs'), ['--appendonly', 'no', '--save', save]);
  const pair = new Pair(server, await site.open(site.laid('ours'), { appendonly: false, save, timers: true }));
  const dumps = (): boolean[] =>
    [pair.store.settings.dir, server.dir].map((dir) => fs.existsSync(path.join(dir, 'dump.rdb')));
  for (let change = 1; change <= 4; change++) await pair.run('INCR n');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(dumps()).toEqual([false, false]);
  await pair.expectSameChanges('four');
  await pair.run('INCR n');
  await until(async () => dumps().every((is) => is) && !pair.store.status.isSaveInProgress);
  await serverSettled(server);
  await pair.expectSameChanges('saved');
  expect(pair.store.status).toMatchObject({ changesSinceLastSave: 0, saves: 1 });
});
