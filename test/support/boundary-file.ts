/** Dumps whose packed values hold an entry of a given size, as the server of one generation would pack it. */
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeStreamNode } from '../../src/codecs/stream-node.js';
import { encodeHeader } from '../../src/rdb/header.js';
import { findTarget } from '../../src/rdb/versions.js';
import { bytesOf, keyRecord, len, rawId, rdbFile, str } from './file-builder.js';
import { ascii } from './packed.js';

/** What such an entry begins with. */
export const BOUNDARY_TEXT = 'boundary';

/** One key per kind of value. The types are such that every target since 7.2 loads them. */
export function boundaryFile(from: string, size: number): Uint8Array {
  const target = findTarget(from)!;
  const { boundaryBacklen } = target;
  const big = ascii(BOUNDARY_TEXT.padEnd(size, '.'));
  const pack = (...entries: Uint8Array[]): Uint8Array => str(encodeListpack(entries, { boundaryBacklen }));
  const master = { ms: 5n, seq: 0n };
  const entries = [{ id: master, fields: [ascii('f'), big] }];
  const node = encodeStreamNode({ master, entries }, { boundaryBacklen });
  const magic = Buffer.from(encodeHeader(target)).toString();
  return rdbFile(
    magic,
    keyRecord(16, 'hash', pack(ascii('f'), big)),
    keyRecord(17, 'zset', pack(big, ascii('1.5'))),
    keyRecord(20, 'set', pack(ascii('m'), big)),
    keyRecord(18, 'list', [len(2), len(2), pack(ascii('a'), big), len(1), str('plain')]),
    keyRecord(
      19,
      'stream',
      bytesOf(
        len(1),
        str(rawId(5, 0)),
        str(node),
        len(1),
        len(5),
        len(0),
        len(5),
        len(0),
        len(0),
        len(0),
        len(1),
        len(0),
      ),
    ),
  );
}
