/** Which keys of a source are meant, and what they are called and when they expire on the target. */
import type { Limits } from '../../bytes/limits.js';
import type { DbPairs } from '../../convert/db-map.js';
import type { ExpiryAction } from '../../convert/expiry-action.js';
import type { KeyFilter } from '../../rdb/filter.js';
import type { KeyEntry, RdbWarning } from '../../rdb/model.js';
import type { KeyRename } from './rename.js';

export interface KeyOptions {
  /** Keys of the source. With a filter, function libraries are left out. */
  readonly filter?: KeyFilter | undefined;
  /** Databases that get another number; those that are not named keep theirs. */
  readonly dbMap?: DbPairs | undefined;
  /** The first whose pattern a key matches gives its new name. */
  readonly rename?: readonly KeyRename[] | undefined;
  /** What to do with expiries of keys and of hash fields. Default: keep. */
  readonly setTtl?: ExpiryAction | undefined;
  /** Keys and hash fields that expired before this are left out, Unix ms. Default: none. */
  readonly skipExpiredBeforeMs?: number | undefined;
  /** Leave out values of modules. Default: false. */
  readonly dropModules?: boolean | undefined;
  /** Changes keys one by one, before everything but the filter: gives another entry, or undefined for none. */
  readonly transform?: TransformKey | undefined;
  /** Compare the CRC-64 of the source. Default: true. */
  readonly checksum?: boolean | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
  /** Ends it with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What counts as now, Unix ms. Default: the clock. */
  readonly nowMs?: number | undefined;
}

/**
 * Takes each key that passes the filter. A value larger than `limits.largeValueBytes`, 64 MiB where that is not
 * given, comes in `parts`, as `readRdb` gives it.
 * It must do the same each time that it is called: an import that goes on where it ended reads the source again.
 */
export type TransformKey = (entry: KeyEntry) => KeyEntry | undefined | PromiseLike<KeyEntry | undefined>;
