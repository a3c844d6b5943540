/** Opening without waiting: bytes and regular files, for callers that cannot be asynchronous. */
import { inflateWhole } from './decompress.js';
import { ZSTD_UNWRAPPER } from './decompress-zstd.js';
import {
  type ByteSource,
  type Compression,
  isGzip,
  isZstd,
  MAGIC_BYTES,
  MAX_NESTING,
  nestedTooDeep,
  type SyncByteSource,
  type Unwrapper,
} from './source.js';
import { openFileSync } from './source-file.js';
import { BytesSource, ReplayedSource } from './source-plain.js';
import { UnwrappedSource } from './source-unwrapped.js';

/** How to open an input without waiting. */
export interface SyncSourceOptions {
  /** false: the bytes are delivered as they are stored. Default true. */
  readonly decompress?: boolean | undefined;
  /** Wrappings besides gzip and zstd. */
  readonly unwrappers?: readonly Unwrapper[];
}

/**
 * Opens bytes or a regular file (by path) and takes gzip and zstd off.
 *
 * gzip is inflated as a whole, since zlib has no synchronous form that goes by pieces: at most
 * `DEFAULT_LIMITS.maxBlobBytes` on either side.
 *
 * @throws LimitError (LIMIT_BLOB) for more than that; UnsupportedError (UNSUPPORTED_INPUT) for directories, FIFOs and
 * the like; TruncatedError or FormatError (BAD_COMPRESSION) for damaged gzip; the system's errors as they are
 */
export function openSourceSync(
  input: string | Uint8Array | ArrayBuffer,
  options: SyncSourceOptions = {},
): SyncByteSource {
  const outer = openPlainSync(input);
  if (options.decompress === false) return outer;
  try {
    return unwrapSync(outer, options.unwrappers ?? []);
  } catch (error) {
    outer.close();
    throw error;
  }
}

/** Promises of the unwrapping layers never arise above sources that have none: this says so to the compiler. */
class SettledSource implements SyncByteSource {
  constructor(
    private readonly inner: ByteSource,
    private readonly outer: SyncByteSource,
    readonly compression: Compression | undefined,
  ) {}

  get name(): string {
    return this.outer.name;
  }

  get sizeBytes(): undefined {
    return undefined;
  }

  get consumedBytes(): number {
    return this.outer.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.outer.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const got = this.inner.read(target, at, max);
    if (typeof got !== 'number') throw new TypeError(`${this.name} cannot be read synchronously`);
    return got;
  }

  close(): void {
    this.outer.close();
  }
}

function openPlainSync(input: string | Uint8Array | ArrayBuffer): SyncByteSource {
  if (typeof input === 'string') return openFileSync(input);
  if (input instanceof Uint8Array) return new BytesSource(input);
  if (input instanceof ArrayBuffer) return new BytesSource(new Uint8Array(input));
  throw new TypeError('not a path or bytes');
}

function unwrapSync(outer: SyncByteSource, unwrappers: readonly Unwrapper[]): SyncByteSource {
  let source = outer;
  for (let depth = 0; ; depth++) {
    const head = new Uint8Array(MAGIC_BYTES);
    const size = peekSync(source, head);
    const wrapped = source === outer ? outer : replay(source, head.subarray(0, size), outer);
    const inner = unwrapOnce(wrapped, outer, head, size, unwrappers);
    if (inner === undefined) return wrapped;
    if (depth === MAX_NESTING) throw nestedTooDeep(outer.name);
    source = inner;
  }
}

function unwrapOnce(
  wrapped: SyncByteSource,
  outer: SyncByteSource,
  head: Uint8Array,
  size: number,
  unwrappers: readonly Unwrapper[],
): SyncByteSource | undefined {
  if (isGzip(head, size)) return settle(new BytesSource(inflateWhole(wrapped)), outer, wrapped.compression ?? 'gzip');
  const unwrapper = isZstd(head, size) ? ZSTD_UNWRAPPER : unwrappers.find((one) => one.matches(head, size));
  if (unwrapper === undefined) return undefined;
  return settle(new UnwrappedSource(wrapped, unwrapper), outer, wrapped.compression ?? unwrapper.name);
}

function settle(inner: ByteSource, outer: SyncByteSource, compression: Compression | undefined): SyncByteSource {
  return new SettledSource(inner, outer, compression);
}

function replay(source: SyncByteSource, head: Uint8Array, outer: SyncByteSource): SyncByteSource {
  return settle(new ReplayedSource(source, head), outer, source.compression);
}

function peekSync(source: SyncByteSource, head: Uint8Array): number {
  if (source.readAt !== undefined) return source.readAt(0, head, 0, head.length);
  let size = 0;
  while (size < head.length) {
    const got = source.read(head, size, head.length - size);
    if (got === 0) break;
    size += got;
  }
  return size;
}
