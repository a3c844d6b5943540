/** Append-only files: the entry `rdb-inspect/aof`. */
export type { FileStat, Files, GrowingFile, WritableFile } from '../bytes/files.js';
export { nodeFiles } from '../bytes/files-node.js';
export { type AofCheckOptions, type AofCheckReport, checkLog, endsEarly } from './check/check.js';
export { type AofFileReport, checkFile, type FileCheckOptions, type FileVerdict } from './check/check-file.js';
export type { AofTrap, TrapCode, TrapSeverity } from './check/traps.js';
export { CommandFilter, type CommandFilterOptions } from './command-filter.js';
export { type CommandSpec, findCommand, fitsArity, KEY_ROLE, type KeyRole, lookupCommand } from './command-table.js';
export { CONTROL, CommandView, type Control } from './command-view.js';
export {
  type AofDirectoryFacts,
  type AofOpenOptions,
  type DirectoryFile,
  isLogCurrent,
  type LeftoverFile,
  type OpenedAofLog,
  openAofLog,
} from './directory/directory.js';
export { AofDirectoryWriter, type DirectoryWriterOptions, writeManifest } from './directory/directory-writer.js';
export { type AofDbInfo, type AofFileInfo, type AofForm, type AofInfoOptions, describeLog } from './directory/info.js';
export { type JoinOptions, type JoinSummary, joinLog } from './directory/join.js';
export { formatManifest, MAX_MANIFEST_LINE, parseManifest } from './directory/manifest.js';
export { AofDriver, type AofDriverOptions, type AofHandler } from './driver.js';
export { type FindOptions, type FindQuery, type FindResult, type FoundCommand, findCommands } from './find.js';
export { type FollowOptions, LogFollower } from './follow.js';
export { type HistoryEvent, type HistoryOptions, type HistoryResult, historyOfKey } from './history/history.js';
export { forEachKey, KeyPositions } from './key-positions.js';
export { HOLD_KEYS, HOLD_NAMES, type Holding } from './large-command.js';
export { LogState } from './log-state.js';
export type * from './model.js';
export { type AofReadOptions, readAof, singleFileLog } from './read.js';
export {
  type ByteRange,
  isNeeded,
  type PlannedFile,
  planRepair,
  type RepairMode,
  type RepairOptions,
  type RepairPlan,
} from './repair/repair.js';
export { type InPlaceResult, repairInPlace, writeDirectoryPart, writeFilePart } from './repair/repair-write.js';
export { planTruncate, type TruncateOptions, type TruncatePlan } from './repair/truncate.js';
export { runFile, runLogFile } from './run.js';
export { type AofStats, type AofStatsOptions, statsOfLog } from './stats/stats.js';
