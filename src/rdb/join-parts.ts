/** Values in parts that are written from one piece: put together in memory as the parts come. */
import { EncodeError } from '../bytes/errors.js';
import type { CronValue, PathFields, PathHashValue, RdbValue, StringValue } from './model.js';

/** What {@link joinParts} puts together. */
export type JoinedValue = StringValue | PathHashValue | CronValue;

/** The whole value, given what its entry says of it. Throws EncodeError for a part of another type. */
export async function joinParts(empty: JoinedValue, parts: AsyncIterable<RdbValue>): Promise<JoinedValue> {
  switch (empty.type) {
    case 'string':
      return joinString(empty, parts);
    case 'pathhash':
      return joinPathHash(empty, parts);
    case 'cron':
      return joinCron(empty, parts);
  }
}

async function joinString(empty: StringValue, parts: AsyncIterable<RdbValue>): Promise<StringValue> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    if (part.type !== empty.type) throw stranger(part, empty);
    pieces.push(part.value);
    size += part.value.length;
  }
  const value = new Uint8Array(size);
  let pos = 0;
  for (const piece of pieces) {
    value.set(piece, pos);
    pos += piece.length;
  }
  return { ...empty, value };
}

/** A path may begin in one part and go on in the next, which then names it again. */
async function joinPathHash(empty: PathHashValue, parts: AsyncIterable<RdbValue>): Promise<PathHashValue> {
  const paths: PathFields[] = [];
  for await (const part of parts) {
    if (part.type !== empty.type) throw stranger(part, empty);
    for (const [index, { path, fields }] of part.paths.entries()) {
      const last = paths.at(-1);
      if (index > 0 || last === undefined || !areEqual(last.path, path)) paths.push({ path, fields: [...fields] });
      else for (const field of fields) last.fields.push(field);
    }
  }
  return { ...empty, paths };
}

/** Every part has the times, once they have been read; the script stands in one of them. */
async function joinCron(empty: CronValue, parts: AsyncIterable<RdbValue>): Promise<CronValue> {
  let { script, startMs, intervalMs } = empty;
  const keys: Uint8Array[] = [];
  const args: Uint8Array[] = [];
  for await (const part of parts) {
    if (part.type !== empty.type) throw stranger(part, empty);
    if (part.script.length > 0) script = part.script;
    ({ startMs, intervalMs } = part);
    for (const key of part.keys) keys.push(key);
    for (const arg of part.args) args.push(arg);
  }
  return { ...empty, script, startMs, intervalMs, keys, args };
}

function stranger(part: RdbValue, { type }: JoinedValue): EncodeError {
  return new EncodeError(`a part of type ${part.type} stands in a ${type}`);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
