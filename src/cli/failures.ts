/** Reasons to stop that are no errors of a file. */

/** The signals that end a command in an orderly way. */
export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What was asked for cannot be. The message is one sentence; `hint` says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The output could not be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  constructor(
    readonly target: string,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(`cannot write ${target}: ${systemMessage(cause)}`, { cause });
  }

  /** Whoever read our output has heard enough. */
  get isClosedPipe(): boolean {
    return this.cause.code === 'EPIPE';
  }
}

/** A signal asked us to end. */
export class StoppedBySignal extends Error {
  override readonly name = 'StoppedBySignal';
  constructor(readonly signal: StopSignal) {
    super(`stopped by ${signal}`);
  }
}

/** There is no such key, or nothing at that path. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** `ENOSPC: no space left on device, write` without the code and the name of the call. */
export function systemMessage(error: NodeJS.ErrnoException): string {
  const text = error.message.replace(/^[A-Z0-9_]+: /, '').replace(/, [a-z]+(?: '.*')?(?: -> '.*')?$/s, '');
  return text || error.code || 'unknown error';
}
