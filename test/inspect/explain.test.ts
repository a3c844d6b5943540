/** Explanations of the worked examples of the format: every span of them. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { bytesOf, hex, int64Le, keyRecord, len, type Piece, rawId, rdbFile, str } from '../support/file-builder.js';
import { explain, lines } from './explain-spans.js';

const KEY_K = ['10+2 key = "k"', '  10+1 length = 1', '  11+1 data = "k"'];

/** What stands behind the key `k` of a file with one record without attributes. */
async function valueLines(type: number, value: Piece, magic = 'REDIS0014'): Promise<string[]> {
  const { spans } = await explain(rdbFile(magic, keyRecord(type, 'k', value)), 'k');
  expect(lines(spans).slice(1, 4)).toEqual(KEY_K);
  return lines(spans.slice(4));
}

/** Without the parts of strings and entries. */
function outline(all: readonly string[]): string[] {
  return all.filter((line) => !/ (length|data|encoding|backlen|prevlen)( |$)/.test(line.replace(/ = .*/, '')));
}

const NODE = `40000000 1900 0201 0101 0201 816102 816202 0001  0201 0001 0001 0101 0201 0501
  0101 0101 dfff02 0101 816102 0901 0601  0201 0201 dfff02 0901 f178ec03 0501 ff`;
const STREAM = hex(`01 10 0000000000000005 0000000000000001 4040 ${NODE} 02 0700 0501 0600 03
  01 0167 0501 81ffffffffffffffff 01 00000000000000050000000000000001 00d8c32cbb030000 01
  01 0163 00d8c32cbb030000 01 00000000000000050000000000000001`);

describe('worked examples', () => {
  it('explains a hash in a listpack with an expiry', async () => {
    const value = hex('0d 0d000000 0200 816602 817602 ff');
    const file = rdbFile('REDIS0010', keyRecord(16, 'h', value, [0xfc, int64Le(1893456000000n)]));
    const { record, spans } = await explain(file, 'h');
    expect(record).toEqual({ offset: 9, size: 26, what: 'HASH_LISTPACK', db: 0, key: bytesOf('h') });
    expect(lines(spans)).toEqual([
      '9+9 expiry',
      '  9+1 opcode = EXPIRETIME_MS (FC)',
      '  10+8 time = 2030-01-01T00:00:00.000Z',
      '18+1 type = HASH_LISTPACK (16)',
      '19+2 key = "h"',
      '  19+1 length = 1',
      '  20+1 data = "h"',
      '21+14 value',
      '  21+1 length = 13',
      '  22+13 listpack = 13 bytes',
      '    22+4 totalBytes = 13',
      '    26+2 count = 2',
      '    28+3 entry 0 (field) = "f"',
      '      28+1 encoding = string of 1 byte',
      '      29+1 data = "f"',
      '      30+1 backlen = 2',
      '    31+3 entry 1 (value) = "v"',
      '      31+1 encoding = string of 1 byte',
      '      32+1 data = "v"',
      '      33+1 backlen = 2',
      '    34+1 end = FF',
    ]);
  });

  it('explains every attribute of a key', async () => {
    const meta = [0xf3, len(1), hex('21 25 A4 30'), len(5), str('text'), len(0)];
    const attributes = [0xfd, hex('15CD5B07'), 0xf8, len(300), 0xf9, 7, meta];
    const { spans } = await explain(rdbFile('REDIS0013', keyRecord(0, 'k', [0xc1, 0x39, 0x30], attributes)), 'k');
    expect(lines(spans)).toEqual([
      '9+5 expiry',
      '  9+1 opcode = EXPIRETIME (FD)',
      '  10+4 time = 1973-11-29T21:33:09.000Z',
      '14+3 idle time',
      '  14+1 opcode = IDLE (F8)',
      '  15+2 seconds = 300 s',
      '17+2 LFU counter',
      '  17+1 opcode = FREQ (F9)',
      '  18+1 counter = 7',
      '19+13 metadata',
      '  19+1 opcode = KEY_META (F3)',
      '  20+1 classes = 1',
      '  21+11 class 0',
      '    21+4 class = META-MKQl, encoding version 4, flags 1',
      '    25+6 item 0 = "text"',
      '      25+1 opcode = STRING (5)',
      '      26+5 value = "text"',
      '        26+1 length = 4',
      '        27+4 data = "text"',
      '    31+1 item 1 = EOF',
      '      31+1 opcode = EOF (0)',
      '32+1 type = STRING (0)',
      '33+2 key = "k"',
      '  33+1 length = 1',
      '  34+1 data = "k"',
      '35+3 value = 12345',
      '  35+1 encoding = int16 LE',
      '  36+2 data = 12345',
    ]);
  });

  it('shows what a compressed string decompresses to', async () => {
    const long = `"${'a'.repeat(64)}…"`;
    expect(await valueLines(0, hex('C3 09 4064 01 6161 E0 57 00 01 6161'))).toEqual([
      `12+13 value = ${long}`,
      '  12+1 encoding = LZF',
      '  13+1 compressed length = 9',
      '  14+2 length = 100',
      '  16+9 data = 9 bytes that decompress to 100',
      `    ~0+100 decompressed = ${long}`,
    ]);
  });

  it('walks over a listpack inside a compressed string', async () => {
    // The whole listpack is one literal run of 13 bytes.
    expect(await valueLines(16, hex('c3 0e 0d 0c 0d000000 0200 816602 817602 ff'))).toEqual([
      '12+17 value',
      '  12+1 encoding = LZF',
      '  13+1 compressed length = 14',
      '  14+1 length = 13',
      '  15+14 data = 14 bytes that decompress to 13',
      '    ~0+13 listpack = 13 bytes',
      '      ~0+4 totalBytes = 13',
      '      ~4+2 count = 2',
      '      ~6+3 entry 0 (field) = "f"',
      '        ~6+1 encoding = string of 1 byte',
      '        ~7+1 data = "f"',
      '        ~8+1 backlen = 2',
      '      ~9+3 entry 1 (value) = "v"',
      '        ~9+1 encoding = string of 1 byte',
      '        ~10+1 data = "v"',
      '        ~11+1 backlen = 2',
      '      ~12+1 end = FF',
    ]);
  });

  it('explains a stream with a deleted entry, a group and a consumer', async () => {
    const all = await valueLines(19, STREAM, 'REDIS0010');
    expect(outline(all).slice(0, 20)).toEqual([
      '12+160 value',
      '  12+1 nodes = 1',
      '  13+83 node 0 = 5-1',
      '    13+17 master id = 5-1',
      '    30+66 entries',
      '      32+64 listpack = 64 bytes',
      '        32+4 totalBytes = 64',
      '        36+2 count = 25',
      '        38+14 master entry',
      '          38+2 entry 0 (live entries) = 2',
      '          40+2 entry 1 (deleted entries) = 1',
      '          42+2 entry 2 (fields) = 2',
      '          44+3 entry 3 (field) = "a"',
      '          47+3 entry 4 (field) = "b"',
      '          50+2 entry 5 (terminator) = 0',
      '        52+12 stream entry 0 = 5-1',
      '          52+2 entry 6 (flags) = 2 (SAMEFIELDS)',
      '          54+2 entry 7 (ms delta) = 0',
      '          56+2 entry 8 (seq delta) = 0',
      '          58+2 entry 9 (value) = 1',
    ]);
    expect(all).toContain('        64+16 stream entry 1 = 6-0 (deleted)');
    expect(all).toContain('            68+2 encoding = int13: -1');
    expect(all).toContain('            90+2 data = -5000');
    expect(outline(all).slice(outline(all).indexOf('        95+1 end = FF') + 1)).toEqual([
      '  97+2 last id = 7-0',
      '    97+1 ms = 7',
      '    98+1 seq = 0',
      '  99+2 first id = 5-1',
      '    99+1 ms = 5',
      '    100+1 seq = 1',
      '  101+2 highest deleted id = 6-0',
      '    101+1 ms = 6',
      '    102+1 seq = 0',
      '  103+1 entries added = 3',
      '  104+1 groups = 1',
      '  105+67 group 0',
      '    105+2 name = "g"',
      '    107+2 last id = 5-1',
      '      107+1 ms = 5',
      '      108+1 seq = 1',
      '    109+9 entries read = -1 (unknown)',
      '    118+1 pending entries = 1',
      '    119+25 pending entry 0',
      '      119+16 id = 5-1',
      '      135+8 delivery time = 2100-01-01T00:00:00.000Z',
      '      143+1 deliveries = 1',
      '    144+1 consumers = 1',
      '    145+27 consumer 0',
      '      145+2 name = "c"',
      '      147+8 seen time = 2100-01-01T00:00:00.000Z',
      '      155+1 pending entries = 1',
      '      156+16 pending entry 0 = 5-1',
    ]);
  });

  it('explains the parts that later streams have', async () => {
    const node = encodeListpack(['1', '0', '1', 'a', '0', '2', '0', '0', 'x', '4'].map((text) => bytesOf(text)));
    const pending = [len(1), rawId(5, 1), int64Le(1000n), len(3)];
    const group = [str('g'), len(6), len(0), len(9), pending, len(1), str('c'), int64Le(0n), int64Le(-1n), len(0)];
    const idmp = [len(100), len(50), len(1), str('p'), len(1), str('iid'), len(6), len(0), len(7), len(2)];
    const counters = [len(1), len(5), len(1), len(5), len(1), len(0), len(0), len(2)];
    const value = [len(1), str(rawId(5, 1)), str(node), counters, len(1), group, len(1), rawId(5, 1), idmp];
    const all = outline(await valueLines(27, value));
    expect(all).toContain('      111+8 active time = -1 (never)');
    expect(all.slice(all.findIndex((line) => line.includes('NACKed')))).toEqual([
      '    120+1 NACKed entries = 1',
      '    121+16 NACKed entry 0 = 5-1',
      '  137+2 idempotence duration = 100 s',
      '  139+1 idempotence limit = 50 entries',
      '  140+1 producers = 1',
      '  141+9 producer 0',
      '    141+2 id = "p"',
      '    143+1 entries = 1',
      '    144+6 entry 0',
      '      144+4 iid = "iid"',
      '      148+2 stream id = 6-0',
      '        148+1 ms = 6',
      '        149+1 seq = 0',
      '  150+1 ids added = 7',
      '  151+1 duplicates = 2',
    ]);
  });
});
