/** How an engine behaves: the server generation that it stands for, and that server's configuration. */
import { type EncodingSettings, findTarget, type Target } from '../rdb/versions.js';

export { isSince } from '../rdb/server-version.js';

export interface EngineSettings {
  /** The server that it behaves like; also whose digest it gives and whose encodings it reports. */
  readonly target: Target;
  /** Packed or expanded: defaults of the target. Names and meanings as in the server's configuration. */
  readonly encoding: EncodingSettings;
  /** `databases`. Default: 16. A log that selects more makes room for them. */
  readonly databases: number;
}

export interface EngineOptions {
  /** Such as `redis:7.0`. Default: `redis:7.0`. */
  readonly target?: Target | string;
  readonly encoding?: Partial<EncodingSettings>;
  readonly databases?: number;
  /** Unix ms that count as now. Default: the machine's clock. */
  readonly clock?: () => number;
  /** Numbers from 0 up to 1, as Math.random, which is the default. */
  readonly random?: () => number;
}

/** Throws RangeError for a target that nobody knows. */
export function settingsOf({ target = 'redis:7.0', encoding, databases = 16 }: EngineOptions): EngineSettings {
  const found = typeof target === 'string' ? findTarget(target) : target;
  if (found === undefined) throw new RangeError(`${String(target)} is no server that is known`);
  return { target: found, encoding: { ...found.settings, ...encoding }, databases };
}
