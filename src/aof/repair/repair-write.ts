/**
 * Carries plans out: parts of the files of a log into new ones. What is written appears under its name when it is complete
 * and on disk; nothing that exists is changed but by {@link repairInPlace}, which keeps it under another name.
 */
import { UnsupportedError } from '../../bytes/errors.js';
import type { Files, WritableFile } from '../../bytes/files.js';
import { baseName, joinPath, parentPath } from '../../bytes/path.js';
import { writeManifest } from '../directory/directory-writer.js';
import { manifestFileName, tempManifestFileName } from '../directory/manifest-name.js';
import type { LogFile, ManifestEntry } from '../model.js';
import { type ByteRange, checkUnchanged, type PlannedFile, type RepairPlan } from './repair.js';

/** One file to be written. */
export interface FilePart {
  readonly file: LogFile;
  readonly kept: readonly ByteRange[];
}

/** A directory to be written. */
export interface DirectoryPart {
  /** `appendfilename`: what the manifest is named after. */
  readonly fileName: string;
  readonly parts: readonly (FilePart & { readonly name: string })[];
  readonly entries: readonly ManifestEntry[];
}

/** What {@link repairInPlace} has done. */
export interface InPlaceResult {
  /** Paths of what was there before. */
  readonly backups: readonly string[];
  /** Paths that were replaced. */
  readonly changed: readonly string[];
}

const BUFFER_BYTES = 1024 * 1024;
/** Of a backup: `appendonly.aof.1.incr.aof.before-fix`. */
const BACKUP = '.before-fix';
const TEMPORARY = '.fix-tmp';

/** The parts of one file as a new one. Throws the system's error where the name is taken, and what reading throws. */
export async function writeFilePart(part: FilePart, path: string, files: Files): Promise<void> {
  if (files.stat(path) !== undefined) throw taken(path);
  await writeOver(part, path, files);
}

/** A directory that is not there yet, or is empty: its files first, then its manifest, so that a crash leaves no log. */
export async function writeDirectoryPart(
  { fileName, parts, entries }: DirectoryPart,
  path: string,
  files: Files,
): Promise<void> {
  const stat = files.stat(path);
  if (stat === undefined) files.makeDirectory(path);
  else if (!stat.isDirectory || files.list(path).length > 0) throw taken(path);
  const written: string[] = [];
  try {
    for (const part of parts) {
      const target = joinPath(path, part.name);
      if (written.includes(target)) continue; // A file that is listed twice is one file.
      written.push(target);
      await writeAs(part, target, files);
    }
    files.syncDirectory(path);
    written.push(joinPath(path, tempManifestFileName(fileName)));
    written.push(joinPath(path, manifestFileName(fileName)));
    writeManifest(path, fileName, { entries }, files);
    files.syncDirectory(parentPath(path));
  } catch (error) {
    for (const name of written) if (files.stat(name) !== undefined) files.remove(name);
    if (stat === undefined) files.remove(path);
    throw error;
  }
}

/**
 * Replaces the files that the plan changes, one after the other: each is copied to a backup first, then what is kept of it
 * is written beside it and takes its name. Throws UnsupportedError where a file has changed since, or is compressed.
 */
export async function repairInPlace(
  plan: RepairPlan,
  manifest: { readonly path: string; readonly entries: readonly ManifestEntry[] } | undefined,
  files: Files,
): Promise<InPlaceResult> {
  const changes = plan.files.filter(({ cuts }) => cuts.length > 0);
  for (const change of changes) checkReplaceable(change, files);
  const backups: string[] = [];
  const changed: string[] = [];
  for (const { file, kept } of changes) {
    const path = file.path!;
    if (changed.includes(path)) continue;
    backups.push(backUp(path, files));
    await writeOver({ file, kept }, path, files);
    changed.push(path);
  }
  if (manifest !== undefined) {
    const directory = parentPath(manifest.path);
    backups.push(backUp(manifest.path, files));
    writeManifest(directory, baseName(manifest.path).replace(/\.manifest$/, ''), manifest, files);
    changed.push(manifest.path);
  }
  return { backups, changed };
}

function checkReplaceable(change: PlannedFile, files: Files): void {
  const { file, sizeBytes, stat } = change;
  checkUnchanged(change, files);
  if (stat?.isFile && stat.sizeBytes === sizeBytes) return;
  throw new UnsupportedError(
    'UNSUPPORTED_INPUT',
    `${file.name} cannot be replaced: it is compressed, or no plain file`,
    0,
  );
}

/** Under another name first, so that `path` names what was there, or all of what is new. */
async function writeOver(part: FilePart, path: string, files: Files): Promise<void> {
  const temporary = path + TEMPORARY;
  await writeAs(part, temporary, files);
  try {
    if (files.stat(path) !== undefined) files.copyOwnership(path, temporary);
    files.rename(temporary, path);
  } catch (error) {
    files.remove(temporary);
    throw error;
  }
  files.syncDirectory(parentPath(path));
}

async function writeAs({ file, kept }: FilePart, path: string, files: Files): Promise<void> {
  const out = files.create(path);
  try {
    await copyRanges(file, kept, out);
    out.sync();
    out.close();
  } catch (error) {
    out.close();
    files.remove(path);
    throw error;
  }
}

async function copyRanges(file: LogFile, kept: readonly ByteRange[], out: WritableFile): Promise<void> {
  const source = await file.open();
  try {
    const buffer = new Uint8Array(BUFFER_BYTES);
    let offset = 0;
    let range = 0;
    while (range < kept.length) {
      const count = await source.read(buffer, 0, buffer.length);
      if (count === 0) throw new UnsupportedError('UNSUPPORTED_INPUT', `${file.name} has become shorter`, offset);
      for (; range < kept.length; range++) {
        const { start, end } = kept[range]!;
        if (start >= offset + count) break;
        const from = Math.max(start - offset, 0);
        const to = Math.min(end - offset, count);
        if (to > from) out.write(buffer, from, to);
        if (end > offset + count) break;
      }
      offset += count;
    }
  } finally {
    await source.close();
  }
}

/** A copy, on disk before anything is changed. */
function backUp(path: string, files: Files): string {
  let backup = path + BACKUP;
  for (let number = 1; files.stat(backup) !== undefined; number++) backup = `${path}${BACKUP}.${number}`;
  const source = files.open(path);
  try {
    const buffer = new Uint8Array(BUFFER_BYTES);
    writeNew(backup, files, (out) => {
      for (let count = source.read(buffer, 0, buffer.length); count > 0; count = source.read(buffer, 0, buffer.length))
        out.write(buffer, 0, count);
    });
    files.copyOwnership(path, backup);
  } finally {
    source.close();
  }
  files.syncDirectory(parentPath(path));
  return backup;
}

function writeNew(path: string, files: Files, write: (out: WritableFile) => void): void {
  const out = files.create(path);
  try {
    write(out);
    out.sync();
  } catch (error) {
    out.close();
    files.remove(path);
    throw error;
  }
  out.close();
}

function taken(path: string): UnsupportedError {
  return new UnsupportedError('UNSUPPORTED_INPUT', `${path} is there already, and is not replaced`, 0);
}
