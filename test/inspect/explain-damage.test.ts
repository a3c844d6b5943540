/** Explanations of damage: what could be read stands, what is wrong is said, and every byte is accounted for. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { NotFoundError } from '../../src/inspect/explain.js';
import { bytesOf, hex, int64Le, keyRecord, len, type Piece, rawId, rdbFile, str } from '../support/file-builder.js';
import { random } from '../support/random.js';
import { smallFiles } from '../support/records.js';
import { errorsOf, expectTiles, explain, lines } from './explain-spans.js';

function errorsIn(type: number, value: Piece): Promise<string[]> {
  return explain(rdbFile('REDIS0014', keyRecord(type, 'k', value)), 'k').then(({ spans }) => errorsOf(spans));
}

describe('a broken interior', () => {
  it('keeps the entries before it', async () => {
    // The second entry says that it is a string of 63 bytes.
    const { spans } = await explain(
      rdbFile('REDIS0012', keyRecord(16, 'k', hex('0d 0d000000 0200 816602 bf7602 ff'))),
      'k',
    );
    expect(lines(spans.slice(6))).toEqual([
      '  13+13 listpack = 13 bytes',
      '    13+4 totalBytes = 13',
      '    17+2 count = 2',
      '    19+3 entry 0 (field) = "f"',
      '      19+1 encoding = string of 1 byte',
      '      20+1 data = "f"',
      '      21+1 backlen = 2',
      '    22+4 error = BAD_LISTPACK: listpack: an entry reaches beyond its end',
    ]);
  });

  it('goes on behind a node whose bounds are sound', async () => {
    const node = (entries: string[]): Piece => str(encodeListpack(entries.map((entry) => bytesOf(entry))));
    const value = [len(3), len(2), node(['a']), len(2), str(hex('08000000 0100 F6 FF')), len(2), node(['b'])];
    const { spans } = await explain(rdbFile('REDIS0012', keyRecord(18, 'k', value)), 'k');
    expect(errorsOf(spans)).toEqual(['33+2 BAD_LISTPACK: listpack: 0xf6 starts no entry']);
    expect(spans.filter((span) => span.label === 'entry 0').map((span) => span.value)).toEqual(['"a"', '"b"']);
  });

  it('shows what a header says beside what there is', async () => {
    const { spans } = await explain(rdbFile('REDIS0012', keyRecord(20, 'k', hex('0a 0b000000 0300 816109 ff'))), 'k');
    expect(lines(spans.slice(6))).toEqual([
      '  13+10 listpack = 10 bytes',
      '    13+4 totalBytes = 11 (but there are 10)',
      '    17+2 count = 3',
      '    19+3 entry 0 = "a"',
      '      19+1 encoding = string of 1 byte',
      '      20+1 data = "a"',
      '      21+1 backlen = 9 (but the entry has 2 bytes)',
      '    22+1 end = FF',
      '    23+0 error = BAD_LISTPACK: listpack: its header says 11 bytes, it has 10',
    ]);
  });

  it.each<[string, number, Piece, string]>([
    ['LZF that overruns', 0, hex('C3 03 40FF 01 6161'), 'BAD_LZF: '],
    [
      'bytes behind the terminator',
      20,
      hex('08 08000000 0000 FF FF'),
      '20+1 BAD_LISTPACK: listpack: bytes follow its terminator',
    ],
    ['a listpack of no bytes', 20, str(''), '13+0 BAD_LISTPACK: listpack: too short, 0 bytes'],
    ['a listpack that is a number', 20, hex('c0 05'), '0+1 BAD_LISTPACK: listpack: too short, 1 byte'],
    ['a field without a value', 16, hex('0a 0a000000 0100 816602 ff'), '23+0 BAD_COLLECTION: '],
    ['an expiry that is a string', 25, [int64Le(0n), hex('10 10000000 0300 816602 817602 817802 ff')], 'BAD_EXPIRY: '],
    ['a wrong prevlen', 10, hex('0f 0f000000 0c000000 0200 00f3 05f3 ff'), 'BAD_ZIPLIST: ziplist: prevlen is 5'],
    ['an empty ziplist without a terminator', 10, hex('0b 0b000000 0a000000 0000 00'), 'BAD_ZIPLIST: '],
    ['an empty zipmap', 9, hex('02 00 ff'), 'BAD_ZIPMAP: zipmap: it is empty'],
    ['an intset out of order', 11, hex('0c 02000000 02000000 0200 0100'), '25+0 BAD_INTSET: '],
    ['an intset of width 3', 11, hex('0b 03000000 01000000 020000'), '21+3 BAD_INTSET: intset: 3 is no width'],
    ['a small string that is not', 28, [len(1), len(0), len(0), len(3), str('12345678')], 'BAD_ARRAY: '],
    [
      'a stream without its entries',
      15,
      [len(1), str(rawId(5, 1)), str(hex('07000000 0000 ff')), [1, 5, 1, 0]],
      'BAD_STREAM: ',
    ],
    [
      'a node key that is none',
      15,
      [len(1), str('short'), str(hex('07000000 0000 ff')), [1, 5, 1, 0]],
      'BAD_STREAM: a node key of 5 bytes',
    ],
    ['a packed score that is none', 17, hex('0d 0d000000 0200 816102 817802 ff'), 'BAD_SCORE: '],
  ])('says what is wrong with %s', async (_what, type, value, message) => {
    expect(await errorsIn(type, value)).toEqual([expect.stringContaining(message)]);
  });
});

describe('a record that cannot be read to its end', () => {
  const before = keyRecord(0, 'fine', str('v'));

  it('is explained as far as it goes', async () => {
    const file = bytesOf('REDIS0012', before, keyRecord(4, 'hash', [len(2), str('f'), str('v'), str('g')]));
    const { record, spans } = await explain(file, file.length - 1);
    expect(record).toEqual({ offset: 17, size: 13, what: 'broken record', db: 0, key: bytesOf('hash') });
    expect(lines(spans.slice(-5))).toEqual([
      '  28+2 pair 1',
      '    28+2 field = "g"',
      '      28+1 length = 1',
      '      29+1 data = "g" <',
      '30+0 error = TRUNCATED: the input ends at 30 inside a value',
    ]);
    expect(await explain(file, 'hash')).toMatchObject({ record });
    expect((await explain(file, 'fine')).record.offset).toBe(9);
  });

  it('is explained where its type is unknown', async () => {
    const { record, spans } = await explain(rdbFile('REDIS0012', before, keyRecord(99, 'k', str('v'))), 20);
    expect(record).toMatchObject({ offset: 17, what: 'broken record' });
    expect(errorsOf(spans)).toEqual(['17+14 UNKNOWN_TYPE: 0x63 is neither an opcode nor a value type here']);
  });

  it('is explained where only its content is wrong, and nothing behind it is', async () => {
    const template = [0xf2, len(0), len(2), str('b'), str('a')];
    const file = rdbFile('REDIS0015', template, before);
    const { record, spans } = await explain(file, 12);
    expect(record).toEqual({ offset: 9, size: 7, what: 'broken record' });
    expect(errorsOf(spans)).toEqual(['16+0 BAD_TEMPLATE: template fields that are missing or out of order']);
    await expect(explain(file, 18)).rejects.toMatchObject({ code: 'BAD_TEMPLATE' });
    await expect(explain(file, 'fine')).rejects.toMatchObject({ code: 'BAD_TEMPLATE' });
  });

  it('is not taken for another one', async () => {
    const file = bytesOf('REDIS0012', keyRecord(0, 'k', [0xc5, 1]));
    await expect(explain(file, 'other')).rejects.toMatchObject({ code: 'BAD_STRING_ENCODING' });
    expect((await explain(file, 'k')).record).toMatchObject({ what: 'broken record', offset: 9 });
  });

  it('is the footer, too', async () => {
    const file = rdbFile('REDIS0012', before).slice(0, -3);
    const { record, spans } = await explain(file, 18);
    expect(record).toEqual({ offset: 17, size: 6, what: 'EOF' });
    expect(errorsOf(spans)).toEqual([expect.stringMatching(/^18\+5 TRUNCATED: /)]);
  });

  it.each(['', 'REDIS', 'PK'])('throws for a file that begins with %j', async (text) => {
    await expect(explain(bytesOf(text), 0)).rejects.toThrow(FormatError);
  });
});

describe('robustness', () => {
  const SEED = 11;
  const FLIPS = 60;

  it.each(smallFiles())(`$name: ${FLIPS} flipped bits and 20 prefixes (seed ${SEED})`, async ({ bytes }) => {
    const next = random(SEED);
    const pick = (count: number): number => Math.floor(next() * count);
    for (let left = FLIPS + 20; left > 0; left--) {
      const file = left > 20 ? bytes.slice() : bytes.slice(0, 9 + pick(bytes.length - 9));
      if (left > 20) file[9 + pick(bytes.length - 18)]! ^= 1 << pick(8);
      const options = {
        maxSpans: [3, 50, 5000][left % 3]!,
        limits: { largeValueBytes: left % 5 === 0 ? 30 : 2 ** 26 },
      };
      try {
        expectTiles(await explain(file, 9 + pick(bytes.length - 9), options), file);
      } catch (error) {
        if (!(error instanceof FormatError || error instanceof NotFoundError)) throw error;
      }
    }
  });
});
