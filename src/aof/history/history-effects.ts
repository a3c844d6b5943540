/** What a command did to a key, as far as the command itself tells. */
import { type CommandSpec, KEY_ROLE, type KeyRole } from '../command-table.js';
import type { CommandView } from '../command-view.js';
import type { KeyPositions } from '../key-positions.js';
import type { ShownArgument } from '../shown-command.js';
import { copyTarget, decodeDb } from './history-links.js';

/**
 * `set`: its value was put in place of whatever was there. `changed`: altered, or created. `modified`: altered, where it
 * was there. `elements-removed`: without the last of them it is gone. `deleted`: where it was there.
 * `swapped`: its database became another one. `computed-from`, `used-for`: by a command that stores a result. `named`: by a command that is not known here.
 */
export type EffectKind =
  | 'set'
  | 'changed'
  | 'modified'
  | 'elements-removed'
  | 'deleted'
  | 'expiry-changed'
  | 'read'
  | 'script'
  | 'renamed-to'
  | 'renamed-from'
  | 'copied-to'
  | 'copied-from'
  | 'moved-to'
  | 'moved-from'
  | 'computed-from'
  | 'used-for'
  | 'flushed'
  | 'swapped'
  | 'named';

export interface OtherKey {
  readonly db: number;
  readonly key: ShownArgument;
}

export interface KeyEffect {
  readonly db: number;
  readonly key: ShownArgument;
  readonly kind: EffectKind;
  /** The keys that it became or came from; of `computed-from` and `used-for` at most eight. */
  readonly others: readonly OtherKey[];
  /** The time when it expires from now on, Unix ms, where the command says it as a time. */
  readonly expireAtMs?: number;
}

const KINDS: Readonly<Record<KeyRole, EffectKind>> = {
  [KEY_ROLE.READ]: 'read',
  [KEY_ROLE.REPLACE]: 'set',
  [KEY_ROLE.CHANGE]: 'changed',
  [KEY_ROLE.MODIFY]: 'modified',
  [KEY_ROLE.REMOVE]: 'elements-removed',
  [KEY_ROLE.DELETE]: 'deleted',
  [KEY_ROLE.EXPIRY]: 'expiry-changed',
  [KEY_ROLE.ANY]: 'script',
};

const MAX_OTHERS = 8;
const MAX_KEY_BYTES = 1024;

/** What happened to the key at place `at` of `positions`, which were located for this command, run in database `db`. */
export function effectOf(
  view: CommandView,
  spec: CommandSpec,
  positions: KeyPositions,
  at: number,
  db: number,
): KeyEffect {
  const index = positions.index[at]!;
  const role = positions.role[at]! as KeyRole;
  const key = shownKey(view, index);
  const moved = moveOf(view, spec, index, db);
  if (moved !== undefined) return { key, ...moved };
  const isSource = role === KEY_ROLE.READ;
  if (spec.isWrite && (isSource || role === KEY_ROLE.REPLACE || role === KEY_ROLE.CHANGE)) {
    const others = othersOf(view, positions, isSource, db);
    if (others.length > 0) return { db, key, kind: isSource ? 'used-for' : 'computed-from', others };
  }
  const expireAtMs = expiryOf(view, spec);
  return { db, key, kind: KINDS[role], others: [], ...(expireAtMs !== undefined && { expireAtMs }) };
}

/** An argument as the name of a key. */
export function shownKey(view: CommandView, index: number): ShownArgument {
  const start = view.start(index);
  const sizeBytes = view.size(index);
  return { bytes: view.bytes.slice(start, start + Math.min(sizeBytes, MAX_KEY_BYTES)), sizeBytes };
}

/** The database in which the key at `index` of a command lies. */
export function dbOfKey(view: CommandView, spec: CommandSpec, index: number, db: number): number {
  return spec.name === 'COPY' && index === 2 ? copyTarget(view, db) : db;
}

function moveOf(
  view: CommandView,
  { name }: CommandSpec,
  index: number,
  db: number,
): Omit<KeyEffect, 'key'> | undefined {
  const other = 3 - index;
  if (name === 'RENAME' || name === 'RENAMENX') {
    if (view.isElided(other)) return undefined;
    return { db, kind: index === 1 ? 'renamed-to' : 'renamed-from', others: [{ db, key: shownKey(view, other) }] };
  }
  if (name === 'COPY') {
    const target = copyTarget(view, db);
    if (view.isElided(other) || target < 0) return undefined;
    return index === 1
      ? { db, kind: 'copied-to', others: [{ db: target, key: shownKey(view, other) }] }
      : { db: target, kind: 'copied-from', others: [{ db, key: shownKey(view, other) }] };
  }
  if (name !== 'MOVE') return undefined;
  const target = decodeDb(view, 2);
  return target < 0 ? undefined : { db, kind: 'moved-to', others: [{ db: target, key: shownKey(view, 1) }] };
}

/** Of the keys that a result was computed from, or of those that it was stored in. */
function othersOf(view: CommandView, positions: KeyPositions, isSource: boolean, db: number): OtherKey[] {
  const others: OtherKey[] = [];
  for (let at = 0; at < positions.count && others.length < MAX_OTHERS; at++) {
    const role = positions.role[at]!;
    const isWanted = isSource ? role === KEY_ROLE.REPLACE || role === KEY_ROLE.CHANGE : role === KEY_ROLE.READ;
    const index = positions.index[at]!;
    if (isWanted && !view.isElided(index)) others.push({ db, key: shownKey(view, index) });
  }
  return others;
}

/** Times that are relative say nothing without a clock. */
function expiryOf(view: CommandView, { name }: CommandSpec): number | undefined {
  if (name === 'PEXPIREAT') return decodeMs(view, 2, 1);
  if (name === 'EXPIREAT') return decodeMs(view, 2, 1000);
  const isRestore = name === 'RESTORE' || name === 'RESTORE-ASKING';
  if (!isRestore && name !== 'SET' && name !== 'GETEX') return undefined;
  for (let at = name === 'GETEX' ? 2 : 3; at < view.held; at++) {
    if (isRestore) {
      if (view.is(at, 'ABSTTL')) return decodeMs(view, 2, 1);
    } else if (view.is(at, 'PXAT')) {
      return decodeMs(view, at + 1, 1);
    } else if (view.is(at, 'EXAT')) {
      return decodeMs(view, at + 1, 1000);
    }
  }
  return undefined;
}

function decodeMs(view: CommandView, index: number, factor: number): number | undefined {
  if (view.isElided(index)) return undefined;
  const start = view.start(index);
  const end = view.end(index);
  if (end === start || end - start > 15) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = view.bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value === 0 ? undefined : value * factor;
}
