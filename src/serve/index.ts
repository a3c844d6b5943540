/** A server on a data directory or on a file that is only looked at, as the command starts it. */
export { SERVE_COMMANDS } from './commands/index.js';
export { readConfigArguments, type StartConfig } from './config/config-file.js';
export { ConfigFileError } from './config/config-file-error.js';
export { ConfigRefusal } from './config/config-refusal.js';
export { ServerConfig } from './config/server-config.js';
export { DumpBackend } from './dump/dump-backend.js';
export { type DumpOptions, type OpenedDump, openDump, openLog } from './dump/open-dump.js';
export { HeapRoom } from './heap-room.js';
export { type Listener, listen, UnsafeAddressError } from './listener.js';
export { Server } from './server.js';
export type { Backend } from './server-context.js';
export { StoreBackend } from './store-backend.js';
