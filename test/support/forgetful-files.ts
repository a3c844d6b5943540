/**
 * A file system in memory of which a power cut leaves no more than what was synced, and any part of the rest: bytes that were
 * written and not synced are there, or half of them, or none; names that were changed since their directory was synced are
 * as they were after any of the changes.
 */
import type { WritableFile } from '../../src/bytes/files.js';
import { MemoryFiles } from './memory-files.js';

interface Content {
  written: Uint8Array;
  synced: Uint8Array;
}

type Names = ReadonlyMap<string, Content>;

/** What may have become of bytes that were not synced. */
const FATES: readonly ((content: Content) => Uint8Array)[] = [
  ({ synced }) => synced,
  ({ synced, written }) => written.subarray(0, Math.max(synced.length, written.length >> 1)),
  ({ written }) => written,
];

export class ForgetfulFiles extends MemoryFiles {
  private names = new Map<string, Content>();
  /** The names as they were after each change since the last sync, the state at that sync first. */
  private states: Names[] = [new Map()];

  /** Every file system that may be found after a power cut now. */
  survivors(): MemoryFiles[] {
    return this.states.flatMap((names) =>
      FATES.map((fate) => {
        const files = new MemoryFiles();
        for (const [path, content] of names) files.nodes.set(path, fate(content));
        return files;
      }),
    );
  }

  /** The one that has everything, without its past. */
  reopened(): ForgetfulFiles {
    const files = new ForgetfulFiles();
    for (const [path, { written }] of this.names) {
      files.nodes.set(path, written);
      files.names.set(path, { written, synced: written });
    }
    files.states = [new Map(files.names)];
    return files;
  }

  override create(path: string): WritableFile {
    const file = super.create(path);
    const content: Content = { written: new Uint8Array(0), synced: new Uint8Array(0) };
    this.change((names) => names.set(path, content));
    const syncAside = (sync: (done: (error?: unknown) => void) => void, done: (error?: unknown) => void): void => {
      // What is written until it has ended may be synced or not.
      const { written } = content;
      sync((error) => {
        if (error === undefined) content.synced = written;
        done(error);
      });
    };
    return {
      get position() {
        return file.position;
      },
      write: (bytes, start, end) => {
        file.write(bytes, start, end);
        content.written = this.nodes.get(path)!;
      },
      sync: () => {
        file.sync();
        content.synced = content.written;
      },
      syncData: () => {
        file.syncData();
        content.synced = content.written;
      },
      syncAside: (done) => syncAside(file.syncAside, done),
      syncDataAside: (done) => syncAside(file.syncDataAside, done),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }

  override rename(from: string, to: string): void {
    super.rename(from, to);
    this.change((names) => {
      names.set(to, names.get(from)!);
      names.delete(from);
    });
  }

  override remove(path: string): void {
    super.remove(path);
    this.change((names) => names.delete(path));
  }

  override syncDirectory(path: string): void {
    super.syncDirectory(path);
    this.states = [new Map(this.names)];
  }

  private change(change: (names: Map<string, Content>) => void): void {
    this.names = new Map(this.names);
    change(this.names);
    this.states.push(this.names);
  }
}
