/** {@link Files} over the file system of the machine. */
import * as fs from 'node:fs';
import type { FileStat, Files, GrowingFile, WritableFile } from './files.js';
import { decodePath } from './path.js';
import type { SyncByteSource } from './source.js';
import { openFileSync, systemPath } from './source-file.js';

/**
 * The machine's own files. Names that are no UTF-8 are strings as `decodePath` makes them. `open` takes regular files
 * only; `remove` also takes an empty directory.
 */
export const nodeFiles: Files = {
  list(directory: string): string[] {
    return fs.readdirSync(systemPath(directory), { encoding: 'buffer' }).map(decodePath).sort();
  },

  stat(path: string): FileStat | undefined {
    const stat = fs.statSync(systemPath(path), { throwIfNoEntry: false, bigint: true });
    if (stat === undefined) return undefined;
    return {
      isFile: stat.isFile(),
      isDirectory: stat.isDirectory(),
      sizeBytes: Number(stat.size),
      modifiedMs: Number(stat.mtimeNs) / 1e6,
      modifiedNs: stat.mtimeNs,
    };
  },

  open(path: string): SyncByteSource {
    return openFileSync(path);
  },

  openGrowing(path: string): GrowingFile {
    return new NodeGrowingFile(fs.openSync(systemPath(path), 'r'));
  },

  create(path: string): WritableFile {
    return new NodeWritableFile(fs.openSync(systemPath(path), 'wx'), 0);
  },

  append(path: string): WritableFile {
    // Not opened for appending, which would make a file that is not there.
    const fd = fs.openSync(systemPath(path), 'r+');
    try {
      return new NodeWritableFile(fd, fs.fstatSync(fd).size);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  },

  rename(from: string, to: string): void {
    fs.renameSync(systemPath(from), systemPath(to));
  },

  copyOwnership(from: string, to: string): void {
    const { mode, uid, gid } = fs.statSync(systemPath(from));
    try {
      fs.chownSync(systemPath(to), uid, gid);
    } catch (error) {
      // Only root may give files away.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    }
    fs.chmodSync(systemPath(to), mode & 0o7777);
  },

  remove(path: string): void {
    const name = systemPath(path);
    if (fs.lstatSync(name).isDirectory()) fs.rmdirSync(name);
    else fs.unlinkSync(name);
  },

  makeDirectory(path: string): void {
    fs.mkdirSync(systemPath(path));
  },

  syncDirectory(path: string): void {
    if (process.platform === 'win32') return; // Directories cannot be opened there.
    const fd = fs.openSync(systemPath(path), 'r');
    try {
      fs.fsyncSync(fd);
    } catch (error) {
      // File systems that do not know it answer so; the servers let that pass, too.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EINVAL' && code !== 'EBADF') throw error;
    } finally {
      fs.closeSync(fd);
    }
  },
};

const CLOSED = -1;

class NodeWritableFile implements WritableFile {
  constructor(
    private fd: number,
    public position: number,
  ) {}

  write(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const count = fs.writeSync(this.opened(), bytes, at, end - at, this.position);
      at += count;
      this.position += count;
    }
  }

  sync(): void {
    fs.fsyncSync(this.opened());
  }

  syncAside(done: (error?: unknown) => void): void {
    fs.fsync(this.opened(), (error) => done(error ?? undefined));
  }

  syncData(): void {
    fs.fdatasyncSync(this.opened());
  }

  syncDataAside(done: (error?: unknown) => void): void {
    fs.fdatasync(this.opened(), (error) => done(error ?? undefined));
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.opened(), size);
    this.position = size;
  }

  close(): void {
    if (this.fd === CLOSED) return;
    const { fd } = this;
    this.fd = CLOSED;
    fs.closeSync(fd);
  }

  /** A closed number may belong to another file by now. */
  private opened(): number {
    if (this.fd === CLOSED) throw new TypeError('the file was closed');
    return this.fd;
  }
}

class NodeGrowingFile implements GrowingFile {
  constructor(private fd: number) {}

  sizeBytes(): number {
    return fs.fstatSync(this.fd).size;
  }

  readAt(offset: number, target: Uint8Array, at: number, max: number): number {
    return fs.readSync(this.fd, target, at, max, offset);
  }

  isStill(path: string): boolean {
    const named = fs.statSync(systemPath(path), { throwIfNoEntry: false });
    const open = fs.fstatSync(this.fd);
    return named !== undefined && named.dev === open.dev && named.ino === open.ino;
  }

  close(): void {
    if (this.fd === CLOSED) return;
    const { fd } = this;
    this.fd = CLOSED;
    fs.closeSync(fd);
  }
}
