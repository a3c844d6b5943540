/** What a server tells its own log of payloads that it has refused, and what it takes where it is not to look at checksums. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeZiplist } from '../../src/codecs/ziplist.js';
import { encodeRawDump } from '../../src/rdb/dump.js';
import { bytesOf, int64Le, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { openServer } from './commands-server.js';

const pack = (...entries: readonly string[]): Uint8Array => encodeListpack(entries.map((entry) => bytesOf(entry)));

/** The bytes with one of them changed. */
function altered(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at < 0 ? changed.length + at : at]! ^= 0x15;
  return changed;
}

/** As an argument of a line that people type. */
function quoted(bytes: Uint8Array): string {
  return `"${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

function payloadOf(rdbType: number, value: Piece): Uint8Array {
  const bytes = bytesOf(value);
  return encodeRawDump(rdbType, bytes, 0, bytes.length, 10);
}

const ZIPLIST = encodeZiplist(['a', 'b'].map((text) => bytesOf(text)));
const INTSET = bytesOf([2, 0, 0, 0], [2, 0, 0, 0], [5, 0], [4, 0]);
const CONSUMERS: Piece = [len(2), [1, 2].map(() => [str('c'), int64Le(1n), len(0)])];
const GROUPS: Piece = [len(1), str('g'), len(0), len(0), len(0), CONSUMERS];

describe('RESTORE that is refused', () => {
  it.each<[payload: Uint8Array, line: RegExp]>([
    [payloadOf(16, str(altered(pack('f', 'v'), -2))), /^RESTORE refused, Hash listpack integrity check failed: /],
    [payloadOf(12, str(altered(ZIPLIST, 4))), /^RESTORE refused, Zset ziplist integrity check failed: /],
    [payloadOf(14, [len(1), str(altered(ZIPLIST, 10))]), /^RESTORE refused, List ziplist integrity check failed: /],
    [payloadOf(9, str([0, 0xff])), /^RESTORE refused, Zipmap integrity check failed: /],
    [payloadOf(11, str(INTSET)), /^RESTORE refused, Intset integrity check failed: /],
    [payloadOf(18, [len(1), len(3), str('x')]), /^RESTORE refused, List quicklist integrity check failed: /],
    [
      payloadOf(16, str(pack('f', 'v', 'f', 'w'))),
      /^RESTORE refused, Hash listpack with dup elements, integrity check/,
    ],
    [payloadOf(15, [len(0), len(0), len(0), len(0), GROUPS]), /^RESTORE refused, Duplicate stream consumer detected, /],
    [payloadOf(2, len(0)), /^RESTORE refused, Set integrity check failed: no elements \(offset 0\)$/],
    [
      payloadOf(4, [len(2), str('f')]),
      /^RESTORE refused, Hash integrity check failed: the payload ends .*\(offset 4\)$/,
    ],
  ])('%#: says why in the log', async (payload, line) => {
    const server = await openServer();
    expect(await server.connect().send(`RESTORE k 0 ${quoted(payload)}`)).toBe('-ERR Bad data format\r\n');
    expect(server.warnings).toEqual([expect.stringMatching(line)]);
  });

  it('says so of a transaction too, and nothing of what the client is told in full', async () => {
    const server = await openServer();
    const client = server.connect();
    const wrong = quoted(altered(payloadOf(0, str('v')), -1));
    await client.send(`RESTORE k 0 ${wrong}`, 'RESTORE k x y', 'GET');
    expect(server.warnings).toEqual([]);
    await client.send('MULTI', `RESTORE k 0 ${quoted(payloadOf(2, len(0)))}`, 'EXEC');
    expect(server.warnings).toEqual([expect.stringMatching(/^RESTORE refused, Set/)]);
  });
});

it('takes what has a wrong checksum where it is told not to look', async () => {
  const { connect, site } = await openServer();
  const client = connect();
  const wrong = quoted(altered(payloadOf(0, str('v')), -1));
  expect(await client.send(`RESTORE k 0 ${wrong}`)).toMatch(/^-ERR DUMP payload version or checksum are wrong/);
  await client.send('DEBUG SET-SKIP-CHECKSUM-VALIDATION 1');
  expect(await client.send(`RESTORE k 0 ${wrong}`, 'GET k')).toBe('+OK\r\n$1\r\nv\r\n');

  site.files.nodes.set('d/dump.rdb', altered(rdbFile('REDIS0010', [0, str('a'), str('1')]), -1));
  client.feed('DEBUG RELOAD NOSAVE');
  expect([await client.next(), await client.send('GET a')]).toEqual(['+OK\r\n', '$1\r\n1\r\n']);
});
