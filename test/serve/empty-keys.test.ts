/** Keys without elements, which no server keeps: a dump that has some is loaded, or served, without them. */
import { describe, expect, it } from 'vitest';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeZiplist } from '../../src/codecs/ziplist.js';
import type { ReplayOptions } from '../../src/engine/replay-log.js';
import { openDump } from '../../src/serve/dump/open-dump.js';
import { bytesOf, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { StoreSite } from '../support/store-site.js';

const LISTPACK = str(encodeListpack([]));
const ZIPLIST = str(encodeZiplist([]));

const EMPTY: readonly [key: string, rdbType: number, value: Piece][] = [
  ['list', 1, len(0)],
  ['set', 2, len(0)],
  ['text-scores', 3, len(0)],
  ['hash', 4, len(0)],
  ['zset', 5, len(0)],
  ['list:ziplist', 10, ZIPLIST],
  ['zset:ziplist', 12, ZIPLIST],
  ['hash:ziplist', 13, ZIPLIST],
  ['quicklist', 14, len(0)],
  ['quicklist:ziplist', 14, [len(1), ZIPLIST]],
  ['hash:listpack', 16, LISTPACK],
  ['zset:listpack', 17, LISTPACK],
  ['quicklist 2', 18, [len(1), len(2), LISTPACK]],
];

const FILE = rdbFile(
  'REDIS0010',
  [0xfa, str('redis-ver'), str('7.0.15'), 0xfe, 0],
  keyRecord(0, 'text', str('')),
  ...EMPTY.map(([key, type, value]) => keyRecord(type, key, value)),
  keyRecord(15, 'stream', [len(0), len(0), len(0), len(0), len(0)]),
  keyRecord(16, 'last', str(encodeListpack([bytesOf('f'), bytesOf('v')]))),
);

/** The first ten by their names, then how many there are. */
const WARNINGS = [
  ...EMPTY.slice(0, 10).map(([key]) => `skipping empty key: ${key}`),
  `empty keys skipped: ${EMPTY.length}`,
];

describe('a dump with keys without elements', () => {
  it('is loaded without them', async () => {
    const site = new StoreSite();
    site.files.nodes.set('d/dump.rdb', FILE);
    await site.open();
    expect((site.run('KEYS *') as string[]).sort()).toEqual(['last', 'stream', 'text']);
    expect(site.notices.map(({ text }) => text)).toEqual(WARNINGS);
  });

  it('is served without them', async () => {
    const warnings: string[] = [];
    const onWarning: ReplayOptions['onWarning'] = ({ code, message }) => warnings.push(`${code} ${message}`);
    const { engine, loadedBecause } = await openDump(new BytesSource(FILE), { onWarning });
    expect([loadedBecause, [...engine.database(0).keys.keys()].sort()]).toEqual([
      undefined,
      ['last', 'stream', 'text'],
    ]);
    expect(warnings).toEqual(WARNINGS.map((text) => `EMPTY_KEY ${text}`));
  });

  it('is served even where a small value is damaged', async () => {
    const file = rdbFile('REDIS0010', [0xfe, 0], keyRecord(16, 'bad', str('xxxxxxxx')), keyRecord(0, 'b', str('1')));
    const { engine } = await openDump(new BytesSource(file));
    expect(engine.database(0).size).toBe(2);
  });

  it('quotes names that are not plain', async () => {
    const site = new StoreSite();
    site.files.nodes.set('d/dump.rdb', rdbFile('REDIS0010', [0xfe, 0], keyRecord(2, 'a b\n', len(0))));
    await site.open();
    expect(site.notices[0]?.text).toBe('skipping empty key: "a b\\n"');
  });
});
