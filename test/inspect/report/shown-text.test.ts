/** Text that is safe to show, whatever the bytes. */
import { expect, it } from 'vitest';
import { shownName, shownText } from '../../../src/inspect/report/shown-text.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each<[Uint8Array, number, string]>([
  [utf8('user:1'), 6, 'user:1'],
  [utf8('user:12'), 6, 'user:…'],
  [utf8('é日😀'), 10, 'é日😀'],
  [utf8('a\nb\u202ec\u200d\ufeff'), 99, 'a\\u{a}b\\u{202e}c\\u{200d}\\u{feff}'],
  [Uint8Array.of(0xff, 0x41), 99, '"\\xffA"'],
  [utf8('😀😀'), 3, '😀…'],
  [utf8('x😀😀'), 3, 'x…'],
  // The cut falls into a character: it is no sign of other bytes.
  [utf8('😀'.repeat(50)), 9, `${'😀'.repeat(4)}…`],
  [utf8(`x${'日'.repeat(50)}`), 4, 'x日日…'],
  [new Uint8Array(1000).fill(0x80), 9, '"\\x80\\x8…'],
  [new Uint8Array(0), 9, ''],
])('%#: %o within %i is %j', (bytes, maxLength, text) => {
  expect(shownText(bytes, maxLength)).toBe(text);
});

it('keeps names in bounds', () => {
  expect(shownName('dump.rdb', 8)).toBe('dump.rdb');
  expect(shownName('dump.rdb\u0007\ud800', 99)).toBe('dump.rdb\\u{7}\\u{d800}');
  expect(shownName('x'.repeat(1000), 10)).toBe('xxxxxxxxx…');
});
