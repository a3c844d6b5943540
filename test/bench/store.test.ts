import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Prng } from '../../bench/generate/prng.js';
import { formatSnapshots, type SnapshotRow } from '../../bench/snapshot.js';
import { fillStore, keysOf } from '../../bench/snapshot-plan.js';
import { formatStore, type StoreRow } from '../../bench/store.js';
import { KeyNames, StoreLoad } from '../../bench/store-load.js';
import { parseBenchmark } from '../../bench/store-server.js';
import { openStore, type Store } from '../../src/store/index.js';

/** The cells of every row below the headings. */
function cellsOf(table: string): string[][] {
  const lines = table.trimEnd().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('what redis-benchmark prints', () => {
  const titles = ['test', 'rps', 'avg', 'min', 'p50', 'p95', 'p99', 'max'];
  const head = titles.map((title, t) => `"${t < 2 ? title : `${title}_latency_ms`}"`).join(',');

  it('is read by its headings', () => {
    const csv = `${head}\n"SET","1492537.25","0.459","0.144","0.463","0.607","0.767","0.911"\n`;
    expect(parseBenchmark(csv)).toEqual({ perSecond: 1492537.25, p50Ms: 0.463, p99Ms: 0.767, maxMs: 0.911 });
  });

  it.each([['Could not connect to Redis'], [`${head}\n`], ['"SET","1492537.25"\n']])('is an error as %j', (csv) => {
    expect(() => parseBenchmark(csv)).toThrow('redis-benchmark printed');
  });
});

describe('the table of SET', () => {
  const job = { clients: 50, pipeline: 16, keySpace: 100, waiting: 'flush', commands: 800 } as const;
  const row = (more: Partial<StoreRow>): StoreRow => {
    return { ...job, policy: 'no', ours: [], server: [], failure: undefined, ...more };
  };

  it('has medians with their spread, and ratios of the rounds', () => {
    const rows = [
      row({ policy: 'off', ours: [900e3, 1200e3, 1000e3], server: [500e3, 400e3, 800e3] }),
      row({ policy: 'off', waiting: 'send', ours: [50_040], server: [100_080] }),
    ];
    expect(cellsOf(formatStore(rows, 'markdown'))).toEqual([
      ['no log', '50', 'flush', '1000', '900', '1200', '500', '400', '800', '2.00x', '1.25x', '3.00x', ''],
      ['', '50', 'send', '50.0', '50.0', '50.0', '100', '100', '100', '0.50x', '0.50x', '0.50x', ''],
    ]);
  });

  it('has no ratio where there is no redis-benchmark, and says what failed', () => {
    const rows = [row({ ours: [1e6] }), row({ policy: 'always', failure: 'no space left' })];
    expect(cellsOf(formatStore(rows, 'markdown')).map((cells) => cells.slice(3))).toEqual([
      ['1000', '1000', '1000', '–', '', '', '', '', '', ''],
      ['–', '', '', '–', '', '', '', '', '', 'failed'],
    ]);
  });
});

it('has a table of snapshots: medians of the rounds, the longest wait of all, keys ahead or memory that was copied', () => {
  const phase = { clients: 1, isSnapshot: true, snapshotMs: 1500, perSecond: 20_000 };
  const rows: SnapshotRow[] = [
    {
      kind: 'save',
      who: 'ours',
      clients: 1,
      isSnapshot: true,
      rounds: [
        { ...phase, gapsMs: { p50: 1, p99: 2, max: 3 }, rssBytes: 1e8, peakRssBytes: 2e8, writtenAhead: 7 },
        { ...phase, gapsMs: { p50: 1, p99: 4, max: 300 }, rssBytes: 1e8, peakRssBytes: 3e8, writtenAhead: 9 },
      ],
      failure: undefined,
    },
    {
      kind: 'save',
      who: 'redis-server',
      clients: 0,
      isSnapshot: true,
      rounds: [{ ...phase, clients: 0, perSecond: undefined, gapsMs: undefined, copiedBytes: 92e6 }],
      failure: undefined,
    },
  ];
  expect(cellsOf(formatSnapshots(rows, 'markdown'))).toEqual([
    ['save', 'ours', '1', 'save', '1.50', '20.0', '1.00', '3.00', '300', '100', '250', '8', ''],
    ['', 'redis-server', 'none', 'save', '1.50', '', '', '', '', '', '', '92 MB', ''],
  ]);
});

it('makes the names of redis-benchmark', () => {
  const names = new KeyNames(new Prng(1), 10);
  expect(names.name(90_210)).toBe('key:000000090210');
  for (let drawn = 0; drawn < 100; drawn++) expect(names.next()).toMatch(/^key:00000000000\d$/);
});

describe('the load of a store', () => {
  let store: Store | undefined;
  let folder: string | undefined;

  afterEach(() => {
    store?.abandon();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  async function opened(): Promise<Store> {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-load-'));
    store = await openStore({ dir: folder, save: '', appendonly: true, timers: false });
    return store;
  }

  it('sends the commands of all clients in one turn, either way', async () => {
    const made = await opened();
    const load = new StoreLoad(made, { clients: 3, pipeline: 4, keySpace: 5 });
    load.turn();
    await load.sendTurn();
    expect(made.status.changesSinceLastSave).toBe(2 * load.batch);
    expect(load.batch).toBe(12);
    expect(made.status.log.pendingBytes).toBe(0);
    const client = made.client();
    expect(client.execute(['DBSIZE'])).toBe(5);
    expect(client.execute(['GET', 'key:000000000004'])).toBe('xxx');
  });

  it('finds as many keys as it is told are there', async () => {
    const made = await opened();
    const plan = { keys: 20, collections: 2, largeHashFields: 30, clients: [], aloneMs: 0 };
    const run = { ...plan, kind: 'save', directory: '' } as const;
    fillStore(made, run);
    const client = made.client();
    expect(client.execute(['DBSIZE'])).toBe(keysOf(run));
    expect(client.execute(['HLEN', 'hash:large'])).toBe(30);
    expect(client.execute(['ZCARD', 'zset:1'])).toBe(1000);
  });
});
