/** Keys and fields go when their time has come, though nobody looks. */
import { describe, expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { Engine } from '../../src/engine/engine.js';
import { LiveSnapshot } from '../../src/engine/live-snapshot.js';
import { CommandError, type Reply } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { ExpiryCycle } from '../../src/store/expiry-cycle.js';
import { listenTo } from '../support/engine-told.js';
import { random } from '../support/random.js';

const START = 1_700_000_000_000;

/** An engine whose clock is moved by hand. */
class Stage {
  nowMs = START;
  readonly engine: Engine;
  readonly cycle: ExpiryCycle;
  private readonly session: Session;

  constructor(target = 'redis:7.0', databases = 16) {
    this.engine = new Engine({ target, databases, clock: () => this.nowMs });
    this.session = new Session(this.engine);
    this.cycle = new ExpiryCycle(this.engine);
  }

  /** Words between blanks. */
  run(line: string): Reply {
    const reply = this.session.execute(line.split(' '));
    if (reply instanceof CommandError) throw new Error(`${line}: ${reply.message}`);
    return reply;
  }

  /** Keys that are there, whether or not their time has come. */
  get held(): number {
    return [...this.engine.inUse()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Calls until one removes nothing, `most` at the most. */
  settle(most: number): number {
    for (let calls = 1; calls <= most; calls++) if (this.cycle.run() === 0) return calls;
    throw new Error(`there is still something to do after ${most} calls`);
  }
}

describe('the expiry cycle', () => {
  it('removes keys at which nobody looks, and no others', () => {
    const stage = new Stage();
    for (const line of ['SET a 1 PX 1000', 'RPUSH b x', 'PEXPIRE b 2000', 'SET c 1', 'SET d 1 PX 1000', 'PERSIST d'])
      stage.run(line);
    expect(stage.cycle.run()).toBe(0);
    stage.nowMs = START + 1000;
    // It is there in the millisecond that it is said to go at.
    expect([stage.cycle.run(), stage.held]).toEqual([0, 4]);
    stage.nowMs = START + 1001;
    expect([stage.cycle.run(), stage.held]).toEqual([1, 3]);
    stage.nowMs = START + 5000;
    expect([stage.cycle.run(), stage.held]).toEqual([1, 2]);
    expect([stage.cycle.run(), stage.held]).toEqual([0, 2]);
    expect(stage.run('KEYS *')).toEqual(['c', 'd']);
  });

  it.each([
    ['redis:7.0', 'DEL'],
    ['valkey:8.0', 'UNLINK'],
  ])('logs each as a line of its own and tells of it: %s', (target, verb) => {
    const stage = new Stage(target);
    stage.run('MSET a 1 b 2 c 3 d 4');
    for (const key of ['a', 'b', 'd']) stage.run(`PEXPIRE ${key} 10`);
    const told = listenTo(stage.engine);
    stage.nowMs += 11;
    expect(stage.cycle.run()).toBe(3);
    expect(told.lines).toEqual([`${verb} a`, `${verb} b`, `${verb} d`]);
    expect(told.events).toEqual(['x expired a', 'x expired b', 'x expired d']);
    expect(told.changed).toEqual(['a', 'b', 'd']);
  });

  it('selects databases in the log, and goes through all of them', () => {
    const stage = new Stage('redis:7.0', 300);
    for (let db = 0; db < 300; db++) {
      stage.run(`SELECT ${db}`);
      stage.run('SET stays 1');
      if (db % 100 === 7) stage.run('SET goes 1 PX 10');
    }
    const lines: string[] = [];
    stage.engine.log = new CommandLog((args) => void lines.push(args.join(' ')), stage.engine.settings.target);
    stage.nowMs += 11;
    expect(stage.cycle.run()).toBe(3);
    expect(lines).toEqual(['SELECT 7', 'DEL goes', 'SELECT 107', 'DEL goes', 'SELECT 207', 'DEL goes']);
    expect(stage.held).toBe(300);
  });

  it('does nothing while a log is loaded', () => {
    const stage = new Stage();
    stage.run('SET a 1 PX 10');
    stage.nowMs += 11;
    stage.engine.isLoading = true;
    expect([stage.cycle.run(), stage.held]).toEqual([0, 1]);
    stage.engine.isLoading = false;
    expect([stage.cycle.run(), stage.held]).toEqual([1, 0]);
  });

  it('knows times beyond the numbers that are exact', () => {
    const stage = new Stage();
    stage.run('MSET late 1 early 2 soon 3');
    const db = stage.engine.database(0);
    db.setExpiry('late', 2n ** 62n);
    db.setExpiry('early', -(2n ** 62n));
    db.setExpiry('soon', START + 10);
    stage.nowMs += 11;
    const told = listenTo(stage.engine);
    expect(stage.cycle.run()).toBe(2);
    expect(told.lines).toEqual(['DEL early', 'DEL soon']);
    expect(db.expiryOf('late')).toBe(2n ** 62n);
  });
});

describe('the work of one call', () => {
  it('is so many removals, and the next goes on', () => {
    const stage = new Stage();
    for (let key = 0; key < 10_000; key++) stage.run(`SET k${key} v PX 10`);
    stage.run('SELECT 5');
    for (let key = 0; key < 1000; key++) stage.run(`SET k${key} v PX 10`);
    stage.nowMs += 11;
    expect([1, 2, 3, 4].map(() => stage.cycle.run())).toEqual([4096, 4096, 2808, 0]);
    expect(stage.held).toBe(0);
  });

  it('is so many keys that stay, and a round finds all others', () => {
    const stage = new Stage();
    const count = 300_000;
    const { keys } = stage.engine.database(0);
    for (let key = 0; key < count; key++) {
      keys.set(`k${key}`, 'v');
      keys.setExpiry(`k${key}`, key % 100_000 === 99_999 ? START + 10 : START + 1_000_000);
    }
    stage.nowMs += 11;
    // 131,072 places each; the third comes to the end, and begins anew.
    expect([1, 2, 3].map(() => stage.cycle.run())).toEqual([1, 1, 1]);
    expect(keys.size).toBe(count - 3);
  });

  it('leaves out none where keys without an expiry, or with a later one, stand between', () => {
    const stage = new Stage();
    const { keys } = stage.engine.database(0);
    const due = new Set([1, 2047, 2048, 3000, 4095, 4096, 10_240, 12_287]);
    for (let key = 0; key < 12_288; key++) {
      keys.set(`k${key}`, 'v');
      if (due.has(key)) keys.setExpiry(`k${key}`, START + 10);
      else if (key < 4096) keys.setExpiry(`k${key}`, START + 1000);
    }
    stage.nowMs += 11;
    expect(stage.cycle.run()).toBe(due.size);
    expect([...due].some((key) => keys.has(`k${key}`))).toBe(false);
  });

  it('does not stay with a database in which keys come as fast as they go', () => {
    const stage = new Stage();
    stage.run('SELECT 1');
    stage.run('SET lonely v PX 10');
    stage.run('SELECT 0');
    const { keys } = stage.engine.database(0);
    let next = 0;
    const calls = [1, 2, 3, 4, 5, 6].findIndex(() => {
      for (let left = 5000; left > 0; left--) {
        keys.set(`k${next}`, 'v');
        keys.setExpiry(`k${next++}`, stage.nowMs + 1);
      }
      stage.nowMs += 20;
      stage.cycle.run();
      return stage.engine.database(1).size === 0;
    });
    expect(calls).toBeGreaterThan(-1);
  });

  it.each([1, 2, 3])('leaves nothing behind among keys that come and go, seed %i', (seed) => {
    const next = random(seed);
    const stage = new Stage();
    const below = (limit: number): number => Math.floor(next() * limit);
    for (let round = 0; round < 60; round++) {
      for (let left = 400; left > 0; left--) {
        if (left % 80 === 0) stage.run(`SELECT ${below(4)}`);
        const key = `k${below(3000)}`;
        const dice = next();
        if (dice < 0.5) stage.run(`SET ${key} v PX ${1 + below(2000)}`);
        else if (dice < 0.7) stage.run(`SET ${key} v`);
        else if (dice < 0.9) stage.run(`DEL ${key}`);
        else if (dice < 0.905) stage.run(`SWAPDB ${below(4)} ${below(4)}`);
        else if (dice < 0.906) stage.run('FLUSHDB');
        else stage.run(`PERSIST ${key}`);
      }
      stage.nowMs += 100;
      stage.settle(10);
      for (const db of stage.engine.inUse())
        for (const key of db.keys.keys()) expect(db.isExpired(key), `${db.index} ${key}`).toBe(false);
    }
  });

  it('goes on beside a dump that is being taken', () => {
    const stage = new Stage();
    for (let key = 0; key < 100; key++) stage.run(`SET k${key} v PX ${key < 50 ? 10 : 10_000}`);
    const taken: string[] = [];
    const live = new LiveSnapshot(
      stage.engine,
      (entry) => void (entry.kind === 'key' && taken.push(Buffer.from(entry.key).toString())),
      [],
    );
    live.step(10);
    stage.nowMs += 11;
    expect(stage.cycle.run()).toBe(50);
    while (!live.step(10));
    // What has expired is missing, unless it had been written.
    expect(taken.length).toBe(60);
    expect(new Set(taken).size).toBe(60);
  });
});

describe('fields of hashes', () => {
  /** Two hashes of which something goes after 10 ms, one of which nothing goes before 10 s. */
  const HASHES = [
    'HSET some f1 v f2 v f3 v',
    'HPEXPIRE some 10 FIELDS 2 f1 f2',
    'HSET all f1 v f2 v',
    'HPEXPIRE all 10 FIELDS 2 f1 f2',
    'HSET late f1 v',
    'HPEXPIRE late 10000 FIELDS 1 f1',
    'HSET none f1 v',
  ];

  it.each([
    [
      'redis:7.4',
      ['HDEL some f1', 'HDEL some f2', 'HDEL all f1', 'HDEL all f2'],
      ['h hexpired some', 'h hexpired all', 'g del all'],
    ],
    [
      'valkey:9.1',
      ['HDEL some f1 f2', 'MULTI', 'HDEL all f1 f2', 'UNLINK all', 'EXEC'],
      ['x hexpired some', 'x hexpired all', 'g del all'],
    ],
  ])('go, and the hash with the last: %s', (target, lines, events) => {
    const stage = new Stage(target);
    for (const line of HASHES) stage.run(line);
    const told = listenTo(stage.engine);
    stage.cycle.run();
    stage.nowMs += 11;
    // A round begins once a second.
    stage.cycle.run();
    stage.cycle.run();
    stage.nowMs += 1000;
    expect(stage.cycle.run()).toBe(0);
    expect(told.lines).toEqual(lines);
    expect(told.events).toEqual(events);
    expect(stage.run('KEYS *')).toEqual(['some', 'late', 'none']);
    expect(stage.run('HLEN some')).toBe(1);
    expect(stage.run('HLEN late')).toBe(1);
  });

  it('go with a key that has expired itself, as one', () => {
    const stage = new Stage('redis:7.4');
    for (const line of HASHES) stage.run(line);
    stage.run('PEXPIRE some 10');
    const told = listenTo(stage.engine);
    stage.nowMs += 11;
    expect(stage.cycle.run()).toBe(1);
    expect(told.lines).toEqual(['DEL some', 'HDEL all f1', 'HDEL all f2']);
  });

  it('wait for a key that has expired itself and is still to be found', () => {
    const stage = new Stage('redis:7.4');
    const { keys } = stage.engine.database(0);
    for (let key = 0; key < 4096; key++) {
      keys.set(`k${key}`, 'v');
      keys.setExpiry(`k${key}`, START + 10);
    }
    for (const line of ['HSET hash f v g v', 'HPEXPIRE hash 10 FIELDS 1 f', 'PEXPIRE hash 10']) stage.run(line);
    stage.nowMs += 11;
    const told = listenTo(stage.engine);
    expect([stage.cycle.run(), stage.cycle.run()]).toEqual([4096, 1]);
    expect(told.lines.slice(-2)).toEqual(['DEL k4095', 'DEL hash']);
    expect(told.lines.some((line) => line.startsWith('HDEL'))).toBe(false);
  });

  it('are looked for once a second, whatever the clock does, and never while a log is loaded', () => {
    const stage = new Stage('redis:7.4');
    const told = listenTo(stage.engine);
    const expireOne = (key: string): void => {
      for (const line of [`HSET ${key} f v g v`, `HPEXPIRE ${key} 10 FIELDS 1 f`]) stage.run(line);
      told.lines.length = 0;
      stage.nowMs += 11;
      stage.cycle.run();
    };
    expireOne('one');
    stage.nowMs += 1000;
    // It comes to the end, and begins a round in which there is nothing to do yet.
    stage.cycle.run();
    expireOne('two');
    expect(told.lines).toEqual([]);
    stage.nowMs += 1000;
    stage.engine.isLoading = true;
    stage.cycle.run();
    expect(told.lines).toEqual([]);
    stage.engine.isLoading = false;
    stage.cycle.run();
    expect(told.lines).toEqual(['HDEL two f']);
    stage.nowMs -= 3_600_000;
    expireOne('three');
    expect(told.lines).toEqual(['HDEL three f']);
  });

  it('are found among many values, so many at each call', () => {
    const stage = new Stage('redis:7.4');
    const { keys } = stage.engine.database(0);
    for (let key = 0; key < 40_000; key++) keys.set(`k${key}`, 'v');
    stage.run('HSET hash f v g v');
    stage.run('HPEXPIRE hash 10 FIELDS 1 f');
    stage.nowMs += 11;
    const told = listenTo(stage.engine);
    stage.cycle.run();
    stage.cycle.run();
    expect(told.lines).toEqual([]);
    stage.cycle.run();
    expect(told.lines).toEqual(['HDEL hash f']);
  });
});
