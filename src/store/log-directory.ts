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
  tempIncrFileName,
} from '../aof/directory/manifest-name.js';
import type { Manifest, ManifestEntry } from '../aof/model.js';
import type { Files, WritableFile } from '../bytes/files.js';
import { joinPath } from '../bytes/path.js';

/** Under which a rewrite makes its base. One store writes to a directory at a time, so one name is enough. */
const TEMP_BASE = 'temp-rewriteaof-bg-1.aof';

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
  /** As the manifest lists it; undefined for one that {@link LogDirectory.replace} is to list. */
  readonly name: string | undefined;
}

/** A new base, durable under a temporary name. */
export interface NewBase {
  readonly path: string;
  readonly form: 'rdb' | 'aof';
}

export class LogDirectory {
  readonly path: string;
  /** `aof-disable-auto-gc` */
  keepsHistory = false;
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

  /**
   * The one file of a server before 7.0 becomes the base (aof-format.md §4.4): it is listed first, and moved then, so that
   * whoever stops in between does it again.
   */
  adopt(): void {
    this.make();
    this.list([{ name: this.fileName, seq: 1n, type: 'base' }]);
    this.files.rename(joinPath(this.dataDirectory, this.fileName), this.at(this.fileName));
    this.files.syncDirectory(this.path);
    this.files.syncDirectory(this.dataDirectory);
  }

  /** The file that is loaded last ends in a broken command, or in half of a transaction: it is cut behind what is whole. */
  cut(wholeBytes: number): void {
    this.settleLast((file) => file.truncate(wholeBytes));
  }

  /** At the start: the last increment, to go on with, or a first one. */
  open(): Increment {
    const last = this.entries.filter(({ type }) => type === 'incr').at(-1);
    // Whoever was stopped may have left it, and the names that were read just now, where a power cut takes them away.
    this.settleLast();
    if (last === undefined) return this.next();
    const file = this.files.append(this.at(last.name));
    this.tryToCollect();
    return { file, sizeBytes: file.position, name: last.name };
  }

  /** A rewrite begins: what is logged from now on goes to an increment of its own. */
  next(): Increment {
    this.make();
    const entry = this.nextEntry();
    const file = this.files.create(this.cleared(this.at(entry.name)));
    file.sync();
    this.files.syncDirectory(this.path);
    this.list([...this.entries, entry]);
    return { file, sizeBytes: 0, name: entry.name };
  }

  /** The log is switched on: what is logged until there is a base for it goes to an increment that nobody loads. */
  unlisted(): Increment {
    this.make();
    return {
      file: this.files.create(this.cleared(this.at(tempIncrFileName(this.fileName)))),
      sizeBytes: 0,
      name: undefined,
    };
  }

  /** It is not to become anything: nobody writes to it any more. */
  dropUnlisted(): void {
    this.cleared(this.at(tempIncrFileName(this.fileName)));
  }

  /** Where a rewrite makes its base; it is nobody's until {@link replace}. */
  get basePath(): string {
    return joinPath(this.dataDirectory, TEMP_BASE);
  }

  /**
   * A rewrite is done: `base` takes the place of the one before and of every increment before `current`, of all where that is
   * undefined. What `current` holds is durable. Gives back the name of the current increment.
   */
  replace({ path, form }: NewBase, current: Increment | undefined): string | undefined {
    this.make();
    const { seq, name } = this.nextBase(form);
    this.files.rename(path, this.at(name));
    const increments = current === undefined ? [] : this.incrementsFrom(current);
    this.files.syncDirectory(this.dataDirectory);
    this.files.syncDirectory(this.path);
    const gone = this.entries.filter((entry) => !increments.includes(entry)).sort(byHistoryOrder);
    this.list([
      { name, seq, type: 'base' },
      ...gone.map((entry): ManifestEntry => ({ ...entry, type: 'history' })),
      ...increments,
    ]);
    this.tryToCollect();
    return increments.at(-1)?.name;
  }

  /** Of the current one, and of those behind it; one that was not listed gets its name. */
  private incrementsFrom({ name }: Increment): ManifestEntry[] {
    if (name === undefined) {
      const entry = this.nextEntry();
      this.files.rename(this.at(tempIncrFileName(this.fileName)), this.at(entry.name));
      return [entry];
    }
    const { seq: from } = this.entries.find((entry) => entry.name === name)!;
    return this.entries.filter(({ type, seq }) => type === 'incr' && seq >= from);
  }

  /**
   * As for servers, a base of that name which is not listed was left by somebody who was stopped right here; where nothing at all
   * is listed it may be what is left of a log without its manifest.
   */
  private nextBase(form: NewBase['form']): Pick<ManifestEntry, 'seq' | 'name'> {
    let seq = this.nextSeq('base');
    const hasContent = (): boolean => this.hasContent(baseFileName(this.fileName, seq, form));
    while (this.isEmpty && hasContent()) seq++;
    return { seq, name: baseFileName(this.fileName, seq, form) };
  }

  private hasContent(name: string): boolean {
    return (this.files.stat(this.at(name))?.sizeBytes ?? 0) > 0;
  }

  /** Makes the file that is loaded last durable, and the names of all. */
  private settleLast(change?: (file: WritableFile) => void): void {
    const last = loadOrder(this.manifest).at(-1);
    if (last === undefined) return;
    const file = this.files.append(this.at(last.name));
    try {
      change?.(file);
      file.sync();
    } finally {
      file.close();
    }
    this.files.syncDirectory(this.path);
    this.files.syncDirectory(this.dataDirectory);
  }

  private nextEntry(): ManifestEntry {
    let seq = this.nextSeq('incr');
    // Commands that were left from another time are nobody's to load, and nobody's to remove.
    while (this.hasContent(incrFileName(this.fileName, seq))) seq++;
    return { name: incrFileName(this.fileName, seq), seq, type: 'incr' };
  }

  private make(): void {
    if (this.files.stat(this.path) !== undefined) return;
    this.files.makeDirectory(this.path);
    this.files.syncDirectory(this.dataDirectory);
  }

  /** Removes the files that are history. What cannot be removed stays so, which nobody loads, and is removed another time. */
  tryToCollect(): void {
    if (this.keepsHistory) return;
    attempt(() => this.collect());
  }

  /** Nothing is at this path any more: what was there was left by somebody who was stopped. */
  private cleared(path: string): string {
    if (this.files.stat(path) !== undefined) this.files.remove(path);
    return path;
  }

  /** Removes the files that are history. */
  private collect(): void {
    const gone = this.entries.filter(({ type }) => type === 'history');
    if (gone.length === 0) return;
    for (const { name } of gone) if (this.files.stat(this.at(name)) !== undefined) this.files.remove(this.at(name));
    this.files.syncDirectory(this.path);
    this.list(this.entries.filter(({ type }) => type !== 'history'));
  }

  /** Writes the manifest. Where that fails, nothing has changed. */
  private list(entries: ManifestEntry[]): void {
    const write = (listed: ManifestEntry[]): void =>
      writeManifest(this.path, this.fileName, { entries: listed }, this.files);
    try {
      write(entries);
    } catch (error) {
      // It may be in place already. An empty manifest is no state to go back to: there was none.
      if (this.entries.length > 0) attempt(() => write(this.entries));
      throw error;
    }
    this.entries = entries;
  }

  /** Behind those that are listed. */
  private nextSeq(type: 'base' | 'incr'): bigint {
    const isOfType = ({ type: own, name }: ManifestEntry): boolean =>
      own === type || (own === 'history' && name.includes(`.${type}.`));
    let seq = 1n;
    for (const entry of this.entries) if (isOfType(entry) && entry.seq >= seq) seq = entry.seq + 1n;
    return seq;
  }

  private at(name: string): string {
    return joinPath(this.path, name);
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Whatever is wrong with the disk shows where it matters.
  }
}

/** As servers list it: what has become history last comes first, and of that the increments. */
function byHistoryOrder(one: ManifestEntry, other: ManifestEntry): number {
  return HISTORY_ORDER[one.type] - HISTORY_ORDER[other.type];
}

const HISTORY_ORDER: Readonly<Record<ManifestEntry['type'], number>> = { incr: 0, base: 1, history: 2 };
