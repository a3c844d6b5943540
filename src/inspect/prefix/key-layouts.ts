/**
 * How well-known software names its keys: data, by the documentation and the sources of each at the time of writing. A
 * layout is recognised by keys that nobody else is likely to have (`isProof`), and then counts all that belong to it.
 */
import type { ValueType } from '../../rdb/model.js';

export interface KeyLayoutPart {
  /** A Redis glob that begins with literal bytes, at least one of them. */
  readonly glob: string;
  /** What such a key is; one of another type does not count. */
  readonly type: ValueType;
  /** What it is for, in a word or two. */
  readonly role: string;
  readonly isProof?: boolean;
}

export interface KeyLayout {
  readonly name: string;
  /** What kind of software it is. */
  readonly about: string;
  /** Beginnings of its keys by which a prefix can be named. */
  readonly prefixes: readonly string[];
  /** The first that fits counts. */
  readonly parts: readonly KeyLayoutPart[];
  /** Of two that share their keys the other one is named, where it is recognised. */
  readonly yieldsTo?: string;
}

const proof = (glob: string, type: ValueType, role: string): KeyLayoutPart => ({ glob, type, role, isProof: true });
const part = (glob: string, type: ValueType, role: string): KeyLayoutPart => ({ glob, type, role });

/** What Bull and BullMQ have in common. */
function bullParts(prefix: string): KeyLayoutPart[] {
  return [
    part(`${prefix}:*:wait`, 'list', 'waiting'),
    part(`${prefix}:*:paused`, 'list', 'paused'),
    part(`${prefix}:*:active`, 'list', 'active'),
    part(`${prefix}:*:completed`, 'zset', 'completed'),
    part(`${prefix}:*:failed`, 'zset', 'failed'),
    part(`${prefix}:*:delayed`, 'zset', 'delayed'),
    part(`${prefix}:*:repeat`, 'zset', 'repeatable'),
    part(`${prefix}:*:id`, 'string', 'job counters'),
    part(`${prefix}:*:lock`, 'string', 'locks'),
    part(`${prefix}:*:logs`, 'list', 'job logs'),
    part(`${prefix}:*:stalled`, 'set', 'stalled'),
    part(`${prefix}:*`, 'hash', 'jobs'),
  ];
}

const bullmqParts = (prefix: string): KeyLayoutPart[] => [
  proof(`${prefix}:*:meta`, 'hash', 'queues'),
  proof(`${prefix}:*:events`, 'stream', 'events'),
  proof(`${prefix}:*:marker`, 'zset', 'markers'),
  part(`${prefix}:*:prioritized`, 'zset', 'prioritized'),
  part(`${prefix}:*:waiting-children`, 'zset', 'waiting for children'),
  part(`${prefix}:*:dependencies`, 'set', 'children'),
  part(`${prefix}:*:processed`, 'hash', 'results of children'),
  part(`${prefix}:*:metrics:*`, 'hash', 'metrics'),
  part(`${prefix}:*:de:*`, 'string', 'deduplication'),
  ...bullParts(prefix),
];

const QUEUES: readonly KeyLayout[] = [
  {
    name: 'BullMQ',
    about: 'job queues for Node.js',
    prefixes: ['bull:', '{bull}:'],
    parts: [...bullmqParts('bull'), ...bullmqParts('{bull}')],
  },
  {
    name: 'Bull',
    about: 'job queues for Node.js',
    prefixes: ['bull:', '{bull}:'],
    yieldsTo: 'BullMQ',
    parts: ['bull', '{bull}'].flatMap((prefix) => [
      proof(`${prefix}:*:id`, 'string', 'queues'),
      part(`${prefix}:*:priority`, 'zset', 'prioritized'),
      part(`${prefix}:*:meta-paused`, 'string', 'paused queues'),
      ...bullParts(prefix),
    ]),
  },
  {
    name: 'Bee-Queue',
    about: 'job queues for Node.js',
    prefixes: ['bq:'],
    parts: [
      proof('bq:*:jobs', 'hash', 'jobs'),
      part('bq:*:waiting', 'list', 'waiting'),
      part('bq:*:active', 'list', 'active'),
      part('bq:*:succeeded', 'set', 'succeeded'),
      part('bq:*:failed', 'set', 'failed'),
      part('bq:*:delayed', 'zset', 'delayed'),
      part('bq:*:id', 'string', 'job counters'),
    ],
  },
  {
    name: 'Sidekiq',
    about: 'background jobs for Ruby',
    prefixes: ['queue:', 'stat:'],
    parts: [
      proof('stat:processed', 'string', 'statistics'),
      proof('stat:failed', 'string', 'statistics'),
      part('stat:processed:*', 'string', 'statistics'),
      part('stat:failed:*', 'string', 'statistics'),
      part('queues', 'set', 'queue names'),
      part('queue:*', 'list', 'queues'),
      part('schedule', 'zset', 'scheduled'),
      part('retry', 'zset', 'retries'),
      part('dead', 'zset', 'dead jobs'),
      part('processes', 'set', 'processes'),
      part('uniquejobs:*', 'hash', 'unique jobs'),
      part('cron_job:*', 'hash', 'cron jobs'),
    ],
  },
  {
    name: 'Resque',
    about: 'background jobs for Ruby',
    prefixes: ['resque:'],
    yieldsTo: 'GitLab',
    parts: [
      proof('resque:queues', 'set', 'queue names'),
      proof('resque:workers', 'set', 'workers'),
      part('resque:queue:*', 'list', 'queues'),
      part('resque:failed', 'list', 'failed jobs'),
      part('resque:delayed:*', 'list', 'delayed jobs'),
      part('resque:worker:*', 'string', 'workers'),
      part('resque:stat:*', 'string', 'statistics'),
    ],
  },
  {
    name: 'Celery',
    about: 'task queues for Python',
    prefixes: ['celery', '_kombu.binding.', 'unacked'],
    parts: [
      proof('_kombu.binding.*', 'set', 'bindings'),
      proof('celery-task-meta-*', 'string', 'results'),
      part('celery-taskset-meta-*', 'string', 'group results'),
      part('celery', 'list', 'default queue'),
      part('celery*', 'list', 'queues'),
      part('unacked', 'hash', 'unacknowledged'),
      part('unacked_index', 'zset', 'unacknowledged'),
      part('unacked_mutex', 'string', 'locks'),
    ],
  },
  {
    name: 'RQ',
    about: 'job queues for Python',
    prefixes: ['rq:'],
    parts: [
      proof('rq:queues', 'set', 'queue names'),
      proof('rq:workers', 'set', 'workers'),
      proof('rq:job:*', 'hash', 'jobs'),
      part('rq:queue:*', 'list', 'queues'),
      part('rq:results:*', 'stream', 'results'),
      part('rq:finished:*', 'zset', 'finished'),
      part('rq:failed:*', 'zset', 'failed'),
      part('rq:wip:*', 'zset', 'in progress'),
      part('rq:scheduled:*', 'zset', 'scheduled'),
      part('rq:deferred:*', 'zset', 'deferred'),
      part('rq:worker:*', 'hash', 'workers'),
    ],
  },
  {
    name: 'arq',
    about: 'job queues for Python',
    prefixes: ['arq:'],
    parts: [
      proof('arq:queue', 'zset', 'queue'),
      proof('arq:job:*', 'string', 'jobs'),
      part('arq:result:*', 'string', 'results'),
      part('arq:in-progress:*', 'string', 'in progress'),
      part('arq:retry:*', 'string', 'retries'),
    ],
  },
  {
    name: 'Dramatiq',
    about: 'task queues for Python',
    prefixes: ['dramatiq:'],
    parts: [
      proof('dramatiq:__heartbeats__', 'zset', 'workers'),
      part('dramatiq:*.msgs', 'hash', 'messages'),
      part('dramatiq:*', 'list', 'queues'),
    ],
  },
  {
    name: 'Asynq',
    about: 'task queues for Go',
    prefixes: ['asynq:'],
    parts: [
      proof('asynq:queues', 'set', 'queue names'),
      part('asynq:{*}:t:*', 'hash', 'tasks'),
      part('asynq:{*}:pending', 'list', 'pending'),
      part('asynq:{*}:active', 'list', 'active'),
      part('asynq:{*}:scheduled', 'zset', 'scheduled'),
      part('asynq:{*}:retry', 'zset', 'retries'),
      part('asynq:{*}:archived', 'zset', 'archived'),
      part('asynq:{*}:completed', 'zset', 'completed'),
      part('asynq:servers*', 'string', 'servers'),
    ],
  },
  {
    name: 'Hangfire',
    about: 'background jobs for .NET',
    prefixes: ['hangfire:', '{hangfire}:'],
    parts: ['hangfire:', '{hangfire}:'].flatMap((prefix) => [
      proof(`${prefix}queues`, 'set', 'queue names'),
      proof(`${prefix}servers`, 'set', 'servers'),
      part(`${prefix}queue:*`, 'list', 'queues'),
      part(`${prefix}job:*`, 'hash', 'jobs'),
      part(`${prefix}job:*:history`, 'list', 'job history'),
      part(`${prefix}stats:*`, 'string', 'statistics'),
    ]),
  },
  {
    name: 'Laravel',
    about: 'queues, cache and Horizon of the PHP framework',
    prefixes: ['laravel_', 'horizon:'],
    parts: [
      proof('laravel_database_queues:*', 'list', 'queues'),
      part('laravel_database_queues:*', 'zset', 'delayed and reserved jobs'),
      proof('laravel_horizon:*', 'hash', 'Horizon jobs'),
      proof('laravel_horizon:*', 'zset', 'Horizon lists'),
      proof('horizon:masters', 'zset', 'Horizon'),
      part('horizon:*', 'hash', 'Horizon jobs'),
      part('horizon:*', 'zset', 'Horizon lists'),
      proof('laravel_cache*', 'string', 'cache'),
      proof('laravel_database_*', 'string', 'cache'),
    ],
  },
];

const SESSIONS_AND_CACHES: readonly KeyLayout[] = [
  {
    name: 'connect-redis',
    about: 'sessions of Express and Connect',
    prefixes: ['sess:'],
    parts: [proof('sess:*', 'string', 'sessions')],
  },
  {
    name: 'Spring Session',
    about: 'sessions of Spring',
    prefixes: ['spring:session:'],
    parts: [
      part('spring:session:sessions:expires:*', 'string', 'expiry markers'),
      proof('spring:session:sessions:*', 'hash', 'sessions'),
      proof('spring:session:*:sessions:*', 'hash', 'sessions'),
      part('spring:session:expirations:*', 'set', 'expirations'),
      part('spring:session:index:*', 'set', 'indexes'),
    ],
  },
  {
    name: 'PHP sessions',
    about: 'sessions of the phpredis extension',
    prefixes: ['PHPREDIS_SESSION:'],
    parts: [proof('PHPREDIS_SESSION:*', 'string', 'sessions')],
  },
  {
    name: 'Django cache',
    about: 'cache of the Python framework',
    prefixes: [':*:'],
    parts: [
      proof(':[0-9]:django.contrib.sessions.*', 'string', 'sessions'),
      proof(':[0-9]:views.decorators.cache.*', 'string', 'pages'),
      proof(':[0-9]:*', 'string', 'cache'),
    ],
  },
  {
    name: 'Magento',
    about: 'cache and sessions of the shop',
    prefixes: ['zc:'],
    parts: [
      proof('zc:tags', 'set', 'tag names'),
      proof('zc:k:*', 'hash', 'cache'),
      part('zc:ti:*', 'set', 'keys by tag'),
      part('sess_*', 'hash', 'sessions'),
    ],
  },
  {
    name: 'Redisson',
    about: 'locks and data structures for Java',
    prefixes: ['redisson_'],
    parts: [
      proof('redisson__timeout__set:*', 'zset', 'expiry of map entries'),
      proof('redisson__idle__set:*', 'zset', 'expiry of map entries'),
      part('redisson_lock__*', 'string', 'locks'),
      part('redisson_rwlock*', 'string', 'locks'),
    ],
  },
  {
    name: 'GitLab',
    about: 'cache, sessions and jobs of the forge',
    prefixes: ['cache:gitlab:', 'session:gitlab:', 'resque:gitlab:'],
    parts: [
      proof('cache:gitlab:*', 'string', 'cache'),
      part('cache:gitlab:*', 'set', 'cache'),
      part('cache:gitlab:*', 'hash', 'cache'),
      proof('session:gitlab:*', 'string', 'sessions'),
      part('session:lookup:*', 'set', 'sessions by user'),
      part('resque:gitlab:queue:*', 'list', 'queues'),
      proof('resque:gitlab:queues', 'set', 'queue names'),
    ],
  },
];

export const KEY_LAYOUTS: readonly KeyLayout[] = [...QUEUES, ...SESSIONS_AND_CACHES];
