/** Persistence as Redis has it, for an engine: dumps, the log, the start, the end. */
export { type AppendFsync, LogLostError } from './log-appender.js';
export { openStore } from './open-store.js';
export type { SavePoint } from './save-points.js';
export { Store } from './store.js';
export { StoreClient } from './store-client.js';
export type { BackgroundWatch, StoreChanges, StoreNotice, StoreOptions, StoreSettings } from './store-options.js';
export type { LogStatus, StoreStatus } from './store-status.js';
