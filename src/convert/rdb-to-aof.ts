/** A dump as an append-only file: the commands of one file, or the directory of a multi-part log. */

import { AofDirectoryWriter } from '../aof/directory/directory-writer.js';
import type { Files } from '../bytes/files.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver } from '../rdb/driver.js';
import { compileFilter } from '../rdb/filter.js';
import { openRdbSource } from '../rdb/open.js';
import type { Target } from '../rdb/versions.js';
import { type ConvertOptions, type ConvertSummary, convertRdb, summarizeConversion } from './convert.js';
import { ConvertHandler } from './convert-handler.js';
import { ConvertedSource } from './converted-source.js';
import type { CommandOptions } from './rdb-to-commands/command-rows.js';
import { RewriteHandler } from './rdb-to-commands/rewrite-handler.js';

export interface AofDirectoryOptions extends ConvertOptions {
  /** What the base holds: the converted dump, or its commands. Default: `rdb`. */
  readonly base?: 'rdb' | 'aof';
  /** `appendfilename` of the server. Default: `appendonly.aof`. */
  readonly fileName?: string;
}

/**
 * Converts a dump as convertRdb does, and writes it as the commands of a rewritten log (aof-format.md §6). `write` takes
 * them in pieces, valid during the call.
 *
 * Throws as convertRdb does, and EncodeError for what commands cannot say. The losses are those of both steps.
 */
export async function convertToAof(
  input: RdbInput | ByteSource,
  write: (bytes: Uint8Array) => void | Promise<void>,
  options: ConvertOptions = {},
): Promise<ConvertSummary> {
  const source = await openRdbSource(input, options.signal === undefined ? {} : { signal: options.signal });
  try {
    let waiting: Promise<void>[] = [];
    let bytesWritten = 0;
    const converted = convertedSource(source, options);
    const commands = new RewriteHandler({
      ...commandOptions(options),
      write: (bytes, start, end) => {
        bytesWritten += end - start;
        const pending = write(bytes.slice(start, end));
        if (pending !== undefined) waiting.push(pending);
      },
    });
    const driver = new RdbDriver(Window.for(undefined), commands, {});
    commands.driver = driver;
    for (let isOpen = true; isOpen; ) {
      isOpen = (await drive(converted, driver)) === 'pause';
      if (!isOpen) commands.flush();
      await Promise.all(waiting);
      waiting = [];
    }
    const summary = summarizeConversion(converted.handler);
    return { ...summary, bytesWritten, lost: [...summary.lost, ...commands.ledger.lost] };
  } finally {
    await source.close();
  }
}

/**
 * Converts a dump, and writes it as the base of a new append-only directory, with an empty increment and a manifest.
 * What is at `path` is never touched: the directory appears when it is complete. The target must have such directories
 * (see {@link hasLogDirectories}).
 *
 * Throws as {@link convertToAof} does, and the errors of the system.
 */
export async function convertToAofDirectory(
  input: RdbInput | ByteSource,
  path: string,
  files: Files,
  options: AofDirectoryOptions = {},
): Promise<ConvertSummary> {
  const { base = 'rdb', fileName, ...convertOptions } = options;
  const writer = new AofDirectoryWriter(path, files, { base, ...(fileName !== undefined && { fileName }) });
  try {
    const write = (bytes: Uint8Array): void => writer.write(bytes, 0, bytes.length);
    const convert = base === 'rdb' ? convertRdb : convertToAof;
    const summary = await convert(input, write, convertOptions);
    writer.commit();
    return summary;
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** Whether a server keeps its log in a directory: Redis 7.0 and later, Valkey. */
export function hasLogDirectories({ records }: Target): boolean {
  return records.functions; // Both came with 7.0.
}

function convertedSource(source: ByteSource, options: ConvertOptions): ConvertedSource {
  const { filter, nowMs = Date.now(), checksum = true, limits } = options;
  const rowFilter = filter && compileFilter(filter, nowMs, source);
  const create = (write: WriteBytes): ConvertHandler =>
    new ConvertHandler({ ...options, nowMs, filter: rowFilter, write });
  return new ConvertedSource(source, create, { checksum, ...(limits && { limits }) });
}

function commandOptions({ target, onUnsupported, onLoss, nowMs }: ConvertOptions): Omit<CommandOptions, 'write'> {
  return { target, onUnsupported, onLoss, nowMs };
}
