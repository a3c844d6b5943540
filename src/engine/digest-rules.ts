/** What of a digest depends on the generation of the server, and on when it is asked (digest.md §3, §6). */
import type { EncodingSettings, Target } from '../rdb/versions.js';

export interface DigestRules {
  /** Scores as C's `%.17g` (up to 7.0), not as fpconv. */
  readonly hasOldScores: boolean;
  /** A field that has an expiry is marked (Redis 7.4 and later). */
  readonly marksFieldExpiry: boolean;
  /** Fields whose expiry lies before this, in Unix ms, are left out. */
  readonly fieldsAtMs: number | undefined;
  /** A sorted set within these thresholds becomes a listpack when it is loaded, and its −0 become 0 (7.0 and later). */
  readonly packsZsets: EncodingSettings | undefined;
}

export interface DigestTiming {
  /**
   * What the server says once it has loaded the dump, its thresholds being these, and not what a server says that holds
   * the values as they stand in the dump.
   */
  readonly loadedAt?: EncodingSettings;
  /** Unix ms; Valkey leaves out fields that had expired then. Redis digests them while they are there. */
  readonly atMs?: number;
}

/** The first version of the format whose servers hold listpacks. */
const LISTPACK_VERSION = 10;
/** The first version whose servers write scores with fpconv. */
const FPCONV_VERSION = 11;
const FIELD_EXPIRY_VERSION = 12;

export function digestRules(target: Target, { loadedAt, atMs }: DigestTiming = {}): DigestRules {
  const { version, family } = target;
  return {
    hasOldScores: version < FPCONV_VERSION,
    marksFieldExpiry: family === 'redis' && version >= FIELD_EXPIRY_VERSION,
    fieldsAtMs: family === 'valkey' ? atMs : undefined,
    packsZsets: version >= LISTPACK_VERSION ? loadedAt : undefined,
  };
}

/** Of a dump: as its writer held it, or as another server has it once it has loaded it, at default thresholds. */
export function fileRules(target: Target, isLoaded: boolean, atMs: number | undefined): DigestRules {
  return digestRules(target, {
    ...(isLoaded && { loadedAt: target.settings }),
    ...(atMs !== undefined && { atMs }),
  });
}
