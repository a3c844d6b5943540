/**
 * Every error this library throws, and the one table of their codes.
 *
 * Codes are the stable API: a test may match on them, the README prints them, the CLI maps them to exit codes.
 * Low-level code throws with a position in the bytes it was given; whoever knows where those bytes lie in the file
 * moves the position with {@link FormatError.shift} or turns it into an inner offset with {@link FormatError.inside}.
 */

/** What each code means, in the words of the README's table. */
export const ERROR_CODES = {
  NOT_RDB: 'the bytes start with no magic that we know',
  EMPTY_INPUT: 'there are no bytes at all',
  TRUNCATED: 'the input ends in the middle of a record, or before the EOF opcode and its checksum',
  CHECKSUM_MISMATCH: 'the CRC-64 at the end differs from that of the bytes read',
  BAD_VERSION: 'the version digits of the header are not digits, or no version at all',
  UNEXPECTED_TRAILER: 'bytes follow the EOF opcode of a version that has no checksum there',
  TRAILING_BYTES: 'bytes follow the end of the RDB and are not an AOF tail',
  UNKNOWN_TYPE: 'a byte that is neither an opcode nor a value type of this dialect',
  BAD_LENGTH: 'a length field that is malformed or cannot be a length',
  BAD_STRING_ENCODING: 'a string with an unknown special encoding',
  BAD_OPCODE: 'an opcode record with an impossible payload',
  BAD_LZF: 'an LZF stream that overruns, refers to before its start, or has the wrong size',
  BAD_LZ4: 'an LZ4 frame or VKCS envelope that is malformed',
  BAD_COMPRESSION: 'a gzip or zstd stream that does not decompress',
  BAD_LISTPACK: 'a listpack that breaks its own rules',
  BAD_ZIPLIST: 'a ziplist that breaks its own rules',
  BAD_ZIPMAP: 'a zipmap that breaks its own rules',
  BAD_INTSET: 'an intset that breaks its own rules',
  BAD_QUICKLIST: 'a quicklist node of unknown container, or an empty one',
  BAD_COLLECTION: 'a collection whose number of parts cannot be, such as a hash with half a pair',
  BAD_SCORE: 'a sorted-set score that is not a number',
  BAD_EXPIRY: 'a field expiry outside its range or out of order',
  BAD_STREAM: 'a stream whose nodes, groups or counters contradict each other',
  BAD_MODULE: 'a module value with an unknown item opcode',
  BAD_ARRAY: 'an array with an impossible flag, index or tag',
  BAD_TEMPLATE: 'a template hash without its template, or a malformed template',
  DUPLICATE_ELEMENT: 'a member or field that occurs twice in one value',
  DUPLICATE_KEY: 'a key that occurs twice in one database',
  UNSUPPORTED_TYPE: 'a value or record that cannot be read without code that only its writer has',
  UNSUPPORTED_VERSION: 'a type or opcode of a version newer than this library knows',
  UNSUPPORTED_INPUT: 'a kind of input that this command does not read',
  UNSUPPORTED_OUTPUT: 'a form of output that cannot be written here, such as zstd by an older Node',
  LIMIT_BLOB: 'one indivisible string or packed structure larger than the limit',
  LIMIT_MEMORY: 'held values larger than the memory limit',
  NOT_AOF: 'the bytes are no append-only file',
  BAD_COMMAND: 'a command in a log that breaks RESP, or that every server refuses',
  UNKNOWN_COMMAND: 'a command in a log that cannot be replayed: a script, or one that is not known',
  BAD_ANNOTATION: 'an annotation line of a log that is too long or malformed',
  OPEN_TRANSACTION: 'a log that ends between MULTI and EXEC',
  NESTED_TRANSACTION: 'MULTI inside a transaction, or EXEC outside',
  BAD_MANIFEST: 'a manifest that breaks its grammar or its rules',
  MISSING_FILE: 'a file that the manifest lists and that is not there',
  BAD_DUMP: 'a DUMP payload shorter than its footer',
  CANNOT_ENCODE: 'a value or record that the chosen form, or the target server, cannot hold',
} as const;

/** One of the codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The root of all errors about Redis and Valkey files: `code` says which, `message` is one sentence for people. */
export class RedisFileError extends Error {
  override readonly name: string = 'RedisFileError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The bytes break the format. `offset` counts bytes from the start of the (decompressed) file; `innerOffset`, where
 * present, counts inside the decompressed string that starts at `offset`; `trail` leads from the outside in, such as
 * `['db 0', 'key "user:1"', 'listpack']`.
 */
export class FormatError extends RedisFileError {
  override readonly name: string = 'FormatError';
  innerOffset: number | undefined = undefined;
  readonly trail: string[] = [];
  constructor(
    code: ErrorCode,
    message: string,
    public offset: number,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }

  /** Moves the position by the place where the bytes that were read begin. */
  shift(base: number): this {
    this.offset += base;
    return this;
  }

  /** The bytes that were read came out of a compressed string at `offset`: what was the offset becomes the inner one. */
  inside(offset: number): this {
    this.innerOffset = this.offset;
    this.offset = offset;
    return this;
  }

  /** Adds an outer step in front of the trail. */
  under(step: string): this {
    this.trail.unshift(step);
    return this;
  }
}

/** The input ends too early: never a success, never an end of data. */
export class TruncatedError extends FormatError {
  override readonly name: string = 'TruncatedError';
  constructor(message: string, offset: number, options?: ErrorOptions) {
    super('TRUNCATED', message, offset, options);
  }
}

/** The CRC-64 differs. `expected` is the one in the file, `found` that of the bytes. */
export class ChecksumError extends FormatError {
  override readonly name: string = 'ChecksumError';
  constructor(
    readonly expected: bigint,
    readonly found: bigint,
    offset: number,
  ) {
    super(
      'CHECKSUM_MISMATCH',
      `the checksum in the file is ${hex64(expected)}, that of its bytes ${hex64(found)}`,
      offset,
    );
  }
}

/** Well-formed as far as we can tell, but of a kind or version that this library cannot read. */
export class UnsupportedError extends FormatError {
  override readonly name: string = 'UnsupportedError';
}

/** Refused before it allocates: the option named in the message raises the limit. */
export class LimitError extends FormatError {
  override readonly name: string = 'LimitError';
}

function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`;
}

/** Cannot be written: `why` says what does not fit, in words that follow "cannot encode, because". */
export class EncodeError extends RedisFileError {
  override readonly name: string = 'EncodeError';
  constructor(
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super('CANNOT_ENCODE', `cannot encode, because ${why}`, options);
  }
}

/** Closes a switch over a union: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new TypeError(`not reached: ${String(value)}`);
}
