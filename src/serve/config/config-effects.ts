/** What settings mean to the engine and the store: how they begin, and what CONFIG SET changes in them. */
import { fromByteString } from '../../bytes/byte-string.js';
import type { Files } from '../../bytes/files.js';
import { decodePath } from '../../bytes/path.js';
import type { Engine } from '../../engine/engine.js';
import type { EngineChanges, EngineOptions, LazyFree, MaxmemoryPolicy } from '../../engine/settings.js';
import type { EncodingSettings } from '../../rdb/versions.js';
import type { Store } from '../../store/store.js';
import type { StoreChanges, StoreOptions } from '../../store/store-options.js';
import { ConfigRefusal } from './config-refusal.js';
import type { SettingValues } from './config-values.js';

/** What CONFIG SET has an effect on. */
export interface ConfigTargets {
  readonly engine: Engine;
  /** Undefined where nothing is written. */
  readonly store: Store | undefined;
  /** For CONFIG REWRITE, and to see whether a directory is there. */
  readonly files: Files;
}

const ENCODING = {
  'hash-max-listpack-entries': 'hashMaxPackedEntries',
  'hash-max-listpack-value': 'hashMaxPackedValue',
  'zset-max-listpack-entries': 'zsetMaxPackedEntries',
  'zset-max-listpack-value': 'zsetMaxPackedValue',
  'set-max-intset-entries': 'setMaxIntsetEntries',
  'list-max-listpack-size': 'listMaxNodeSize',
  'stream-node-max-bytes': 'streamNodeMaxBytes',
  'stream-node-max-entries': 'streamNodeMaxEntries',
} as const satisfies Readonly<Record<string, keyof EncodingSettings>>;

const LAZY_FREE = {
  'lazyfree-lazy-expire': 'expire',
  'lazyfree-lazy-user-del': 'userDel',
  'lazyfree-lazy-server-del': 'serverDel',
} as const satisfies Readonly<Record<string, keyof LazyFree>>;

const STORE_FLAGS = {
  appendonly: 'appendonly',
  'stop-writes-on-bgsave-error': 'stopWritesOnBgsaveError',
  rdbcompression: 'rdbcompression',
  rdbchecksum: 'rdbchecksum',
  'no-appendfsync-on-rewrite': 'noAppendfsyncOnRewrite',
  'aof-use-rdb-preamble': 'aofUseRdbPreamble',
  'aof-timestamp-enabled': 'aofTimestampEnabled',
  'aof-disable-auto-gc': 'aofDisableAutoGc',
} as const satisfies Readonly<Record<string, keyof StoreChanges>>;

const STORE_NUMBERS = {
  'auto-aof-rewrite-percentage': 'autoAofRewritePercentage',
  'auto-aof-rewrite-min-size': 'autoAofRewriteMinSize',
  'rdb-key-save-delay': 'rdbKeySaveDelay',
} as const satisfies Readonly<Record<string, keyof StoreChanges>>;

const STORE_TEXTS = { appendfsync: 'appendfsync', save: 'save' } as const satisfies Readonly<
  Record<string, keyof StoreChanges>
>;

/** How an engine begins. `names`: settings that were given, others are left to its target. */
export function engineOptionsOf(values: SettingValues, names: Iterable<string>): EngineOptions {
  return { ...engineChangesOf(values, new Set(names)), databases: values.number('databases') };
}

/** How a store begins; the rest of its options is the caller's. */
export function storeOptionsOf(values: SettingValues, names: Iterable<string>): StoreOptions {
  const all = [STORE_FLAGS, STORE_NUMBERS, STORE_TEXTS].flatMap((table) => Object.keys(table));
  return {
    ...engineOptionsOf(values, names),
    ...storeChangesOf(values, new Set(all)),
    dir: pathOf(values, 'dir'),
    dbfilename: pathOf(values, 'dbfilename'),
    appendfilename: pathOf(values, 'appendfilename'),
    appenddirname: pathOf(values, 'appenddirname'),
    aofLoadTruncated: values.isYes('aof-load-truncated'),
  };
}

/** Makes settings of these names have their effect. Throws ConfigRefusal where one cannot have it. */
export function takeEffect({ engine, store }: ConfigTargets, values: SettingValues, names: ReadonlySet<string>): void {
  const changes = storeChangesOf(values, names);
  if (store === undefined && changes.appendonly === true) throw new ConfigRefusal(NO_LOG);
  engine.configure(engineChangesOf(values, names));
  if (Object.keys(changes).length === 0) return;
  try {
    store?.configure(changes);
  } catch (cause) {
    throw new ConfigRefusal(NO_LOG, { cause });
  }
}

const NO_LOG = 'Unable to turn on AOF. Check server logs.';

/** A setting whose value is a path, or a name in one. */
export function pathOf(values: SettingValues, name: string): string {
  return decodePath(fromByteString(values.text(name)));
}

function engineChangesOf(values: SettingValues, names: ReadonlySet<string>): EngineChanges {
  const number = (name: string): number => values.number(name);
  const isYes = (name: string): boolean => values.isYes(name);
  return {
    encoding: picked(ENCODING, names, number),
    lazyFree: picked(LAZY_FREE, names, isYes),
    ...(names.has('maxmemory-policy') && { maxmemoryPolicy: values.text('maxmemory-policy') as MaxmemoryPolicy }),
  };
}

function storeChangesOf(values: SettingValues, names: ReadonlySet<string>): StoreChanges {
  return {
    ...picked(STORE_FLAGS, names, (name) => values.isYes(name)),
    ...picked(STORE_NUMBERS, names, (name) => values.number(name)),
    ...(picked(STORE_TEXTS, names, (name) => values.text(name)) as Pick<StoreChanges, 'appendfsync' | 'save'>),
  };
}

/** Of those that are named, the values by the names that others know them by. */
function picked<K extends string, V>(
  table: Readonly<Record<string, K>>,
  names: ReadonlySet<string>,
  read: (name: string) => V,
): Partial<Record<K, V>> {
  const found: Partial<Record<K, V>> = {};
  for (const [name, key] of Object.entries(table)) if (names.has(name)) found[key] = read(name);
  return found;
}
