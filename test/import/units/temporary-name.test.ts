/** Names under which keys are built: in the slot of the key that they become, whatever that is called. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slice } from '../../../src/bytes/slice.js';
import { newImportId, TemporaryNames } from '../../../src/import/units/temporary-name.js';
import { keySlot, SLOT_COUNT } from '../../../src/rdb/key-slot.js';
import { commandLines } from '../../support/command-run.js';
import { ascii, latin1 } from '../../support/packed.js';

const slotOf = (key: Uint8Array): number => keySlot(key, 0, key.length);
const names = new TemporaryNames('cafe', false, true);
const alone = new TemporaryNames('cafe', false, false);

/** Keys with what hash tags are made of. */
const hostileKey = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .array(fc.constantFrom('{', '}', 'a', '{}', '}{', '\0', '\xff'), { maxLength: 12 })
    .map((parts) => ascii(parts.join(''))),
);

describe('in a cluster', () => {
  it('are in the slot of their key', () => {
    fc.assert(
      fc.property(hostileKey, fc.nat(), (key, ordinal) => {
        expect(slotOf(names.of(key, ordinal))).toBe(slotOf(key));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '{}',
    '{}a',
    '{',
    '}',
    '{a',
    'a}',
    '{a}b',
    '{{a}}',
    '{}{a}',
    'foo{}{bar}',
    'foo{{bar}}zap',
    '{a}{b}',
    '\r\n',
  ])('of the key "%s"', (text) => {
    expect(slotOf(names.of(ascii(text), 7))).toBe(slotOf(ascii(text)));
  });

  it('can be had for every slot', () => {
    const texts = new Set<string>();
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const name = names.inSlot(slot, 'x');
      if (slotOf(name) !== slot) throw new Error(`${latin1(name)} is not in slot ${slot}`);
      texts.add(latin1(name));
    }
    expect(texts.size).toBe(SLOT_COUNT);
  });
});

it('tell imports, keys and purposes apart', () => {
  const one = ascii('k');
  const texts = [
    names.of(one, 1),
    names.of(one, 11),
    names.inSlot(slotOf(one), 'probe'),
    new TemporaryNames('beef', false, true).of(one, 1),
    alone.of(one, 1),
    alone.of(one, 2),
  ].map(latin1);
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts[4]).toBe('rdb-inspect:import:cafe:1');
  expect(texts[0]).toMatch(/^\{[a-z0-9]{4}\}rdb-inspect:import:cafe:1$/);
});

it('are the same for the handler, which has a key in hand, and for whoever asks later', () => {
  fc.assert(
    fc.property(hostileKey, fc.nat(), fc.boolean(), (key, ordinal, isCluster) => {
      const both = isCluster ? names : alone;
      const [padded, name] = [new Uint8Array(key.length + 2).fill(0x7b), new Slice()];
      padded.set(key, 1);
      const slice = new Slice();
      slice.set(padded, 1, 1 + key.length);
      both.ordinal = ordinal;
      both.temporary(slice, name);
      expect(name.copy()).toEqual(both.of(key, ordinal));
    }),
  );
});

it('are given up for the key by RENAME where keys are replaced, else by RENAMENX', () => {
  const lines = (replaces: boolean): string[] =>
    commandLines(new TemporaryNames('id', replaces, false).renameCommand(ascii('my key'), 3));
  expect(lines(true)).toEqual(['RENAME rdb-inspect:import:id:3 my key']);
  expect(lines(false)).toEqual(['RENAMENX rdb-inspect:import:id:3 my key']);
});

it('remember once that a key was built', () => {
  const one = new TemporaryNames('id', false, false);
  expect(one.takeBuilt()).toBe(false);
  one.built();
  expect([one.takeBuilt(), one.takeBuilt()]).toEqual([true, false]);
});

it('begin with another id each time', () => {
  const ids = Array.from({ length: 50 }, newImportId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/);
});
