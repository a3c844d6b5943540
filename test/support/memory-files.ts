/** A file system in memory that writes down what is asked of it, and fails where it is told to. */
import { concat } from '../../src/bytes/concat.js';
import type { FileStat, Files, GrowingFile, WritableFile } from '../../src/bytes/files.js';
import type { SyncByteSource } from '../../src/bytes/source.js';
import { BytesSource } from '../../src/bytes/source-plain.js';

export class MemoryFiles implements Files {
  /** Bytes by path; `undefined` is a directory. */
  readonly nodes = new Map<string, Uint8Array | undefined>();
  /** Such as `create d/f`, `write d/f 5`, `sync d/f`. */
  readonly steps: string[] = [];
  /** The number of the step that fails, from 0. */
  failAt = Infinity;
  /** Whether all that follow fail as well. */
  failFrom = false;
  /** Says of each step whether it fails. */
  refuse: (step: string) => boolean = () => false;
  /** How much of the bytes a write that fails has written. */
  partOfFailed = 0;
  private readonly aside: (() => void)[] = [];
  private readonly handles: { path: string }[] = [];

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    const below = [...this.nodes.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
    return below.filter((name) => !name.includes('/')).sort();
  }

  stat(path: string): FileStat | undefined {
    if (path === '.') return { isFile: false, isDirectory: true, sizeBytes: 0, modifiedMs: 0 };
    if (!this.nodes.has(path)) return undefined;
    const bytes = this.nodes.get(path);
    return {
      isFile: bytes !== undefined,
      isDirectory: bytes === undefined,
      sizeBytes: bytes?.length ?? 0,
      modifiedMs: 0,
    };
  }

  open(path: string): SyncByteSource {
    return new BytesSource(this.bytes(path));
  }

  openGrowing(): GrowingFile {
    throw new TypeError('nothing grows here');
  }

  create(path: string): WritableFile {
    this.step(`create ${path}`);
    if (this.nodes.has(path)) throw systemError('EEXIST', path);
    this.nodes.set(path, new Uint8Array(0));
    return this.writable(path);
  }

  append(path: string): WritableFile {
    this.step(`append ${path}`);
    this.bytes(path);
    return this.writable(path);
  }

  copyOwnership(from: string, to: string): void {
    this.bytes(from);
    this.bytes(to);
  }

  rename(from: string, to: string): void {
    this.step(`rename ${from} ${to}`);
    for (const [path, bytes] of [...this.nodes]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.nodes.delete(path);
      this.nodes.set(to + path.slice(from.length), bytes);
    }
    for (const handle of this.handles) if (handle.path === from) handle.path = to;
  }

  remove(path: string): void {
    this.step(`remove ${path}`);
    if (!this.nodes.has(path)) throw systemError('ENOENT', path);
    if (this.list(path).length > 0) throw systemError('ENOTEMPTY', path);
    this.nodes.delete(path);
  }

  makeDirectory(path: string): void {
    this.step(`mkdir ${path}`);
    if (this.nodes.has(path)) throw systemError('EEXIST', path);
    this.nodes.set(path, undefined);
  }

  syncDirectory(path: string): void {
    this.step(`syncdir ${path}`);
  }

  /** What is done aside is done now. */
  catchUp(): void {
    for (const work of this.aside.splice(0)) work();
  }

  /** Whoever writes to a file goes on doing so under its new name. */
  private writable(opened: string): WritableFile {
    const handle = { path: opened };
    this.handles.push(handle);
    const set = (bytes: Uint8Array): void => void this.nodes.set(handle.path, bytes);
    const bytesOf = (): Uint8Array => this.bytes(handle.path);
    const aside = (step: string, done: (error?: unknown) => void): void =>
      void this.aside.push(() => settled(() => this.step(`${step} ${handle.path}`), done));
    return {
      get position() {
        return bytesOf().length;
      },
      write: (bytes, start, end) => {
        const whole = bytes.subarray(start, end);
        try {
          this.step(`write ${handle.path} ${end - start}`);
        } catch (error) {
          set(concat([bytesOf(), whole.subarray(0, whole.length * this.partOfFailed)]));
          throw error;
        }
        set(concat([bytesOf(), whole]));
      },
      sync: () => this.step(`sync ${handle.path}`),
      syncAside: (done) => aside('sync', done),
      syncData: () => this.step(`syncdata ${handle.path}`),
      syncDataAside: (done) => aside('syncdata', done),
      truncate: (size) => {
        this.step(`truncate ${handle.path} ${size}`);
        set(bytesOf().slice(0, size));
      },
      close: () => undefined,
    };
  }

  private bytes(path: string): Uint8Array {
    const bytes = this.nodes.get(path);
    if (bytes === undefined) throw systemError(this.nodes.has(path) ? 'EISDIR' : 'ENOENT', path);
    return bytes;
  }

  private step(name: string): void {
    this.steps.push(name);
    const at = this.steps.length - 1;
    if (at === this.failAt || (this.failFrom && at > this.failAt) || this.refuse(name)) throw systemError('EIO', name);
  }
}

function settled(work: () => void, done: (error?: unknown) => void): void {
  try {
    work();
  } catch (error) {
    done(error);
    return;
  }
  done();
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code, syscall: 'test' });
}
