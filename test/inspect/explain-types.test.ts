/** Explanations of every value type and every record that no worked example covers. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeModuleId } from '../../src/codecs/module-id.js';
import {
  bytesOf,
  doubleLe,
  hex,
  int64Le,
  keyRecord,
  len,
  len64,
  type Piece,
  rdbFile,
  str,
} from '../support/file-builder.js';
import { errorsOf, explain, lines } from './explain-spans.js';

const EXPIRY = 4102444800000n; // 2100-01-01
const ISO = '2100-01-01T00:00:00.000Z';
const STRING_PARTS = /^ *~?\d+\+\d+ (length|data|encoding|backlen|prevlen|end|totalBytes|tailOffset)\b/;

function listpack(...entries: readonly string[]): Uint8Array {
  return str(encodeListpack(entries.map((entry) => bytesOf(entry))));
}

/** The spans behind the key, without offsets and without the parts of strings. */
async function outline(magic: string, type: number, value: Piece, before: Piece = []): Promise<string[]> {
  const { spans } = await explain(rdbFile(magic, before, keyRecord(type, 'k', value)), 'k');
  expect(errorsOf(spans)).toEqual([]);
  const from = spans.findIndex((span) => span.label === 'key' && span.depth === 0) + 1;
  return shorten(lines(spans.slice(from)));
}

function shorten(all: readonly string[]): string[] {
  return all.filter((line) => !STRING_PARTS.test(line)).map((line) => line.replace(/~?\d+\+\d+ /, ''));
}

describe.each<[string, string, number, Piece, string[]]>([
  ['strings', 'REDIS0003', 0, [0xc0, 0xff], ['value = -1']],
  ['a list', 'REDIS0003', 1, [len(1), str('a')], ['value', '  count = 1', '  item 0 = "a"']],
  ['a set', 'REDIS0003', 2, [len(1), str('a')], ['value', '  count = 1', '  member 0 = "a"']],
  [
    'a sorted set with text scores',
    'REDIS0003',
    3,
    [len(2), str('a'), str('1.5'), str('b'), 0xfe],
    [
      ...['value', '  count = 2', '  element 0', '    member = "a"', '    score = 1.5'],
      ...['  element 1', '    member = "b"', '    score = Infinity'],
    ],
  ],
  [
    'a hash',
    'REDIS0003',
    4,
    [len(1), str('f'), str('v')],
    ['value', '  count = 1', '  pair 0', '    field = "f"', '    value = "v"'],
  ],
  [
    'a sorted set with binary scores',
    'REDIS0008',
    5,
    [len(1), str('a'), doubleLe(-0)],
    ['value', '  count = 1', '  element 0', '    member = "a"', '    score = -0'],
  ],
  [
    'a module',
    'REDIS0009',
    7,
    [
      moduleId('ReJSON-RL', 3),
      len(1),
      len64(-5n),
      len(2),
      len(7),
      len(3),
      hex('0000c03f'),
      len(4),
      doubleLe(0.1),
      len(5),
      str('x'),
      len(0),
    ],
    [
      ...['value', '  module id = ReJSON-RL, encoding version 3'],
      ...['  item 0 = -5', '    opcode = SINT (1)', '    value = -5'],
      ...['  item 1 = 7', '    opcode = UINT (2)', '    value = 7'],
      ...['  item 2 = 1.5', '    opcode = FLOAT (3)', '    value = 1.5'],
      ...['  item 3 = 0.1', '    opcode = DOUBLE (4)', '    value = 0.1'],
      ...['  item 4 = "x"', '    opcode = STRING (5)', '    value = "x"'],
      ...['  item 5 = EOF', '    opcode = EOF (0)'],
    ],
  ],
  [
    'a vector set, by the names of its items',
    'REDIS0012',
    7,
    [
      moduleId('vectorset', 0),
      [1, 1, 1, 2].map((value) => [len(2), len(value)]),
      len(5),
      str('e'),
      len(5),
      str(''),
      len(5),
      str('v'),
      len(2),
      len(3),
      [0, 0, 0].map((value) => [len(2), len(value)]),
      len(0),
    ],
    [
      ...['value', '  module id = vectorset, encoding version 0'],
      ...['  item 0 (dimensions) = 1', '    opcode = UINT (2)', '    value = 1'],
      ...['  item 1 (nodes) = 1', '    opcode = UINT (2)', '    value = 1'],
      ...['  item 2 (config) = 1', '    opcode = UINT (2)', '    value = 1'],
      ...['  item 3 (flags) = 2', '    opcode = UINT (2)', '    value = 2'],
      ...['  item 4 (element) = "e"', '    opcode = STRING (5)', '    value = "e"'],
      ...['  item 5 (attribute) = ""', '    opcode = STRING (5)', '    value = ""'],
      ...['  item 6 (vector) = "v"', '    opcode = STRING (5)', '    value = "v"'],
      ...['  item 7 (parameters) = 3', '    opcode = UINT (2)', '    value = 3'],
      ...['  item 8 (node id) = 0', '    opcode = UINT (2)', '    value = 0'],
      ...['  item 9 (level) = 0', '    opcode = UINT (2)', '    value = 0'],
      ...['  item 10 (range and norm) = 0', '    opcode = UINT (2)', '    value = 0'],
      ...['  item 11 = EOF', '    opcode = EOF (0)'],
    ],
  ],
  [
    'a zipmap',
    'REDIS0003',
    9,
    str(hex('02 03666F6F 0300626172 0568656C6C6F 0501776F726C6400 FF')),
    [
      ...['value', '  zipmap = 25 bytes', '    count = 2'],
      ...['    pair 0 = "foo": "bar"', '      field = "foo"', '      free = 0 unused bytes', '      value = "bar"'],
      ...[
        '    pair 1 = "hello": "world"',
        '      field = "hello"',
        '      free = 1 unused byte',
        '      value = "world"',
      ],
      '      unused = "\\x00"',
    ],
  ],
  [
    'a ziplist',
    'REDIS0006',
    10,
    str(hex('15000000 10000000 0300 00F3 02026869 04C02C01 FF')),
    ['value', '  ziplist = 21 bytes', '    count = 3', '    entry 0 = 2', '    entry 1 = "hi"', '    entry 2 = 300'],
  ],
  [
    'an intset',
    'REDIS0006',
    11,
    str(hex('04000000 03000000 fdffffff 01000000 70110100')),
    [
      'value',
      '  intset = 20 bytes',
      '    width = 4 bytes',
      '    count = 3',
      '    member 0 = -3',
      '    member 1 = 1',
      '    member 2 = 70000',
    ],
  ],
  [
    'a quicklist of ziplists',
    'REDIS0007',
    14,
    [len(1), str(hex('0D000000 0A000000 0100 00F3 FF'))],
    ['value', '  nodes = 1', '  node 0', '    ziplist = 13 bytes', '      count = 1', '      entry 0 = 2'],
  ],
  [
    'a sorted set in a listpack',
    'REDIS0010',
    17,
    listpack('a', '1.5', 'b', '7'),
    [
      ...['value', '  listpack = 20 bytes', '    count = 4', '    entry 0 (member) = "a"', '    entry 1 (score) = 1.5'],
      ...['    entry 2 (member) = "b"', '    entry 3 (score) = 7'],
    ],
  ],
  [
    'a quicklist with a node of either kind',
    'REDIS0010',
    18,
    [len(2), len(2), listpack('a'), len(1), str('b')],
    [
      ...['value', '  nodes = 2', '  node 0', '    container = PACKED (2)', '    items', '      listpack = 10 bytes'],
      ...['        count = 1', '        entry 0 = "a"', '  node 1', '    container = PLAIN (1)', '    item = "b"'],
    ],
  ],
  [
    'a set in a listpack',
    'REDIS0011',
    20,
    listpack('70000'),
    ['value', '  listpack = 12 bytes', '    count = 1', '    entry 0 = 70000'],
  ],
  [
    'a hash with field expiry',
    'REDIS0012',
    24,
    [int64Le(EXPIRY), len(2), len(1), str('f'), str('v'), len(0), str('g'), str('w')],
    [
      ...['value', `  minimum expiry = ${ISO}`, '  count = 2'],
      ...['  pair 0', `    expiry = ${ISO}`, '    field = "f"', '    value = "v"'],
      ...['  pair 1', '    expiry = 0 (none)', '    field = "g"', '    value = "w"'],
    ],
  ],
  [
    'a hash with field expiry of the release candidates',
    'REDIS0012',
    22,
    [len(1), len64(EXPIRY), str('f'), str('v')],
    ['value', '  count = 1', '  pair 0', `    expiry = ${ISO}`, '    field = "f"', '    value = "v"'],
  ],
  [
    'a hash with field expiry in a listpack',
    'REDIS0012',
    25,
    [int64Le(EXPIRY), listpack('f', 'v', String(EXPIRY), 'g', 'w', '0')],
    [
      ...['value', `  minimum expiry = ${ISO}`, '  fields', '    listpack = 31 bytes', '      count = 6'],
      ...['      entry 0 (field) = "f"', '      entry 1 (value) = "v"', `      entry 2 (expiry) = ${ISO}`],
      ...['      entry 3 (field) = "g"', '      entry 4 (value) = "w"', '      entry 5 (expiry) = 0 (none)'],
    ],
  ],
  [
    'an array',
    'REDIS0014',
    28,
    [len(3), len(1), len(2), len(0), len(0), str('text'), len(1), len(1), int64Le(-7n), len(2), len(2), doubleLe(0.5)],
    [
      ...['value', '  count = 3', '  flag = 1 (an insert index follows)', '  insert index = 2'],
      ...['  element 0', '    index = 0', '    tag = string (0)', '    value = "text"'],
      ...['  element 1', '    index = 1', '    tag = int (1)', '    value = -7'],
      ...['  element 2', '    index = 2', '    tag = float (2)', '    value = 0.5'],
    ],
  ],
  [
    'a hash with field expiry of Valkey',
    'VALKEY080',
    22,
    [len(2), str('f'), str('v'), int64Le(EXPIRY), str('g'), str('w'), int64Le(-1n)],
    [
      ...['value', '  count = 2', '  pair 0', '    field = "f"', '    value = "v"', `    expiry = ${ISO}`],
      ...['  pair 1', '    field = "g"', '    value = "w"', '    expiry = -1 (none)'],
    ],
  ],
  [
    'a path hash of Valkey',
    'VALKEY081',
    23,
    [len(1), str('p'), len(1), str('f'), str('v')],
    [
      'value',
      '  paths = 1',
      '  path 0',
      '    path = "p"',
      '    count = 1',
      '    pair 0',
      '      field = "f"',
      '      value = "v"',
    ],
  ],
  [
    'a cron job of KeyDB',
    'REDIS0009',
    64,
    [str('return 1'), int64Le(EXPIRY), int64Le(60000n), len(1), str('a'), len(1), str('b')],
    [
      ...['value', '  script = "return 1"', `  start = ${ISO}`, '  interval = 60000 ms'],
      ...['  keys = 1', '  key 0 = "a"', '  arguments = 1', '  argument 0 = "b"'],
    ],
  ],
])('%s', (_what, magic, type, value, expected) => {
  it(`of type ${type} under ${magic}`, async () => {
    expect(await outline(magic, type, value)).toEqual(expected);
  });
});

describe('template hashes', () => {
  const template = bytesOf(0xf2, len(0), len(2), str('f1'), str('f2'));
  const values = listpack('0', 'x', '2');
  const packed = (indent: string): string[] =>
    [
      'listpack = 14 bytes',
      '  count = 3',
      '  entry 0 (template id) = 0',
      '  entry 1 (value of "f1") = "x"',
      '  entry 2 (value of "f2") = 2',
    ].map((line) => indent + line);

  it.each<[number, Piece, string[]]>([
    [30, values, ['value', ...packed('  ')]],
    [
      32,
      [len(0), str('x'), str('y')],
      ['value', '  template id = 0', '  value of "f1" = "x"', '  value of "f2" = "y"'],
    ],
    [
      29,
      [len(0), listpack('f1', 'f2'), values],
      [
        ...['value', '  form = 0 (a listpack)', '  names', '    listpack = 15 bytes', '      count = 2'],
        ...['      entry 0 (field) = "f1"', '      entry 1 (field) = "f2"', '  values', ...packed('    ')],
      ],
    ],
    [
      31,
      [len(1), len(2), str('f1'), str('f2'), str('x'), str('y')],
      [
        ...['value', '  form = 1 (strings)', '  count = 2', '  field 0 = "f1"', '  field 1 = "f2"'],
        ...['  value of "f1" = "x"', '  value of "f2" = "y"'],
      ],
    ],
  ])('type %i', async (type, value, expected) => {
    expect(await outline('REDIS0015', type, value, template)).toEqual(expected);
  });
});

describe('records that are no keys', () => {
  it.each<[string, string, Piece, string[]]>([
    ['SELECTDB', 'REDIS0012', [0xfe, len(3)], ['opcode = SELECTDB (FE)', 'db = 3']],
    ['RESIZEDB', 'REDIS0012', [0xfb, len(3), len(1)], ['opcode = RESIZEDB (FB)', 'keys = 3', 'expires = 1']],
    ['AUX', 'REDIS0012', [0xfa, str('ctime'), 0xc0, 9], ['opcode = AUX (FA)', 'name = "ctime"', 'value = 9']],
    [
      'SLOT_INFO',
      'REDIS0012',
      [0xf4, len(5), len(3), len(1)],
      ['opcode = SLOT_INFO (F4)', 'slot = 5', 'keys = 3', 'expires = 1'],
    ],
    ['FUNCTION2', 'REDIS0012', [0xf5, str('#!lua name=l')], ['opcode = FUNCTION2 (F5)', 'code = "#!lua name=l"']],
    [
      'FUNCTION_PRE_GA',
      'REDIS0010',
      [0xf6, str('l'), str('lua'), len(1), str('what'), str('code')],
      [
        'opcode = FUNCTION_PRE_GA (F6)',
        'name = "l"',
        'engine = "lua"',
        'has description = 1',
        'description = "what"',
        'code = "code"',
      ],
    ],
    [
      'MODULE_AUX',
      'REDIS0012',
      [0xf7, moduleId('testrdb__', 1), len(2), len(1), len(2), len(8), len(0)],
      [
        ...[
          'opcode = MODULE_AUX (F7)',
          'module id = testrdb__, encoding version 1',
          'opcode = UINT (2)',
          'when = 1 (before the keys)',
        ],
        ...['item 0 = 8', '  opcode = UINT (2)', '  value = 8', 'item 1 = EOF', '  opcode = EOF (0)'],
      ],
    ],
    [
      'HASH_TEMPLATE',
      'REDIS0015',
      [0xf2, len(7), len(1), str('f')],
      ['opcode = HASH_TEMPLATE (F2)', 'template id = 7', 'fields = 1', 'field 0 = "f"'],
    ],
    [
      'SLOT_IMPORT',
      'VALKEY080',
      [0xf3, str('job'), len(1), len(0), len(100)],
      ['opcode = SLOT_IMPORT (F3)', 'job = "job"', 'ranges = 1', 'range 0', '  first slot = 0', '  last slot = 100'],
    ],
    [
      'UPDATE',
      'VALKEY081',
      [0xf2, '*2\r\n$3\r\nDEL\r\n$0\r\n\r\n'],
      [
        ...['opcode = UPDATE (F2)', 'count = 2 arguments'],
        ...['argument 0 = "DEL"', '  line end = "\\r\\n"', 'argument 1 = ""', '  line end = "\\r\\n"'],
      ],
    ],
  ])('%s under %s', async (what, magic, bytes, expected) => {
    const { record, spans } = await explain(rdbFile(magic, bytes), 10);
    expect(record.what).toBe(what);
    expect(errorsOf(spans)).toEqual([]);
    expect(shorten(lines(spans)).map((line) => line.replace(/ <$/, ''))).toEqual(expected);
  });
});

function moduleId(name: string, version: number): Uint8Array {
  const { hi, lo } = encodeModuleId(name, version);
  return len64((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
}
