/** What is kept of accesses: idle times and LFU counters, asked for by OBJECT, given by RESTORE and by dumps. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { loadKey } from '../../src/engine/load.js';
import { CommandError, type Reply } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import type { MaxmemoryPolicy } from '../../src/engine/settings.js';
import { snapshot } from '../../src/engine/snapshot.js';

function start(
  maxmemoryPolicy: MaxmemoryPolicy,
  random = 0,
): { run: (line: string) => Reply; pass: (ms: number) => void; engine: Engine } {
  let nowMs = 1_700_000_000_000;
  const engine = new Engine({ maxmemoryPolicy, clock: () => nowMs, random: () => random });
  const session = new Session(engine);
  return {
    engine,
    run: (line) => session.execute(line.split(' ')),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe('idle times', () => {
  it('are the seconds since somebody looked at the value', () => {
    const { run, pass } = start('noeviction');
    run('SET k v');
    pass(10_000);
    for (const line of ['TYPE k', 'TTL k', 'EXISTS k', 'OBJECT ENCODING k', 'SCAN 0']) run(line);
    expect(run('OBJECT IDLETIME k')).toBe(10);
    run('GET k');
    expect(run('OBJECT IDLETIME k')).toBe(0);
    pass(3000);
    expect(run('TOUCH k')).toBe(1);
    pass(2000);
    expect(run('OBJECT IDLETIME k')).toBe(2);
    expect(run('OBJECT IDLETIME none')).toBeNull();
  });

  it('come from RESTORE and from dumps, and go into dumps where the policy goes by them', () => {
    for (const policy of ['noeviction', 'allkeys-lru'] as const) {
      const { run, engine } = start(policy);
      run('SET from v');
      const payload = run('DUMP from') as string;
      new Session(engine).execute(['RESTORE', 'k', '0', payload, 'IDLETIME', '1000']);
      expect(run('OBJECT IDLETIME k')).toBe(1000);
      const keys = [...snapshot(engine)].filter((entry) => entry.kind === 'key');
      expect(keys.map(({ idleSeconds }) => idleSeconds)).toEqual(
        policy === 'noeviction' ? [undefined, undefined] : [0, 1000],
      );
      const other = start(policy);
      for (const key of keys) loadKey(other.engine, { ...key, idleSeconds: 7 });
      expect(other.run('OBJECT IDLETIME k')).toBe(7);
    }
  });

  it('stay with their keys when gaps are closed', () => {
    const { run, engine, pass } = start('noeviction');
    for (let key = 0; key < 9000; key++) run(`SET ${key} v`);
    pass(5000);
    run('GET 8999');
    for (let key = 0; key < 8000; key++) run(`DEL ${key}`);
    for (let key = 0; key < 9000; key++) run(`SET new${key} v`);
    expect([run('OBJECT IDLETIME 8998'), run('OBJECT IDLETIME 8999')]).toEqual([5, 0]);
    expect(engine.database(0).size).toBe(10_000);
  });
});

describe('OBJECT REFCOUNT', () => {
  it('is that of the shared integers, where servers share them', () => {
    for (const [target, shared] of [
      ['redis:7.0', 2 ** 31 - 1],
      ['redis:8.6', 1],
      ['valkey:9.0', 1],
    ] as const) {
      const session = new Session(new Engine({ target }));
      const count = (value: string): Reply => {
        session.execute(['SET', 'k', value]);
        return session.execute(['OBJECT', 'REFCOUNT', 'k']);
      };
      expect(['0', '9999', '10000', '-1', '01', 'x'].map(count)).toEqual([shared, shared, 1, 1, 1, 1]);
    }
  });
});

describe('LFU counters', () => {
  it('grow with accesses and fall with time', () => {
    const { run, pass } = start('allkeys-lfu');
    run('SET k v');
    expect(run('OBJECT FREQ k')).toBe(5);
    run('GET k');
    run('GET k');
    expect(run('OBJECT FREQ k')).toBe(7);
    pass(3 * 60_000);
    expect(run('OBJECT FREQ k')).toBe(4);
    pass(60 * 60_000);
    expect(run('OBJECT FREQ k')).toBe(0);
    expect(run('OBJECT IDLETIME k')).toBeInstanceOf(CommandError);
  });

  it('grow ever more slowly', () => {
    const { run } = start('allkeys-lfu', 0.05);
    run('SET k v');
    for (let count = 0; count < 100; count++) run('GET k');
    // One in 10 × (7 − 5) + 1 is less than 0.05.
    expect(run('OBJECT FREQ k')).toBe(7);
  });

  it('come from RESTORE and go into dumps', () => {
    const { run, engine } = start('allkeys-lfu', 0.99);
    run('SET from v');
    new Session(engine).execute(['RESTORE', 'k', '0', run('DUMP from') as string, 'FREQ', '100']);
    expect(run('OBJECT FREQ k')).toBe(100);
    expect([...snapshot(engine)].flatMap((entry) => (entry.kind === 'key' ? [entry.freq] : []))).toEqual([6, 100]);
  });
});
