/** The tree of prefixes: its sums are those of the data set, whatever has been folded. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { PrefixCollector, type PrefixOptions } from '../../src/inspect/prefix/prefix-collector.js';
import type { PrefixCounts } from '../../src/inspect/prefix/prefix-counts.js';
import type { PrefixNode, PrefixReport, PrefixReportOptions } from '../../src/inspect/prefix/prefix-report.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { int64Le, keyRecord, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures } from '../support/fixtures.js';
import { random } from '../support/random.js';

async function prefixesOf(
  files: readonly (Uint8Array | string)[],
  options: PrefixOptions = {},
  reportOptions: PrefixReportOptions = {},
): Promise<PrefixReport> {
  const collector = new PrefixCollector(options);
  for (const file of files) await collectFacts(file, collector);
  return collector.report(reportOptions);
}

/** A dump with strings of a few bytes under these names. */
function dumpOf(names: readonly string[], value: Piece = 'value'): Uint8Array {
  const records = names.map((name) => keyRecord(0, new TextEncoder().encode(name), str(value)));
  return rdbFile('REDIS0011', records);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/** `pattern keys`, in the order of the tree. */
function linesOf(node: PrefixNode): string[] {
  return node.children.flatMap((child) => [`${textOf(child.pattern)} ${child.keys}`, ...linesOf(child)]);
}

function sum(...counts: readonly PrefixCounts[]): PrefixCounts {
  const of = (field: keyof PrefixCounts): number => counts.reduce((total, count) => total + count[field], 0);
  return {
    keys: of('keys'),
    bytes: of('bytes'),
    memoryBytes: of('memoryBytes'),
    elements: of('elements'),
    keysWithoutTtl: of('keysWithoutTtl'),
  };
}

/** Every node is what it consists of. */
function expectSums(node: PrefixNode): void {
  const { keys, bytes, memoryBytes, elements, keysWithoutTtl } = node;
  expect(sum(node.own, node.other, ...node.children)).toEqual({ keys, bytes, memoryBytes, elements, keysWithoutTtl });
  for (const child of node.children) expectSums(child);
}

describe.each(listFixtures())('$name', ({ path }) => {
  it.each([0, 0.01, 1])('adds up at a least share of %f', async (minShare) => {
    const keys = [...readRdbSync(path)].filter((entry) => entry.kind === 'key');
    const { root } = await prefixesOf([path], {}, { minShare });
    expectSums(root);
    expect(root.keys).toBe(keys.length);
    expect(root.bytes).toBe(keys.reduce((total, { valueBytes = 0 }) => total + valueBytes, 0));
    expect(root.keysWithoutTtl).toBe(keys.filter(({ expireAtMs }) => expireAtMs === undefined).length);
  });

  it('has the same tree with the files of two in any order', async () => {
    const { root } = await prefixesOf([path, path], { separators: [':'], depth: 2 });
    const once = await prefixesOf([path], { separators: [':'], depth: 2 });
    expect(linesOf(root).length).toBe(linesOf(once.root).length);
    expect(root.keys).toBe(2 * once.root.keys);
  });
});

/** Without ids: what every prefix up to `depth` parts must count. */
function bruteForce(names: readonly string[], separator: string, depth: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    let end = 0;
    for (let level = 0; level < depth && end < name.length; level++) {
      const found = name.indexOf(separator, end);
      end = found < 0 ? name.length : found + separator.length;
      const prefix = name.slice(0, end);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  return counts;
}

describe('against brute force', () => {
  it.each([
    [':', 1],
    [':', 3],
    ['::', 2],
    ['->', 4],
  ])('separator %s, depth %i', async (separator, depth) => {
    const next = random(7);
    const word = (): string => ['a', 'bb', 'users', 'x-', ':', ''][Math.floor(next() * 6)]!;
    const names = Array.from({ length: 3000 }, () =>
      Array.from({ length: 1 + Math.floor(next() * 5) }, word).join(separator),
    );
    const { root } = await prefixesOf([dumpOf(names)], { separators: [separator], depth });
    const found = new Map(linesOf(root).map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]));
    const wanted = [...bruteForce(names, separator, depth)].map(([prefix, count]) => [prefix, String(count)] as const);
    expect(found).toEqual(new Map(wanted));
    expect(root.own.keys).toBe(names.filter((name) => name === '').length);
    expectSums(root);
  });
});

describe('ids', () => {
  it.each([
    ['user:123:profile', 'user:*:profile', 'user:*:profile'],
    ['user:550e8400-e29b-41d4-a716-446655440000', 'user:<uuid>', 'user:*'],
    ['sess-550E8400-E29B-41D4-A716-446655440000.x', 'sess-<uuid>.x', 'sess-*.x'],
    ['sha:da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha:<hex>', 'sha:*'],
    ['oid:507f1f77bcf86cd799439011', 'oid:<hex>', 'oid:*'],
    ['day:2026-01-31', 'day:<date>', 'day:*'],
    ['log-2026-01-31T10.txt', 'log-<date>.txt', 'log-*.txt'],
    ['report:2026-13-31', 'report:*-*-*', 'report:*-*-*'],
    ['mail:jo.doe+x@example.com', 'mail:<email>', 'mail:*'],
    ['ip:192.168.10.1', 'ip:<ip>', 'ip:*'],
    ['ulid:01ARZ3NDEKTSV4RRFFQ69G5FAV', 'ulid:<ulid>', 'ulid:*'],
    ['tok:V1StGXR8_Z5jdHi6B-myT', 'tok:<id>', 'tok:*'],
    ['cuid:cjld2cjxh0000qzrmn831i7rd', 'cuid:<id>', 'cuid:*'],
    ['chat:-1001234', 'chat:*', 'chat:*'],
    ['user1234:x', 'user*:x', 'user*:x'],
    ['item_7', 'item_*', 'item_*'],
    ['page-2-of-3', 'page-*-of-*', 'page-*-of-*'],
    ['api:v2:users', 'api:v2:users', 'api:v2:users'],
    ['my-service-name-v2-prod:x', 'my-service-name-v2-prod:x', 'my-service-name-v2-prod:x'],
    ['getUserByIdFromCache:x', 'getUserByIdFromCache:x', 'getUserByIdFromCache:x'],
    ['iPhone12:x', 'iPhone12:x', 'iPhone12:x'],
    ['deadbeef:x', 'deadbeef:x', 'deadbeef:x'],
    [`w:${'word '.repeat(20)}`, `w:${'word '.repeat(9)}word*`, `w:${'word '.repeat(9)}word*`],
    ['q[1]?:x', 'q[*]?:x', 'q\\[*\\]\\?:x'],
    ['a:b:c:d:e', 'a:b:c:', 'a:b:c:*'],
    [':1:page', ':*:page', ':*:page'],
  ])('%s is %s', async (name, pattern, glob) => {
    const { root } = await prefixesOf([dumpOf([name])], { separators: [':'] });
    let node = root;
    while (node.children.length > 0) node = node.children[0]!;
    expect(textOf(node.pattern)).toBe(pattern);
    expect(textOf(node.glob)).toBe(glob);
    expect(node.own.keys).toBe(1);
  });

  it('keeps text in other scripts, and takes together what is no text', async () => {
    const binary = [Uint8Array.of(0xff, 1, 2, 3), Uint8Array.of(0, 200, 7, 9)];
    const names = [...binary, new TextEncoder().encode('ключ:日本')];
    const file = rdbFile('REDIS0011', ...names.map((name) => keyRecord(0, name, str('v'))));
    const { root } = await prefixesOf([file], { separators: [':'], depth: 2 });
    expect(root.children.map(({ pattern }) => new TextDecoder().decode(pattern))).toEqual(['<binary>', 'ключ:']);
    expect(root.children[0]!.ids).toEqual(['binary']);
  });

  it('cuts no UUID and no date where their dashes are separators', async () => {
    const names = ['a-550e8400-e29b-41d4-a716-446655440000-b', 'a-2026-01-31-b'];
    const { root } = await prefixesOf([dumpOf(names)], { separators: ['-'], depth: 3 });
    expect(linesOf(root).sort()).toEqual(['a- 2', 'a-<date>- 1', 'a-<date>-b 1', 'a-<uuid>- 1', 'a-<uuid>-b 1']);
  });
});

describe('learned separators', () => {
  const many = (make: (index: number) => string): string[] => Array.from({ length: 200 }, (_, index) => make(index));
  it.each<[string, string[], string[][]]>([
    ['a colon before what joins words', many((i) => `user_profile:${i}`), [[':']]],
    ['a slash', many((i) => `app/users/${i}`), [['/']]],
    ['a colon first in paths', many((i) => `GET:/api/${i}`), [[':']]],
    ['double colons', many((i) => (i % 2 ? `cache::${i}` : `user:${i}`)), [['::', ':']]],
    ['two conventions', many((i) => (i % 3 ? `user:${i}` : `job_${i}`)), [[':'], ['_']]],
    ['dots', many((i) => `metrics.cpu.${i}`), [['.']]],
    ['underscores that name the same again', many((i) => `job_${i}`), [['_']]],
    ['none in UUIDs', many((i) => `550e8400-e29b-41d4-a716-4466554400${10 + (i % 80)}`), []],
    ['none where every beginning differs', many((i) => `${String.fromCharCode(97 + (i % 26), 97 + (i >> 3))}x_y`), []],
    ['none', many((i) => `key${i}`), []],
  ])('%s', async (_, names, groups) => {
    const { separators, root } = await prefixesOf([dumpOf(names)]);
    expect(separators.groups.map((group) => group.map(textOf))).toEqual(groups);
    expect(separators.learnedFrom).toBe(200);
    expectSums(root);
  });

  it('learns from the first keys and cuts all by that', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `user:${index}`);
    const { separators, root } = await prefixesOf([dumpOf(names)]);
    expect(separators.learnedFrom).toBe(4096);
    expect(linesOf(root)).toEqual(['user: 20000', 'user:* 20000']);
  });

  it('has an empty tree of no keys', async () => {
    const { root, separators } = await prefixesOf([rdbFile('REDIS0011')]);
    expect({ keys: root.keys, children: root.children, groups: separators.groups }).toEqual({
      keys: 0,
      children: [],
      groups: [],
    });
  });
});

describe('a full tree', () => {
  const letters = (index: number): string =>
    [...index.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('');
  const names = Array.from({ length: 12_000 }, (_, index) =>
    index % 4 === 0 ? `hot:${letters(index % 20)}` : `cold:${letters(index)}:x`,
  );

  it('loses nothing of the sums, and nothing that is large', async () => {
    const { root, isCapped } = await prefixesOf([dumpOf(names)], { separators: [':'], maxNodes: 1024 });
    expect(isCapped).toBe(true);
    expectSums(root);
    expect(root.keys).toBe(12_000);
    const [cold, hot] = root.children;
    expect([textOf(cold!.pattern), cold!.keys, textOf(hot!.pattern), hot!.keys]).toEqual(['cold:', 9000, 'hot:', 3000]);
    expect(cold!.other.keys).toBeGreaterThan(7000);
    expect(hot!.children.every(({ keys, missedKeys }) => keys === 600 && missedKeys === 0)).toBe(true);
    expect(linesOf(root).length).toBeLessThan(1024);
  });

  it('says how much a node may miss', async () => {
    // Each prefix comes back long after it was folded.
    const often = Array.from({ length: 20 }, () => names).flat();
    const { root } = await prefixesOf([dumpOf(often)], { separators: [':'], maxNodes: 1024 });
    expectSums(root);
    const [cold] = root.children;
    expect(cold!.children.some(({ missedKeys }) => missedKeys > 0)).toBe(true);
    for (const { keys, missedKeys } of cold!.children) expect(keys + missedKeys).toBeGreaterThanOrEqual(20);
  });

  it('keeps one large key among many small ones', async () => {
    const large = keyRecord(0, 'rare:giant', str('x'.repeat(60_000)));
    const small = (from: number, to: number): Uint8Array[] =>
      names.slice(from, to).map((name) => keyRecord(0, name, str('value')));
    const file = rdbFile('REDIS0011', ...small(0, 2000), large, ...small(2000, 12_000));
    const { root } = await prefixesOf([file], { separators: [':'], maxNodes: 1024 });
    const rare = root.children.find(({ pattern }) => textOf(pattern) === 'rare:');
    expect(rare?.children.map(({ pattern, keys }) => [textOf(pattern), keys])).toEqual([['rare:giant', 1]]);
  });
});

it('counts keys without a TTL, a stored -1 among them', async () => {
  const file = rdbFile(
    'REDIS0011',
    keyRecord(0, 'a:x', str('v'), [0xfc, int64Le(4102444800000n)]),
    keyRecord(0, 'a:y', str('v'), [0xfc, int64Le(-1n)]),
    keyRecord(0, 'a:z', str('v')),
  );
  const { root } = await prefixesOf([file], { separators: [':'] });
  expect(root.children[0]).toMatchObject({ keys: 3, keysWithoutTtl: 2 });
});

it.each<[string, PrefixOptions]>([
  ['a separator has at least one byte', { separators: [''] }],
  ['a separator of 33 bytes', { separators: ['x'.repeat(33)] }],
  ['a depth of 0', { depth: 0 }],
  ['a depth of 33', { depth: 33 }],
])('refuses: %s', (message, options) => {
  expect(() => new PrefixCollector(options)).toThrow(message);
});
