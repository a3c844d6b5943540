/** What generators of commands draw from, seeded. */
import type { Engine } from '../../src/engine/engine.js';
import { isSince } from '../../src/engine/settings.js';
import type { Chance } from './engine-differential.js';
import { random } from './random.js';

export function chanceOf(seed: number, engine: Engine, has: Chance['has']): Chance {
  const next = random(seed);
  const { target } = engine.settings;
  const integer = (below: number): number => Math.floor(next() * below);
  const pick = <T>(items: readonly T[]): T => items[integer(items.length)]!;
  return {
    next,
    integer,
    pick,
    odds: (probability) => next() < probability,
    some: (items, most) => Array.from({ length: 1 + integer(most) }, () => pick(items)),
    has,
    since: (versions) => isSince(target, versions),
    target,
    engine,
  };
}
