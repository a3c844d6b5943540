import { describe, expect, it } from 'vitest';
import { fromByteString } from '../../src/bytes/byte-string.js';
import { Keyspace } from '../../src/engine/keyspace.js';
import type { UnixMs } from '../../src/engine/unix-ms.js';
import { random } from '../support/random.js';

describe('a keyspace', () => {
  // Few keys that come and go, which leaves gaps; many that stay; a few of many.
  it.each([
    [1, 50, 30_000],
    [2, 20_000, 60_000],
    [3, 3_000, 60_000],
  ])('holds what a map holds, in its order (seed %i, %i keys)', (seed, names, steps) => {
    const next = random(seed);
    const keyspace = new Keyspace();
    const values = new Map<string, string>();
    const expiries = new Map<string, UnixMs>();
    for (let step = 0; step < steps; step++) {
      const key = nameOf(Math.floor(next() * names));
      const dice = next();
      if (dice < 0.5) {
        keyspace.set(key, String(step));
        values.set(key, String(step));
      } else if (dice < 0.8) {
        expect(keyspace.delete(key)).toBe(values.delete(key));
        expiries.delete(key);
      } else if (dice < 0.9 && values.has(key)) {
        const atMs = dice < 0.81 ? 2n ** 60n + BigInt(step) : dice < 0.82 ? -step : step;
        keyspace.setExpiry(key, atMs);
        expiries.set(key, atMs);
      } else if (dice < 0.95) {
        expect(keyspace.deleteExpiry(key)).toBe(expiries.delete(key));
      } else {
        expect(keyspace.get(key)).toBe(values.get(key));
        expect(keyspace.has(key)).toBe(values.has(key));
        expect(keyspace.expiryOf(key)).toBe(expiries.get(key));
        expect(find(keyspace, key)).toBe(values.has(key) ? key : undefined);
      }
    }
    expect([...keyspace.entries()]).toEqual([...values]);
    expect([...keyspace.keys()]).toEqual([...values.keys()]);
    expect(keyspace.size).toBe(values.size);
    expect(keyspace.expiring).toBe(expiries.size);
    for (const [key, atMs] of expiries) expect(keyspace.expiryOf(key)).toBe(atMs);
    keyspace.clear();
    expect([keyspace.size, keyspace.expiring, [...keyspace.keys()].length]).toEqual([0, 0, 0]);
  });

  it('has keys of any bytes and size', () => {
    const keyspace = new Keyspace();
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const keys = ['', ...all, ...all.map((char) => `a${char}`), 'x'.repeat(100_000), `${'x'.repeat(100_000)}y`];
    for (const key of keys) keyspace.set(key, `value of ${key}`);
    expect(keyspace.size).toBe(keys.length);
    for (const key of keys) {
      expect(find(keyspace, key)).toBe(key);
      expect(keyspace.get(key)).toBe(`value of ${key}`);
    }
    expect(find(keyspace, 'ab\0')).toBeUndefined();
  });

  it('finds bytes in the middle of others', () => {
    const keyspace = new Keyspace();
    keyspace.set('key', 'value');
    expect(keyspace.find(fromByteString('a key there'), 2, 5)).toBe('key');
    expect(keyspace.get('key')).toBe('value');
  });

  it('can lose keys while it is gone through', () => {
    const keyspace = new Keyspace();
    for (let key = 0; key < 5000; key++) keyspace.set(nameOf(key), '');
    let seen = 0;
    for (const key of keyspace.keys()) {
      seen++;
      keyspace.delete(key);
    }
    expect([seen, keyspace.size]).toEqual([5000, 0]);
  });
});

function nameOf(number: number): string {
  return number % 3 === 0 ? `k${number}` : `a-longer-name:${number}`;
}

function find(keyspace: Keyspace, key: string): string | undefined {
  const bytes = fromByteString(key);
  return keyspace.find(bytes, 0, bytes.length);
}
