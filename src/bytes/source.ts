/**
 * Where the bytes come from: one pull interface over files, bytes, streams and http(s), with compression taken off.
 *
 * Nothing here imports `node:` modules at load time, so that this file may go into a browser bundle: what needs them
 * (files, zlib) is loaded when an input asks for it.
 */
import { UnsupportedError } from './errors.js';
import { fetchSource } from './source-http.js';
import { AbortableSource, BytesSource, peekSource } from './source-plain.js';
import { streamSource } from './source-stream.js';
import { UnwrappedSource } from './source-unwrapped.js';

/**
 * What the library reads from: a path or an http(s) URL, a `URL` (also `file:`), bytes in memory, a web stream, or
 * anything that yields chunks, which Node's streams do. Chunks may have any size; they are read before the next one is
 * asked for and never kept.
 */
export type RdbInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/** The wrappings that are recognised by their first bytes. */
export type Compression = 'gzip' | 'zstd' | 'vkcs';

/** An opened input. One reader at a time: the next `read` may be called when the last one has delivered. */
export interface ByteSource {
  /** For messages: the path, the URL without credentials, `stdin`, `stream` or `bytes`. */
  readonly name: string;
  /** Size in bytes of what `read` delivers in all, fixed at open; undefined where it is unknown (streams, compressed). */
  readonly sizeBytes: number | undefined;
  /** The outermost wrapping that was taken off. */
  readonly compression: Compression | undefined;
  /** Bytes read so far of the outer input as it is stored, for progress. */
  readonly consumedBytes: number;
  /** Size in bytes of the outer input as it is stored; undefined where it is unknown. */
  readonly totalBytes: number | undefined;
  /**
   * Puts 1 to `max` bytes (`max` > 0) at `target[at..]` and says how many; 0 is the end. A plain number where no waiting
   * was needed, which is always so for files and bytes.
   */
  read(target: Uint8Array, at: number, max: number): number | Promise<number>;
  /** Random access, where the input has it (plain files and bytes): reads at `offset`; 0 is the end. Moves nothing. */
  readAt?(offset: number, target: Uint8Array, at: number, max: number): number;
  /** Lets go of the file or stream; a stream that was not read to its end is cancelled. May be called twice. */
  close(): void | Promise<void>;
}

/** A source that never makes anyone wait. */
export interface SyncByteSource extends ByteSource {
  read(target: Uint8Array, at: number, max: number): number;
  close(): void;
}

/** Where an {@link Unwrapper} puts what it has decompressed: a borrowed range, valid during the call. */
export type ByteSink = (bytes: Uint8Array, start: number, end: number) => void;

/** Takes one wrapping off, synchronously: bytes are pushed in, plain bytes come out at the sink. */
export interface UnwrapStream {
  /** Error offsets count from the first byte ever pushed. */
  push(bytes: Uint8Array, start: number, end: number): void;
  /** The wrapped bytes have ended; throws where they must not end here. */
  finish(): void;
}

/** A wrapping that the caller knows how to take off. The output of one push must be bounded by a multiple of its input. */
export interface Unwrapper {
  readonly name: Compression;
  /** How many bytes {@link matches} wants to see. */
  readonly magicBytes: number;
  /** Looks at `bytes[0, end)`, which is shorter than `magicBytes` only where the input is. */
  matches(bytes: Uint8Array, end: number): boolean;
  create(write: ByteSink): UnwrapStream;
}

/** How to open an input. */
export interface SourceOptions {
  /** Ends waiting and later reads with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** false: the bytes are delivered as they are stored. Default true. */
  readonly decompress?: boolean | undefined;
  /** Used for http(s) in place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** {@link SourceOptions}, and wrappings besides gzip and zstd. */
export interface UnwrapOptions extends SourceOptions {
  readonly unwrappers: readonly Unwrapper[];
}

/** Deeper nesting than anyone makes on purpose is refused. */
export const MAX_NESTING = 4;
/** Enough for the magic of every wrapping. */
export const MAGIC_BYTES = 8;

/**
 * Opens an input and takes gzip and zstd off, recognised by their first bytes.
 *
 * @throws UnsupportedError (UNSUPPORTED_INPUT) for a directory, an http status other than 2xx, a failed transfer, or
 * wrappings nested too deep; TypeError for what is no input at all; errors of the system and of streams as they are.
 * Opening, if the damage is near the beginning, or reading throws TruncatedError or FormatError (BAD_COMPRESSION) for a
 * damaged wrapping.
 */
export function openSource(input: RdbInput | ByteSource, options: SourceOptions = {}): Promise<ByteSource> {
  return openSourceWith(input, { ...options, unwrappers: [] });
}

/** As {@link openSource}, with further wrappings. An opened source may be given as well. */
export async function openSourceWith(input: RdbInput | ByteSource, options: UnwrapOptions): Promise<ByteSource> {
  const { signal } = options;
  signal?.throwIfAborted();
  const plain = await openPlain(input, options);
  const outer = signal === undefined ? plain : new AbortableSource(plain, signal);
  if (options.decompress === false) return outer;
  const source = await unwrap(outer, options.unwrappers);
  // Bytes that were already peeked or decompressed would hide an abort from the input below.
  return source === outer || signal === undefined ? source : new AbortableSource(source, signal);
}

/** Whether these are the first bytes of a gzip member (RFC 1952). */
export function isGzip(bytes: Uint8Array, end: number): boolean {
  return end >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether these are the first bytes of a zstd frame or of a skippable frame (RFC 8878, 3.1). */
export function isZstd(bytes: Uint8Array, end: number): boolean {
  if (end < 4) return false;
  if (bytes[0] === 0x28) return bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
  return (bytes[0]! & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d && bytes[3] === 0x18;
}

/** Thrown where {@link MAX_NESTING} wrappings are not the last. */
export function nestedTooDeep(name: string): UnsupportedError {
  return new UnsupportedError('UNSUPPORTED_INPUT', `${name}: compressed more than ${MAX_NESTING} times over`, 0);
}

async function unwrap(outer: ByteSource, unwrappers: readonly Unwrapper[]): Promise<ByteSource> {
  let source = outer;
  try {
    for (let depth = 0; ; depth++) {
      const head = new Uint8Array(MAGIC_BYTES);
      const peeked = await peekSource(source, head);
      source = peeked.source;
      const inner = await unwrapOnce(source, head, peeked.size, unwrappers);
      if (inner === undefined) return source;
      if (depth === MAX_NESTING) throw nestedTooDeep(outer.name);
      source = inner;
    }
  } catch (error) {
    await closeQuietly(source);
    throw error;
  }
}

async function unwrapOnce(
  wrapped: ByteSource,
  head: Uint8Array,
  size: number,
  unwrappers: readonly Unwrapper[],
): Promise<ByteSource | undefined> {
  if (isGzip(head, size)) return (await import('./decompress.js')).gunzipSource(wrapped);
  if (isZstd(head, size)) return (await import('./decompress.js')).zstdSource(wrapped);
  const unwrapper = unwrappers.find((one) => one.matches(head, size));
  return unwrapper === undefined ? undefined : new UnwrappedSource(wrapped, unwrapper);
}

async function openPlain(input: RdbInput | ByteSource, options: SourceOptions): Promise<ByteSource> {
  if (typeof input === 'string') {
    if (/^https?:\/\//i.test(input)) return fetchSource(new URL(input), options);
    return (await import('./source-file.js')).openFile(input, options.signal);
  }
  if (input instanceof URL) return openUrl(input, options);
  if (input instanceof Uint8Array) return new BytesSource(input);
  if (input instanceof ArrayBuffer) return new BytesSource(new Uint8Array(input));
  if (isByteSource(input)) return input;
  const stream = streamSource(input);
  if (stream === undefined) throw new TypeError('not a path, URL, bytes, stream or iterable of bytes');
  return stream;
}

async function openUrl(url: URL, options: SourceOptions): Promise<ByteSource> {
  if (url.protocol === 'http:' || url.protocol === 'https:') return fetchSource(url, options);
  if (url.protocol !== 'file:') {
    throw new UnsupportedError(
      'UNSUPPORTED_INPUT',
      `${url.protocol} URLs are not read, only file:, http: and https:`,
      0,
    );
  }
  return (await import('./source-file.js')).openFile(url, options.signal);
}

/** The error that led here matters more than one of the closing. */
async function closeQuietly(source: ByteSource): Promise<void> {
  try {
    await source.close();
  } catch {
    // Nothing is left to do for it.
  }
}

function isByteSource(input: object): input is ByteSource {
  return 'sizeBytes' in input && 'consumedBytes' in input && 'read' in input && typeof input.read === 'function';
}
