/** Errors as people and as programs read them, on standard error. */
import { type ErrorCode, FormatError, RedisFileError } from '../bytes/errors.js';
import type { RdbWarning } from '../rdb/model.js';
import { EXIT, errorToExitCode, isSystemError } from './exit-codes.js';
import {
  hintOf,
  isTargetError,
  ListenError,
  NotFoundError,
  OutputError,
  StoppedBySignal,
  sourceOf,
  systemMessage,
  UsageError,
} from './failures.js';
import { jsonBytes, parseQuotedPrefix } from './render/bytes-text.js';
import { TARGET_HINTS } from './target-hints.js';

/** What `--json` prints of an error (cli.md); null where it is not known or does not apply. */
export interface ErrorFacts {
  readonly code: string;
  readonly offset: number | null;
  /** Position inside the decompressed string at `offset`. */
  readonly innerOffset?: number;
  readonly db: number | null;
  readonly key: ReturnType<typeof jsonBytes> | null;
  readonly message: string;
  readonly hint: string | null;
  readonly source?: string;
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  EMPTY_INPUT: 'an empty file is no dump; perhaps a save or a download was interrupted',
  TRUNCATED: 'the file is cut short: an interrupted copy or download, or a full disk when it was written',
  CHECKSUM_MISMATCH: '--no-checksum reads it all the same',
  UNSUPPORTED_TYPE: 'rdb-inspect formats lists what can be read',
  UNSUPPORTED_VERSION: 'rdb-inspect formats lists what can be read',
  LIMIT_BLOB: 'raise the limit, for instance with --max-memory 4GB',
  LIMIT_MEMORY: 'raise the limit, for instance with --max-memory 4GB',
};

/** Errors of the bytes themselves, which explain can show. */
const SHOWN_BY_EXPLAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNKNOWN_TYPE',
  'BAD_LENGTH',
  'BAD_STRING_ENCODING',
  'BAD_OPCODE',
  'BAD_LZF',
  'BAD_LISTPACK',
  'BAD_ZIPLIST',
  'BAD_ZIPMAP',
  'BAD_INTSET',
  'BAD_QUICKLIST',
  'BAD_COLLECTION',
  'BAD_SCORE',
  'BAD_EXPIRY',
  'BAD_STREAM',
  'BAD_MODULE',
  'BAD_ARRAY',
  'BAD_TEMPLATE',
  'DUPLICATE_ELEMENT',
]);

/** Whatever kept the input or the output from being opened lies nowhere in it. */
const NOWHERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNSUPPORTED_INPUT', 'UNSUPPORTED_OUTPUT', 'EMPTY_INPUT']);

/** The facts of any error. */
export function describeError(error: Error): ErrorFacts {
  const source = sourceOf(error);
  const place = error instanceof FormatError ? placeOf(error) : { offset: null, db: null, key: null };
  const hint = hintOf(error) ?? hintFor(error, source);
  return {
    code: codeOf(error),
    ...place,
    message: isSystemError(error) ? systemMessage(error) : error.message,
    hint: hint ?? null,
    ...(source !== undefined && { source }),
  };
}

/**
 * One sentence, and a line with a hint where there is one; or one line of JSON. Ends with a line end.
 * `verbose` adds the stack of an error that should not have happened.
 */
export function formatError(thrown: unknown, json: boolean, verbose: boolean): string {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const facts = describeError(error);
  const isOurs = errorToExitCode(error) === EXIT.INTERNAL && !(error instanceof OutputError);
  const stack = isOurs && verbose && error.stack !== undefined ? `${error.stack}\n` : '';
  if (json) return `${JSON.stringify({ error: facts })}\n${stack}`;
  const { source } = facts;
  const hint = facts.hint ?? (isOurs && !verbose ? 'this should not have happened; -v shows where it did' : null);
  // Some messages name it themselves.
  const subject = source === undefined || facts.message.includes(source) ? '' : `${source}: `;
  const place = error instanceof FormatError ? ` (${describePlace(error)})` : '';
  return `rdb-inspect: ${subject}${facts.message}${place}\n${hint === null ? '' : `hint: ${hint}\n`}${stack}`;
}

/** `BAD_LISTPACK at offset 1234 [+56 inside the compressed string], db 0, key "user:1"`. */
export function describePlace(error: FormatError): string {
  const inner = error.innerOffset === undefined ? '' : ` [+${error.innerOffset} inside the compressed string]`;
  const at = NOWHERE.has(error.code) ? '' : ` at offset ${error.offset}${inner}`;
  return [`${error.code}${at}`, ...error.trail].join(', ');
}

export function formatWarning({ code, message, offset }: Warning, source: string, json: boolean): string {
  if (json) return `${JSON.stringify({ warning: { code, offset: offset ?? null, message, source } })}\n`;
  const place = offset === undefined ? '' : ` at offset ${offset}`;
  return `rdb-inspect: warning: ${source}: ${message} (${code}${place})\n`;
}

/** Those of the library, and our own. */
export type Warning = RdbWarning | { readonly code: string; readonly message: string; readonly offset?: number };

function placeOf(error: FormatError): Pick<ErrorFacts, 'offset' | 'innerOffset' | 'db' | 'key'> {
  const db = /^db (\d+)$/.exec(error.trail.find((step) => step.startsWith('db ')) ?? '')?.[1];
  const key = error.trail.find((step) => step.startsWith('key '))?.slice('key '.length);
  return {
    offset: error.offset,
    ...(error.innerOffset !== undefined && { innerOffset: error.innerOffset }),
    db: db === undefined ? null : Number(db),
    key: key === undefined ? null : jsonBytes(parseQuotedPrefix(key)),
  };
}

function codeOf(error: Error): string {
  if (error instanceof RedisFileError || isTargetError(error)) return error.code;
  if (error instanceof UsageError) return 'USAGE';
  if (error instanceof NotFoundError) return 'NOT_FOUND';
  if (error instanceof ListenError) return 'CANNOT_LISTEN';
  if (error instanceof OutputError) return error.cause.code ?? 'EIO';
  if (error instanceof StoppedBySignal) return error.signal;
  return isSystemError(error) ? error.code : 'INTERNAL';
}

function hintFor(error: Error, source: string | undefined): string | undefined {
  if (isTargetError(error)) return TARGET_HINTS[error.code];
  if (!(error instanceof RedisFileError)) return undefined;
  const hint = HINTS[error.code];
  if (hint !== undefined || !(error instanceof FormatError) || !SHOWN_BY_EXPLAIN.has(error.code)) return hint;
  return `rdb-inspect explain ${source ?? 'FILE'} --offset ${error.offset} shows the bytes`;
}
