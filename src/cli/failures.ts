/** Reasons to stop that are no errors of a file, and what travels beside any error: a hint, and the source it is about. */

import type { TargetError } from '../import/target/target-error.js';

/** The signals that end a command in an orderly way. */
export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What was asked for cannot be: one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** There is no such key, or nothing at that path. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** The output could not be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  override readonly cause: NodeJS.ErrnoException;

  constructor(target: string, cause: NodeJS.ErrnoException) {
    super(`cannot write ${target}: ${systemMessage(cause)}`);
    this.cause = cause;
  }

  /** Whoever read our output has heard enough. */
  get isClosedPipe(): boolean {
    return this.cause.code === 'EPIPE';
  }
}

/** A server cannot listen where it is to. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** An error of an import's target; by its mark, since the class is known only where an import has been loaded. */
export function isTargetError(error: unknown): error is TargetError {
  return error instanceof Error && error.name === 'TargetError' && 'isTransient' in error;
}

/** A signal asked us to end. */
export class StoppedBySignal extends Error {
  override readonly name = 'StoppedBySignal';
  constructor(readonly signal: StopSignal) {
    super(`stopped by ${signal}`);
  }
}

/** `ENOSPC: no space left on device, write` without the code and the name of the call. */
export function systemMessage(error: NodeJS.ErrnoException): string {
  const text = error.message.replace(/^[A-Z0-9_]+: /, '').replace(/, [a-z]+(?: '.*')?(?: -> '.*')?$/s, '');
  return text || error.code || 'unknown error';
}

const hints = new WeakMap<Error, string>();
const sources = new WeakMap<Error, string>();

/** The same error, with what to do about it. The first hint stays. */
export function withHint<E extends Error>(error: E, hint: string | undefined): E {
  if (hint !== undefined && !hints.has(error)) hints.set(error, hint);
  return error;
}

export function hintOf(error: Error): string | undefined {
  return hints.get(error);
}

/** The same error, with the name of the source that was being read. */
export function inSource(error: unknown, name: string): unknown {
  if (error instanceof Error && !sources.has(error)) sources.set(error, name);
  return error;
}

export function sourceOf(error: Error): string | undefined {
  return sources.get(error);
}
