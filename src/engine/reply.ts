/**
 * What commands answer, before any protocol: a bulk string is a byte string, an array an array, nil is null.
 *
 * Errors are thrown by commands as {@link CommandError}, whose text is Redis's, and become replies where somebody listens.
 */
import type { ByteString } from '../bytes/byte-string.js';

export type Reply =
  /** Nil. */
  | null
  /** Nil in the place of an array: RESP2 tells the two apart. */
  | NullArray
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
  | MapReply
  | SetReply
  | PairsReply
  | KeyedReply
  | BooleanReply
  | VerbatimReply;

/** A simple string, such as OK. */
export class Status {
  constructor(readonly text: string) {}
}

/** A number that RESP3 sends as a double, and RESP2 as the text that Redis prints: `text`, where that is not the usual one. */
export class DoubleReply {
  constructor(
    readonly value: number,
    readonly text?: string,
  ) {}
}

export class MapReply {
  constructor(readonly pairs: readonly (readonly [Reply, Reply])[]) {}
}

/** RESP3 has sets; to RESP2 they are arrays. */
export class SetReply {
  constructor(readonly members: readonly Reply[]) {}
}

/** Arrays of two each in RESP3, one flat array in RESP2: members with their scores, fields with their values. */
export class PairsReply {
  constructor(readonly pairs: readonly (readonly [Reply, Reply])[]) {}
}

/** A map in RESP3, an array of pairs in RESP2: streams with their entries. */
export class KeyedReply {
  constructor(readonly pairs: readonly (readonly [Reply, Reply])[]) {}
}

/** True and false are 1 and 0 in RESP2. */
export class BooleanReply {
  constructor(readonly value: boolean) {}
}

/** Text for people, which RESP3 sends with its format; in RESP2 a bulk string. */
export class VerbatimReply {
  constructor(
    readonly text: ByteString,
    readonly format: 'txt' | 'mkd' = 'txt',
  ) {}
}

class NullArray {
  readonly kind = 'null-array';
}

/** A command is refused: the text of the error reply, code first, such as `WRONGTYPE Operation against …`. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  /**
   * An error is one line to the protocol: breaks at its end go, those inside become blanks. `cause`: what the client is not told,
   * and whoever keeps the server's own log may write there.
   */
  constructor(text: string, options?: ErrorOptions) {
    super(/[\r\n]/.test(text) ? text.replace(/[\r\n]+$/, '').replaceAll(/[\r\n]/g, ' ') : text, options);
  }
}

export const NULL_ARRAY = new NullArray();
export const TRUE = new BooleanReply(true);
export const FALSE = new BooleanReply(false);
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

export function readOnly(): CommandError {
  return new CommandError("READONLY You can't write against a read only replica.");
}

export function noSuchKey(): CommandError {
  return new CommandError('ERR no such key');
}

/** `name` as it was sent. */
export function wrongArity(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
}
