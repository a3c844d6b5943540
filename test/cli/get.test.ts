/** `get`: raw strings, records, parts of values. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf, doubleLe, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

/** `{"a":[1,"x"]}` as the zstd command, Python's pickle and a MessagePack encoder write such things. */
const ZSTD = '28b52ffd04583900007b227a223a317dec532bbf';
const PICKLE = '80049512000000000000007d948c0161945d94284b018c01789465732e';
const MESSAGE_PACK = [0x81, 0xa1, 0x61, 0x92, 0x01, 0xa1, 0x78];

function valuesFile(): string {
  const items = Array.from({ length: 10 }, (_, index) => str(`item ${index}`));
  return directory.write(
    'values.rdb',
    rdbFile(
      'REDIS0010',
      keyRecord(0, 'string', str([0xff, 'bytes', 0])),
      keyRecord(1, 'list', [len(10), items]),
      keyRecord(2, 'set', [len(2), str('m'), str('n')]),
      keyRecord(4, 'hash', [len(2), str('name'), str('Ada'), str([0xff]), str('two\nlines')]),
      keyRecord(5, 'zset', [len(2), str('a'), doubleLe(1.5), str('b'), doubleLe(Number.NEGATIVE_INFINITY)]),
      keyRecord(0, 'gzip', str(gzipSync('{"a":1}'))),
      keyRecord(0, 'zlib', str(deflateSync('hello'))),
      keyRecord(0, 'zstd', str([...Buffer.from(ZSTD, 'hex')])),
      keyRecord(0, 'msgpack', str(MESSAGE_PACK)),
      keyRecord(0, 'pickle', str([...Buffer.from(PICKLE, 'hex')])),
      keyRecord(4, 'packed', [len(1), str('f'), str(MESSAGE_PACK)]),
      keyRecord(0, 'almost', str([0x1f, 0x8b, 'no gzip'])),
      [0xfe, 7],
      keyRecord(0, 'string', str('in seven')),
      keyRecord(0, 'seven', str('7')),
    ),
  );
}

describe('a whole value', () => {
  it('is raw bytes where it is a string', async () => {
    const { code, bytes, stderr } = await cli(['get', valuesFile(), 'string', '-n', '0']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(bytes).toEqual(Buffer.from('\xffbytes\0', 'latin1'));
  });

  it('is a record as export writes it, where it is anything else, or with --json', async () => {
    const file = valuesFile();
    const all = (await cli(['export', '-f', 'ndjson', file])).stdout.split('\n');
    for (const key of ['list', 'set', 'hash', 'zset']) {
      expect((await cli(['get', file, key])).stdout.trimEnd()).toBe(
        all.find((line) => line.includes(`"key":"${key}"`)),
      );
    }
    expect((await cli(['get', file, 'string', '--json'])).stdout.trimEnd()).toBe(all[0]);
    expect((await cli(['get', file, 'string', '--json', '--encoding', 'hex'])).stdout).toContain(
      '"value":{"$hex":"ff627974657300"}',
    );
  });

  it('is the one of the database that is asked for', async () => {
    expect((await cli(['get', valuesFile(), 'string', '-n', '7'])).stdout).toBe('in seven');
    expect((await cli(['get', valuesFile(), 'seven'])).stdout).toBe('7');
  });

  it('is the first one, and others are mentioned', async () => {
    const { code, stderr } = await cli(['get', valuesFile(), 'string']);
    expect(code).toBe(0);
    expect(stderr).toBe('rdb-inspect: this is the key of db 0; it is also in -n 7\n');
    expect((await cli(['get', valuesFile(), 'string', '-q'])).stderr).toBe('');
  });

  it('ends the reading with -n: what follows may be damaged', async () => {
    const file = directory.write('cut.rdb', bytesOf('REDIS0010', keyRecord(0, 'k', str('v')), 0x2a));
    expect(await cli(['get', file, 'k', '-n', '0'])).toMatchObject({ code: 0, stdout: 'v' });
    expect(await cli(['get', file, 'k'])).toMatchObject({ code: 1, stdout: 'v' });
  });

  it('that is not there is exit code 1', async () => {
    const { code, stdout, stderr } = await cli(['get', valuesFile(), 'nothing', '-n', '0']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^rdb-inspect: .*: there is no key nothing in db 0\nhint: /);
    const json = await cli(['get', valuesFile(), '"no\\x00thing"', '--json']);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'NOT_FOUND', message: expect.stringContaining('"no\\x00thing"') },
    });
  });
});

describe('--path', () => {
  it.each<[string, string, string]>([
    ['hash', 'name', 'Ada'],
    ['hash', '"\\xff"', 'two\nlines'],
    ['list', '0', 'item 0'],
    ['list', '-1', 'item 9'],
    ['list', '2..4', 'item 2\nitem 3\nitem 4\n'],
    ['list', '2~4', 'item 2\nitem 3\nitem 4\n'],
    ['list', '-2..', 'item 8\nitem 9\n'],
    ['list', '..1', 'item 0\nitem 1\n'],
    ['list', '8..100', 'item 8\nitem 9\n'],
    ['list', '-3..-2', 'item 7\nitem 8\n'],
    ['list', '7..-2', 'item 7\nitem 8\n'],
    ['list', '-100..0', 'item 0\n'],
    ['set', 'm', 'm'],
    ['zset', 'a', '1.5'],
    ['zset', 'b', '-inf'],
    ['string', '1..5', 'bytes'],
    ['string', '-3..-2', 'es'],
  ])('%s %s', async (key, path, expected) => {
    expect(await cli(['get', valuesFile(), key, '-n', '0', '--path', path])).toMatchObject({
      code: 0,
      stdout: expected,
    });
  });

  it('gives the fields of a stream entry', async () => {
    const file = fixturePath('redis-7.0/streams');
    const [record] = jsonLines<{ value: { entries: { id: string; fields: string[] }[] } }>(
      (await cli(['get', file, 's:simple'])).stdout,
    );
    const { id, fields } = record!.value.entries[3]!;
    expect((await cli(['get', file, 's:simple', '--path', id])).stdout).toBe(
      fields.map((part) => `${part}\n`).join(''),
    );
    expect(JSON.parse((await cli(['get', file, 's:simple', '--path', id, '--json'])).stdout)).toEqual(fields);
  });

  it('gives JSON where it is asked for', async () => {
    expect((await cli(['get', valuesFile(), 'hash', '--path', 'name', '--json'])).stdout).toBe('"Ada"\n');
    expect((await cli(['get', valuesFile(), 'list', '--path', '0..1', '--json'])).stdout).toBe('["item 0","item 1"]\n');
  });

  it.each<[string, string, number, string]>([
    ['hash', 'nothing', 1, 'this hash has nothing at nothing'],
    ['list', '10', 1, 'this list has nothing at 10'],
    ['list', '5..2', 1, 'this list has nothing at 5..2'],
    ['set', 'x', 1, 'this set has nothing at x'],
    ['string', '100..200', 1, 'this string has nothing at 100..200'],
    ['list', 'first', 2, 'a list is asked for an index or a range of indexes'],
    ['string', 'x', 2, 'a string is asked for a range of bytes'],
  ])('%s %s fails', async (key, path, expected, words) => {
    const { code, stdout, stderr } = await cli(['get', valuesFile(), key, '-n', '0', '--path', path]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toContain(words);
  });
});

describe('--decode auto', () => {
  it.each([
    ['gzip', '{"a":1}', 'the value is gzip, in it JSON'],
    ['zlib', 'hello', 'the value is zlib'],
    ['zstd', '{"z":1}', 'the value is zstd, in it JSON'],
    ['msgpack', '{"a":[1,"x"]}', 'the value is MessagePack'],
    ['almost', '\x1f\ufffdno gzip', undefined],
  ])('%s', async (key, expected, said) => {
    const { stdout, stderr } = await cli(['get', valuesFile(), key, '--decode', 'auto']);
    expect(stdout).toBe(expected);
    expect(stderr).toBe(said === undefined ? '' : `rdb-inspect: ${said}\n`);
  });

  it('names what it leaves as it is', async () => {
    const { bytes, stderr } = await cli(['get', valuesFile(), 'pickle', '--decode', 'auto']);
    expect(Buffer.from(bytes).toString('hex')).toBe(PICKLE);
    expect(stderr).toBe('rdb-inspect: the value is pickle protocol 4\n');
  });

  it('works on a part', async () => {
    const { stdout, stderr } = await cli(['get', valuesFile(), 'packed', '--path', 'f', '--decode', 'auto']);
    expect({ stdout, stderr }).toEqual({ stdout: '{"a":[1,"x"]}', stderr: 'rdb-inspect: the value is MessagePack\n' });
  });
});
