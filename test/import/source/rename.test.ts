/** New names for keys: how a rename is written, and what it does to keys of any bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slice } from '../../../src/bytes/slice.js';
import { type KeyRename, KeyRenamer, parseRename } from '../../../src/import/source/rename.js';
import { FilterTextError } from '../../../src/rdb/filter-text.js';
import { ascii, latin1 } from '../../support/packed.js';

/** With strange bytes around the key. */
function renamed(key: Uint8Array, ...renames: (string | KeyRename)[]): Uint8Array {
  const renamer = new KeyRenamer(renames.map((one) => (typeof one === 'string' ? parseRename(one) : one)));
  const bytes = new Uint8Array(key.length + 4).fill(0x61);
  bytes.set(key, 2);
  const slice = new Slice();
  slice.set(bytes, 2, 2 + key.length);
  renamer.apply(slice);
  return slice.copy();
}

const textOf = (key: string, ...renames: (string | KeyRename)[]): string =>
  new TextDecoder().decode(renamed(new TextEncoder().encode(key), ...renames));

describe('a rename as text', () => {
  it.each([
    ['old=new', 'old', 'new'],
    ['old:(.*)=new:$1', 'old:(.*)', 'new:$1'],
    ['a=b=c', 'a=b', 'c'],
    ['a=b\\=c', 'a', 'b=c'],
    ['a=\\=', 'a', '='],
    ['a=\\=\\=b\\=', 'a', '==b='],
    ['a\\=b=c', 'a\\=b', 'c'],
    ['a=', 'a', ''],
    ['a\nb=c\nd', 'a\nb', 'c\nd'],
    ['é=ü', 'é', 'ü'],
  ])('%s', (text, source, replacement) => {
    const rename = parseRename(text);
    expect([rename.pattern.source.replaceAll('\\n', '\n'), rename.replacement]).toEqual([source, replacement]);
  });

  it.each(['', '=', '=new', 'old', 'old\\=new', '(=x', '[a=b', 'a{2,1}=b', '*=b'])('refuses "%s"', (text) => {
    expect(() => parseRename(text)).toThrow(FilterTextError);
  });
});

describe('a key', () => {
  it.each([
    ['old:7', ['old:(.*)=new:$1'], 'new:7'],
    ['old', ['old:(.*)=new:$1'], 'old'],
    // As a whole, or not at all.
    ['xold', ['old=new'], 'xold'],
    ['oldx', ['old=new'], 'oldx'],
    ['b', ['a|b=c'], 'c'],
    ['ax', ['a|b=c'], 'ax'],
    ['xb', ['a|b=c'], 'xb'],
    ['a=b', ['a=b=c'], 'c'],
    ['a=b', ['a\\=b=c'], 'c'],
    ['k', ['k=a\\=b'], 'a=b'],
    // The first that matches, once.
    ['a', ['a=b', 'b=c'], 'b'],
    ['b', ['a=b', 'b=c'], 'c'],
    ['abc', ['a.*=1', 'abc=2'], '1'],
    // What may stand for it.
    ['user:7', ['(?<kind>\\w+):(?<id>\\d+)=$<id>:$<kind>'], '7:user'],
    ['k', ['.*=<$&>'], '<k>'],
    ['k', ['.*=$$'], '$'],
    ['aa', ['(a)(b)?a=[$1$2]'], '[a]'],
    ['', ['(.*)=p:$1'], 'p:'],
    ['k', ['k='], ''],
    // Line breaks are characters like others.
    ['a\nb', ['a.b=c'], 'c'],
    ['a\nb', ['a=c'], 'a\nb'],
    ['a\nb', ['b=c'], 'a\nb'],
    ['é', ['.=x'], 'x'],
    ['日本', ['日(.)=$1'], '本'],
    ['\ufeffk', ['.k=x'], 'x'],
  ] as [string, string[], string][])('%j by %j is %j', (key, renames, expected) => {
    expect(textOf(key, ...renames)).toBe(expected);
  });

  it.each<[string, RegExp, string, string]>([
    ['ABC', /a(b)c/i, '$1', 'B'],
    ['aXa', /a(.)a/g, '$1', 'X'],
    ['k', /k/y, 'x', 'x'],
    ['a\nb', /a.b/s, 'x', 'x'],
    ['😀', /./su, 'x', 'x'],
    ['😀', /./u, 'x', 'x'],
    ['a\nb', /a/m, 'x', 'a\nb'],
    ['a\nb', /b$/m, 'x', 'a\nb'],
    ['ab', /a(?=b)b/d, 'x', 'x'],
  ])('%j by the expression %s is as it says', (key, pattern, replacement, expected) => {
    const rename = { pattern, replacement };
    expect(textOf(key, rename)).toBe(expected);
    // Nothing is remembered from one key to the next.
    expect(textOf(key, rename)).toBe(expected);
  });

  it('that is no UTF-8 has one character a byte', () => {
    const text = (key: string, ...renames: string[]): string => latin1(renamed(ascii(key), ...renames));
    expect(text('\xffold\x80', '(.)old(.)=$2new$1')).toBe('\x80new\xff');
    expect(text('\xff\xe9', '(.*)é=$1e')).toBe('\xffe');
    expect(text('\xc3\xa9\xff', '.{3}=x')).toBe('x');
    expect(text('\xc3\xa9', '.{2}=x')).toBe('\xc3\xa9');
    expect(text('k\xff', '(.*)=$1é')).toBe('k\xff\xe9');
  });

  it('that nothing matches stays where it is', () => {
    const slice = new Slice();
    const bytes = ascii('key');
    slice.set(bytes, 0, 3);
    new KeyRenamer([parseRename('other=x')]).apply(slice);
    expect([slice.bytes === bytes, slice.start, slice.end]).toEqual([true, 0, 3]);
  });

  it('of any bytes is the same behind a rename that says so', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (key) => {
        expect(renamed(key, '(.*)=$1')).toEqual(key);
        expect(renamed(key, '([^]*)=$&')).toEqual(key);
        expect(renamed(key, '(.*)=p:$1')).toEqual(new Uint8Array([0x70, 0x3a, ...key]));
      }),
      { numRuns: 1000 },
    );
  });

  it('never gets the name of another through a prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (one, other) => {
        const isSame = Buffer.compare(one, other) === 0;
        expect(Buffer.compare(renamed(one, '(.*)=x:$1'), renamed(other, '(.*)=x:$1')) === 0).toBe(isSame);
      }),
    );
  });
});
