import { describe, expect, it } from 'vitest';
import {
  copyFields,
  deleteField,
  type FieldTable,
  fieldCount,
  fieldPairs,
  fieldValue,
  hasField,
  withField,
} from '../../src/engine/values/field-table.js';
import { random } from '../support/random.js';

describe('fields of a hash', () => {
  it.each([
    [1, 6],
    [2, 18],
    [3, 60],
  ])('are those of a map, in its order (seed %i, %i names)', (seed, names) => {
    const next = random(seed);
    let table: FieldTable = [];
    const map = new Map<string, string>();
    for (let step = 0; step < 5000; step++) {
      const field = `f${Math.floor(next() * names)}`;
      if (next() < 0.6) {
        table = withField(table, field, String(step));
        map.set(field, String(step));
      } else {
        expect(deleteField(table, field)).toBe(map.delete(field));
      }
      expect(fieldCount(table)).toBe(map.size);
      expect(fieldValue(table, field)).toBe(map.get(field));
      expect(hasField(table, field)).toBe(map.has(field));
    }
    expect([...fieldPairs(table)]).toEqual([...map]);
    const copy = copyFields(table);
    deleteField(table, [...map.keys()][0]!);
    expect([...fieldPairs(copy)]).toEqual([...map]);
  });
});
