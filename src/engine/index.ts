/** Redis semantics in memory: the entry `rdb-inspect/engine`. */
export { findTarget, TARGETS, type Target } from '../rdb/versions.js';
export type { Wait } from './call.js';
export { canonicalLines } from './canonical.js';
export { CommandLog, type LogArgument, type LogSink } from './command-log.js';
export { type DigestOptions, type DigestResult, digestEngine, digestEntries, digestRdb } from './digest.js';
export type { UnknownPart } from './digest-dataset.js';
export { Engine, type FunctionLibrary } from './engine.js';
export type { EventKind, KeyListener } from './events.js';
export type { LogWriter } from './generation.js';
export { type EntrySink, LiveSnapshot } from './live-snapshot.js';
export { LoadHandler, loadKey } from './load.js';
export type { UnknownPolicy } from './replay.js';
export { type Replay, type ReplayOptions, replayLog } from './replay-log.js';
export { replaySource } from './replay-source.js';
export type { ReplayCounts } from './replay-state.js';
export {
  BooleanReply,
  CommandError,
  DoubleReply,
  KeyedReply,
  MapReply,
  NULL_ARRAY,
  PairsReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from './reply.js';
export { CommandRunner } from './runner.js';
export { Session, type SessionOptions } from './session.js';
export type { EngineOptions, EngineSettings, LazyFree, MaxmemoryPolicy } from './settings.js';
export { type SnapshotOptions, snapshot } from './snapshot.js';
export { SnapshotSource } from './snapshot-source.js';
