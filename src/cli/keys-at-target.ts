/** What `import` and `verify` make of their options: which keys are meant, and where they are to be found. */

import type { KeyOptions } from '../import/source/key-options.js';
import { type KeyRename, parseRename } from '../import/source/rename.js';
import type { TargetPlace } from '../import/target/endpoint.js';
import { FilterTextError } from '../rdb/filter-text.js';
import { askPassword } from './ask-password.js';
import { writeDiagnostic } from './diagnostics.js';
import { UsageError } from './failures.js';
import type { KeysAtTargetOptions } from './import-options.js';
import { filterOf } from './options.js';
import type { Session } from './session.js';
import type { SourceSpec } from './source.js';
import { targetPlaceOf } from './target-place.js';

/** Throws UsageError. */
export function keyOptionsOf(options: KeysAtTargetOptions, spec: SourceSpec, session: Session): KeyOptions {
  const { dbMap, rename, setTtl, skipExpired, dropModules } = options;
  const { nowMs, checksum, limits, signal } = session;
  return {
    filter: filterOf(options),
    dbMap,
    rename: rename?.map(readRename),
    setTtl,
    skipExpiredBeforeMs: skipExpired === true ? nowMs : skipExpired,
    dropModules,
    checksum,
    limits,
    signal,
    nowMs,
    onWarning: (warning) => session.warn(warning, spec),
  };
}

/** @throws UsageError, TargetError (BAD_URL), or that a signal came while a password was asked for */
export async function placeFor(options: KeysAtTargetOptions, session: Session): Promise<TargetPlace> {
  return await targetPlaceOf(options, {
    env: process.env,
    askPassword: () => askPassword(process.stdin, writeDiagnostic, session.signal),
    warn: (text) => session.note(text),
  });
}

function readRename(text: string): KeyRename {
  try {
    return parseRename(text);
  } catch (error) {
    throw error instanceof FilterTextError ? new UsageError(`--rename: ${error.message}`) : error;
  }
}
