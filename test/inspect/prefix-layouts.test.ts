/** Software that is known by its keys. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { KEY_LAYOUTS } from '../../src/inspect/prefix/key-layouts.js';
import { PrefixCollector } from '../../src/inspect/prefix/prefix-collector.js';
import type { PrefixReport } from '../../src/inspect/prefix/prefix-report.js';
import { bytesOf, doubleLe, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';

const VALUES: Readonly<Record<string, readonly [type: number, value: Piece]>> = {
  string: [0, str('v')],
  list: [1, [len(1), str('item')]],
  set: [2, [len(1), str('member')]],
  zset: [5, [len(1), str('member'), doubleLe(1)]],
  hash: [4, [len(1), str('field'), str('value')]],
};

type NamedType = readonly [name: string, type: keyof typeof VALUES];

async function reportOf(keys: readonly NamedType[]): Promise<PrefixReport> {
  const records = keys.map(([name, type]) => keyRecord(VALUES[type]![0], name, VALUES[type]![1]));
  const collector = new PrefixCollector({ separators: [':'] });
  await collectFacts(rdbFile('REDIS0011', bytesOf(records)), collector);
  return collector.report();
}

const BULL: readonly NamedType[] = [
  ['bull:mail:id', 'string'],
  ['bull:mail:wait', 'list'],
  ['bull:mail:completed', 'zset'],
  ['bull:mail:1', 'hash'],
  ['bull:mail:2', 'hash'],
  ['bull:mail:2:lock', 'string'],
];

describe('recognises', () => {
  it.each<[string, readonly NamedType[], number]>([
    ['BullMQ', [...BULL, ['bull:mail:meta', 'hash']], 7],
    [
      'BullMQ',
      [
        ['{bull}:mail:meta', 'hash'],
        ['{bull}:mail:7', 'hash'],
      ],
      2,
    ],
    ['Bull', BULL, 6],
    [
      'Bee-Queue',
      [
        ['bq:mail:jobs', 'hash'],
        ['bq:mail:waiting', 'list'],
      ],
      2,
    ],
    [
      'Sidekiq',
      [
        ['queues', 'set'],
        ['queue:default', 'list'],
        ['stat:processed', 'string'],
        ['retry', 'zset'],
      ],
      4,
    ],
    [
      'Resque',
      [
        ['resque:queues', 'set'],
        ['resque:queue:mail', 'list'],
      ],
      2,
    ],
    [
      'Celery',
      [
        ['celery', 'list'],
        ['_kombu.binding.celery', 'set'],
        ['unacked', 'hash'],
      ],
      3,
    ],
    ['Celery', [['celery-task-meta-550e8400-e29b-41d4-a716-446655440000', 'string']], 1],
    [
      'RQ',
      [
        ['rq:queues', 'set'],
        ['rq:job:550e8400', 'hash'],
        ['rq:queue:default', 'list'],
      ],
      3,
    ],
    [
      'arq',
      [
        ['arq:job:1', 'string'],
        ['arq:queue', 'zset'],
      ],
      2,
    ],
    [
      'Dramatiq',
      [
        ['dramatiq:__heartbeats__', 'zset'],
        ['dramatiq:default.msgs', 'hash'],
      ],
      2,
    ],
    [
      'Asynq',
      [
        ['asynq:queues', 'set'],
        ['asynq:{default}:t:1', 'hash'],
      ],
      2,
    ],
    [
      'Hangfire',
      [
        ['hangfire:queues', 'set'],
        ['hangfire:job:1', 'hash'],
      ],
      2,
    ],
    [
      'Laravel',
      [
        ['laravel_database_queues:default', 'list'],
        ['laravel_cache:x', 'string'],
      ],
      2,
    ],
    [
      'connect-redis',
      [
        ['sess:abc', 'string'],
        ['sess:def', 'string'],
      ],
      2,
    ],
    [
      'Spring Session',
      [
        ['spring:session:sessions:1', 'hash'],
        ['spring:session:expirations:1', 'set'],
      ],
      2,
    ],
    ['PHP sessions', [['PHPREDIS_SESSION:abc', 'string']], 1],
    ['Django cache', [[':1:page', 'string']], 1],
    [
      'Magento',
      [
        ['zc:k:x', 'hash'],
        ['zc:ti:y', 'set'],
        ['zc:tags', 'set'],
      ],
      3,
    ],
    ['Redisson', [['redisson__timeout__set:{m}', 'zset']], 1],
    [
      'GitLab',
      [
        ['cache:gitlab:x', 'string'],
        ['resque:gitlab:queues', 'set'],
      ],
      2,
    ],
  ])('%s', async (name, keys, count) => {
    const { layouts } = await reportOf([...keys, ['unrelated', 'string']]);
    expect(layouts.map(({ layout, keys: found }) => [layout.name, found])).toEqual([[name, count]]);
  });

  it('says what the keys are for', async () => {
    const { layouts, root } = await reportOf([...BULL, ['bull:mail:meta', 'hash']]);
    expect(Object.fromEntries(layouts[0]!.roles.map(({ role, keys }) => [role, keys]))).toEqual({
      queues: 1,
      waiting: 1,
      completed: 1,
      'job counters': 1,
      locks: 1,
      jobs: 2,
    });
    expect(root.children.map(({ layout }) => layout)).toEqual(['BullMQ']);
  });
});

it.each<[string, readonly NamedType[]]>([
  [
    'a queue without proof',
    [
      ['queue:default', 'list'],
      ['retry', 'zset'],
    ],
  ],
  [
    'a key of another type',
    [
      ['sess:abc', 'hash'],
      ['bull:mail:meta', 'list'],
    ],
  ],
  [
    'a beginning',
    [
      ['session:abc', 'string'],
      ['s', 'string'],
      ['', 'string'],
    ],
  ],
])('does not take for known: %s', async (_, keys) => {
  const { layouts, root } = await reportOf(keys);
  expect(layouts).toEqual([]);
  expect(root.children.every(({ layout }) => layout === undefined)).toBe(true);
});

it('has layouts that can be recognised, with patterns that begin literally', () => {
  expect(new Set(KEY_LAYOUTS.map(({ name }) => name)).size).toBe(KEY_LAYOUTS.length);
  for (const { parts, prefixes, yieldsTo } of KEY_LAYOUTS) {
    expect(parts.some(({ isProof }) => isProof)).toBe(true);
    expect(parts.every(({ glob }) => /^[^*?[\\]/.test(glob))).toBe(true);
    expect(prefixes.length).toBeGreaterThan(0);
    expect(yieldsTo === undefined || KEY_LAYOUTS.some(({ name }) => name === yieldsTo)).toBe(true);
  }
});
