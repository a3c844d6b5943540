/** Output files whose names ask for compression. */
import { UnsupportedError } from '../bytes/errors.js';
import { UsageError, withHint } from './failures.js';
import { GzipSink } from './output-gzip.js';
import { ZstdSink } from './output-zstd.js';
import type { FileSink } from './sink.js';

/** How a file is compressed. */
export type OutputCompression = 'gzip' | 'zstd';

const COMPRESSED = /\.(gz|zst)$/i;

/** What the end of a name asks for; undefined where that is nothing. */
export function compressionOf(name: string): OutputCompression | undefined {
  const extension = COMPRESSED.exec(name)?.[1]?.toLowerCase();
  if (extension === 'gz') return 'gzip';
  return extension === 'zst' ? 'zstd' : undefined;
}

/** `open` is called where its file can be written. Throws UnsupportedError (UNSUPPORTED_OUTPUT) where this Node has no zstd. */
export function openCompressed(name: string, open: () => FileSink): FileSink {
  const compression = compressionOf(name);
  if (compression === 'zstd' && !ZstdSink.isSupported()) throw noZstd(name);
  const file = open();
  if (compression === undefined) return file;
  return compression === 'gzip' ? new GzipSink(file) : new ZstdSink(file);
}

/** Throws UsageError where the name of something that servers and readers take as it is asks for compression. */
export function checkUncompressed(name: string, why: string): void {
  if (compressionOf(name) === undefined) return;
  throw withHint(new UsageError(why), `-o ${name.replace(COMPRESSED, '')}`);
}

function noZstd(name: string): UnsupportedError {
  const message = `${name} cannot be written: Node has zstd from 22.15 on, and this is ${process.version}; gzip works here`;
  const error = new UnsupportedError('UNSUPPORTED_OUTPUT', message, 0);
  return withHint(error, `-o ${name.replace(/\.zst$/i, '.gz')}`);
}
