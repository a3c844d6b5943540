/**
 * Repairing a log: a plan of what is kept and what is cut, as data, made without changing anything. repair-write.ts carries
 * it out.
 */
import { FormatError, UnsupportedError } from '../../bytes/errors.js';
import type { FileStat, Files } from '../../bytes/files.js';
import type { Limits } from '../../bytes/limits.js';
import { baseName } from '../../bytes/path.js';
import type { ByteSource } from '../../bytes/source.js';
import { type AofFileReport, checkFile } from '../check/check-file.js';
import type { AofLog, LogFile, ManifestEntry } from '../model.js';
import { salvage } from './salvage.js';
import type { Cut } from './salvage-ledger.js';
import type { Confidence } from './salvage-resume.js';

/**
 * `tail`: each file is cut behind its last whole item outside a transaction, as redis-check-aof does. `salvage`: only what
 * is damaged, or would be half a transaction, is left out.
 */
export type RepairMode = 'tail' | 'salvage';

export interface RepairOptions {
  readonly mode: RepairMode;
  /** Of salvage: places at which reading goes on with less confidence end the file. Default: medium. */
  readonly minConfidence?: Confidence;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly checksum?: boolean;
  /** To see whether somebody is writing to the log. */
  readonly files: Pick<Files, 'stat'>;
  /** Hears of each file before it is read. */
  readonly onFile?: (file: LogFile) => void;
}

/** Bytes `[start, end)` of a file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One file of a log, and what becomes of it. */
export interface PlannedFile {
  readonly file: LogFile;
  readonly sizeBytes: number;
  readonly kept: readonly ByteRange[];
  readonly cuts: readonly Cut[];
  /** Whole commands in the cuts. */
  readonly commandsLost: number;
  /** Damage is among the cuts, or unread bytes: there may have been more commands. */
  readonly mayLoseMore: boolean;
  /** Of the file as it is, in hex, for files that are changed. */
  readonly sha256: string | undefined;
  /** When it was looked at; undefined for what is no file. */
  readonly stat: FileStat | undefined;
}

export interface RepairPlan {
  readonly mode: RepairMode;
  readonly log: AofLog;
  readonly files: readonly PlannedFile[];
  /** Increments that are listed and missing, and will not be listed. Salvage only. */
  readonly unlisted: readonly ManifestEntry[];
  readonly bytesLost: number;
  readonly commandsLost: number;
  readonly mayLoseMore: boolean;
}

/**
 * Reads every file of a log. Throws the FormatError of a dump at the head that is damaged, which nothing can mend,
 * MISSING_FILE, UnsupportedError (UNSUPPORTED_INPUT) where somebody is writing to a file, and what reading throws.
 */
export async function planRepair(log: AofLog, options: RepairOptions): Promise<RepairPlan> {
  const files: PlannedFile[] = [];
  const unlisted: ManifestEntry[] = [];
  for (const file of log.files) {
    options.onFile?.(file);
    const planned = await planFile(file, options);
    if (planned !== undefined) files.push(planned);
    else unlisted.push(entryOf(log, file));
  }
  return { mode: options.mode, log, files, unlisted, ...totals(files, unlisted) };
}

/** Whether there is anything to be done. */
export function isNeeded({ files, unlisted }: RepairPlan): boolean {
  return unlisted.length > 0 || files.some(({ cuts }) => cuts.length > 0);
}

/** Throws UnsupportedError (UNSUPPORTED_INPUT) where a file is not as it was when the plan was made. */
export function checkUnchanged(planned: PlannedFile, files: Pick<Files, 'stat'>): void {
  const { path } = planned.file;
  const now = path === undefined ? undefined : files.stat(path);
  if (now?.sizeBytes === planned.stat?.sizeBytes && now?.modifiedMs === planned.stat?.modifiedMs) return;
  throw new UnsupportedError('UNSUPPORTED_INPUT', `${planned.file.name} is being written to`, 0);
}

/** The parts of a file that are in no cut. `cuts` are in order and do not overlap. */
export function keptRanges(sizeBytes: number, cuts: readonly ByteRange[]): ByteRange[] {
  const kept: ByteRange[] = [];
  let start = 0;
  for (const cut of cuts) {
    if (cut.start > start) kept.push({ start, end: cut.start });
    start = cut.end;
  }
  if (start < sizeBytes) kept.push({ start, end: sizeBytes });
  return kept;
}

/** SHA-256 of what a file holds, compression taken off, in hex. */
export async function hashFile(file: LogFile): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  const source = await file.open();
  try {
    const buffer = new Uint8Array(256 * 1024);
    for (;;) {
      const count = await source.read(buffer, 0, buffer.length);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    await source.close();
  }
}

/** Undefined for a missing increment that is to be left out of the manifest. */
async function planFile(file: LogFile, options: RepairOptions): Promise<PlannedFile | undefined> {
  const { mode, limits, checksum, files } = options;
  const stat = file.path === undefined ? undefined : files.stat(file.path);
  const report = await checkFile(file, { ...(limits && { limits }), ...(checksum !== undefined && { checksum }) });
  const { error } = report;
  if (report.verdict === 'missing') {
    if (mode === 'salvage' && file.role === 'incr') return undefined;
    throw error!;
  }
  if (error !== undefined && report.head !== undefined && report.rdbBytes === 0) throw error;
  const { sizeBytes } = report;
  const cuts = isSound(report) ? [] : mode === 'tail' ? tailCuts(report) : await salvageCuts(file, report, options);
  const planned = {
    file,
    sizeBytes,
    kept: keptRanges(sizeBytes, cuts),
    cuts,
    commandsLost: cuts.reduce((sum, { commands }) => sum + commands, 0),
    mayLoseMore: cuts.some(
      ({ reason }) => reason === 'damage' || (reason === 'tail' && error?.code !== 'OPEN_TRANSACTION'),
    ),
    sha256: cuts.length === 0 ? undefined : await hashFile(file),
    stat,
  };
  checkUnchanged(planned, files);
  return planned;
}

function isSound({ error, traps }: AofFileReport): boolean {
  return (
    error === undefined && !traps.some(({ code }) => code === 'UNENDED_ANNOTATION' || code === 'TOO_FEW_ARGUMENTS')
  );
}

/** What redis-check-aof --fix cuts, and an annotation that would swallow what is written behind it. */
function tailCuts({ error, okUpTo, sizeBytes, commandsBehind, traps }: AofFileReport): Cut[] {
  const about = { confidence: undefined, mayHideSelect: false };
  if (error !== undefined)
    return [{ start: okUpTo, end: sizeBytes, reason: 'tail', commands: commandsBehind, ...about }];
  const unended = traps.find(({ code }) => code === 'UNENDED_ANNOTATION')?.offset;
  return unended === undefined ? [] : [{ start: unended, end: sizeBytes, reason: 'annotation', commands: 0, ...about }];
}

async function salvageCuts(file: LogFile, report: AofFileReport, options: RepairOptions): Promise<readonly Cut[]> {
  const source: ByteSource = await file.open();
  try {
    const { minConfidence = 'medium' } = options;
    return (await salvage(source, { minConfidence, startOffset: report.rdbBytes })).cuts;
  } finally {
    await source.close();
  }
}

function entryOf({ manifest }: AofLog, file: LogFile): ManifestEntry {
  const entry = manifest?.entries.find(
    ({ name, seq }) => seq === file.seq && name === baseName(file.path ?? file.name),
  );
  if (entry === undefined) throw new FormatError('MISSING_FILE', `${file.name} is not there`, 0);
  return entry;
}

function totals(
  files: readonly PlannedFile[],
  unlisted: readonly ManifestEntry[],
): Pick<RepairPlan, 'bytesLost' | 'commandsLost' | 'mayLoseMore'> {
  const cuts = files.flatMap((file) => file.cuts);
  return {
    bytesLost: cuts.reduce((sum, { start, end }) => sum + end - start, 0),
    commandsLost: files.reduce((sum, file) => sum + file.commandsLost, 0),
    mayLoseMore: unlisted.length > 0 || files.some(({ mayLoseMore }) => mayLoseMore),
  };
}
