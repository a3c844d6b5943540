/** What the numbers of units and their places depend on, as text: an import goes on with the same only. */
import type { ImportOptions } from '../model.js';

export function settingsText(options: ImportOptions, db: number | undefined): string {
  const {
    filter,
    dbMap,
    rename,
    setTtl,
    skipExpiredBeforeMs,
    dropModules = false,
    transform,
    onExists = 'error',
  } = options;
  const settings = {
    filter: filter ?? null,
    dbMap: dbMap === undefined ? null : [...dbMap],
    rename: rename ?? [],
    setTtl: setTtl ?? null,
    skipsExpired: skipExpiredBeforeMs !== undefined,
    dropModules,
    transforms: transform !== undefined,
    onExists,
    db: db ?? null,
  };
  return JSON.stringify(settings, (_name, value: unknown) =>
    value instanceof RegExp ? String(value) : value instanceof Uint8Array ? [...value] : value,
  );
}
