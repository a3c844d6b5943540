/** A dump that is taken while commands go on is that of the moment when it began. */
import { describe, expect, it } from 'vitest';
import { findCommand } from '../../src/aof/command-table.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { Engine } from '../../src/engine/engine.js';
import { LiveSnapshot } from '../../src/engine/live-snapshot.js';
import { Session } from '../../src/engine/session.js';
import { isSince } from '../../src/engine/settings.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { isBefore, unixMsOf } from '../../src/engine/unix-ms.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { chanceOf } from '../support/chance.js';
import { mixed } from '../support/generators/mixed.js';
import { random } from '../support/random.js';

const NOW = 1_700_000_000_000;

/** What has expired may be missing: it is gone for whoever loads the dump. */
async function linesOf(entries: readonly RdbEntry[]): Promise<string[]> {
  const kept = entries.filter((entry) => {
    const atMs = entry.kind === 'key' ? unixMsOf(entry) : undefined;
    return atMs === undefined || !isBefore(atMs, NOW);
  });
  return canonicalLines(kept);
}

function headOf(engine: Engine): RdbEntry[] {
  return [...snapshot(engine)].filter(({ kind }) => kind !== 'key');
}

describe('a live snapshot', () => {
  it.each([1, 2, 3, 4, 5, 6])('holds one moment, whatever happens meanwhile, seed %i', async (seed) => {
    const engine = new Engine({ clock: () => NOW, random: random(seed) });
    const session = new Session(engine);
    const has = (name: string): boolean => isSince(engine.settings.target, findCommand(name)?.since ?? {});
    const chance = chanceOf(seed, engine, has);
    const generate = mixed();
    const run = (count: number): void => {
      for (let left = count; left > 0; left--) {
        const command = generate(chance);
        session.execute(('args' in command ? command.args : command).map(String));
      }
    };
    for (let round = 0; round < 15; round++) {
      run(500);
      const then = [...snapshot(engine)];
      const taken: RdbEntry[] = [];
      const live = new LiveSnapshot(engine, (entry) => void taken.push(entry), headOf(engine));
      const steps = 1 + chance.integer(20);
      while (!live.step(steps)) run(chance.integer(10));
      expect(engine.liveSnapshots.size).toBe(0);
      expect(await linesOf(taken)).toEqual(await linesOf(then));
    }
  });

  it('holds what is deleted, flushed, moved and swapped, each key once', async () => {
    for (const lines of [
      ['FLUSHALL', 'SET 5 new'],
      ['FLUSHDB', 'SELECT 1', 'FLUSHDB'],
      ['SWAPDB 0 1', 'DEL 1', 'SELECT 1', 'DEL 2 1'],
      ['MOVE 1 2', 'RENAME 2 3', 'COPY 4 1 DB 1 REPLACE'],
      ['DEL 1 2 3 4 5 6 7 8', 'MSET 1 a 2 b 9 c'],
    ]) {
      const engine = new Engine({ clock: () => NOW });
      const session = new Session(engine);
      for (const db of ['1', '0']) {
        session.execute(['SELECT', db]);
        for (let key = 0; key < 9; key++) session.execute(['SET', String(key), `${db}:${key}`]);
      }
      const then = await linesOf([...snapshot(engine)]);
      const taken: RdbEntry[] = [];
      const live = new LiveSnapshot(engine, (entry) => void taken.push(entry), headOf(engine));
      live.step(3);
      for (const line of lines) session.execute(line.split(' '));
      while (!live.step(1));
      expect(await linesOf(taken)).toEqual(then);
      expect(taken.filter(({ kind }) => kind === 'key').length).toBe(18);
    }
  });

  it('lets go where it is given up', () => {
    const engine = new Engine({ clock: () => NOW });
    const session = new Session(engine);
    for (let key = 0; key < 9000; key++) session.execute(['SET', `k${key}`, 'v']);
    const live = new LiveSnapshot(engine, () => undefined, []);
    live.step(10);
    live.close();
    for (let key = 0; key < 9000; key++) session.execute(['DEL', `k${key}`]);
    for (let key = 0; key < 5000; key++) session.execute(['SET', `n${key}`, 'v']);
    // Gaps are closed again.
    expect(engine.database(0).keys.arrived).toBeLessThan(14_000);
    expect(engine.liveSnapshots.size).toBe(0);
  });
});
