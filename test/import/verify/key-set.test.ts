import { expect, it } from 'vitest';
import { KeySet } from '../../../src/import/verify/key-set.js';
import { ascii } from '../../support/packed.js';

function adder(set: KeySet): (name: string, db?: number) => boolean {
  return (name, db = 0) => {
    const bytes = ascii(`<${name}>`);
    return set.add(db, bytes, 1, bytes.length - 1);
  };
}

it('knows each key once, in its database', () => {
  const add = adder(new KeySet());
  expect([add('a'), add('b'), add('a'), add('a', 1), add(''), add(''), add('a', 1)]).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    false,
  ]);
});

it('grows', () => {
  const set = new KeySet();
  const add = adder(set);
  const count = 50_000;
  for (let index = 0; index < count; index++) if (!add(String(index))) throw new Error(`${index} is new`);
  for (let index = 0; index < count; index++) if (add(String(index))) throw new Error(`${index} is not new`);
  expect(set.size).toBe(count);
});

it('knows nothing any more once it is full', () => {
  const set = new KeySet(3);
  const add = adder(set);
  expect([add('a'), add('b'), add('c'), set.isFull]).toEqual([true, true, true, false]);
  expect([add('d'), set.isFull, add('a')]).toEqual([true, true, true]);
});
