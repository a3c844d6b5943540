/** `formats`: the support matrix says what the decoder and the encoder do. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TYPES, type TypeFact, targetsOf, VERSIONS, writersOf } from '../../src/cli/formats-table.js';
import { type Dialect, NEWEST_VERSION, TYPE } from '../../src/rdb/constants.js';
import type { HashTemplateEntry, KeyEntry, RdbValue } from '../../src/rdb/model.js';
import { typeTable } from '../../src/rdb/types/index.js';
import { TARGETS, type Target } from '../../src/rdb/versions.js';
import { encoded, decodeDeep as readDeep } from '../support/encode.js';
import { ascii } from '../support/packed.js';
import { hash, list, set, string, zset } from '../support/values.js';
import { decodeValue, encodeValue } from '../support/written-values.js';
import { cli } from './run-cli.js';

const DIALECTS = ['redis', 'valkey'] as const satisfies readonly Dialect[];

describe('formats', () => {
  it('lists every version and type, in text and as JSON', async () => {
    const text = (await cli(['formats'])).stdout;
    for (const { writers } of VERSIONS) expect(text).toContain(writers);
    for (const { name } of TYPES) expect(text).toContain(name);
    const json = JSON.parse((await cli(['formats', '--json'])).stdout) as {
      schema: string;
      versions: object[];
      types: object[];
    };
    expect(json.schema).toBe('rdb-inspect/formats@1');
    expect(json.versions).toHaveLength(VERSIONS.length);
    expect(json.versions).toContainEqual(
      expect.objectContaining({ magic: 'VALKEY', version: 80, write: true, targets: ['valkey:9.0', 'valkey:9.1'] }),
    );
    expect(json.versions).toContainEqual(expect.objectContaining({ version: 4, write: false, targets: [] }));
    expect(json.types).toContainEqual({
      id: 16,
      name: 'HASH_LISTPACK',
      dialect: null,
      since: 10,
      servers: 'Redis 7.0+, Valkey',
      read: true,
      write: true,
    });
  });

  it('says what the decoder does', () => {
    for (const dialect of DIALECTS) {
      const table = typeTable({ dialect, templates: new Map() });
      const listed = TYPES.filter((fact) => fact.read && (fact.dialect ?? dialect) === dialect).map(({ id }) => id);
      expect(listed.sort((a, b) => a - b)).toEqual(table.flatMap((codec, id) => (codec === undefined ? [] : [id])));
    }
    expect(new Set(TYPES.map(({ id }) => id))).toEqual(new Set(Object.values(TYPE)));
    for (const dialect of DIALECTS) {
      expect(writersOf(dialect, NEWEST_VERSION[dialect])).toBeDefined();
      expect(writersOf(dialect, NEWEST_VERSION[dialect] + 1)).toBeUndefined();
    }
  });

  it('names every target once, at the version that it gets', () => {
    const named = VERSIONS.flatMap((fact) => targetsOf(fact));
    expect(named.sort()).toEqual(TARGETS.map(({ name }) => name).sort());
  });

  it.each(TYPES.map((fact) => [`${fact.id} ${fact.name}`, fact] as const))('says whether %s is written', (_, fact) => {
    const targets = TARGETS.filter(({ types, dialect }) => types.has(fact.id) && (fact.dialect ?? dialect) === dialect);
    expect(fact.write).toBe(targets.length > 0);
    for (const target of targets) expect(writtenAgain(fact, target)).toBe(SAMPLES[fact.name]!.type);
  });

  it('is what the README shows', () => {
    const readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const table = /^## What is read and written\n([\s\S]*?)\n\n(?!\|)/m.exec(readme)![1]!;
    const shown = new Map(
      [...table.matchAll(/^\|[^|]*\| (\d[^|]*) \|.*\| (`.*`) \|$/gm)].flatMap(([, versions, names]) =>
        names!.split(' ').map((name) => [name.replaceAll('`', ''), versions!.match(/\d+/g)!.map(Number)] as const),
      ),
    );
    expect([...shown.keys()].sort()).toEqual(TARGETS.map(({ name }) => name).sort());
    for (const { name, version } of TARGETS) expect(shown.get(name)).toContain(version);
  });
});

/** The type of the value that comes back. */
function writtenAgain({ id, name }: TypeFact, target: Target): string {
  const value = SAMPLES[name]!;
  if (id !== TYPE.HASH_TMPL_LP_REF && id !== TYPE.HASH_TMPL_ARRAY_REF)
    return decodeValue(id, encodeValue(value, id, target), target.version).type;
  const template: HashTemplateEntry = { kind: 'hash-template', id: 7, fields: [ascii('a')] };
  const key = { kind: 'key', db: 0, key: ascii('k'), rdbType: id, offset: 0, value } as KeyEntry;
  const file = encoded({ target }, (encoder) => {
    encoder.record(template);
    encoder.key(key, id);
  });
  return readDeep(file).flatMap((entry) => (entry.kind === 'key' ? [entry.value.type] : []))[0]!;
}

const STREAM: RdbValue = {
  type: 'stream',
  encoding: 'stream',
  entries: [],
  state: { length: 0, lastId: { ms: 1n, seq: 0n }, groups: [] },
};
const FIELDS = hash(['a', '1']);
const TIMED = hash(['a', '1', 1_700_000_000_000]);

/** By the name of the type. */
const SAMPLES: Readonly<Record<string, RdbValue>> = {
  STRING: string('v'),
  LIST: list('a'),
  SET: set('a'),
  ZSET: zset(['a', 1.5]),
  HASH: FIELDS,
  ZSET_2: zset(['a', 1.5]),
  MODULE_2: { type: 'module', encoding: 'module', module: 'test-type', version: 1, items: [] },
  HASH_ZIPMAP: FIELDS,
  LIST_ZIPLIST: list('a'),
  SET_INTSET: set('1'),
  ZSET_ZIPLIST: zset(['a', 1.5]),
  HASH_ZIPLIST: FIELDS,
  LIST_QUICKLIST: list('a'),
  STREAM_LISTPACKS: STREAM,
  HASH_LISTPACK: FIELDS,
  ZSET_LISTPACK: zset(['a', 1.5]),
  LIST_QUICKLIST_2: list('a'),
  STREAM_LISTPACKS_2: STREAM,
  SET_LISTPACK: set('a'),
  STREAM_LISTPACKS_3: STREAM,
  HASH_METADATA_PRE_GA: TIMED,
  HASH_2: TIMED,
  HASH_LISTPACK_EX_PRE_GA: TIMED,
  PATH_HASH: { type: 'pathhash', encoding: 'pathhash', paths: [{ path: ascii('/'), fields: FIELDS.fields }] },
  HASH_METADATA: TIMED,
  HASH_LISTPACK_EX: TIMED,
  STREAM_LISTPACKS_4: STREAM,
  STREAM_LISTPACKS_5: STREAM,
  ARRAY: { type: 'array', encoding: 'array', elements: [{ index: 3n, value: ascii('v') }] },
  HASH_TMPL_LP: FIELDS,
  HASH_TMPL_LP_REF: FIELDS,
  HASH_TMPL_ARRAY: FIELDS,
  HASH_TMPL_ARRAY_REF: FIELDS,
  KEYDB_CRON: {
    type: 'cron',
    encoding: 'cron',
    script: ascii('return 1'),
    startMs: 1,
    intervalMs: 2,
    keys: [],
    args: [],
  },
};
