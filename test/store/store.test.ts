/** A store from its start to its end, on files in memory: what it writes, and what it finds again. */
import { describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import { CommandError } from '../../src/engine/reply.js';
import { openStore, type Store, type StoreClient, type StoreNotice, type StoreOptions } from '../../src/store/index.js';
import { MemoryFiles } from '../support/memory-files.js';

const DIRECTORY = 'd/appendonlydir';

class Site {
  readonly files = new MemoryFiles();
  readonly notices: StoreNotice[] = [];
  nowMs = 1_700_000_000_000;
  store!: Store;
  client!: StoreClient;

  constructor() {
    this.files.makeDirectory('d');
  }

  async open(options: Partial<StoreOptions> = {}): Promise<this> {
    this.store = await openStore({
      dir: 'd',
      files: this.files,
      clock: () => this.nowMs,
      timers: false,
      onNotice: (notice) => this.notices.push(notice),
      ...options,
    });
    this.client = this.store.client();
    return this;
  }

  /** Runs lines, words between blanks, and flushes. The last reply. */
  run(...lines: string[]): unknown {
    let reply: unknown;
    for (const line of lines) reply = this.client.execute(line.split(' '));
    this.store.flush();
    return reply instanceof CommandError ? reply.message : reply;
  }

  /** Lets background work come to its end, with cron in between. */
  settle(): void {
    for (let turn = 0; turn < 10; turn++) {
      while (this.store.work());
      this.files.catchUp();
      this.store.cron();
    }
  }

  get digest(): string {
    return digestEngine(this.store.engine).digest;
  }

  text(path: string): string {
    return Buffer.from(this.files.nodes.get(path) ?? []).toString('latin1');
  }

  /** The lines of a log, words joined by blanks. */
  lines(path: string): string[] {
    const words = this.text(path)
      .split(/\r\n/)
      .filter((word) => !word.startsWith('$'));
    return words
      .join(' ')
      .split(/\*\d+ /)
      .map((line) => line.trim())
      .slice(1);
  }
}

describe('the log', () => {
  it('begins with a base and an increment, and is found again', async () => {
    const site = await new Site().open({ appendonly: true });
    expect(site.files.list(DIRECTORY)).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.1.incr.aof',
      'appendonly.aof.manifest',
    ]);
    site.run('SET a 1', 'SELECT 3', 'RPUSH l x y', 'MULTI', 'INCR n', 'INCR n', 'EXEC');
    expect(site.lines(`${DIRECTORY}/appendonly.aof.1.incr.aof`)).toEqual([
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
      const site = await new Site().open({ appendonly: true, aofUseRdbPreamble });
      for (let at = 0; at < 3000; at++) site.run(`SET key:${at} ${at}`, 'INCR n');
      expect(site.run('BGREWRITEAOF')).toMatchObject({ text: 'Background append only file rewriting started' });
      for (let at = 0; at < 100; at++) {
        site.run('INCR n', `APPEND key:${at * 30} x`);
        site.store.work();
      }
      site.settle();
      const base = `appendonly.aof.2.base.${aofUseRdbPreamble ? 'rdb' : 'aof'}`;
      expect(site.files.list(DIRECTORY)).toEqual([base, 'appendonly.aof.2.incr.aof', 'appendonly.aof.manifest']);
      const { digest } = site;
      site.store.abandon();
      await site.open({ appendonly: true });
      expect(site.digest).toBe(digest);
      expect(site.run('GET n')).toBe('3100');
    }
  });
});
