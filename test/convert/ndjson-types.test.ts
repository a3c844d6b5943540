/** Lines of streams, modules and the rarer types, and of forced encodings, from files made by hand. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import {
  bytesOf,
  doubleLe,
  hex,
  int64Le,
  keyRecord,
  len,
  len64,
  type Piece,
  rawId,
  rdbFile,
  str,
} from '../support/file-builder.js';
import { linesOf, type RunOptions } from './export-run.js';

function line(record: Piece, options: RunOptions = {}, magic = 'REDIS0012'): string {
  const lines = linesOf(rdbFile(magic, record), options);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

/** The text behind `"value":`. */
function valueText(record: Piece, options: RunOptions = {}, magic?: string): string {
  const text = line(record, options, magic);
  const value = text.slice(text.indexOf('"value":') + 8, -1);
  expect(() => JSON.parse(text)).not.toThrow();
  return value;
}

const hash = (...fields: Piece[]): Piece => keyRecord(4, 'h', [len(fields.length / 2), ...fields]);

describe('other types', () => {
  it('lists and sets', () => {
    expect(valueText(keyRecord(1, 'l', [len(2), str('a'), str([0xff])]))).toBe('["a",{"$b64":"/w=="}]');
    expect(valueText(keyRecord(2, 's', [len(0)]))).toBe('[]');
  });

  it('a stream with all that version 5 records', () => {
    const node = encodeListpack(
      ['2', '0', '1', 'a', '0', '2', '0', '0', 'x', '4', '2', '1', '-1', 'y', '4'].map((text) => bytesOf(text)),
    );
    const pending = [len(2), rawId(5, 1), int64Le(1000n), len(3), rawId(6, 0), int64Le(2000n), len(1)];
    const consumers = [len(1), str('c'), int64Le(3000n), int64Le(-1n), len(1), rawId(5, 1)];
    const group = [str('g'), len(6), len(0), len64(2n ** 64n - 1n), pending, consumers, len(1), rawId(6, 0)];
    const idmp = [len(100), len(50), len(1), str('p'), len(1), str('iid'), len(6), len(0), len(7), len(2)];
    const counters = [len(2), len(6), len(0), len(5), len(1), len(0), len(0), len64(2n ** 60n)];
    const record = keyRecord(27, 's', [len(1), str(rawId(5, 1)), str(node), counters, len(1), group, idmp]);
    expect(valueText(record, {}, 'REDIS0014')).toBe(
      '{"entries":[{"id":"5-1","fields":["a","x"]},{"id":"6-0","fields":["a","y"]}],"length":2,"lastId":"6-0",' +
        '"firstId":"5-1","maxDeletedId":"0-0","entriesAdded":"1152921504606846976","groups":[{"name":"g","lastId":"6-0",' +
        '"entriesRead":null,"pending":[{"id":"5-1","consumer":"c","deliveredAt":1000,"deliveries":3},' +
        '{"id":"6-0","consumer":null,"deliveredAt":2000,"deliveries":1}],' +
        '"consumers":[{"name":"c","seenAt":3000,"activeAt":null}],"nacked":["6-0"]}],' +
        '"idmp":{"duration":100,"maxEntries":50,"producers":[{"id":"p","entries":[{"iid":"iid","id":"6-0"}]}],"added":7,"duplicates":2}}',
    );
  });

  it('an array', () => {
    const elements = [len(1), len(0), str('a'), len(9), len(1), int64Le(-5n), len64(2n ** 60n), len(2), doubleLe(2)];
    expect(valueText(keyRecord(28, 'a', [len(3), len(1), len(9), elements]), {}, 'REDIS0014')).toBe(
      '{"insertIndex":9,"elements":[[1,"a"],[9,"-5"],["1152921504606846976","2.0"]]}',
    );
    expect(valueText(keyRecord(28, 'a', [len(1), len(0), len(1), len(0), str('a')]), {}, 'REDIS0014')).toBe(
      '{"elements":[[1,"a"]]}',
    );
  });

  it('a module value', () => {
    const items = [
      len(1),
      len64(-1n),
      len(2),
      len64(2n ** 64n - 1n),
      len(3),
      hex('0000c03f'),
      len(4),
      doubleLe(Infinity),
      len(5),
      str([0xff]),
    ];
    expect(line(keyRecord(7, 'm', [len64(0xbde72da2bb1eb400n), items, 0]))).toContain(
      '"type":"module","encoding":"module","rdbType":7,"value":{"module":"vectorset","version":0,"items":' +
        '[{"sint":"-1"},{"uint":"18446744073709551615"},{"float":1.5},{"double":"inf"},{"string":{"$b64":"/w=="}}]}}',
    );
  });

  it('a path hash, whose objects decide for themselves', () => {
    const fields = (...names: Piece[]): Piece => [len(names.length), names.map((name) => [str(name), str('v')])];
    const path = (...paths: Piece[][]): string =>
      valueText(keyRecord(23, 'p', [len(paths.length), paths]), {}, 'VALKEY081');
    expect(path([str('a'), fields('x', 'y')], [str('b'), fields('$x')])).toBe(
      '{"a":{"x":"v","y":"v"},"b":{"$pairs":[["$x","v"]]}}',
    );
    expect(path([str('$a'), fields('x')])).toBe('{"$pairs":[["$a",{"x":"v"}]]}');
    expect(path([str('a'), fields('x', 'x')], [str([0xff]), fields('y')])).toBe(
      '{"$pairs":[["a",{"$pairs":[["x","v"],["x","v"]]}],[{"$b64":"/w=="},{"y":"v"}]]}',
    );
  });

  it('a large path hash, in pairs throughout', () => {
    const paths = [
      len(2),
      [str('a'), len(2), str('x'), str('1'), str('y'), str('2')],
      [str('b'), len(1), str('z'), str('3')],
    ];
    expect(line(keyRecord(23, 'p', paths), { limits: { largeValueBytes: 1 } }, 'VALKEY081')).toContain(
      '"large":true,"value":{"$pairs":[["a",{"$pairs":[["x","1"],["y","2"]]}],["b",{"$pairs":[["z","3"]]}]]}}',
    );
  });

  it('a cron job', () => {
    const cron = (keys: Piece[], args: Piece[]): string =>
      valueText(
        keyRecord(64, 'c', [
          str('return 1'),
          int64Le(2n ** 60n),
          int64Le(500n),
          len(keys.length),
          keys,
          len(args.length),
          args,
        ]),
      );
    const head = '{"script":"return 1","start":1152921504606846976,"interval":500,';
    expect(cron([str('k'), str('l')], [str('a')])).toBe(`${head}"keys":["k","l"],"args":["a"]}`);
    expect(cron([], [str('a'), str('b')])).toBe(`${head}"keys":[],"args":["a","b"]}`);
    expect(cron([str('k')], [])).toBe(`${head}"keys":["k"],"args":[]}`);
    expect(cron([], [])).toBe(`${head}"keys":[],"args":[]}`);
  });
});

describe('--encoding', () => {
  const record = keyRecord(4, [0xe9], [len(2), str('a'), str([0xff, 0x41]), str('b'), str('"')]);

  it.each([
    [
      'base64',
      '"key":{"$b64":"6Q=="}',
      '{"$pairs":[[{"$b64":"YQ=="},{"$b64":"/0E="}],[{"$b64":"Yg=="},{"$b64":"Ig=="}]]}',
    ],
    ['hex', '"key":{"$hex":"e9"}', '{"$pairs":[[{"$hex":"61"},{"$hex":"ff41"}],[{"$hex":"62"},{"$hex":"22"}]]}'],
    ['latin1', '"key":"é"', '{"a":"ÿA","b":"\\""}'],
  ] as const)('%s', (encoding, key, value) => {
    const text = line(record, { encoding });
    expect(text).toContain(key);
    expect(text.endsWith(`"value":${value}}`)).toBe(true);
  });

  it('latin1 has names that an object cannot have, too', () => {
    expect(valueText(hash(str('$'), str([0xff])), { encoding: 'latin1' })).toBe('{"$pairs":[["$","ÿ"]]}');
    expect(valueText(hash(str([0xff]), str('1'), str([0xff]), str('2')), { encoding: 'latin1' })).toBe(
      '{"$pairs":[["ÿ","1"],["ÿ","2"]]}',
    );
  });
});
