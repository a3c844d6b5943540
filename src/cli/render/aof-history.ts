/** The history of a key, for people and as NDJSON. */
import type { FollowedKey, HistoryEvent } from '../../aof/history/history.js';
import type { EffectKind, KeyEffect } from '../../aof/history/history-effects.js';
import type { LogFile } from '../../aof/model.js';
import type { ShownArgument } from '../../aof/shown-command.js';
import { jsonBytes } from './bytes-text.js';
import { argumentJson, argumentText, commandJson, commandText, headText, placeText } from './log-command.js';
import { formatBytes, formatTime } from './quantity.js';
import type { Style } from './style.js';

/** `name:offset time [db] what happened: command`; keys are named where they are not the one that was asked for. */
export function formatHistoryEvent(
  event: HistoryEvent,
  files: readonly LogFile[],
  key: Uint8Array,
  style: Style,
): string {
  if (event.kind === 'base') {
    const { type, encoding, valueBytes, expireAtMs } = event;
    const facts = [
      `in the base, type ${type}`,
      encoding,
      ...(valueBytes === undefined ? [] : [formatBytes(valueBytes)]),
      ...(expireAtMs === undefined ? [] : [`expires ${formatTime(expireAtMs)}`]),
    ].join(', ');
    const head = `${placeText(event.place, files)} [${event.db}]`;
    return `${style.dim(head)} ${style.cyan(`${subjectText(event.key, key)}${facts}`)}\n`;
  }
  const { command, effects, isVoid } = event;
  const what = visible(effects)
    .map((effect) => `${subjectText(effect.key, key)}${effectText(effect, key, command.db)}`)
    .join('; ');
  const never = isVoid ? style.yellow(' (never happened: its transaction has no end)') : '';
  return `${style.dim(headText(command, files))} ${style.cyan(what)}${never}: ${commandText(command)}\n`;
}

export function historyEventJson(event: HistoryEvent, files: readonly LogFile[]): Record<string, unknown> {
  if (event.kind === 'base') {
    const { place, db, key, type, encoding, valueBytes, expireAtMs } = event;
    return {
      kind: 'base',
      file: files[place.file]!.name,
      offset: place.offset,
      db,
      key: argumentJson(key),
      type,
      encoding,
      ...(valueBytes !== undefined && { size: valueBytes }),
      ...(expireAtMs !== undefined && { expireAt: expireAtMs }),
    };
  }
  const { command, effects, isVoid } = event;
  return {
    kind: 'command',
    ...commandJson(command, files),
    ...(isVoid && { void: true }),
    effects: effects.map(({ db, key, kind, others, expireAtMs }) => ({
      db,
      key: argumentJson(key),
      effect: kind,
      ...(others.length > 0 && { others: others.map((other) => ({ db: other.db, key: argumentJson(other.key) })) }),
      ...(expireAtMs !== undefined && { expireAt: expireAtMs }),
    })),
  };
}

/** What is told beside the key's own history. */
export function formatFollowed(followed: FollowedKey, files: readonly LogFile[]): string {
  const { db, key, from, to } = followed;
  const start = from === undefined ? '' : ` from ${placeText(from, files)}`;
  return `with ${argumentText(wholeArgument(key))} of db ${db}${start} until ${placeText(to, files)}`;
}

export function followedJson({ db, key, from, to }: FollowedKey, files: readonly LogFile[]): Record<string, unknown> {
  const placeJson = ({ file, offset }: FollowedKey['to']): unknown => ({ file: files[file]!.name, offset });
  return {
    kind: 'followed',
    db,
    key: jsonBytes(key),
    ...(from !== undefined && { from: placeJson(from) }),
    to: placeJson(to),
  };
}

/** Of a link with both ends in the history, the end that it leads to says everything. */
const OTHER_END: Partial<Record<EffectKind, EffectKind>> = {
  'renamed-to': 'renamed-from',
  'moved-to': 'moved-from',
  'copied-to': 'copied-from',
  'used-for': 'computed-from',
};

function visible(effects: readonly KeyEffect[]): readonly KeyEffect[] {
  const kinds = new Set(effects.map(({ kind }) => kind));
  return effects.filter(({ kind }) => {
    const other = OTHER_END[kind];
    return other === undefined || !kinds.has(other);
  });
}

function effectText(
  { kind, others, expireAtMs, db, key: own }: KeyEffect,
  key: Uint8Array,
  selectedDb: number,
): string {
  const expiry = expireAtMs === undefined ? '' : formatTime(expireAtMs);
  const names = others.map((other) => otherText(other.db, other.key, db)).join(', ');
  switch (kind) {
    case 'set':
      return `set${expiry && `, expires ${expiry}`}`;
    case 'changed':
      return 'changed, or created';
    case 'modified':
      return 'changed';
    case 'elements-removed':
      return 'elements removed';
    case 'expiry-changed':
      return expiry === '' ? 'expiry changed' : `expires ${expiry}`;
    case 'script':
      return 'named by a script';
    case 'named':
      return 'named by a command that is not known here';
    case 'swapped':
      return `went with db ${db} to db ${others[0]!.db}`;
    case 'moved-to':
      return `moved to db ${others[0]!.db}`;
    case 'moved-from':
      return `moved from db ${others[0]!.db} to db ${db}`;
    case 'renamed-to':
    case 'renamed-from':
    case 'copied-to':
    case 'copied-from':
    case 'computed-from':
    case 'used-for':
      return `${kind.replace('-', ' ')} ${names}`;
    case 'flushed':
      return db === selectedDb || isSame(own, key) ? `flushed${db === selectedDb ? '' : ` in db ${db}`}` : 'flushed';
    case 'deleted':
    case 'read':
      return kind;
  }
}

function otherText(db: number, key: ShownArgument, ownDb: number): string {
  return `${argumentText(key)}${db === ownDb ? '' : ` of db ${db}`}`;
}

function subjectText(own: ShownArgument, key: Uint8Array): string {
  return isSame(own, key) ? '' : `${argumentText(own)} `;
}

function isSame(own: ShownArgument, key: Uint8Array): boolean {
  return own.sizeBytes === key.length && own.bytes.every((byte, at) => byte === key[at]);
}

function wholeArgument(bytes: Uint8Array): ShownArgument {
  return { bytes, sizeBytes: bytes.length };
}
