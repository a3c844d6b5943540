/** What is wrong with a configuration that a server is to start with, and where. */
import type { ByteString } from '../../bytes/byte-string.js';

export type ConfigFileErrorCode =
  /** There is no such directive, or it does not take so many words. */
  | 'BAD_DIRECTIVE'
  | 'BAD_VALUE'
  | 'UNBALANCED_QUOTES'
  /** A file that cannot be read: `cause` says why. */
  | 'UNREADABLE'
  /** Something that the server has and this one has not. */
  | 'UNSUPPORTED';

export interface ConfigPlace {
  /** Undefined: the command line. */
  readonly path: string | undefined;
  /** From 1 on; options of the command line are lines behind those of the file, as to the server. */
  readonly line: number;
  /** The line, as the server would show it. */
  readonly text: ByteString;
}

/** The message is the server's, where it has one. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';

  constructor(
    readonly code: ConfigFileErrorCode,
    message: string,
    readonly place: ConfigPlace,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
