/** Where the keys of an import come from: a dump, or a log that has been replayed, read as often as it takes. */
import type { AofLog } from '../../aof/model.js';
import type { ByteSource, RdbInput } from '../../bytes/source.js';
import type { WriteBytes } from '../../bytes/writer.js';
import { ConvertHandler } from '../../convert/convert-handler.js';
import { ConvertedSource } from '../../convert/converted-source.js';
import { type Replay, type ReplayOptions, replayLog } from '../../engine/replay-log.js';
import { replaySource } from '../../engine/replay-source.js';
import { compileFilter, type RowFilter } from '../../rdb/filter.js';
import { openRdbSource } from '../../rdb/open.js';
import { fingerprintLog, fingerprintSource } from './fingerprint.js';
import type { KeyOptions } from './key-options.js';
import { KeyRenamer } from './rename.js';
import { transformedSource } from './transformed-source.js';

/** A dump, or what reads like one. */
export interface KeySource {
  /** As messages name it. */
  readonly name: string;
  /** False: it can be opened once. */
  readonly isRepeatable: boolean;
  /** It comes over a network: it is read no more often than it must be. */
  readonly isRemote?: boolean | undefined;
  /** From its beginning, as a plain dump, the same one each time. */
  open(): Promise<ByteSource>;
  /** Tells it from others: text of at most 200 characters. Reads a few kilobytes of what can be read more than once. */
  fingerprint(): Promise<string>;
}

/** What an import takes as its source. */
export type ImportInput = RdbInput | AofLog | Replay | KeySource;

/** Keys of a source, renamed databases and expiries included, as a dump. */
export interface OpenedKeys {
  readonly source: ByteSource;
  /** Keys of {@link source} that are meant; undefined: all. */
  readonly filter: RowFilter | undefined;
  /** Gives keys their names on the target. */
  readonly renamer: KeyRenamer | undefined;
  /** Keys that were left out because they had expired, so far. */
  readonly expired: () => number;
  close(): Promise<void>;
}

/** The source that `input` is. A log is replayed, once, when it is opened. */
export function keySourceOf(
  input: ImportInput,
  options: Pick<KeyOptions, 'signal' | 'checksum' | 'onWarning'> = {},
): KeySource {
  if (isKeySource(input)) return input;
  if (isReplay(input)) return replayed(input);
  if (isLog(input)) return logSource(input, options);
  const isRepeatable = isRepeatableInput(input);
  const { signal } = options;
  const open = (): Promise<ByteSource> => openRdbSource(input, { signal });
  return {
    name: typeof input === 'string' ? input : input instanceof URL ? input.href : 'source',
    isRepeatable,
    isRemote: isUrl(input),
    open,
    fingerprint: async () => (isRepeatable ? await fingerprintSource(open) : 'stream'),
  };
}

/** Opens what is meant by `options`. Throws what opening a dump throws. */
export async function openKeys(from: KeySource, options: KeyOptions): Promise<OpenedKeys> {
  const { filter, nowMs = Date.now(), checksum = true, limits, rename, transform } = options;
  const inner = await from.open();
  let source = inner;
  let isFiltered = filter === undefined;
  if (transform !== undefined) {
    source = await transformedSource(source, transform, options);
    isFiltered = true;
  }
  let handler: ConvertHandler | undefined;
  if (isConverted(options)) {
    const rowFilter = isFiltered ? undefined : compileFilter(filter!, nowMs, source);
    const create = (write: WriteBytes): ConvertHandler =>
      new ConvertHandler({ ...options, nowMs, filter: rowFilter, onUnsupported: 'drop', write });
    const converted = new ConvertedSource(source, create, { checksum, ...(limits && { limits }) });
    handler = converted.handler;
    source = converted;
    isFiltered = true;
  }
  const opened = source;
  return {
    source: opened,
    filter: isFiltered ? undefined : compileFilter(filter!, nowMs, opened),
    renamer: rename === undefined || rename.length === 0 ? undefined : new KeyRenamer(rename),
    expired: () => handler?.ledger.omitted['expired keys'] ?? 0,
    async close() {
      if (opened !== inner) await opened.close();
      await inner.close();
    },
  };
}

/** The filter is not applied to the opened dump, but before. */
export function leavesFunctionsOut({ filter }: KeyOptions): boolean {
  return filter !== undefined;
}

function isConverted({ dbMap, setTtl, skipExpiredBeforeMs, dropModules = false }: KeyOptions): boolean {
  const movesTtl = setTtl !== undefined && setTtl.action !== 'keep';
  return dbMap !== undefined || movesTtl || skipExpiredBeforeMs !== undefined || dropModules;
}

function logSource(
  log: AofLog,
  { signal, checksum, onWarning }: Parameters<typeof keySourceOf>[1] & object,
): KeySource {
  let replay: Promise<Replay> | undefined;
  const options: ReplayOptions = {
    ...(signal && { signal }),
    ...(checksum !== undefined && { checksum }),
    ...(onWarning && { onWarning }),
  };
  return {
    name: log.name,
    isRepeatable: true,
    async open() {
      replay ??= replayLog(log, options);
      return replaySource(await replay, log.name);
    },
    fingerprint: () => fingerprintLog(log),
  };
}

function replayed(replay: Replay): KeySource {
  const open = async (): Promise<ByteSource> => replaySource(replay);
  return { name: 'replay', isRepeatable: true, open, fingerprint: () => fingerprintSource(open) };
}

function isKeySource(input: ImportInput): input is KeySource {
  return typeof input === 'object' && 'fingerprint' in input && 'open' in input;
}

function isReplay(input: ImportInput): input is Replay {
  return typeof input === 'object' && 'engine' in input && 'generation' in input;
}

function isLog(input: ImportInput): input is AofLog {
  return typeof input === 'object' && 'files' in input && 'history' in input;
}

function isUrl(input: RdbInput): boolean {
  return /^https?:/i.test(input instanceof URL ? input.href : typeof input === 'string' ? input : '');
}

function isRepeatableInput(input: RdbInput): boolean {
  return (
    typeof input === 'string' || input instanceof URL || input instanceof Uint8Array || input instanceof ArrayBuffer
  );
}
