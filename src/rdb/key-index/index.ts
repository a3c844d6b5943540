/** The index of a dump's keys: made once, then a key is found in one seek. */
export { type BuildIndexOptions, buildKeyIndex, INDEX_SUFFIX } from './build.js';
export { type IndexEntry, type KeyIndex, type OpenIndexOptions, openKeyIndex } from './lookup.js';
export { RecordSource } from './record-source.js';
