/** The state of an import as a file: JSON, replaced as a whole. */
import { parentPath } from '../../bytes/path.js';
import type { CheckpointPlace, ImportCounts } from '../model.js';
import type { Interval } from './interval-set.js';

export interface ImportState {
  /** Stands in the names under which keys are built. */
  readonly id: string;
  readonly fingerprint: string;
  /** What the numbers of units depend on, as text. */
  readonly settings: string;
  /** What counted as now, Unix ms. */
  readonly nowMs: number;
  /** Keys that expired before this are left out, Unix ms. */
  readonly skipExpiredBeforeMs?: number | undefined;
  readonly done: readonly Interval[];
  readonly inFlight: readonly Interval[];
  /** Keys of units in flight that the target had before; base64. */
  readonly existing: readonly { readonly db: number; readonly key: string; readonly unit: number }[];
  readonly counts: ImportCounts | undefined;
  readonly isFinished: boolean;
}

const SCHEMA = 'rdb-inspect/import-state@1';
const MAX_STATE_BYTES = 256 * 1024 * 1024;

/** The state at hand is no state, or that of another import. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  constructor(
    readonly path: string,
    message: string,
  ) {
    super(`${path}: ${message}`);
  }
}

/** Undefined where there is none. Throws CheckpointError. */
export function readState(
  { path, files }: CheckpointPlace,
  { fingerprint, settings }: Pick<ImportState, 'fingerprint' | 'settings'>,
): ImportState | undefined {
  const stat = files.stat(path);
  if (stat === undefined) return undefined;
  if (!stat.isFile || stat.sizeBytes > MAX_STATE_BYTES)
    throw new CheckpointError(path, 'this is no state of an import');
  const state = parseState(path, readText({ path, files }, stat.sizeBytes));
  if (state.fingerprint !== fingerprint)
    throw new CheckpointError(path, 'it is the state of an import from another source');
  if (state.settings !== settings)
    throw new CheckpointError(
      path,
      'it is the state of an import with other options: those that choose, rename or place keys must be the same',
    );
  return state;
}

/** Puts it in the place of what is there: durable, and whole at any time. */
export function writeState({ path, files }: CheckpointPlace, state: ImportState): void {
  const temporary = `${path}.tmp`;
  if (files.stat(temporary) !== undefined) files.remove(temporary);
  const file = files.create(temporary);
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, ...state })}\n`);
    file.write(bytes, 0, bytes.length);
    file.sync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
  files.syncDirectory(parentPath(path));
}

function readText({ path, files }: CheckpointPlace, size: number): string {
  const source = files.open(path);
  try {
    const bytes = new Uint8Array(size);
    let got = 0;
    while (got < size) {
      const count = source.read(bytes, got, size - got);
      if (count === 0) break;
      got += count;
    }
    return new TextDecoder().decode(bytes.subarray(0, got));
  } finally {
    source.close();
  }
}

function parseState(path: string, text: string): ImportState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    state = undefined;
  }
  if (!isState(state)) throw new CheckpointError(path, 'this is no state of an import');
  return state;
}

function isState(value: unknown): value is ImportState {
  if (typeof value !== 'object' || value === null) return false;
  const state = value as Record<string, unknown>;
  const areLists =
    areAll(state.done, isInterval) && areAll(state.inFlight, isInterval) && areAll(state.existing, isKey);
  const areTexts = ['id', 'fingerprint', 'settings'].every((name) => typeof state[name] === 'string');
  return state.schema === SCHEMA && areLists && areTexts && typeof state.nowMs === 'number';
}

function areAll(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isInterval(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((end) => Number.isSafeInteger(end));
}

function isKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { db, key, unit } = value as Record<string, unknown>;
  return typeof key === 'string' && Number.isSafeInteger(db) && Number.isSafeInteger(unit);
}
