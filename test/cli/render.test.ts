/** The pieces of text that commands are made of. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/failures.js';
import { isRawLine, jsonBytes, lineText, parseBytesArgument, printableText } from '../../src/cli/render/bytes-text.js';
import { decodeValue, terminalText } from '../../src/cli/render/decode-value.js';
import { indentJson } from '../../src/cli/render/indent-json.js';
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
    expect(Buffer.from(decodeValue(gzipSync('text')).bytes).toString()).toBe('text');
    const cut = gzipSync('text').subarray(0, 15);
    expect(decodeValue(cut)).toEqual({ forms: [], bytes: cut });
    expect(decodeValue(new Uint8Array(0)).bytes).toHaveLength(0);
  });

  it.each([
    [
      'Java serialization',
      'aced0005737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a657870000000017704000000017400017878',
    ],
    ['pickle protocol 2', '80027d710058010000006171015d7102284b01580100000078710365732e'],
    ['pickle protocol 5', '80059512000000000000007d948c0161945d94284b018c01789465732e'],
    ['PHP serialization', Buffer.from('a:1:{s:1:"a";i:1;}').toString('hex')],
    ['Ruby Marshal', '04085b066906'],
    ['JSON', Buffer.from(' {"a":[]}\n').toString('hex')],
  ])('knows %s, and leaves it as it is', (name, hex) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    expect(decodeValue(bytes)).toEqual({ forms: [name], bytes });
  });

  it.each([
    ['a map', '81a16192c3c0', '{"a":[true,null]}'],
    ['a great number', '91cf8000000000000000', '[9223372036854775808]'],
    ['bytes', '91c402ff00', '[{"$b64":"/wA="}]'],
    ['a time', '91d6ff00000001', '["1970-01-01T00:00:01.000Z"]'],
  ])('writes MessagePack as JSON: %s', (_, hex, expected) => {
    const { forms, bytes } = decodeValue(new Uint8Array(Buffer.from(hex, 'hex')));
    expect({ forms, text: Buffer.from(bytes).toString() }).toEqual({ forms: ['MessagePack'], text: expected });
  });

  it.each([
    '81a161',
    'ddffffffff01',
    '81c001',
    '9'.repeat(2),
    '8002',
    `${'91'.repeat(50_000)}`,
    '28b52ffd0000',
    '5b31',
  ])('takes %.20s for nothing', (hex) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    expect(decodeValue(bytes)).toEqual({ forms: [], bytes });
  });

  it('takes wrappings off that lie in one another, but not for ever', () => {
    const wrapped = [1, 2, 3, 4, 5, 6].reduce((bytes) => gzipSync(bytes), Buffer.from('x'));
    expect(decodeValue(gzipSync(deflateSync('[1]'))).forms).toEqual(['gzip', 'zlib', 'JSON']);
    expect(decodeValue(wrapped).forms).toEqual(['gzip', 'gzip', 'gzip', 'gzip']);
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
