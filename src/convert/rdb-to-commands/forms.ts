/** Which commands a server of each generation would have written in a rewrite of its log (aof-format.md §6). */
import type { ValueType } from '../../rdb/model.js';
import type { StreamVersion } from '../../rdb/types/stream.js';
import type { Target } from '../../rdb/versions.js';

/** What differs between generations. */
export interface CommandForms {
  /** Elements per command; arrays have half as many. */
  readonly batchItems: number;
  readonly hash: 'HMSET' | 'HSET';
  /** `EXPIREAT` takes seconds. */
  readonly expiry: 'PEXPIREAT' | 'EXPIREAT';
  /** `SET` takes `PXAT`. */
  readonly setPxat: boolean;
  /** C's `%.17g`, or the text of Grisu2. */
  readonly score: '%.17g' | 'fpconv';
  /** `HPEXPIREAT` after each field that has an expiry, or `HSETEX` for those fields; undefined: fields have none. */
  readonly fieldExpiry: 'HPEXPIREAT' | 'HSETEX' | undefined;
  readonly functions: boolean;
  readonly streams: StreamForms | undefined;
  readonly arrays: boolean;
  /** `RESTORE`; its argument REPLACE; its arguments ABSTTL, IDLETIME and FREQ. */
  readonly restore: boolean;
  readonly restoreReplace: boolean;
  readonly restoreOptions: boolean;
}

export interface StreamForms {
  /** The layout of streams that says as much as the commands do. */
  readonly version: StreamVersion;
  /** The id of the entry that makes an empty stream: `0-1`, or the stream's last id. */
  readonly emptyId: '0-1' | 'last';
  /** `XGROUP CREATECONSUMER`. */
  readonly consumers: boolean;
  /** `ENTRIESADDED`, `MAXDELETEDID` and `ENTRIESREAD`. */
  readonly counters: boolean;
  /** `XCFGSET` and `XIDMPRECORD`. */
  readonly idempotency: boolean;
  /** `XNACK`. */
  readonly nacks: boolean;
}

/** The forms that `target` reads. */
export function commandForms(target: Target): CommandForms {
  const version = generation(target);
  const { family } = target;
  return {
    batchItems: version >= 206 ? 64 : 1,
    hash: version >= 206 ? 'HMSET' : 'HSET',
    expiry: version >= 206 ? 'PEXPIREAT' : 'EXPIREAT',
    setPxat: version >= 602,
    score: version >= 702 ? 'fpconv' : '%.17g',
    fieldExpiry:
      family === 'redis' && version >= 704 ? 'HPEXPIREAT' : target.dialect === 'valkey' ? 'HSETEX' : undefined,
    functions: target.records.functions,
    streams:
      target.writes.stream === undefined
        ? undefined
        : {
            version: target.writes.stream,
            emptyId: version >= 602 ? '0-1' : 'last',
            consumers: version >= 602,
            counters: version >= 700,
            idempotency: target.writes.stream >= 4,
            nacks: target.writes.stream >= 5,
          },
    arrays: family === 'redis' && version >= 808,
    restore: version >= 206,
    restoreReplace: version >= 300,
    restoreOptions: version >= 500,
  };
}

/** Types that every server has commands for. */
const PLAIN_TYPES: ReadonlySet<ValueType> = new Set<ValueType>(['string', 'list', 'set', 'zset', 'hash']);

/** Whether there are commands that make values of this type. */
export function hasCommandsFor(type: ValueType, { streams, arrays }: CommandForms): boolean {
  if (type === 'stream') return streams !== undefined;
  return type === 'array' ? arrays : PLAIN_TYPES.has(type);
}

/** The version of Redis whose commands it has: 702 for 7.2. Valkey began as 7.2 and has had no other form since. */
function generation(target: Target): number {
  if (target.family === 'valkey') return 702;
  const [major = '0', minor = '0'] = target.name.slice(target.name.indexOf(':') + 1).split('.');
  return Number(major) * 100 + Number(minor);
}
