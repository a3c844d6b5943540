/** Names as text: readable, and never two names with the same text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuoted } from '../../../src/bytes/quote.js';
import { Slice } from '../../../src/bytes/slice.js';
import { parseBytesArgument } from '../../../src/cli/render/bytes-text.js';
import { NameText } from '../../../src/convert/tables/name-text.js';

const utf8 = new TextEncoder();
const name = new NameText();

function textOf(bytes: Uint8Array): { text: string; isExact: boolean } {
  const slice = new Slice();
  slice.set(bytes, 0, bytes.length);
  name.set(slice);
  return { text: Buffer.from(name.bytes.subarray(name.start, name.end)).toString(), isExact: name.isExact };
}

describe('the text of a name', () => {
  it.each(['user:1', '', 'schlüssel', '"hello"', '"', '""', 'a\nb', '\\xff', '"\\xff', '€'.repeat(40)])(
    'is %j itself',
    (text) => {
      expect(textOf(utf8.encode(text))).toEqual({ text, isExact: true });
    },
  );

  it.each([
    [Uint8Array.of(0xff), '"\\xff"'],
    [Uint8Array.of(0x61, 0x00, 0x22, 0x5c, 0x0a, 0x07, 0xc3), '"a\\x00\\"\\\\\\n\\a\\xc3"'],
    [utf8.encode('"\\xff"'), '"\\"\\\\xff\\""'],
    [Uint8Array.from([...utf8.encode('x'.repeat(100)), 0x80]), `"${'x'.repeat(100)}\\x80"`],
  ])('is quoted for %j', (bytes, text) => {
    expect(textOf(bytes)).toEqual({ text, isExact: false });
    expect(text).toBe(formatQuoted(bytes));
  });

  it('differs where names do, and leads back to the name', () => {
    const hostile = fc.array(fc.constantFrom('"', '\\', 'x', 'f', 'a', '\u00ff', '\n'), { maxLength: 8 });
    const texts = hostile.map((parts) => utf8.encode(parts.join('')));
    const bytes = fc.oneof(
      texts,
      fc.uint8Array({ maxLength: 6 }),
      texts.map((one) => Uint8Array.from([...one, 0xff])),
    );
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(bytes, (one) => {
        const { text, isExact } = textOf(one);
        const hex = Buffer.from(one).toString('hex');
        expect(seen.get(text) ?? hex).toBe(hex);
        seen.set(text, hex);
        expect(Buffer.from(isExact ? utf8.encode(text) : parseBytesArgument(text)).toString('hex')).toBe(hex);
      }),
      { numRuns: 5000, seed: 6 },
    );
  });
});
