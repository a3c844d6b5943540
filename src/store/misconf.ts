/** Why a server refuses commands that change data while its files are in trouble, in its own words. */
import { CommandError } from '../engine/reply.js';
import { isSince } from '../rdb/server-version.js';
import type { Target } from '../rdb/versions.js';

/** Since when Valkey speaks of itself. */
const OWN_NAME = { valkey: '8.0' } as const;

export function dumpRefusal(target: Target): CommandError {
  const name = isSince(target, OWN_NAME) ? 'Valkey' : 'Redis';
  return new CommandError(
    `MISCONF ${name} is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the ${name} logs for details about the RDB error.`,
  );
}

export function logRefusal(error: unknown): CommandError {
  return new CommandError(`MISCONF Errors writing to the AOF file: ${reasonOf(error)}`);
}

/** What C calls it, for what becomes of disks. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EIO: 'Input/output error',
  EDQUOT: 'Disk quota exceeded',
  EROFS: 'Read-only file system',
  EFBIG: 'File too large',
};

/** Of a system's error; the message of another one. */
export function reasonOf(error: unknown): string {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  return REASONS[code] ?? message;
}
