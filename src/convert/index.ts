/** Dumps in other forms: the entry `rdb-inspect/convert`. */
export { exportJson, type JsonExportOptions } from './json/export.js';
export type { JsonEncoding, WriteBytes } from './json/json-writer.js';
export { type JsonFormat, NdjsonHandler, type NdjsonOptions } from './json/ndjson-handler.js';
