/**
 * Read Redis and Valkey dumps: the front door of the library.
 *
 * - {@link readRdb}, {@link readRdbSync}: every record of a dump, one after the other
 * - {@link RdbDecoder}: the same pushed to a visitor, for people who own the loop
 * - {@link decodeDump}: one DUMP payload
 */
export {
  ChecksumError,
  EncodeError,
  ERROR_CODES,
  type ErrorCode,
  FormatError,
  LimitError,
  RedisFileError,
  TruncatedError,
  UnsupportedError,
} from './bytes/errors.js';
export { Int64 } from './bytes/int64.js';
export { DEFAULT_LIMITS, LARGE_VALUE_BYTES, type Limits } from './bytes/limits.js';
export { formatQuoted } from './bytes/quote.js';
export { Slice } from './bytes/slice.js';
export type { ByteSource, Compression, RdbInput, SourceOptions, SyncByteSource } from './bytes/source.js';
export { compress, decompress } from './codecs/lzf.js';
export type { StreamIdSlot } from './codecs/stream-id.js';
export { type DecoderOptions, RdbDecoder } from './rdb/decoder.js';
export type { DriverOptions } from './rdb/driver.js';
export {
  type DumpOptions,
  type DumpValue,
  decodeDump,
  type EncodeDumpOptions,
  encodeDump,
  encodeRawDump,
} from './rdb/dump.js';
export { type EncodedSummary, type EncoderOptions, RdbEncoder } from './rdb/encoder.js';
export {
  compileFilter,
  type GlobPatterns,
  type KeyFilter,
  type RowFilter,
  type SlotRange,
  type TtlFilter,
} from './rdb/filter.js';
export {
  type BuildIndexOptions,
  buildKeyIndex,
  type IndexEntry,
  type KeyIndex,
  type OpenIndexOptions,
  openKeyIndex,
  RecordSource,
} from './rdb/key-index/index.js';
export type * from './rdb/model.js';
export { openRdbSource } from './rdb/open.js';
export { openRdbSourceSync } from './rdb/open-sync.js';
export type { Range } from './rdb/range.js';
export { type ReadOptions, readRdb, readRdbSync } from './rdb/read.js';
export type { SampleOptions } from './rdb/sample.js';
export { type EncodingSettings, findTarget, TARGETS, type Target, targetOfHeader } from './rdb/versions.js';
export { IGNORE_VALUE, type KeyInfo, type Level, type RdbVisitor, type ValueVisitor } from './rdb/visitor.js';
export { type WriteOptions, writeRdb } from './rdb/write.js';
