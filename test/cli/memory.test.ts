/** `memory`: lines, CSV for scripts of redis-rdb-tools, sums, what-ifs. The numbers themselves are tested with the model. */
import { describe, expect, it } from 'vitest';
import { isoformat } from '../../src/cli/render/memory-csv.js';
import { parseWhatIf } from '../../src/cli/what-if-text.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { FilterTextError } from '../../src/rdb/filter-text.js';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

const texts = (...all: string[]): Uint8Array[] => all.map((text) => new TextEncoder().encode(text));
const fields = Array.from({ length: 700 }, (_, at) => [str(`field:${at}`), str(`value:${at}`)]);

/** Sizes by hand, from memory-model.md: Redis 7.0 with jemalloc. */
const FILE = rdbFile(
  'REDIS0010',
  [0xfa, str('redis-ver'), str('7.0.15')],
  [0xfa, str('used-mem'), str('1048576')],
  keyRecord(0, 'number', [0xc1, 0x39, 0x30], [0xfc, int64Le(4_102_444_800_500n)]),
  keyRecord(0, 'a,"b"\n', str('text')),
  keyRecord(16, 'user', str(encodeListpack(texts('name', 'Ada Lovelace', 'age', '36')))),
  [0xfe, 3],
  keyRecord(5, Uint8Array.of(0xff), [1, str('member'), new Uint8Array(8)]),
);
const BIG = rdbFile('REDIS0010', [0xfa, str('redis-ver'), str('7.0.15')], keyRecord(4, 'big', [len(700), fields]));

it('prints a line of JSON for each key where it is piped', async () => {
  const path = directory.write('memory.rdb', FILE);
  const { code, stdout, stderr } = await cli(['memory', path]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = jsonLines(stdout);
  // Object 16, key S(1 + 6 + 1) = 8, entry 24.
  expect(rows[0]).toEqual({
    db: 0,
    key: 'number',
    type: 'string',
    encoding: 'int',
    memoryEncoding: 'int',
    memory: 48,
    size: 3,
    elements: 1,
    expireAt: 4_102_444_800_500,
  });
  // S(16 + 3 + 4 + 1) = 32, key S(1 + 6 + 1) = 8, entry 24.
  expect(rows[1]).toMatchObject({ key: 'a,"b"\n', memoryEncoding: 'embstr', memory: 64 });
  expect(rows[2]).toMatchObject({ key: 'user', memoryEncoding: 'listpack', elements: 2 });
  expect(rows[3]).toMatchObject({ db: 3, key: { $b64: '/w==' }, type: 'zset' });
});

it('prints the columns of redis-rdb-tools', async () => {
  const path = directory.write('memory.rdb', FILE);
  const { code, bytes } = await cli(['memory', path, '--format', 'csv', '--columns', 'rdbtools']);
  expect(code).toBe(0);
  const lines = bytes.toString('latin1').split('\n');
  expect(lines[0]).toBe('database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry');
  expect(lines[1]).toBe('0,string,number,48,string,5,5,2100-01-01T00:00:00.500000');
  expect(`${lines[2]}\n${lines[3]}`).toBe('0,string,"a,""b""\n",64,string,4,4,');
  expect(lines[4]).toMatch(/^0,hash,user,\d+,listpack,2,12,$/);
  expect(lines[5]).toMatch(/^3,sortedset,\xff,\d+,listpack,1,6,$/);
  expect(lines.slice(6)).toEqual(['']);
});

it.each<[number, string]>([
  [0, '1970-01-01T00:00:00'],
  [1_671_963_072_573, '2022-12-25T10:11:12.573000'],
  [4_102_444_800_000, '2100-01-01T00:00:00'],
  [8.64e15, '9999-12-31T23:59:59.999000'],
])('%i ms is %s there', (ms, text) => {
  expect(isoformat(ms)).toBe(text);
});

it('prints our columns as CSV', async () => {
  const path = directory.write('memory.rdb', FILE);
  const lines = linesOf((await cli(['memory', path, '-f', 'csv', '-t', 'string,zset'])).stdout);
  expect(lines[0]).toBe('db,key,type,encoding,memoryEncoding,memory,size,elements,expireAt');
  expect(lines[1]).toBe('0,number,string,int,int,48,3,1,4102444800500');
  expect(lines.at(-1)).toMatch(/^3,"""\\xff""",zset,skiplist,listpack,\d+,16,1,$/);
});

it('prints lines and sums on a terminal', async () => {
  const path = directory.write('memory.rdb', FILE);
  const { stdout } = await cli(['memory', path, '-f', 'table'], { env: { COLUMNS: '80' } });
  const lines = linesOf(stdout);
  expect(lines[0]).toBe('    memory in the file    elements  type    encoding    key');
  expect(lines[1]).toBe('      48 B         3 B           1  string  int         number');
  expect(lines[2]).toBe('      64 B         5 B           1  string  embstr      "a,\\"b\\"\\n"');
  expect(lines).toContain('  memory of redis:7.0 with jemalloc');
  expect(lines.some((line) => /^ {2}data set +\d/.test(line))).toBe(true);
  expect(lines.at(-1)).toMatch(/used_memory in the dump, the server itself included +1\.0 MB$/);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

it('prints one object for --json, whose sums are those of its keys', async () => {
  const path = directory.write('memory.rdb', FILE);
  const whole = JSON.parse((await cli(['memory', path, '--json'])).stdout);
  const sums = JSON.parse((await cli(['memory', path, '--json', '--total'])).stdout);
  const { keys, ...rest } = whole;
  expect(rest).toEqual(sums);
  expect(keys).toHaveLength(4);
  const memory = keys.reduce((sum: number, key: { memory: number }) => sum + key.memory, 0);
  expect(sums).toMatchObject({
    schema: 'rdb-inspect/memory@1',
    sources: [path],
    servers: ['redis:7.0'],
    allocator: 'jemalloc',
    total: { keys: 4, elements: 5, memory },
    dataset: { memory, usedMemory: 1_048_576 },
  });
  expect(sums.types.map(({ type }: { type: string }) => type).sort()).toEqual(['hash', 'string', 'zset']);
  const { dataset } = sums;
  expect(dataset.total).toBe(dataset.memory + dataset.beyond + dataset.tables);
});

it('compares with used_memory only where no key was left out', async () => {
  const path = directory.write('memory.rdb', FILE);
  const { stdout } = await cli(['memory', path, '--json', '--total', '-n', '0']);
  expect(JSON.parse(stdout)).toMatchObject({ total: { keys: 3 }, dataset: { usedMemory: null } });
});

it('models the server that is asked for', async () => {
  const path = directory.write('memory.rdb', FILE);
  const { stdout } = await cli(['memory', path, '--server', 'valkey:9.1', '--allocator', 'glibc', '--json', '--total']);
  expect(JSON.parse(stdout)).toMatchObject({ servers: ['valkey:9.1'], allocator: 'glibc' });
});

describe('--what-if', () => {
  it('says what would be saved', async () => {
    const path = directory.write('big.rdb', BIG);
    const options = ['--what-if', 'hash-max-listpack-entries=1024', '--server', 'redis:7.0'];
    const report = JSON.parse((await cli(['memory', path, ...options, '--json'])).stdout);
    const { total, types } = report;
    expect(report).toMatchObject({ whatIf: { settings: 'hash-max-listpack-entries=1024', servers: ['redis:7.0'] } });
    expect(total).toMatchObject({
      keys: 1,
      keysWithLess: 1,
      keysWithMore: 0,
      saving: total.used - total.whatIfUsed,
    });
    // 700 entries with two strings of their own against 18,000 bytes of listpack, or so.
    expect(total.savingShare).toBeGreaterThan(0.6);
    expect(types).toEqual([{ type: 'hash', ...total }]);
    const rows = jsonLines((await cli(['memory', path, ...options])).stdout);
    expect(rows).toEqual([
      { type: 'hash', ...total },
      { type: 'all', ...total },
    ]);
  });

  it('says it to people', async () => {
    const path = directory.write('big.rdb', BIG);
    const options = ['--what-if', 'hash-max-listpack-entries=1024,target=valkey:8.1'];
    const lines = linesOf((await cli(['memory', path, ...options, '-f', 'table'])).stdout);
    expect(lines.slice(0, 4)).toEqual([
      path,
      '  now: redis:7.0 with jemalloc',
      '  then: valkey:8.1 with jemalloc: hash-max-listpack-entries=1024,target=valkey:8.1',
      '',
    ]);
    expect(lines[4]).toMatch(/^ {2}type +keys +now +then +saving +share +keys with less +with more$/);
    expect(lines[5]).toMatch(/^ {2}hash +1 +\S+ KB +\S+ KB +\S+ KB +\d\d\.\d % +1 +0$/);
    expect(lines[6]).toMatch(/^ {2}tables /);
    expect(lines[7]).toMatch(/^ {2}all +1 /);
    expect(lines).toHaveLength(8);
  });

  it.each(['valkey:8.1', 'redis:8.6'])('comes to what the data set takes on %s', async (server) => {
    const path = fixturePath('redis-7.0/types');
    const sums = async (...options: string[]): Promise<Record<string, Record<string, number>>> =>
      JSON.parse((await cli(['memory', path, '--json', ...options])).stdout);
    const now = await sums('--total');
    const then = await sums('--total', '--server', server);
    const { total, dataset } = await sums('--what-if', `target=${server}`);
    expect(total!.memory).toBe(now.total!.memory);
    expect(total!.whatIfMemory).toBe(then.total!.memory);
    expect(dataset!.total).toBe(now.dataset!.total);
    expect(dataset!.whatIfUsed).toBe(then.dataset!.total);
    expect(dataset!.saving).toBe(now.dataset!.total! - then.dataset!.total!);
  });

  it('changes nothing where nothing changes', async () => {
    const { stdout } = await cli(['memory', fixturePath('redis-7.0/types'), '--what-if', 'target=redis:7.0', '--json']);
    const { total } = JSON.parse(stdout);
    expect(total).toMatchObject({ saving: 0, savingShare: 0, keysWithLess: 0, keysWithMore: 0 });
  });

  it('reads settings as configurations write them', () => {
    expect(parseWhatIf('hash-max-ziplist-value = 1kb, zset-max-listpack-entries=0,list-max-listpack-size=-1')).toEqual({
      settings: { hashMaxPackedValue: 1024, zsetMaxPackedEntries: 0, listMaxNodeSize: -1 },
      text: 'hash-max-ziplist-value = 1kb, zset-max-listpack-entries=0,list-max-listpack-size=-1',
    });
    expect(parseWhatIf('target=valkey:8.1.3,allocator=glibc')).toMatchObject({
      target: { name: 'valkey:8.1' },
      allocator: 'glibc',
      settings: {},
    });
  });

  it.each([
    'hash-max-listpack-entries',
    'hash-max-entries=1',
    'target=redis:99',
    'allocator=tcmalloc',
    'list-max-listpack-size=-6',
    'hash-max-listpack-entries=many',
    '',
  ])("refuses '%s'", (text) => {
    expect(() => parseWhatIf(text)).toThrow(FilterTextError);
  });
});

it.each<[string, string[]]>([
  ['--columns goes with --format csv', ['--columns', 'rdbtools', '-f', 'ndjson']],
  ['--columns is about keys', ['--columns', 'rdbtools', '--total']],
  ['is no setting', ['--what-if', 'maxmemory=1gb']],
  ['there is no target', ['--server', 'redis:1.0']],
])('%s', async (message, options) => {
  const { code, stderr } = await cli(['memory', 'x.rdb', ...options]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

it('has no keys to speak of in an empty dump', async () => {
  const path = directory.write('empty.rdb', rdbFile('REDIS0010'));
  expect(JSON.parse((await cli(['memory', path, '--json'])).stdout)).toMatchObject({ keys: [], total: { keys: 0 } });
  expect((await cli(['memory', path, '-f', 'table'])).stdout).toBe(`${path}\n  no keys\n`);
});

it('is what stats and top measure with', async () => {
  const path = directory.write('memory.rdb', FILE);
  const stats = JSON.parse((await cli(['stats', path, '--server', 'redis:7.0', '--json'])).stdout);
  const sums = JSON.parse((await cli(['memory', path, '--json', '--total'])).stdout);
  expect(stats).toMatchObject({ servers: ['redis:7.0'], encodingsOf: 'server', memory: sums.total.memory });
  expect(stats.types[0].encodings).toMatchObject([{ encoding: 'embstr' }, { encoding: 'int' }]);
  const top = JSON.parse((await cli(['top', path, '--json', '-l', '1'])).stdout);
  expect(top).toMatchObject({ by: 'memory', servers: ['redis:7.0'], sum: sums.total.memory });
  expect(top.top[0]).toMatchObject({ key: 'user', memoryEncoding: 'listpack' });
});
