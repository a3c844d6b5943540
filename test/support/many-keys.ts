/** A dump of many small keys of all plain types: what a loss, or something twice, shows in. */
import type { KeyEntry, RdbEntry } from '../../src/rdb/model.js';
import { writeRdb } from '../../src/rdb/write.js';
import { ascii } from './packed.js';

/** `count` keys; every third is a list, every seventh a stream with a group, every eleventh a hash. */
export async function manyKeys(count: number, prefix = ''): Promise<Uint8Array> {
  const entries: RdbEntry[] = [];
  for (let index = 0; index < count; index++) entries.push(keyEntry(index, prefix));
  return await dumpOf(entries);
}

export async function dumpOf(entries: readonly RdbEntry[], target = 'redis:7.0'): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const destination = new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece.slice()) });
  await writeRdb(entries, destination, { target });
  return Buffer.concat(pieces);
}

function keyEntry(index: number, prefix: string): KeyEntry {
  const key = ascii(`${prefix}key:${index}`);
  const texts = Array.from({ length: 5 + (index % 7) }, (_, at) => ascii(`${index}/${at}`));
  const base = { kind: 'key', db: 0, key, rdbType: 0, offset: 0 } as const;
  if (index % 7 === 0) {
    const entries = texts.map((value, at) => ({
      id: { ms: BigInt(index), seq: BigInt(at + 1) },
      fields: [ascii('f'), value],
    }));
    return { ...base, value: { type: 'stream', encoding: 'stream', entries } } as unknown as KeyEntry;
  }
  if (index % 3 === 0) return { ...base, value: { type: 'list', encoding: 'linkedlist', items: texts } };
  if (index % 11 === 0) {
    const fields = texts.map((value, at) => ({ field: ascii(`f${at}`), value }));
    return { ...base, value: { type: 'hash', encoding: 'hashtable', fields } } as KeyEntry;
  }
  return { ...base, value: { type: 'string', encoding: 'raw', value: texts[0]! } };
}
