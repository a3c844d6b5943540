import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/bytes/glob.js';

const KEYS = [
  '',
  'a',
  'b',
  'c',
  'z',
  '-',
  ']',
  '[',
  '\\',
  '*',
  '?',
  '^',
  'ab',
  'ac',
  'abc',
  'abbc',
  'axxbxxc',
  'a*',
  'a]',
  '[a',
  '[a]',
  '\\a',
  'aa',
  'aXbYbc',
];

/** What KEYS answers on Redis 7.0.15, holding {@link KEYS}. */
const ANSWERS: readonly (readonly [string, readonly string[]])[] = [
  ['', ['']],
  [
    '*',
    [
      '',
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '*',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  [
    '**',
    [
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '*',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  [
    '***',
    [
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '*',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  ['a', ['a']],
  ['a*', ['a', 'ab', 'ac', 'abc', 'abbc', 'axxbxxc', 'a*', 'a]', 'aa', 'aXbYbc']],
  ['a**', ['a', 'ab', 'ac', 'abc', 'abbc', 'axxbxxc', 'a*', 'a]', 'aa', 'aXbYbc']],
  ['*a', ['a', '[a', '\\a', 'aa']],
  ['**a', ['a', '[a', '\\a', 'aa']],
  ['*b*', ['b', 'ab', 'abc', 'abbc', 'axxbxxc', 'aXbYbc']],
  ['a*b*c', ['abc', 'abbc', 'axxbxxc', 'aXbYbc']],
  ['a*bc', ['abc', 'abbc', 'aXbYbc']],
  ['*a*b', ['ab']],
  [
    '*?',
    [
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '*',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  [
    '?*',
    [
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '*',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  ['?', ['a', 'b', 'c', 'z', '-', ']', '[', '\\', '*', '?', '^']],
  ['??', ['ab', 'ac', 'a*', 'a]', '[a', '\\a', 'aa']],
  ['a?c', ['abc']],
  ['a??c', ['abbc']],
  ['*??*', ['ab', 'ac', 'abc', 'abbc', 'axxbxxc', 'a*', 'a]', '[a', '[a]', '\\a', 'aa', 'aXbYbc']],
  ['\\*', ['*']],
  ['\\a', ['a']],
  ['a\\*', ['a*']],
  ['\\', ['\\']],
  ['a\\', []],
  ['\\\\', ['\\']],
  ['\\\\a', ['\\a']],
  ['\\[a]', ['[a]']],
  ['[abc]', ['a', 'b', 'c']],
  ['[^abc]', ['z', '-', ']', '[', '\\', '*', '?', '^']],
  ['[a-c]', ['a', 'b', 'c']],
  ['[c-a]', ['a', 'b', 'c']],
  ['[^a-c]', ['z', '-', ']', '[', '\\', '*', '?', '^']],
  ['[a-c-z]', ['a', 'b', 'c', 'z', '-']],
  ['[-a]', ['a', '-']],
  ['[a-]', ['a', ']', '^']],
  ['[a-]]', ['a', ']', '^']],
  ['[]', []],
  ['[^]', ['a', 'b', 'c', 'z', '-', ']', '[', '\\', '*', '?', '^']],
  ['[]a]', []],
  ['[', []],
  ['[^', ['a', 'b', 'c', 'z', '-', ']', '[', '\\', '*', '?', '^']],
  ['[a', ['a']],
  ['[^a', ['b', 'c', 'z', '-', ']', '[', '\\', '*', '?', '^']],
  ['[a-', ['a', '-']],
  ['[a-c', ['a', 'b', 'c']],
  ['[\\]]', [']']],
  ['[\\]a]', ['a', ']']],
  ['[a\\', ['a', '\\']],
  ['[\\', ['\\']],
  ['[\\a-c]', ['a', 'c', '-']],
  ['[*]', ['*']],
  ['[?]*', ['?']],
  ['[^^]', ['a', 'b', 'c', 'z', '-', ']', '[', '\\', '*', '?']],
  [
    '[^*]*',
    [
      'a',
      'b',
      'c',
      'z',
      '-',
      ']',
      '[',
      '\\',
      '?',
      '^',
      'ab',
      'ac',
      'abc',
      'abbc',
      'axxbxxc',
      'a*',
      'a]',
      '[a',
      '[a]',
      '\\a',
      'aa',
      'aXbYbc',
    ],
  ],
  ['a[b]c', ['abc']],
  ['a[]c', []],
  ['*[]]', []],
  ['*[a]', ['a', '[a', '\\a', 'aa']],
  ['*\\]', [']', 'a]', '[a]']],
  ['[[]*', ['[', '[a', '[a]']],
  ['[+-]]', ['-', ']', '[', '\\', '?']],
];

describe('matches what KEYS of a server matches', () => {
  it.each(ANSWERS)('%j', (pattern, answer) => {
    const glob = compileGlob(pattern);
    expect(KEYS.filter((key) => matchesInside(pattern, key))).toEqual(answer);
    expect(KEYS.filter((key) => glob.matches(latin1Bytes(key), 0, key.length))).toEqual(answer);
  });

  /** Also from Redis 7.0.15 on x86-64, over the 256 one-byte keys; bounds are inclusive. */
  it.each<[string, readonly (readonly [number, number])[]]>([
    ['[\x80-\xff]', [[0x80, 0xff]]],
    ['[^\x80-\xff]', [[0x00, 0x7f]]],
    ['[\x00-\x7f]', [[0x00, 0x7f]]],
    ['[\xff-\x80]', [[0x80, 0xff]]],
    ['\xff', [[0xff, 0xff]]],
    ['[\xff]', [[0xff, 0xff]]],
    [
      '[a-\xff]',
      [
        [0x00, 0x61],
        [0xff, 0xff],
      ],
    ],
    [
      '[\x00-\xff]',
      [
        [0x00, 0x00],
        [0xff, 0xff],
      ],
    ],
    ['?', [[0x00, 0xff]]],
  ])('%j among all bytes', (pattern, ranges) => {
    const glob = compileGlob(latin1Bytes(pattern));
    for (let byte = 0; byte < 256; byte++) {
      const expected = ranges.some(([first, last]) => byte >= first && byte <= last);
      expect(glob.matches(Uint8Array.of(byte), 0, 1), `byte ${byte}`).toBe(expected);
    }
  });
});

it('takes text as UTF-8 and counts bytes', () => {
  const key = new TextEncoder().encode('é');
  expect(compileGlob('é').matches(key, 0, key.length)).toBe(true);
  expect(compileGlob('?').matches(key, 0, key.length)).toBe(false);
  expect(compileGlob('??').matches(key, 0, key.length)).toBe(true);
});

it('agrees with a matcher that tries everything', () => {
  const letters = fc.constantFrom('a', 'b', 'c');
  const pattern = fc.array(fc.oneof(letters, fc.constantFrom('*', '?', '[ab]', '[^a]', '\\a')), { maxLength: 8 });
  const key = fc.array(letters, { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(pattern, key, (tokens, bytes) => {
      expect(matchesInside(tokens.join(''), bytes.join(''))).toBe(triesEverything(tokens, bytes));
    }),
    { numRuns: 2000 },
  );
});

it('does not slow down on patterns made to be slow', () => {
  const pattern = `${'*a'.repeat(200)}*b`;
  const key = latin1Bytes('a'.repeat(100_000));
  const started = performance.now();
  expect(compileGlob(pattern).matches(key, 0, key.length)).toBe(false);
  expect(compileGlob(`${'*?'.repeat(1000)}x`).matches(key, 0, key.length)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

it('takes a pattern of many classes', () => {
  const key = latin1Bytes('ab'.repeat(1000));
  expect(compileGlob('[a][^a]'.repeat(1000)).matches(key, 0, key.length)).toBe(true);
  expect(compileGlob('[a][^b]'.repeat(1000)).matches(key, 0, key.length)).toBe(false);
});

/** With bytes around the key that must not count. */
function matchesInside(pattern: string, key: string): boolean {
  return compileGlob(pattern).matches(latin1Bytes(`ab${key}ab`), 2, 2 + key.length);
}

function triesEverything(tokens: readonly string[], bytes: readonly string[]): boolean {
  if (tokens.length === 0) return bytes.length === 0;
  const [token, ...rest] = tokens;
  if (token === '*')
    return triesEverything(rest, bytes) || (bytes.length > 0 && triesEverything(tokens, bytes.slice(1)));
  if (bytes.length === 0) return false;
  const byte = bytes[0]!;
  const fits =
    token === '?' ||
    token === byte ||
    token === `\\${byte}` ||
    (token === '[ab]' && byte !== 'c') ||
    (token === '[^a]' && byte !== 'a');
  return fits && triesEverything(rest, bytes.slice(1));
}

function latin1Bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
