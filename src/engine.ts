/** Redis in memory, and on disk: the entry `rdb-inspect/engine`. */
export * from './engine/index.js';
export * from './store/index.js';
