/** Whatever a server has written, our encoder writes again: the same records, keys, values and type bytes. */
import { describe, expect, it } from 'vitest';
import { TYPE } from '../../src/rdb/constants.js';
import { type DumpValue, decodeDump, encodeDump, encodeRawDump } from '../../src/rdb/dump.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { type Target, targetOfHeader } from '../../src/rdb/versions.js';
import { type WriteOptions, writeRdb } from '../../src/rdb/write.js';
import { contentTexts, decodeDeep, encodeEntries, recordTexts, textOf, valueText } from '../support/encode.js';
import { fromBase64, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { forEachKey } from '../support/records.js';

const fixtures = listFixtures();
/** Longer payloads add time and nothing else. */
const MAX_DUMP_TEXT = 200_000;

describe.each(fixtures)('$name', (fixture) => {
  const source = decodeDeep(readFixture(fixture.name));
  const target = targetOf(source);
  const plain = fixture.case === 'nocomp-nocrc';
  const options = { target, keepTypes: true, compress: !plain, checksum: !plain };

  it('is the same after decoding and encoding', async () => {
    const written = encodeEntries(source, options);
    expect(recordTexts(decodeDeep(written))).toEqual(recordTexts(source));
    expect(Buffer.compare(await collect(source, options), written)).toBe(0);
  });

  it('is the same byte by byte, in the forms that leave no choice', () => {
    const written = valueBytes(encodeEntries(source, options));
    for (const [name, value] of valueBytes(readFixture(fixture.name))) {
      expect(Buffer.compare(written.get(name)!, value), name).toBe(0);
    }
  });

  it('is the same content in the types that the target chooses', () => {
    const chosen = decodeDeep(encodeEntries(source, { target }));
    expect(contentTexts(chosen).map(withoutUpgrade)).toEqual(contentTexts(source).map(withoutUpgrade));
  });

  it('gives payloads that decode to the same values', () => {
    for (const { dump } of readTruth(fixture).keys) {
      if (dump === undefined || dump.length > MAX_DUMP_TEXT) continue;
      const payload = fromBase64(dump);
      const { rdbType, version, value, meta } = decodeDump(payload);
      const restorer = targetOfHeader(version >= 80 ? 'VALKEY' : 'REDIS', version);
      const same = strict(encodeDump(value, { target: restorer, rdbType, meta }));
      expect([same.rdbType, same.version, textOf(same.meta ?? null), textOf({ ...same.value, encoding: '' })]).toEqual([
        rdbType,
        restorer.version,
        textOf(meta ?? null),
        textOf({ ...value, encoding: '' }),
      ]);
      const chosen = strict(encodeDump(value, { target: restorer }));
      expect(withoutUpgrade(valueText(chosen.value))).toBe(withoutUpgrade(valueText(value)));
      if (meta === undefined)
        expect(Buffer.compare(encodeRawDump(rdbType, payload, 1, payload.length - 10, version), payload)).toBe(0);
    }
  });

  /** The release candidate writes streams of version 1 under the header of 7.0, which writes version 2. */
  function withoutUpgrade(text: string): string {
    if (fixture.server !== 'redis-7.0rc1') return text;
    return text.replaceAll(/"(firstId|maxDeletedId)":\{[^}]*\},|"(entriesAdded|entriesRead)":"[^"]*",/g, '');
  }
});

function strict(payload: Uint8Array): DumpValue {
  return decodeDump(payload, { deep: true, checksum: 'always' });
}

/**
 * Not: lists and streams, which are split into nodes anew; ziplists, which older servers fill with wider integers; scores
 * of −0 and scores as text, which have several spellings; the time before a type 25, which may be stale.
 */
const ONE_FORM: readonly number[] = [
  TYPE.SET,
  TYPE.HASH,
  TYPE.ZSET_2,
  TYPE.MODULE_2,
  TYPE.HASH_ZIPMAP,
  TYPE.SET_INTSET,
  TYPE.HASH_LISTPACK,
  TYPE.SET_LISTPACK,
  TYPE.V_HASH_2,
  TYPE.R_HASH_LISTPACK_EX_PRE_GA,
  TYPE.HASH_METADATA,
];

function valueBytes(file: Uint8Array): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  forEachKey(file, (rows, row, bytes) => {
    if (!ONE_FORM.includes(rows.kind[row]!)) return;
    const at = (pos: number, end: number): Buffer => Buffer.from(bytes.slice(pos, end));
    const valuePos = rows.valuePos[row]!;
    found.set(`${rows.db[row]} ${at(rows.keyPos[row]!, valuePos).toString('latin1')}`, at(valuePos, rows.end[row]!));
  });
  return found;
}

function targetOf(entries: readonly RdbEntry[]): Target {
  const header = entries[0]!;
  if (header.kind !== 'header') throw new TypeError(header.kind);
  return targetOfHeader(header.magic, header.version);
}

async function collect(entries: readonly RdbEntry[], options: WriteOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await writeRdb(entries, (chunk) => void chunks.push(chunk), options);
  return new Uint8Array(Buffer.concat(chunks));
}
