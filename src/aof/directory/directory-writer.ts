/**
 * Writing the directory of a multi-part log (aof-format.md §4.2, update protocol). Whatever stops it, a directory of that
 * name is either complete or not there: it is made under another name, synced, and renamed.
 */
import type { Files, WritableFile } from '../../bytes/files.js';
import { baseName, joinPath, parentPath } from '../../bytes/path.js';
import { replaceFile } from '../../bytes/replace-file.js';
import type { Manifest } from '../model.js';
import { formatManifest } from './manifest.js';
import {
  baseFileName,
  DEFAULT_FILE_NAME,
  incrFileName,
  manifestFileName,
  tempManifestFileName,
} from './manifest-name.js';

export interface DirectoryWriterOptions {
  /** What the base holds: a dump, behind which commands may follow, or commands only. */
  readonly base: 'rdb' | 'aof';
  /** `appendfilename`. Default: `appendonly.aof`. */
  readonly fileName?: string;
}

/**
 * A new log: a base, which is written through here, and an empty increment. Throws the system's errors, first of all where
 * the name is taken.
 */
export class AofDirectoryWriter {
  readonly manifest: Manifest;
  private readonly fileName: string;
  private readonly building: string;
  private readonly created: string[] = [];
  private base: WritableFile;

  constructor(
    readonly path: string,
    private readonly files: Files,
    options: DirectoryWriterOptions,
  ) {
    const fileName = options.fileName ?? DEFAULT_FILE_NAME;
    const base = baseFileName(fileName, 1n, options.base);
    const incr = incrFileName(fileName, 1n);
    this.fileName = fileName;
    this.manifest = {
      entries: [
        { name: base, seq: 1n, type: 'base' },
        { name: incr, seq: 1n, type: 'incr' },
      ],
    };
    formatManifest(this.manifest); // A name that no manifest can hold is refused before anything is there.
    this.building = makeBeside(path, files);
    try {
      this.base = this.create(base);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Appends to the base. */
  write(bytes: Uint8Array, start: number, end: number): void {
    this.base.write(bytes, start, end);
  }

  /** Makes all of it durable, then visible. */
  commit(): void {
    const { files, fileName, building, path } = this;
    this.base.sync();
    this.base.close();
    const [, incr] = this.manifest.entries;
    const increment = this.create(incr!.name);
    increment.sync();
    increment.close();
    for (const name of [manifestFileName(fileName), tempManifestFileName(fileName)])
      this.created.push(joinPath(building, name));
    writeManifest(building, fileName, this.manifest, files);
    if (files.stat(path) !== undefined) files.makeDirectory(path); // It came meanwhile: the system says so.
    files.rename(building, path);
    files.syncDirectory(parentPath(path));
  }

  /** Removes what was written; never throws. */
  discard(): void {
    attempt(() => this.base?.close());
    for (const path of this.created.reverse()) attempt(() => this.files.remove(path));
    attempt(() => this.files.remove(this.building));
  }

  private create(name: string): WritableFile {
    const path = joinPath(this.building, name);
    const file = this.files.create(path);
    this.created.push(path);
    return file;
  }
}

/**
 * Replaces the manifest of a directory, or makes its first one, as servers do: a temporary file, synced, renamed over it,
 * and the directory synced. A temporary file that was left from another time is replaced.
 */
export function writeManifest(directory: string, fileName: string, manifest: Manifest, files: Files): void {
  const bytes = formatManifest(manifest);
  const path = joinPath(directory, manifestFileName(fileName));
  const temporary = joinPath(directory, tempManifestFileName(fileName));
  replaceFile(path, temporary, bytes, files);
}

/** A new directory beside the one that is wanted, which must not be there. */
function makeBeside(path: string, files: Files): string {
  if (files.stat(path) !== undefined) files.makeDirectory(path);
  const parent = parentPath(path);
  for (let number = 1; ; number++) {
    const building = joinPath(parent, `temp-${baseName(path)}-${number}`);
    if (files.stat(building) !== undefined) continue;
    files.makeDirectory(building);
    return building;
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The failure that led here is the one that matters.
  }
}
