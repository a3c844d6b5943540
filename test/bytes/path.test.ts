/** Paths as strings and as bytes. */
import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { baseName, decodePath, encodePath, hasRawBytes, joinPath, parentPath } from '../../src/bytes/path.js';
import { random } from '../support/random.js';

describe('decodePath', () => {
  it.each<[number[], string]>([
    [[0x61, 0x62], 'ab'],
    [[0xc3, 0xa9], 'é'],
    [[0xf0, 0x9f, 0x98, 0x80], '😀'],
    [[0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    [[0x61, 0xff], 'a\udcff'],
    [[0xc3, 0xa9, 0xc3], 'é\udcc3'],
    [[0xc0, 0x80], '\udcc0\udc80'],
    [[0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], '😀\udc80'],
  ])('%j', (bytes, text) => {
    expect(decodePath(Uint8Array.from(bytes))).toBe(text);
    expect([...encodePath(text)]).toEqual(bytes);
    expect(hasRawBytes(text)).toBe(!isUtf8(Uint8Array.from(bytes)));
  });

  it('loses nothing (seed 3)', () => {
    const next = random(3);
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: Math.floor(next() * 12) }, () => Math.floor(next() * 256));
      expect([...encodePath(decodePath(bytes))]).toEqual([...bytes]);
    }
  });
});

it.each([
  ['', 'a', 'a'],
  ['.', 'a', 'a'],
  ['d', 'a', 'd/a'],
  ['d/', 'a', 'd/a'],
  ['/', 'a', '/a'],
])('joinPath(%j, %j)', (directory, name, path) => expect(joinPath(directory, name)).toBe(path));

it.each([
  ['a', '.', 'a'],
  ['a/b', 'a', 'b'],
  ['a/b//', 'a', 'b'],
  ['/a', '/', 'a'],
  ['/a/b', '/a', 'b'],
  ['/', '/', ''],
  ['.', '..', '.'],
  ['..', '../..', '..'],
  ['../a', '..', 'a'],
])('parentPath(%j)', (path, parent, name) => {
  expect(parentPath(path)).toBe(parent);
  expect(baseName(path)).toBe(name);
});
