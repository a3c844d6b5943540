/**
 * What commands answer, before any protocol: a bulk string is a byte string, an array an array, nil is null.
 *
 * Errors are thrown by commands as {@link CommandError}, whose text is Redis's, and become replies where somebody listens.
 */
import type { ByteString } from '../bytes/byte-string.js';

export type Reply =
  | null
  /** Integers; those beyond 2^53 as bigint. */
  | number
  | bigint
  /** A bulk string. */
  | ByteString
  | Status
  | DoubleReply
  | CommandError
  /** An array. */
  | readonly Reply[]
  /** A map: pairs, flat in RESP2. */
  | MapReply;

/** A simple string, such as OK. */
export class Status {
  constructor(readonly text: string) {}
}

/** A number that RESP3 sends as a double, and RESP2 as the text that Redis prints. */
export class DoubleReply {
  constructor(readonly value: number) {}
}

export class MapReply {
  constructor(readonly pairs: readonly (readonly [Reply, Reply])[]) {}
}

/** A command is refused: the text of the error reply, code first, such as `WRONGTYPE Operation against …`. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export const OK = new Status('OK');
export const QUEUED = new Status('QUEUED');

export function wrongType(): CommandError {
  return new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
}

export function syntaxError(): CommandError {
  return new CommandError('ERR syntax error');
}

export function notAnInteger(): CommandError {
  return new CommandError('ERR value is not an integer or out of range');
}

export function notAFloat(): CommandError {
  return new CommandError('ERR value is not a valid float');
}

export function noSuchKey(): CommandError {
  return new CommandError('ERR no such key');
}

/** `name` as it was sent. */
export function wrongArity(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
}
