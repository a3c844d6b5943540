/** Values written by the code under test and read back, and the values of fixtures with the bytes that servers gave them. */
import { Slice } from '../../src/bytes/slice.js';
import { ByteWriter } from '../../src/bytes/writer.js';
import { readString } from '../../src/codecs/string.js';
import { decodeDump } from '../../src/rdb/dump.js';
import { decodeHeader } from '../../src/rdb/header.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { writeValue } from '../../src/rdb/types/write.js';
import { ValueOutput } from '../../src/rdb/value-output.js';
import { type EncodingSettings, findTarget, type Target } from '../../src/rdb/versions.js';
import { type Fixture, readFixture } from './fixtures.js';
import { latin1 } from './packed.js';
import { forEachKey } from './records.js';

/** The target of that name, with some of its settings changed. */
export function targetNamed(name: string, settings: Partial<EncodingSettings> = {}): Target {
  const target = findTarget(name);
  if (target === undefined) throw new TypeError(`no target is called ${name}`);
  return { ...target, settings: { ...target.settings, ...settings } };
}

/** The bytes of `value` behind its key. */
export function encodeValue(value: RdbValue, rdbType: number, target: Target, compress = true): Uint8Array {
  const chunks: Uint8Array[] = [];
  const out = new ByteWriter((bytes, start, end) => chunks.push(bytes.slice(start, end)));
  writeValue(new ValueOutput(out, target, { compress }), value, rdbType);
  out.flush();
  return new Uint8Array(Buffer.concat(chunks));
}

/** What these bytes are under a file version, held against every rule of the format. */
export function decodeValue(rdbType: number, bytes: Uint8Array, version: number): RdbValue {
  const payload = new Uint8Array(1 + bytes.length + 10);
  payload[0] = rdbType;
  payload.set(bytes, 1);
  payload[1 + bytes.length] = version;
  return decodeDump(payload, { deep: true }).value;
}

export interface StoredValue {
  readonly key: string;
  readonly rdbType: number;
  /** The file's version. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Every key of a fixture with the bytes of its value. */
export function storedValues(fixture: Fixture): StoredValue[] {
  const file = readFixture(fixture.name);
  const { version } = decodeHeader(file, 0, file.length);
  const key = new Slice();
  const found: StoredValue[] = [];
  forEachKey(file, (rows, row, bytes) => {
    readString(bytes, rows.keyPos[row]!, bytes.length, key, bytes.length);
    found.push({
      key: latin1(key.copy()),
      rdbType: rows.kind[row]!,
      version,
      bytes: bytes.slice(rows.valuePos[row], rows.end[row]),
    });
  });
  return found;
}

/** The server that wrote a fixture, with the settings it had then (case `compact`) or for one key (case `lists`). */
export function targetOfFixture({ server, case: name }: Fixture, key = ''): Target {
  const fill = name === 'compact' ? -5 : Number(/^L:(-?\d+):/.exec(key)?.[1] ?? -2);
  const [family, version] = server.replace(/rc\d+$/, '').split('-');
  return targetNamed(`${family}:${version}`, { listMaxNodeSize: fill });
}
