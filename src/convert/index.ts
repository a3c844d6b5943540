/** Dumps in other forms: the entry `rdb-inspect/convert`. */
export { findTarget, TARGETS, type Target } from '../rdb/versions.js';
export {
  convertLogToAof,
  convertLogToDirectory,
  convertLogToRdb,
  type LogConvertOptions,
  type LogConvertSummary,
  type LogDirectoryOptions,
} from './commands-to-rdb.js';
export {
  type Compatibility,
  type ConvertOptions,
  type ConvertSummary,
  checkCompatibility,
  convertRdb,
  type ServerNeeds,
} from './convert.js';
export { type DbPairs, parseDbMap } from './db-map.js';
export { type ExpiryAction, parseExpiryAction, parseTimeMs } from './expiry-action.js';
export { exportJson, type JsonExportOptions } from './json/export.js';
export type { JsonEncoding, WriteBytes } from './json/json-writer.js';
export { type JsonFormat, NdjsonHandler, type NdjsonOptions } from './json/ndjson-handler.js';
export {
  type ChangeCount,
  type KeyPlace,
  LOSSES,
  type LossCount,
  type LossEntry,
  type LossFact,
  type LossKind,
  type LossScope,
  type OmittedKind,
  type Tally,
  type UnsupportedPolicy,
} from './loss.js';
export {
  type ConflictPolicy,
  type MergeConflict,
  MergeConflictError,
  type MergeInput,
  type MergeOptions,
  type MergeSummary,
  RdbMerge,
} from './merge.js';
export { type AofDirectoryOptions, convertToAof, convertToAofDirectory, hasLogDirectories } from './rdb-to-aof.js';
export { type CommandExportOptions, exportCommands } from './rdb-to-commands/export.js';
export { SplitHandler, type SplitOptions, type SplitPart } from './split.js';
export { exportTables, type TableExportOptions, type TableExportSummary } from './tables/export.js';
export type { TableFormat } from './tables/open-tables.js';
export {
  type ColumnType,
  TABLE_NAMES,
  TABLES,
  type TableColumn,
  type TableName,
  type TableSchema,
} from './tables/schema.js';
