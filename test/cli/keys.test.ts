/** `keys`: raw, quoted, by NUL, as JSON, and every filter. */
import { describe, expect, it } from 'vitest';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, fromBase64, listFixtures, readTruth } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const NAMES = [
  'plain',
  'with space',
  'käse 🧀',
  '"quoted',
  'new\nline',
  '\x1b[31mred',
  '',
  '\u202eevil',
  'tab\t',
  'back\\slash',
];
const INVALID = [0xff, 0x00, 0x41];

function namesFile(): string {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const records = [...NAMES.map(utf8), Uint8Array.from(INVALID)].map((name) => keyRecord(0, name, str('v')));
  return directory.write('names.rdb', rdbFile('REDIS0010', records, [0, [0xc1, 0x39, 0x30], str('v')]));
}

describe('lines', () => {
  it('are raw where that is safe, else quoted as redis-cli does', async () => {
    expect(linesOf((await cli(['keys', namesFile()])).stdout)).toEqual([
      'plain',
      'with space',
      'käse 🧀',
      '"\\"quoted"',
      '"new\\nline"',
      '"\\x1b[31mred"',
      '""',
      '"\\xe2\\x80\\xaeevil"',
      '"tab\\t"',
      'back\\slash',
      '"\\xff\\x00A"',
      '12345',
    ]);
  });

  it('are what get takes', async () => {
    const file = namesFile();
    for (const line of linesOf((await cli(['keys', file])).stdout)) {
      expect(await cli(['get', file, line]), line).toMatchObject({ code: 0, stdout: 'v' });
    }
  });

  it('are raw bytes with NUL', async () => {
    const { bytes } = await cli(['keys', '-0', namesFile()]);
    expect(bytes).toEqual(
      Buffer.concat([
        ...NAMES.map((name) => Buffer.from(`${name}\0`)),
        Buffer.from([...INVALID, 0]),
        Buffer.from('12345\0'),
      ]),
    );
  });
});

describe('--json', () => {
  it('has one object per key', async () => {
    const records = [
      keyRecord(0, 'a', str('value')),
      [0xfe, 3],
      keyRecord(2, [0xff], [len(1), str('m')], [0xfc, int64Le(4102444800000n)]),
    ];
    const file = directory.write('two.rdb', rdbFile('REDIS0010', records));
    expect((await cli(['keys', '--json', file])).stdout).toBe(
      '{"db":0,"key":"a","type":"string","encoding":"raw","size":6}\n' +
        '{"db":3,"key":{"$b64":"/w=="},"type":"set","encoding":"hashtable","expireAt":4102444800000,"size":3}\n',
    );
    expect((await cli(['keys', '--json', file, '--encoding', 'hex'])).stdout).toContain('"key":{"$hex":"ff"}');
    expect((await cli(['keys', '--json', file, '--encoding', 'latin1'])).stdout).toContain('"key":"ÿ"');
  });
});

describe.each(listFixtures().filter(({ case: name }) => name === 'types'))('$name', (fixture) => {
  it('lists the keys that the server had', async () => {
    const { stdout } = await cli(['keys', '--json', fixture.path]);
    const found = jsonLines<{ db: number; key: string | { $b64: string } }>(stdout).map(({ db, key }) => {
      const bytes = typeof key === 'string' ? Buffer.from(key) : Buffer.from(fromBase64(key.$b64));
      return `${db} ${bytes.toString('hex')}`;
    });
    const wanted = readTruth(fixture).keys.map(
      ({ db, key }) => `${db} ${Buffer.from(fromBase64(key)).toString('hex')}`,
    );
    expect(found.sort()).toEqual(wanted.sort());
  });
});

describe('filters', () => {
  const types = fixturePath('redis-7.0/types');
  const count = async (...filter: string[]): Promise<number> =>
    linesOf((await cli(['keys', types, ...filter])).stdout).length;

  it.each<[string[], number]>([
    [[], 238],
    [['-n', '0'], 214],
    [['--db', '1,5'], 8],
    [['-n', '1', '-n', '5'], 8],
    [['-d', '1', '-n', '5'], 8],
    [['-t', 'stream'], 21],
    [['-t', 'stream,list'], 40],
    [['-T', 'stream'], 217],
    [['-t', 'hash', '-T', 'hash'], 0],
    [['--ttl', 'any'], 18],
    [['--ttl', 'none'], 220],
    [['-l', '7'], 7],
    [['--limit', '0'], 0],
    [['--sample', '0%'], 0],
    [['--sample', '100%'], 238],
    [['--key-regex', '^hash:v6[45]$'], 2],
    [['-k', 'hash:v6?'], 2],
    [['-k', 'hash:v6?', '-k', 'set:one'], 3],
    [['-k', 'hash:v6?', '-K', '*5'], 1],
    [['-k', '"hash:v6\\x34"'], 1],
    [['--slot', '0-16383'], 238],
    [['--idle', '>1s'], 0],
    [['--freq', '0~255'], 0],
  ])('%j', async (filter, expected) => {
    expect(await count(...filter)).toBe(expected);
  });

  it('by size and elements agree with what export says', async () => {
    const small = await count('--size', '~1KB');
    expect(small).toBeGreaterThan(0);
    expect(small + (await count('--size', '>1KB'))).toBe(238);
    const few = await count('--elements', '<10');
    expect(few + (await count('--elements', '10~'))).toBe(238);
  });

  it('stop reading at the limit: what is damaged behind it does not matter', async () => {
    const file = directory.write('cut.rdb', bytesOf('REDIS0010', keyRecord(0, 'a', str('v')), 0x2a));
    expect(await cli(['keys', file, '-l', '1'])).toMatchObject({ code: 0, stdout: 'a\n' });
    expect(await cli(['keys', file])).toMatchObject({ code: 1, stdout: 'a\n' });
  });
});
