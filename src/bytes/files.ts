/**
 * The file system as this library uses it: few calls, all synchronous, behind one interface, so that tests may put
 * another one in its place (one that forgets what was not synced, or fails half-way).
 */
import type { SyncByteSource } from './source.js';

export interface FileStat {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  /** Unix ms. */
  readonly modifiedMs: number;
  /** The same in ns, which no number holds; undefined where the file system does not tell. */
  readonly modifiedNs?: bigint;
}

/** A file that is being written. Short writes go on until all is written. */
export interface WritableFile {
  /** Where the next write goes: behind all that was written, by a write that failed half-way as well. */
  readonly position: number;
  write(bytes: Uint8Array, start: number, end: number): void;
  /** Waits until what was written is on disk. */
  sync(): void;
  /** As {@link sync}, while others go on; `done` is told of its end, and of what went wrong. */
  syncAside(done: (error?: unknown) => void): void;
  /** As {@link sync}, for its bytes and its size alone (fdatasync). */
  syncData(): void;
  /** As {@link syncData}, while others go on; `done` is told of its end, and of what went wrong. */
  syncDataAside(done: (error?: unknown) => void): void;
  /** Cuts it to `size` bytes; what is written next stands there. */
  truncate(size: number): void;
  close(): void;
}

/** A file that others are still writing to: reads see what is there by then. */
export interface GrowingFile {
  /** Bytes that are there now; the file may have been renamed or removed meanwhile. */
  sizeBytes(): number;
  /** Puts up to `max` bytes from `offset` on at `target[at..]` and says how many; 0 is the end for now. */
  readAt(offset: number, target: Uint8Array, at: number, max: number): number;
  /** Whether `path` still names this file. */
  isStill(path: string): boolean;
  close(): void;
}

/** Throws the system's errors as they are. */
export interface Files {
  /** Names in a directory, sorted. */
  list(directory: string): string[];
  /** Undefined where there is nothing of that name; links are followed. */
  stat(path: string): FileStat | undefined;
  /** For reading; its size is fixed here. */
  open(path: string): SyncByteSource;
  openGrowing(path: string): GrowingFile;
  /** A new file for writing; throws where the name is taken. */
  create(path: string): WritableFile;
  /** An existing file, written from its end on. */
  append(path: string): WritableFile;
  rename(from: string, to: string): void;
  /**
   * Gives `to` the permissions of `from` and, where the system lets us, its owner: for a file that takes the place of
   * another, which a server running as somebody else goes on writing to.
   */
  copyOwnership(from: string, to: string): void;
  remove(path: string): void;
  makeDirectory(path: string): void;
  /** Makes names durable: creations, renames and removals in it. Without effect where the system does not know it. */
  syncDirectory(path: string): void;
}
