/** The pieces of text that commands are made of. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/failures.js';
import { isRawLine, jsonBytes, lineText, parseBytesArgument, printableText } from '../../src/cli/render/bytes-text.js';
import { decompressValue, indentJson, terminalText } from '../../src/cli/render/decode-value.js';
import { parseIndexRange, resolveRange } from '../../src/cli/render/index-range.js';
import { formatProgress } from '../../src/cli/render/progress-bar.js';
import { formatAge, formatBytes, formatCount, formatTime, plural, scoreText } from '../../src/cli/render/quantity.js';
import { createStyle } from '../../src/cli/render/style.js';
import { formatTable } from '../../src/cli/render/table.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = createStyle('never', false, {});

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [10_239, '10 KB'],
    [1_048_000, '1023 KB'],
    [1_048_200, '1.0 MB'],
    [5e12, '4.5 TB'],
    [5e15, '4547 TB'],
  ])('%d bytes', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('%d', (count, text) => {
    expect(formatCount(count)).toBe(text);
  });
  it.each([
    [0, '0 s'],
    [89_000, '89 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 days'],
  ])('%d ms', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
  it.each([
    [0, '1970-01-01T00:00:00Z'],
    [1.5, '1970-01-01T00:00:00.001Z'],
    [9e15, '9000000000000000 ms after 1970'],
    [2n ** 62n, '4611686018427387904 ms after 1970'],
  ])('time %s', (ms, text) => {
    expect(formatTime(ms)).toBe(text);
  });
  it.each([
    [1.5, '1.5'],
    [-0, '-0'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('score %d', (score, text) => {
    expect(scoreText(score)).toBe(text);
  });
  it('one and many', () => {
    expect([plural(1, 'key'), plural(2, 'key'), plural(0, 'entry', 'entries')]).toEqual([
      '1 key',
      '2 keys',
      '0 entries',
    ]);
  });
});

describe('bytes as text', () => {
  it.each([
    ['plain', true],
    ['käse', true],
    ['', false],
    ['"q', false],
    ['a"q', true],
    ['a\x7f', false],
    ['a\u0085', false],
    ['a\u2028', false],
    ['a\u2066', false],
    ['\ufeffbom', true],
  ])('%j may stand as it is: %s', (text, expected) => {
    const bytes = utf8(text);
    expect(isRawLine(bytes, 0, bytes.length)).toBe(expected);
  });

  it.each(['plain', '', '"', '\\', 'a\nb\r\t\x07\b', 'käse', '\0', '\x1b[0m', '"x', '\\x41'])(
    '%j comes back from its line',
    (text) => {
      expect(parseBytesArgument(lineText(utf8(text)))).toEqual(utf8(text));
    },
  );

  it('any bytes come back from their quotes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(parseBytesArgument(lineText(bytes))).toEqual(bytes);
  });

  it('a quoted string ends with its quote', () => {
    for (const text of ['"', '"a', '"a"b', '"a\\"']) expect(() => parseBytesArgument(text)).toThrow(UsageError);
  });

  it('JSON has text where that is exact', () => {
    expect(jsonBytes(utf8('a\0b'))).toBe('a\0b');
    expect(jsonBytes(utf8('\ufeffx'))).toBe('\ufeffx');
    expect(jsonBytes(Uint8Array.of(0xff))).toEqual({ $b64: '/w==' });
    expect(printableText(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
  });
});

describe('ranges of indexes', () => {
  it.each<[string, number, [number, number] | undefined]>([
    ['0', 5, [0, 1]],
    ['-1', 5, [4, 5]],
    ['1..3', 5, [1, 4]],
    ['1~3', 5, [1, 4]],
    ['..', 5, [0, 5]],
    ['3..', 5, [3, 5]],
    ['..-2', 5, [0, 4]],
    ['4..2', 5, [4, 4]],
    ['9', 5, [9, 9]],
    ['-9', 5, [0, 0]],
    ['', 5, undefined],
    ['a', 5, undefined],
    ['1.5', 5, undefined],
    ['1..2..3', 5, undefined],
  ])('%j of %d', (text, size, expected) => {
    const range = parseIndexRange(text);
    const resolved = range && resolveRange(range, size);
    expect(resolved && [resolved.start, resolved.end]).toEqual(expected);
  });
});

describe('decoding', () => {
  it('takes gzip off, and leaves what only looks so', () => {
    expect(Buffer.from(decompressValue(gzipSync('text'))).toString()).toBe('text');
    const cut = gzipSync('text').subarray(0, 15);
    expect(decompressValue(cut)).toBe(cut);
    expect(decompressValue(new Uint8Array(0))).toHaveLength(0);
  });

  it('indents JSON and changes nothing in it', () => {
    expect(indentJson(utf8('{"a":[1,{"b":12345678901234567890}],"c":{},"d":[],"e":"x: {,}"}'))).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": 12345678901234567890\n    }\n  ],\n  "c": {},\n  "d": [],\n  "e": "x: {,}"\n}',
    );
    for (const text of ['5', '{', '{"a":1} x', 'text']) expect(indentJson(utf8(text))).toBeUndefined();
    expect(indentJson(utf8('["\u202e"]'))).toBeUndefined();
  });

  it('gives text of several lines to a terminal, and nothing else', () => {
    expect(terminalText(utf8('a\n\tb\r\n'))).toBe('a\n\tb\r\n');
    expect(terminalText(utf8('a\x1b[0m'))).toBeUndefined();
    expect(terminalText(Uint8Array.of(0xff))).toBeUndefined();
  });
});

describe('the progress bar', () => {
  it('tells share, rate and time left', () => {
    expect(formatProgress('dump.rdb', 50 * 1024 ** 2, 100 * 1024 ** 2, 1000)).toBe(
      'dump.rdb ████████████░░░░░░░░░░░░ 50%  50 MB/s  ETA 1 s',
    );
    expect(formatProgress('x', 1024, 1024 * 100_000, 1000)).toMatch(/ 0% {2}1\.0 KB\/s {2}ETA 27:46:39$/);
    expect(formatProgress('x', 1024 ** 2, 1024 ** 2 * 200, 1000)).toMatch(/ETA 3:19$/);
    expect(formatProgress('x', 0, 100, 0)).toMatch(/0% {2}0 B\/s/);
  });
  it('does without a total', () => {
    expect(formatProgress('-', 2048, undefined, 1000)).toBe('-  2.0 KB  2.0 KB/s');
  });
});

it('tables line up, whatever is in them', () => {
  const text = formatTable(
    [{ title: 'name' }, { title: 'n', align: 'right' }],
    [
      ['käse', '1'],
      ['日本', '12'],
    ],
    plain.dim,
    ' ',
  );
  expect(text).toBe(' name   n\n käse   1\n 日本  12\n');
});

describe('colours', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ] as const)('%s, terminal %s, %j', (choice, isTerminal, env, expected) => {
    expect(createStyle(choice, isTerminal, env).red('x') === '\x1b[31mx\x1b[39m').toBe(expected);
  });
});
