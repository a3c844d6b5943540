/** How an engine behaves: the server generation that it stands for, and that server's configuration. */
import { isSince } from '../rdb/server-version.js';
import { type EncodingSettings, findTarget, type Target } from '../rdb/versions.js';

export { isSince };

export interface EngineSettings {
  /** The server that it behaves like; also whose digest it gives and whose encodings it reports. */
  readonly target: Target;
  /** Packed or expanded: defaults of the target. Names and meanings as in the server's configuration. `Engine.configure` changes it. */
  encoding: EncodingSettings;
  /** `databases`. Default: 16. A log that selects more makes room for them. */
  readonly databases: number;
  lazyFree: LazyFree;
  /** `maxmemory-policy`. Nothing is evicted here: it says what is kept of accesses, and whether dumps hold that. */
  maxmemoryPolicy: MaxmemoryPolicy;
}

/** What may change while an engine lives: CONFIG SET. Values that are packed stay so until they are written to. */
export type EngineChanges = Pick<EngineOptions, 'encoding' | 'lazyFree' | 'maxmemoryPolicy'>;

export type MaxmemoryPolicy = 'noeviction' | `${'allkeys' | 'volatile'}-${'lru' | 'lfu' | 'random'}` | 'volatile-ttl';

/** Whether memory is freed aside: `lazyfree-lazy-expire` and so on, which shows in the log as UNLINK in place of DEL. */
export interface LazyFree {
  readonly expire: boolean;
  readonly userDel: boolean;
  readonly serverDel: boolean;
}

export interface EngineOptions {
  /** Such as `redis:7.0`. Default: `redis:7.0`. */
  readonly target?: Target | string;
  /** Where the target is older than this version of its family, this one takes its place: files of old servers in a newer one. */
  readonly least?: { readonly redis?: string; readonly valkey?: string };
  readonly encoding?: Partial<EncodingSettings>;
  readonly databases?: number;
  /** Default: that of the target, all of them as of Valkey 8.0, else none. */
  readonly lazyFree?: Partial<LazyFree>;
  /** Default: noeviction. */
  readonly maxmemoryPolicy?: MaxmemoryPolicy;
  /** Unix ms that count as now. Default: the machine's clock. */
  readonly clock?: () => number;
  /** Numbers from 0 up to 1, as Math.random, which is the default. */
  readonly random?: () => number;
}

/** Throws RangeError for a target that nobody knows. */
export function settingsOf({
  target = 'redis:7.0',
  least = {},
  encoding,
  databases = 16,
  lazyFree,
  maxmemoryPolicy = 'noeviction',
}: EngineOptions): EngineSettings {
  const named = typeof target === 'string' ? findTarget(target) : target;
  if (named === undefined) throw new RangeError(`${String(target)} is no server that is known`);
  const found = notOlder(named, least);
  const isLazy = isSince(found, { valkey: '8.0' });
  return {
    target: found,
    encoding: { ...found.settings, ...encoding },
    databases,
    lazyFree: { expire: isLazy, userDel: isLazy, serverDel: isLazy, ...lazyFree },
    maxmemoryPolicy,
  };
}

function notOlder(target: Target, least: NonNullable<EngineOptions['least']>): Target {
  const { family } = target;
  const version = family === 'redis' || family === 'valkey' ? least[family] : undefined;
  if (version === undefined || isSince(target, least)) return target;
  return findTarget(`${family}:${version}`) ?? target;
}
