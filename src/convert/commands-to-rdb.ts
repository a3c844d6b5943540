/**
 * A log in another form: its commands are replayed, and what they leave is converted as a dump is (aof-format.md §1.1, §6).
 * What a log has of expired keys stays, as in a dump.
 */
import type { AofLog } from '../aof/model.js';
import type { Files } from '../bytes/files.js';
import type { ByteSource } from '../bytes/source.js';
import { type ReplayOptions, replayLog } from '../engine/replay-log.js';
import { replaySource } from '../engine/replay-source.js';
import { type ConvertOptions, type ConvertSummary, convertRdb } from './convert.js';
import { type AofDirectoryOptions, convertToAof, convertToAofDirectory } from './rdb-to-aof.js';

export interface LogConvertOptions extends ConvertOptions {
  /** What becomes of scripts and of commands that are not known. Default: `error`. */
  readonly onUnknown?: ReplayOptions['onUnknown'];
  /** As readAof has it. Default: `error`. */
  readonly onTruncated?: ReplayOptions['onTruncated'];
  /** Opens a file and closes it behind `run`. Default: as it is. */
  readonly read?: ReplayOptions['read'];
}

export type LogDirectoryOptions = LogConvertOptions & AofDirectoryOptions;

/** `source` is the dump that a server of the log's generation would have saved. */
export interface LogConvertSummary extends ConvertSummary {
  readonly commands: number;
  /** Commands that the server would have refused as well. */
  readonly refused: number;
  /** Scripts and unknown commands that were left out: how many, by name. */
  readonly skipped: ReadonlyMap<string, number>;
}

/**
 * Replays a log, and writes what it holds as a dump. Without a target it is one of the server that wrote the log, as far as
 * the log tells (see `generation` of a replay).
 *
 * Throws what replayLog and convertRdb throw.
 */
export async function convertLogToRdb(
  log: AofLog,
  write: (bytes: Uint8Array) => void | Promise<void>,
  options: LogConvertOptions = {},
): Promise<LogConvertSummary> {
  return await replayed(log, options, (source) => convertRdb(source, write, options));
}

/** As {@link convertLogToRdb}, writing the commands of a rewritten log: see convertToAof. */
export async function convertLogToAof(
  log: AofLog,
  write: (bytes: Uint8Array) => void | Promise<void>,
  options: LogConvertOptions = {},
): Promise<LogConvertSummary> {
  return await replayed(log, options, (source) => convertToAof(source, write, options));
}

/** As {@link convertLogToRdb}, writing a new append-only directory with an empty increment: see convertToAofDirectory. */
export async function convertLogToDirectory(
  log: AofLog,
  path: string,
  files: Files,
  options: LogDirectoryOptions = {},
): Promise<LogConvertSummary> {
  return await replayed(log, options, (source) => convertToAofDirectory(source, path, files, options));
}

async function replayed(
  log: AofLog,
  options: LogConvertOptions,
  convert: (source: ByteSource) => Promise<ConvertSummary>,
): Promise<LogConvertSummary> {
  const { onUnknown, onTruncated, read, checksum, limits, onWarning, signal } = options;
  const replay = await replayLog(log, {
    ...(onUnknown && { onUnknown }),
    ...(onTruncated && { onTruncated }),
    ...(read && { read }),
    ...(checksum !== undefined && { checksum }),
    ...(limits && { limits }),
    ...(onWarning && { onWarning }),
    ...(signal && { signal }),
  });
  const summary = await convert(replaySource(replay, log.name));
  const { commands, refused, skipped } = replay.counts;
  return { ...summary, commands, refused, skipped };
}
