/** Append-only files: the entry `rdb-inspect/aof`. */
export type { FileStat, Files, GrowingFile, WritableFile } from '../bytes/files.js';
export { nodeFiles } from '../bytes/files-node.js';
export { CONTROL, CommandView, type Control } from './command-view.js';
export { AofDriver, type AofDriverOptions, type AofHandler } from './driver.js';
export { type FollowOptions, LogFollower } from './follow.js';
export { HOLD_KEYS, HOLD_NAMES, type Holding } from './large-command.js';
export { LogState } from './log-state.js';
export type * from './model.js';
export { type AofReadOptions, readAof, singleFileLog } from './read.js';
export { runFile, runLogFile } from './run.js';
