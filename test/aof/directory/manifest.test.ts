/** The manifest: what servers accept, refuse and write. test/live/aof-manifest.test.ts holds it against a real one. */
import { describe, expect, it } from 'vitest';
import { formatManifest, parseManifest } from '../../../src/aof/directory/manifest.js';
import type { Manifest, ManifestEntry } from '../../../src/aof/model.js';
import { FormatError } from '../../../src/bytes/errors.js';
import { decodePath } from '../../../src/bytes/path.js';
import { oddManifest } from '../../support/odd-manifests.js';
import { latin1 as latin1Text } from '../../support/packed.js';
import { random } from '../../support/random.js';

/** Characters up to U+00FF as bytes. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const EXAMPLE = `file appendonly.aof.1.base.rdb seq 1 type b
file appendonly.aof.1.incr.aof seq 1 type i
`;

describe('parseManifest', () => {
  it('reads what servers write', () => {
    expect(parseManifest(bytes(EXAMPLE))).toEqual({
      entries: [
        { name: 'appendonly.aof.1.base.rdb', seq: 1n, type: 'base' },
        { name: 'appendonly.aof.1.incr.aof', seq: 1n, type: 'incr' },
      ],
    });
  });

  const one = (name: string, rest: Partial<ManifestEntry> = {}): ManifestEntry[] => [
    { name, seq: 1n, type: 'incr', ...rest },
  ];
  const accepted: [string, string, ManifestEntry[]][] = [
    ['comments only', '#\n# file x\n', []],
    ['a comment without line end', `${EXAMPLE.split('\n')[1]}\n# end`, one('appendonly.aof.1.incr.aof')],
    ['a comment with NUL bytes', '#\0\0\nfile a seq 1 type i\n', one('a')],
    ['CR LF', 'file a seq 1 type i\r\n', one('a')],
    ['blanks around and between', ' \t file\t\ta  seq 1\ttype i \t\n', one('a')],
    ['vertical tab and form feed between', 'file \x0ba seq\x20\x0c1 type i\n', one('a')],
    ['form feed inside a word', 'file a\x0cb seq 1 type i\n', one('a\x0cb')],
    ['pairs in another order', 'type i seq 1 file a\n', one('a')],
    ['keys in capitals', 'FILE a Seq 1 tYPE i\n', one('a')],
    ['quoted keys and values', '"file" "a" \'seq\' \'1\' type "i"\n', one('a')],
    ['unknown pairs', 'file a seq 1 type i unknown 1 "" x\n', one('a')],
    ['later pairs win', 'file a seq 3 type b seq 1 type i file c\n', one('c')],
    ['only the first letter of a type', 'file a seq 1 type incremental\n', one('a')],
    ['a quote inside a word', 'file we" ird" seq 1 type i\n', one('we ird')],
    ['escapes', 'file "\\x41\\n\\q\\x4g" seq 1 type i\n', one('A\nqx4g')],
    ['apostrophes', "file 'it\\'s' seq 1 type i\n", one("it's")],
    ['a name cut at NUL', 'file "a\\x00b" seq 1 type i\n', one('a')],
    ['a lenient number', 'file a seq " +01z" type i\n', one('a')],
    ['the largest number', 'file a seq 99999999999999999999 type i\n', one('a', { seq: 2n ** 63n - 1n })],
    ['a negative base', 'file a seq -2 type b\n', one('a', { type: 'base', seq: -2n })],
    ['history without a name', 'file "" seq 1 type h\n', one('', { type: 'history' })],
    ['offsets', 'file a seq 1 type i startoffset 5 endoffset 77\n', one('a', { startOffset: 5n, endOffset: 77n })],
    ['UTF-8', 'file \xc3\xa9 seq 1 type i\n', one('é')],
    ['bytes that are no UTF-8', 'file "\\xff\\xe9" seq 1 type i\n', one('\udcff\udce9')],
    ['1,024 bytes in a line', `file a seq 1 type i x ${'y'.repeat(1024 - 23)}\n`, one('a')],
    ['a comment of more than 1,024 bytes', `#${'x'.repeat(1023)}file a seq 1 type i\n`, one('a')],
  ];
  it.each(accepted)('takes %s', (_, text, entries) => {
    expect(parseManifest(bytes(text)).entries).toEqual(entries);
  });

  const refused: [string, string, RegExp, number, number][] = [
    ['no bytes', '', /empty manifest/, 0, 0],
    ['an empty line', `${EXAMPLE}\n`, /an empty line/, 88, 3],
    ['a line of blanks', ' \t\n', /an empty line/, 0, 1],
    ['a last line without line end', 'file a seq 1 type i', /no line end/, 0, 1],
    ['1,025 bytes in a line', `file a seq 1 type i x ${'y'.repeat(1024 - 22)}\n`, /more than 1024/, 0, 1],
    ['the rest of a long comment', `#${'x'.repeat(1030)}\n`, /1 words/, 1024, 1],
    ['a NUL byte', 'file a seq 1\0 type i\n', /NUL/, 0, 1],
    ['too few words', 'file a seq 1\n', /4 words/, 0, 1],
    ['an odd number of words', 'file a seq 1 type i x\n', /7 words/, 0, 1],
    ['quotes that stay open', 'file "a seq 1 type i\n', /quotes/, 0, 1],
    ['a letter behind a quote', 'file "a"b seq 1 type i\n', /quotes/, 0, 1],
    ['a backslash at the end', 'file a seq 1 type "i\\\n', /quotes/, 0, 1],
    ['no name', 'x a seq 1 type i\n', /no file name/, 0, 1],
    ['an empty name', 'file "" seq 1 type i\n', /an empty file name/, 0, 1],
    ['a name that begins with NUL', 'file "\\x00a" seq 1 type b\n', /an empty file name/, 0, 1],
    ['a path', 'file a/b seq 1 type i\n', /a path/, 0, 1],
    ['a path of history', 'file a/b seq 1 type h\n', /a path/, 0, 1],
    ['a path that is overridden', 'file a/b file c seq 1 type h\n', /a path/, 0, 1],
    ['a backslash in a name', 'file "a\\\\b" seq 1 type i\n', /a path/, 0, 1],
    ['a sequence number of 0', 'file a seq 0 type i\n', /sequence number/, 0, 1],
    ['none', 'file a seq z type h\n', /sequence number/, 0, 1],
    ['no type', 'file a seq 1 typ i\n', /no type/, 0, 1],
    ['another type', 'file a seq 1 type B\n', /a type of "B"/, 0, 1],
    ['a second base', 'file a seq 1 type b\nfile b seq 2 type b\n', /second base/, 20, 2],
    ['an increment of 0 or less', 'file a seq -1 type i\n', /more than 0/, 0, 1],
    ['increments out of order', 'file a seq 2 type i\n#\nfile b seq 2 type i\n', /more than 2/, 22, 3],
  ];
  it.each(refused)('refuses %s', (_, text, message, offset, line) => {
    let found: unknown;
    try {
      parseManifest(bytes(text));
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(FormatError);
    expect(found).toMatchObject({ code: 'BAD_MANIFEST', offset, trail: line === 0 ? [] : [`line ${line}`] });
    expect((found as Error).message).toMatch(message);
  });
});

describe('formatManifest', () => {
  const entry = (name: string, type: ManifestEntry['type'], seq = 1n): ManifestEntry => ({ name, seq, type });
  const format = (...entries: ManifestEntry[]): string => latin1Text(formatManifest({ entries }));

  it('writes base, history, increments', () => {
    const entries = [entry('i1', 'incr'), entry('h2', 'history', 2n), entry('b', 'base', 3n), entry('h1', 'history')];
    expect(format(...entries, { ...entry('i2', 'incr', 2n), startOffset: 7n, endOffset: 9n })).toBe(
      'file b seq 3 type b\nfile h2 seq 2 type h\nfile h1 seq 1 type h\nfile i1 seq 1 type i\n' +
        'file i2 seq 2 type i startoffset 7 endoffset 9\n',
    );
  });

  it.each([
    ['plain-name_1.aof', 'plain-name_1.aof'],
    ['#hash', '#hash'],
    ['we ird', '"we ird"'],
    ['q"q', '"q\\"q"'],
    ["it's", '"it\'s"'],
    ['é', '"\\xc3\\xa9"'],
    [decodePath(Uint8Array.of(0xff, 0x01, 0x7f, 0x09)), '"\\xff\\x01\\x7f\\t"'],
  ])('quotes %j as %s, and finds it again', (name, shown) => {
    const written = formatManifest({ entries: [entry(name, 'incr')] });
    expect(latin1Text(written)).toBe(`file ${shown} seq 1 type i\n`);
    expect(parseManifest(written).entries[0]!.name).toBe(name);
  });

  it('writes a comment where there is no file, since no server starts with nothing', () => {
    expect(parseManifest(formatManifest({ entries: [] }))).toEqual({ entries: [] });
  });

  it.each<[string, Manifest['entries'], RegExp]>([
    ['a path', [entry('a/b', 'incr')], /no plain file name/],
    ['an empty name', [entry('', 'history')], /no plain file name/],
    ['a NUL', [entry('a\0', 'incr')], /no plain file name/],
    ['two bases', [entry('a', 'base'), entry('b', 'base')], /second base/],
    ['increments out of order', [entry('a', 'incr', 2n), entry('b', 'incr', 1n)], /more than 2/],
    ['a number beyond 64 bits', [entry('a', 'base', 2n ** 63n)], /64 bits/],
    ['a sequence number of 0', [entry('a', 'base', 0n)], /is 0/],
    ['a line that no server reads', [entry('é'.repeat(127), 'incr')], /more than 1024/],
  ])('refuses %s', (_, entries, message) => {
    expect(() => formatManifest({ entries })).toThrow(message);
  });

  it('and parseManifest undo each other (seed 9)', () => {
    const next = random(9);
    let count = 0;
    for (let round = 0; round < 2000; round++) {
      const manifest = parsed(oddManifest(next));
      if (manifest === undefined || manifest.entries.some(({ name }) => name === '' || name.length > 200)) continue;
      const sorted = (['base', 'history', 'incr'] as const).flatMap((type) =>
        manifest.entries.filter((one) => one.type === type),
      );
      expect(parseManifest(formatManifest(manifest)).entries).toEqual(sorted);
      count++;
    }
    expect(count).toBeGreaterThan(300);
  });
});

function parsed(text: Uint8Array): Manifest | undefined {
  try {
    return parseManifest(text);
  } catch {
    return undefined;
  }
}
