/**
 * The directory of a multi-part log while somebody writes to it (aof-format.md §4): which increment is the current one, how
 * a rewrite takes the place of what was there, and what becomes of the files that it makes superfluous.
 *
 * Whatever stops it between two steps, the manifest lists files that are there and whole: a file is durable before it is
 * listed, and is removed after the manifest without it is durable.
 */

import { loadOrder } from '../aof/directory/directory.js';
import { writeManifest } from '../aof/directory/directory-writer.js';
import {
  baseFileName,
  DEFAULT_DIRECTORY_NAME,
  DEFAULT_FILE_NAME,
  incrFileName,
} from '../aof/directory/manifest-name.js';
import type { Manifest, ManifestEntry } from '../aof/model.js';
import type { Files, WritableFile } from '../bytes/files.js';
import { joinPath } from '../bytes/path.js';

export interface LogPlace {
  /** `dir` */
  readonly dataDirectory: string;
  /** `appenddirname`. Default: `appendonlydir`. */
  readonly directoryName?: string;
  /** `appendfilename`. Default: `appendonly.aof`. */
  readonly fileName?: string;
  readonly files: Files;
}

/** The file that commands go to. */
export interface Increment {
  readonly file: WritableFile;
  /** Of whole commands: what is written next stands behind them. */
  readonly sizeBytes: number;
  readonly name: string;
}

export class LogDirectory {
  readonly path: string;
  private readonly files: Files;
  private readonly fileName: string;
  private readonly dataDirectory: string;
  private entries: ManifestEntry[];

  /** `manifest`: as it was loaded; undefined where there is none. */
  constructor({ dataDirectory, directoryName, fileName, files }: LogPlace, manifest: Manifest | undefined) {
    this.files = files;
    this.dataDirectory = dataDirectory;
    this.path = joinPath(dataDirectory, directoryName ?? DEFAULT_DIRECTORY_NAME);
    this.fileName = fileName ?? DEFAULT_FILE_NAME;
    this.entries = [...(manifest?.entries ?? [])];
  }

  get manifest(): Manifest {
    return { entries: this.entries };
  }

  /** Whether there is anything to load, or to rewrite. */
  get isEmpty(): boolean {
    return loadOrder(this.manifest).length === 0;
  }

  /** Files of the log, base and increments: what the rule of automatic rewrites counts. */
  get sizeBytes(): number {
    return loadOrder(this.manifest).reduce(
      (sum, { name }) => sum + (this.files.stat(this.at(name))?.sizeBytes ?? 0),
      0,
    );
  }

  /** At the start: the last increment, to go on with, or a first one. `wholeBytes`: of it, where it ends in a broken command. */
  open(wholeBytes?: number): Increment {
    if (this.files.stat(this.path) === undefined) {
      this.files.makeDirectory(this.path);
      this.files.syncDirectory(this.dataDirectory);
    }
    const last = this.entries.filter(({ type }) => type === 'incr').at(-1);
    if (last === undefined) return this.next();
    const file = this.files.append(this.at(last.name));
    const size = this.files.stat(this.at(last.name))!.sizeBytes;
    const sizeBytes = wholeBytes ?? size;
    if (sizeBytes < size) {
      file.truncate(sizeBytes);
      file.sync();
    }
    this.collect();
    return { file, sizeBytes, name: last.name };
  }

  /** A rewrite begins: what is logged from now on goes to an increment of its own. */
  next(): Increment {
    const seq = this.freeSeq('incr', (at) => incrFileName(this.fileName, at));
    const name = incrFileName(this.fileName, seq);
    const file = this.files.create(this.at(name));
    file.sync();
    this.entries.push({ name, seq, type: 'incr' });
    this.save();
    return { file, sizeBytes: 0, name };
  }

  /** A file for the base that a rewrite makes; it is nobody's until {@link replace}. */
  createBase(number: number): { readonly path: string; readonly file: WritableFile } {
    const path = joinPath(this.dataDirectory, `temp-rewriteaof-bg-${number}.aof`);
    if (this.files.stat(path) !== undefined) this.files.remove(path);
    return { path, file: this.files.create(path) };
  }

  /**
   * A rewrite is done: the file at `path`, which is durable, becomes the base, and takes the place of the one before and of
   * every increment before `current`.
   */
  replace(path: string, form: 'rdb' | 'aof', current: string): void {
    const seq = this.freeSeq('base', (at) => baseFileName(this.fileName, at, form));
    const name = baseFileName(this.fileName, seq, form);
    this.files.rename(path, this.at(name));
    this.files.syncDirectory(this.dataDirectory);
    this.files.syncDirectory(this.path);
    const currentSeq = this.entries.find((entry) => entry.name === current)!.seq;
    const isKept = ({ type, seq: at }: ManifestEntry): boolean => type === 'incr' && at >= currentSeq;
    this.entries = [
      { name, seq, type: 'base' },
      ...this.entries.filter((entry) => !isKept(entry)).map((entry): ManifestEntry => ({ ...entry, type: 'history' })),
      ...this.entries.filter(isKept),
    ];
    this.save();
    this.collect();
  }

  /** Removes the files that are history. */
  private collect(): void {
    const gone = this.entries.filter(({ type }) => type === 'history');
    if (gone.length === 0) return;
    for (const { name } of gone) if (this.files.stat(this.at(name)) !== undefined) this.files.remove(this.at(name));
    this.files.syncDirectory(this.path);
    this.entries = this.entries.filter(({ type }) => type !== 'history');
    this.save();
  }

  private save(): void {
    writeManifest(this.path, this.fileName, this.manifest, this.files);
  }

  /** Behind those that are listed, and not the name of a file that was left from another time: nobody is to load that. */
  private freeSeq(type: 'base' | 'incr', nameOf: (seq: bigint) => string): bigint {
    const isOfType = ({ type: own, name }: ManifestEntry): boolean =>
      own === type || (own === 'history' && name.includes(`.${type}.`));
    let seq = 1n;
    for (const entry of this.entries) if (isOfType(entry) && entry.seq >= seq) seq = entry.seq + 1n;
    while (this.files.stat(this.at(nameOf(seq))) !== undefined) seq++;
    return seq;
  }

  private at(name: string): string {
    return joinPath(this.path, name);
  }
}
